//! Known answers, laws and independence of the random streams.
//!
//! Statistical tests use fixed seeds; their thresholds are the quantiles for a level of 0.001.

use dslsim_math::{
    GAP_MAX, Level, Stream, fill_gaps, fill_normal, fill_uniform, force, normal_at, philox4x32,
    uniform_at,
};

/// Random123, `kat_vectors`, philox4x32 10.
#[test]
fn philox_known_answers() {
    assert_eq!(
        philox4x32([0; 4], [0; 2]),
        [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]
    );
    assert_eq!(
        philox4x32([u32::MAX; 4], [u32::MAX; 2]),
        [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]
    );
    assert_eq!(
        philox4x32(
            [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344],
            [0xa409_3822, 0x299f_31d0]
        ),
        [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]
    );
}

/// The values are what the documentation says of the words.
#[test]
fn values_from_words() {
    const TWO52: f64 = 4_503_599_627_370_496.0;
    let (seed, object, step, draw) = (0x1234_5678_9abc_def0, 7, 0x12_3456_789a, 5);
    for element in (0..2000).chain(u32::MAX - 5..=u32::MAX) {
        let [w0, w1, w2, w3] = Stream::new(seed).words(element, object, step, draw);
        let even = u64::from(w1) << 32 | u64::from(w0);
        let odd = u64::from(w3) << 32 | u64::from(w2);
        let mine = if element % 2 == 0 { even } else { odd };
        let uniform = (mine >> 11) as f64 / (2.0 * TWO52);
        assert_eq!(uniform_at(seed, object, step, draw, element), uniform);

        let radius = (-2.0 * (((even >> 12) as f64 + 0.5) / TWO52).ln()).sqrt();
        let angle = (odd >> 12) as f64 / TWO52 * std::f64::consts::TAU;
        let normal = radius
            * if element % 2 == 0 {
                angle.cos()
            } else {
                angle.sin()
            };
        let got = normal_at(seed, object, step, draw, element);
        assert!((got - normal).abs() < 1e-14, "{got} {normal}");
    }
    let counter = [3, object, 0x3456_789a, 5 | 0x12 << 16];
    assert_eq!(
        Stream::new(seed).words(7, object, step, draw),
        philox4x32(counter, [0x9abc_def0, 0x1234_5678])
    );
}

/// Any part of the elements, at any level, gives the same values as the whole.
#[test]
fn fills_do_not_depend_on_parts_or_level() {
    let whole_normal: Vec<f64> = (0..300).map(|i| normal_at(9, 2, 3, 4, i)).collect();
    let whole_uniform: Vec<f64> = (0..300).map(|i| uniform_at(9, 2, 3, 4, i)).collect();
    let mut gaps = vec![0; 300];
    fill_gaps(&mut gaps, 9, 2, 3, -195.08);
    for level in Level::ALL.into_iter().filter(|level| level.is_supported()) {
        assert_eq!(force(level), Ok(()));
        for first in [0, 1, 2, 7, 16, 33] {
            for n in (0..70).chain([128, 200]) {
                let mut part = vec![0.0; n];
                fill_normal(&mut part, 9, 2, 3, 4, first as u32);
                assert_eq!(part, whole_normal[first..first + n], "{level} {first} {n}");
                fill_uniform(&mut part, 9, 2, 3, 4, first as u32);
                assert_eq!(part, whole_uniform[first..first + n], "{level} {first} {n}");
                let mut part = vec![0; n];
                fill_gaps(&mut part, 9, 2, 3, -195.08);
                assert_eq!(part, gaps[..n], "{level} {n}");
            }
        }
    }
}

/// √n times the Kolmogorov–Smirnov distance of `values` to a distribution function.
fn kolmogorov(values: &mut [f64], cdf: impl Fn(f64) -> f64) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    let n = values.len() as f64;
    let distance = values
        .iter()
        .enumerate()
        .map(|(i, x)| {
            let (below, f) = (i as f64 / n, cdf(*x));
            (f - below).max(below + 1.0 / n - f)
        })
        .fold(0.0, f64::max);
    distance * n.sqrt()
}

