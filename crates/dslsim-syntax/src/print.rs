//! Trees back to text: canonical, with as few parentheses as the precedence allows.
//!
//! Parsing what was printed gives the same tree, up to places. Trees come from the parser or are built from such, so
//! their depth, and the recursion here, is bounded.

use std::fmt::Write as _;

use crate::ast::{
    AssignOp, BinaryOp, CompareOp, Equation, EquationForm, Expr, ExprKind, FPart, Statement,
    Subscript, UnaryOp, UnitSlotKind,
};

/// How tightly an expression holds together, from the loosest on.
#[derive(Clone, Copy, PartialEq, PartialOrd)]
enum Level {
    Conditional,
    Or,
    And,
    Not,
    Comparison,
    BitOr,
    BitXor,
    BitAnd,
    Shift,
    Sum,
    Product,
    Sign,
    Power,
    Operand,
}

impl Level {
    /// The next tighter level.
    fn tighter(self) -> Level {
        use Level::{
            And, BitAnd, BitOr, BitXor, Comparison, Conditional, Not, Operand, Or, Power, Product,
            Shift, Sign, Sum,
        };
        match self {
            Conditional => Or,
            Or => And,
            And => Not,
            Not => Comparison,
            Comparison => BitOr,
            BitOr => BitXor,
            BitXor => BitAnd,
            BitAnd => Shift,
            Shift => Sum,
            Sum => Product,
            Product => Sign,
            Sign => Power,
            Power | Operand => Operand,
        }
    }
}

/// The canonical text of an expression.
pub fn print_expr(expr: &Expr) -> String {
    let mut out = String::new();
    write_expr(&mut out, expr, Level::Conditional);
    out
}

/// The canonical text of a statement in a string.
pub fn print_statement(statement: &Statement) -> String {
    let op = match statement.op {
        AssignOp::Set => String::new(),
        AssignOp::Update(op) => binary_sign(op).to_owned(),
    };
    format!(
        "{} {op}= {}",
        statement.target.name,
        print_expr(&statement.value)
    )
}

/// The canonical text of an equation.
pub fn print_equation(equation: &Equation) -> String {
    let name = &equation.name.name;
    let mut out = match &equation.form {
        EquationForm::Differential(expr) => format!("d{name}/dt = {} : ", print_expr(expr)),
        EquationForm::Subexpression(expr) => format!("{name} = {} : ", print_expr(expr)),
        EquationForm::Parameter => format!("{name} : "),
    };
    match &equation.unit.kind {
        UnitSlotKind::Boolean => out.push_str("boolean"),
        UnitSlotKind::Integer => out.push_str("integer"),
        UnitSlotKind::Unit(expr) => write_expr(&mut out, expr, Level::Conditional),
        UnitSlotKind::Error => out.push_str(ERROR),
    }
    if !equation.flags.is_empty() {
        let flags: Vec<&str> = equation.flags.iter().map(|f| f.name.as_str()).collect();
        let _ = write!(out, " ({})", flags.join(", "));
    }
    out
}

/// Stands for what could not be read.
const ERROR: &str = "<error>";

fn level(expr: &Expr) -> Level {
    match &expr.kind {
        ExprKind::IfElse { .. } => Level::Conditional,
        ExprKind::Or(..) => Level::Or,
        ExprKind::And(..) => Level::And,
        ExprKind::Unary(UnaryOp::Not, _) => Level::Not,
        ExprKind::Compare(..) => Level::Comparison,
        ExprKind::Unary(..) => Level::Sign,
        ExprKind::Binary(op, ..) => binary_level(*op),
        ExprKind::Int(value) if *value < 0 => Level::Sign,
        ExprKind::Float(value) if value.is_sign_negative() => Level::Sign,
        _ => Level::Operand,
    }
}

fn binary_level(op: BinaryOp) -> Level {
    match op {
        BinaryOp::Add | BinaryOp::Sub => Level::Sum,
        BinaryOp::Mul | BinaryOp::Div | BinaryOp::FloorDiv | BinaryOp::Mod | BinaryOp::MatMul => {
            Level::Product
        }
        BinaryOp::Pow => Level::Power,
        BinaryOp::BitAnd => Level::BitAnd,
        BinaryOp::BitOr => Level::BitOr,
        BinaryOp::BitXor => Level::BitXor,
        BinaryOp::ShiftLeft | BinaryOp::ShiftRight => Level::Shift,
    }
}

