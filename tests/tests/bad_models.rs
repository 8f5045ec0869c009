//! What is said about models with mistakes: the contract of `bad-models/README.md`, as `bad-models/check.py` judges it.
//!
//! Each case is one test: the words expected at the places expected, in the short messages, within ten seconds, without a
//! panic. The full form of the messages is compared with a snapshot below `snapshots/bad-models`, which holds the model, too: who
//! reads it sees what a user sees. After a change of a message, `INSTA_UPDATE=always cargo test -p dslsim-tests --test bad_models`
//! writes the snapshots anew, and their difference is read before it is committed.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use dslsim_source::{MessageFormat, render};
use dslsim_tests::{Ended, Pending, Setup, cases, folder, run};
use libtest_mimic::{Arguments, Failed, Trial};

/// Cases whose message is not what it should be.
const NOT_YET: Pending = Pending(&[]);

/// Where the snapshots are.
const SNAPSHOTS: &str = "tests/snapshots/bad-models";

/// The longest that a case may take.
const LIMIT: Duration = Duration::from_secs(10);

/// A place: a file if it is not the case's own, a line, a column unless any will do.
#[derive(Clone, Debug, PartialEq)]
struct Place {
    file: Option<String>,
    line: usize,
    column: Option<usize>,
}

impl Place {
    /// `7`, `7:12` or `parts/x.eq:7:12`.
    fn parse(text: &str) -> Option<Place> {
        let (file, rest) = match text.find(".eq:") {
            Some(k) => (Some(text[..k + 3].to_owned()), &text[k + 4..]),
            None => (None, text),
        };
        let (line, column) = match rest.split_once(':') {
            Some((line, column)) => (line, Some(column.parse().ok()?)),
            None => (rest, None),
        };
        Some(Place {
            file,
            line: line.parse().ok()?,
            column,
        })
    }

    fn shown(&self) -> String {
        let file = self
            .file
            .as_ref()
            .map(|f| format!("{f}:"))
            .unwrap_or_default();
        let column = self.column.map(|c| format!(":{c}")).unwrap_or_default();
        format!("{file}{}{column}", self.line)
    }
}

/// The head of a case.
#[derive(Debug, Default)]
struct Expected {
    /// `error`, `warning`, `ok`
    outcomes: Vec<String>,
    /// Only checked, not run.
    check: bool,
    /// For each mistake, the places that may be named.
    at: Vec<Vec<Place>>,
    /// For each fact, the words that may tell it.
    says: Vec<Vec<String>>,
}

impl Expected {
    fn parse(text: &str) -> Option<Expected> {
        let mut expected = Expected::default();
        let mut phase = None;
        for line in text.lines() {
            let field = line.strip_prefix('#').and_then(|line| line.split_once(':'));
            let Some((name, value)) = field else { break };
            let parts: Vec<String> = value
                .trim()
                .split(" | ")
                .map(|part| part.trim().to_owned())
                .filter(|part| !part.is_empty())
                .collect();
            match name.trim() {
                "expect" => expected.outcomes = parts,
                "phase" => phase = Some(value.trim() == "check"),
                "at" => expected.at.push(
                    parts
                        .iter()
                        .map(|part| Place::parse(part))
                        .collect::<Option<_>>()?,
                ),
                "says" => expected.says.push(parts),
                "note" => {}
                _ => break,
            }
        }
        expected.check = phase?;
        if expected.outcomes.is_empty() {
            None
        } else {
            Some(expected)
        }
    }

    fn allows(&self, outcome: &str) -> bool {
        self.outcomes.iter().any(|o| o == outcome)
    }
}

/// A short message.
#[derive(Debug, PartialEq)]
struct Message {
    file: String,
    line: usize,
    column: usize,
    error: bool,
    text: String,
}

impl Message {
    /// `FILE:LINE:COL: error[code]: message`
    fn parse(line: &str) -> Option<Message> {
        let (error, start) = match (line.find(": error["), line.find(": warning[")) {
            (Some(e), Some(w)) => (e < w, e.min(w)),
            (Some(e), None) => (true, e),
            (None, Some(w)) => (false, w),
            (None, None) => return None,
        };
        let (_, text) = line[start..].split_once("]: ")?;
        let mut place = line[..start].rsplitn(3, ':');
        let column = place.next()?.parse().ok()?;
        let line = place.next()?.parse().ok()?;
        Some(Message {
            file: place.next()?.to_owned(),
            line,
            column,
            error,
            text: text.to_owned(),
        })
    }

