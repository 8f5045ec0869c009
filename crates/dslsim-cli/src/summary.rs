//! What a run has given, on less than a page.

use std::fmt::Write;
use std::path::Path;

use dslsim::Finished;
use dslsim::results::{ObjectSummary, Result as Saved};
use dslsim::sweep::Outcome;

use crate::numbers::{model_time, quantity, several, wall_time, whole};

/// Rows of objects, and of results, at most.
const ROWS: usize = 9;

/// Names are set in columns of at most this width.
const WIDTH: usize = 28;

/// Wall time in seconds, as the user feels it.
#[derive(Clone, Copy, Debug)]
pub struct Wall {
    /// From the start of the command to now.
    pub total: f64,
    /// From the start of the session to the first step.
    pub before: Option<f64>,
}

/// The summary of a run; `runs` is how often the model called `run`.
pub fn summary(finished: &Finished, model: &Path, out: &Path, runs: u32, wall: &Wall) -> String {
    let mut text = format!("{}: {}\n", model.display(), header(finished));
    let r = &finished.results;
    let objects: Vec<(&str, String)> = r
        .objects
        .iter()
        .map(|o| (o.name.as_str(), object(o, finished, runs)))
        .collect();
    rows(&mut text, &objects, "objects");
    let saved: Vec<(&str, String)> = r
        .arrays
        .iter()
        .map(|(name, saved)| (name.as_str(), array(name, saved)))
        .collect();
    // What the model saves itself comes last in the list, and is what counts.
    let (mine, others): (Vec<_>, Vec<_>) =
        saved.into_iter().partition(|(name, _)| !name.contains('.'));
    rows(&mut text, &[mine, others].concat(), "results");
    let pictures: Vec<String> = r
        .pictures
        .iter()
        .map(|p| p.path.display().to_string())
        .collect();
    if !pictures.is_empty() {
        let _ = writeln!(text, "  pictures: {}", pictures.join(", "));
    }
    let _ = write!(text, "time: {}", wall_time(wall.total));
    let run = finished.timing.run_seconds;
    if run > 0.0 && r.t > 0.0 {
        let ratio = r.t / run;
        let ratio = if ratio >= 10.0 {
            whole(ratio.round() as u64)
        } else {
            format!("{ratio:.2}")
        };
        let _ = write!(
            text,
            ", of which {} simulating: {ratio} simulated seconds per second",
            wall_time(run)
        );
    }
    let _ = writeln!(text, "\nresults are in {}", out.display());
    text
}

fn header(finished: &Finished) -> String {
    let r = &finished.results;
    if !finished.sweeps.is_empty() {
        let now = |o: &Outcome| o.done + o.failed.len() as u64;
        let all: u64 = finished.sweeps.iter().map(|(_, o)| o.points).sum();
        return format!(
            "{} of {}, {} simulated now",
            several(finished.sweeps.len() as u64, "sweep", "sweeps"),
            several(all, "point", "points"),
            whole(finished.sweeps.iter().map(|(_, o)| now(o)).sum()),
        );
    }
    if finished.steps == 0 {
        return "nothing was simulated".into();
    }
    let mut text = format!(
        "{} simulated in {}",
        model_time(r.t),
        several(finished.steps, "step", "steps")
    );
    if (finished.steps as f64 * r.dt - r.t).abs() < 0.5 * r.dt {
        let _ = write!(text, " of {}", model_time(r.dt));
    }
    match r.seed {
        Some(seed) => {
            let _ = write!(text, ", seed {seed}");
        }
        None => text.push_str(", no seed given"),
    }
    if r.rng != "fast" {
        let _ = write!(text, ", random stream {}", r.rng);
    }
    if r.backend != "jit" {
        let _ = write!(text, ", {}", r.backend);
    }
    text
}

/// A block of rows under each other; beyond the limit only their number is told.
fn rows(text: &mut String, rows: &[(&str, String)], what: &str) {
    let shown = if rows.len() > ROWS {
        ROWS - 1
    } else {
        rows.len()
    };
    let width = rows
        .iter()
        .take(shown)
        .map(|(name, _)| name.chars().count())
        .max()
        .unwrap_or(0)
        .min(WIDTH);
    for (name, about) in rows.iter().take(shown) {
        let _ = writeln!(text, "  {name:width$}  {about}");
    }
    if rows.len() > shown {
        let _ = writeln!(text, "  … and {} more {what}", rows.len() - shown);
    }
}

fn object(o: &ObjectSummary, finished: &Finished, runs: u32) -> String {
    let n = o.size as u64;
    match (o.class, o.spikes) {
        ("SpikeMonitor", Some(spikes)) => {
            let mut text = format!(
                "SpikeMonitor: {} of {}",
                several(spikes, "spike", "spikes"),
                several(n, "neuron", "neurons")
            );
            // With one run only, a monitor has listened all the time.
            let seconds = o.seconds.or((runs == 1).then_some(finished.results.t));
            if let Some(seconds) = seconds.filter(|s| *s > 0.0 && n > 0) {
                let _ = write!(
                    text,
                    ", mean rate {:.4} Hz",
                    Short(spikes as f64 / n as f64 / seconds)
                );
            }
            text
        }
        ("StateMonitor", _) => format!("StateMonitor of {}", several(n, "element", "elements")),
        ("PopulationRateMonitor", _) => o.class.into(),
        ("Synapses", _) => several(n, "synapse", "synapses"),
        ("NeuronGroup", _) => format!("NeuronGroup of {}", several(n, "neuron", "neurons")),
        (class, _) => format!("{class} of {}", several(n, "source", "sources")),
    }
}

