//! Poisson sources: the law of the spikes under each way of drawing them.
//!
//! Seeds are fixed, so a test passes always or never. The levels say how unlikely a failure was when the seed was chosen.

#![allow(clippy::unwrap_used)]

mod common;

use common::*;
use dslsim_ir::Domain;
use dslsim_ir::kernel::Binary;
use dslsim_ir::{Access, ScalarSource};
use dslsim_runtime::*;

/// Spikes of `n` sources in `steps` steps, made by runs of these many steps each.
fn spikes(
    random: Random,
    n: u32,
    rates: &[f64],
    varying: bool,
    steps: u64,
    each: u64,
) -> Vec<Vec<u32>> {
    let mut net = Net::new(random);
    let array = net.sim.store.add(n as usize, 0.0);
    net.sim.store.assign(array, rates);
    let rates = match (rates, varying) {
        (_, true) => Rates::Varying {
            array,
            program: None,
        },
        (&[rate], _) => Rates::Uniform(rate),
        _ => Rates::PerElement(array),
    };
    let source = net.poisson(n, rates);
    let m = net.record_spikes(source, 0, n, Vec::new());
    for _ in 0..steps / each {
        net.run(each);
    }
    let monitor = net.spikes(m);
    let mut all = vec![Vec::new(); steps as usize];
    for (i, t) in monitor.i().held().iter().zip(monitor.t().held()) {
        all[(t / DT).round() as usize].push(*i);
    }
    assert!(
        all.iter().all(|s| s.is_sorted_by(|a, b| a < b)),
        "ascending, no element twice"
    );
    all
}

/// Whether chi-square with `k` degrees of freedom is below its 0.9999 quantile (Wilson and Hilferty).
fn plausible(chi2: f64, k: f64) -> bool {
    let z = ((chi2 / k).cbrt() - (1.0 - 2.0 / (9.0 * k))) / (2.0 / (9.0 * k)).sqrt();
    z.abs() < 3.72
}

/// Counts against expectations; classes are merged until 8 are expected in each.
fn chi_square(counts: &[f64], expected: &[f64]) -> (f64, f64) {
    let (mut chi2, mut classes) = (0.0, 0.0);
    let (mut count, mut expect) = (0.0, 0.0);
    let rest = |from: usize| expected[from..].iter().sum::<f64>();
    for k in 0..counts.len() {
        count += counts[k];
        expect += expected[k];
        if expect >= 8.0 && (rest(k + 1) >= 8.0 || k + 1 == counts.len()) {
            chi2 += (count - expect).powi(2) / expect;
            classes += 1.0;
            (count, expect) = (0.0, 0.0);
        }
    }
    (chi2, classes - 1.0)
}

/// Distribution of the number of spikes of independent sources.
fn count_law(p: &[f64]) -> Vec<f64> {
    let mut law = vec![1.0];
    for p in p {
        let mut next = vec![0.0; law.len() + 1];
        for (k, x) in law.iter().enumerate() {
            next[k] += x * (1.0 - p);
            next[k + 1] += x * p;
        }
        law = next;
    }
    law
}