    fn is_at(&self, place: &Place, case: &str) -> bool {
        let name = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
        let expected = place
            .file
            .as_ref()
            .map_or_else(|| format!("{case}.eq"), |file| name(file));
        name(&self.file) == expected
            && self.line == place.line
            && place.column.is_none_or(|c| c == self.column)
    }
}

/// Whether the text holds this word, upper or lower case. A word in double quotes must stand alone.
fn holds(text: &str, word: &str) -> bool {
    let text = text.to_lowercase();
    let quoted = word
        .strip_prefix('"')
        .and_then(|word| word.strip_suffix('"'))
        .filter(|word| !word.is_empty());
    let Some(word) = quoted else {
        return text.contains(&word.to_lowercase());
    };
    let part_of_word = |c: char| c.is_alphanumeric() || c == '_';
    let alone = |at: usize, word: &str| {
        let before = text[..at].chars().next_back();
        let after = text[at + word.len()..].chars().next();
        !before.is_some_and(part_of_word) && !after.is_some_and(part_of_word)
    };
    let word = word.to_lowercase();
    text.match_indices(&word).any(|(at, word)| alone(at, word))
}

/// What is wrong with these messages.
fn judge(case: &str, expected: &Expected, messages: &[Message]) -> Vec<String> {
    let wanted = expected.outcomes.join(" or ");
    let errors: Vec<&Message> = messages.iter().filter(|m| m.error).collect();
    let relevant: Vec<&Message> = if let Some(first) = errors.first() {
        if !expected.allows("error") {
            return vec![format!(
                "refused, but expected: {wanted}; it says {}:{}: {}",
                first.line, first.column, first.text
            )];
        }
        if expected.allows("warning") {
            messages.iter().collect()
        } else {
            errors
        }
    } else if expected.allows("ok") {
        return Vec::new();
    } else if !expected.allows("warning") {
        return vec!["accepted, but expected: error".into()];
    } else if messages.is_empty() {
        return vec![format!("accepted without a word, but expected: {wanted}")];
    } else {
        messages.iter().collect()
    };

    let mut problems = Vec::new();
    let mut matched: Vec<&Message> = Vec::new();
    for places in &expected.at {
        let here: Vec<&Message> = relevant
            .iter()
            .copied()
            .filter(|m| places.iter().any(|place| m.is_at(place, case)))
            .collect();
        if here.is_empty() {
            let places: Vec<String> = places.iter().map(Place::shown).collect();
            problems.push(format!("nothing at {}", places.join(" | ")));
        }
        for message in here {
            if !matched.contains(&message) {
                matched.push(message);
            }
        }
    }
    let from = if matched.is_empty() {
        &relevant
    } else {
        &matched
    };
    let text = from
        .iter()
        .map(|m| m.text.as_str())
        .collect::<Vec<_>>()
        .join("\n");
    for words in &expected.says {
        if !words.iter().any(|word| holds(&text, word)) {
            problems.push(format!("does not say {}", words.join(" | ")));
        }
    }
    if !problems.is_empty() {
        problems.extend(
            relevant
                .iter()
                .map(|m| format!("  it says {}:{}: {}", m.line, m.column, m.text)),
        );
    }
    problems
}

/// A model and what is said about it, in the full form, with the names of files as seen from the folder of the cases.
fn shown(path: &Path, messages: &str) -> Result<String, Failed> {
    let model = fs::read(path)?;
    let folder = format!("{}/", folder("bad-models").display());
    let messages = messages.replace(&folder, "");
    let messages = match messages.trim_end() {
        "" => "nothing is said",
        messages => messages,
    };
    let model = String::from_utf8_lossy(&model);
    let mut all: String = model
        .trim_end()
        .lines()
        .map(|l| format!("{}\n", cut(l)))
        .collect();
    all.push_str(&"─".repeat(100));
    all.push('\n');
    all.push_str(messages);
    Ok(all)
}

/// A line, or as much of it as a reader wants to see.
fn cut(line: &str) -> String {
    const LONGEST: usize = 400;
    let count = line.chars().count();
    if count <= LONGEST {
        return line.to_owned();
    }
    let start: String = line.chars().take(LONGEST).collect();
    format!("{start}… ({} more characters)", count - LONGEST)
}

/// Compares with the snapshot of the case; fails also if there is none.
fn compare(name: &str, shown: &str) -> Result<(), Failed> {
    let mut settings = insta::Settings::new();
    settings.set_snapshot_path(folder(SNAPSHOTS));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    catch_unwind(AssertUnwindSafe(|| {
        settings.bind(|| insta::assert_snapshot!(name, shown));
    }))
    .map_err(|_| "the messages are not those of the snapshot".into())
}

