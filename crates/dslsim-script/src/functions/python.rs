//! Python's own functions, and those of model files.

use dslsim_source::Text;
use dslsim_syntax::ast::CompareOp;
use dslsim_units::Dim;

use super::elementwise::pairs;
use super::{Function, Units};
use crate::array::{Array, Kind};
use crate::call::{Bound, Param};
use crate::context::Context;
use crate::eval::Run;
use crate::fault::{Outcome, fail, fail_help};
use crate::limits::longest_list;
use crate::sequences::{iterate, to_array};
use crate::text;
use crate::value::{Slice, Spanned, Value};

const X: Param = Param::required("x");

pub(super) const TABLE: &[Function] = &[
    Function {
        name: "len",
        params: &[X],
        units: Units::Raw,
        about: "the number of entries",
        run: len,
    },
    Function {
        name: "range",
        params: &[
            Param::required("start"),
            Param::optional("stop"),
            Param::optional("step"),
        ],
        units: Units::Own,
        about: "whole numbers from start up to, not including, stop",
        run: range,
    },
    Function {
        name: "int",
        params: &[X],
        units: Units::Pure,
        about: "the number without its fraction, as a whole number",
        run: int,
    },
    Function {
        name: "float",
        params: &[X],
        units: Units::Plain,
        about: "the number in SI base units, as a float",
        run: float,
    },
    Function {
        name: "bool",
        params: &[X],
        units: Units::Plain,
        about: "whether the value counts as true",
        run: boolean,
    },
    Function {
        name: "str",
        params: &[X],
        units: Units::Raw,
        about: "the value as text",
        run: |r, b| string(r, b),
    },
    Function {
        name: "repr",
        params: &[X],
        units: Units::Raw,
        about: "the value as text",
        run: |r, b| string(r, b),
    },
    Function {
        name: "max",
        params: EXTREME,
        units: Units::Same,
        about: "the largest element, or the larger of several values",
        run: |_, b| extreme(&b, true),
    },
    Function {
        name: "min",
        params: EXTREME,
        units: Units::Same,
        about: "the smallest element, or the smaller of several values",
        run: |_, b| extreme(&b, false),
    },
    Function {
        name: "round",
        params: &[Param::required("a"), Param::optional("decimals")],
        units: Units::Same,
        about: "the nearest number with some decimals; halves go to the even one",
        run: round,
    },
    Function {
        name: "sorted",
        params: &[X, Param::keyword("reverse")],
        units: Units::Same,
        about: "the entries in rising order, as a list",
        run: sorted,
    },
    Function {
        name: "reversed",
        params: &[X],
        units: Units::Same,
        about: "the entries from last to first, as a list",
        run: |_, b| entries(&b).map(|v| Value::List(v.into_iter().rev().collect())),
    },
    Function {
        name: "list",
        params: &[Param::optional("x")],
        units: Units::Same,
        about: "the entries as a list",
        run: |_, b| entries(&b).map(Value::List),
    },
    Function {
        name: "tuple",
        params: &[Param::optional("x")],
        units: Units::Same,
        about: "the entries as a tuple",
        run: |_, b| entries(&b).map(Value::Tuple),
    },
    Function {
        name: "dict",
        params: &[Param::named_rest("entries")],
        units: Units::Raw,
        about: "a dict of the keywords",
        run: |_, b| {
            Ok(Value::Dict(
                b.named_rest
                    .into_iter()
                    .map(|(k, v)| (k.name, v.value))
                    .collect(),
            ))
        },
    },
    Function {
        name: "zip",
        params: &[Param::rest("lists")],
        units: Units::Own,
        about: "the entries of several lists side by side",
        run: zip,
    },
    Function {
        name: "enumerate",
        params: &[X],
        units: Units::Own,
        about: "the entries with their positions",
        run: |_, b| {
            let all = entries(&b)?
                .into_iter()
                .enumerate()
                .map(|(k, v)| Value::Tuple(vec![Value::Int(k as i64), v]))
                .collect();
            Ok(Value::List(all))
        },
    },
    Function {
        name: "slice",
        params: &[
            Param::required("start"),
            Param::optional("stop"),
            Param::optional("step"),
        ],
        units: Units::Own,
        about: "start:stop:step as a value",
        run: slice,
    },
    Function {
        name: "print",
        params: &[
            Param::rest("values"),
            Param::keyword("sep"),
            Param::keyword("end"),
            Param::keyword("flush"),
            Param::keyword("file"),
        ],
        units: Units::Raw,
        about: "shows values on a line",
        run: print,
    },
    Function {
        name: "include",
        params: &[Param::required("file")],
        units: Units::Raw,
        about: "executes another model file in the same namespace",
        run: include,
    },
    Function {
        name: "start_scope",
        params: &[],
        units: Units::Raw,
        about: "no effect; accepted as in Brian2",
        run: |_, _| Ok(Value::None),
    },
    Function {
        name: "have_same_dimensions",
        params: &[Param::required("a"), Param::required("b")],
        units: Units::Plain,
        about: "whether two values have the same unit",
        run: |_, b| Ok(Value::Bool(b.array("a")?.dim == b.array("b")?.dim)),
    },
];

