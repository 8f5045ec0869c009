//! Every function gives the same bits as a scalar and at every vector level, for any length.

use dslsim_math::{Fn1, Fn2, Fn3, Level, compact};
use proptest::prelude::*;

const N: usize = 100_003;

const SPECIAL: [f64; 24] = [
    0.0,
    -0.0,
    1.0,
    -1.0,
    0.5,
    2.0,
    3.0,
    -3.0,
    f64::INFINITY,
    f64::NEG_INFINITY,
    f64::NAN,
    f64::MAX,
    f64::MIN,
    f64::MIN_POSITIVE,
    -f64::MIN_POSITIVE,
    5e-324,
    -5e-324,
    1e-310,
    1e-17,
    709.9,
    -745.0,
    717.5,
    1e9,
    3e15,
];

/// SplitMix64.
struct Source(u64);

impl Source {
    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * ((self.bits() >> 11) as f64 / 9_007_199_254_740_992.0)
    }

    /// Mostly ordinary numbers, now and then any bit pattern or a special value.
    fn number(&mut self) -> f64 {
        match self.bits() % 64 {
            0 => f64::from_bits(self.bits()),
            1 => SPECIAL[(self.bits() % SPECIAL.len() as u64) as usize],
            2..16 => self.between(-760.0, 760.0),
            16..32 => self.between(-1.0, 1.0),
            32..48 => self.between(0.0, 3.0),
            _ => self.between(-30.0, 30.0),
        }
    }

    fn numbers(&mut self) -> Vec<f64> {
        (0..N).map(|_| self.number()).collect()
    }
}

fn same(a: f64, b: f64) -> bool {
    a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan()
}

fn supported() -> impl Iterator<Item = Level> {
    Level::ALL.into_iter().filter(|level| level.is_supported())
}

#[track_caller]
fn compare(name: &str, level: Level, expected: &[f64], got: &[f64], x: &[f64]) {
    for ((e, g), x) in expected.iter().zip(got).zip(x) {
        assert!(same(*e, *g), "{name}({x:e}) at {level}: {g:e}, not {e:e}");
    }
}

#[test]
fn one_argument() {
    let x = Source(1).numbers();
    let mut y = vec![0.0; N];
    for f in Fn1::ALL {
        let expected: Vec<f64> = x.iter().map(|x| f.apply(*x)).collect();
        for level in supported() {
            // SAFETY: both vectors hold N values.
            unsafe { f.slice(level)(y.as_mut_ptr(), x.as_ptr(), N) }
            compare(f.name(), level, &expected, &y, &x);
        }
        f.map(&mut y, &x);
        compare(f.name(), dslsim_math::level(), &expected, &y, &x);
        y.copy_from_slice(&x);
        f.map_in_place(&mut y);
        compare(f.name(), dslsim_math::level(), &expected, &y, &x);
    }
}

#[test]
fn power() {
    let mut source = Source(2);
    let x = source.numbers();
    let y = source.numbers();
    let mut z = vec![0.0; N];
    let expected: Vec<f64> = x
        .iter()
        .zip(&y)
        .map(|(x, y)| Fn2::Pow.apply(*x, *y))
        .collect();
    for level in supported() {
        // SAFETY: all vectors hold N values.
        unsafe { Fn2::Pow.slice(level)(z.as_mut_ptr(), x.as_ptr(), y.as_ptr(), N) }
        compare("pow", level, &expected, &z, &x);
    }
    let exponents = [
        0.9957,
        1.0,
        1.0 - 1e-5,
        1.0 + 1.0 / 64.0,
        3.0,
        -2.0,
        0.0,
        0.5,
        1e300,
        f64::INFINITY,
        f64::NAN,
    ];
    for exponent in exponents {
        let short = &x[..10_000];
        let expected: Vec<f64> = short.iter().map(|x| Fn2::Pow.apply(*x, exponent)).collect();
        for level in supported() {
            // SAFETY: both vectors hold 10,000 values or more.
            unsafe {
                Fn2::Pow.slice_uniform(level)(z.as_mut_ptr(), x.as_ptr(), exponent, short.len());
            }
            compare("pow", level, &expected, &z, short);
        }
    }
}

