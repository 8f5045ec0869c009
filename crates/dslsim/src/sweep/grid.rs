//! The points of a sweep: the Cartesian product of axes, or axes side by side.

use dslsim_script::{Array, Value};
use dslsim_units::Dim;

/// The most points a sweep may have.
const MAX_POINTS: u64 = 10_000_000;

/// A swept parameter and its values.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    /// The parameter.
    pub name: String,
    /// Its values: numbers or booleans, one dimension for all.
    pub values: Array,
}

/// All points.
#[derive(Clone, Debug, PartialEq)]
pub struct Grid {
    axes: Vec<Axis>,
    zip: bool,
}

/// A part of the points: every `of`-th one, beginning with `index`.
///
/// `1/4 … 4/4` and `0/4 … 3/4` both name all four parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    /// Which part.
    pub index: u64,
    /// How many there are.
    pub of: u64,
}

impl Shard {
    /// Whether a point belongs to this part.
    pub fn has(self, point: u64) -> bool {
        point % self.of == self.index % self.of
    }
}

/// Axes that are no grid; the number is that of the axis at fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "their text says what they are")]
pub enum GridError {
    #[error("nothing is swept: name at least one parameter and its values")]
    NoAxis,
    #[error("`{name}` has no values: the range is empty")]
    Empty { axis: usize, name: String },
    #[error("`{name}` is swept twice")]
    Twice { axis: usize, name: String },
    #[error("the values of `{name}` must be numbers in a list or an array of one axis")]
    NotAList { axis: usize, name: String },
    #[error("`{name}` is not a name")]
    NotAName { axis: usize, name: String },
    #[error(
        "zip pairs values one by one, but `{first}` has {} and `{name}` has {}", values(*first_len), values(*len)
    )]
    Lengths {
        axis: usize,
        first: String,
        first_len: u64,
        name: String,
        len: u64,
    },
    #[error("the grid has more than {MAX_POINTS} points")]
    TooLarge,
}

fn values(n: u64) -> String {
    format!("{n} value{}", if n == 1 { "" } else { "s" })
}

impl GridError {
    /// The axis at fault.
    pub fn axis(&self) -> Option<usize> {
        match self {
            GridError::NoAxis | GridError::TooLarge => None,
            GridError::Empty { axis, .. }
            | GridError::Twice { axis, .. }
            | GridError::NotAList { axis, .. }
            | GridError::NotAName { axis, .. }
            | GridError::Lengths { axis, .. } => Some(*axis),
        }
    }
}

/// The values of an axis, if these are values of an axis.
fn values_of(value: &Value) -> Option<Array> {
    match value {
        Value::Array(a) if a.ndim() == 1 => Some(a.clone()),
        Value::List(v) | Value::Tuple(v) => {
            let dim = v.first().map_or(Some(Dim::NONE), Value::dim)?;
            if !v
                .iter()
                .all(|x| x.is_scalar() && (x.dim() == Some(dim) || x.is_plain_zero()))
            {
                return None;
            }
            if !v.is_empty() && v.iter().all(|x| matches!(x, Value::Bool(_))) {
                return Some(Array::bools(
                    v.iter().filter_map(Value::as_bool).collect(),
                    &[v.len()],
                ));
            }
            if v.iter()
                .all(|x| matches!(x, Value::Int(_) | Value::Bool(_)))
            {
                return Some(Array::ints(
                    v.iter().filter_map(Value::as_i64).collect(),
                    &[v.len()],
                ));
            }
            Some(Array::vector(
                v.iter().filter_map(Value::as_f64).collect(),
                dim,
            ))
        }
        _ => None,
    }
}

impl Grid {
    /// The grid over these parameters, the last varying fastest; with `zip` their values are paired one by one.
    ///
    /// # Errors
    /// What is wrong with an axis.
    pub fn new(given: Vec<(String, Value)>, zip: bool) -> Result<Grid, GridError> {
        let mut axes: Vec<Axis> = Vec::new();
        for (axis, (name, value)) in given.into_iter().enumerate() {
            if !is_name(&name) {
                return Err(GridError::NotAName { axis, name });
            }
            if axes.iter().any(|a| a.name == name) {
                return Err(GridError::Twice { axis, name });
            }
            let Some(values) = values_of(&value) else {
                return Err(GridError::NotAList { axis, name });
            };
            if values.is_empty() {
                return Err(GridError::Empty { axis, name });
            }
            if let Some(first) = axes.first()
                && zip
                && first.values.len() != values.len()
            {
                return Err(GridError::Lengths {
                    axis,
                    first: first.name.clone(),
                    first_len: first.values.len() as u64,
                    name,
                    len: values.len() as u64,
                });
            }
            axes.push(Axis { name, values });
        }
        if axes.is_empty() {
            return Err(GridError::NoAxis);
        }
        let grid = Grid { axes, zip };
        let points = grid
            .shape()
            .iter()
            .try_fold(1_u64, |n, k| n.checked_mul(*k));
        match points {
            Some(n) if n <= MAX_POINTS => Ok(grid),
            _ => Err(GridError::TooLarge),
        }
    }

