//! Assembled kernels as operations of the plan.

use std::collections::HashSet;
use std::rc::Rc;
use std::sync::Arc;

use dslsim_ir::assemble::{Assembled, Role};
use dslsim_ir::{ArrayId, Code, Domain};
use dslsim_model::network::{Kind, ObjectId, Part, SPIKE};
use dslsim_runtime::{Action, ClockId, Delay, Operation, Plan, Program, ProgramId, Rows, Slot};
use dslsim_source::{Diagnostic, Diagnostics};

use super::Told;
use crate::session::Session;

/// What computes the recorded variables of a monitor that have no array: its name, its program, and the arrays it fills.
pub(super) type Computed = (String, ProgramId, Vec<(Rc<str>, ArrayId)>);

/// The longest delay, in time steps.
const MOST_DELAY_STEPS: f64 = 1e7;

impl Session<'_> {
    pub(super) fn operations(
        &mut self,
        plan: &mut Plan,
        parts: &[Assembled],
        code: &[Arc<dyn Code>],
        active: &[ObjectId],
        changing: &HashSet<(ObjectId, Rc<str>)>,
    ) -> Told<()> {
        let mut recorded: Vec<Computed> = Vec::new();
        let mut code_of = code.iter();
        for part in parts {
            let stages: Vec<_> = part
                .stages
                .iter()
                .cloned()
                .zip(code_of.by_ref().cloned())
                .collect();
            let Some(code) = code_of.next() else {
                continue;
            };
            let again = part
                .again
                .iter()
                .cloned()
                .zip(code_of.by_ref().cloned())
                .next();
            let stream = self.stream(&part.name);
            let program = plan.add(Program {
                kernel: part.kernel.clone(),
                code: code.clone(),
                stages,
                again,
                one_by_one: part.one_by_one,
                len: part.part.map_or(self.network.size(part.object), |p| p.stop),
                object: stream,
            });
            let clock = self.clock_of(part.dt);
            let own = self.clock_of(self.network.get(part.object).dt);
            if own != clock {
                plan.times.push((program, own));
            }
            let when: Slot = part.when.parse().unwrap_or(Slot::Start);
            let mut push = |action, name: &str| {
                plan.operations.push(Operation {
                    when,
                    order: part.order,
                    name: name.into(),
                    clock,
                    action,
                })
            };
            match &part.role {
                Role::Update => {
                    let action = match part.part {
                        Some(p) if part.kernel.kernel().domain == Domain::List => Action::Part {
                            program,
                            elements: (p.start as u32..p.stop as u32).collect(),
                        },
                        _ => Action::Kernel { program },
                    };
                    push(action, &part.name);
                }
                Role::Threshold(event) => {
                    if let Some(spikes) = self.extras[part.object.0 as usize].event(event) {
                        push(Action::Threshold { program, spikes }, &part.name);
                    }
                }
                Role::Rates => {
                    if let Some(spikes) = self.extras[part.object.0 as usize].event(SPIKE) {
                        push(Action::Threshold { program, spikes }, &part.name);
                    }
                }
                Role::Reset(event) => {
                    if let Some(spikes) = self.extras[part.object.0 as usize].event(event) {
                        push(Action::Elements { program, spikes }, &part.name);
                    }
                }
                Role::Summed(array) => {
                    // A blank sorts before all names: the variable is zero before anybody sums into it.
                    push(
                        Action::Fill {
                            array: *array,
                            value: 0.0,
                        },
                        &format!(" zero {}", part.name),
                    );
                    push(Action::Kernel { program }, &part.name);
                    self.simulation.store.spread(*array);
                }
                Role::Recorded(arrays) => {
                    recorded.push((part.name.clone(), program, arrays.clone()))
                }
                Role::Pathway(number) => {
                    let action = self.pathway(part, *number, program)?;
                    self.by_range(plan, part, program, &action)?;
                    plan.operations.push(Operation {
                        when,
                        order: part.order,
                        name: part.name.clone(),
                        clock,
                        action,
                    });
                }
            }
            if let Some((_, variables)) = &part.integrates {
                plan.watch.extend(
                    variables
                        .iter()
                        .filter_map(|(n, _)| self.registry.find(part.object, n)),
                );
            }
        }
        for &id in active {
            self.object_operations(plan, id, &recorded, changing);
        }
        self.defer(plan, parts)?;
        self.join(plan, parts)
    }

    /// For synapses that are numbered source by source: the same statements over ranges of them.
    fn by_range(
        &mut self,
        plan: &mut Plan,
        part: &Assembled,
        program: ProgramId,
        action: &Action,
    ) -> Told<()> {
        let plain = part.stages.is_empty() && part.again.is_none();
        if !plain || !matches!(action, Action::Pathway { synapses, .. } if synapses.is_contiguous())
        {
            return Ok(());
        }
        let Some(kernel) = part.over_ranges() else {
            return Ok(());
        };
        let code = self.options.code.code(&kernel, &*self.options.backend);
        let code = code.map_err(|e| super::no_code(&e))?;
        let object = self.stream(&part.name);
        let ranges = plan.add(Program {
            kernel,
            code,
            stages: Vec::new(),
            again: None,
            one_by_one: false,
            len: self.network.size(part.object),
            object,
        });
        plan.by_range.push((program, ranges));
        Ok(())
    }

    fn pathway(&mut self, part: &Assembled, number: usize, program: ProgramId) -> Told<Action> {
        let id = part.object;
        let Kind::Synapses(s) = &self.network.get(id).kind else {
            return Err(Diagnostics::new());
        };
        let Some(pathway) = s.pathways.get(number) else {
            return Err(Diagnostics::new());
        };
        let (presynaptic, event) = (pathway.presynaptic, pathway.event.clone());
        let from: Part = if presynaptic { s.source } else { s.target };
        let place = self.network.get(id).span;
        let dt = self.object_dt(from.object);
        let pairs = self.pairs(id);
        let of = if presynaptic { pairs.0 } else { pairs.1 };
        let rows = Rows::of_part(from.start as u32, from.len() as u32, of)
            .map_err(|e| Diagnostics::from(Diagnostic::error("too-large", place, e.to_string())))?;
        let array = self.delay_array(id, number);
        let store = &self.simulation.store;
        let longest = store.held(array).iter().copied().fold(0.0, f64::max);
        if longest / dt > MOST_DELAY_STEPS {
            let shown = dslsim_units::format_quantity(longest, dslsim_units::Dim::TIME);
            return Err(Diagnostic::error(
                "too-large",
                place,
                format!("a delay of {shown} is more than {MOST_DELAY_STEPS} time steps"),
            )
            .help("check the unit of the delay")
            .into());
        }
        let steps = |delay: f64| (delay / dt + 0.5) as u32;
        let delay = if store.is_uniform(array) {
            match steps(store.get(array, 0)) {
                0 => Delay::None,
                k => Delay::Uniform(k),
            }
        } else {
            Delay::PerSynapse(store.held(array).iter().map(|d| steps(*d)).collect())
        };
        let source = self.extras[from.object.0 as usize]
            .event(&event)
            .ok_or_else(Diagnostics::new)?;
        let queue = self.extras[id.0 as usize].queues[number];
        Ok(Action::Pathway {
            source,
            first: from.start as u32,
            last: from.stop as u32,
            synapses: Arc::new(rows),
            delay,
            queue,
            program,
        })
    }

    /// The clock of an object.
    pub(in crate::session) fn clock_of(&mut self, dt: Option<f64>) -> ClockId {
        let Some(dt) = dt else { return self.clock };
        if let Some((_, id)) = self.clocks.iter().find(|(bits, _)| *bits == dt.to_bits()) {
            return *id;
        }
        match self.simulation.add_clock(dt) {
            Ok(id) => {
                self.clocks.push((dt.to_bits(), id));
                id
            }
            Err(_) => self.clock,
        }
    }

    /// A number for the random stream that stays the same over runs.
    pub(super) fn stream(&mut self, name: &str) -> u32 {
        let next = self.streams.len() as u32;
        *self.streams.entry(name.to_owned()).or_insert(next)
    }
}
