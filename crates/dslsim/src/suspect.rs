//! What is legal in a model file as a whole, but suspect.
//!
//! [`set_twice`] looks at statements that follow each other, and only at values of which it knows that they read nothing.
//! [`unused_parameters`] is deliberately blind: a name counts as used if it stands anywhere else, in any file that was read, be it in a
//! string or as the attribute of something. So what it says is true, though it does not say all.

use std::collections::BTreeMap;

use dslsim_source::{Diagnostic, FileId, SourceMap, Span};
use dslsim_syntax::ast::{Expr, ExprKind, File, FileStatementKind};

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

/// Variables of objects that are set as a whole, and once more before anything can have read them.
pub(crate) fn set_twice(ast: &File) -> Vec<Diagnostic> {
    let mut said = Vec::new();
    // What has been set since the last statement that might read: object, variable, place.
    let mut fresh: Vec<(&str, &str, Span)> = Vec::new();
    for statement in &ast.statements {
        let set = match &statement.kind {
            FileStatementKind::Magic | FileStatementKind::Pass => continue,
            FileStatementKind::Assign { targets, value } if reads_nothing(value) => {
                match &targets[..] {
                    // A number of the script, not another object under a name that is used here.
                    [one] if matches!(&one.kind, ExprKind::Name(n) if fresh.iter().all(|f| f.0 != n)) =>
                    {
                        continue;
                    }
                    [one] => whole(one),
                    _ => None,
                }
            }
            _ => None,
        };
        let Some((object, variable, place)) = set else {
            fresh.clear();
            continue;
        };
        let same = |f: &&mut (&str, &str, Span)| f.0 == object && f.1 == variable;
        match fresh.iter_mut().find(same) {
            Some(first) => {
                let message = format!(
                    "`{variable}` of `{object}` is set here and again before anything reads it"
                );
                said.push(
                    Diagnostic::warning("set-twice", first.2, message)
                        .also(place, "set again here")
                        .help("remove one of the two, or set the variable that was meant"),
                );
                first.2 = place;
            }
            None => fresh.push((object, variable, place)),
        }
    }
    said
}

/// `G.v`: object, variable, place.
fn whole(target: &Expr) -> Option<(&str, &str, Span)> {
    match &target.kind {
        ExprKind::Attribute(object, name) => match &object.kind {
            ExprKind::Name(object) => Some((object, &name.name, target.span)),
            _ => None,
        },
        _ => None,
    }
}

/// Whether a value can be computed without looking at the variables of objects.
fn reads_nothing(value: &Expr) -> bool {
    let known = |word: &str| {
        matches!(word, "i" | "j" | "N")
            || dslsim_model::functions::lookup(word).is_some()
            || dslsim_model::functions::constant(word).is_some()
            || dslsim_units::lookup(word).is_some()
    };
    match &value.kind {
        ExprKind::Int(_) | ExprKind::Float(_) | ExprKind::Bool(_) | ExprKind::Name(_) => true,
        ExprKind::Str(text) => words(text.as_str()).all(known),
        ExprKind::Unary(_, a) => reads_nothing(a),
        ExprKind::Binary(_, a, b) => reads_nothing(a) && reads_nothing(b),
        ExprKind::List(all) | ExprKind::Tuple(all) => all.iter().all(reads_nothing),
        _ => false,
    }
}

/// The names in the text of an expression.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '.'))
        .filter(|word| {
            word.chars()
                .next()
                .is_some_and(|c| c.is_alphabetic() || c == '_')
        })
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
    fn only_what_nothing_can_have_read_is_set_twice() {
        let places = |text: &str| -> Vec<u32> {
            let (ast, _) = dslsim_syntax::parse_file(FileId(0), text);
            let said = set_twice(&ast);
            said.iter().map(|d| d.primary.span.start).collect()
        };
        assert_eq!(
            places("G.v = 1\nx = 3\nG.w = 'rand()*mV'\nG.v = 2*x\n"),
            [0]
        );
        assert_eq!(places("G.v = 1\nG.v = 2\nG.v = 3\n"), [0, 8]);
        for read in [
            "run(1*ms)",
            "G.w = 'v'",
            "G.w = 'u + 1'",
            "G.w = H.w",
            "x = G.v[:]",
            "G = H",
            "G = NeuronGroup(1, 'v : 1')",
            "S.connect()",
            "G.v[0] = 3",
            "G.v *= 2",
        ] {
            assert!(
                places(&format!("G.v = 1\n{read}\nG.v = 2\n")).is_empty(),
                "{read}"
            );
        }
        assert!(places("G.v = 1\nG.v = 'v + 1'\n").is_empty());
        assert!(places("G.v = 1\nG.v = G.v + 1\n").is_empty());
        assert!(places("G.v = 1\nH.v = 2\nG[0].v = 2\n").is_empty());
    }

    #[test]
    fn names_are_words() {
        assert_eq!(count("tau = 1\ntau_m = tau*2\nx.tau('tau')", "tau"), 4);
        assert_eq!(count("τ = 1; ττ = 2", "τ"), 1);
    }
}
