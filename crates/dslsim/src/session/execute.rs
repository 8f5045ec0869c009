//! Executing a model file from its text to the values it saves.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use dslsim_model::network::Network;
use dslsim_runtime::{Log, Monitor, Shelf, Simulation};
use dslsim_script::ArrayLimit;
use dslsim_script::{Interpreter, Override, Value};
use dslsim_source::{Diagnostic, Diagnostics, FileId, SourceMap, Span, Text};
use indexmap::IndexMap;

use super::{Files, PartSeconds, Session, Timing};
use crate::options::{Options, Rng};
use crate::registry::Registry;
use crate::results::{Recorded, collect, held, remove_abandoned};
use crate::suspect::{set_twice, unused_parameters};

/// Who is told how a run goes.
pub trait Progress {
    /// A run of so many seconds (of the model) begins.
    fn begin(&mut self, duration: f64);
    /// So many steps are done; `t` is the time of the simulation in seconds.
    fn step(&mut self, done: u64, total: u64, t: f64);
    /// The run has ended.
    fn end(&mut self);
    /// A line printed by the model.
    fn print(&mut self, text: &str);
    /// A sweep of `points` points begins, of which `done` are complete.
    fn sweep_begin(&mut self, _model: &str, _points: u64, _done: u64) {}
    /// A point has ended; `None`: in another process.
    fn sweep_point(&mut self, _end: Option<&crate::sweep::PointEnd>) {}
    /// The sweep has ended.
    fn sweep_end(&mut self) {}
}

/// What executing a model has given.
pub struct Finished {
    /// All that is to be said.
    pub diagnostics: Diagnostics,
    /// The files that were read.
    pub sources: SourceMap,
    /// What is to be written.
    pub results: Recorded,
    /// The time of the model at which the run was interrupted, in seconds.
    pub interrupted: Option<f64>,
    /// Wall time by part.
    pub timing: Timing,
    /// Wall time from the beginning to the first step, in seconds.
    pub first_step: Option<f64>,
    /// Wall time by operation, if it was measured.
    pub parts: Vec<PartSeconds>,
    /// What the runs would do, if that was asked for.
    pub model: crate::show::Model,
    /// Steps made.
    pub steps: u64,
    /// Bytes of state arrays and index tables at the end.
    pub bytes_held: usize,
    /// Whether there was a `run`.
    pub ran: bool,
    /// Stores of sweeps that the model has made, and what came of them.
    pub sweeps: Vec<(std::path::PathBuf, crate::sweep::Outcome)>,
}

/// Executes (or checks) the model file at `path`.
pub fn execute(
    path: &Path,
    options: Options,
    files: &dyn Files,
    progress: &mut dyn Progress,
) -> Finished {
    let started = Instant::now();
    let _arrays = ArrayLimit::bytes(options.max_memory.unwrap_or(u64::MAX));
    let mut session = Session::new(options, files, progress);
    let mut diagnostics = Diagnostics::new();
    let mut parameters = Vec::new();
    let shown = path.to_string_lossy().into_owned();
    match session.open(path) {
        Err(d) => diagnostics.push(d),
        Ok((file, text)) => {
            let settings = session.settings(&mut diagnostics);
            let mut interpreter = Interpreter::new(settings);
            let parsing = Instant::now();
            let (ast, said) = dslsim_syntax::parse_file(file, &text);
            session.timing.parse_seconds = parsing.elapsed().as_secs_f64();
            let empty = ast.statements.is_empty() && said.is_empty();
            said.into_iter().for_each(|d| interpreter.context().push(d));
            interpreter.execute(&mut session, file, &ast);
            interpreter.finish();
            diagnostics.extend(interpreter.take_diagnostics());
            if empty {
                diagnostics.push(Diagnostic::warning(
                    "empty-model",
                    Span::new(file, 0, 0),
                    "the file is empty: there is nothing to simulate",
                ));
            } else if !session.ran
                && session.saved.is_empty()
                && !session.pictures.draws()
                && !diagnostics.has_errors()
            {
                let message = "the model has no `run`, and saves nothing";
                let d = if session.options.check {
                    Diagnostic::warning("no-run", Span::new(file, 0, 0), message)
                } else {
                    Diagnostic::error("no-run", Span::new(file, 0, 0), message)
                };
                diagnostics.push(d.help("add `run(…)`"));
            } else if session.ran && !session.options.point && !diagnostics.has_errors() {
                let names: Vec<&str> = interpreter
                    .parameters()
                    .into_iter()
                    .map(|(name, _)| name)
                    .collect();
                diagnostics.extend(unused_parameters(&ast, &names, &session.sources));
                diagnostics.extend(set_twice(&ast));
            }
            let plain = |v: &Value| !matches!(v, Value::Str(_));
            parameters = interpreter
                .parameters()
                .into_iter()
                .filter(|(_, v)| plain(v))
                .map(|(n, v)| (n.to_owned(), v.clone()))
                .collect();
        }
    }
    session.timing.total_seconds = started.elapsed().as_secs_f64();
    session.timing.script_seconds = session.timing.unnamed();
    session.finish_recordings();
    let mut results = collect(&session, &shown, parameters);
    results.resumed = session.resumed;
    results.pictures = session.pictures.take_files();
    Finished {
        diagnostics,
        results,
        interrupted: session.interrupted,
        timing: session.timing,
        first_step: session.first_step,
        parts: session
            .parts
            .iter()
            .map(|(name, part)| PartSeconds {
                name: name.clone(),
                object: part.object.clone(),
                seconds: part.seconds,
                calls: part.calls,
            })
            .collect(),
        bytes_held: session.simulation.store.bytes(),
        model: session.gathered,
        steps: session.steps,
        ran: session.ran,
        sweeps: session.sweeps,
        sources: session.sources,
    }
}

