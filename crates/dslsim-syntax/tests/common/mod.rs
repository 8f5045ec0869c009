//! What several tests share: finding the strings of a model file by their role, and showing messages.
#![allow(dead_code)]

use std::collections::HashMap;

use dslsim_source::{Diagnostics, FileId, MessageFormat, SourceMap, Text, render};
use dslsim_syntax::ast::{Expr, ExprKind, FPart, FileStatementKind, Subscript};
use dslsim_syntax::{
    parse_equations, parse_expression, parse_file, parse_generator, parse_statements,
    print_equation, print_expr, print_statement,
};

/// What a string of a model file is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Role {
    Equations,
    Statements,
    Expression,
    Generator,
}

/// Parses a string by its role; its canonical text, one line each, and the messages.
pub fn canonical(role: Role, text: &Text) -> (Vec<String>, Diagnostics) {
    match role {
        Role::Equations => {
            let (found, said) = parse_equations(text);
            (found.iter().map(print_equation).collect(), said)
        }
        Role::Statements => {
            let (found, said) = parse_statements(text);
            (found.iter().map(print_statement).collect(), said)
        }
        Role::Expression => {
            let (found, said) = parse_expression(text);
            (vec![print_expr(&found)], said)
        }
        Role::Generator => {
            let (found, said) = parse_generator(text);
            let mut out = print_expr(&found.element);
            if let Some(iteration) = &found.iteration {
                let args: Vec<String> = iteration
                    .args
                    .iter()
                    .map(|a| {
                        a.name
                            .as_ref()
                            .map_or(String::new(), |n| format!("{}=", n.name))
                            + &print_expr(&a.value)
                    })
                    .collect();
                out += &format!(
                    " for {} in {}({})",
                    iteration.variable.name,
                    iteration.function.name,
                    args.join(", ")
                );
            }
            if let Some(condition) = &found.condition {
                out += &format!(" if {}", print_expr(condition));
            }
            (vec![out], said)
        }
    }
}

/// The messages in the short form.
pub fn short(name: &str, source: &str, said: &Diagnostics) -> String {
    let mut map = SourceMap::new();
    map.add(name, source);
    render(said, &map, MessageFormat::Short, false)
}

/// The strings of a model file with their roles, its own messages first.
pub fn strings(source: &str) -> (Vec<(Role, Text)>, Diagnostics) {
    let (file, said) = parse_file(FileId(0), source);
    let mut found = Finder::default();
    for statement in &file.statements {
        match &statement.kind {
            FileStatementKind::Assign { targets, value } => {
                if let (Some(ExprKind::Name(name)), ExprKind::Str(text)) =
                    (targets.first().map(|t| &t.kind), &value.kind)
                {
                    found.names.insert(name.clone(), text.clone());
                }
                found.walk(value);
            }
            FileStatementKind::Expr(expr) => found.walk(expr),
            _ => {}
        }
    }
    (found.strings, said)
}

/// All messages about a model file and the strings in it.
pub fn check(source: &str) -> Diagnostics {
    let (strings, mut said) = strings(source);
    for (role, text) in strings {
        said.extend(canonical(role, &text).1);
    }
    said
}

#[derive(Default)]
struct Finder {
    names: HashMap<String, Text>,
    strings: Vec<(Role, Text)>,
}

