//! Attributes and methods of plain values: arrays, numbers, strings, lists, dicts.
//!
//! The methods of arrays are the functions of the same name with the array as first argument.

use dslsim_source::{Diagnostic, Text};
use dslsim_syntax::ast::Ident;
use dslsim_units::Dim;

use crate::array::{Array, Kind};
use crate::call::{CallArgs, Param};
use crate::eval::Run;
use crate::fault::{Outcome, fail, fail_help};
use crate::functions;
use crate::sequences::to_array;
use crate::suggest::nearest;
use crate::text;
use crate::value::{Spanned, Value};

/// Attributes of arrays and numbers.
const PROPERTIES: [&str; 9] = [
    "shape",
    "T",
    "size",
    "ndim",
    "real",
    "flat",
    "dtype",
    "dim",
    "dimensions",
];

/// Methods of arrays that are functions, too.
const AS_FUNCTION: [&str; 24] = [
    "sum",
    "mean",
    "std",
    "var",
    "max",
    "min",
    "any",
    "all",
    "prod",
    "cumsum",
    "cumprod",
    "argmax",
    "argmin",
    "argsort",
    "nonzero",
    "round",
    "clip",
    "repeat",
    "squeeze",
    "ravel",
    "transpose",
    "dot",
    "searchsorted",
    "ptp",
];

/// Further methods of arrays.
const OF_ARRAYS: [&str; 8] = [
    "flatten", "astype", "copy", "reshape", "tolist", "item", "in_unit", "sort",
];

/// Whether a name is an attribute that every array has.
pub(crate) fn is_property(name: &str) -> bool {
    PROPERTIES.contains(&name)
}

/// Whether a name is a method that every array has.
pub(crate) fn is_array_method(name: &str) -> bool {
    AS_FUNCTION.contains(&name) || OF_ARRAYS.contains(&name)
}

/// `base.name`
pub(crate) fn property(base: &Spanned<Value>, name: &Ident) -> Outcome<Value> {
    if base.value.is_scalar() || matches!(base.value, Value::Array(_)) {
        let array = to_array(&base.value, base.span)?;
        match name.name.as_str() {
            "shape" => {
                return Ok(Value::Tuple(
                    array
                        .shape()
                        .iter()
                        .map(|n| Value::Int(*n as i64))
                        .collect(),
                ));
            }
            "T" => {
                return Ok(Value::from(functions::shape::transposed(
                    &array,
                    &(0..array.ndim()).rev().collect::<Vec<_>>(),
                )));
            }
            "size" => return Ok(Value::Int(array.len() as i64)),
            "ndim" => return Ok(Value::Int(array.ndim() as i64)),
            "real" => return Ok(base.value.clone()),
            "flat" => return Ok(Value::Array(array.with_shape(&[array.len()]))),
            "dtype" => {
                return Ok(Value::Function(
                    match array.kind() {
                        Kind::Bool => "bool",
                        Kind::Int => "int",
                        Kind::Float => "float",
                    }
                    .into(),
                ));
            }
            "dim" | "dimensions" => return Ok(Value::quantity(1.0, array.dim)),
            _ => {}
        }
    }
    let known: Vec<&str> = if base.value.is_numeric() {
        PROPERTIES
            .iter()
            .chain(&AS_FUNCTION)
            .chain(&OF_ARRAYS)
            .copied()
            .collect()
    } else {
        Vec::new()
    };
    if known.contains(&name.name.as_str()) && !is_property(&name.name) {
        return fail_help(
            "unknown-attribute",
            name.span,
            format!("`{}` is a method", name.name),
            format!("write `.{}()`", name.name),
        );
    }
    let near = nearest(&name.name, known).map(|n| format!("did you mean `{n}`?"));
    Err(Diagnostic::error(
        "unknown-attribute",
        name.span,
        format!("{} has no attribute `{}`", base.value.describe(), name.name),
    )
    .help_opt(near)
    .into())
}

