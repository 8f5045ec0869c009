//! The functions by name: rows of a table that the interpreter and the JIT share.

use crate::exp::{Cosh, Exp, ExpEuler, Expm1, Exprel, InverseExprel, Logistic, Sinh, Tanh};
use crate::level::{Level, level};
use crate::log::{Log, Log1p, Log10};
use crate::pow::Pow;
use crate::slice;
use crate::trig::{Arccos, Arcsin, Arctan, Cos, Sin, Tan};

pub use crate::slice::{Scalar1, Scalar2, Scalar3, Slice1, Slice2, Slice2Uniform, Slice3};

/// A function of one argument.
///
/// Values at 0, ±∞ and NaN are those of C's Annex F.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Fn1 {
    /// eˣ; ≤ 1.01 ulp.
    Exp,
    /// Natural logarithm; ≤ 1 ulp.
    Log,
    /// Decimal logarithm, exact at powers of ten; ≤ 1 ulp.
    Log10,
    /// eˣ − 1; ≤ 2 ulp.
    Expm1,
    /// log(1 + x); ≤ 1 ulp.
    Log1p,
    /// (eˣ − 1)/x, and 1 at 0; ≤ 2 ulp. Finite up to 716.3, where eˣ itself overflows.
    Exprel,
    /// x/(eˣ − 1) = 1/exprel(x), and 1 at 0; ≤ 2.8 ulp.
    InverseExprel,
    /// 1/(1 + e⁻ˣ), with the same bits as these operations written out; ≤ 2.5 ulp.
    Logistic,
    /// Sine; ≤ 1 ulp.
    Sin,
    /// Cosine; ≤ 1 ulp.
    Cos,
    /// Tangent; ≤ 2.2 ulp.
    Tan,
    /// Hyperbolic sine; ≤ 2.2 ulp.
    Sinh,
    /// Hyperbolic cosine; ≤ 2 ulp.
    Cosh,
    /// Hyperbolic tangent; ≤ 2.6 ulp.
    Tanh,
    /// Inverse sine in [−π/2, π/2]; ≤ 1 ulp.
    Arcsin,
    /// Inverse cosine in [0, π]; ≤ 1 ulp.
    Arccos,
    /// Inverse tangent in [−π/2, π/2]; ≤ 1 ulp.
    Arctan,
}

/// Calls `$body` with `$k` standing for the algorithm of a [`Fn1`].
macro_rules! with_algorithm {
    ($function:expr, $k:ident => $body:expr) => {
        match $function {
            Fn1::Exp => {
                type $k = Exp;
                $body
            }
            Fn1::Log => {
                type $k = Log;
                $body
            }
            Fn1::Log10 => {
                type $k = Log10;
                $body
            }
            Fn1::Expm1 => {
                type $k = Expm1;
                $body
            }
            Fn1::Log1p => {
                type $k = Log1p;
                $body
            }
            Fn1::Exprel => {
                type $k = Exprel;
                $body
            }
            Fn1::InverseExprel => {
                type $k = InverseExprel;
                $body
            }
            Fn1::Logistic => {
                type $k = Logistic;
                $body
            }
            Fn1::Sin => {
                type $k = Sin;
                $body
            }
            Fn1::Cos => {
                type $k = Cos;
                $body
            }
            Fn1::Tan => {
                type $k = Tan;
                $body
            }
            Fn1::Sinh => {
                type $k = Sinh;
                $body
            }
            Fn1::Cosh => {
                type $k = Cosh;
                $body
            }
            Fn1::Tanh => {
                type $k = Tanh;
                $body
            }
            Fn1::Arcsin => {
                type $k = Arcsin;
                $body
            }
            Fn1::Arccos => {
                type $k = Arccos;
                $body
            }
            Fn1::Arctan => {
                type $k = Arctan;
                $body
            }
        }
    };
}

impl Fn1 {
    /// All functions of one argument.
    pub const ALL: [Fn1; 17] = [
        Fn1::Exp,
        Fn1::Log,
        Fn1::Log10,
        Fn1::Expm1,
        Fn1::Log1p,
        Fn1::Exprel,
        Fn1::InverseExprel,
        Fn1::Logistic,
        Fn1::Sin,
        Fn1::Cos,
        Fn1::Tan,
        Fn1::Sinh,
        Fn1::Cosh,
        Fn1::Tanh,
        Fn1::Arcsin,
        Fn1::Arccos,
        Fn1::Arctan,
    ];