impl<'a> Session<'a> {
    /// A session in which nothing has been executed.
    fn new(options: Options, files: &'a dyn Files, progress: &'a mut dyn Progress) -> Session<'a> {
        let started = Instant::now();
        let random = match options.rng {
            Rng::Fast => dslsim_runtime::Random::fast(options.seeded(None)),
            Rng::Brian2 => dslsim_runtime::Random::brian2(options.seeded(None) as u32),
        };
        let mut simulation = Simulation::new(random);
        simulation.shelf = shelf(&options);
        let clock = simulation
            .add_clock(1e-4)
            .unwrap_or(dslsim_runtime::ClockId(0));
        Session {
            pictures: crate::pictures::Pictures::new(options.check),
            options,
            files,
            progress,
            sources: SourceMap::new(),
            paths: IndexMap::new(),
            network: Network::new(),
            extras: Vec::new(),
            registry: Registry::default(),
            simulation,
            clock,
            clocks: Vec::new(),
            handles: Vec::new(),
            networks: vec![super::networks::Net {
                name: "magicnetwork".into(),
                ..super::networks::Net::default()
            }],
            snapshots: std::collections::BTreeMap::new(),
            scope: 0,
            saved: IndexMap::new(),
            seed: None,
            ran: false,
            interrupted: None,
            timing: Timing::default(),
            parts: IndexMap::new(),
            gathered: crate::show::Model::default(),
            started,
            steps: 0,
            names: crate::namespace::Names::default(),
            guessed: std::collections::HashSet::new(),
            first_step: None,
            sweep_names: IndexMap::new(),
            sweeps: Vec::new(),
            runs: 0,
            resumed: None,
            kept: started,
            data_read: blake3::Hasher::new(),
            streams: IndexMap::new(),
        }
    }
}

/// Where recordings go that memory shall not hold: a file in the folder of results that is removed at the end of the process.
fn shelf(options: &Options) -> Option<Arc<Shelf>> {
    if options.check {
        return None;
    }
    // The points of a sweep have no folder of their own.
    let folder = if options.point {
        std::env::temp_dir()
    } else {
        options.out.clone()
    };
    let checkpoint = options.checkpoint.clone();
    let limit = usize::try_from(options.limits().recordings()).unwrap_or(usize::MAX);
    Some(Arc::new(Shelf::new(limit, move || {
        if let Some(checkpoint) = &checkpoint {
            return checkpoint.log();
        }
        std::fs::create_dir_all(&folder)?;
        remove_abandoned(&folder);
        let file = held(&folder)?;
        let (path, handle) = (file.path().to_path_buf(), file.as_file().try_clone()?);
        Ok(Log::new(handle, path, 0, file))
    })))
}

/// Expressions of the command line, evaluated.
pub struct Evaluated {
    /// The value of each; `None` where something is wrong with it.
    pub values: Vec<Option<Value>>,
    /// Where each stands.
    pub spans: Vec<Span>,
    /// What there is to say about them.
    pub diagnostics: Diagnostics,
    /// The arguments.
    pub sources: SourceMap,
}

