//! Arguments of calls, and how they are matched with the parameters of a function.
//!
//! The host's constructors (`NeuronGroup(…)`) and methods are bound by the same rules as the built-in functions, so a
//! misspelt keyword is reported in the same words everywhere.

use dslsim_source::{Diagnostic, Diagnostics, Span};
use dslsim_syntax::ast::Ident;

use crate::suggest::nearest;
use crate::value::{Spanned, Value};

/// The arguments of a call, evaluated.
#[derive(Clone, Debug, PartialEq)]
pub struct CallArgs {
    /// Without keywords, in order.
    pub positional: Vec<Spanned<Value>>,
    /// With keywords, in order; a keyword may stand twice, [`CallArgs::bind`] refuses that.
    pub named: Vec<(Ident, Spanned<Value>)>,
    /// The whole call.
    pub span: Span,
}

/// How a parameter may be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParamKind {
    /// By position or keyword; must be given.
    Required,
    /// By position or keyword; may be left out.
    Optional,
    /// By keyword only; may be left out.
    Keyword,
    /// `*rest`: all further positional arguments.
    Rest,
    /// `**rest`: all further keywords.
    NamedRest,
}

/// A parameter of a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Param {
    /// Its name.
    pub name: &'static str,
    /// How it may be given.
    pub kind: ParamKind,
}

impl Param {
    /// Must be given.
    pub const fn required(name: &'static str) -> Param {
        Param {
            name,
            kind: ParamKind::Required,
        }
    }

    /// May be left out.
    pub const fn optional(name: &'static str) -> Param {
        Param {
            name,
            kind: ParamKind::Optional,
        }
    }

    /// May be given by keyword only.
    pub const fn keyword(name: &'static str) -> Param {
        Param {
            name,
            kind: ParamKind::Keyword,
        }
    }

    /// `*name`
    pub const fn rest(name: &'static str) -> Param {
        Param {
            name,
            kind: ParamKind::Rest,
        }
    }

    /// `**name`
    pub const fn named_rest(name: &'static str) -> Param {
        Param {
            name,
            kind: ParamKind::NamedRest,
        }
    }
}

/// Arguments matched with parameters.
#[derive(Clone, Debug, PartialEq)]
pub struct Bound {
    /// The function, for messages.
    pub function: String,
    /// The whole call.
    pub span: Span,
    /// What `*rest` took.
    pub rest: Vec<Spanned<Value>>,
    /// What `**rest` took.
    pub named_rest: Vec<(Ident, Spanned<Value>)>,
    values: Vec<(&'static str, Option<Spanned<Value>>)>,
}

impl CallArgs {
    /// No arguments.
    pub fn none(span: Span) -> CallArgs {
        CallArgs {
            positional: Vec::new(),
            named: Vec::new(),
            span,
        }
    }

