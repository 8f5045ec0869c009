//! `run(…)`: check, assemble, compile, simulate.

mod checks;
mod element;
mod gather;
mod not_finite;
mod objects;
mod operations;

use std::collections::HashSet;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use dslsim_ir::assemble::{Assembled, assemble};
use dslsim_ir::{BackendError, Code};
use dslsim_model::code::{Checked, CheckedNetwork};
use dslsim_model::network::{Kind, ObjectId};
use dslsim_runtime::{Control, Plan, RunError};
use dslsim_script::Context;
use dslsim_source::{Diagnostic, Diagnostics, Span};

use crate::namespace::Names;
use crate::registry::{RunLayout, written};
use crate::session::Session;
use crate::session::construct::told;

type Told<T> = Result<T, Diagnostics>;

impl Session<'_> {
    /// Simulates the members of the network.
    pub(super) fn run(
        &mut self,
        ctx: &mut Context<'_>,
        net: usize,
        members: &[ObjectId],
        duration: f64,
        names: &Names,
        span: Span,
    ) -> Told<()> {
        let started = Instant::now();
        self.enter(net, members);
        let active = self.taking_part(ctx, members, span);
        let (checked, mut said) = dslsim_model::check(&self.network, &active, names);
        said.extend(self.hidden_names(&active, &checked, names));
        said.extend(self.rounded_delays(&active));
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
        said.extend(self.links_fit(&active));
        let changing = written(&checked);
        let mut assembled = Vec::new();
        if !said.has_errors() {
            assembled = self.assembled(&checked, &changing, &mut said);
            if !said.has_errors() && self.count_of(&assembled) {
                assembled = self.assembled(&checked, &changing, &mut said);
            }
            said.extend(self.schedule_generators(&active));
            said.extend(self.sums_meet(&checked));
        }
        if self.options.gather && !said.has_errors() {
            self.gather(net, &active, &checked, &assembled, duration, &changing);
        }
        if ctx.has_errors() || said.has_errors() || self.options.check {
            self.ran = true;
            for id in members {
                self.extra(*id).ran = true;
            }
            self.timing.check_seconds += started.elapsed().as_secs_f64();
            return if said.is_empty() {
                Ok(())
            } else {
                told(ctx, said)
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
            schedule: self.networks[net].slots(),
            threads: self.options.threads,
            ..Plan::new()
        };
        self.operations(&mut plan, &ready, &code, &active, &changing)?;
        self.first_step
            .get_or_insert_with(|| self.started.elapsed().as_secs_f64());
        self.ran = true;
        for id in members {
            self.extra(*id).ran = true;
        }
        let before = self.simulation.now();
        let outcome = self.simulate(&mut plan, duration);
        let recorded = self.simulation.now() - before;
        for id in &active {
            self.extra(*id).recorded += recorded;
        }
        self.networks[net].time = self.simulation.now();
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
                    let d = self.not_finite(bad, &checked, &ready, span);
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
                let d = self.not_finite(&bad, &checked, &ready, span);
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

    /// The kernels of all code.
    fn assembled(
        &mut self,
        checked: &CheckedNetwork,
        changing: &HashSet<(ObjectId, Rc<str>)>,
        said: &mut Diagnostics,
    ) -> Vec<Assembled> {
        let dt = self.default_dt();
        let mut all = Vec::new();
        for code in &checked.code {
            let part = match &code.code {
                Checked::Input { target, .. } => Some(*target),
                _ => None,
            };
            let mut layout = RunLayout {
                registry: &mut self.registry,
                store: &mut self.simulation.store,
                network: &self.network,
                written: changing,
                part,
                dt,
                in_order: self.simulation.random.is_brian2(),
            };
            match assemble(code, &mut layout, self.options.strict) {
                Ok(parts) => all.extend(parts),
                Err(d) => said.extend(d),
            }
        }
        all
    }

    /// The members that are active and whose neighbours are there, too.
    fn taking_part(
        &mut self,
        ctx: &mut Context<'_>,
        members: &[ObjectId],
        span: Span,
    ) -> Vec<ObjectId> {
        let mut active = Vec::new();
        for id in members {
            let object = self.network.get(*id);
            if !object.active {
                continue;
            }
            let missing = self
                .network
                .needs(*id)
                .into_iter()
                .find(|n| !members.contains(n));
            if let Some(missing) = missing {
                let (shown, other) = (object.shown().to_owned(), self.network.get(missing));
                ctx.push(
                    Diagnostic::warning(
                        "missing-member",
                        span,
                        format!("`{shown}` is part of the network, but `{}`, on which it depends, is not: `{shown}` does nothing", other.shown()),
                    )
                    .also(object.span, "created here")
                    .help(format!("add `{}` to the network", other.shown())),
                );
                self.network.get_mut(*id).active = false;
                continue;
            }
            active.push(*id);
        }
        active
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
                self.execute_now(p.object, &kernel, &elements);
            }
            let dt = self.object_dt(p.object);
            p.compute(&mut self.simulation.store, dt, self.network.size(p.object));
        }
    }

    /// Machine code for each part; equal kernels share it.
    fn compile(&self, parts: &[Assembled]) -> Told<Vec<Arc<dyn Code>>> {
        let backend = &*self.options.backend;
        let code = self.options.code.code_for(parts, backend);
        code.map_err(|e| no_code(&e))
    }
}

fn no_code(error: &BackendError) -> Diagnostics {
    Diagnostic::error(
        "internal-error",
        Span::default(),
        format!("no machine code could be made: {error}"),
    )
    .help("run with `--backend interpreter`")
    .into()
}
