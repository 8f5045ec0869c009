//! A run: sorts the operations, makes them ready, and executes them step by step.

use std::time::Instant;

use dslsim_ir::ArrayId;
use dslsim_threads::Way;

use crate::clock::{Clock, Tick};
use crate::deferral::{self, Shared, locked};
use crate::error::RunError;
use crate::health::{self, NotFinite};
use crate::observer::{Control, Observer, Pace};
use crate::plan::Plan;
use crate::retrace::Marks;
use crate::simulation::Simulation;
use crate::stretch::Stretch;
use crate::underway::Underway;
use crate::work::{After, Work};

/// How a run went.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcome {
    /// Steps made since the beginning of the run, of its fastest clock.
    pub steps: u64,
    /// Whether the observer stopped it before its end.
    pub stopped: bool,
    /// Wall time, in seconds.
    pub seconds: f64,
    /// Wall time of each operation in the order of execution, if the plan asks for it.
    pub profile: Vec<PartTime>,
    /// What became NaN or infinite first in each watched array, if the plan allows that.
    pub not_finite: Vec<NotFinite>,
}

/// Wall time of one operation.
#[derive(Clone, Debug, PartialEq)]
pub struct PartTime {
    /// The operation's name.
    pub name: String,
    /// Seconds.
    pub seconds: f64,
}

impl Simulation {
    /// Continues the simulation by `duration` seconds.
    ///
    /// # Errors
    /// See [`RunError`]. The simulation then stands where it came to; a plan that does not fit leaves it as it was.
    pub fn run(
        &mut self,
        plan: &mut Plan,
        duration: f64,
        observer: &mut dyn Observer,
    ) -> Result<Outcome, RunError> {
        if !(duration >= 0.0 && duration.is_finite()) {
            return Err(RunError::Duration(duration));
        }
        for clock in &mut self.clocks {
            clock.go_to(self.time);
        }
        let begin = Underway::beginning(self.time + duration);
        self.go_on(plan, &begin, observer)
    }

    /// Continues a run that has come to `from`, in a simulation that has been brought there.
    ///
    /// # Errors
    /// As [`Simulation::run`].
    pub fn go_on(
        &mut self,
        plan: &mut Plan,
        from: &Underway,
        observer: &mut dyn Observer,
    ) -> Result<Outcome, RunError> {
        plan.sort();
        if plan.threads > 1 {
            return dslsim_threads::inside(plan.threads, || self.run_here(plan, from, observer));
        }
        self.run_here(plan, from, observer)
    }

    fn run_here(
        &mut self,
        plan: &Plan,
        from: &Underway,
        observer: &mut dyn Observer,
    ) -> Result<Outcome, RunError> {
        let begun = Instant::now();
        let span = Span::new(self, plan, from.t_end)?;
        let mut run = Run::new(self, plan, span, true)?;
        run.done = from.done;
        run.health.set(from);
        let stopped = run.steps(observer);
        run.settle();
        let Run {
            works,
            health,
            done,
            ..
        } = run;
        let stopped = stopped?;
        let part = |w: &Work<'_>| PartTime {
            name: w.name.to_owned(),
            seconds: w.seconds,
        };
        Ok(Outcome {
            steps: done,
            stopped,
            seconds: begun.elapsed().as_secs_f64(),
            profile: if plan.profile {
                works.iter().map(part).collect()
            } else {
                Vec::new()
            },
            not_finite: health.found,
        })
    }
}

/// Which steps of which clocks a run makes.
#[derive(Clone)]
pub(crate) struct Span {
    t_end: f64,
    /// Clocks that operations have.
    pub(crate) used: Vec<usize>,
    /// One past the last step, for each clock of the simulation.
    ends: Vec<u64>,
    /// The clock with the shortest steps.
    fastest: usize,
}

impl Span {
    fn new(sim: &Simulation, plan: &Plan, t_end: f64) -> Result<Span, RunError> {
        let mut used: Vec<usize> = plan.operations.iter().map(|o| o.clock.0 as usize).collect();
        used.extend(
            plan.times
                .iter()
                .map(|(_, c)| c.0 as usize)
                .filter(|c| *c < sim.clocks.len()),
        );
        used.sort_unstable();
        used.dedup();
        if let Some(o) = plan
            .operations
            .iter()
            .find(|o| o.clock.0 as usize >= sim.clocks.len())
        {
            return Err(RunError::plan(&o.name, "it has no clock"));
        }
        if let Some(array) = plan.watch.iter().find(|a| a.0 as usize >= sim.store.len()) {
            return Err(RunError::plan("watch", format!("there is no {array:?}")));
        }
        let dt = |k: usize| sim.clocks.get(k).map_or(f64::INFINITY, Clock::dt);
        let fastest = used
            .iter()
            .copied()
            .min_by(|a, b| dt(*a).total_cmp(&dt(*b)));
        Ok(Span {
            t_end,
            fastest: fastest.unwrap_or(0),
            ends: sim.clocks.iter().map(|c| c.step_at(t_end)).collect(),
            used,
        })
    }

