//! The pages of `docs/diagnostics`, which `dslsim explain` shows: every code of the sources has one, and every example is tried.
//!
//! An example marked `eq wrong` must give the code of its page and nothing else, one marked `eq` nothing at all. It is checked; if a
//! check finds nothing, it is run. One without `run` or `save` is completed by a short `run`, or by a `save` if it makes no objects;
//! the mark `whole` prevents that.

#![allow(clippy::panic, reason = "a test fails by a panic, in its helpers too")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use dslsim::explain::PAGES;
use dslsim_source::{Diagnostics, MessageFormat, render};
use dslsim_tests::{Ended, Setup, folder, run};

/// Words with a hyphen in the sources that are no codes.
const NO_CODES: [&str; 9] = [
    "clock-driven",
    "event-driven",
    "steps-mid",
    "steps-post",
    "steps-pre",
    "x-large",
    "x-small",
    "xx-large",
    "xx-small",
];

/// Codes without a hyphen: of notes about what has become of a run.
const NOTES: [&str; 2] = ["interrupted", "recorded"];

/// Codes that no model file shows by itself: they need a command line, another file, a full disk, or a mistake of ours.
const WITHOUT_EXAMPLE: [&str; 27] = [
    "cannot-draw",
    "cannot-write",
    "checkpoint-busy",
    "checkpoint-damaged",
    "checkpoint-file",
    "checkpoint-mismatch",
    "different-sweep",
    "internal-error",
    "interrupted",
    "nested-sweep",
    "no-backend",
    "not-yet",
    "nothing-saved",
    "nothing-to-resume",
    "nul-character",
    "parameter-mismatch",
    "points-failed",
    "recorded",
    "recordings-file",
    "run-failed",
    "store-file",
    "sweep-grid",
    "sweep-refused",
    "swept-model",
    "unknown-parameter",
    "unreadable-file",
    "wrong-usage",
];

/// The longest that a page may be, in lines.
const LINES: usize = 30;

/// All Rust files below a folder.
fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in folder.read_dir().into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

/// The codes in a source: literals of lower-case words joined by hyphens, and whatever `Diagnostic::error` or `warning` begins with.
fn codes(source: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let source = source.split("#[cfg(test)]").next().unwrap_or_default();
    let mut rest = source;
    while let Some(at) = rest.find('"') {
        let before = rest[..at].trim_end();
        let first = ["Diagnostic::error(", "Diagnostic::warning("]
            .iter()
            .any(|call| before.ends_with(call));
        rest = &rest[at + 1..];
        let word: &str = rest.split('"').next().unwrap_or_default();
        let is_code = word
            .split('-')
            .all(|part| !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase()));
        if is_code && (first || word.contains('-')) && !NO_CODES.contains(&word) {
            found.insert(word.to_owned());
        }
    }
    found
}

#[test]
fn every_code_has_a_page() {
    let mut files = Vec::new();
    for entry in folder("../crates")
        .read_dir()
        .into_iter()
        .flatten()
        .flatten()
    {
        sources(&entry.path().join("src"), &mut files);
    }
    let mut used: BTreeSet<String> = NOTES.map(str::to_owned).into();
    for path in files.iter().filter(|p| !p.ends_with("explain/table.rs")) {
        let text = fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        used.extend(codes(&text));
    }
    let paged: BTreeSet<String> = PAGES.iter().map(|p| p.code.to_owned()).collect();
    let missing: Vec<_> = used.difference(&paged).collect();
    assert!(
        missing.is_empty(),
        "no page in docs/diagnostics and crates/dslsim/src/explain/table.rs for {missing:?}"
    );
    let idle: Vec<_> = paged.difference(&used).collect();
    assert!(
        idle.is_empty(),
        "pages of codes that do not exist: {idle:?}"
    );

    let files: BTreeSet<String> = folder("../docs/diagnostics")
        .read_dir()
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| Some(entry.path().file_stem()?.to_str()?.to_owned()))
        .collect();
    assert_eq!(
        files, paged,
        "the files in docs/diagnostics, and the table of pages"
    );
}

/// An example.
struct Example {
    /// Whether it gives the code of its page.
    wrong: bool,
    /// The model, completed unless it is marked `whole`.
    model: String,
}