const EXTREME: &[Param] = &[
    Param::rest("a"),
    Param::keyword("axis"),
    Param::keyword("keepdims"),
    Param::keyword("out"),
];

fn len(run: &mut Run<'_>, mut b: Bound) -> Outcome<Value> {
    let x = b.need("x");
    if let Value::Object(object) = &x.value
        && let Some(n) = run
            .host
            .length(&mut Context { state: run.state }, object, x.span)?
    {
        return Ok(n);
    }
    let x = run.plain_at(x)?;
    match &x.value {
        Value::Unknown(_) => Ok(Value::Unknown(Some(Dim::NONE))),
        Value::List(v) | Value::Tuple(v) => Ok(Value::Int(v.len() as i64)),
        Value::Dict(d) => Ok(Value::Int(d.len() as i64)),
        Value::Str(text) => Ok(Value::Int(text.as_str().chars().count() as i64)),
        Value::Array(a) => Ok(Value::Int(a.shape().first().copied().unwrap_or(0) as i64)),
        other => fail(
            "wrong-type",
            x.span,
            format!("{} has no length", other.describe()),
        ),
    }
}

fn range(_: &mut Run<'_>, b: Bound) -> Outcome<Value> {
    for name in ["start", "stop", "step"] {
        if let Some(Value::Float(_) | Value::Quantity(..)) = b.given(name).map(|v| &v.value) {
            return fail_help(
                "wrong-type",
                b.span_of(name),
                format!(
                    "range takes whole numbers, not {}",
                    b.get(name).map_or_else(String::new, |v| v.value.describe())
                ),
                "use `arange` for fractions and quantities",
            );
        }
    }
    let first = b.int("start")?.unwrap_or(0);
    let (start, stop) = b.int("stop")?.map_or((0, first), |stop| (first, stop));
    let step = b.int("step")?.unwrap_or(1);
    if step == 0 {
        return fail(
            "wrong-value",
            b.span_of("step"),
            "range: the step cannot be 0",
        );
    }
    let span = if step > 0 {
        stop.saturating_sub(start)
    } else {
        start.saturating_sub(stop)
    };
    let n = if span <= 0 {
        0
    } else {
        (span - 1) / step.saturating_abs() + 1
    };
    crate::limits::check_size(&[usize::try_from(n).unwrap_or(usize::MAX)], b.span)?;
    Ok(Value::Array(Array::ints(
        (0..n).map(|k| start + k * step).collect(),
        &[n as usize],
    )))
}

fn int(_: &mut Run<'_>, b: Bound) -> Outcome<Value> {
    if let Some(text) = b.get("x").and_then(|x| x.value.as_text()) {
        return match text.as_str().trim().replace('_', "").parse() {
            Ok(x) => Ok(Value::Int(x)),
            Err(_) => fail(
                "wrong-value",
                b.span_of("x"),
                format!("'{}' is not a whole number", text.as_str()),
            ),
        };
    }
    super::create::converted(&b.pure("x")?, Kind::Int, b.span_of("x")).map(Value::from)
}

fn float(_: &mut Run<'_>, b: Bound) -> Outcome<Value> {
    if let Some(text) = b.get("x").and_then(|x| x.value.as_text()) {
        return match text.as_str().trim().parse() {
            Ok(x) => Ok(Value::Float(x)),
            Err(_) => fail(
                "wrong-value",
                b.span_of("x"),
                format!("'{}' is not a number", text.as_str()),
            ),
        };
    }
    let mut a = b.array("x")?.cast(Kind::Float);
    a.dim = Dim::NONE;
    Ok(Value::from(a))
}

