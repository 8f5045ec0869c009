//! Arrays: numbers or booleans of any number of axes, with one dimension for all.
//!
//! Data are in C order. Integers and booleans have no dimension; a quantity is always of floats.

use std::borrow::Cow;

use dslsim_units::Dim;
use ndarray::{ArrayD, IxDyn};

use crate::value::Value;

/// An array.
#[derive(Clone, Debug, PartialEq)]
pub struct Array {
    /// The elements, in SI base units.
    pub data: ArrayData,
    /// The dimension of all of them.
    pub dim: Dim,
}

/// The elements of an array.
#[derive(Clone, Debug, PartialEq)]
pub enum ArrayData {
    /// Floats.
    F64(ArrayD<f64>),
    /// Integers.
    I64(ArrayD<i64>),
    /// Booleans.
    Bool(ArrayD<bool>),
}

/// What the elements of an array are; ordered as numpy promotes them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Booleans.
    Bool,
    /// Integers.
    Int,
    /// Floats.
    Float,
}

/// The same expression over whatever the elements are; the result keeps their kind.
macro_rules! map_data {
    ($data:expr, $a:ident => $e:expr) => {
        match $data {
            $crate::array::ArrayData::F64($a) => $crate::array::ArrayData::F64($e),
            $crate::array::ArrayData::I64($a) => $crate::array::ArrayData::I64($e),
            $crate::array::ArrayData::Bool($a) => $crate::array::ArrayData::Bool($e),
        }
    };
}

/// The same expression over whatever the elements are.
macro_rules! with_data {
    ($data:expr, $a:ident => $e:expr) => {
        match $data {
            $crate::array::ArrayData::F64($a) => $e,
            $crate::array::ArrayData::I64($a) => $e,
            $crate::array::ArrayData::Bool($a) => $e,
        }
    };
}

/// Elements in C order with a shape; a shape that does not fit gives an array of one axis.
pub(crate) fn shaped<T: Clone + Default>(data: Vec<T>, shape: &[usize]) -> ArrayD<T> {
    let n = data.len();
    let fits = shape.iter().try_fold(1_usize, |p, &k| p.checked_mul(k)) == Some(n);
    let shape = if fits { IxDyn(shape) } else { IxDyn(&[n]) };
    ArrayD::from_shape_vec(shape, data).unwrap_or_default()
}

impl Array {
    /// Floats in C order with a shape and a dimension.
    pub fn floats(data: Vec<f64>, shape: &[usize], dim: Dim) -> Array {
        Array {
            data: ArrayData::F64(shaped(data, shape)),
            dim,
        }
    }

    /// Floats along one axis.
    pub fn vector(data: Vec<f64>, dim: Dim) -> Array {
        let n = data.len();
        Array::floats(data, &[n], dim)
    }

    /// Integers in C order with a shape.
    pub fn ints(data: Vec<i64>, shape: &[usize]) -> Array {
        Array {
            data: ArrayData::I64(shaped(data, shape)),
            dim: Dim::NONE,
        }
    }

    /// Booleans in C order with a shape.
    pub fn bools(data: Vec<bool>, shape: &[usize]) -> Array {
        Array {
            data: ArrayData::Bool(shaped(data, shape)),
            dim: Dim::NONE,
        }
    }

    /// Lengths of the axes.
    pub fn shape(&self) -> &[usize] {
        with_data!(&self.data, a => a.shape())
    }

    /// Number of axes.
    pub fn ndim(&self) -> usize {
        self.shape().len()
    }

    /// Number of elements.
    pub fn len(&self) -> usize {
        with_data!(&self.data, a => a.len())
    }

    /// Whether there are no elements.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What the elements are.
    pub fn kind(&self) -> Kind {
        match self.data {
            ArrayData::F64(_) => Kind::Float,
            ArrayData::I64(_) => Kind::Int,
            ArrayData::Bool(_) => Kind::Bool,
        }
    }