impl Example {
    /// `language` is what follows the opening fence; `None` if the block is no model.
    fn new(language: &str, shown: &str) -> Option<Example> {
        let mut marks = language.split_whitespace();
        if marks.next() != Some("eq") {
            return None;
        }
        let marks: Vec<&str> = marks.collect();
        let mut model = shown.to_owned();
        let ends = |line: &str| {
            line.starts_with("run(") || line.starts_with("save(") || line.contains(".run(")
        };
        if !marks.contains(&"whole") && !shown.lines().any(ends) {
            model += if shown.contains("Group(") {
                "run(1*ms)\n"
            } else {
                "save(done=1)\n"
            };
        }
        Some(Example {
            wrong: marks.contains(&"wrong"),
            model,
        })
    }
}

/// The examples of a page.
fn examples(text: &str) -> Vec<Example> {
    let mut found = Vec::new();
    let mut block: Option<(&str, String)> = None;
    for line in text.lines() {
        match (&mut block, line.strip_prefix("```")) {
            (None, Some(language)) => block = Some((language, String::new())),
            (Some((language, shown)), Some(_)) => {
                found.extend(Example::new(language, shown));
                block = None;
            }
            (Some((_, shown)), None) => *shown += &format!("{line}\n"),
            (None, None) => {}
        }
    }
    found
}

/// What is said about a model: the codes, and the messages.
fn said(path: &Path, check: bool, format: MessageFormat) -> (Vec<&'static str>, String) {
    let setup = Setup::interpreter();
    let ended = run(path, &if check { setup.check() } else { setup });
    let finished = match ended {
        Ended::Finished(finished) => finished,
        Ended::Panicked(what) => panic!("{}: {what}", path.display()),
        Ended::Hung(limit) => panic!("{}: still running after {limit:?}", path.display()),
    };
    let all: &Diagnostics = &finished.diagnostics;
    let text = render(all, &finished.sources, format, false);
    (all.iter().map(|d| d.code).collect(), text)
}

#[test]
fn examples_give_what_their_pages_say() {
    let mut problems = Vec::new();
    for page in PAGES {
        let lines = page.text.lines().count();
        if !page.text.starts_with(&format!("# {}\n\n", page.code)) || lines > LINES {
            problems.push(format!("{}: the heading, or {lines} lines", page.code));
        }
        let examples = examples(page.text);
        let wrongs = examples.iter().filter(|e| e.wrong).count();
        if WITHOUT_EXAMPLE.contains(&page.code) {
            continue;
        }
        if wrongs == 0 || wrongs == examples.len() {
            problems.push(format!(
                "{}: a wrong and a right example are needed",
                page.code
            ));
        }
        for (number, Example { wrong, model }) in examples.iter().enumerate() {
            let place =
                Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{}-{number}", page.code));
            let path = place.join("model.eq");
            let written = fs::create_dir_all(&place).and_then(|()| fs::write(&path, model));
            written.unwrap_or_else(|e| panic!("{}: {e}", path.display()));
            let (mut codes, mut text) = said(&path, true, MessageFormat::Short);
            if *wrong && codes.is_empty() {
                (codes, text) = said(&path, false, MessageFormat::Short);
            }
            codes.dedup();
            let fits = if *wrong {
                codes == [page.code]
            } else {
                codes.is_empty()
            };
            if !fits {
                let kind = if *wrong { "wrong" } else { "right" };
                problems.push(format!(
                    "{}: the {kind} example gives {codes:?}\n{text}",
                    page.code
                ));
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn messages_are_what_the_comparison_says() {
    let page = folder("../docs/messages.md");
    let text = fs::read_to_string(&page).unwrap_or_else(|e| panic!("{}: {e}", page.display()));
    let mut told: Vec<String> = Vec::new();
    let mut rest = text.as_str();
    while let Some((_, from)) = rest.split_once("\n```text dslsim\n") {
        let (message, after) = from.split_once("\n```\n").unwrap_or((from, ""));
        told.push(message.to_owned());
        rest = after;
    }
    let models = examples(&text);
    assert_eq!((models.len(), told.len()), (10, 10));
    for (number, (example, expected)) in models.iter().zip(told).enumerate() {
        let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("messages-{number}"));
        let path = place.join("model.eq");
        let written = fs::create_dir_all(&place).and_then(|()| fs::write(&path, &example.model));
        written.unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let (codes, mut text) = said(&path, true, MessageFormat::Full);
        if codes.is_empty() {
            text = said(&path, false, MessageFormat::Full).1;
        }
        let shown = text.replace(&path.to_string_lossy().into_owned(), "model.eq");
        assert_eq!(
            shown.trim_end(),
            expected,
            "the message {} of docs/messages.md",
            number + 1
        );
    }
}
