//! Units as a script sees them.

use dslsim_units::Dim;

use crate::value::Value;

/// The unit called `name`, as a value.
pub(crate) fn unit(name: &str) -> Option<Value> {
    dslsim_units::lookup(name).map(|u| Value::quantity(u.scale, u.dim))
}

/// A dimension in words: `volt`, `dimensionless`.
pub(crate) fn describe(dim: Dim) -> String {
    dslsim_units::describe(dim)
}

/// A quantity as one would write it: `10 ms`.
pub(crate) fn quantity(x: f64, dim: Dim) -> String {
    if dim.is_none() {
        crate::text::float(x)
    } else {
        dslsim_units::format_quantity(x, dim)
    }
}