/// Every snapshot is of a case.
fn snapshots_have_cases(names: &[String]) -> Result<(), Failed> {
    for entry in folder(SNAPSHOTS).read_dir()? {
        let path = entry?.path();
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        if path.extension().is_some_and(|e| e == "snap") && !names.iter().any(|n| *n == name) {
            return Err(format!("{}: no such case", path.display()).into());
        }
    }
    Ok(())
}

fn check(name: &str, path: &Path) -> Result<(), Failed> {
    let beside = path.with_extension("expect");
    let head = fs::read(if beside.exists() { &beside } else { path })?;
    let expected = Expected::parse(&String::from_utf8_lossy(&head))
        .ok_or("the head needs `# expect:` and `# phase:`")?;
    let setup = Setup::jit().limit(LIMIT);
    let finished = match run(path, &if expected.check { setup.check() } else { setup }) {
        Ended::Finished(finished) => finished,
        Ended::Panicked(what) => return Err(format!("panic: {what}").into()),
        Ended::Hung(limit) => return Err(format!("still running after {limit:?}").into()),
    };
    let printed = render(
        &finished.diagnostics,
        &finished.sources,
        MessageFormat::Short,
        false,
    );
    let messages: Vec<Message> = printed.lines().filter_map(Message::parse).collect();
    if messages.len() != printed.lines().count() {
        return Err(
            format!("not of the form FILE:LINE:COL: error[code]: message:\n{printed}").into(),
        );
    }
    let problems = judge(name, &expected, &messages);
    let full = render(
        &finished.diagnostics,
        &finished.sources,
        MessageFormat::Full,
        false,
    );
    let full = shown(path, &full)?;
    match (problems.is_empty(), NOT_YET.missing(name)) {
        (true, None) | (false, Some(_)) => compare(name, &full),
        (true, Some(_)) => Err("passes now: take it out of NOT_YET".into()),
        (false, None) => Err(problems.join("\n").into()),
    }
}

/// The judge itself.
fn judges() -> Result<(), Failed> {
    let place = Place::parse("parts/x.eq:7:12").ok_or("a place")?;
    let message = Message::parse(
        "/a b/parts/x.eq:7:12: error[unknown-name]: no `taum`; did you mean `tau_m`?",
    )
    .ok_or("a message")?;
    assert!(message.is_at(&place, "case") && message.error);
    assert_eq!(
        Message::parse("x.eq:1:2: warning[w]: [a]: b")
            .map(|m| m.text)
            .as_deref(),
        Some("[a]: b")
    );
    assert!(!message.is_at(
        &Place {
            column: Some(11),
            ..place
        },
        "case"
    ));
    assert!(
        holds(&message.text, "\"taum\"")
            && holds(&message.text, "TAU")
            && !holds(&message.text, "\"tau\"")
    );
    let expected =
        Expected::parse("# expect: error\n# at: 2:3 | 2:4\n# says: \"tau_m\"\n# phase: check\n")
            .ok_or("a head")?;
    let said = |line: &str| {
        judge(
            "x",
            &expected,
            &Message::parse(line).into_iter().collect::<Vec<_>>(),
        )
        .is_empty()
    };
    assert!(said("x.eq:2:4: error[c]: `tau_m`"));
    for wrong in [
        "x.eq:2:5: error[c]: `tau_m`",
        "y.eq:2:4: error[c]: `tau_m`",
        "x.eq:2:4: warning[c]: `tau_m`",
        "x.eq:2:4: error[c]: `tau`",
        "",
    ] {
        assert!(!said(wrong), "{wrong}");
    }
    Ok(())
}

fn main() -> ExitCode {
    let models = cases(&folder("bad-models"));
    let names: Vec<String> = models.iter().map(|(name, _)| name.clone()).collect();
    let known = names.clone();
    let mut trials = vec![
        Trial::test("the judge", judges),
        Trial::test("every snapshot is of a case", move || {
            snapshots_have_cases(&known)
        }),
        Trial::test(
            "the list of what is missing names models",
            move || match NOT_YET.unknown(&names).as_slice() {
                [] => Ok(()),
                unknown => Err(format!("no such models: {unknown:?}").into()),
            },
        ),
    ];
    for (name, path) in models {
        let state = NOT_YET.missing(&name).map_or("", |_| " (not yet)");
        trials.push(Trial::test(format!("{name}{state}"), move || {
            check(&name, &path)
        }));
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}
