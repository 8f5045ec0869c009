//! How far a run is: a bar on a terminal, plain lines elsewhere, or nothing.

use std::time::{Duration, Instant};

use dslsim::Progress;
use dslsim::sweep::PointEnd;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::numbers::{model_time, wall_time};
use crate::terminal;

/// How progress is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Not at all.
    Silent,
    /// A line at the start, then at most one in ten seconds, and one at the end.
    Lines,
    /// A bar that is redrawn.
    Bar,
}

/// Between two plain lines.
const PAUSE: Duration = Duration::from_secs(10);

/// A model with more runs than this tells of the later ones only if it has long been silent.
const ANNOUNCED: u32 = 3;

/// How far a sweep is.
#[derive(Clone, Copy, Debug)]
struct Points {
    /// Complete before it began.
    before: u64,
    /// Ended since then.
    ended: u64,
    /// Of these: failed.
    failed: u64,
    /// In all.
    all: u64,
}

/// Shows progress on stderr, and what the model prints on stdout.
pub struct Shown {
    style: Style,
    /// Whether the model's own lines are shown.
    prints: bool,
    bar: Option<ProgressBar>,
    runs: u32,
    duration: f64,
    /// Time of the model at the first report of this run, worked back to its beginning.
    begun: Instant,
    told: Instant,
    /// Whether the beginning of this run was told.
    announced: bool,
    /// Steps done and to be done in this run.
    steps: (u64, u64),
    points: Points,
}

impl Shown {
    /// In this style.
    pub fn new(style: Style) -> Shown {
        let now = Instant::now();
        Shown {
            style,
            prints: true,
            bar: None,
            runs: 0,
            duration: 0.0,
            begun: now,
            told: now,
            announced: false,
            steps: (0, 0),
            points: Points {
                before: 0,
                ended: 0,
                failed: 0,
                all: 0,
            },
        }
    }

    /// Shows nothing at all.
    pub fn nothing() -> Shown {
        Shown {
            prints: false,
            ..Shown::new(Style::Silent)
        }
    }

    /// Calls of `run` that have begun.
    pub fn runs(&self) -> u32 {
        self.runs
    }

    /// Seconds of the model simulated so far in the last run, and its whole duration.
    pub fn last_run(&self) -> (f64, f64) {
        (self.duration * self.part(), self.duration)
    }

    fn part(&self) -> f64 {
        if self.steps.1 == 0 {
            0.0
        } else {
            self.steps.0 as f64 / self.steps.1 as f64
        }
    }

    /// `2.6 points/s, 3 min 10 s left, 1 failed`
    fn points_left(&self) -> String {
        let p = self.points;
        if p.ended == 0 {
            return "…".into();
        }
        let each = self.begun.elapsed().as_secs_f64() / p.ended as f64;
        let rate = if each < 1.0 {
            format!("{:.1} points/s", 1.0 / each)
        } else {
            format!("{} a point", wall_time(each))
        };
        let left = wall_time(each * (p.all - p.before - p.ended) as f64);
        let failed = match p.failed {
            0 => String::new(),
            n => format!(", {n} failed"),
        };
        format!("{rate}, {left} left{failed}")
    }

    /// `3.1 s left`
    fn left(&self) -> String {
        let part = self.part();
        if part <= 0.0 {
            return "…".into();
        }
        format!(
            "{} left",
            wall_time(self.begun.elapsed().as_secs_f64() * (1.0 - part) / part)
        )
    }
}

impl Progress for Shown {
    fn begin(&mut self, duration: f64) {
        self.runs += 1;
        self.duration = duration;
        self.steps = (0, 0);
        self.begun = Instant::now();
        match self.style {
            Style::Silent => {}
            Style::Lines => {
                self.announced = self.runs <= ANNOUNCED || self.told.elapsed() >= PAUSE;
                if self.announced {
                    self.told = self.begun;
                    terminal::complain(&format!("simulating {}\n", model_time(duration)));
                }
            }
            Style::Bar => {
                let bar = ProgressBar::with_draw_target(Some(1000), ProgressDrawTarget::stderr());
                if let Ok(style) = ProgressStyle::with_template(
                    "{bar:30} {percent:>3} % of {prefix} simulated, {msg}",
                ) {
                    bar.set_style(style);
                }
                bar.set_prefix(model_time(duration));
                bar.set_message("…");
                self.bar = Some(bar);
            }
        }
    }

    fn step(&mut self, done: u64, total: u64, _: f64) {
        self.steps = (done, total);
        match (&self.bar, self.style) {
            (Some(bar), _) => {
                bar.set_message(self.left());
                bar.set_position((self.part() * 1000.0) as u64);
            }
            (None, Style::Lines) if done < total && self.told.elapsed() >= PAUSE => {
                self.told = Instant::now();
                self.announced = true;
                terminal::complain(&format!(
                    "  {:.0} % of {} simulated, {}\n",
                    100.0 * self.part(),
                    model_time(self.duration),
                    self.left()
                ));
            }
            _ => {}
        }
    }

    fn end(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        } else if self.style == Style::Lines && self.announced {
            self.told = Instant::now();
            let (done, _) = self.last_run();
            terminal::complain(&format!(
                "  {} simulated in {}\n",
                model_time(done),
                wall_time(self.begun.elapsed().as_secs_f64())
            ));
        }
    }

    fn sweep_begin(&mut self, model: &str, points: u64, done: u64) {
        self.begun = Instant::now();
        self.told = self.begun;
        self.points = Points {
            before: done,
            ended: 0,
            failed: 0,
            all: points,
        };
        let resumed = match done {
            0 => String::new(),
            n => format!(", {n} complete"),
        };
        match self.style {
            Style::Silent => {}
            Style::Lines => {
                terminal::complain(&format!("sweeping {model}: {points} points{resumed}\n"));
            }
            Style::Bar => {
                let bar = ProgressBar::with_draw_target(Some(points), ProgressDrawTarget::stderr());
                if let Ok(style) =
                    ProgressStyle::with_template("{bar:30} {pos}/{len} points of {prefix}, {msg}")
                {
                    bar.set_style(style);
                }
                bar.set_prefix(model.to_owned());
                bar.set_message("…");
                bar.set_position(done);
                bar.enable_steady_tick(Duration::from_secs(1));
                self.bar = Some(bar);
            }
        }
    }

    fn sweep_point(&mut self, end: Option<&PointEnd>) {
        self.points.ended += 1;
        if end.is_some_and(|e| e.failure.is_some()) {
            self.points.failed += 1;
        }
        let p = self.points;
        match (&self.bar, self.style) {
            (Some(bar), _) => {
                bar.set_message(self.points_left());
                bar.set_position(p.before + p.ended);
            }
            (None, Style::Lines) if self.told.elapsed() >= PAUSE => {
                self.told = Instant::now();
                terminal::complain(&format!(
                    "  {} of {} points, {}\n",
                    p.before + p.ended,
                    p.all,
                    self.points_left()
                ));
            }
            _ => {}
        }
    }

    fn sweep_end(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        } else if self.style == Style::Lines {
            terminal::complain(&format!(
                "  {} points in {}\n",
                self.points.ended,
                wall_time(self.begun.elapsed().as_secs_f64())
            ));
        }
    }

    fn print(&mut self, text: &str) {
        if !self.prints {
            return;
        }
        let line = format!("{text}\n");
        match &self.bar {
            Some(bar) => bar.suspend(|| terminal::tell(&line)),
            None => terminal::tell(&line),
        }
    }
}
