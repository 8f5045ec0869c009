//! Model files, and their execution in this process.

use std::collections::HashMap;
use std::panic;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock, Mutex, mpsc};
use std::thread::{self, ThreadId};
use std::time::Duration;

use dslsim::{Backend, Disk, Finished, Interpreter, Jit, JitOptions, Options, Progress, Rng};
use dslsim_source::{Diagnostics, MessageFormat, Severity, SourceMap};

/// A folder below `tests/`, or with `../` any other of the project.
pub fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// The model files in a folder by name without `.eq`, sorted.
///
/// # Panics
/// If there are none.
pub fn cases(folder: &Path) -> Vec<(String, PathBuf)> {
    let entries = folder
        .read_dir()
        .unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let models = paths.filter(|path| path.extension().is_some_and(|e| e == "eq"));
    let named =
        models.filter_map(|path| Some((path.file_stem()?.to_str()?.to_owned(), path.clone())));
    let mut all: Vec<(String, PathBuf)> = named.collect();
    all.sort();
    assert!(!all.is_empty(), "no models in {}", folder.display());
    all
}

/// How a model is executed. The default is what `dslsim run` does without options, but at most for a minute.
#[derive(Clone)]
pub struct Setup {
    /// `--set NAME=EXPR`
    pub settings: Vec<(String, String)>,
    /// `--seed`
    pub seed: Option<u64>,
    /// `--rng`
    pub rng: Rng,
    /// `--strict-math`
    pub strict: bool,
    /// `check` instead of `run`
    pub check: bool,
    /// What executes kernels.
    pub backend: Arc<dyn Backend>,
    /// `--threads`
    pub threads: usize,
    /// The longest that it may take.
    pub limit: Duration,
}

impl Setup {
    /// Executes kernels as machine code.
    pub fn jit() -> Setup {
        Setup::jit_with(JitOptions::default())
    }

    /// Executes kernels as machine code, made in a certain way.
    ///
    /// # Panics
    /// If no machine code can be made for this processor.
    pub fn jit_with(options: JitOptions) -> Setup {
        let jit =
            Jit::with_options(options).unwrap_or_else(|e| panic!("no code for this machine: {e}"));
        Setup::with(Arc::new(jit))
    }

    /// Executes kernels one element after the other.
    pub fn interpreter() -> Setup {
        Setup::with(Arc::new(Interpreter))
    }

    fn with(backend: Arc<dyn Backend>) -> Setup {
        Setup {
            settings: Vec::new(),
            seed: None,
            rng: Rng::Fast,
            strict: false,
            check: false,
            backend,
            threads: 1,
            limit: Duration::from_secs(60),
        }
    }

    /// With this parameter.
    #[must_use]
    pub fn set(mut self, name: &str, value: &str) -> Setup {
        self.settings.push((name.to_owned(), value.to_owned()));
        self
    }

    /// With this seed instead of the file's.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Setup {
        self.seed = Some(seed);
        self
    }

    /// With this stream of random numbers.
    #[must_use]
    pub fn rng(mut self, rng: Rng) -> Setup {
        self.rng = rng;
        self
    }

    /// With operations as written, or not.
    #[must_use]
    pub fn strict(mut self, strict: bool) -> Setup {
        self.strict = strict;
        self
    }

    /// By so many threads.
    #[must_use]
    pub fn threads(mut self, threads: usize) -> Setup {
        self.threads = threads;
        self
    }

    /// Only checks.
    #[must_use]
    pub fn check(mut self) -> Setup {
        self.check = true;
        self
    }

    /// With this limit of time.
    #[must_use]
    pub fn limit(mut self, limit: Duration) -> Setup {
        self.limit = limit;
        self
    }
}

/// How an execution has ended.
pub enum Ended {
    /// By itself; with or without errors.
    Finished(Box<Finished>),
    /// By a panic: a mistake of dslsim, whatever the model is. What it said, and where.
    Panicked(String),
    /// Not within the limit.
    Hung(Duration),
}