/// Evaluates arguments `--option NAME=EXPR`: each as it is shown, with the byte at which its expression begins. Names of a
/// model are not known in them.
pub fn evaluate(arguments: &[(String, usize)], options: Options, files: &dyn Files) -> Evaluated {
    let mut nobody = Nobody;
    let mut session = Session::new(options, files, &mut nobody);
    let mut interpreter = Interpreter::new(Vec::new());
    let mut out = Evaluated {
        values: Vec::new(),
        spans: Vec::new(),
        diagnostics: Diagnostics::new(),
        sources: SourceMap::new(),
    };
    for (shown, start) in arguments {
        let id = session.sources.add("command line", shown.as_str());
        let text = shown.get(*start..).unwrap_or_default();
        let (expr, said) = dslsim_syntax::parse_expression(&Text::verbatim(id, *start, text));
        let wrong = said.has_errors();
        out.diagnostics.extend(said);
        out.spans.push(Span::new(id, *start, shown.len()));
        let value = if wrong {
            None
        } else {
            match interpreter.eval(&mut session, &expr) {
                Ok(value) => Some(value),
                Err(said) => {
                    out.diagnostics.extend(said);
                    None
                }
            }
        };
        out.values.push(value);
    }
    out.diagnostics.extend(interpreter.take_diagnostics());
    out.sources = session.sources;
    out
}

/// Progress that nobody watches.
pub(crate) struct Nobody;

impl Progress for Nobody {
    fn begin(&mut self, _: f64) {}
    fn step(&mut self, _: u64, _: u64, _: f64) {}
    fn end(&mut self) {}
    fn print(&mut self, _: &str) {}
}

impl Timing {
    /// What no part has taken.
    fn unnamed(&self) -> f64 {
        let parts = [
            self.parse_seconds,
            self.check_seconds,
            self.lower_seconds,
            self.compile_seconds,
            self.connect_seconds,
            self.run_seconds,
        ];
        (self.total_seconds - parts.iter().sum::<f64>()).max(0.0)
    }
}

impl Session<'_> {
    /// Puts the rest of recordings of which a part is in a file there, too.
    fn finish_recordings(&mut self) {
        if self.simulation.monitors().any(Monitor::is_away) {
            // What cannot be written stays where it is.
            let _ = self.simulation.put_recordings_away();
        }
    }

    /// Reads the model file itself.
    fn open(&mut self, path: &Path) -> Result<(FileId, Arc<str>), Diagnostic> {
        let shown = path.to_string_lossy().into_owned();
        let folder = path.parent().map(Path::to_path_buf).unwrap_or_default();
        let name = path
            .file_name()
            .map(|n| n.to_string_lossy().into_owned())
            .unwrap_or_default();
        match self.files.read(&folder, &name) {
            Ok((real, text)) => {
                let text: Arc<str> = text.into();
                let id = self.sources.add(shown, text.clone());
                self.paths.insert(real, id);
                Ok((id, text))
            }
            Err(why) => {
                let (message, line) = match why.split_once('\u{0}') {
                    Some((message, line)) => {
                        (message.to_owned(), line.parse::<usize>().unwrap_or(1))
                    }
                    None => (why, 1),
                };
                let id = self.sources.add(shown.clone(), "\n".repeat(line));
                let at = line.saturating_sub(1);
                Err(Diagnostic::error(
                    "unreadable-file",
                    Span::new(id, at, at),
                    format!("cannot read `{shown}`: {message}"),
                )
                .help("a model is a text file in UTF-8"))
            }
        }
    }

    /// The expressions of `--set`, each a file of its own in messages.
    fn settings(&mut self, diagnostics: &mut Diagnostics) -> Vec<(String, Override)> {
        let values = self.options.values.iter();
        let mut all: Vec<(String, Override)> = values
            .map(|(name, value)| (name.clone(), Override::Value(value.clone())))
            .collect();
        for (name, text) in self.options.settings.clone() {
            let shown = format!("--set {name}={text}");
            let start = name.len() + 7;
            let id = self.sources.add("command line", shown);
            let (expr, said) = dslsim_syntax::parse_expression(&Text::verbatim(id, start, text));
            diagnostics.extend(said);
            all.push((name, Override::Expr(expr)));
        }
        all
    }
}
