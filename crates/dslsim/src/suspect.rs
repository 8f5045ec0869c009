//! What is legal in a model file as a whole, but suspect.
//!
//! [`unused_parameters`] is deliberately blind: a name counts as used if it stands anywhere else, in any file that was read, be it in a
//! string or as the attribute of something. So what it says is true, though it does not say all.

use std::collections::BTreeMap;

use dslsim_source::{Diagnostic, FileId, SourceMap, Span};
use dslsim_syntax::ast::{ExprKind, File, FileStatementKind};

/// Parameters that a file assigns, and that nothing uses.
pub(crate) fn unused_parameters(
    ast: &File,
    parameters: &[&str],
    sources: &SourceMap,
) -> Vec<Diagnostic> {
    let mut assigned: BTreeMap<&str, Vec<Span>> = BTreeMap::new();
    for statement in &ast.statements {
        let FileStatementKind::Assign { targets, .. } = &statement.kind else {
            continue;
        };
        for target in targets {
            if let ExprKind::Name(name) = &target.kind
                && parameters.contains(&name.as_str())
                && !name.starts_with('_')
            {
                assigned.entry(name).or_default().push(target.span);
            }
        }
    }
    let texts = texts(sources);
    let mut said: Vec<Diagnostic> = assigned
        .into_iter()
        .filter(|(name, places)| {
            let all: usize = texts.iter().map(|text| count(text, name)).sum();
            all <= places.len()
        })
        .filter_map(|(name, places)| {
            let place = places.first()?;
            let message = format!("the parameter `{name}` is never used");
            Some(
                Diagnostic::warning("unused-parameter", *place, message)
                    .help("remove it, or begin its name with `_`"),
            )
        })
        .collect();
    said.sort_by_key(|d| d.primary.span);
    said
}

/// The files that were read, without comments; arguments of the command line are none.
fn texts(sources: &SourceMap) -> Vec<String> {
    (0..)
        .map(FileId)
        .take_while(|file| !sources.name(*file).is_empty())
        .filter(|file| sources.name(*file) != "command line")
        .map(|file| {
            let text = sources.text(file);
            let lines = text.lines().map(|l| l.split('#').next().unwrap_or(""));
            lines.collect::<Vec<_>>().join("\n")
        })
        .collect()
}

/// How often a name stands in a text as a whole word.
fn count(text: &str, name: &str) -> usize {
    let word = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(name)
        .filter(|(at, _)| {
            let before = text.get(..*at).and_then(|t| t.chars().next_back());
            let after = text.get(at + name.len()..).and_then(|t| t.chars().next());
            !before.is_some_and(word) && !after.is_some_and(word)
        })
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_words() {
        assert_eq!(count("tau = 1\ntau_m = tau*2\nx.tau('tau')", "tau"), 4);
        assert_eq!(count("τ = 1; ττ = 2", "τ"), 1);
    }
}