/// The four properties of Bernoulli trials: number per step, number per source, gaps of a source, no memory across steps.
fn check_law(name: &str, all: &[Vec<u32>], p: &[f64]) {
    let (n, steps) = (p.len(), all.len() as f64);
    let mut per_step = vec![0.0; n + 1];
    all.iter().for_each(|s| per_step[s.len()] += 1.0);
    let expected: Vec<f64> = count_law(p).iter().map(|x| x * steps).collect();
    let (chi2, k) = chi_square(&per_step, &expected);
    assert!(
        plausible(chi2, k),
        "{name}: counts per step, chi2 = {chi2} with {k}"
    );

    let mut per_source = vec![0.0; n];
    all.iter()
        .flatten()
        .for_each(|i| per_source[*i as usize] += 1.0);
    let terms = per_source
        .iter()
        .zip(p)
        .map(|(c, p)| (c - p * steps).powi(2) / (steps * p * (1.0 - p)));
    let chi2: f64 = terms.sum();
    assert!(
        plausible(chi2, n as f64),
        "{name}: counts per source, chi2 = {chi2} with {n}"
    );

    // Intervals of all sources, by the probability integral: P(interval <= g) = 1 - (1-p)^g, in ten classes of equal weight on
    // average would need randomisation; compare the number of intervals of 1, 2, 3 steps with its expectation instead.
    let mut last = vec![None::<usize>; n];
    let mut short = [0.0; 3];
    for (step, s) in all.iter().enumerate() {
        for i in s {
            if let Some(before) = last[*i as usize].replace(step)
                && step - before <= 3
            {
                short[step - before - 1] += 1.0;
            }
        }
    }
    for (g, count) in short.iter().enumerate() {
        let pairs: f64 = p
            .iter()
            .map(|p| p * p * (1.0 - p).powi(g as i32) * (steps - g as f64 - 1.0))
            .sum();
        // A count of rare pairs; its variance is at most about (1 + 4p) its mean.
        let most = p.iter().copied().fold(0.0, f64::max);
        let z = (count - pairs) / (pairs * (1.0 + 4.0 * most)).sqrt();
        assert!(
            z.abs() < 3.9,
            "{name}: {count} intervals of {} steps, expected {pairs}",
            g + 1
        );
    }

    // The last source of a step and the first of the next: gaps run across this boundary.
    let ends = |a: &[u32], b: &[u32]| a.last() == Some(&(n as u32 - 1)) && b.first() == Some(&0);
    let pairs = all.windows(2).filter(|w| ends(&w[0], &w[1])).count() as f64;
    let expect = (steps - 1.0) * p[0] * p[n - 1];
    assert!(
        (pairs - expect).abs() < 3.9 * expect.sqrt().max(1.0),
        "{name}: {pairs} at the boundary, expected {expect}"
    );

    let variance = |f: &dyn Fn(&Vec<u32>) -> f64| {
        let mean = all.iter().map(f).sum::<f64>() / steps;
        (
            mean,
            all.iter().map(|s| (f(s) - mean).powi(2)).sum::<f64>() / (steps - 1.0),
        )
    };
    let (mean, var) = variance(&|s| s.len() as f64);
    let (m, v): (f64, f64) = (p.iter().sum(), p.iter().map(|p| p * (1.0 - p)).sum());
    assert!(
        (mean - m).abs() < 3.9 * (v / steps).sqrt(),
        "{name}: mean {mean}, expected {m}"
    );
    assert!(
        (var / v - 1.0).abs() < 3.9 * (2.0 / steps).sqrt() * 1.5,
        "{name}: variance {var}, expected {v}"
    );
}

#[test]
fn every_way_of_drawing_has_the_law_of_independent_trials() {
    let n = 40;
    let uneven = |most: f64| {
        (0..n)
            .map(|k| most * f64::from(k + 1) / f64::from(n))
            .collect::<Vec<_>>()
    };
    let steps = 20_000;
    // (name, rates, varying): gaps at two probabilities, every source, thinned, every source of its own rate.
    let cases = [
        ("gaps", vec![51.0], false),
        ("gaps of frequent spikes", vec![2000.0], false),
        ("each", vec![4000.0], false),
        ("thinned", uneven(350.0), false),
        ("each of its own", uneven(3000.0), false),
        ("varying", uneven(350.0), true),
        ("varying, frequent", uneven(3000.0), true),
    ];
    for (name, rates, varying) in cases {
        let p: Vec<f64> = (0..n as usize)
            .map(|k| rates.get(k).unwrap_or(&rates[0]) * DT)
            .collect();
        check_law(
            name,
            &spikes(Random::fast(1), n, &rates, varying, steps, steps),
            &p,
        );
        check_law(
            name,
            &spikes(Random::brian2(1), n, &rates, varying, steps, steps),
            &p,
        );
    }
}

#[test]
fn thinning_keeps_every_rate() {
    // Half a million spikes and more: a deviation of 1 % is more than 7 standard deviations.
    let n = 1000;
    let uneven: Vec<f64> = (0..n)
        .map(|k| 2000.0 * f64::from(k + 1) / f64::from(n))
        .collect();
    let mut even = vec![2000.0; n as usize];
    even[0] = 1999.0;
    for (rates, varying) in [
        (&uneven, false),
        (&uneven, true),
        (&even, false),
        (&even, true),
    ] {
        let seen: usize = spikes(Random::fast(9), n, rates, varying, 5000, 5000)
            .iter()
            .map(Vec::len)
            .sum();
        let p = rates.iter().map(|r| r * DT);
        let (mean, var) = p.fold((0.0, 0.0), |(m, v), p| {
            (m + 5000.0 * p, v + 5000.0 * p * (1.0 - p))
        });
        let z = (seen as f64 - mean) / var.sqrt();
        assert!(mean >= 5e5 && z.abs() < 3.9, "{seen}, expected {mean}");
    }
}

