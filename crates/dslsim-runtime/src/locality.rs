//! What of a step stays with each neuron: which operations touch nothing of other neurons but through spikes.

use dslsim_ir::{Access, ArrayId, Domain, Inst, Kernel, Store};

use crate::kernel::{Bound, access};
use crate::monitor::Monitor;
use crate::plan::Delay;
use crate::simulation::Simulation;
use crate::threads::{Apart, apart, divisible};
use crate::work::{Pathway, Task, Work};

/// The operations of a step that blocks of neurons can do for themselves.
pub(crate) struct Locality {
    /// Arrays that are written, and the number of elements of their groups.
    pub(crate) owned: Vec<(ArrayId, usize)>,
    /// The shortest delay, in steps, of what is delayed; none, if nothing is.
    pub(crate) delay: Option<usize>,
    /// The first operation that needs the spikes of this step of all neurons, because they arrive without delay.
    pub(crate) meeting: Option<usize>,
    /// Elements of the largest group.
    pub(crate) largest: usize,
}

/// Which element of an array is used.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// That of the element itself, in a group of so many.
    Own(usize),
    /// Any.
    Elsewhere,
}

/// A use of an array.
struct Use {
    array: ArrayId,
    place: Place,
    writes: bool,
    /// Whether the array may be longer than the group: working memory.
    working: bool,
}

/// Finds out whether all operations stay with their neurons.
pub(crate) fn find(works: &[Work<'_>], sim: &Simulation) -> Option<Locality> {
    if sim.random.is_brian2() {
        return None;
    }
    let mut uses = Vec::new();
    let (mut delay, mut meeting) = (None, None);
    let mut largest = 0;
    // Sources whose spikes of this step are known when an operation is executed.
    let mut tested: Vec<(usize, usize)> = Vec::new();
    let known = |tested: &[(usize, usize)], source: usize| tested.iter().any(|t| t.0 == source);
    for (at, work) in works.iter().enumerate() {
        match &work.task {
            Task::Kernel(bound) => over_all(bound, &mut uses)?,
            Task::Threshold { bound, spikes, .. } => {
                over_all(bound, &mut uses)?;
                if known(&tested, *spikes) || meeting.is_some() {
                    return None;
                }
                tested.push((*spikes, bound.len()));
                largest = largest.max(bound.len());
            }
            Task::Elements { bound, spikes } => {
                let (_, len) = *tested.iter().find(|t| t.0 == *spikes)?;
                if !bound.is_plain() || !bound.runs_in_parts() {
                    return None;
                }
                kernel(bound.kernel(), &mut uses, |access| match access {
                    Access::Element => Place::Own(len),
                    _ => Place::Elsewhere,
                });
            }
            Task::Pathway(Pathway {
                from,
                delay: common @ (Delay::None | Delay::Uniform(_)),
                delivery: Some(delivery),
                ..
            }) if known(&tested, from.spikes) => {
                let bound = delivery.bound();
                let (Some(Apart::Neurons(table)), true) =
                    (apart(bound.kernel()), bound.runs_in_parts())
                else {
                    return None;
                };
                let target = target(bound, &sim.store)?;
                kernel(bound.kernel(), &mut uses, |access| match access {
                    Access::Via(other) if other == table => Place::Own(target),
                    _ => Place::Elsewhere,
                });
                match common {
                    Delay::Uniform(steps @ 1..) => {
                        let steps = *steps as usize;
                        delay = Some(delay.map_or(steps, |d: usize| d.min(steps)));
                    }
                    _ => meeting = meeting.or(Some(at)),
                }
            }
            // What is recorded of the state at a spike would be that at the end of the stretch.
            Task::RecordSpikes {
                monitor,
                range,
                bound: None,
            } if known(&tested, range.spikes) => match sim.monitors.get(*monitor) {
                Some(Monitor::Spikes(monitor)) if monitor.columns().is_empty() => {}
                _ => return None,
            },
            Task::RecordRate { range, .. } if known(&tested, range.spikes) => {}
            _ => return None,
        }
    }
    Some(Locality {
        owned: owned(&uses, &sim.store)?,
        delay,
        meeting,
        largest,
    })
}

/// The number of neurons that the program of a pathway writes to.
pub(crate) fn target(bound: &Bound<'_>, store: &Store) -> Option<usize> {
    let kernel = bound.kernel();
    let mut lengths = kernel.insts.iter().filter_map(|inst| match inst {
        Inst::Store {
            slot,
            access: Access::Via(_),
            ..
        } => kernel.arrays.get(slot.0 as usize),
        _ => None,
    });
    Some(store.length(lengths.next()?.array))
}

/// The uses of a program over all elements.
fn over_all(bound: &Bound<'_>, uses: &mut Vec<Use>) -> Option<()> {
    if !bound.runs_in_parts() {
        return None;
    }
    for bound in bound.chain() {
        if !divisible(bound.kernel()) {
            return None;
        }
        let len = bound.len();
        for (array, mean) in bound.drawn() {
            let own = |array, writes| Use {
                array,
                place: Place::Own(len),
                writes,
                working: true,
            };
            uses.push(own(array, true));
            uses.extend(mean.map(|mean| own(mean, false)));
        }
        kernel(bound.kernel(), uses, |access| match access {
            Access::Element | Access::Position => Place::Own(len),
            _ => Place::Elsewhere,
        });
    }
    Some(())
}

/// The uses of a kernel.
fn kernel(kernel: &Kernel, uses: &mut Vec<Use>, place: impl Fn(Access) -> Place) {
    let mut note = |inst: &Inst, place: &dyn Fn(Access) -> Place| {
        let (slot, place) = match (inst, access(inst)) {
            (Inst::Lookup(slot, _) | Inst::Bit(slot), _) => (*slot, Place::Elsewhere),
            (_, Some((slot, access))) => (slot, place(access)),
            _ => return,
        };
        let drawn = kernel.draws.iter().any(|d| d.slot == slot);
        uses.extend(kernel.arrays.get(slot.0 as usize).map(|input| Use {
            array: input.array,
            place,
            writes: matches!(inst, Inst::Store { .. }),
            working: drawn && kernel.domain != Domain::List,
        }));
    };
    kernel.insts.iter().for_each(|inst| note(inst, &place));
    for inst in &kernel.step_prologue.insts {
        note(inst, &|_| Place::Elsewhere);
    }
}

/// The arrays that are written, if whoever uses one of them uses the same element of it.
fn owned(uses: &[Use], store: &Store) -> Option<Vec<(ArrayId, usize)>> {
    let mut owned: Vec<(ArrayId, usize)> = Vec::new();
    for written in uses.iter().filter(|u| u.writes) {
        let Place::Own(len) = written.place else {
            return None;
        };
        if owned.iter().any(|(array, _)| *array == written.array) {
            continue;
        }
        let same = |u: &Use| {
            let there = store.length(u.array);
            let fits = there == len || (u.working && there > len);
            u.place == written.place && fits
        };
        let mut others = uses.iter().filter(|u| u.array == written.array);
        if !others.all(same) {
            return None;
        }
        owned.push((written.array, len));
    }
    Some(owned)
}