    fn steps(&self, sim: &Simulation, clock: usize) -> u64 {
        let end = self.ends.get(clock).copied().unwrap_or(0);
        end.saturating_sub(sim.clocks.get(clock).map_or(0, Clock::step))
    }

    /// Whether the steps of all clocks are multiples of the shortest.
    fn fastest_always(&self, sim: &Simulation) -> bool {
        let dt = |k: usize| sim.clocks.get(k).map_or(f64::NAN, Clock::dt);
        self.used.iter().all(|k| {
            let steps = dt(*k) / dt(self.fastest);
            (steps - steps.round()).abs() < 1e-9 * steps
        })
    }
}

pub(crate) struct Run<'p, 's> {
    pub(crate) sim: &'s mut Simulation,
    plan: &'p Plan,
    pub(crate) works: Vec<Work<'p>>,
    /// Makes several steps at once, where that can be done.
    stretch: Option<Box<Stretch>>,
    /// What waits.
    deferrals: Vec<Shared<'p>>,
    /// Of several steps that are made without a look in between: what holds after this one.
    in_a_row: Option<After>,
    /// Whether the fastest clock is due whenever another one is.
    fastest_always: bool,
    pub(crate) span: Span,
    pub(crate) unused: Vec<u32>,
    pace: Pace,
    health: Health<'p>,
    /// Steps made by the fastest clock.
    done: u64,
}

impl<'p, 's> Run<'p, 's> {
    fn new(
        sim: &'s mut Simulation,
        plan: &'p Plan,
        span: Span,
        together: bool,
    ) -> Result<Self, RunError> {
        let mut works = Vec::with_capacity(plan.operations.len());
        let mut operations = plan.operations.iter().enumerate();
        while let Some((at, operation)) = operations.next() {
            let steps = span.steps(sim, operation.clock.0 as usize);
            let joined = plan.joined(at).filter(|_| together);
            works.push(match joined {
                Some((joined, spikes)) => {
                    operations.next();
                    Work::joined(plan, operation, joined, spikes, sim)?
                }
                None => Work::new(plan, operation, sim, steps)?,
            });
        }
        let one_clock = span.used.len() == 1 && works.iter().all(|w| w.time == w.clock);
        let fastest_always = span.fastest_always(sim);
        let deferrals = if together {
            deferral::connect(&mut works, plan, sim, |sim, clock| span.steps(sim, clock))?
        } else {
            Vec::new()
        };
        let stretch = if together && one_clock {
            Stretch::new(&works, sim, plan.threads.max(1), plan.profile).map(Box::new)
        } else {
            None
        };
        if stretch.is_some() {
            // Where blocks can be shared, operations need not be.
            works.iter_mut().for_each(|w| w.share_among(1));
        }
        Ok(Run {
            sim,
            plan,
            works,
            stretch,
            deferrals,
            in_a_row: None,
            fastest_always,
            span,
            unused: Vec::new(),
            pace: Pace::new(),
            health: Health::new(plan),
            done: 0,
        })
    }

    /// A run in a copy of the simulation, to make steps once more, each operation for itself.
    pub(crate) fn again(sim: &'s mut Simulation, plan: &'p Plan, span: Span) -> Option<Self> {
        let ends = span.ends.clone();
        // Monitors make room for what is left of the run, which is not recorded.
        let left = Span {
            ends: vec![0; ends.len()],
            ..span
        };
        let mut run = Run::new(sim, plan, left, false).ok()?;
        run.span.ends = ends;
        Some(run)
    }
}

