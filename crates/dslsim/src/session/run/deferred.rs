//! Pathways whose work may wait until the other pathway of their synapses is due.

use dslsim_ir::assemble::{Assembled, Role};
use dslsim_ir::late::late;
use dslsim_ir::{Access, ArrayId, Inst, Kernel};
use dslsim_model::network::{Kind, ObjectId};
use dslsim_runtime::{Action, Deferred, Delay, Plan, ProgramId};

use super::Told;
use crate::session::Session;

/// Synapses from which on waiting is worth it: fewer stay in the cache.
const MANY: u32 = 50_000;

/// A pathway of the plan.
#[derive(Clone, Copy)]
struct Pathway {
    object: ObjectId,
    program: ProgramId,
    presynaptic: bool,
}

impl Session<'_> {
    /// Lets postsynaptic pathways of many synapses wait for the presynaptic one.
    pub(super) fn defer(&mut self, plan: &mut Plan, parts: &[Assembled]) -> Told<()> {
        let pathways: Vec<Pathway> = parts
            .iter()
            .filter_map(|part| self.large_pathway(plan, part))
            .collect();
        for waiting in pathways.iter().filter(|p| !p.presynaptic) {
            // One waits for one: of several, each would have to wait for its own place among the others.
            let only = |presynaptic: bool| {
                let mut all = pathways
                    .iter()
                    .filter(|p| p.object == waiting.object && p.presynaptic == presynaptic);
                let first = all.next()?;
                all.next().is_none().then_some(first.program)
            };
            if let (Some(awaited), Some(_)) = (only(true), only(false))
                && let Some(deferred) = self.deferred(plan, *waiting, awaited)?
            {
                plan.deferred.push(deferred);
            }
        }
        Ok(())
    }

    /// A pathway of many synapses with one delay for all.
    fn large_pathway(&self, plan: &Plan, part: &Assembled) -> Option<Pathway> {
        let Role::Pathway(number) = part.role else {
            return None;
        };
        let Kind::Synapses(s) = &self.network.get(part.object).kind else {
            return None;
        };
        let presynaptic = s.pathways.get(number)?.presynaptic;
        plan.operations.iter().find_map(|o| match &o.action {
            Action::Pathway {
                program,
                synapses,
                delay,
                ..
            } if o.name == part.name => {
                let one_delay = !matches!(delay, Delay::PerSynapse(_));
                let fits = synapses.synapses() >= MANY
                    && one_delay
                    && part.stages.is_empty()
                    && part.again.is_none()
                    && (!presynaptic || synapses.is_contiguous());
                fits.then_some(Pathway {
                    object: part.object,
                    program: *program,
                    presynaptic,
                })
            }
            _ => None,
        })
    }

    fn deferred(
        &mut self,
        plan: &mut Plan,
        waiting: Pathway,
        awaited: ProgramId,
    ) -> Told<Option<Deferred>> {
        let Some(program) = plan.programs.get(waiting.program.0 as usize).cloned() else {
            return Ok(None);
        };
        let by_range = plan.by_range.iter().find(|(list, _)| *list == awaited);
        let mut these = vec![waiting.program, awaited];
        these.extend(by_range.map(|(_, range)| *range));
        if !self.concerns_only(plan, program.kernel.kernel(), &these) {
            return Ok(None);
        }
        let store = &mut self.simulation.store;
        let times = self
            .registry
            .scratch(store, waiting.object, "time of the event", 1);
        let Some(Ok(kernel)) = late(&program.kernel, times).map(Kernel::validate) else {
            return Ok(None);
        };
        let neurons = self.registry.table(store, waiting.object, false);
        let rows = self.registry.table(store, waiting.object, true);
        let late = self.program(plan, kernel, &program)?;
        Ok(Some(Deferred {
            waiting: waiting.program,
            late,
            times,
            neurons,
            rows,
            awaited,
        }))
    }

    /// Whether nobody but these programs looks at what the kernel of a pathway changes, or changes what it looks at; and these do so
    /// only at the synapse that they are executed for.
    fn concerns_only(&self, plan: &Plan, kernel: &Kernel, these: &[ProgramId]) -> bool {
        let sim = &self.simulation;
        let array = |slot: dslsim_ir::kernel::Slot| kernel.arrays.get(slot.0 as usize);
        let of_synapses = |array: ArrayId| {
            let written = kernel.arrays.iter().any(|a| a.array == array && a.written);
            let looked_at = written && plan.is_looked_at(array, sim, these);
            let at_home = |id: &ProgramId| {
                let program = plan.programs.get(id.0 as usize);
                program.is_some_and(|p| at_elements(p.kernel.kernel(), array))
            };
            !looked_at && !plan.is_changed(array, these) && these.iter().all(at_home)
        };
        kernel.insts.iter().all(|inst| match inst {
            Inst::Load(slot, access) | Inst::LoadBool(slot, access) => match access {
                Access::Element => array(*slot).is_some_and(|a| of_synapses(a.array)),
                Access::Via(_) => array(*slot).is_some_and(|a| !plan.is_changed(a.array, &[])),
                Access::Position | Access::Only => false,
            },
            Inst::Store { slot, access, .. } => {
                *access == Access::Element && array(*slot).is_some_and(|a| of_synapses(a.array))
            }
            Inst::Bit(_) | Inst::Lookup(..) | Inst::Emit(_) => false,
            _ => true,
        })
    }
}

/// Whether a kernel uses an array only at the element that it is executed for.
fn at_elements(kernel: &Kernel, array: ArrayId) -> bool {
    let named = |slot: dslsim_ir::kernel::Slot| {
        let input = kernel.arrays.get(slot.0 as usize);
        input.is_none_or(|a| a.array == array)
    };
    kernel.insts.iter().all(|inst| match *inst {
        Inst::Load(slot, access)
        | Inst::LoadBool(slot, access)
        | Inst::Store { slot, access, .. } => access == Access::Element || !named(slot),
        Inst::Lookup(slot, _) | Inst::Bit(slot) => !named(slot),
        _ => true,
    })
}