#[test]
fn superoperations_equal_their_parts() {
    let mut source = Source(3);
    let (x, ba, adt) = (source.numbers(), source.numbers(), source.numbers());
    let mut y = vec![0.0; N];
    let exp = |x| Fn1::Exp.apply(x);
    let expected: Vec<f64> = (0..N)
        .map(|i| (x[i] + ba[i]) * exp(adt[i]) - ba[i])
        .collect();
    for level in supported() {
        let f = Fn3::ExpEuler.slice(level);
        // SAFETY: all vectors hold N values.
        unsafe { f(y.as_mut_ptr(), x.as_ptr(), ba.as_ptr(), adt.as_ptr(), N) }
        compare("exp_euler", level, &expected, &y, &x);
    }
    for (i, e) in expected.iter().enumerate() {
        assert!(same(Fn3::ExpEuler.apply(x[i], ba[i], adt[i]), *e));
    }
    for x in x {
        assert!(same(Fn1::Logistic.apply(x), 1.0 / (1.0 + exp(-x))), "{x}");
    }
}

proptest! {
    /// Lengths and unaligned places: nothing outside is touched, in place or not.
    #[test]
    fn any_length_and_place(n in 0_usize..70, start in 0_usize..9, seed: u64) {
        let mut source = Source(seed);
        let data: Vec<f64> = (0..80).map(|_| source.number()).collect();
        let exponents: Vec<f64> = (0..80).map(|_| source.number()).collect();
        for level in supported() {
            let mut inner = data.clone();
            let place = inner[start..start + n].as_mut_ptr();
            // SAFETY: n values from `start` on; reading and writing the same place is allowed.
            unsafe { Fn1::Log.slice(level)(place, place.cast_const(), n) };
            for (i, (before, after)) in data.iter().zip(&inner).enumerate() {
                let inside = (start..start + n).contains(&i);
                let expected = if inside { Fn1::Log.apply(*before) } else { *before };
                prop_assert!(same(*after, expected), "log at {level}, {i}");
            }
            let mut power = data.clone();
            let place = power[start..start + n].as_mut_ptr();
            // SAFETY: as before; the exponents are other memory.
            unsafe { Fn2::Pow.slice(level)(place, place.cast_const(), exponents.as_ptr(), n) };
            for (i, (before, after)) in data.iter().zip(&power).enumerate() {
                let expected = if (start..start + n).contains(&i) {
                    Fn2::Pow.apply(*before, exponents[i - start])
                } else {
                    *before
                };
                prop_assert!(same(*after, expected), "pow at {level}, {i}");
            }
        }
    }

    #[test]
    fn compaction(marks: Vec<bool>, base: u32) {
        let mask: Vec<u64> = marks.iter().map(|mark| if *mark { u64::MAX } else { 0 }).collect();
        let expected: Vec<u32> = (0..)
            .zip(&marks)
            .filter(|(_, mark)| **mark)
            .map(|(k, _)| base.wrapping_add(k))
            .collect();
        for level in supported() {
            let mut out = vec![0; expected.len()];
            // SAFETY: the mask has its length, `out` room for every mark.
            let count = unsafe { compact(level)(mask.as_ptr(), mask.len(), base, out.as_mut_ptr()) };
            prop_assert_eq!(count, expected.len());
            prop_assert_eq!(&out, &expected);
        }
    }
}

#[test]
fn levels_have_names() {
    for level in Level::ALL {
        assert_eq!(level.to_string().parse(), Ok(level));
    }
    assert!("sse".parse::<Level>().is_err());
    for level in Level::ALL {
        assert_eq!(dslsim_math::force(level).is_ok(), level.is_supported());
    }
    assert_eq!(dslsim_math::level(), Level::detect());
}