fn boolean(run: &mut Run<'_>, mut b: Bound) -> Outcome<Value> {
    let x = b.need("x");
    if let Value::Array(a) = &x.value {
        return Ok(Value::from(a.cast(Kind::Bool)));
    }
    Ok(run
        .truth(x.value, x.span)?
        .map_or(Value::Unknown(Some(Dim::NONE)), Value::Bool))
}

fn string(run: &mut Run<'_>, mut b: Bound) -> Outcome<Value> {
    let x = b.need("x");
    let x = run.plain_at(x)?;
    if x.value.is_unknown() {
        return Ok(Value::Unknown(None));
    }
    if let Value::Str(text) = x.value {
        return Ok(Value::Str(text));
    }
    let host = &*run.host;
    Ok(Value::Str(Text::computed(
        text::show(&x.value, &|o| host.show(o)),
        b.span,
    )))
}

/// `max(a)`, `max(a, axis=0)`, `max(a, 0)`, `max(x, y, …)`
fn extreme(b: &Bound, up: bool) -> Outcome<Value> {
    const ONE: &[Param] = &[
        Param::required("a"),
        Param::optional("axis"),
        Param::optional("keepdims"),
        Param::optional("out"),
    ];
    let named = ["axis", "keepdims", "out"]
        .iter()
        .filter_map(|n| {
            b.get(n).map(|v| {
                (
                    dslsim_syntax::ast::Ident {
                        name: (*n).into(),
                        span: v.span,
                    },
                    v.clone(),
                )
            })
        })
        .collect();
    let several = match b.rest.as_slice() {
        [] => {
            return fail(
                "missing-argument",
                b.span,
                format!("{} needs at least one value", b.function),
            );
        }
        [_] => false,
        // numpy's second argument is the axis
        [first, second] => {
            !(matches!(first.value, Value::Array(_)) && matches!(second.value, Value::Int(_)))
        }
        _ => true,
    };
    if !several {
        let args = crate::call::CallArgs {
            positional: b.rest.clone(),
            named,
            span: b.span,
        };
        return super::reduce::extreme(&args.bind(&b.function, ONE)?, up);
    }
    let mut best: Option<Spanned<Value>> = None;
    for candidate in &b.rest {
        best = Some(match best {
            None => candidate.clone(),
            Some(best) => {
                let (x, y) = (
                    to_array(&best.value, best.span)?,
                    to_array(&candidate.value, candidate.span)?,
                );
                let Some(dim) = crate::operators::same_dim(&x, &y) else {
                    let text = format!(
                        "{}: {} and {} are not the same unit",
                        b.function,
                        crate::units::describe(x.dim),
                        crate::units::describe(y.dim)
                    );
                    return fail("dimension-mismatch", candidate.span, text);
                };
                let f: fn(f64, f64) -> f64 = if up {
                    |x, y| {
                        if x.is_nan() || y.is_nan() {
                            f64::NAN
                        } else {
                            x.max(y)
                        }
                    }
                } else {
                    |x, y| {
                        if x.is_nan() || y.is_nan() {
                            f64::NAN
                        } else {
                            x.min(y)
                        }
                    }
                };
                Spanned::new(pairs(&x, &y, dim, b, f)?, candidate.span)
            }
        });
    }
    Ok(best.map_or(Value::None, |v| v.value))
}

fn round(_: &mut Run<'_>, b: Bound) -> Outcome<Value> {
    let a = b.array("a")?;
    let decimals = b.int("decimals")?.unwrap_or(0).clamp(-300, 300);
    if a.kind() < Kind::Float {
        if decimals >= 0 {
            return Ok(Value::from(a.cast(Kind::Int)));
        }
        let scale = 10_f64.powi(-decimals as i32);
        return Ok(Value::from(Array::ints(
            a.int_vec()
                .iter()
                .map(|x| ((*x as f64 / scale).round_ties_even() * scale) as i64)
                .collect(),
            a.shape(),
        )));
    }
    let scale = 10_f64.powi(decimals.unsigned_abs() as i32);
    let rounded = a.to_floats().mapv(|x| {
        if decimals >= 0 {
            (x * scale).round_ties_even() / scale
        } else {
            (x / scale).round_ties_even() * scale
        }
    });
    Ok(Value::from(Array {
        data: crate::array::ArrayData::F64(rounded),
        dim: a.dim,
    }))
}