#[test]
fn gaps_are_geometric() {
    // On the lattice (step, source): mean (1-p)/p, variance (1-p)/p^2, and the whole law.
    let (n, p) = (500, 0.0051);
    let all = spikes(Random::fast(2), n, &[p / DT], false, 20_000, 20_000);
    let places = all.iter().enumerate().flat_map(|(s, i)| {
        i.iter()
            .map(move |i| s as u64 * u64::from(n) + u64::from(*i))
    });
    let places: Vec<u64> = places.collect();
    let gaps: Vec<f64> = places
        .windows(2)
        .map(|w| (w[1] - w[0] - 1) as f64)
        .collect();
    let count = gaps.len() as f64;
    assert!(count > 50_000.0);
    let mean = gaps.iter().sum::<f64>() / count;
    let var = gaps.iter().map(|g| (g - mean).powi(2)).sum::<f64>() / count;
    let (m, v) = ((1.0 - p) / p, (1.0 - p) / (p * p));
    assert!(
        (mean - m).abs() < 3.9 * (v / count).sqrt(),
        "mean {mean}, expected {m}"
    );
    // The fourth central moment is about 9 v^2.
    assert!(
        (var - v).abs() < 3.9 * v * (8.0 / count).sqrt(),
        "variance {var}, expected {v}"
    );
    let (mut seen, mut expected) = (vec![0.0; 3000], vec![0.0; 3000]);
    gaps.iter()
        .for_each(|g| seen[(*g as usize).min(2999)] += 1.0);
    for (g, e) in expected.iter_mut().enumerate() {
        *e = count * (1.0 - p).powi(g as i32) * if g == 2999 { 1.0 } else { p };
    }
    let (chi2, k) = chi_square(&seen, &expected);
    assert!(plausible(chi2, k), "chi2 = {chi2} with {k}");
}

#[test]
fn runs_of_any_length_give_the_same_spikes() {
    let uneven: Vec<f64> = (0..300).map(f64::from).collect();
    for rates in [vec![51.0], vec![4000.0], uneven] {
        let whole = spikes(Random::fast(3), 300, &rates, false, 1000, 1000);
        assert_eq!(whole, spikes(Random::fast(3), 300, &rates, false, 1000, 1));
        assert_eq!(
            whole,
            spikes(Random::fast(3), 300, &rates, false, 1000, 125)
        );
        assert_ne!(
            whole,
            spikes(Random::fast(4), 300, &rates, false, 1000, 1000)
        );
    }
}

#[test]
fn extreme_rates() {
    for random in [Random::fast(0), Random::brian2(0)] {
        for (rate, each) in [
            (0.0, 0),
            (-3.0, 0),
            (f64::NAN, 0),
            (1e4, 7),
            (1e9, 7),
            (1e-300, 0),
            (1e-9, 0),
        ] {
            let all = spikes(random.clone(), 7, &[rate], false, 20, 10);
            assert!(all.iter().all(|s| s.len() == each), "{rate}");
        }
        let all = spikes(random, 3, &[0.0, 1e4, -1.0], false, 20, 10);
        assert!(all.iter().all(|s| *s == [1]));
    }
}

