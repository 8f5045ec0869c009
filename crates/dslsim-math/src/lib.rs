//! Vector mathematics and random numbers with the same bits at every vector width.
//!
//! The interpreter (the specification) and the JIT both compute `exp`, `pow`, normal draws and the
//! like through this crate, so its first promise is sameness:
//!
//! * A function gives the same bits in its scalar form, in a slice of any length, and at every
//!   [`Level`] (AVX-512, AVX2, 128-bit, portable). Only the sign and payload of a NaN are free.
//! * Results do not depend on the machine: no routine of the platform's C library is used, except
//!   a correctly rounded `fma` where the processor has none.
//! * A random value is a function of (seed, object, step, draw, element) and of nothing else; see
//!   [`Stream`]. The exception is [`Mt19937`], which repeats numpy's sequential generator.
//!
//! The same bits come about because each algorithm is written once, generically over a small trait
//! of lane operations (`lanes`), and uses only operations that IEEE 754 rounds correctly
//! (`+ - * / sqrt fma`), in a fixed order. Lanes that need special care (subnormal, negative,
//! infinite, NaN) are recomputed one by one by a scalar routine shared by all levels.
//!
//! # Accuracy
//!
//! The largest error in units in the last place (2⁻¹⁰⁷⁴ for subnormal results), over the whole range of arguments, as
//! `tests/ulp.rs` measures it against arithmetic of 256 bits:
//!
//! | function | ulp |
//! | --- | ---: |
//! | `exp` | 1.0 |
//! | `log` | 0.9 |
//! | `log10` | 0.52 |
//! | `expm1` | 1.7 |
//! | `log1p` | 0.9 |
//! | `exprel` | 1.7 |
//! | `inverse_exprel` | 2.8 |
//! | `logistic` | 2.5 |
//! | `sin` | 0.8 |
//! | `cos` | 0.8 |
//! | `tan` | 2.2 |
//! | `sinh` | 2.1 |
//! | `cosh` | 1.4 |
//! | `tanh` | 2.7 |
//! | `arcsin` | 0.9 |
//! | `arccos` | 0.9 |
//! | `arctan` | 0.9 |
//! | `pow` | 1.0 |

mod compact;
mod exp;
mod functions;
mod invert;
mod lanes;
mod level;
mod log;
mod mt19937;
mod philox;
mod places;
mod pow;
mod random;
mod slice;
mod trig;

pub use compact::{CompactFn, compact};
pub use functions::{
    Fn1, Fn2, Fn3, Scalar1, Scalar2, Scalar3, Slice1, Slice2, Slice2Uniform, Slice3,
};
pub use invert::exceeded;
pub use level::{Level, ParseLevelError, Unsupported, force, level};
pub use mt19937::Mt19937;
pub use philox::{Stream, philox4x32};
pub use places::places;
pub use random::{GAP_MAX, fill_gaps, fill_normal, fill_uniform, normal_at, uniform_at};