/// `base.name(args)` for a plain value.
pub(crate) fn call(
    run: &mut Run<'_>,
    base: Spanned<Value>,
    name: &Ident,
    args: CallArgs,
) -> Outcome<Value> {
    match &base.value {
        Value::Str(template) => {
            let template = template.clone();
            crate::strings::of_string(run, &template, name, &args)
        }
        Value::Dict(entries) => {
            let key = |k: &String| Value::Str(Text::computed(k.as_str(), base.span));
            match name.name.as_str() {
                "keys" => Ok(Value::List(entries.keys().map(key).collect())),
                "values" => Ok(Value::List(entries.values().cloned().collect())),
                "items" => Ok(Value::List(
                    entries
                        .iter()
                        .map(|(k, v)| Value::Tuple(vec![key(k), v.clone()]))
                        .collect(),
                )),
                "copy" => Ok(base.value.clone()),
                "get" => {
                    let mut bound =
                        args.bind("get", &[Param::required("key"), Param::optional("default")])?;
                    let found = bound.text("key")?.and_then(|k| entries.get(k)).cloned();
                    Ok(found
                        .unwrap_or_else(|| bound.take("default").map_or(Value::None, |d| d.value)))
                }
                _ => unknown(
                    &base.value,
                    name,
                    &["keys", "values", "items", "copy", "get"],
                ),
            }
        }
        Value::List(v) | Value::Tuple(v) => {
            let item = |args: &CallArgs| {
                args.bind(&name.name, &[Param::required("value")])
                    .map(|mut b| b.need("value"))
            };
            match name.name.as_str() {
                "copy" => Ok(base.value.clone()),
                "index" => {
                    let wanted = item(&args)?;
                    match v
                        .iter()
                        .position(|x| crate::comparisons::equal(x, &wanted.value))
                    {
                        Some(k) => Ok(Value::Int(k as i64)),
                        None => fail(
                            "wrong-value",
                            wanted.span,
                            format!("{} is not in the list", wanted.value.describe()),
                        ),
                    }
                }
                "count" => {
                    let wanted = item(&args)?;
                    Ok(Value::Int(
                        v.iter()
                            .filter(|x| crate::comparisons::equal(x, &wanted.value))
                            .count() as i64,
                    ))
                }
                "append" | "extend" | "insert" | "remove" | "sort" | "reverse" | "pop" => {
                    fail_help(
                        "not-supported",
                        name.span,
                        format!("lists are not changed by `.{}()` here", name.name),
                        "make a new list: `a = a + [x]`, `a = sorted(a)`",
                    )
                }
                _ => unknown(&base.value, name, &["index", "count", "copy"]),
            }
        }
        v if v.is_scalar() || matches!(v, Value::Array(_)) => of_array(run, base, name, args),
        other => unknown(other, name, &[]),
    }
}

/// A method that a value does not have.
pub(crate) fn unknown(value: &Value, name: &Ident, known: &[&str]) -> Outcome<Value> {
    let near = nearest(&name.name, known.iter().copied()).map(|n| format!("did you mean `{n}`?"));
    Err(Diagnostic::error(
        "unknown-attribute",
        name.span,
        format!("{} has no method `{}`", value.describe(), name.name),
    )
    .help_opt(near)
    .into())
}

fn of_array(
    run: &mut Run<'_>,
    base: Spanned<Value>,
    name: &Ident,
    mut args: CallArgs,
) -> Outcome<Value> {
    if AS_FUNCTION.contains(&name.name.as_str())
        && let Some(function) = functions::find(&name.name)
    {
        args.positional.insert(0, base);
        return functions::call(run, function, args);
    }
    let array = to_array(&base.value, base.span)?;
    match name.name.as_str() {
        "copy" => args.bind("copy", &[]).map(|_| base.value),
        "flatten" => args
            .bind("flatten", &[])
            .map(|_| Value::Array(array.with_shape(&[array.len()]))),
        "tolist" => args.bind("tolist", &[]).map(|_| nested_list(&array)),
        "item" => {
            args.bind("item", &[])?;
            if array.len() == 1 {
                Ok(array.get(0))
            } else {
                fail(
                    "wrong-type",
                    base.span,
                    "only an array of one value has an item",
                )
            }
        }
        "astype" => {
            let bound = args.bind("astype", &[Param::required("dtype")])?;
            match functions::create::dtype(&bound)? {
                Some(kind) => Ok(Value::from(functions::create::converted(
                    &array,
                    kind,
                    bound.span_of("dtype"),
                )?)),
                None => Ok(base.value),
            }
        }
        "reshape" => {
            let shape = match args.positional.as_slice() {
                [one] => one.clone(),
                many => Spanned::new(
                    Value::Tuple(many.iter().map(|a| a.value.clone()).collect()),
                    args.span,
                ),
            };
            functions::shape::reshaped(&array, &shape).map(Value::from)
        }
        "sort" => fail_help(
            "not-supported",
            name.span,
            "arrays are not sorted in place",
            "write `x = sort(x)`",
        ),
        "in_unit" => {
            let bound = args.bind(
                "in_unit",
                &[Param::required("unit"), Param::optional("precision")],
            )?;
            let unit = bound
                .get("unit")
                .map(|u| u.value.clone())
                .unwrap_or(Value::None);
            let plain = match (unit.as_f64(), unit.dim()) {
                (Some(scale), Some(dim)) if dim == array.dim => Array::floats(
                    array.float_vec().iter().map(|x| x / scale).collect(),
                    array.shape(),
                    Dim::NONE,
                ),
                _ => {
                    return Err(bound.wrong(
                        "unit",
                        &format!("a unit of {}", crate::units::describe(array.dim)),
                    ));
                }
            };
            let shown = text::show(&Value::from(plain), &|_| String::new());
            Ok(Value::Str(Text::computed(shown, args.span)))
        }
        _ => unknown(
            &base.value,
            name,
            &AS_FUNCTION
                .iter()
                .chain(&OF_ARRAYS)
                .copied()
                .collect::<Vec<_>>(),
        ),
    }
}

/// An array as nested lists.
fn nested_list(a: &Array) -> Value {
    if a.ndim() == 0 {
        return a.get(0);
    }
    Value::List(
        crate::sequences::entries(a)
            .iter()
            .map(|v| {
                if let Value::Array(row) = v {
                    nested_list(row)
                } else {
                    v.clone()
                }
            })
            .collect(),
    )
}
