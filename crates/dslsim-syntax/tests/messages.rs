//! What is said about what cannot be read: the bad models, and tables of single mistakes.
//!
//! Snapshots: `INSTA_UPDATE=always cargo test` writes them anew; read the difference before committing it.

mod common;

use common::{Role, canonical, check, short};
use dslsim_source::{FileId, Text};

#[test]
fn bad_models() {
    let mut paths: Vec<_> = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/bad"))
        .unwrap()
        .map(|e| e.unwrap().path())
        .collect();
    paths.sort();
    let mut out = String::new();
    for path in paths {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let source = std::fs::read_to_string(&path).unwrap();
        out += &format!("# {name}\n{}", short(&name, &source, &check(&source)));
    }
    insta::assert_snapshot!(out);
}

/// Every case of a table, with what is read and said.
fn table(cases: &str, read: impl Fn(&str) -> (Vec<String>, dslsim_source::Diagnostics)) -> String {
    let mut out = String::new();
    for case in cases.split("\n---\n") {
        let case = case.trim_end_matches('\n');
        let (found, said) = read(case);
        out += &format!("{case}\n");
        out += &found
            .iter()
            .map(|f| format!("    => {f}\n"))
            .collect::<String>();
        out += &short("", case, &said)
            .lines()
            .map(|l| format!("    {}\n", l.trim_start_matches("<unknown>:")))
            .collect::<String>();
        out += "---\n";
    }
    out
}

fn strings(role: Role, cases: &str) -> String {
    table(cases, |case| {
        canonical(role, &Text::verbatim(FileId(0), 0, case))
    })
}

#[test]
fn expressions() {
    insta::assert_snapshot!(strings(
        Role::Expression,
        include_str!("cases/expressions.txt")
    ));
}

#[test]
fn statements() {
    insta::assert_snapshot!(strings(
        Role::Statements,
        include_str!("cases/statements.txt")
    ));
}

#[test]
fn equations() {
    insta::assert_snapshot!(strings(
        Role::Equations,
        include_str!("cases/equations.txt")
    ));
}

#[test]
fn generators() {
    insta::assert_snapshot!(strings(
        Role::Generator,
        include_str!("cases/generators.txt")
    ));
}

#[test]
fn files() {
    use dslsim_syntax::ast::FileStatementKind as Kind;
    use dslsim_syntax::{parse_file, print_expr};
    let read = |case: &str| {
        let (file, said) = parse_file(FileId(0), case);
        let shown = file.statements.iter().map(|s| match &s.kind {
            Kind::Import(import) => format!("import {}", import.module.name),
            Kind::Assign { targets, value } => format!(
                "{} = {}",
                targets
                    .iter()
                    .map(print_expr)
                    .collect::<Vec<_>>()
                    .join(" = "),
                print_expr(value)
            ),
            Kind::Update { target, op, value } => {
                format!("{} {op:?} {}", print_expr(target), print_expr(value))
            }
            Kind::Expr(expr) => print_expr(expr),
            other => format!("{other:?}"),
        });
        (shown.collect(), said)
    };
    insta::assert_snapshot!(table(include_str!("cases/files.txt"), read));
}
