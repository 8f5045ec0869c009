//! Pathways whose work may wait until the other pathway of their synapses is due.

use std::sync::Arc;

use dslsim_ir::assemble::{Assembled, Role};
use dslsim_ir::late::late;
use dslsim_ir::{Access, ArrayId, Inst, Kernel};
use dslsim_model::network::{Kind, ObjectId};
use dslsim_runtime::{Action, Deferred, Delay, Plan, Program, ProgramId};

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
            let mut others = pathways
                .iter()
                .filter(|p| p.object == waiting.object && p.presynaptic);
            if let (Some(awaited), None) = (others.next(), others.next())
                && let Some(deferred) = self.deferred(plan, *waiting, awaited.program)?
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
        let code = self.options.code.code(&kernel, &*self.options.backend);
        let code = code.map_err(|e| super::no_code(&e))?;
        let late = plan.add(Program {
            kernel: Arc::new(kernel),
            code,
            ..program
        });
        Ok(Some(Deferred {
            waiting: waiting.program,
            late,
            times,
            neurons,
            rows,
            awaited,
        }))
    }

    /// Whether nobody but these programs looks at what the kernel of a pathway changes, or changes what it looks at.
    fn concerns_only(&self, plan: &Plan, kernel: &Kernel, these: &[ProgramId]) -> bool {
        let sim = &self.simulation;
        let array = |slot: dslsim_ir::kernel::Slot| kernel.arrays.get(slot.0 as usize);
        let of_synapses = |array: ArrayId| {
            let written = kernel.arrays.iter().any(|a| a.array == array && a.written);
            let looked_at = written && plan.is_looked_at(array, sim, these);
            !looked_at && !plan.is_changed(array, these)
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
            _ => true,
        })
    }
}
