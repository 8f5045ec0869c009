//! What an expression of a model file can be.
//!
//! Values are plain and owned: copying one copies its contents. Handles of model objects ([`ObjectRef`]) are opaque
//! here; only the host knows what stands behind them.

use dslsim_source::{Span, Text};
use dslsim_units::Dim;
use indexmap::IndexMap;

use crate::array::Array;
use crate::units::{describe, quantity};

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `None`
    None,
    /// `True`, `False`
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number without a unit.
    Float(f64),
    /// A number in SI base units with a dimension other than "none".
    Quantity(f64, Dim),
    /// A string that knows where it was written.
    Str(Text),
    /// `[a, b]`
    List(Vec<Value>),
    /// `(a, b)`
    Tuple(Vec<Value>),
    /// `{'k': v}`
    Dict(IndexMap<String, Value>),
    /// An array of at least one axis.
    Array(Array),
    /// A model object, or a part, view or method of one.
    Object(ObjectRef),
    /// A function, by its name.
    Function(String),
    /// `np`, `plt`, `np.random`: a module whose members are the built-in functions.
    Module(String),
    /// `slice(a, b, c)`, and what stands between brackets.
    Slice(Slice),
    /// `...`
    Ellipsis,
    /// Known only after the simulation, or not known because of a mistake that has been told; with the dimension, if
    /// that is known. Every operation on it gives an unknown value, silently.
    Unknown(Option<Dim>),
}

/// A handle of a model object; what the numbers mean is the host's affair.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ObjectRef {
    /// What the object is called in messages, e.g. `NeuronGroup`.
    pub class: String,
    /// Which one.
    pub id: u32,
    /// Which part or view of it.
    pub part: u32,
}

/// `low:high:step`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Slice {
    /// First, if given.
    pub low: Option<i64>,
    /// One past the last, if given.
    pub high: Option<i64>,
    /// Step, if given.
    pub step: Option<i64>,
}

/// Something and its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Spanned<T> {
    /// What stands there.
    pub value: T,
    /// The place.
    pub span: Span,
}

impl<T> Spanned<T> {
    /// `value` at `span`.
    pub fn new(value: T, span: Span) -> Self {
        Spanned { value, span }
    }
}

/// One entry between brackets, evaluated.
#[derive(Clone, Debug, PartialEq)]
pub enum IndexValue {
    /// One position, counted from the end if negative.
    Int(i64),
    /// `low:high:step`
    Slice(Slice),
    /// Positions (`ArrayData::I64`) or a mask (`ArrayData::Bool`).
    Array(Array),
    /// A condition, or the key of a dict.
    Str(Text),
    /// `...`
    Ellipsis,
    /// `newaxis`, `None`
    NewAxis,
    /// A model object, e.g. `S[…]` as index.
    Object(ObjectRef),
    /// See [`Value::Unknown`].
    Unknown,
}

impl Value {
    /// A number with a dimension; [`Value::Float`] if there is none.
    pub fn quantity(value: f64, dim: Dim) -> Value {
        if dim.is_none() {
            Value::Float(value)
        } else {
            Value::Quantity(value, dim)
        }
    }

