//! Printing is the inverse of parsing: of random trees (expressions, statements, equations) and of every model file of the
//! project. What is printed is read without a message as the same tree up to places, and prints the same once more.
//!
//! `DSLSIM_TREES` is the number of random trees of each kind.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by a panic, in its helpers too"
)]

mod common;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use common::{Role, canonical, shape, short, strings};
use dslsim_source::{Diagnostics, FileId, Span, Text};
use dslsim_syntax::ast::{
    Arg, AssignOp, BinaryOp, CompareOp, Equation, EquationForm, Expr, ExprKind, FPart,
    FileStatementKind, Ident, Statement, Subscript, UnaryOp, UnitSlot, UnitSlotKind,
};
use dslsim_syntax::{
    parse_equations, parse_expression, parse_file, parse_statements, print_equation, print_expr,
    print_statement,
};
use proptest::prelude::*;

const SPAN: Span = Span {
    file: FileId(0),
    start: 0,
    end: 0,
};

const BINARY: [BinaryOp; 13] = [
    BinaryOp::Add,
    BinaryOp::Sub,
    BinaryOp::Mul,
    BinaryOp::Div,
    BinaryOp::FloorDiv,
    BinaryOp::Mod,
    BinaryOp::Pow,
    BinaryOp::MatMul,
    BinaryOp::BitAnd,
    BinaryOp::BitOr,
    BinaryOp::BitXor,
    BinaryOp::ShiftLeft,
    BinaryOp::ShiftRight,
];

const COMPARE: [CompareOp; 10] = [
    CompareOp::Lt,
    CompareOp::Le,
    CompareOp::Gt,
    CompareOp::Ge,
    CompareOp::Eq,
    CompareOp::Ne,
    CompareOp::In,
    CompareOp::NotIn,
    CompareOp::Is,
    CompareOp::IsNot,
];

fn cases() -> ProptestConfig {
    let number = std::env::var("DSLSIM_TREES").map_or(3_000, |n| n.parse().unwrap());
    ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(number)
    }
}

fn expr(kind: ExprKind) -> Expr {
    Expr { kind, span: SPAN }
}

fn ident(name: String) -> Ident {
    Ident { name, span: SPAN }
}

const KEYWORDS: &[&str] = &[
    "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del", "elif",
    "else", "except", "for", "from", "global", "if", "import", "in", "is", "lambda", "nonlocal",
    "not", "or", "pass", "raise", "return", "try", "while", "with", "yield",
];

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-zA-Z_τφ][a-zA-Z0-9_β]{0,5}",
        prop::sample::select(vec![
            "d", "dt", "dv", "e", "j", "inf", "f", "r", "b", "not_", "i_f"
        ])
        .prop_map(str::to_owned),
    ]
    .prop_filter("a keyword", |n| !KEYWORDS.contains(&n.as_str()))
}

/// Characters of strings, awkward ones often.
fn characters() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        3 => "[ -~]{1,4}",
        2 => prop::sample::select(vec![
            "'", "\"", "\\", "\n", "\r\n", "\t", "\0", "{", "}", "#", "'''", "\"\"\"", "\\n", "\\N", ":", "τ", "‘", "\u{7f}",
            "\u{85}", "\u{2028}", "\u{FEFF}", "𝒱", "%", "{{", "\\'",
        ])
        .prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(piece, 0..4).prop_map(|pieces| pieces.concat())
}

fn text(characters: String) -> Text {
    Text::computed(characters, SPAN)
}

/// Numbers as the parser gives them: without a sign.
fn float() -> impl Strategy<Value = f64> {
    prop_oneof![
        prop::sample::select(vec![
            0.0,
            0.1,
            1.0,
            5e-324,
            f64::MAX,
            1e16,
            1e17,
            1e-5,
            0.1 + 0.2
        ]),
        any::<f64>()
            .prop_map(f64::abs)
            .prop_filter("not finite", |x| x.is_finite()),
    ]
}

fn leaf() -> BoxedStrategy<ExprKind> {
    prop_oneof![
        prop_oneof![0..20_i64, 0..=i64::MAX].prop_map(ExprKind::Int),
        float().prop_map(ExprKind::Float),
        any::<bool>().prop_map(ExprKind::Bool),
        Just(ExprKind::None),
        characters().prop_map(|c| ExprKind::Str(text(c))),
        name().prop_map(ExprKind::Name),
        name().prop_map(ExprKind::Name),
    ]
    .boxed()
}

/// Trees as the parser gives them in strings, where `^` is refused.
fn tree_of_strings() -> BoxedStrategy<Expr> {
    tree_with(
        BINARY
            .into_iter()
            .filter(|op| *op != BinaryOp::BitXor)
            .collect(),
    )
}

