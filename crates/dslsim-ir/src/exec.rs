//! How kernels are executed: the seam between back ends and the runtime.

use std::ops::Range;
use std::sync::Arc;

use crate::kernel::{ArrayInput, Kernel, ScalarSlot, ValidKernel};
use crate::store::{IndexId, Shard, Store};

/// What one execution of a kernel works on.
///
/// The runtime has spread out every array of the kernel, filled its draws, and computed its prologues.
pub struct Frame<'a> {
    /// The arrays of the simulation.
    pub store: &'a mut Store,
    /// The kernel's scalars, those of the prologues included.
    pub scalars: &'a [f64],
    /// The elements: positions in the list for [`crate::Domain::List`], else the elements themselves.
    pub range: Range<usize>,
    /// The list of elements for [`crate::Domain::List`].
    pub list: &'a [u32],
    /// Where `Emit` appends.
    pub emit: &'a mut Vec<u32>,
    /// What the back end remembers.
    pub memo: &'a mut Memo,
}

/// What a back end remembers from one execution of a kernel to the next: one for each kernel, never shared by two.
#[derive(Clone, Debug, Default)]
pub struct Memo {
    /// The state of the store for which this holds ([`Store::stamp`]); 0: nothing is remembered.
    pub stamp: u64,
    /// The end of the range for which it holds.
    pub end: usize,
    /// Whether no array that is written goes on behind the end.
    pub whole: bool,
    /// Addresses and the like.
    pub words: Vec<usize>,
    /// Scalars as the machine code wants them, 16-byte aligned; none, if they have to be made anew.
    pub pairs: Vec<Pair>,
    /// Said by the runtime: the scalars that may change while everything else stays as it was.
    pub changing: Vec<ScalarSlot>,
    /// Said by the runtime: whether they have changed.
    pub changed: bool,
    /// The pairs that are made of them.
    pub fresh: Vec<u16>,
    /// Said by the runtime: that elements may be gone through from the last to the first, over [`crate::Domain::All`]. What is emitted
    /// is in the same order.
    pub backward: bool,
    /// Said by the runtime: that no element stands twice in a range of the list.
    pub distinct: bool,
}

/// Two equal numbers, as vector instructions load them.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(16))]
pub struct Pair(pub [f64; 2]);

/// An executable kernel. The same code may serve several kernels that differ only in the arrays they are bound to.
pub trait Code: Send + Sync {
    /// Executes it; `arrays` and `indices` are those of the kernel it is executed for.
    fn run(&self, arrays: &[ArrayInput], indices: &[IndexId], frame: &mut Frame<'_>);

    /// Executes it for several ranges, whatever range the frame has. The ranges of a part are worked through in their order; parts
    /// may be worked on at the same time, by the threads of a team: the caller knows that no part reads or writes an
    /// element that another one writes. What is emitted stands in the order of the parts.
    fn run_parts(
        &self,
        arrays: &[ArrayInput],
        indices: &[IndexId],
        frame: &mut Frame<'_>,
        parts: &[Vec<Range<usize>>],
    ) {
        for range in parts.iter().flatten() {
            frame.range = range.clone();
            self.run(arrays, indices, frame);
        }
    }

    /// Whether it can be executed in a part of the store.
    fn runs_in_parts(&self) -> bool {
        false
    }

    /// Executes it in a part of the store, if it can be. The caller knows that whatever elements it reads or writes through an index
    /// table are either this part's own, or written by nobody.
    fn run_in(
        &self,
        _arrays: &[ArrayInput],
        _indices: &[IndexId],
        _shard: &mut Shard<'_>,
        _piece: Piece<'_>,
    ) {
    }
}

/// What an execution in a part of the store works on.
///
/// As in a [`Frame`], everything is ready: arrays are spread out, draws filled.
pub struct Piece<'a> {
    /// The kernel's scalars, those of the prologues included.
    pub scalars: &'a [f64],
    /// The elements, or positions in the list, range after range.
    pub ranges: &'a [Range<usize>],
    /// The list of elements for [`crate::Domain::List`].
    pub list: &'a [u32],
    /// Where `Emit` appends.
    pub emit: &'a mut Vec<u32>,
    /// What the back end remembers: one for each kernel and each part.
    pub memo: &'a mut Memo,
}

/// Makes kernels executable.
pub trait Backend: Send + Sync {
    /// The name shown to people.
    fn name(&self) -> &'static str;

    /// Makes these kernels executable, in their order.
    ///
    /// # Errors
    /// If this machine cannot.
    fn compile(&self, kernels: &[&ValidKernel]) -> Result<Vec<Arc<dyn Code>>, BackendError>;
}

/// A back end could not do its work: a mistake of this program, or an unsuitable machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackendError(pub String);

impl std::fmt::Display for BackendError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for BackendError {}

/// The scalars of a kernel before its prologues have run: zero where the source is not a number yet.
pub fn blank_scalars(kernel: &Kernel) -> Vec<f64> {
    vec![0.0; kernel.scalars.len()]
}
