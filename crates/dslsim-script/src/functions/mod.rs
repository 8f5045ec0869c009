//! The functions of the language. Each is a row: name, parameters, what happens to units, implementation.
//!
//! Their meaning is numpy's. An argument that is not known gives a result that is not known, without a call.

pub(crate) mod create;
pub(crate) mod elementwise;
pub(crate) mod linear;
pub(crate) mod order;
pub(crate) mod python;
pub(crate) mod random;
pub(crate) mod reduce;
pub(crate) mod shape;
pub(crate) mod statistics;

use std::collections::HashMap;
use std::sync::LazyLock;

use dslsim_units::Dim;

use crate::array::Array;
use crate::call::{Bound, CallArgs, Param, signature};
use crate::eval::Run;
use crate::fault::{Outcome, fail};
use crate::sequences::to_array;
use crate::units::describe;
use crate::value::Value;

/// What happens to units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Units {
    /// The result has the unit of the first argument.
    Same,
    /// The result is a plain number whatever the argument is in.
    Plain,
    /// The argument must be a plain number, the result is one.
    Pure,
    /// The function has its own rule.
    Own,
    /// The function takes arguments as they are, also unknown ones and handles of objects.
    Raw,
}

/// A row of the table.
pub(crate) struct Function {
    pub name: &'static str,
    pub params: &'static [Param],
    pub units: Units,
    pub about: &'static str,
    pub run: fn(&mut Run<'_>, Bound) -> Outcome<Value>,
}

/// A function, as the documentation lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionInfo {
    /// Its name.
    pub name: &'static str,
    /// `mean(a, axis=, keepdims=)`
    pub signature: String,
    /// One line about it.
    pub about: &'static str,
}

const TABLES: [&[Function]; 9] = [
    create::TABLE,
    elementwise::TABLE,
    linear::TABLE,
    order::TABLE,
    python::TABLE,
    random::TABLE,
    reduce::TABLE,
    shape::TABLE,
    statistics::TABLE,
];

/// Second names.
const ALIASES: [(&str, &str); 22] = [
    ("absolute", "abs"),
    ("fabs", "abs"),
    ("amax", "max"),
    ("amin", "min"),
    ("asin", "arcsin"),
    ("acos", "arccos"),
    ("atan", "arctan"),
    ("atan2", "arctan2"),
    ("pow", "power"),
    ("remainder", "mod"),
    ("around", "round"),
    ("asarray", "array"),
    ("product", "prod"),
    ("row_stack", "vstack"),
    ("deg2rad", "radians"),
    ("rad2deg", "degrees"),
    ("nancumsum", "cumsum"),
    ("invert", "logical_not"),
    ("float64", "float"),
    ("int32", "int"),
    ("bool_", "bool"),
    ("random_sample", "random"),
];

static INDEX: LazyLock<HashMap<&'static str, &'static Function>> = LazyLock::new(|| {
    let mut index: HashMap<&'static str, &'static Function> = TABLES
        .iter()
        .flat_map(|t| t.iter())
        .map(|f| (f.name, f))
        .collect();
    for (name, target) in ALIASES {
        if let Some(function) = index.get(target).copied() {
            index.entry(name).or_insert(function);
        }
    }
    index
});

/// The function called `name`.
pub(crate) fn find(name: &str) -> Option<&'static Function> {
    INDEX.get(name).copied()
}

/// All names.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    TABLES
        .iter()
        .flat_map(|t| t.iter())
        .map(|f| f.name)
        .chain(ALIASES.iter().map(|(n, _)| *n))
}

/// All functions of the script level that are not the host's, by name.
pub fn function_table() -> Vec<FunctionInfo> {
    let mut all: Vec<FunctionInfo> = TABLES
        .iter()
        .flat_map(|t| t.iter())
        .map(|f| FunctionInfo {
            name: f.name,
            signature: signature(f.name, f.params),
            about: f.about,
        })
        .collect();
    all.sort_by_key(|f| f.name);
    all
}

/// Calls a function.
pub(crate) fn call(
    run: &mut Run<'_>,
    function: &'static Function,
    mut args: CallArgs,
) -> Outcome<Value> {
    if function.units == Units::Raw {
        return (function.run)(run, args.bind(function.name, function.params)?);
    }
    for value in args
        .positional
        .iter_mut()
        .chain(args.named.iter_mut().map(|(_, v)| v))
    {
        let plain = run.plain_at(value.clone())?;
        *value = plain;
    }
    let unknown = args.has_unknown();
    let bound = args.bind(function.name, function.params)?;
    if unknown {
        let first = function.params.first().and_then(|p| bound.get(p.name));
        let dim = first.and_then(|a| a.value.dim());
        return Ok(Value::Unknown(match function.units {
            Units::Same => dim,
            Units::Plain => Some(Dim::NONE),
            Units::Pure => match (dim, first) {
                (Some(dim), Some(a)) if !dim.is_none() => {
                    return Err(not_pure(function.name, dim, a.span));
                }
                _ => Some(Dim::NONE),
            },
            Units::Own | Units::Raw => None,
        }));
    }
    (function.run)(run, bound)
}

/// `exp needs a plain number; this is in volt`
pub(crate) fn not_pure(
    function: &str,
    dim: Dim,
    span: dslsim_source::Span,
) -> dslsim_source::Diagnostics {
    let unit = describe(dim);
    dslsim_source::Diagnostic::error(
        "dimension-mismatch",
        span,
        format!("{function} needs a dimensionless number; this is in {unit}"),
    )
    .help(format!("divide by a quantity in {unit}"))
    .into()
}

impl Bound {
    /// An argument that must be given, as an array.
    pub(crate) fn array(&self, name: &str) -> Outcome<Array> {
        match self.get(name) {
            Some(a) => to_array(&a.value, a.span).map_err(|said| {
                if a.value.is_numeric() {
                    said
                } else {
                    self.wrong(name, "a number, an array or a list of numbers")
                }
            }),
            None => fail(
                "missing-argument",
                self.span,
                format!("{} needs the argument `{name}`", self.function),
            ),
        }
    }

    /// An argument as an array, if it was given.
    pub(crate) fn array_if(&self, name: &str) -> Outcome<Option<Array>> {
        self.given(name).map(|_| self.array(name)).transpose()
    }

    /// An argument as an array of plain numbers.
    pub(crate) fn pure(&self, name: &str) -> Outcome<Array> {
        let a = self.array(name)?;
        if a.dim.is_none() {
            Ok(a)
        } else {
            Err(not_pure(&self.function, a.dim, self.span_of(name)))
        }
    }

    /// A length or count: a whole number that is not negative.
    pub(crate) fn count(&self, name: &str) -> Outcome<Option<usize>> {
        match self.int(name)? {
            None => Ok(None),
            Some(n) => match usize::try_from(n) {
                Ok(n) => Ok(Some(n)),
                Err(_) => fail(
                    "wrong-value",
                    self.span_of(name),
                    format!("{}: `{name}` cannot be negative, it is {n}", self.function),
                ),
            },
        }
    }
}
