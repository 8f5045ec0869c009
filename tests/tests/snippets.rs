//! A model around each of the 87 snippets of Brian2's examples that a compatible language must accept: `snippets.txt`.
//!
//! Each begins with `## NUMBER KIND EXPECTED`, where what is expected is `runs` or `refused CODE`.

#![allow(clippy::panic, reason = "a test fails by a panic, in its helpers too")]

use std::fs;
use std::path::Path;

use dslsim_tests::{Ended, Setup, folder, run};

/// A model and what must become of it.
struct Snippet {
    number: usize,
    refused: Option<String>,
    model: String,
}

fn snippets() -> Vec<Snippet> {
    let path = folder("snippets.txt");
    let text = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let mut all: Vec<Snippet> = Vec::new();
    for line in text.lines() {
        if let Some(head) = line.strip_prefix("## ") {
            let words: Vec<&str> = head.split_whitespace().collect();
            let (number, refused) = match words.as_slice() {
                [number, _, "runs"] => (number, None),
                [number, _, "refused", code] => (number, Some((*code).to_owned())),
                _ => panic!("not the head of a snippet: {head}"),
            };
            all.push(Snippet {
                number: number.parse().unwrap_or_else(|e| panic!("{head}: {e}")),
                refused,
                model: "from brian2 import *\n".into(),
            });
        } else if let Some(last) = all.last_mut() {
            last.model += line;
            last.model.push('\n');
        }
    }
    all
}

fn wrong(snippet: &Snippet, setup: &Setup) -> Option<String> {
    let file = format!("snippet-{}.eq", snippet.number);
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(file);
    fs::write(&path, &snippet.model).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    match (&snippet.refused, run(&path, setup)) {
        (Some(code), Ended::Finished(finished)) => {
            let said: Vec<&str> = finished.diagnostics.iter().map(|d| d.code).collect();
            (!said.contains(&code.as_str())).then(|| format!("expected {code}, got {said:?}"))
        }
        (_, ended) => ended.done().err(),
    }
}

#[test]
fn every_snippet_becomes_what_is_expected() {
    let all = snippets();
    assert!(all.iter().map(|s| s.number).eq(1..=87));
    let mut failed = Vec::new();
    for snippet in &all {
        for (kind, setup) in [("jit", Setup::jit()), ("interpreter", Setup::interpreter())] {
            if let Some(why) = wrong(snippet, &setup) {
                failed.push(format!("{} ({kind}): {why}", snippet.number));
            }
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}
