//! Every model that the documentation shows is one: each block of `README.md` and of the pages in `docs/` that contains a
//! `run(…)` is checked. Blocks of several lines that only show a piece are not.

#![allow(clippy::panic, reason = "a test fails by a panic, in its helpers too")]

use std::fs;
use std::path::{Path, PathBuf};

use dslsim_tests::{Setup, folder, run};

/// Languages of blocks that hold models.
const LANGUAGES: [&str; 2] = ["python", "eq"];

/// The Markdown files in a folder and those below it.
fn pages(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = folder.read_dir() else {
        return;
    };
    for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
        if path.is_dir() {
            pages(&path, found);
        } else if path.extension().is_some_and(|e| e == "md") {
            found.push(path);
        }
    }
}

/// The models shown on a page, each with the number of the line before it.
fn models(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut block: Option<(usize, String, bool)> = None;
    for (number, line) in text.lines().enumerate() {
        match (&mut block, line.trim_start().strip_prefix("```")) {
            (None, Some(language)) => {
                block = Some((
                    number + 1,
                    String::new(),
                    LANGUAGES.contains(&language.trim()),
                ))
            }
            (Some(_), Some(_)) => {
                let is_model = |text: &str| text.lines().any(|line| line.starts_with("run("));
                found.extend(
                    block
                        .take()
                        .filter(|(_, text, model)| *model && is_model(text))
                        .map(|(at, text, _)| (at, text)),
                );
            }
            (Some((_, text, _)), None) => *text += &format!("{line}\n"),
            (None, None) => {}
        }
    }
    found
}

#[test]
fn every_model_shown_is_one() {
    let mut all = vec![folder("../README.md")];
    pages(&folder("../docs"), &mut all);
    all.sort();
    let mut wrong = Vec::new();
    for page in all {
        let text = fs::read_to_string(&page).unwrap_or_else(|e| panic!("{}: {e}", page.display()));
        let name = page.file_stem().unwrap_or_default().to_string_lossy();
        for (line, model) in models(&text) {
            let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{line}.eq"));
            fs::write(&path, model).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
            if let Err(error) = run(&path, &Setup::jit().check()).done() {
                wrong.push(format!(
                    "{}: the block at line {line}: {error}",
                    page.display()
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn blocks_are_found() {
    let page = "a\n```python\nrun(1*ms)\n```\n```sh\nrun(\n```\n```python\nx = 1\n```\n";
    assert_eq!(models(page), [(2, "run(1*ms)\n".to_owned())]);
}
