//! Everything that a compatible parser must accept, and that printing is the inverse of parsing.
#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use common::{Random, Role, canonical, shape, short, strings};
use dslsim_source::{FileId, Span, Text};
use dslsim_syntax::ast::{
    Arg, BinaryOp, CompareOp, Expr, ExprKind, FPart, FileStatementKind, Ident, Subscript, UnaryOp,
};
use dslsim_syntax::{parse_file, print_expr};

/// Reads without a message; printed and read again it is the same.
fn accepted(role: Role, source: &str) {
    let (first, said) = canonical(role, &Text::verbatim(FileId(0), 0, source));
    assert!(said.is_empty(), "{source}\n{}", short("x", source, &said));
    assert!(!first.is_empty(), "{source}");
    let printed = first.join("\n");
    let (second, said) = canonical(role, &Text::verbatim(FileId(0), 0, printed.as_str()));
    assert!(
        said.is_empty(),
        "{printed}\n{}",
        short("x", &printed, &said)
    );
    assert_eq!(first, second);
}

#[test]
fn snippets_of_the_examples() {
    let mut count = 0;
    for line in include_str!("snippets.txt")
        .lines()
        .filter(|l| !l.starts_with('#'))
    {
        let (kind, source) = line.split_once('\t').unwrap();
        let role = match kind {
            "E" => Role::Equations,
            "S" => Role::Statements,
            "X" => Role::Expression,
            _ => Role::Generator,
        };
        accepted(role, &source.replace('⏎', "\n"));
        count += 1;
    }
    assert_eq!(count, 87);
}

#[test]
fn awkward_models_are_accepted() {
    for entry in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/corpus")).unwrap() {
        let path = entry.unwrap().path();
        let source = std::fs::read_to_string(&path).unwrap();
        let (strings, said) = strings(&source);
        assert!(
            said.is_empty(),
            "{}",
            short(&path.to_string_lossy(), &source, &said)
        );
        for (role, text) in strings {
            let (first, said) = canonical(role, &text);
            assert!(
                said.is_empty(),
                "{}",
                short(&path.to_string_lossy(), &source, &said)
            );
            accepted(role, &first.join("\n"));
        }
    }
}

fn random_expr(r: &mut Random, depth: usize) -> Expr {
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
    const UNARY: [UnaryOp; 4] = [UnaryOp::Neg, UnaryOp::Plus, UnaryOp::Not, UnaryOp::Invert];
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
    let span = Span::default();
    let ident = |name: &str| Ident {
        name: name.to_owned(),
        span,
    };
    let kind = if depth == 0 {
        match r.below(6) {
            0 => ExprKind::Int(r.below(1000) as i64),
            1 => ExprKind::Float([0.5, 1e-9, 1e300, 3.0, 0.1][r.below(5)]),
            2 => ExprKind::Bool(r.below(2) == 0),
            3 => ExprKind::None,
            4 => ExprKind::Str(Text::computed(
                ["", "a'b", "\n\\\"{x}", "τ"][r.below(4)],
                span,
            )),
            _ => ExprKind::Name(["a", "τ", "d", "format"][r.below(4)].to_owned()),
        }
    } else {
        let one = |r: &mut Random| {
            let less = r.below(depth);
            random_expr(r, less)
        };
        match r.below(16) {
            0..4 => ExprKind::Binary(BINARY[r.below(13)], one(r).into(), one(r).into()),
            4 => ExprKind::Binary(BinaryOp::Pow, one(r).into(), one(r).into()),
            5 => ExprKind::Unary(UNARY[r.below(4)], one(r).into()),
            6 => ExprKind::Compare(
                one(r).into(),
                (0..=r.below(2))
                    .map(|_| (COMPARE[r.below(10)], one(r)))
                    .collect(),
            ),
            7 => ExprKind::And(one(r).into(), one(r).into()),
            8 => ExprKind::Or(one(r).into(), one(r).into()),
            9 => ExprKind::IfElse {
                value: one(r).into(),
                condition: one(r).into(),
                otherwise: one(r).into(),
            },
            10 => {
                let name = (r.below(2) == 0).then(|| ident("k"));
                // A literal number cannot be called.
                let f = Expr {
                    kind: ExprKind::Attribute(one(r).into(), ident("f")),
                    span,
                };
                ExprKind::Call(
                    f.into(),
                    vec![Arg {
                        name,
                        value: one(r),
                        span,
                    }],
                )
            }
            11 => ExprKind::Attribute(one(r).into(), ident("x")),
            12 => ExprKind::Index(
                one(r).into(),
                vec![
                    Subscript::Index(one(r)),
                    Subscript::Slice {
                        low: Some(one(r)),
                        high: None,
                        step: Some(one(r)),
                        span,
                    },
                ],
            ),
            13 => ExprKind::List((0..r.below(3)).map(|_| one(r)).collect()),
            14 => ExprKind::Tuple((0..r.below(3)).map(|_| one(r)).collect()),
            _ => ExprKind::Dict((0..r.below(3)).map(|_| (one(r), one(r))).collect()),
        }
    };
    Expr { kind, span }
}

/// What is printed is read as the same tree.
#[test]
fn printing_is_the_inverse_of_parsing() {
    let mut random = Random(0x1234_5678_9ABC_DEF1);
    for n in 0..20_000 {
        let mut tree = random_expr(&mut random, 1 + n % 6);
        if n % 10 == 0 {
            let simple = random_expr(&mut random, 1);
            let text = FPart::Text(Text::computed("a{b}\"\n", Span::default()));
            tree = Expr {
                kind: ExprKind::FString(vec![text, FPart::Value(simple, Some(".3f".into()))]),
                span: Span::default(),
            };
        }
        let printed = print_expr(&tree);
        let source = format!("x = {printed}");
        let (file, said) = parse_file(FileId(0), &source);
        assert!(said.is_empty(), "{}", short("x", &source, &said) + &source);
        let FileStatementKind::Assign { value, .. } = &file.statements[0].kind else {
            panic!("{source}")
        };
        assert_eq!(shape(value), shape(&tree), "{printed}");
        assert_eq!(print_expr(value), printed);
    }
}

/// Parentheses that Python does not need are not printed.
#[test]
fn parentheses_are_few() {
    for (written, printed) in [
        ("((a)+(b*c))-(d-e)", "a + b*c - (d - e)"),
        ("(a*b)/(c*d)", "a*b/(c*d)"),
        ("-(a**b)", "-a**b"),
        ("(-a)**(-b)", "(-a)**-b"),
        ("(a**b)**c", "(a**b)**c"),
        ("a**(b**c)", "a**b**c"),
        ("not (a and (b or c))", "not (a and (b or c))"),
        ("(not a) and (b == c)", "not a and b == c"),
        ("(a < b) < c", "(a < b) < c"),
        (
            "(a if b else c) if d else (e if f else g)",
            "(a if b else c) if d else e if f else g",
        ),
        ("f((a), (b if c else d), k=(1))", "f(a, b if c else d, k=1)"),
        ("(a.b)[(1):(2)]", "a.b[1:2]"),
        ("1e-3*(2.50)", "0.001*2.5"),
    ] {
        let (found, said) = canonical(Role::Expression, &Text::verbatim(FileId(0), 0, written));
        assert!(said.is_empty());
        assert_eq!(found, [printed]);
    }
}
