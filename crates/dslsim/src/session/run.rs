//! `run(…)`: check, assemble, compile, simulate.

use std::collections::HashSet;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use dslsim_ir::assemble::{Assembled, Role, assemble};
use dslsim_ir::{ArrayId, Code};
use dslsim_model::network::{Kind, ObjectId, Part};
use dslsim_runtime::{
    Action, At, ClockId, Column, Control, Delay, Generator, GeneratorError, Monitor, Operation,
    Plan, Program, Rates, Rows, RunError, Slot,
};
use dslsim_script::Context;
use dslsim_source::{Diagnostic, Diagnostics, Span};

use super::Session;
use crate::namespace::Names;
use crate::registry::{RunLayout, written};

type Told<T> = Result<T, Diagnostics>;

/// What computes the recorded variables of a monitor that have no array: its name, its program, and the arrays it fills.
type Computed = (String, dslsim_runtime::ProgramId, Vec<(Rc<str>, ArrayId)>);

impl Session<'_> {
    /// Simulates the members of the network.
    pub(super) fn run(
        &mut self,
        ctx: &mut Context<'_>,
        members: &[ObjectId],
        duration: f64,
        names: &Names,
        span: Span,
    ) -> Told<()> {
        let started = Instant::now();
        let active: Vec<ObjectId> = members
            .iter()
            .copied()
            .filter(|id| self.network.get(*id).active)
            .collect();
        let (checked, mut said) = dslsim_model::check(&self.network, &active, names);
        for id in &active {
            if let Kind::Synapses(s) = &self.network.get(*id).kind
                && !s.connected
                && !ctx.names_may_be_missing()
            {
                let object = self.network.get(*id);
                said.push(
                    Diagnostic::error(
                        "not-connected",
                        object.span,
                        format!(
                            "the synapses `{}` have not been connected: they do nothing",
                            object.shown()
                        ),
                    )
                    .also(span, "the run that needs them")
                    .help(format!("call `{}.connect(…)` before `run`", object.shown())),
                );
            }
        }
        let changing = written(&checked);
        let mut assembled = Vec::new();
        if !said.has_errors() {
            for code in &checked.code {
                let mut layout = RunLayout {
                    registry: &mut self.registry,
                    store: &mut self.simulation.store,
                    network: &self.network,
                    written: &changing,
                    part: None,
                };
                match assemble(code, &mut layout, self.options.strict) {
                    Ok(parts) => assembled.extend(parts),
                    Err(d) => said.extend(d),
                }
            }
            said.extend(self.schedule_generators(&active));
            said.extend(self.sums_meet(&checked));
        }
        if ctx.has_errors() || said.has_errors() || self.options.check {
            self.ran = true;
            self.timing.check_seconds += started.elapsed().as_secs_f64();
            return if said.is_empty() {
                Ok(())
            } else {
                self.pass(ctx, said)
            };
        }
        said.into_iter().for_each(|d| ctx.push(d));
        if self.interrupted.is_some() {
            return Ok(());
        }
        self.room(&active, duration, span)?;
        // Matrices of linear systems become known now; what they are may decide what is uniform.
        let mut ready = Vec::with_capacity(assembled.len());
        for part in assembled {
            self.propagate(&part);
            ready.push(part);
        }
        self.timing.check_seconds += started.elapsed().as_secs_f64();
        let compiling = Instant::now();
        let code = self.compile(&ready)?;
        self.timing.compile_seconds += compiling.elapsed().as_secs_f64();
        let mut plan = Plan {
            profile: self.options.profile,
            allow_not_finite: self.options.allow_nan,
            ..Plan::new()
        };
        self.operations(&mut plan, &ready, &code, &active, &changing)?;
        self.first_step
            .get_or_insert_with(|| self.started.elapsed().as_secs_f64());
        self.ran = true;
        let before = self.simulation.now();
        let outcome = self.simulate(&mut plan, duration);
        let recorded = self.simulation.now() - before;
        for id in &active {
            self.extra(*id).recorded += recorded;
        }
        match outcome {
            Ok(outcome) => {
                self.timing.run_seconds += outcome.seconds;
                self.steps += outcome.steps;
                for part in &outcome.profile {
                    let entry = self.parts.entry(part.name.clone()).or_insert((0.0, 0));
                    entry.0 += part.seconds;
                    entry.1 += outcome.steps;
                }
                for bad in &outcome.not_finite {
                    let d = self.not_finite(bad, &ready, span);
                    ctx.push(Diagnostic {
                        severity: dslsim_source::Severity::Warning,
                        ..d
                    });
                }
                if outcome.stopped {
                    self.interrupted = Some(self.simulation.now());
                }
                Ok(())
            }
            Err(RunError::NotFinite(bad)) => {
                let d = self.not_finite(&bad, &ready, span);
                self.interrupted = Some(self.simulation.now());
                Err(d.into())
            }
            Err(other) => {
                Err(
                    Diagnostic::error("run-failed", span, format!("the run failed: {other}"))
                        .into(),
                )
            }
        }
    }

    /// Refuses a run whose arrays and recordings would not fit into memory.
    fn room(&self, active: &[ObjectId], duration: f64, span: Span) -> Told<()> {
        let mut bytes: f64 = 0.0;
        for id in active {
            let object = self.network.get(*id);
            let steps = |dt: f64| duration / dt;
            bytes += match &object.kind {
                Kind::Neurons(_) | Kind::Synapses(_) | Kind::Poisson(_) => {
                    let stored = self.network.variables(*id).map_or(0, |v| v.iter().count()) + 2;
                    8.0 * stored as f64 * self.network.size(*id) as f64
                }
                Kind::StateMonitor(m) => {
                    let dt = object.dt.unwrap_or_else(|| self.object_dt(m.source.object));
                    8.0 * steps(dt) * (1.0 + m.record.len() as f64 * m.variables.len() as f64)
                }
                Kind::RateMonitor(m) => 16.0 * steps(self.object_dt(m.source.object)),
                Kind::SpikeMonitor(_) | Kind::Generator(_) => 0.0,
            };
        }
        Ok(crate::limits::fits("this run", bytes as u64, span)?)
    }

    fn pass(&mut self, ctx: &mut Context<'_>, said: Diagnostics) -> Told<()> {
        if said.has_errors() {
            return Err(said);
        }
        said.into_iter().for_each(|d| ctx.push(d));
        Ok(())
    }

    fn simulate(
        &mut self,
        plan: &mut Plan,
        duration: f64,
    ) -> Result<dslsim_runtime::Outcome, RunError> {
        let stop = self.options.stop.clone();
        let limit = self.options.max_time;
        let started = self.started;
        let progress = &mut *self.progress;
        progress.begin(duration);
        let mut observer = |done: u64, total: u64, t: f64| {
            progress.step(done, total, t);
            if stop.load(Ordering::Relaxed)
                || limit.is_some_and(|l| started.elapsed().as_secs_f64() > l)
            {
                Control::Stop
            } else {
                Control::Continue
            }
        };
        let outcome = self.simulation.run(plan, duration, &mut observer);
        self.progress.end();
        outcome
    }

    /// A variable that is no number any more, told at its equation.
    fn not_finite(
        &self,
        bad: &dslsim_runtime::NotFinite,
        parts: &[Assembled],
        span: Span,
    ) -> Diagnostic {
        let Some((object, name)) = self.registry.owner(bad.array) else {
            return Diagnostic::error("not-finite", span, format!("{bad}"));
        };
        let shown = self.network.get(object).shown().to_owned();
        let equation = parts
            .iter()
            .filter(|p| p.object == object)
            .filter_map(|p| p.integrates.as_ref())
            .flat_map(|(_, all)| all)
            .find(|(n, _)| *n == name);
        let place = equation.map_or(span, |(_, s)| *s);
        let what = if bad.value.is_nan() {
            "NaN (not a number)"
        } else {
            "infinite"
        };
        let time = |t: f64| {
            dslsim_units::format_quantity((t * 1e9).round() / 1e9, dslsim_units::Dim::TIME)
        };
        let when = if bad.from_time < bad.to_time {
            format!("between {} and {}", time(bad.from_time), time(bad.to_time))
        } else {
            format!("at {}", time(bad.to_time))
        };
        Diagnostic::error("not-finite", place, format!("`{name}` of `{shown}` became {what}: element {}, {when}", bad.element))
            .help("check the equation for division by 0, logarithms and powers of negative numbers, or a time step that is too long; `--allow-nan` goes on")
    }

    /// Two objects must not sum into one variable unless they say so.
    fn sums_meet(&self, checked: &dslsim_model::CheckedNetwork) -> Diagnostics {
        let mut said = Diagnostics::new();
        let mut seen: Vec<(ObjectId, Rc<str>, bool, ObjectId)> = Vec::new();
        for code in &checked.code {
            let dslsim_model::Checked::Summed {
                target,
                name,
                additive,
                ..
            } = &code.code
            else {
                continue;
            };
            if let Some((.., first)) = seen
                .iter()
                .find(|(t, n, a, _)| t == target && n == name && !(*a && *additive))
            {
                let (object, other) = (self.network.get(code.object), self.network.get(*first));
                said.push(
                    Diagnostic::error(
                        "two-sums",
                        object.span,
                        format!(
                            "`{}` and `{}` both sum into `{name}` of `{}`",
                            other.shown(),
                            object.shown(),
                            self.network.get(*target).shown()
                        ),
                    )
                    .help("mark both `(summed, additive)`, or use two variables"),
                );
            }
            seen.push((*target, name.clone(), *additive, code.object));
        }
        said
    }

    /// Spike times in steps of the clock as it is now.
    fn schedule_generators(&mut self, active: &[ObjectId]) -> Diagnostics {
        let mut said = Diagnostics::new();
        for &id in active {
            let Kind::Generator(g) = &self.network.get(id).kind else {
                continue;
            };
            let indices: Vec<i64> = g.spikes.iter().map(|s| i64::from(s.0)).collect();
            let times: Vec<f64> = g.spikes.iter().map(|s| s.1).collect();
            let dt = self.object_dt(id);
            let shown = self.network.get(id).shown().to_owned();
            match Generator::new(g.n as u32, &indices, &times, dt, g.period) {
                Ok(generator) => match self.extras[id.0 as usize].generator {
                    Some(existing) => self.simulation.set_generator(existing, generator),
                    None => {
                        self.extras[id.0 as usize].generator =
                            Some(self.simulation.add_generator(generator))
                    }
                },
                Err(GeneratorError::TwoSpikes {
                    neuron,
                    first,
                    second,
                    dt,
                }) => {
                    let time = |t| dslsim_units::format_quantity(t, dslsim_units::Dim::TIME);
                    said.push(
                        Diagnostic::error("two-spikes", g.span, format!("neuron {neuron} of `{shown}` spikes twice in one time step of {}: at {} and {}", time(dt), time(first), time(second)))
                            .help("use a shorter time step, or move one of the spikes"),
                    );
                }
                Err(other) => said.push(Diagnostic::error(
                    "spike-times",
                    g.span,
                    format!("`{shown}`: {other}"),
                )),
            }
        }
        said
    }

    /// Computes the matrices of linear systems.
    pub(super) fn propagate(&mut self, part: &Assembled) {
        for p in &part.propagators {
            let n = if p.uniform {
                1
            } else {
                self.network.size(p.object)
            };
            let elements: Vec<u32> = (0..n as u32).collect();
            if let Ok(kernel) = p.coefficients.clone().validate() {
                self.execute_now(&kernel, &elements);
            }
            let dt = self.object_dt(p.object);
            p.compute(&mut self.simulation.store, dt, self.network.size(p.object));
        }
    }

    /// Machine code for each part; equal kernels share it.
    fn compile(&mut self, parts: &[Assembled]) -> Told<Vec<Arc<dyn Code>>> {
        let keys: Vec<String> = parts
            .iter()
            .map(|p| {
                let k = p.kernel.kernel();
                let written: Vec<bool> = k.arrays.iter().map(|a| a.written).collect();
                format!(
                    "{:?} {:?} {written:?} {} {} {}",
                    k.domain,
                    k.insts,
                    k.indices.len(),
                    k.scalars.len(),
                    k.draws.len()
                )
            })
            .collect();
        let mut new: Vec<usize> = Vec::new();
        for (at, key) in keys.iter().enumerate() {
            if !self.compiled.iter().any(|(k, _)| k == key) && !new.iter().any(|n| keys[*n] == *key)
            {
                new.push(at);
            }
        }
        let kernels: Vec<&dslsim_ir::ValidKernel> =
            new.iter().map(|at| parts[*at].kernel.as_ref()).collect();
        let code = self.options.backend.compile(&kernels).map_err(|e| {
            Diagnostics::from(
                Diagnostic::error(
                    "internal-error",
                    Span::default(),
                    format!("no machine code could be made: {e}"),
                )
                .help("run with `--backend interpreter`"),
            )
        })?;
        for (at, code) in new.into_iter().zip(code) {
            self.compiled.push((keys[at].clone(), code));
        }
        let find = |key: &String| {
            self.compiled
                .iter()
                .find(|(k, _)| k == key)
                .map(|(_, c)| c.clone())
        };
        Ok(keys.iter().filter_map(find).collect())
    }

    /// The clock of an object.
    fn clock_of(&mut self, dt: Option<f64>) -> ClockId {
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
    fn stream(&mut self, name: &str) -> u32 {
        let next = self.streams.len() as u32;
        *self.streams.entry(name.to_owned()).or_insert(next)
    }

    fn operations(
        &mut self,
        plan: &mut Plan,
        parts: &[Assembled],
        code: &[Arc<dyn Code>],
        active: &[ObjectId],
        changing: &HashSet<(ObjectId, Rc<str>)>,
    ) -> Told<()> {
        let mut recorded: Vec<Computed> = Vec::new();
        for (part, code) in parts.iter().zip(code) {
            let stream = self.stream(&part.name);
            let program = plan.add(Program {
                kernel: part.kernel.clone(),
                code: code.clone(),
                len: self.network.size(part.object),
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
                Role::Update => push(Action::Kernel { program }, &part.name),
                Role::Threshold => {
                    if let Some(spikes) = self.extras[part.object.0 as usize].spikes {
                        push(Action::Threshold { program, spikes }, &part.name);
                    }
                }
                Role::Rates => {
                    if let Some(spikes) = self.extras[part.object.0 as usize].spikes {
                        push(Action::Threshold { program, spikes }, &part.name);
                    }
                }
                Role::Reset => {
                    if let Some(spikes) = self.extras[part.object.0 as usize].spikes {
                        push(Action::Elements { program, spikes }, &part.name);
                    }
                }
                Role::Summed(array) => {
                    // `-` sorts before `_`: the variable is zero before it is summed.
                    push(
                        Action::Fill {
                            array: *array,
                            value: 0.0,
                        },
                        &format!(
                            "{} zero",
                            part.name.rsplit_once("_summed").map_or("", |(n, _)| n)
                        ),
                    );
                    push(Action::Kernel { program }, &part.name);
                    self.simulation.store.spread(*array);
                }
                Role::Recorded(arrays) => {
                    recorded.push((part.name.clone(), program, arrays.clone()))
                }
                Role::Pathway(number) => {
                    let action = self.pathway(part, *number, program)?;
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
        Ok(())
    }

    fn pathway(
        &mut self,
        part: &Assembled,
        number: usize,
        program: dslsim_runtime::ProgramId,
    ) -> Told<Action> {
        let id = part.object;
        let Kind::Synapses(s) = &self.network.get(id).kind else {
            return Err(Diagnostics::new());
        };
        let presynaptic = s.pathways.get(number).is_none_or(|p| p.presynaptic);
        let from: Part = if presynaptic { s.source } else { s.target };
        let place = self.network.get(id).span;
        let dt = self.object_dt(from.object);
        let pairs = &self.extras[id.0 as usize].pairs;
        let of: Vec<u32> = (if presynaptic { &pairs.0 } else { &pairs.1 })
            .iter()
            .map(|k| k - from.start as u32)
            .collect();
        let rows = Rows::new(from.len() as u32, &of)
            .map_err(|e| Diagnostics::from(Diagnostic::error("too-large", place, e.to_string())))?;
        let array = self.delay_array(id, number);
        let store = &self.simulation.store;
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
            .spikes
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

    /// What objects do beside their kernels: spike sources and monitors.
    fn object_operations(
        &mut self,
        plan: &mut Plan,
        id: ObjectId,
        recorded: &[Computed],
        changing: &HashSet<(ObjectId, Rc<str>)>,
    ) {
        let object = self.network.get(id).clone();
        let extra = self.extras[id.0 as usize].clone();
        let clock = self.clock_of(object.dt);
        let program = recorded
            .iter()
            .find(|(n, ..)| *n == format!("{}_recorded", object.name));
        let spikes_of = |me: &Self, part: Part| me.extras[part.object.0 as usize].spikes;
        match &object.kind {
            Kind::Poisson(p) => {
                let subexpression = p.variables.get("rates").is_some_and(|v| !v.is_stored());
                if let (false, Some(spikes), Some(array)) =
                    (subexpression, extra.spikes, self.registry.find(id, "rates"))
                {
                    let name = format!("{}_spike_thresholder", object.name);
                    let stream = self.stream(&name);
                    let varies = changing.contains(&(id, "rates".into()));
                    let store = &self.simulation.store;
                    let rates = if varies {
                        Rates::Varying {
                            array,
                            program: None,
                        }
                    } else if store.is_uniform(array) {
                        Rates::Uniform(store.get(array, 0))
                    } else {
                        Rates::PerElement(array)
                    };
                    plan.operations.push(Operation {
                        when: Slot::Thresholds,
                        order: object.order,
                        name,
                        clock,
                        action: Action::Poisson {
                            spikes,
                            n: p.n as u32,
                            rates,
                            object: stream,
                        },
                    });
                }
            }
            Kind::Generator(_) => {
                if let (Some(spikes), Some(schedule)) = (extra.spikes, extra.generator) {
                    plan.operations.push(Operation {
                        when: Slot::Thresholds,
                        order: object.order,
                        name: object.name.clone(),
                        clock,
                        action: Action::Generator { spikes, schedule },
                    });
                }
            }
            Kind::StateMonitor(m) => {
                let columns = self.columns(m.source, &m.variables, program);
                let monitor = match extra.monitor {
                    Some(monitor) => monitor,
                    None => self.simulation.add_monitor(Monitor::State(
                        dslsim_runtime::StateMonitor::new(columns, m.record.clone()),
                    )),
                };
                self.extras[id.0 as usize].monitor = Some(monitor);
                let clock = if object.dt.is_none() {
                    self.clock_of(self.network.get(m.source.object).dt)
                } else {
                    clock
                };
                plan.operations.push(Operation {
                    when: m.when.parse().unwrap_or(Slot::Start),
                    order: object.order,
                    name: object.name.clone(),
                    clock,
                    action: Action::RecordState {
                        monitor,
                        program: program.map(|p| p.1),
                    },
                });
            }
            Kind::SpikeMonitor(m) => {
                let Some(spikes) = spikes_of(self, m.source) else {
                    return;
                };
                let columns = self.columns(m.source, &m.variables, program);
                let monitor = match extra.monitor {
                    Some(monitor) => monitor,
                    None => self.simulation.add_monitor(Monitor::Spikes(
                        dslsim_runtime::SpikeMonitor::new(m.source.len() as u32, m.record, columns),
                    )),
                };
                self.extras[id.0 as usize].monitor = Some(monitor);
                let clock = self.clock_of(self.network.get(m.source.object).dt);
                plan.operations.push(Operation {
                    when: Slot::Thresholds,
                    order: object.order,
                    name: object.name.clone(),
                    clock,
                    action: Action::RecordSpikes {
                        monitor,
                        spikes,
                        first: m.source.start as u32,
                        last: m.source.stop as u32,
                        program: program.map(|p| p.1),
                    },
                });
            }
            Kind::RateMonitor(m) => {
                let Some(spikes) = spikes_of(self, m.source) else {
                    return;
                };
                let monitor = match extra.monitor {
                    Some(monitor) => monitor,
                    None => self
                        .simulation
                        .add_monitor(Monitor::Rate(dslsim_runtime::RateMonitor::new())),
                };
                self.extras[id.0 as usize].monitor = Some(monitor);
                let clock = self.clock_of(self.network.get(m.source.object).dt);
                plan.operations.push(Operation {
                    when: Slot::End,
                    order: object.order,
                    name: object.name.clone(),
                    clock,
                    action: Action::RecordRate {
                        monitor,
                        spikes,
                        first: m.source.start as u32,
                        last: m.source.stop as u32,
                    },
                });
            }
            Kind::Neurons(_) | Kind::Synapses(_) => {}
        }
    }

    /// The columns of a monitor.
    fn columns(
        &mut self,
        source: Part,
        variables: &[(String, Span)],
        program: Option<&Computed>,
    ) -> Vec<Column> {
        let mut columns = Vec::new();
        for (name, _) in variables {
            let computed = program
                .and_then(|(.., arrays)| arrays.iter().find(|(n, _)| n.as_ref() == name))
                .map(|(_, a)| *a);
            let shared = self
                .network
                .variables(source.object)
                .and_then(|v| v.get(name))
                .is_some_and(|v| v.flags.shared);
            let column = match computed {
                Some(array) => Column {
                    array,
                    at: At::Position,
                },
                None => {
                    let array = self.registry.variable(
                        &mut self.simulation.store,
                        &self.network,
                        source.object,
                        name,
                    );
                    Column {
                        array,
                        at: if shared { At::Only } else { At::Element },
                    }
                }
            };
            columns.push(column);
        }
        columns
    }
}