impl Finder {
    fn walk(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Attribute(object, _) => self.walk(object),
            ExprKind::Call(function, args) => {
                self.walk(function);
                let called = match &function.kind {
                    ExprKind::Name(name) => name.as_str(),
                    ExprKind::Attribute(_, name) => name.name.as_str(),
                    _ => "",
                };
                let mut position = 0;
                for arg in args {
                    position += usize::from(arg.name.is_none());
                    let key = arg
                        .name
                        .as_ref()
                        .map_or_else(|| format!("#{position}"), |n| n.name.clone());
                    let text = match &arg.value.kind {
                        ExprKind::Str(text) => Some(text.clone()),
                        ExprKind::Name(name) => self.names.get(name).cloned(),
                        _ => None,
                    };
                    let role = match (called, key.as_str()) {
                        ("NeuronGroup", "#2" | "model")
                        | ("Synapses", "#3" | "model")
                        | ("Equations", "#1") => Role::Equations,
                        ("NeuronGroup" | "Synapses", "reset" | "on_pre" | "on_post")
                        | ("run_regularly", "#1") => Role::Statements,
                        ("NeuronGroup", "threshold" | "refractory")
                        | ("connect", "condition" | "p")
                        | (_, "rates") => Role::Expression,
                        ("connect", "j") => Role::Generator,
                        _ => {
                            self.walk(&arg.value);
                            continue;
                        }
                    };
                    match text {
                        Some(text) => self.strings.push((role, text)),
                        None => self.walk(&arg.value),
                    }
                }
            }
            _ => {}
        }
    }
}

/// A tree without its places, every node in brackets.
pub fn shape(expr: &Expr) -> String {
    let all = |items: &[Expr]| items.iter().map(shape).collect::<Vec<_>>().join(" ");
    let maybe = |e: &Option<Expr>| e.as_ref().map_or("_".to_owned(), shape);
    match &expr.kind {
        ExprKind::Str(text) => format!("{:?}", text.as_str()),
        ExprKind::FString(parts) => {
            let part = |p: &FPart| match p {
                FPart::Text(text) => format!("{:?}", text.as_str()),
                FPart::Value(value, format) => format!("{{{} {format:?}}}", shape(value)),
            };
            format!(
                "(f {})",
                parts.iter().map(part).collect::<Vec<_>>().join(" ")
            )
        }
        ExprKind::Unary(op, a) => format!("({op:?} {})", shape(a)),
        ExprKind::Binary(op, a, b) => format!("({op:?} {} {})", shape(a), shape(b)),
        ExprKind::Compare(a, links) => {
            let links: String = links
                .iter()
                .map(|(op, b)| format!(" {op:?} {}", shape(b)))
                .collect();
            format!("(compare {}{links})", shape(a))
        }
        ExprKind::And(a, b) => format!("(and {} {})", shape(a), shape(b)),
        ExprKind::Or(a, b) => format!("(or {} {})", shape(a), shape(b)),
        ExprKind::IfElse {
            value,
            condition,
            otherwise,
        } => format!(
            "(if {} {} {})",
            shape(condition),
            shape(value),
            shape(otherwise)
        ),
        ExprKind::Call(f, args) => {
            let args: String = args
                .iter()
                .map(|a| {
                    format!(
                        " {}={}",
                        a.name.as_ref().map_or("", |n| &n.name),
                        shape(&a.value)
                    )
                })
                .collect();
            format!("(call {}{args})", shape(f))
        }
        ExprKind::Attribute(a, name) => format!("(. {} {})", shape(a), name.name),
        ExprKind::Index(a, subscripts) => {
            let subscript = |s: &Subscript| match s {
                Subscript::Index(e) => shape(e),
                Subscript::Slice {
                    low, high, step, ..
                } => format!("(: {} {} {})", maybe(low), maybe(high), maybe(step)),
                Subscript::Ellipsis(_) => "...".to_owned(),
            };
            format!(
                "(index {} {})",
                shape(a),
                subscripts
                    .iter()
                    .map(subscript)
                    .collect::<Vec<_>>()
                    .join(" ")
            )
        }
        ExprKind::List(items) => format!("(list {})", all(items)),
        ExprKind::Tuple(items) => format!("(tuple {})", all(items)),
        ExprKind::Dict(entries) => format!(
            "(dict {})",
            entries
                .iter()
                .map(|(k, v)| format!("{} {}", shape(k), shape(v)))
                .collect::<Vec<_>>()
                .join(" ")
        ),
        kind => format!("{kind:?}"),
    }
}

/// A small generator of random numbers (xorshift).
pub struct Random(pub u64);

impl Random {
    pub fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % n.max(1) as u64) as usize
    }
}
