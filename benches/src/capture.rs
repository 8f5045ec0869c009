//! The kernels of a model as dslsim makes them, and the state that they work on in the middle of a run.

use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use dslsim::{Backend, BackendError, Disk, Finished, Jit, Options, Progress};
use dslsim_ir::kernel::ArrayInput;
use dslsim_ir::{ArrayId, Code, Frame, IndexId, Memo, Store, ValidKernel};

use crate::measure::now;

/// A kernel at one moment of a run.
#[derive(Clone)]
pub struct Captured {
    /// The kernel.
    pub kernel: ValidKernel,
    /// The arrays before it was executed.
    pub store: Store,
    /// Its scalars.
    pub scalars: Vec<f64>,
    /// Number of elements.
    pub n: usize,
}

impl Captured {
    /// An array of the kernel by the name of its variable.
    pub fn array(&self, name: &str) -> Option<ArrayId> {
        self.kernel
            .kernel()
            .arrays
            .iter()
            .find(|a| a.name == name)
            .map(|a| a.array)
    }

    /// All values of such an array; none if there is no such array.
    pub fn values(&self, name: &str) -> Vec<f64> {
        self.array(name)
            .map(|a| self.store.to_vec(a))
            .unwrap_or_default()
    }

    /// The first index table of the kernel.
    pub fn table(&self) -> Vec<u32> {
        self.kernel
            .kernel()
            .indices
            .first()
            .map(|t| self.store.table(*t).to_vec())
            .unwrap_or_default()
    }

    /// Executes it once on another store of the same shape; `memo` belongs to this kernel and this code.
    pub fn run(&self, code: &dyn Code, store: &mut Store, emit: &mut Vec<u32>, memo: &mut Memo) {
        let kernel = self.kernel.kernel();
        let mut frame = Frame {
            store,
            scalars: &self.scalars,
            range: 0..self.n,
            list: &[],
            emit,
            memo,
        };
        code.run(&kernel.arrays, &kernel.indices, &mut frame);
    }
}

/// Keeps what it is given to compile.
struct Recorder {
    inner: Jit,
    after: usize,
    kept: Arc<Mutex<Vec<Captured>>>,
}

/// Executable code that keeps its state once.
struct Tap {
    code: Arc<dyn Code>,
    kernel: ValidKernel,
    left: AtomicUsize,
    kept: Arc<Mutex<Vec<Captured>>>,
}

impl Backend for Recorder {
    fn name(&self) -> &'static str {
        "recorder"
    }

    fn compile(&self, kernels: &[&ValidKernel]) -> Result<Vec<Arc<dyn Code>>, BackendError> {
        let tap = |(code, kernel): (Arc<dyn Code>, &&ValidKernel)| -> Arc<dyn Code> {
            Arc::new(Tap {
                code,
                kernel: (*kernel).clone(),
                left: AtomicUsize::new(self.after),
                kept: self.kept.clone(),
            })
        };
        Ok(self
            .inner
            .compile(kernels)?
            .into_iter()
            .zip(kernels)
            .map(tap)
            .collect())
    }
}

impl Code for Tap {
    fn run(&self, arrays: &[ArrayInput], indices: &[IndexId], frame: &mut Frame<'_>) {
        // Code serves several kernels of the same form; what is kept is the one that it was made for.
        let kernel = self.kernel.kernel();
        let own = kernel.arrays == arrays && kernel.indices == indices && frame.list.is_empty();
        if own && self.left.fetch_sub(1, Ordering::Relaxed) == 1 {
            let captured = Captured {
                kernel: self.kernel.clone(),
                store: frame.store.clone(),
                scalars: frame.scalars.to_vec(),
                n: frame.range.end,
            };
            self.kept
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(captured);
        }
        self.code.run(arrays, indices, frame);
    }
}

/// Measures the runs of a model, and is silent.
#[derive(Debug, Default)]
pub struct Meter {
    begun: f64,
    /// CPU seconds spent in runs.
    pub seconds: f64,
}

impl Progress for Meter {
    fn begin(&mut self, _: f64) {
        self.begun = now();
    }
    fn step(&mut self, _: u64, _: u64, _: f64) {}
    fn end(&mut self) {
        self.seconds += now() - self.begun;
    }
    fn print(&mut self, _: &str) {}
}

/// The file of a model.
pub fn model(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../models")
        .join(name)
        .with_extension("eq")
}

/// What a run is given.
pub fn options(backend: Arc<dyn Backend>, settings: &[(&str, &str)]) -> Options {
    Options {
        settings: settings
            .iter()
            .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()))
            .collect(),
        ..Options::new(backend)
    }
}

/// Executes a model; also the CPU seconds of its runs.
///
/// # Errors
/// What dslsim has to say.
pub fn execute(name: &str, options: Options) -> Result<(Finished, f64), String> {
    let mut meter = Meter::default();
    let finished = dslsim::execute(&model(name), options, &Disk, &mut meter);
    if finished.diagnostics.has_errors() {
        return Err(format!("{name}: {}", dslsim_said(&finished)));
    }
    Ok((finished, meter.seconds))
}

fn dslsim_said(finished: &Finished) -> String {
    finished
        .diagnostics
        .iter()
        .map(|d| d.message.clone())
        .collect::<Vec<_>>()
        .join("; ")
}

/// The kernels over whole groups of a model, each before its execution number `after`.
///
/// # Errors
/// If the model does not run.
pub fn kernels(
    name: &str,
    settings: &[(&str, &str)],
    after: usize,
    strict: bool,
) -> Result<Vec<Captured>, String> {
    let inner = Jit::new().map_err(|e| e.to_string())?;
    let kept = Arc::new(Mutex::new(Vec::new()));
    let recorder = Recorder {
        inner,
        after,
        kept: kept.clone(),
    };
    execute(
        name,
        Options {
            strict,
            ..options(Arc::new(recorder), settings)
        },
    )?;
    let mut all = kept.lock().unwrap_or_else(PoisonError::into_inner);
    Ok(std::mem::take(&mut *all))
}