    /// The swept parameters.
    pub fn axes(&self) -> &[Axis] {
        &self.axes
    }

    /// Whether values are paired.
    pub fn zip(&self) -> bool {
        self.zip
    }

    /// Length of each axis of the results.
    pub fn shape(&self) -> Vec<u64> {
        let mut lengths: Vec<u64> = self.axes.iter().map(|a| a.values.len() as u64).collect();
        if self.zip {
            lengths.truncate(1);
        }
        lengths
    }

    /// Names of the axes of the results.
    pub fn dimensions(&self) -> Vec<String> {
        if self.zip {
            vec!["point".into()]
        } else {
            self.axes.iter().map(|a| a.name.clone()).collect()
        }
    }

    /// Number of points.
    pub fn len(&self) -> u64 {
        self.shape().iter().product()
    }

    /// Never: a grid has at least one point.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Where a point stands on each axis of the results.
    pub fn position(&self, point: u64) -> Vec<u64> {
        let shape = self.shape();
        let mut rest = point;
        let mut at = vec![0; shape.len()];
        for (place, length) in at.iter_mut().zip(&shape).rev() {
            *place = rest % length;
            rest /= length;
        }
        at
    }

    /// The values of the parameters at a point.
    pub fn point(&self, point: u64) -> Vec<(String, Value)> {
        let position = self.position(point);
        self.axes
            .iter()
            .enumerate()
            .map(|(k, axis)| {
                let at = if self.zip { position[0] } else { position[k] };
                (axis.name.clone(), axis.values.get(at as usize))
            })
            .collect()
    }
}

/// Whether it can be the name of a parameter.
fn is_name(name: &str) -> bool {
    let mut letters = name.chars();
    letters
        .next()
        .is_some_and(|c| c.is_alphabetic() || c == '_')
        && letters.all(|c| c.is_alphanumeric() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn axis(name: &str, values: &[i64]) -> (String, Value) {
        (
            name.into(),
            Value::List(values.iter().map(|x| Value::Int(*x)).collect()),
        )
    }

    #[test]
    fn the_last_axis_varies_fastest() {
        let grid = Grid::new(vec![axis("a", &[1, 2]), axis("b", &[5, 6, 7])], false)
            .unwrap_or_else(|e| unreachable!("{e}"));
        assert_eq!(grid.len(), 6);
        assert_eq!(grid.position(4), [1, 1]);
        assert_eq!(
            grid.point(4),
            [
                ("a".to_owned(), Value::Int(2)),
                ("b".to_owned(), Value::Int(6))
            ]
        );
    }

    #[test]
    fn zipped_axes_share_one_dimension() {
        let grid = Grid::new(vec![axis("a", &[1, 2]), axis("b", &[5, 6])], true)
            .unwrap_or_else(|e| unreachable!("{e}"));
        assert_eq!((grid.len(), grid.dimensions()), (2, vec!["point".into()]));
        assert_eq!(grid.point(1)[1].1, Value::Int(6));
    }

    #[test]
    fn what_is_no_grid() {
        let of = |axes, zip| Grid::new(axes, zip).map(|g| g.len());
        assert_eq!(of(vec![], false), Err(GridError::NoAxis));
        let empty = of(vec![axis("a", &[1]), axis("b", &[])], false);
        assert_eq!(empty.map_err(|e| e.axis()), Err(Some(1)));
        let lengths = of(vec![axis("a", &[1]), axis("b", &[1, 2])], true);
        let said = lengths.map_err(|e| e.to_string());
        assert_eq!(
            said,
            Err("zip pairs values one by one, but `a` has 1 value and `b` has 2 values".into())
        );
        let mixed = vec![(
            "a".to_owned(),
            Value::List(vec![Value::Int(1), Value::Quantity(1.0, Dim::TIME)]),
        )];
        assert!(matches!(of(mixed, false), Err(GridError::NotAList { .. })));
    }

    #[test]
    fn every_point_belongs_to_one_shard() {
        for first in [0, 1] {
            for point in 0..20 {
                let owners = (first..first + 3)
                    .filter(|k| Shard { index: *k, of: 3 }.has(point))
                    .count();
                assert_eq!(owners, 1);
            }
        }
    }
}