    /// The elements as floats.
    pub fn to_floats(&self) -> Cow<'_, ArrayD<f64>> {
        match &self.data {
            ArrayData::F64(a) => Cow::Borrowed(a),
            ArrayData::I64(a) => Cow::Owned(a.mapv(|x| x as f64)),
            ArrayData::Bool(a) => Cow::Owned(a.mapv(|x| f64::from(u8::from(x)))),
        }
    }

    /// The elements as integers; floats are cut towards zero.
    pub fn to_ints(&self) -> Cow<'_, ArrayD<i64>> {
        match &self.data {
            ArrayData::F64(a) => Cow::Owned(a.mapv(|x| x as i64)),
            ArrayData::I64(a) => Cow::Borrowed(a),
            ArrayData::Bool(a) => Cow::Owned(a.mapv(i64::from)),
        }
    }

    /// The elements as booleans: whether they are not zero.
    pub fn to_bools(&self) -> Cow<'_, ArrayD<bool>> {
        match &self.data {
            ArrayData::F64(a) => Cow::Owned(a.mapv(|x| x != 0.0)),
            ArrayData::I64(a) => Cow::Owned(a.mapv(|x| x != 0)),
            ArrayData::Bool(a) => Cow::Borrowed(a),
        }
    }

    /// The elements as floats in C order.
    pub fn float_vec(&self) -> Vec<f64> {
        elements(&self.to_floats())
    }

    /// The elements as integers in C order.
    pub fn int_vec(&self) -> Vec<i64> {
        elements(&self.to_ints())
    }

    /// The elements as booleans in C order.
    pub fn bool_vec(&self) -> Vec<bool> {
        elements(&self.to_bools())
    }

    /// The same elements as another kind.
    #[must_use]
    pub fn cast(&self, kind: Kind) -> Array {
        let data = match kind {
            Kind::Float => ArrayData::F64(self.to_floats().into_owned()),
            Kind::Int => ArrayData::I64(self.to_ints().into_owned()),
            Kind::Bool => ArrayData::Bool(self.to_bools().into_owned()),
        };
        Array {
            data,
            dim: if kind == Kind::Float {
                self.dim
            } else {
                Dim::NONE
            },
        }
    }

    /// Element number `at` in C order as a value; [`Value::None`] past the end.
    pub fn get(&self, at: usize) -> Value {
        match &self.data {
            ArrayData::F64(a) => nth(a, at).map_or(Value::None, |x| Value::quantity(x, self.dim)),
            ArrayData::I64(a) => nth(a, at).map_or(Value::None, Value::Int),
            ArrayData::Bool(a) => nth(a, at).map_or(Value::None, Value::Bool),
        }
    }

    /// Element number `at` in C order as a float.
    pub fn get_f64(&self, at: usize) -> Option<f64> {
        match &self.data {
            ArrayData::F64(a) => nth(a, at),
            ArrayData::I64(a) => nth(a, at).map(|x| x as f64),
            ArrayData::Bool(a) => nth(a, at).map(|x| f64::from(u8::from(x))),
        }
    }

    /// Whether every element is zero.
    pub fn all_zero(&self) -> bool {
        match &self.data {
            ArrayData::F64(a) => a.iter().all(|&x| x == 0.0),
            ArrayData::I64(a) => a.iter().all(|&x| x == 0),
            ArrayData::Bool(a) => a.iter().all(|&x| !x),
        }
    }

    /// The same elements with another shape of the same size.
    #[must_use]
    pub fn with_shape(&self, shape: &[usize]) -> Array {
        let data = map_data!(&self.data, a => shaped(elements(a), shape));
        Array {
            data,
            dim: self.dim,
        }
    }

    /// The elements `order` (positions in C order; those past the end are left out) with a shape.
    #[must_use]
    pub fn pick(&self, order: &[usize], shape: &[usize]) -> Array {
        let data = map_data!(&self.data, a => {
            let all: Cow<'_, [_]> = a.as_slice().map_or_else(|| Cow::Owned(a.iter().copied().collect()), Cow::Borrowed);
            shaped(order.iter().filter_map(|&k| all.get(k).copied()).collect(), shape)
        });
        Array {
            data,
            dim: self.dim,
        }
    }
}

/// The elements in C order.
fn elements<T: Copy>(a: &ArrayD<T>) -> Vec<T> {
    a.as_slice()
        .map_or_else(|| a.iter().copied().collect(), <[T]>::to_vec)
}

/// Element number `at` in C order.
fn nth<T: Copy>(a: &ArrayD<T>, at: usize) -> Option<T> {
    match a.as_slice() {
        Some(all) => all.get(at).copied(),
        None => a.iter().nth(at).copied(),
    }
}

/// The shape two shapes broadcast to by numpy's rules.
pub fn broadcast_shape(a: &[usize], b: &[usize]) -> Option<Vec<usize>> {
    let n = a.len().max(b.len());
    let at = |s: &[usize], k: usize| {
        (k + s.len())
            .checked_sub(n)
            .and_then(|k| s.get(k).copied())
            .unwrap_or(1)
    };
    (0..n)
        .map(|k| match (at(a, k), at(b, k)) {
            (x, y) if x == y => Some(x),
            (1, y) => Some(y),
            (x, 1) => Some(x),
            _ => None,
        })
        .collect()
}