    /// The value as one number in SI base units; `None` for what is not a scalar number.
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Value::Bool(x) => Some(f64::from(u8::from(*x))),
            Value::Int(x) => Some(*x as f64),
            Value::Float(x) | Value::Quantity(x, _) => Some(*x),
            Value::Array(a) if a.len() == 1 => a.get_f64(0),
            _ => None,
        }
    }

    /// The value as a whole number: integers, booleans, and floats without a fractional part and unit.
    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Value::Bool(x) => Some(i64::from(*x)),
            Value::Int(x) => Some(*x),
            Value::Float(x) if x.fract() == 0.0 && x.abs() < 9e15 => Some(*x as i64),
            Value::Array(a) if a.len() == 1 => a.get(0).as_i64(),
            _ => None,
        }
    }

    /// The value as true or false, if it is a boolean.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Value::Bool(x) => Some(*x),
            Value::Array(a) if a.len() == 1 => a.get(0).as_bool(),
            _ => None,
        }
    }

    /// The value as a string.
    pub fn as_text(&self) -> Option<&Text> {
        if let Value::Str(text) = self {
            Some(text)
        } else {
            None
        }
    }

    /// The entries of a list or tuple.
    pub fn as_sequence(&self) -> Option<&[Value]> {
        match self {
            Value::List(v) | Value::Tuple(v) => Some(v),
            _ => None,
        }
    }

    /// The dimension of a number, an array or a list of numbers; `None` if it has none or is not known.
    /// Lists are looked at through their first entry.
    pub fn dim(&self) -> Option<Dim> {
        match self {
            Value::Bool(_) | Value::Int(_) | Value::Float(_) => Some(Dim::NONE),
            Value::Quantity(_, dim) => Some(*dim),
            Value::Array(a) => Some(a.dim),
            Value::List(v) | Value::Tuple(v) => v.first().map_or(Some(Dim::NONE), Value::dim),
            Value::Unknown(dim) => *dim,
            _ => None,
        }
    }

    /// Whether the value, or a part of it, is not known.
    pub fn is_unknown(&self) -> bool {
        match self {
            Value::Unknown(_) => true,
            Value::List(v) | Value::Tuple(v) => v.iter().any(Value::is_unknown),
            Value::Dict(d) => d.values().any(Value::is_unknown),
            _ => false,
        }
    }

    /// Whether it is one number or boolean.
    pub fn is_scalar(&self) -> bool {
        matches!(
            self,
            Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::Quantity(..)
        )
    }

    /// Whether it is a number, array, or list that can be made into one.
    pub fn is_numeric(&self) -> bool {
        match self {
            Value::List(v) | Value::Tuple(v) => v.iter().all(Value::is_numeric),
            other => other.is_scalar() || matches!(other, Value::Array(_)),
        }
    }

    /// Whether it is zero without a unit: fits any dimension.
    pub fn is_plain_zero(&self) -> bool {
        match self {
            Value::Int(0) | Value::Bool(false) => true,
            Value::Float(x) => *x == 0.0,
            Value::Array(a) => a.dim.is_none() && a.all_zero(),
            Value::List(v) | Value::Tuple(v) => !v.is_empty() && v.iter().all(Value::is_plain_zero),
            _ => false,
        }
    }

    /// What it is, for messages: `the number 10.5`, `a string`, `an array of 3 values in volt`.
    pub fn describe(&self) -> String {
        match self {
            Value::None => "None".into(),
            Value::Bool(x) => format!("the boolean {}", if *x { "True" } else { "False" }),
            Value::Int(x) => format!("the number {x}"),
            Value::Float(x) => format!("the number {}", crate::text::float(*x)),
            Value::Quantity(x, dim) => format!("the quantity {}", quantity(*x, *dim)),
            Value::Str(text)
                if text.as_str().chars().count() <= 30 && !text.as_str().contains('\n') =>
            {
                format!("the string '{}'", text.as_str())
            }
            Value::Str(_) => "a string".into(),
            Value::List(v) => format!("a list of {}", values(v.len())),
            Value::Tuple(v) => format!("a tuple of {}", values(v.len())),
            Value::Dict(_) => "a dict".into(),
            Value::Array(a) => {
                let unit = if a.dim.is_none() {
                    String::new()
                } else {
                    format!(" in {}", describe(a.dim))
                };
                match a.shape() {
                    [n] => format!("an array of {}{unit}", values(*n)),
                    shape => format!("an array of shape {}{unit}", crate::text::shape(shape)),
                }
            }
            Value::Object(o) => format!("a {}", o.class),
            Value::Function(name) => format!("the function {name}"),
            Value::Module(name) => format!("the module {name}"),
            Value::Slice(_) => "a slice".into(),
            Value::Ellipsis => "an ellipsis".into(),
            Value::Unknown(_) => "a value not known yet".into(),
        }
    }
}

fn values(n: usize) -> String {
    if n == 1 {
        "1 value".into()
    } else {
        format!("{n} values")
    }
}

impl From<f64> for Value {
    fn from(x: f64) -> Self {
        Value::Float(x)
    }
}

impl From<i64> for Value {
    fn from(x: i64) -> Self {
        Value::Int(x)
    }
}

impl From<bool> for Value {
    fn from(x: bool) -> Self {
        Value::Bool(x)
    }
}

impl From<Array> for Value {
    /// An array without axes becomes a scalar.
    fn from(a: Array) -> Self {
        if a.ndim() == 0 {
            a.get(0)
        } else {
            Value::Array(a)
        }
    }
}