/// A number with as many significant digits as the precision says.
struct Short(f64);

impl std::fmt::Display for Short {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let digits = f.precision().unwrap_or(6).saturating_sub(1);
        let x: f64 = format!("{:.digits$e}", self.0).parse().unwrap_or(self.0);
        write!(f, "{x}")
    }
}

/// A value with its unit, or the shape of an array and what its values are like.
fn array(name: &str, saved: &Saved) -> String {
    let dim = saved.array.dim;
    let show = |x: f64| quantity(x, dim);
    if saved.shape.is_empty() {
        return saved.array.get_f64(0).map_or_else(String::new, show);
    }
    let shape: Vec<String> = saved.shape.iter().map(usize::to_string).collect();
    let shape = shape.join(" × ");
    let (mut low, mut high, mut sum, mut n) = (f64::INFINITY, f64::NEG_INFINITY, 0.0, 0_usize);
    let mut count = 0;
    let mut look = |values: &[f64]| {
        count += values.len();
        for x in values.iter().copied().filter(|x| x.is_finite()) {
            (low, high, sum, n) = (low.min(x), high.max(x), sum + x, n + 1);
        }
    };
    match &saved.away {
        None => look(&saved.array.float_vec()),
        Some(away) => {
            let passed = away.each(|piece| {
                look(piece);
                Ok(())
            });
            if passed.is_err() {
                return format!("[{shape}]");
            }
        }
    }
    if n == 0 {
        let what = if count == 0 {
            "empty"
        } else {
            "no finite value"
        };
        return format!("[{shape}]  {what}");
    }
    let counts = name.ends_with(".i") || name.ends_with(".t");
    let mut text = match (counts || low == high, n == 1) {
        (_, true) => format!("[{shape}]  {}", show(low)),
        (true, _) if low == high => format!("[{shape}]  all {}", show(low)),
        (true, _) => format!("[{shape}]  from {} to {}", show(low), show(high)),
        _ => format!(
            "[{shape}]  mean {}, from {} to {}",
            show(sum / n as f64),
            show(low),
            show(high)
        ),
    };
    if n < count {
        let _ = write!(
            text,
            "; {} not finite",
            several((count - n) as u64, "value", "values")
        );
    }
    text
}

/// What took how long.
pub fn profile(finished: &Finished, wall: &Wall) -> String {
    let t = &finished.timing;
    let parts = [
        ("parse", t.parse_seconds),
        ("check", t.check_seconds),
        ("lower", t.lower_seconds),
        ("compile", t.compile_seconds),
        ("connect", t.connect_seconds),
        ("run", t.run_seconds),
        ("script", t.script_seconds),
        ("write", t.write_seconds),
    ];
    let mut text = String::from("\nwall time\n");
    for (name, seconds) in parts {
        let _ = writeln!(
            text,
            "  {name:8} {:>10.2} ms {:>5.1} %",
            seconds * 1e3,
            100.0 * seconds / wall.total
        );
    }
    let other = (wall.total - parts.iter().map(|p| p.1).sum::<f64>()).max(0.0);
    let _ = writeln!(
        text,
        "  {:8} {:>10.2} ms {:>5.1} %",
        "other",
        other * 1e3,
        100.0 * other / wall.total
    );
    let _ = writeln!(text, "  {:8} {:>10.2} ms", "total", wall.total * 1e3);
    if let Some(seconds) = wall.before {
        let _ = writeln!(text, "from start to first step {:.2} ms", seconds * 1e3);
    }
    if finished.parts.is_empty() {
        return text;
    }
    let mut operations: Vec<_> = finished.parts.iter().collect();
    operations.sort_by(|a, b| b.seconds.total_cmp(&a.seconds));
    let all: f64 = operations.iter().map(|p| p.seconds).sum();
    let width = operations
        .iter()
        .map(|p| p.name.chars().count())
        .max()
        .unwrap_or(0);
    let mut objects: Vec<(&str, f64)> = Vec::new();
    for p in &operations {
        match objects.iter_mut().find(|(name, _)| *name == p.object) {
            Some((_, seconds)) => *seconds += p.seconds,
            None => objects.push((&p.object, p.seconds)),
        }
    }
    objects.sort_by(|a, b| b.1.total_cmp(&a.1));
    let wide = objects.iter().map(|o| o.0.chars().count()).max();
    let wide = wide.unwrap_or(0);
    let _ = writeln!(text, "\ntime by object");
    for (name, seconds) in objects {
        let _ = writeln!(
            text,
            "  {name:wide$} {:>10.2} ms {:>5.1} %",
            seconds * 1e3,
            100.0 * seconds / all.max(f64::MIN_POSITIVE)
        );
    }
    let _ = writeln!(text, "\ntime by kernel");
    for p in operations {
        let each = p.seconds * 1e6 / p.calls.max(1) as f64;
        let _ = writeln!(
            text,
            "  {:width$} {:>10.2} ms {:>5.1} %  {each:>9.3} µs per step",
            p.name,
            p.seconds * 1e3,
            100.0 * p.seconds / all.max(f64::MIN_POSITIVE)
        );
    }
    text
}
