//! What `docs/features.md` says is so: the models it names are there and pass, and what it calls refused is refused with that code.

#![allow(clippy::panic, reason = "a test fails by a panic, in its helpers too")]

use std::fs;
use std::path::Path;

use dslsim_tests::{Ended, Setup, folder, run};

/// The cells of each row of the page's tables.
fn rows(text: &str) -> Vec<Vec<String>> {
    text.lines()
        .filter(|l| l.starts_with('|') && !l.starts_with("| ---") && !l.starts_with("| Feature"))
        .map(|l| {
            let inner = l.trim_matches('|');
            inner.split(" | ").map(|c| c.trim().to_owned()).collect()
        })
        .collect()
}

/// Whether the test tables call a model not yet right.
fn pending(table: &str, name: &str) -> bool {
    let path = folder("tests").join(format!("{table}.rs"));
    let text = fs::read_to_string(&path).unwrap_or_default();
    text.contains(&format!("(\"{name}\","))
}

fn shown(cell: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    for word in cell.split_whitespace() {
        let there = match word.split_once('/') {
            Some(("conformance", name)) => {
                let model = folder("conformance/models").join(format!("{name}.eq"));
                model.exists() && !pending("conformance", name)
            }
            Some(("reference", name)) => {
                folder("reference").join(format!("{name}.eq")).exists()
                    && !pending("reference", name)
            }
            Some(("snippet", number)) => {
                let text = fs::read_to_string(folder("snippets.txt")).unwrap_or_default();
                text.lines()
                    .any(|l| l.starts_with(&format!("## {number} ")))
            }
            _ => false,
        };
        if !there {
            wrong.push(word.to_owned());
        }
    }
    wrong
}

fn refused(lines: &str, code: &str, number: usize) -> Result<(), String> {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("feature-{number}.eq"));
    let model = format!(
        "from brian2 import *\n{}\nrun(1*ms)\n",
        lines.replace("; ", "\n")
    );
    fs::write(&path, model).map_err(|e| e.to_string())?;
    match run(&path, &Setup::jit().check()) {
        Ended::Finished(finished) => {
            let said: Vec<&str> = finished.diagnostics.iter().map(|d| d.code).collect();
            if said.contains(&code) {
                Ok(())
            } else {
                Err(format!("`{lines}`: expected {code}, got {said:?}"))
            }
        }
        other => other.done().map(|_| ()),
    }
}

#[test]
fn the_page_is_true() {
    let path = folder("../docs/features.md");
    let text = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let rows = rows(&text);
    assert!(rows.len() > 60, "{} rows", rows.len());
    let mut wrong = Vec::new();
    for (number, row) in rows.iter().enumerate() {
        let [_, status, by] = row.as_slice() else {
            wrong.push(format!("{row:?} does not have three cells"));
            continue;
        };
        let code = status
            .strip_prefix("refused (")
            .and_then(|s| s.strip_suffix(')'));
        match (code, by.strip_prefix('`').and_then(|b| b.strip_suffix('`'))) {
            (Some(code), Some(lines)) => wrong.extend(refused(lines, code, number).err()),
            _ => wrong.extend(shown(by).into_iter().map(|w| format!("{row:?}: {w}"))),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
