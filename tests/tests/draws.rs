//! The default stream's Poisson and binomial numbers follow their laws, in every kind of code that draws them.
//!
//! Level: each test statistic would refuse a right implementation with another seed with probability 0.001. With the seeds given here
//! nothing is left to chance: a failure is a change of the stream or a mistake.

#![allow(
    clippy::unwrap_used,
    reason = "a test fails by a panic, in its helpers too"
)]

use dslsim_tests::{Setup, run};

/// The saved `x` of a model.
fn x_of(name: &str, text: &str) -> Vec<f64> {
    let folder = std::env::temp_dir().join(format!("draws-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join(format!("{name}.eq"));
    std::fs::write(&path, text).unwrap();
    let finished = run(&path, &Setup::jit()).expect_done();
    std::fs::remove_file(&path).unwrap();
    finished.results.arrays["x"].array.float_vec()
}

/// Quantile of the chi-square distribution at 0.999 (Wilson and Hilferty 1931).
fn chi_square_limit(freedom: f64) -> f64 {
    let a = 2.0 / (9.0 * freedom);
    freedom * (1.0 - a + 3.0902 * a.sqrt()).powi(3)
}

/// Compares whole numbers with probabilities; classes with few expected are joined.
fn follows(name: &str, numbers: &[f64], probability: impl Fn(usize) -> f64) {
    assert!(
        numbers.iter().all(|x| x.fract() == 0.0 && *x >= 0.0),
        "{name}"
    );
    let n = numbers.len() as f64;
    let most = numbers.iter().copied().fold(0.0, f64::max) as usize + 60;
    let (mut expected, mut found, mut statistic, mut classes) = (0.0, 0.0, 0.0, 0.0);
    let mut left = (n, n);
    for k in 0..=most {
        expected += n * probability(k);
        found += numbers.iter().filter(|x| **x == k as f64).count() as f64;
        if expected >= 10.0 && left.0 - expected >= 10.0 {
            statistic += (found - expected) * (found - expected) / expected;
            classes += 1.0;
            left = (left.0 - expected, left.1 - found);
            (expected, found) = (0.0, 0.0);
        }
    }
    statistic += (left.1 - left.0) * (left.1 - left.0) / left.0;
    let limit = chi_square_limit(classes);
    assert!(
        statistic < limit,
        "{name}: {statistic} with {classes} degrees of freedom, limit {limit}"
    );
}

fn poisson_probability(mean: f64) -> impl Fn(usize) -> f64 {
    move |k| {
        let logs: f64 = (1..=k).map(|i| (i as f64).ln()).sum();
        (k as f64 * mean.ln() - mean - logs).exp()
    }
}

#[test]
fn poisson_numbers() {
    for (mean, seed) in [(0.3, 1), (4.0, 2), (9.9, 3), (10.0, 4), (55.0, 5)] {
        let head = format!("seed({seed})\nlam = {mean}\n");
        let initial = format!(
            "{head}G = NeuronGroup(20000, 'n : integer')\nG.n = 'poisson(lam)'\nrun(0.1*ms)\nsave(x=G.n)\n"
        );
        follows(
            "initial values",
            &x_of("initial", &initial),
            poisson_probability(mean),
        );
        let regular = format!(
            "{head}G = NeuronGroup(20000, 'n : integer\\nm : 1')\nG.m = lam\nG.run_regularly('n = poisson(m)')\nrun(0.3*ms)\nsave(x=G.n)\n"
        );
        follows(
            "run_regularly",
            &x_of("regular", &regular),
            poisson_probability(mean),
        );
        // The sum of independent numbers: draws of different steps and synapses do not depend on each other.
        let events = format!(
            "{head}P = NeuronGroup(1, 'v : 1', threshold='True', reset='')\nG = NeuronGroup(5000, 'n : 1')\nS = Synapses(P, G, on_pre='n_post += poisson(lam)')\nS.connect()\nrun(0.4*ms)\nsave(x=G.n)\n"
        );
        follows(
            "on_pre",
            &x_of("events", &events),
            poisson_probability(4.0 * mean),
        );
    }
}

#[test]
fn poisson_input() {
    // 40 sources: inversion; the number of events in 5 steps is binomial with 200 trials.
    let text = "seed(11)\nG = NeuronGroup(20000, 'n : 1')\nI = PoissonInput(G, 'n', 40, 250*Hz, 1)\nrun(0.5*ms)\nsave(x=G.n)\n";
    let p: f64 = 0.025;
    let binomial = |k: usize| {
        if k > 200 {
            return 0.0;
        }
        let choose: f64 = (1..=k).map(|i| ((201 - i) as f64 / i as f64).ln()).sum();
        (choose + k as f64 * p.ln() + (200 - k) as f64 * (1.0 - p).ln()).exp()
    };
    follows("few sources", &x_of("few", text), binomial);
    // Almost certain events: the rare failures are counted.
    let text = "seed(12)\nG = NeuronGroup(20000, 'n : 1')\nI = PoissonInput(G, 'n', 20, 9.8*kHz, 1)\nrun(0.1*ms)\nsave(x=20 - G.n)\n";
    let failures = |k: usize| {
        if k > 20 {
            return 0.0;
        }
        let choose: f64 = (1..=k).map(|i| ((21 - i) as f64 / i as f64).ln()).sum();
        (choose + k as f64 * 0.02_f64.ln() + (20 - k) as f64 * 0.98_f64.ln()).exp()
    };
    follows("failures", &x_of("failures", text), failures);
    // 2000 sources: normal with the mean and the variance of the binomial law (as in Brian2). Kolmogorov and Smirnov, level 0.001.
    let text = "seed(13)\nG = NeuronGroup(20000, 'n : 1')\nI = PoissonInput(G, 'n', 2000, 100*Hz, 1)\nrun(0.1*ms)\nsave(x=G.n)\n";
    let mut numbers = x_of("many", text);
    numbers.sort_by(f64::total_cmp);
    let (mean, deviation) = (20.0, (2000.0_f64 * 0.01 * 0.99).sqrt());
    let n = numbers.len() as f64;
    let distance = numbers
        .iter()
        .enumerate()
        .map(|(k, x)| {
            let below = normal_below((x - mean) / deviation);
            (below - k as f64 / n)
                .abs()
                .max(((k + 1) as f64 / n - below).abs())
        })
        .fold(0.0, f64::max);
    assert!(distance < 1.95 / n.sqrt(), "{distance}");
}

/// The normal distribution function, by Simpson's rule.
fn normal_below(z: f64) -> f64 {
    let steps = 400;
    let h = z / f64::from(steps);
    let density = |x: f64| (-x * x / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt();
    let inner: f64 = (1..steps)
        .map(|k| density(f64::from(k) * h) * if k % 2 == 1 { 4.0 } else { 2.0 })
        .sum();
    0.5 + h / 3.0 * (density(0.0) + inner + density(z))
}