impl Run<'_, '_> {
    /// Executes all steps; whether the observer stopped it.
    fn steps(&mut self, observer: &mut dyn Observer) -> Result<bool, RunError> {
        let total = self.done + self.span.steps(self.sim, self.span.fastest);
        if self.health.last.is_none() {
            self.look(self.sim.time)?;
        } else {
            self.health.marks.pass(self.sim);
        }
        let mut stopped = false;
        loop {
            let made = self.stretch();
            if made == 0 {
                break;
            }
            self.health.countdown -= made as u32;
            if self.health.countdown == 0 {
                let t = self.earliest();
                self.sim.time = t;
                self.look(t)?;
            }
            if let Some(told) = self.pace.steps(made) {
                self.sim.lighten()?;
                if !told {
                    continue;
                }
                match observer.progress(self.done, total, self.earliest()) {
                    Control::Continue => {}
                    Control::Keep => {
                        self.settle();
                        self.sim.time = self.earliest();
                        let here = self.underway(false);
                        observer.keep(self.sim, &here);
                    }
                    Control::Stop => {
                        stopped = true;
                        break;
                    }
                }
            }
        }
        self.settle();
        let complete = self
            .span
            .used
            .iter()
            .all(|k| self.span.steps(self.sim, *k) == 0);
        self.sim.time = if complete {
            self.span.t_end
        } else {
            self.earliest()
        };
        stopped &= !complete;
        let here = self.underway(complete);
        if complete {
            for k in 0..self.sim.clocks.len() {
                if !self.span.used.contains(&k) {
                    self.sim.clocks[k].go_to(self.span.t_end);
                }
            }
            let _ = observer.progress(self.done, total, self.span.t_end);
        }
        self.health.look(self.sim, &self.span, self.sim.time)?;
        let not_finite = self.health.found.clone();
        observer.keep(self.sim, &Underway { not_finite, ..here });
        Ok(stopped)
    }

    /// Looks at the state.
    fn look(&mut self, t: f64) -> Result<(), RunError> {
        let waits = |array: &ArrayId| self.deferrals.iter().any(|d| locked(d).changes(*array));
        if self.health.marks.may_pass(self.sim) || self.health.watched.iter().any(waits) {
            self.settle();
        }
        self.health.look(self.sim, &self.span, t)
    }

    /// What waits is done: the state is that of the present time.
    fn settle(&mut self) {
        for deferral in &self.deferrals {
            let mut deferral = locked(deferral);
            let tick = self.sim.clocks[deferral.clock()].tick();
            deferral.settle(tick, &mut self.sim.store);
        }
    }

    /// Where the run is.
    fn underway(&self, complete: bool) -> Underway {
        Underway {
            t_end: self.span.t_end,
            done: self.done,
            complete,
            countdown: self.health.countdown,
            last_look: self.health.last,
            not_finite: self.health.found.clone(),
        }
    }

    /// Makes some steps, but none beyond the next look at the state; their number, 0 at the end of the run.
    #[inline]
    fn stretch(&mut self) -> u64 {
        let Some(mut stretch) = self.stretch.take() else {
            return u64::from(self.step());
        };
        let (made, of_use) = self.by_stretch(&mut stretch);
        self.stretch = of_use.then_some(stretch);
        made
    }

    /// Makes the steps of a stretch, in the faster way; their number, and whether more stretches can be made.
    fn by_stretch(&mut self, stretch: &mut Stretch) -> (u64, bool) {
        let [clock] = self.span.used[..] else {
            return (u64::from(self.step()), false);
        };
        let left = self.span.ends[clock].saturating_sub(self.sim.clocks[clock].step());
        let steps = left
            .min(stretch.steps(self.pace.left()))
            .min(u64::from(self.health.countdown));
        if steps == 0 || !stretch.is_possible(&self.works, self.sim) {
            return (u64::from(self.step()), true);
        }
        match stretch.begin(steps) {
            Way::Together => {
                if !stretch.prepare(&mut self.works, self.sim) {
                    let threads = self.plan.threads;
                    self.works.iter_mut().for_each(|w| w.share_among(threads));
                    return (u64::from(self.step()), false);
                }
                stretch.make(&mut self.works, self.sim, clock, steps);
                self.works.iter_mut().for_each(Work::forget);
                self.done += steps;
            }
            Way::Alone => {
                for k in 1..=steps {
                    self.in_a_row = Some(if k < steps {
                        After::Unseen
                    } else {
                        After::Seen
                    });
                    self.step();
                }
                self.in_a_row = None;
            }
        }
        stretch.end(steps);
        (steps, true)
    }

    /// Makes a step of the clocks that are due next; `false` at the end of the run.
    #[inline]
    pub(crate) fn step(&mut self) -> bool {
        match self.span.used[..] {
            [only] => self.step_of_one(only),
            _ => self.step_of_several(),
        }
    }