impl Ended {
    /// What it has given, if no error was found.
    ///
    /// # Errors
    /// The first error, or what else went wrong, in one line.
    pub fn done(self) -> Result<Finished, String> {
        match self {
            Ended::Finished(f) => match first_error(&f.diagnostics, &f.sources) {
                None => Ok(*f),
                Some(error) => Err(error),
            },
            Ended::Panicked(what) => Err(format!("panic: {what}")),
            Ended::Hung(limit) => Err(format!("still running after {limit:?}")),
        }
    }

    /// What it has given.
    ///
    /// # Panics
    /// If anything went wrong.
    #[track_caller]
    pub fn expect_done(self) -> Finished {
        self.done().unwrap_or_else(|error| panic!("{error}"))
    }
}

fn first_error(diagnostics: &Diagnostics, sources: &SourceMap) -> Option<String> {
    let error = diagnostics.iter().find(|d| d.severity == Severity::Error)?;
    let mut one = Diagnostics::new();
    one.push(error.clone());
    let line = dslsim_source::render(&one, sources, MessageFormat::Short, false);
    let name = line.split(": error").next().unwrap_or_default();
    let shorter = name.rsplit('/').next().unwrap_or_default();
    Some(format!("{shorter}{}", line[name.len()..].trim_end()))
}

/// Nobody watches.
struct Silent;

impl Progress for Silent {
    fn begin(&mut self, _: f64) {}
    fn step(&mut self, _: u64, _: u64, _: f64) {}
    fn end(&mut self) {}
    fn print(&mut self, _: &str) {}
}

/// The name of threads that execute models.
const THREAD: &str = "model";

/// As large as that of `dslsim`: deep nesting is refused by limits, not by the end of the stack.
const STACK: usize = 64 << 20;

/// Executes a model file on a thread of its own.
///
/// One that does not end within the limit is told to stop, and left behind.
///
/// # Panics
/// If no thread can be made.
pub fn run(model: &Path, setup: &Setup) -> Ended {
    let stop = Arc::new(AtomicBool::new(false));
    let options = Options {
        settings: setup.settings.clone(),
        seed: setup.seed,
        rng: setup.rng,
        strict: setup.strict,
        threads: setup.threads,
        check: setup.check,
        stop: stop.clone(),
        ..Options::new(setup.backend.clone())
    };
    let path = model.to_path_buf();
    LazyLock::force(&QUIET);
    let (sender, receiver) = mpsc::channel();
    let work = move || {
        let executed = panic::catch_unwind(panic::AssertUnwindSafe(|| {
            dslsim::execute(&path, options, &Disk, &mut Silent)
        }));
        let ended = match executed {
            Ok(finished) => Ended::Finished(Box::new(finished)),
            Err(_) => Ended::Panicked(said_here()),
        };
        // Nobody listens any more if the limit has passed.
        let _ = sender.send(ended);
    };
    let started = thread::Builder::new()
        .name(THREAD.into())
        .stack_size(STACK)
        .spawn(work);
    if let Err(e) = started {
        panic!("no thread: {e}");
    }
    receiver.recv_timeout(setup.limit).unwrap_or_else(|_| {
        stop.store(true, Ordering::Relaxed);
        Ended::Hung(setup.limit)
    })
}

/// What panics of models' threads said.
static SAID: LazyLock<Mutex<HashMap<ThreadId, String>>> = LazyLock::new(Mutex::default);

/// Panics of models' threads are kept, all others told as usual.
static QUIET: LazyLock<()> = LazyLock::new(|| {
    let usual = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        if thread::current().name() != Some(THREAD) {
            return usual(info);
        }
        if let Ok(mut said) = SAID.lock() {
            let text = info.to_string().replace('\n', " ");
            said.insert(thread::current().id(), text);
        }
    }));
});

fn said_here() -> String {
    let said = SAID
        .lock()
        .ok()
        .and_then(|mut said| said.remove(&thread::current().id()));
    said.unwrap_or_else(|| "no message".into())
}