const KOLMOGOROV_0001: f64 = 1.95;

/// Values over elements, steps, draws and objects.
fn collect(fill: impl Fn(&mut [f64], u32, u64, u32)) -> Vec<f64> {
    let mut all = Vec::new();
    let mut part = vec![0.0; 1000];
    for step in 0..40 {
        for (object, draw) in [(0, 0), (1, 0), (0, 1), (5, 3), (1000, 9)] {
            fill(&mut part, object, step << 20, draw);
            all.extend_from_slice(&part);
        }
    }
    all
}

#[test]
fn normal_law() {
    let mut x = collect(|dst, object, step, draw| fill_normal(dst, 42, object, step, draw, 0));
    let n = x.len() as f64;
    let moment = |k: i32| x.iter().map(|x| x.powi(k)).sum::<f64>() / n;
    // Standard errors of the raw moments: √(Var xᵏ / n) with variances 1, 2, 15, 96.
    for (k, mean, variance) in [
        (1, 0.0, 1.0),
        (2, 1.0, 2.0),
        (3, 0.0, 15.0),
        (4, 3.0, 96.0_f64),
    ] {
        let z = (moment(k) - mean) / (variance / n).sqrt();
        assert!(z.abs() < 3.29, "moment {k}: {z} standard errors");
    }
    // The two of a pair, and neighbouring pairs, are uncorrelated.
    for lag in [1, 2] {
        let z = x.iter().zip(&x[lag..]).map(|(a, b)| a * b).sum::<f64>() / n.sqrt();
        assert!(z.abs() < 3.29, "lag {lag}: {z}");
    }
    let cdf = |x: f64| 0.5 * libm::erfc(-x * std::f64::consts::FRAC_1_SQRT_2);
    let k = kolmogorov(&mut x, cdf);
    assert!(k < KOLMOGOROV_0001, "{k}");
}

#[test]
fn uniform_law() {
    let mut x = collect(|dst, object, step, draw| fill_uniform(dst, 42, object, step, draw, 1));
    assert!(x.iter().all(|x| (0.0..1.0).contains(x)));
    let n = x.len() as f64;
    let mean = x.iter().sum::<f64>() / n;
    assert!(((mean - 0.5) * (12.0 * n).sqrt()).abs() < 3.29, "{mean}");
    let k = kolmogorov(&mut x, |x| x);
    assert!(k < KOLMOGOROV_0001, "{k}");
}

fn gaps(p: f64, blocks: u64) -> Vec<u64> {
    let mut all = Vec::new();
    let mut part = vec![0; 512];
    for block in 0..blocks {
        fill_gaps(&mut part, 3, 8, block, 1.0 / (-p).ln_1p());
        all.extend_from_slice(&part);
    }
    all
}

#[test]
fn geometric_law() {
    let p = 0.0051;
    let x = gaps(p, 400);
    let n = x.len() as f64;
    let mean = x.iter().map(|x| *x as f64).sum::<f64>() / n;
    let z = (mean - (1.0 - p) / p) / ((1.0 - p).sqrt() / p / n.sqrt());
    assert!(z.abs() < 3.29, "mean {mean}: {z} standard errors");

    let p = 0.3;
    let x = gaps(p, 400);
    let n = x.len() as f64;
    let chi_square: f64 = (0..=10)
        .map(|k| {
            let (count, probability) = if k < 10 {
                (
                    x.iter().filter(|x| **x == k).count(),
                    (1.0 - p).powi(k as i32) * p,
                )
            } else {
                (x.iter().filter(|x| **x >= k).count(), (1.0 - p).powi(10))
            };
            (count as f64 - n * probability).powi(2) / (n * probability)
        })
        .sum();
    // 10 degrees of freedom.
    assert!(chi_square < 29.6, "{chi_square}");

    assert!(gaps(0.0, 2).iter().all(|gap| *gap == GAP_MAX));
    assert!(gaps(1.0, 2).iter().all(|gap| *gap == 0));
    assert!(gaps(1e-30, 2).iter().all(|gap| *gap == GAP_MAX));
}