/// Trees as the parser gives them in model files.
fn tree() -> BoxedStrategy<Expr> {
    tree_with(BINARY.to_vec())
}

fn tree_with(operators: Vec<BinaryOp>) -> BoxedStrategy<Expr> {
    leaf()
        .prop_map(expr)
        .prop_recursive(6, 40, 3, move |inner| {
            let boxed = inner.clone().prop_map(Box::new).boxed();
            let some = prop::collection::vec(inner.clone(), 0..4);
            let binary = (prop::sample::select(operators.clone()), boxed.clone(), boxed.clone());
            let unary = prop::sample::select(vec![
                UnaryOp::Neg,
                UnaryOp::Plus,
                UnaryOp::Not,
                UnaryOp::Invert,
            ]);
            let link = (prop::sample::select(COMPARE.to_vec()), inner.clone());
            let arg = (prop::option::of(name()), inner.clone()).prop_map(|(name, value)| Arg {
                name: name.map(ident),
                value,
                span: SPAN,
            });
            let maybe = prop::option::of(inner.clone());
            let subscript = prop_oneof![
                inner.clone().prop_map(Subscript::Index),
                (maybe.clone(), maybe.clone(), maybe).prop_map(|(low, high, step)| {
                    Subscript::Slice {
                        low,
                        high,
                        step,
                        span: SPAN,
                    }
                }),
                Just(Subscript::Ellipsis(SPAN)),
            ];
            let format = prop::option::of("[<>^]?[0-9]{0,2}(\\.[0-9])?[efgd]?");
            let part = (characters(), inner.clone(), format);
            let formatted_string = prop::collection::vec(part, 0..3).prop_map(|parts| {
                let both = parts.into_iter().flat_map(|(before, value, format)| {
                    let before =
                        (!before.is_empty()).then(|| FPart::Text(Text::computed(before, SPAN)));
                    let format = format.filter(|f| !f.is_empty());
                    before.into_iter().chain([FPart::Value(value, format)])
                });
                ExprKind::FString(both.collect())
            });
            let kind = prop_oneof![
                6 => binary.prop_map(|(op, a, b)| ExprKind::Binary(op, a, b)),
                2 => (boxed.clone(), boxed.clone()).prop_map(|(a, b)| ExprKind::Binary(BinaryOp::Pow, a, b)),
                3 => (unary, boxed.clone()).prop_map(|(op, a)| ExprKind::Unary(op, a)),
                2 => (boxed.clone(), prop::collection::vec(link, 1..3))
                    .prop_map(|(a, links)| ExprKind::Compare(a, links)),
                1 => (boxed.clone(), boxed.clone()).prop_map(|(a, b)| ExprKind::And(a, b)),
                1 => (boxed.clone(), boxed.clone()).prop_map(|(a, b)| ExprKind::Or(a, b)),
                2 => (boxed.clone(), boxed.clone(), boxed.clone()).prop_map(|(value, condition, otherwise)| {
                    ExprKind::IfElse { value, condition, otherwise }
                }),
                2 => (boxed.clone(), prop::collection::vec(arg, 0..4))
                    .prop_map(|(f, args)| ExprKind::Call(f, args)),
                2 => (boxed.clone(), name()).prop_map(|(a, n)| ExprKind::Attribute(a, ident(n))),
                2 => (boxed, prop::collection::vec(subscript, 1..3))
                    .prop_map(|(a, s)| ExprKind::Index(a, s)),
                1 => some.clone().prop_map(ExprKind::List),
                1 => some.prop_map(ExprKind::Tuple),
                1 => prop::collection::vec((inner.clone(), inner), 0..3).prop_map(ExprKind::Dict),
                1 => formatted_string,
            ];
            kind.prop_map(expr)
        })
        .boxed()
}

/// What stands in a unit slot.
fn unit() -> BoxedStrategy<Expr> {
    let power = prop_oneof![
        (1..5_i64).prop_map(|n| expr(ExprKind::Int(n))),
        (1..5_i64).prop_map(|n| expr(ExprKind::Unary(UnaryOp::Neg, expr(ExprKind::Int(n)).into()))),
        Just(expr(ExprKind::Float(0.5))),
    ];
    let name = prop::sample::select(vec!["volt", "second", "amp", "siemens", "metre"])
        .prop_map(|n| expr(ExprKind::Name(n.to_owned())));
    let powers = (name, prop::option::of(power)).prop_map(|(name, power)| match power {
        Some(n) => expr(ExprKind::Binary(BinaryOp::Pow, name.into(), n.into())),
        None => name,
    });
    let op = prop::sample::select(vec![BinaryOp::Mul, BinaryOp::Div]);
    (powers.clone(), prop::collection::vec((op, powers), 0..4))
        .prop_map(|(first, more)| {
            more.into_iter().fold(first, |a, (op, b)| {
                expr(ExprKind::Binary(op, a.into(), b.into()))
            })
        })
        .boxed()
}