    /// The function's name in equations, lower case.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Fn1::Exp => "exp",
            Fn1::Log => "log",
            Fn1::Log10 => "log10",
            Fn1::Expm1 => "expm1",
            Fn1::Log1p => "log1p",
            Fn1::Exprel => "exprel",
            Fn1::InverseExprel => "inverse_exprel",
            Fn1::Logistic => "logistic",
            Fn1::Sin => "sin",
            Fn1::Cos => "cos",
            Fn1::Tan => "tan",
            Fn1::Sinh => "sinh",
            Fn1::Cosh => "cosh",
            Fn1::Tanh => "tanh",
            Fn1::Arcsin => "arcsin",
            Fn1::Arccos => "arccos",
            Fn1::Arctan => "arctan",
        }
    }

    /// The value at `x`; the same bits as in a slice.
    #[must_use]
    pub fn apply(self, x: f64) -> f64 {
        self.scalar_ptr()(x)
    }

    /// Sets `dst[i]` to the value at `src[i]`, at the level of the process.
    ///
    /// Works on the shorter of the two lengths.
    pub fn map(self, dst: &mut [f64], src: &[f64]) {
        let n = dst.len().min(src.len());
        // SAFETY: both slices hold at least n values and do not overlap (one is `&mut`).
        unsafe { self.slice(level())(dst.as_mut_ptr(), src.as_ptr(), n) }
    }

    /// Replaces each value of `data` by the function's value there, at the level of the process.
    pub fn map_in_place(self, data: &mut [f64]) {
        let p = data.as_mut_ptr();
        // SAFETY: reading and writing the same memory is allowed; both pointers come from `p`.
        unsafe { self.slice(level())(p, p.cast_const(), data.len()) }
    }

    /// The slice function for generated code: `f(dst, src, n)`.
    ///
    /// Any alignment that `f64` allows, any `n`; `dst` may equal `src` but not overlap it
    /// otherwise. A level that the processor lacks gives the best one that it has.
    #[must_use]
    pub fn slice(self, level: Level) -> Slice1 {
        with_algorithm!(self, K => slice::slice1::<K>(level.supported()))
    }

    /// The scalar function for generated code; the same bits as the slice functions.
    #[must_use]
    pub fn scalar_ptr(self) -> Scalar1 {
        with_algorithm!(self, K => slice::scalar1::<K>())
    }
}

/// A function of two arguments.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Fn2 {
    /// xʸ with the special cases of IEEE 754 `pow`; ≤ 1.5 ulp.
    Pow,
}

impl Fn2 {
    /// All functions of two arguments.
    pub const ALL: [Fn2; 1] = [Fn2::Pow];

    /// The function's name, lower case.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Fn2::Pow => "pow",
        }
    }

    /// The value at `(x, y)`; the same bits as in a slice.
    #[must_use]
    pub fn apply(self, x: f64, y: f64) -> f64 {
        self.scalar_ptr()(x, y)
    }

    /// Sets `dst[i]` to the value at `(x[i], y[i])`, as far as all three slices reach.
    pub fn map(self, dst: &mut [f64], x: &[f64], y: &[f64]) {
        let n = dst.len().min(x.len()).min(y.len());
        // SAFETY: all slices hold at least n values; `dst` overlaps none of them.
        unsafe { self.slice(level())(dst.as_mut_ptr(), x.as_ptr(), y.as_ptr(), n) }
    }

    /// Sets `dst[i]` to the value at `(x[i], y)`, as far as both slices reach.
    pub fn map_uniform(self, dst: &mut [f64], x: &[f64], y: f64) {
        let n = dst.len().min(x.len());
        // SAFETY: both slices hold at least n values and do not overlap.
        unsafe { self.slice_uniform(level())(dst.as_mut_ptr(), x.as_ptr(), y, n) }
    }

    /// The slice function `f(dst, x, y, n)`; conditions as for [`Fn1::slice`].
    #[must_use]
    pub fn slice(self, level: Level) -> Slice2 {
        match self {
            Fn2::Pow => slice::slice2::<Pow>(level.supported()),
        }
    }

    /// The slice function `f(dst, x, y, n)` with one `y` for all elements; the same bits as
    /// [`Fn2::slice`] with an array of equal values.
    #[must_use]
    pub fn slice_uniform(self, level: Level) -> Slice2Uniform {
        match self {
            Fn2::Pow => slice::slice2_uniform::<Pow>(level.supported()),
        }
    }

    /// The scalar function for generated code; the same bits as the slice functions.
    #[must_use]
    pub fn scalar_ptr(self) -> Scalar2 {
        match self {
            Fn2::Pow => slice::scalar2::<Pow>(),
        }
    }
}

/// A function of three arguments.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Fn3 {
    /// (x + ba)·e^adt − ba: one step of exponential Euler for dx/dt = a·(x + b/a).
    ///
    /// The operations are a sum, [`Fn1::Exp`], a product and a difference, each rounded (no fused
    /// multiply-add), so the value has the same bits as the expression written out.
    ExpEuler,
}

impl Fn3 {
    /// All functions of three arguments.
    pub const ALL: [Fn3; 1] = [Fn3::ExpEuler];

    /// The function's name, lower case.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Fn3::ExpEuler => "exp_euler",
        }
    }

    /// The value at `(x, ba, adt)`; the same bits as in a slice.
    #[must_use]
    pub fn apply(self, x: f64, ba: f64, adt: f64) -> f64 {
        self.scalar_ptr()(x, ba, adt)
    }

    /// Sets `dst[i]` to the value at `(x[i], ba[i], adt[i])`, as far as all slices reach.
    pub fn map(self, dst: &mut [f64], x: &[f64], ba: &[f64], adt: &[f64]) {
        let n = dst.len().min(x.len()).min(ba.len()).min(adt.len());
        // SAFETY: all slices hold at least n values; `dst` overlaps none of them.
        unsafe { self.slice(level())(dst.as_mut_ptr(), x.as_ptr(), ba.as_ptr(), adt.as_ptr(), n) }
    }

    /// The slice function `f(dst, x, ba, adt, n)`; conditions as for [`Fn1::slice`].
    #[must_use]
    pub fn slice(self, level: Level) -> Slice3 {
        match self {
            Fn3::ExpEuler => slice::slice3::<ExpEuler>(level.supported()),
        }
    }

    /// The scalar function for generated code; the same bits as the slice functions.
    #[must_use]
    pub fn scalar_ptr(self) -> Scalar3 {
        match self {
            Fn3::ExpEuler => slice::scalar3::<ExpEuler>(),
        }
    }
}