fn binary_sign(op: BinaryOp) -> &'static str {
    match op {
        BinaryOp::Add => "+",
        BinaryOp::Sub => "-",
        BinaryOp::Mul => "*",
        BinaryOp::Div => "/",
        BinaryOp::FloorDiv => "//",
        BinaryOp::Mod => "%",
        BinaryOp::Pow => "**",
        BinaryOp::MatMul => "@",
        BinaryOp::BitAnd => "&",
        BinaryOp::BitOr => "|",
        BinaryOp::BitXor => "^",
        BinaryOp::ShiftLeft => "<<",
        BinaryOp::ShiftRight => ">>",
    }
}

fn compare_sign(op: CompareOp) -> &'static str {
    match op {
        CompareOp::Lt => "<",
        CompareOp::Le => "<=",
        CompareOp::Gt => ">",
        CompareOp::Ge => ">=",
        CompareOp::Eq => "==",
        CompareOp::Ne => "!=",
        CompareOp::In => "in",
        CompareOp::NotIn => "not in",
        CompareOp::Is => "is",
        CompareOp::IsNot => "is not",
    }
}

/// Writes an expression where at least `least` must hold together.
fn write_expr(out: &mut String, expr: &Expr, least: Level) {
    let parentheses = level(expr) < least;
    if parentheses {
        out.push('(');
    }
    write_bare(out, expr);
    if parentheses {
        out.push(')');
    }
}

fn write_bare(out: &mut String, expr: &Expr) {
    match &expr.kind {
        ExprKind::Int(value) => out.push_str(&value.to_string()),
        ExprKind::Float(value) => out.push_str(&float(*value)),
        ExprKind::Bool(value) => out.push_str(if *value { "True" } else { "False" }),
        ExprKind::None => out.push_str("None"),
        ExprKind::Str(text) => {
            out.push('\'');
            write_escaped(out, text.as_str(), '\'', false);
            out.push('\'');
        }
        ExprKind::FString(parts) => write_formatted(out, parts),
        ExprKind::Name(name) => out.push_str(name),
        ExprKind::Unary(op, inner) => {
            let (sign, least) = match op {
                UnaryOp::Neg => ("-", Level::Sign),
                UnaryOp::Plus => ("+", Level::Sign),
                UnaryOp::Invert => ("~", Level::Sign),
                UnaryOp::Not => ("not ", Level::Not),
            };
            out.push_str(sign);
            write_expr(out, inner, least);
        }
        ExprKind::Binary(BinaryOp::Pow, base, exponent) => {
            write_expr(out, base, Level::Operand);
            out.push_str("**");
            write_expr(out, exponent, Level::Sign);
        }
        ExprKind::Binary(op, left, right) => {
            let own = binary_level(*op);
            write_expr(out, left, own);
            let tight = own == Level::Product;
            let sign = binary_sign(*op);
            if tight {
                out.push_str(sign);
            } else {
                let _ = write!(out, " {sign} ");
            }
            write_expr(out, right, own.tighter());
        }
        ExprKind::Compare(first, links) => {
            write_expr(out, first, Level::BitOr);
            for (op, operand) in links {
                let _ = write!(out, " {} ", compare_sign(*op));
                write_expr(out, operand, Level::BitOr);
            }
        }
        ExprKind::And(left, right) => {
            write_expr(out, left, Level::And);
            out.push_str(" and ");
            write_expr(out, right, Level::Not);
        }
        ExprKind::Or(left, right) => {
            write_expr(out, left, Level::Or);
            out.push_str(" or ");
            write_expr(out, right, Level::And);
        }
        ExprKind::IfElse {
            value,
            condition,
            otherwise,
        } => {
            write_expr(out, value, Level::Or);
            out.push_str(" if ");
            write_expr(out, condition, Level::Or);
            out.push_str(" else ");
            write_expr(out, otherwise, Level::Conditional);
        }
        ExprKind::Call(function, args) => {
            write_head(out, function);
            out.push('(');
            for (i, arg) in args.iter().enumerate() {
                out.push_str(if i > 0 { ", " } else { "" });
                if let Some(name) = &arg.name {
                    let _ = write!(out, "{}=", name.name);
                }
                write_expr(out, &arg.value, Level::Conditional);
            }
            out.push(')');
        }
        ExprKind::Attribute(object, name) => {
            write_head(out, object);
            let _ = write!(out, ".{}", name.name);
        }
        ExprKind::Index(object, subscripts) => {
            write_head(out, object);
            out.push('[');
            for (i, subscript) in subscripts.iter().enumerate() {
                out.push_str(if i > 0 { ", " } else { "" });
                write_subscript(out, subscript);
            }
            out.push(']');
        }
        ExprKind::List(items) => {
            out.push('[');
            write_items(out, items);
            out.push(']');
        }
        ExprKind::Tuple(items) => {
            out.push('(');
            write_items(out, items);
            out.push_str(if items.len() == 1 { ",)" } else { ")" });
        }
        ExprKind::Dict(entries) => {
            out.push('{');
            for (i, (key, value)) in entries.iter().enumerate() {
                out.push_str(if i > 0 { ", " } else { "" });
                write_expr(out, key, Level::Conditional);
                out.push_str(": ");
                write_expr(out, value, Level::Conditional);
            }
            out.push('}');
        }
        ExprKind::Error => out.push_str(ERROR),
    }
}

