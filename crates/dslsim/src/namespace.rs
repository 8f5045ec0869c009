//! The script's names as equations see them.

use std::collections::HashMap;

use dslsim_model::scope::{External, Namespace};
use dslsim_model::variables::VarType;
use dslsim_script::{Context, Value};
use dslsim_units::Dim;

/// The values of the script's names at some moment.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names(HashMap<String, External>);

impl Names {
    /// The present values.
    pub fn of(ctx: &Context<'_>, external: impl Fn(&Value) -> External) -> Names {
        let globals = ctx.globals().map(|(name, binding)| (name, &binding.value));
        Names(
            ctx.imported()
                .chain(globals)
                .map(|(name, value)| (name.to_owned(), external(value)))
                .collect(),
        )
    }
}

impl Namespace for Names {
    fn lookup(&self, name: &str) -> Option<External> {
        self.0.get(name).cloned()
    }

    fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = self
            .0
            .iter()
            .filter(|(_, e)| matches!(e, External::Scalar { .. }))
            .map(|(n, _)| n.clone())
            .collect();
        names.sort();
        names
    }
}

/// What a value is to an equation.
pub(crate) fn external(value: &Value) -> External {
    let scalar = |value, dim, ty| External::Scalar { value, dim, ty };
    match value {
        Value::Bool(b) => scalar(f64::from(u8::from(*b)), Dim::NONE, VarType::Boolean),
        Value::Int(n) => scalar(*n as f64, Dim::NONE, VarType::Integer),
        Value::Float(x) => scalar(*x, Dim::NONE, VarType::Float),
        Value::Quantity(x, dim) => scalar(*x, *dim, VarType::Float),
        Value::Array(a) if a.len() == 1 => {
            scalar(a.get_f64(0).unwrap_or(f64::NAN), a.dim, VarType::Float)
        }
        Value::Array(a) => External::Array { len: a.len() },
        Value::List(v) | Value::Tuple(v) => External::Array { len: v.len() },
        Value::Unknown(_) => External::Unknown,
        Value::Str(_) => External::Other("a string"),
        Value::Object(_) => External::Other("an object of the model"),
        Value::Function(_) | Value::Module(_) => External::Other("a function"),
        Value::Dict(_) => External::Other("a dict"),
        Value::None | Value::Slice(_) | Value::Ellipsis => External::Other("not a value"),
    }
}

impl Names {
    /// Exactly these names.
    pub fn only(
        dict: &indexmap::IndexMap<String, Value>,
        external: impl Fn(&Value) -> External,
    ) -> Names {
        Names(dict.iter().map(|(k, v)| (k.clone(), external(v))).collect())
    }
}