fn equation() -> impl Strategy<Value = Equation> {
    let form = prop_oneof![
        tree_of_strings().prop_map(EquationForm::Differential),
        tree_of_strings().prop_map(EquationForm::Subexpression),
        Just(EquationForm::Parameter),
    ];
    let slot = prop_oneof![
        Just(UnitSlotKind::Boolean),
        Just(UnitSlotKind::Integer),
        Just(UnitSlotKind::Unit(expr(ExprKind::Int(1)))),
        unit().prop_map(UnitSlotKind::Unit),
    ];
    let flag = prop::sample::select(vec![
        "constant",
        "shared",
        "unless refractory",
        "event-driven",
        "constant over dt",
    ]);
    (name(), form, slot, prop::collection::vec(flag, 0..3)).prop_map(|(name, form, slot, flags)| {
        Equation {
            name: ident(name),
            form,
            unit: UnitSlot {
                kind: slot,
                span: SPAN,
            },
            flags: flags.into_iter().map(|f| ident(f.to_owned())).collect(),
            span: SPAN,
        }
    })
}

fn statement() -> impl Strategy<Value = Statement> {
    let op = prop::sample::select(vec![
        AssignOp::Set,
        AssignOp::Update(BinaryOp::Add),
        AssignOp::Update(BinaryOp::Sub),
        AssignOp::Update(BinaryOp::Mul),
        AssignOp::Update(BinaryOp::Div),
        AssignOp::Update(BinaryOp::FloorDiv),
        AssignOp::Update(BinaryOp::Mod),
        AssignOp::Update(BinaryOp::Pow),
    ]);
    (name(), op, tree_of_strings()).prop_map(|(target, op, value)| Statement {
        target: ident(target),
        op,
        value,
        span: SPAN,
    })
}

fn equation_shape(equation: &Equation) -> String {
    let form = match &equation.form {
        EquationForm::Differential(e) => format!("differential {}", shape(e)),
        EquationForm::Subexpression(e) => format!("subexpression {}", shape(e)),
        EquationForm::Parameter => "parameter".to_owned(),
    };
    let unit = match &equation.unit.kind {
        UnitSlotKind::Unit(e) => shape(e),
        other => format!("{other:?}"),
    };
    let flags: Vec<&str> = equation.flags.iter().map(|f| f.name.as_str()).collect();
    format!("{} {form} : {unit} {flags:?}", equation.name.name)
}

fn statement_shape(statement: &Statement) -> String {
    let value = shape(&statement.value);
    format!("{} {:?} {value}", statement.target.name, statement.op)
}

fn silent(printed: &str, said: &Diagnostics) {
    assert!(said.is_empty(), "{printed}\n{}", short("x", printed, said));
}

fn verbatim(source: &str) -> Text {
    Text::verbatim(FileId(0), 0, source)
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn expressions_of_model_files(tree in tree()) {
        let printed = print_expr(&tree);
        let source = format!("x = {printed}\n");
        let (file, said) = parse_file(FileId(0), &source);
        silent(&source, &said);
        prop_assert_eq!(file.statements.len(), 1);
        let FileStatementKind::Assign { value, .. } = &file.statements[0].kind else {
            panic!("{source}")
        };
        prop_assert_eq!(shape(value), shape(&tree), "{}", printed);
        prop_assert_eq!(print_expr(value), printed);
    }

    #[test]
    fn expressions_of_strings(tree in tree_of_strings()) {
        let printed = print_expr(&tree);
        let (again, said) = parse_expression(&verbatim(&printed));
        silent(&printed, &said);
        prop_assert_eq!(shape(&again), shape(&tree), "{}", printed);
        prop_assert_eq!(print_expr(&again), printed);
    }

    #[test]
    fn blocks_of_statements(block in prop::collection::vec(statement(), 1..4)) {
        let printed: Vec<String> = block.iter().map(print_statement).collect();
        for separator in ["\n", "; "] {
            let source = printed.join(separator);
            let (again, said) = parse_statements(&verbatim(&source));
            silent(&source, &said);
            let shapes = |all: &[Statement]| all.iter().map(statement_shape).collect::<Vec<_>>();
            prop_assert_eq!(shapes(&again), shapes(&block), "{}", source);
            prop_assert_eq!(again.iter().map(print_statement).collect::<Vec<_>>(), printed.clone());
        }
    }

    #[test]
    fn equations(block in prop::collection::vec(equation(), 1..4)) {
        let printed: Vec<String> = block.iter().map(print_equation).collect();
        let source = printed.join("\n");
        let (again, said) = parse_equations(&verbatim(&source));
        silent(&source, &said);
        let shapes = |all: &[Equation]| all.iter().map(equation_shape).collect::<Vec<_>>();
        prop_assert_eq!(shapes(&again), shapes(&block), "{}", source);
        prop_assert_eq!(again.iter().map(print_equation).collect::<Vec<_>>(), printed);
    }
}