/// What is called, indexed, or has an attribute; numbers need parentheses there.
fn write_head(out: &mut String, expr: &Expr) {
    if matches!(expr.kind, ExprKind::Int(_) | ExprKind::Float(_)) {
        out.push('(');
        write_bare(out, expr);
        out.push(')');
    } else {
        write_expr(out, expr, Level::Operand);
    }
}

fn write_items(out: &mut String, items: &[Expr]) {
    for (i, item) in items.iter().enumerate() {
        out.push_str(if i > 0 { ", " } else { "" });
        write_expr(out, item, Level::Conditional);
    }
}

fn write_subscript(out: &mut String, subscript: &Subscript) {
    match subscript {
        Subscript::Index(expr) => write_expr(out, expr, Level::Conditional),
        Subscript::Slice {
            low, high, step, ..
        } => {
            if let Some(low) = low {
                write_expr(out, low, Level::Conditional);
            }
            out.push(':');
            if let Some(high) = high {
                write_expr(out, high, Level::Conditional);
            }
            if let Some(step) = step {
                out.push(':');
                write_expr(out, step, Level::Conditional);
            }
        }
        Subscript::Ellipsis(_) => out.push_str("..."),
    }
}

/// The shortest text that reads back as the same number.
fn float(value: f64) -> String {
    format!("{value:?}")
}

/// Characters of a string between the given quotes; braces doubled in formatted strings. There are never three quotes in a row, so
/// that the string may stand in a formatted one.
fn write_escaped(out: &mut String, text: &str, quote: char, formatted: bool) {
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '{' | '}' if formatted => {
                out.push(c);
                out.push(c);
            }
            _ if c == quote
                || out.ends_with("\"\"") && c == '"'
                || out.ends_with("''") && c == '\'' =>
            {
                out.push('\\');
                out.push(c);
            }
            _ if c.is_ascii_control() => {
                let _ = write!(out, "\\x{:02x}", u32::from(c));
            }
            _ => out.push(c),
        }
    }
}

fn write_formatted(out: &mut String, parts: &[FPart]) {
    let value = |part: &FPart| match part {
        FPart::Text(_) => String::new(),
        FPart::Value(value, format) => {
            let mut inner = String::new();
            write_expr(&mut inner, value, Level::Conditional);
            if inner.starts_with('{') {
                inner.insert(0, ' ');
            }
            if let Some(format) = format {
                let _ = write!(inner, ":{format}");
            }
            format!("{{{inner}}}")
        }
    };
    let values: Vec<String> = parts.iter().map(value).collect();
    // Quotes that do not stand in the values.
    let quotes = ["\"", "\"\"\""]
        .into_iter()
        .find(|quotes| !values.iter().any(|v| v.contains(quotes)))
        .unwrap_or("'''");
    let quote = if quotes == "'''" { '\'' } else { '"' };
    let _ = write!(out, "f{quotes}");
    for (part, value) in parts.iter().zip(values) {
        match part {
            FPart::Text(text) => write_escaped(out, text.as_str(), quote, true),
            FPart::Value(..) => out.push_str(&value),
        }
    }
    out.push_str(quotes);
}
