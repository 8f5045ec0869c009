//! Several threads in one simulation: what may be divided among them, and how.

use std::ops::Range;

use dslsim_ir::kernel::Slot;
use dslsim_ir::{Access, Domain, Inst, Kernel};

use crate::kernel::access;

/// Elements of a part are a multiple of this: whole lines of the cache, and whole groups of any vector.
const GRAIN: usize = 64;

/// Elements of a thread that are not too few.
const SMALLEST: usize = 256;

/// Parts for each thread.
const PARTS: usize = 5;

/// Whether a kernel over all elements can be divided: it writes only to the element that it is executed for.
pub(crate) fn divisible(kernel: &Kernel) -> bool {
    kernel.domain == Domain::All
        && kernel.insts.iter().all(|inst| match inst {
            Inst::Store { access, .. } => matches!(access, Access::Element | Access::Position),
            _ => true,
        })
}

/// The elements up to `len` in parts for so many threads; one, if they are few. Each thread has the same number of parts, the first half of
/// its elements, then half of the rest, and so on: few large ones while all are at work, small ones for whoever is ready first.
pub(crate) fn parts(len: usize, threads: usize) -> Vec<Vec<Range<usize>>> {
    if threads < 2 || len < 2 * SMALLEST {
        return vec![std::iter::once(0..len).collect()];
    }
    let at = |k: usize| (len * k / threads).next_multiple_of(GRAIN).min(len);
    let mut parts = Vec::with_capacity(threads * PARTS);
    for k in 0..threads {
        let (mut from, end) = (at(k), at(k + 1));
        for part in 1..=PARTS {
            let half = ((end - from) / 2).next_multiple_of(GRAIN);
            let to = if part == PARTS {
                end
            } else {
                (from + half).min(end)
            };
            parts.push(std::iter::once(from..to).collect());
            from = to;
        }
    }
    parts
}

/// Where so many blocks of `len` neurons begin, but for the first: whole lines of the cache.
pub(crate) fn cuts(len: usize, blocks: usize) -> Vec<usize> {
    (1..blocks)
        .map(|k| (len * k / blocks).next_multiple_of(8))
        .collect()
}

/// What the parts of a kernel over synapses must keep apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Apart {
    /// The synapses only: it writes to nothing else.
    Synapses,
    /// The neurons that this index table of the kernel names, too.
    Neurons(dslsim_ir::kernel::IndexSlot),
}

/// How a kernel over synapses can be divided, if it can: what one synapse writes, no other reads but those of the same neuron.
pub(crate) fn apart(kernel: &Kernel) -> Option<Apart> {
    let mut written: Vec<(Slot, Access)> = Vec::new();
    let mut apart = Apart::Synapses;
    for inst in &kernel.insts {
        match *inst {
            Inst::Store { slot, access, .. } => {
                match (access, apart) {
                    (Access::Element, _) => {}
                    (Access::Via(table), Apart::Synapses) => apart = Apart::Neurons(table),
                    (Access::Via(table), Apart::Neurons(other)) if table == other => {}
                    _ => return None,
                }
                written.push((slot, access));
            }
            Inst::Emit(_) => return None,
            _ => {}
        }
    }
    let conflicts = |inst: &Inst| {
        access(inst).is_some_and(|(slot, access)| {
            access == Access::Position
                || written
                    .iter()
                    .any(|(other, way)| *other == slot && *way != access)
        })
    };
    (!kernel.insts.iter().any(conflicts)).then_some(apart)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_cover_all() {
        let cut = |len, threads| -> Vec<_> { parts(len, threads).concat() };
        assert_eq!((cut(1000, 1).len(), cut(100, 4).len()), (1, 1));
        assert_eq!(
            cut(1000, 2),
            [
                0..256,
                256..384,
                384..448,
                448..512,
                512..512,
                512..768,
                768..896,
                896..960,
                960..1000,
                1000..1000
            ]
        );
        for (len, threads) in [(512, 2), (4000, 3), (1_000_000, 8), (2049, 8)] {
            let parts = cut(len, threads);
            assert_eq!(parts.len(), threads * PARTS);
            assert_eq!(parts.first().map(|p| p.start), Some(0));
            assert!(parts.windows(2).all(|w| w[0].end == w[1].start));
            assert_eq!(parts.last().map(|p| p.end), Some(len));
        }
    }
}
