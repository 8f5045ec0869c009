//! State updates of large groups in one pass with the thresholds that follow them, and what such a pass need not do in every step.

use std::sync::Arc;

use dslsim_ir::assemble::Assembled;
use dslsim_ir::join::join;
use dslsim_ir::{ArrayId, Domain, Inst, Kernel, ScalarSource, ValidKernel, refractory, unseen};
use dslsim_model::network::ObjectId;
use dslsim_runtime::{Action, Joined, Operation, Plan, Program, ProgramId, Released, SpikesId};

use super::Told;
use crate::session::Session;

/// Neurons of a group from which on it pays to compile its kernel once more, joined with the threshold.
const LARGE: usize = 1000;

/// A state update and the threshold behind it.
struct Pair {
    object: ObjectId,
    first: ProgramId,
    second: ProgramId,
    spikes: SpikesId,
}

impl Session<'_> {
    /// Kernels of large groups with the thresholds that follow them: one pass over the arrays instead of two.
    pub(super) fn join(&mut self, plan: &mut Plan, parts: &[Assembled]) -> Told<()> {
        plan.sort();
        let own_clock = |p| !plan.times.iter().any(|(program, _)| *program == p);
        let pairs = plan.operations.windows(2).filter_map(|pair| match pair {
            [
                Operation {
                    action: Action::Kernel { program: first },
                    clock,
                    name,
                    ..
                },
                Operation {
                    action:
                        Action::Threshold {
                            program: second,
                            spikes,
                        },
                    clock: same,
                    ..
                },
            ] if clock == same && own_clock(*first) && own_clock(*second) => Some(Pair {
                object: parts.iter().find(|p| p.name == *name)?.object,
                first: *first,
                second: *second,
                spikes: *spikes,
            }),
            _ => None,
        });
        let pairs: Vec<_> = pairs.collect();
        let compiling = std::time::Instant::now();
        for pair in pairs {
            if let Some(joined) = self.joined(plan, &pair)? {
                plan.joined.push(joined);
            }
        }
        self.timing.compile_seconds += compiling.elapsed().as_secs_f64();
        Ok(())
    }

    fn joined(&mut self, plan: &mut Plan, pair: &Pair) -> Told<Option<Joined>> {
        let &Pair { first, second, .. } = pair;
        let program = |id: ProgramId| plan.programs.get(id.0 as usize);
        let (Some(one), Some(other)) = (program(first), program(second)) else {
            return Ok(None);
        };
        let alone = |p: &Program| p.stages.is_empty() && p.again.is_none();
        if one.len != other.len || one.len < LARGE || !alone(one) || !alone(other) {
            return Ok(None);
        }
        let kernel = join(one.kernel.kernel(), other.kernel.kernel());
        let Some(Ok(kernel)) = kernel.map(Kernel::validate) else {
            return Ok(None);
        };
        let one = one.clone();
        let name = kernel.kernel().name.clone();
        let mut blind = unseen::set_anew(&kernel);
        blind.retain(|array| {
            let all = self.simulation.store.length(*array) == one.len;
            all && !plan.is_looked_at(*array, &self.simulation, &[first, second])
        });
        let mut unseen = None;
        let mut released = None;
        if !blind.is_empty() {
            let mut lean = unseen::without(&kernel, &blind);
            if let Some((found, set)) = self.recovery(plan, pair, &kernel, &blind)
                && let Some(Ok(with_set)) =
                    found.with_set(kernel.kernel(), set).map(Kernel::validate)
                && let Ok(check) = found.check(kernel.kernel()).validate()
            {
                lean = unseen::without(&with_set, &blind);
                released = Some(Released {
                    set,
                    check: self.program(plan, check, &one)?,
                    steps: found.steps,
                });
            }
            if let Ok(lean) = lean.validate() {
                unseen = Some(self.program(plan, lean, &one)?);
            }
        }
        Ok(Some(Joined {
            first,
            second,
            program: self.program(plan, kernel, &one)?,
            unseen,
            released,
            name,
        }))
    }

    /// A program with another kernel.
    pub(super) fn program(
        &self,
        plan: &mut Plan,
        kernel: ValidKernel,
        like: &Program,
    ) -> Told<ProgramId> {
        let code = self.options.code.code(&kernel, &*self.options.backend);
        let code = code.map_err(|e| super::no_code(&e))?;
        Ok(plan.add(Program {
            kernel: Arc::new(kernel),
            code,
            ..like.clone()
        }))
    }

    /// What makes the neurons refractory, if only their spikes do, and an array for the set of those that are not.
    fn recovery(
        &mut self,
        plan: &Plan,
        pair: &Pair,
        kernel: &ValidKernel,
        blind: &[ArrayId],
    ) -> Option<(refractory::Refractory, ArrayId)> {
        // Other flags may be made in the same way of other times.
        let flag = self.registry.find(pair.object, "not_refractory")?;
        let found = blind
            .contains(&flag)
            .then(|| refractory::find(kernel.kernel(), flag))??;
        let programs = plan.programs.iter().enumerate();
        let mut writers = programs.filter(|(_, program)| program.changes(found.last));
        let (writer, marks) = writers.next()?;
        if writers.next().is_some() || !notes_the_time(marks.kernel.kernel(), found.last) {
            return None;
        }
        let after_spikes = plan.operations.iter().any(|o| match o.action {
            Action::Elements { program, spikes } => {
                program.0 as usize == writer && spikes == pair.spikes
            }
            _ => false,
        });
        let n = self.network.size(pair.object);
        let set = self.registry.scratch(
            &mut self.simulation.store,
            pair.object,
            "not refractory",
            n.div_ceil(64),
        );
        after_spikes.then_some((found, set))
    }
}

/// Whether a kernel over lists sets each element of an array to the time of the step, and does so always.
fn notes_the_time(kernel: &Kernel, array: ArrayId) -> bool {
    let time = |v: dslsim_ir::kernel::Val| match kernel.insts.get(v.0 as usize) {
        Some(Inst::Scalar(s)) => kernel
            .scalars
            .get(s.0 as usize)
            .is_some_and(|s| s.source == ScalarSource::Time),
        _ => false,
    };
    let mut stores = kernel.insts.iter().filter_map(|inst| match *inst {
        Inst::Store {
            slot,
            access,
            value,
            mask,
        } => {
            let stored = kernel.arrays.get(slot.0 as usize)?.array == array;
            stored.then(|| access == dslsim_ir::Access::Element && mask.is_none() && time(value))
        }
        _ => None,
    });
    kernel.domain == Domain::List && stores.next() == Some(true) && stores.next().is_none()
}