fn entries(b: &Bound) -> Outcome<Vec<Value>> {
    b.get("x")
        .map_or_else(|| Ok(Vec::new()), |x| iterate(&x.value, x.span))
}

fn sorted(_: &mut Run<'_>, b: Bound) -> Outcome<Value> {
    let mut all = entries(&b)?;
    let span = b.span_of("x");
    // an insertion into the sorted part, so that a mistake in a comparison is told
    let mut out: Vec<Value> = Vec::with_capacity(all.len());
    if all.iter().all(Value::is_scalar) {
        let common = to_array(&Value::List(all.clone()), span)?;
        let _ = common;
        all.sort_by(|x, y| {
            super::order::rising(
                &x.as_f64().unwrap_or(f64::NAN),
                &y.as_f64().unwrap_or(f64::NAN),
            )
        });
        out = all;
    } else {
        for entry in all {
            let mut at = out.len();
            while let Some(before) = at.checked_sub(1).and_then(|k| out.get(k)) {
                let less = crate::comparisons::compare(
                    CompareOp::Lt,
                    &Spanned::new(entry.clone(), span),
                    &Spanned::new(before.clone(), span),
                    span,
                )?;
                if less != Value::Bool(true) {
                    break;
                }
                at -= 1;
            }
            out.insert(at, entry);
        }
    }
    if b.flag("reverse")? == Some(true) {
        out.reverse();
    }
    Ok(Value::List(out))
}

fn zip(_: &mut Run<'_>, b: Bound) -> Outcome<Value> {
    let lists = b
        .rest
        .iter()
        .map(|l| iterate(&l.value, l.span))
        .collect::<Outcome<Vec<_>>>()?;
    let n = lists
        .iter()
        .map(Vec::len)
        .min()
        .unwrap_or(0)
        .min(longest_list());
    Ok(Value::List(
        (0..n)
            .map(|k| Value::Tuple(lists.iter().filter_map(|l| l.get(k).cloned()).collect()))
            .collect(),
    ))
}

fn slice(_: &mut Run<'_>, b: Bound) -> Outcome<Value> {
    let (first, stop, step) = (b.int("start")?, b.int("stop")?, b.int("step")?);
    let (low, high) = if b.get("stop").is_some() {
        (first, stop)
    } else {
        (None, first)
    };
    Ok(Value::Slice(Slice { low, high, step }))
}

fn print(run: &mut Run<'_>, b: Bound) -> Outcome<Value> {
    let separator = b.text("sep")?.unwrap_or(" ").to_string();
    let mut parts = Vec::new();
    for value in &b.rest {
        let value = run.plain_at(value.clone())?;
        if value.value.is_unknown() {
            return Ok(Value::None);
        }
        let host = &*run.host;
        parts.push(text::show(&value.value, &|o| host.show(o)));
    }
    run.host.print(&parts.join(&separator));
    Ok(Value::None)
}

/// The depth of includes beyond which something must be wrong.
const MAX_DEPTH: usize = 64;

fn include(run: &mut Run<'_>, b: Bound) -> Outcome<Value> {
    let (Some(name), span) = (b.text("file")?, b.span_of("file")) else {
        return Err(b.wrong("file", "a file name in quotes"));
    };
    let from = run.state.files.last().copied().unwrap_or_default();
    let (file, source) = run.host.read_file(name, from, span)?;
    if run.state.files.contains(&file) {
        return fail_help(
            "include-cycle",
            span,
            format!("`{name}` includes itself, directly or through others"),
            "move what both need into a third file",
        );
    }
    if run.state.files.len() >= MAX_DEPTH {
        return fail(
            "include-cycle",
            span,
            format!("files include each other more than {MAX_DEPTH} deep"),
        );
    }
    let (ast, said) = dslsim_syntax::parse_file(file, &source);
    run.state.diagnostics.extend(said);
    run.file(file, &ast);
    Ok(Value::None)
}
