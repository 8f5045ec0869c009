//! `run(…)`: check, assemble, compile, simulate.

mod checks;
mod deferred;
mod element;
mod gather;
mod joined;
mod not_finite;
mod objects;
mod operations;

use std::collections::HashSet;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

use dslsim_ir::assemble::{Assembled, assemble};
use dslsim_ir::{BackendError, Code};
use dslsim_model::code::{Checked, CheckedNetwork};
use dslsim_model::network::{Kind, ObjectId};
use dslsim_runtime::{Outcome, Plan, RunError, Underway};
use dslsim_script::Context;
use dslsim_source::{Diagnostic, Diagnostics, Span};

use crate::namespace::Names;
use crate::registry::{RunLayout, written};
use crate::session::Session;
use crate::session::checkpoints::{Keeper, Watch};
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
        let lowering = Instant::now();
        if !said.has_errors() {
            assembled = self.assembled(&checked, &changing, &mut said);
            if !said.has_errors() && self.count_of(&assembled) {
                assembled = self.assembled(&checked, &changing, &mut said);
            }
            said.extend(self.schedule_generators(&active));
            said.extend(self.sums_meet(&checked));
        }
        let lowered = lowering.elapsed().as_secs_f64();
        self.timing.lower_seconds += lowered;
        if self.options.gather && !said.has_errors() {
            self.gather(net, &active, &checked, &assembled, duration, &changing);
        }
        if ctx.has_errors() || said.has_errors() || self.options.check {
            self.ran = true;
            for id in members {
                self.extra(*id).ran = true;
            }
            self.timing.check_seconds += started.elapsed().as_secs_f64() - lowered;
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
        self.timing.check_seconds += started.elapsed().as_secs_f64() - lowered;
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
        self.runs += 1;
        let from = self.brought_back(span)?;
        let outcome = self.simulate(ctx, &mut plan, duration, from, span);
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
                    let object = self.owner(&part.name, &ready);
                    let entry = self.parts.entry(part.name.clone()).or_default();
                    entry.object = object;
                    entry.seconds += part.seconds;
                    entry.calls += outcome.steps;
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
            Err(RunError::Recordings { path, reason }) => {
                self.interrupted = Some(self.simulation.now());
                let message = if path.as_os_str().is_empty() {
                    format!(
                        "the recordings are too large for memory, and no file can be made in `{}`: {reason}",
                        self.options.out.display()
                    )
                } else {
                    format!(
                        "the recordings are too large for memory, and cannot be written to `{}`: {reason}",
                        path.display()
                    )
                };
                Err(Diagnostic::error("recordings-file", span, message)
                    .help("record fewer elements or a larger `dt`, or choose a folder on a disk with more room (`--out`)")
                    .into())
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

    /// The user's name of the object that an operation belongs to.
    fn owner(&self, operation: &str, parts: &[Assembled]) -> String {
        let part = parts.iter().find(|p| p.name == operation);
        let object = part.map(|p| p.object).or_else(|| {
            let named = self.network.iter().filter(|(_, o)| {
                operation
                    .strip_prefix(o.name.as_str())
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
            });
            let longest = named.max_by_key(|(_, o)| o.name.len());
            longest.map(|(id, _)| id)
        });
        object.map_or_else(String::new, |id| self.network.get(id).shown().to_owned())
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
        ctx: &mut Context<'_>,
        plan: &mut Plan,
        duration: f64,
        from: Option<Underway>,
        span: Span,
    ) -> Result<Outcome, RunError> {
        if let Some(from) = from.as_ref().filter(|f| f.complete) {
            return Ok(Outcome {
                steps: from.done,
                not_finite: from.not_finite.clone(),
                ..Outcome::default()
            });
        }
        let checkpoint = self.options.checkpoint.clone();
        let identity = checkpoint.as_ref().map(|_| self.identity(span));
        let progress = &mut *self.progress;
        progress.begin(duration);
        let mut watch = Watch {
            progress,
            stop: self.options.stop.clone(),
            limit: self.options.max_time,
            started: self.started,
            stopping: false,
            keeper: checkpoint
                .zip(identity)
                .map(|(checkpoint, identity)| Keeper {
                    checkpoint,
                    run: self.runs,
                    identity,
                    last: &mut self.kept,
                    failed: None,
                }),
        };
        let outcome = match &from {
            Some(from) => self.simulation.go_on(plan, from, &mut watch),
            None => self.simulation.run(plan, duration, &mut watch),
        };
        watch.progress.end();
        if let Some(why) = watch.keeper.and_then(|k| k.failed) {
            ctx.push(
                Diagnostic::warning(
                    "checkpoint-file",
                    span,
                    format!("the last checkpoint of this run could not be written: {why}"),
                )
                .help("the run itself is not affected; make room on the disk"),
            );
        }
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