    /// Matches the arguments with `params`.
    ///
    /// # Errors
    /// `unknown-argument` at the keyword, with a suggestion; `repeated-argument`; `too-many-arguments` at the first that
    /// is too many; `missing-argument` at the call.
    pub fn bind(&self, function: &str, params: &[Param]) -> Result<Bound, Diagnostics> {
        let mut said = Diagnostics::new();
        let mut values: Vec<(&'static str, Option<Spanned<Value>>)> = params
            .iter()
            .filter(|p| !matches!(p.kind, ParamKind::Rest | ParamKind::NamedRest))
            .map(|p| (p.name, None))
            .collect();
        let (mut rest, mut named_rest) = (Vec::new(), Vec::new());
        let takes_rest = params.iter().any(|p| p.kind == ParamKind::Rest);
        let takes_named = params.iter().any(|p| p.kind == ParamKind::NamedRest);
        // positional parameters before `*rest`
        let mut places = params
            .iter()
            .take_while(|p| p.kind != ParamKind::Rest)
            .filter(|p| matches!(p.kind, ParamKind::Required | ParamKind::Optional));
        let allowed = places.clone().count();
        for argument in &self.positional {
            match places.next() {
                Some(param) => set(&mut values, param.name, argument.clone()),
                None if takes_rest => rest.push(argument.clone()),
                None => {
                    let given = self.positional.len();
                    said.push(
                        Diagnostic::error(
                            "too-many-arguments",
                            argument.span,
                            format!("{function} takes {}, not {given}", at_most(allowed)),
                        )
                        .help(format!("the call is {}", signature(function, params))),
                    );
                    break;
                }
            }
        }
        for (name, argument) in &self.named {
            let slot = values.iter_mut().find(|(n, _)| *n == name.name);
            match slot {
                Some((_, slot @ None)) => *slot = Some(argument.clone()),
                Some(_) => said.push(
                    Diagnostic::error(
                        "repeated-argument",
                        name.span,
                        format!("argument `{}` of {function} is given twice", name.name),
                    )
                    .help("leave out one of them"),
                ),
                None if takes_named => named_rest.push((name.clone(), argument.clone())),
                None => said.push(unknown_argument(function, name, params)),
            }
        }
        let missing: Vec<&str> = params
            .iter()
            .filter(|p| {
                p.kind == ParamKind::Required
                    && values.iter().any(|(n, v)| *n == p.name && v.is_none())
            })
            .map(|p| p.name)
            .collect();
        // a misspelt keyword is likely the missing argument: say one thing only
        if !missing.is_empty() && said.is_empty() {
            let names: Vec<String> = missing.iter().map(|n| format!("`{n}`")).collect();
            let what = if names.len() == 1 {
                "the argument"
            } else {
                "the arguments"
            };
            said.push(
                Diagnostic::error(
                    "missing-argument",
                    self.span,
                    format!("{function} needs {what} {}", names.join(", ")),
                )
                .help(format!("the call is {}", signature(function, params))),
            );
        }
        if said.is_empty() {
            Ok(Bound {
                function: function.into(),
                span: self.span,
                rest,
                named_rest,
                values,
            })
        } else {
            Err(said)
        }
    }

    /// Whether an argument, or a part of it, is not known.
    pub fn has_unknown(&self) -> bool {
        self.positional
            .iter()
            .chain(self.named.iter().map(|(_, a)| a))
            .any(|a| a.value.is_unknown())
    }
}

fn set(
    values: &mut [(&'static str, Option<Spanned<Value>>)],
    name: &str,
    argument: Spanned<Value>,
) {
    if let Some((_, slot)) = values.iter_mut().find(|(n, _)| *n == name) {
        *slot = Some(argument);
    }
}

fn at_most(n: usize) -> String {
    match n {
        0 => "no positional arguments".into(),
        1 => "at most 1 positional argument".into(),
        n => format!("at most {n} positional arguments"),
    }
}

fn unknown_argument(function: &str, name: &Ident, params: &[Param]) -> Diagnostic {
    let names = params
        .iter()
        .filter(|p| !matches!(p.kind, ParamKind::Rest | ParamKind::NamedRest))
        .map(|p| p.name);
    let said = Diagnostic::error(
        "unknown-argument",
        name.span,
        format!("{function} has no argument `{}`", name.name),
    );
    if let Some(near) = nearest(&name.name, names.clone()) {
        return said.help(format!("did you mean `{near}`?"));
    }
    let all: Vec<String> = names.map(|n| format!("`{n}`")).collect();
    if all.is_empty() {
        said.help(format!("{function} has no keywords"))
    } else {
        said.help(format!("its arguments are {}", all.join(", ")))
    }
}

/// `mean(a, axis=, keepdims=)`
pub(crate) fn signature(function: &str, params: &[Param]) -> String {
    let parts: Vec<String> = params
        .iter()
        .map(|p| match p.kind {
            ParamKind::Required => p.name.to_string(),
            ParamKind::Optional | ParamKind::Keyword => format!("{}=", p.name),
            ParamKind::Rest => format!("{}, …", p.name),
            ParamKind::NamedRest => "name=value, …".to_string(),
        })
        .collect();
    format!("{function}({})", parts.join(", "))
}

impl Bound {
    /// The argument for a parameter, if it was given.
    pub fn get(&self, name: &str) -> Option<&Spanned<Value>> {
        self.values
            .iter()
            .find(|(n, _)| *n == name)
            .and_then(|(_, v)| v.as_ref())
    }

    /// The argument for a parameter, if it was given and is not `None`.
    pub fn given(&self, name: &str) -> Option<&Spanned<Value>> {
        self.get(name).filter(|a| a.value != Value::None)
    }

    /// Takes the argument for a parameter out.
    pub fn take(&mut self, name: &str) -> Option<Spanned<Value>> {
        self.values
            .iter_mut()
            .find(|(n, _)| *n == name)
            .and_then(|(_, v)| v.take())
    }

    /// Puts another value in the place of an argument.
    pub(crate) fn replace(&mut self, name: &'static str, value: Value) {
        let span = self.span_of(name);
        if let Some((_, slot)) = self.values.iter_mut().find(|(n, _)| *n == name) {
            *slot = Some(Spanned { value, span });
        }
    }

    /// Takes the argument for a parameter that must be given; `None` stands in for one that was taken before.
    pub fn need(&mut self, name: &str) -> Spanned<Value> {
        let span = self.span;
        self.take(name).unwrap_or(Spanned {
            value: Value::None,
            span,
        })
    }

    /// The place of an argument; the call's if it was not given.
    pub fn span_of(&self, name: &str) -> Span {
        self.get(name).map_or(self.span, |a| a.span)
    }

    /// `wrong-type` at an argument: `G: N must be a whole number, not the string 'a'`.
    pub fn wrong(&self, name: &str, expected: &str) -> Diagnostics {
        let found = self
            .get(name)
            .map_or_else(|| "nothing".into(), |a| a.value.describe());
        Diagnostic::error(
            "wrong-type",
            self.span_of(name),
            format!(
                "{}: `{name}` must be {expected}, not {found}",
                self.function
            ),
        )
        .into()
    }

    /// A whole number, if given.
    ///
    /// # Errors
    /// `wrong-type` if it is something else.
    pub fn int(&self, name: &str) -> Result<Option<i64>, Diagnostics> {
        match self.given(name) {
            None => Ok(None),
            Some(a) => a
                .value
                .as_i64()
                .map(Some)
                .ok_or_else(|| self.wrong(name, "a whole number")),
        }
    }

    /// A boolean, if given; whole numbers count as in Python.
    ///
    /// # Errors
    /// `wrong-type` if it is something else.
    pub fn flag(&self, name: &str) -> Result<Option<bool>, Diagnostics> {
        match self.given(name) {
            None => Ok(None),
            Some(a) => a
                .value
                .as_bool()
                .or_else(|| a.value.as_i64().map(|x| x != 0))
                .map(Some)
                .ok_or_else(|| self.wrong(name, "True or False")),
        }
    }

    /// A string, if given.
    ///
    /// # Errors
    /// `wrong-type` if it is something else.
    pub fn text(&self, name: &str) -> Result<Option<&str>, Diagnostics> {
        match self.given(name) {
            None => Ok(None),
            Some(a) => a
                .value
                .as_text()
                .map(|t| Some(t.as_str()))
                .ok_or_else(|| self.wrong(name, "a string")),
        }
    }
}