    /// Time of the clock that is furthest behind.
    pub(crate) fn earliest(&self) -> f64 {
        let times = self.span.used.iter().map(|k| self.sim.clocks[*k].t());
        times.fold(f64::INFINITY, f64::min)
    }

    #[inline]
    fn step_of_one(&mut self, clock: usize) -> bool {
        let tick = self.sim.clocks[clock].tick();
        if tick.step >= self.span.ends[clock] {
            return false;
        }
        let after = self.after(clock, tick);
        if self.plan.profile {
            for work in &mut self.works {
                let begun = Instant::now();
                work.perform(self.sim, tick, after, &mut self.unused);
                work.seconds += begun.elapsed().as_secs_f64();
            }
        } else {
            for work in &mut self.works {
                work.perform(self.sim, tick, after, &mut self.unused);
            }
        }
        self.sim.clocks[clock].advance();
        self.done += 1;
        true
    }

    /// Whether somebody may look at the state after a step of a clock, before the next one.
    #[inline]
    fn after(&self, clock: usize, tick: Tick) -> After {
        if tick.step + 1 == self.span.ends[clock] {
            return After::Seen;
        }
        if let Some(known) = self.in_a_row {
            return known;
        }
        match self.health.countdown <= 1 || self.pace.may_tell() {
            true => After::Seen,
            false => After::Unseen,
        }
    }

    /// A step of all clocks that are due: the earliest, and those whose times are the same.
    fn step_of_several(&mut self) -> bool {
        let clocks = &self.sim.clocks;
        let first = self
            .span
            .used
            .iter()
            .copied()
            .min_by(|a, b| clocks[*a].t().total_cmp(&clocks[*b].t()));
        let Some(first) = first else { return false };
        if clocks[first].step() >= self.span.ends[first] {
            return false;
        }
        let earliest = clocks[first].clone();
        let after = self.after(self.span.fastest, clocks[self.span.fastest].tick());
        for work in &mut self.works {
            let clock = &self.sim.clocks[work.clock];
            if clock.is_due(&earliest) {
                let mut tick = clock.tick();
                if work.time != work.clock {
                    let executed = tick.executed;
                    tick = Tick {
                        executed,
                        ..self.sim.clocks[work.time].tick()
                    };
                }
                let begun = self.plan.profile.then(Instant::now);
                let after = if self.fastest_always && work.clock == self.span.fastest {
                    after
                } else {
                    After::Seen
                };
                work.perform(self.sim, tick, after, &mut self.unused);
                work.seconds += begun.map_or(0.0, |b| b.elapsed().as_secs_f64());
            }
        }
        for &k in &self.span.used {
            if self.sim.clocks[k].is_due(&earliest) {
                self.sim.clocks[k].advance();
                self.done += u64::from(k == self.span.fastest);
            }
        }
        true
    }
}

/// Looks for NaN and infinity now and then.
struct Health<'p> {
    plan: &'p Plan,
    countdown: u32,
    /// Time of the last look.
    last: Option<f64>,
    found: Vec<NotFinite>,
    watched: Vec<ArrayId>,
    marks: Marks,
}

impl<'p> Health<'p> {
    fn new(plan: &'p Plan) -> Health<'p> {
        Health {
            plan,
            countdown: 1,
            last: None,
            found: Vec::new(),
            watched: plan.watch.clone(),
            marks: Marks::new(plan),
        }
    }

    /// Continues what was looked at.
    fn set(&mut self, from: &Underway) {
        self.countdown = from.countdown;
        self.last = from.last_look;
        self.found.clone_from(&from.not_finite);
        let found = |a: &ArrayId| from.not_finite.iter().any(|n| n.array == *a);
        self.watched.retain(|a| !found(a));
    }

    fn look(&mut self, sim: &Simulation, span: &Span, t: f64) -> Result<(), RunError> {
        self.countdown = self.plan.watch_every.max(1);
        while let Some((array, element, value)) = health::check(&sim.store, &self.watched) {
            let mut found = NotFinite {
                array,
                element,
                value,
                from_time: self.last.unwrap_or(t),
                to_time: t,
                origin: None,
            };
            self.marks.explain(sim, self.plan, span, &mut found);
            if !self.plan.allow_not_finite {
                return Err(RunError::NotFinite(found));
            }
            self.found.push(found);
            self.watched.retain(|a| *a != array);
        }
        self.last = Some(t);
        self.marks.pass(sim);
        Ok(())
    }
}
