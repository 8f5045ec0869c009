//! What must hold for any bytes whatever: the bodies of the fuzz targets in `tests/fuzz`, which tests replay on all inputs kept.
//!
//! * [`parse`]: nothing panics, every place lies within the text, and printing what was parsed gives the same tree.
//! * [`check`]: checking a model panics on nothing, and every message can be shown in every form.
//! * [`simulate`]: nor does simulating it within tiny limits; the interpreter and machine code give the same bits.

use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use dslsim::{Backend, Files, Finished, Interpreter, Jit, Options, Progress};
use dslsim_source::{Diagnostics, FileId, MessageFormat, SourceMap, Span, Text, render};

use crate::arrays::{recorded, same_bits};

/// Longer inputs only cost time.
const LONGEST: usize = 20_000;

/// Memory of a model, in bytes.
const MEMORY: u64 = 16 << 20;

/// Wall time of a simulation, in seconds.
const SECONDS: f64 = 0.5;

/// Work of a simulation: steps times objects; what takes more is stopped.
struct Watch {
    left: u64,
    stop: Arc<std::sync::atomic::AtomicBool>,
}

impl Progress for Watch {
    fn begin(&mut self, _: f64) {}
    fn step(&mut self, done: u64, _: u64, _: f64) {
        if done >= self.left {
            self.stop.store(true, std::sync::atomic::Ordering::Relaxed);
        }
    }
    fn end(&mut self) {}
    fn print(&mut self, _: &str) {}
}

/// One model file, and no other.
struct Only<'a>(&'a str);

impl Files for Only<'_> {
    fn read(&self, _: &Path, name: &str) -> Result<(PathBuf, String), String> {
        if name == "model.eq" {
            Ok((PathBuf::from(name), self.0.to_owned()))
        } else {
            Err("no such file (not found)".into())
        }
    }

    fn bytes(&self, _: &Path, _: &str) -> Result<Vec<u8>, String> {
        Err("no such file (not found)".into())
    }
}

fn text(data: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(data).ok()?;
    (text.len() <= LONGEST).then_some(text)
}

fn within(span: Span, text: &str) -> bool {
    let (low, high) = (span.start as usize, span.end as usize);
    low <= high && text.is_char_boundary(low) && text.is_char_boundary(high)
}

/// All places of messages lie within the text, and all forms of all messages can be made.
///
/// # Panics
/// If not.
fn presentable(diagnostics: &Diagnostics, sources: &SourceMap, text: &str) {
    for d in diagnostics.iter() {
        for label in std::iter::once(&d.primary).chain(&d.secondary) {
            assert!(within(label.span, text), "{d:?}");
        }
        assert!(!d.message.is_empty() && !d.code.is_empty(), "{d:?}");
    }
    for format in [
        MessageFormat::Full,
        MessageFormat::Short,
        MessageFormat::Json,
    ] {
        let _ = render(diagnostics, sources, format, true);
    }
}

/// Reads the bytes as a file, and as each kind of string of a model.
///
/// # Panics
/// If something is wrong with dslsim.
pub fn parse(data: &[u8]) {
    let Some(text) = text(data) else { return };
    let mut sources = SourceMap::new();
    let file = sources.add("model.eq", text);
    let (_, said) = dslsim_syntax::parse_file(file, text);
    presentable(&said, &sources, text);
    let written = Text::verbatim(file, 0, text);
    let (expression, said) = dslsim_syntax::parse_expression(&written);
    presentable(&said, &sources, text);
    if said.is_empty() {
        same(
            &expression,
            dslsim_syntax::print_expr,
            dslsim_syntax::parse_expression,
            file,
        );
    }
    let (statements, said) = dslsim_syntax::parse_statements(&written);
    presentable(&said, &sources, text);
    if said.is_empty() {
        let all = |all: &Vec<_>| {
            all.iter()
                .map(dslsim_syntax::print_statement)
                .collect::<Vec<_>>()
                .join("\n")
        };
        same(&statements, all, dslsim_syntax::parse_statements, file);
    }
    let (equations, said) = dslsim_syntax::parse_equations(&written);
    presentable(&said, &sources, text);
    if said.is_empty() {
        let all = |all: &Vec<_>| {
            all.iter()
                .map(dslsim_syntax::print_equation)
                .collect::<Vec<_>>()
                .join("\n")
        };
        same(&equations, all, dslsim_syntax::parse_equations, file);
    }
    let (_, said) = dslsim_syntax::parse_generator(&written);
    presentable(&said, &sources, text);
}

/// What is printed parses without a message, and prints the same again.
///
/// # Panics
/// If not.
fn same<T>(
    tree: &T,
    print: impl Fn(&T) -> String,
    parse: impl Fn(&Text) -> (T, Diagnostics),
    file: FileId,
) {
    let once = print(tree);
    let (again, said) = parse(&Text::verbatim(file, 0, once.as_str()));
    assert!(
        said.is_empty(),
        "`{once}` was printed, and cannot be read: {said:?}"
    );
    assert_eq!(once, print(&again), "printed differently");
}

fn execute(text: &str, backend: Arc<dyn Backend>, check: bool) -> Finished {
    let stop = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let options = Options {
        check,
        point: !check,
        max_memory: Some(MEMORY),
        max_time: Some(SECONDS),
        strict: true,
        stop: stop.clone(),
        ..Options::new(backend)
    };
    let mut watch = Watch { left: 200, stop };
    let finished = dslsim::execute(Path::new("model.eq"), options, &Only(text), &mut watch);
    presentable(&finished.diagnostics, &finished.sources, text);
    finished
}

/// Checks the bytes as a model file.
///
/// # Panics
/// If something is wrong with dslsim.
pub fn check(data: &[u8]) {
    if let Some(text) = text(data) {
        execute(text, Arc::new(Interpreter), true);
    }
}

static JIT: LazyLock<Arc<Jit>> = LazyLock::new(|| {
    Arc::new(Jit::new().unwrap_or_else(|e| panic!("no code for this machine: {e}")))
});

/// Simulates the bytes as a model file, with both back ends, within tiny limits.
///
/// # Panics
/// If something is wrong with dslsim.
pub fn simulate(data: &[u8]) {
    let Some(text) = text(data) else { return };
    let checked = execute(text, Arc::new(Interpreter), true);
    if checked.diagnostics.has_errors() {
        return;
    }
    let meant = execute(text, Arc::new(Interpreter), false);
    let made = execute(text, JIT.clone(), false);
    if meant.interrupted.is_none() && made.interrupted.is_none() {
        let (meant, made) = (recorded(&meant.results), recorded(&made.results));
        if let Err(difference) = same_bits(&meant, &made) {
            panic!("the interpreter and machine code differ: {difference}");
        }
    }
}