/// Formatted strings whose values hold strings with the quotes of either.
#[test]
fn quotes_in_formatted_strings() {
    for (source, printed) in [
        (r#"f"{'a'}""#, r#"f"{'a'}""#),
        (r#"f"{f'{x}'}""#, r#"f"""{f"{x}"}""""#),
        (r#"f'''{f"""{'"'}"""}'''"#, r#"f'''{f"""{'"'}"""}'''"#),
        (r#"f"""{'\"\"\"'}""""#, r#"f"""{'""\"'}""""#),
        (r#"f"{'\\'}:}}""#, r#"f"{'\\'}:}}""#),
    ] {
        let (tree, said) = parse_expression(&verbatim(source));
        silent(source, &said);
        assert_eq!(print_expr(&tree), printed, "{source}");
        let (again, said) = parse_expression(&verbatim(printed));
        silent(printed, &said);
        assert_eq!(shape(&again), shape(&tree), "{source}");
    }
}

/// Every model file of the project.
fn models() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut folders: Vec<PathBuf> = ["models", "tests", "docs", "crates"]
        .iter()
        .map(|f| root.join(f))
        .collect();
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        let Ok(entries) = folder.read_dir() else {
            continue;
        };
        for entry in entries {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "eq") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// The expressions of a model file's statements.
fn expressions(source: &str) -> Vec<Expr> {
    let (file, _) = parse_file(FileId(0), source);
    let mut all = Vec::new();
    for statement in file.statements {
        match statement.kind {
            FileStatementKind::Assign { targets, value } => {
                all.extend(targets);
                all.push(value);
            }
            FileStatementKind::Update { target, value, .. } => all.extend([target, value]),
            FileStatementKind::Expr(expr) => all.push(expr),
            FileStatementKind::Import(_)
            | FileStatementKind::Magic
            | FileStatementKind::Pass
            | FileStatementKind::Error => {}
        }
    }
    all
}

#[test]
fn model_files() {
    let (mut files, mut trees, mut blocks) = (0, 0, 0);
    for path in models() {
        // Cases of files that are no text are not parsed.
        let Ok(source) = std::fs::read_to_string(&path) else {
            continue;
        };
        files += 1;
        for tree in expressions(&source) {
            // What could not be read has no text.
            if shape(&tree).contains("Error") {
                continue;
            }
            let printed = print_expr(&tree);
            let mut line = String::new();
            writeln!(line, "x = {printed}").unwrap();
            let again = expressions(&line);
            assert_eq!(again.len(), 2, "{}: {printed}", path.display());
            assert_eq!(
                shape(&again[1]),
                shape(&tree),
                "{}: {printed}",
                path.display()
            );
            assert_eq!(print_expr(&again[1]), printed, "{}", path.display());
            trees += 1;
        }
        for (role, text) in strings(&source).0 {
            let (first, said) = canonical(role, &text);
            if said.has_errors() || role == Role::Generator {
                continue;
            }
            let joined = first.join("\n");
            let again = verbatim(&joined);
            match role {
                Role::Equations => {
                    let shapes = |t: &Text| {
                        let all = parse_equations(t).0;
                        all.iter().map(equation_shape).collect::<Vec<_>>()
                    };
                    assert_eq!(shapes(&again), shapes(&text), "{}", path.display());
                }
                Role::Statements => {
                    let shapes = |t: &Text| {
                        let all = parse_statements(t).0;
                        all.iter().map(statement_shape).collect::<Vec<_>>()
                    };
                    assert_eq!(shapes(&again), shapes(&text), "{}", path.display());
                }
                Role::Expression | Role::Generator => {
                    let one = |t: &Text| shape(&parse_expression(t).0);
                    assert_eq!(one(&again), one(&text), "{}", path.display());
                }
            }
            let (second, said) = canonical(role, &again);
            silent(&joined, &said);
            assert_eq!(first, second, "{}", path.display());
            blocks += 1;
        }
    }
    assert!(
        files >= 150 && trees >= 2_000 && blocks >= 200,
        "{files} files, {trees} trees, {blocks} strings"
    );
}