#[test]
fn a_new_rate_or_seed_takes_effect_at_once() {
    let mut net = Net::new(Random::fast(7));
    let source = net.poisson(100, Rates::Uniform(1e-3));
    let m = net.record_spikes(source, 0, 100, Vec::new());
    net.run(100);
    assert_eq!(net.spikes(m).total(), 0);
    for operation in &mut net.plan.operations {
        if let Action::Poisson { rates, .. } = &mut operation.action {
            *rates = Rates::Uniform(100.0);
        }
    }
    net.run(1000);
    assert!((700..1300).contains(&net.spikes(m).total()));
    // Seeded again, the spikes depend on the seed alone, not on what was drawn ahead.
    let after = |net: &mut Net, seed| {
        net.sim.random.seed(seed);
        if let Some(monitor) = net.sim.monitor_mut(m) {
            monitor.clear();
        }
        net.run(200);
        net.spikes(m).i().held().to_vec()
    };
    let (first, second) = (after(&mut net, 5), after(&mut net, 6));
    assert_ne!(first, second);
    assert_eq!(after(&mut net, 5), first);
}

#[test]
fn the_brian2_stream_repeats_numpy() {
    // numpy: RandomState(42); in each step nonzero(rand(5) < rates*dt)
    let expected: [&[u32]; 8] = [
        &[0, 3, 4],
        &[0, 1, 3, 4],
        &[0, 3, 4],
        &[0, 3, 4],
        &[3, 4],
        &[3, 4],
        &[4],
        &[3, 4],
    ];
    let rates = [4000.0, 1000.0, 0.0, 9000.0, 20_000.0];
    for varying in [false, true] {
        assert_eq!(
            spikes(Random::brian2(42), 5, &rates, varying, 8, 2),
            expected
        );
    }
}

#[test]
fn changing_rates_are_followed() {
    // The rate of all goes through 0, rises by leaps and beyond what gaps serve: 300 steps each, then again.
    let n = 50;
    let mut net = Net::new(Random::fast(8));
    let array = net.sim.store.add(n as usize, 0.0);
    let source = net.poisson(
        n,
        Rates::Varying {
            array,
            program: None,
        },
    );
    let m = net.record_spikes(source, 0, n, Vec::new());
    let levels = [
        10.0, 100.0, 0.0, 90.0, 1500.0, 6000.0, 400.0, 300.0, 3.0, 20_000.0, 101.0,
    ];
    let mut seen = [0.0; 11];
    for _ in 0..20 {
        for (k, rate) in levels.iter().enumerate() {
            let before = net.spikes(m).total();
            let ramp: Vec<f64> = (0..n)
                .map(|i| rate * if i % 2 == 0 { 1.0 } else { 0.5 })
                .collect();
            net.sim.store.assign(array, &ramp);
            net.run(30);
            seen[k] += (net.spikes(m).total() - before) as f64;
        }
    }
    for (rate, seen) in levels.iter().zip(seen) {
        let p = [rate * DT, rate * DT / 2.0].map(|p| p.min(1.0));
        let (mean, var) = p
            .iter()
            .fold((0.0, 0.0), |(m, v), p| (m + p, v + p * (1.0 - p)));
        let trials = 600.0 * f64::from(n) / 2.0;
        let z = (seen - trials * mean) / (trials * var).sqrt().max(1e-9);
        assert!(
            z.abs() < 3.9 || seen == trials * mean,
            "{rate} Hz: {seen}, expected {}",
            trials * mean
        );
    }
}

#[test]
fn rates_may_be_computed_in_each_step() {
    // rates = 1e4 Hz in every third step (TimeStep % 3 == 0), else 0
    for random in [Random::fast(0), Random::brian2(0)] {
        let mut net = Net::new(random);
        let array = net.sim.store.add(4, 0.0);
        let mut k = K::new("rates", Domain::All);
        let step = k.scalar(ScalarSource::TimeStep);
        let three = k.num(3.0);
        let rest = k.op(Binary::Mod, step, three);
        let zero = k.num(0.0);
        let due = k.cmp(dslsim_ir::kernel::Compare::Eq, rest, zero);
        let (on, off) = (k.num(1e4), k.num(0.0));
        let rate = k.inst(dslsim_ir::Inst::Select(due, on, off));
        k.store(array, Access::Element, rate, None);
        let program = net.program(k, 4);
        let source = net.poisson(
            4,
            Rates::Varying {
                array,
                program: Some(program),
            },
        );
        let m = net.record_spikes(source, 1, 3, Vec::new());
        net.run(7);
        assert_eq!(steps(net.spikes(m).t().held()), [0, 0, 3, 3, 6, 6]);
        assert_eq!(net.spikes(m).i().held(), [0, 1, 0, 1, 0, 1]);
    }
}
