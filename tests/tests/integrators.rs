//! Each integrator has the order of convergence that it should have, measured; exact and adaptive methods are as exact as they say.

#![allow(
    clippy::unwrap_used,
    reason = "a test fails by a panic, in its helpers too"
)]

use std::path::PathBuf;

use dslsim_tests::{Setup, run};

/// The saved `x` of a model.
fn x_of(name: &str, text: &str, setup: &Setup) -> Vec<f64> {
    let folder = std::env::temp_dir().join(format!("integrators-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path: PathBuf = folder.join(format!("{name}.eq"));
    std::fs::write(&path, text).unwrap();
    let finished = run(&path, setup).expect_done();
    std::fs::remove_file(&path).unwrap();
    finished.results.arrays["x"].array.float_vec()
}

/// The error at 4 ms with steps of 4 ms divided by a power of two.
fn error(method: &str, equations: &str, exact: f64, power: u32) -> f64 {
    let steps = 1 << power;
    let text = format!(
        "defaultclock.dt = 4*ms/{steps}\nG = NeuronGroup(1, '''{equations}''', method={method})\nG.x = 1\nrun(4*ms)\nsave(x=G.x)\n"
    );
    let name: String = method.chars().filter(char::is_ascii_alphanumeric).collect();
    let x = x_of(&format!("{name}-{power}"), &text, &Setup::jit());
    (x[0] - exact).abs()
}

#[test]
fn orders_of_convergence() {
    // x' = -x²: 1/(1 + t). With explicit time, x' = -2·t·x: exp(-t²), and x' = x·cos(t): exp(sin(t)). The first has a small
    // term of order five: there the next one still shows when rounding sets in.
    let square = "dx/dt = -x**2/ms : 1";
    let drift = "dx/dt = -2*x*t/ms**2 : 1";
    let wave = "dx/dt = x*cos(t/ms)/ms : 1";
    let fixed = "'rkf45', method_options={'adaptable_timestep': False}";
    for (method, order) in [
        ("'euler'", 1.0),
        ("'heun'", 1.0),
        ("'milstein'", 1.0),
        ("'rk2'", 2.0),
        ("'rk4'", 4.0),
        (fixed, 5.0),
        ("'exponential_euler'", 1.0),
    ] {
        let systems: &[(&str, f64)] = if method == "'exponential_euler'" {
            &[(drift, (-16.0_f64).exp())]
        } else if order == 5.0 {
            &[(wave, 4.0_f64.sin().exp())]
        } else {
            &[
                (wave, 4.0_f64.sin().exp()),
                (square, 1.0 / 5.0),
                (drift, (-16.0_f64).exp()),
            ]
        };
        for (equations, exact) in systems {
            // Where higher terms have died out and rounding is far away.
            let (coarse, fine) = match order {
                5.0 => (6, 7),
                4.0 => (7, 8),
                _ => (10, 11),
            };
            let a = error(method, equations, *exact, coarse);
            let b = error(method, equations, *exact, fine);
            let found = (a / b).log2();
            assert!(
                (found - order).abs() < 0.3,
                "{method} on {equations}: order {found}, errors {a:e} and {b:e}"
            );
        }
    }
}

#[test]
fn exact_is_exact() {
    // An oscillator, a chain with equal time constants, and a drift: none of them is diagonalisable or has real eigenvalues.
    let text = "G = NeuronGroup(1, '''dx/dt = y/ms : 1\ndy/dt = -x/ms : 1\ndp/dt = (q - p)/(2*ms) : 1\ndq/dt = -q/(2*ms) : 1\ndr/dt = 0.5/ms : 1''', method='exact')\nG.x = 1\nG.q = 1\nrun(5*ms)\nsave(x=[G.x[0], G.p[0], G.r[0]])\n";
    for (name, setup) in [("jit", Setup::jit()), ("interpreter", Setup::interpreter())] {
        let found = x_of(&format!("exact-{name}"), text, &setup);
        let exact = [5.0_f64.cos(), 2.5 * (-2.5_f64).exp(), 2.5];
        for (found, exact) in found.iter().zip(exact) {
            assert!((found - exact).abs() < 1e-13, "{found} {exact}");
        }
    }
}

#[test]
fn substeps_keep_the_error_small() {
    // A decay far too fast for the step, slow and fast neurons side by side, an explicit time, a refractory neuron.
    let model = |options: &str| {
        format!(
            "G = NeuronGroup(4, '''dx/dt = -k*x**2/ms : 1\nds/dt = cos(t/ms)/ms : volt\nk : 1''', method='gsl_rkf45', method_options={options})\nG.x = 1\nG.k = [0, 0.1, 30, 3000]\nrun(2*ms)\nsave(x=concatenate([G.x, G.s/volt]))\n"
        )
        .replace("cos(t/ms)/ms : volt", "cos(t/ms)*volt/ms : volt")
    };
    let exact: Vec<f64> = [0.0, 0.1, 30.0, 3000.0]
        .iter()
        .map(|k| 1.0 / (1.0 + 2.0 * k))
        .chain([2.0_f64.sin(); 4])
        .collect();
    for (options, tolerance) in [
        ("{'absolute_error': 1e-6, 'max_steps': 500}", 1e-5),
        ("{'absolute_error': 1e-11, 'max_steps': 5000}", 1e-9),
        (
            "{'absolute_error': 0.1, 'absolute_error_per_variable': {'x': 1e-11, 's': 1e-9*volt}, 'max_steps': 5000}",
            1e-7,
        ),
        (
            "{'absolute_error': 1e-12, 'relative_error': 1e-9, 'max_steps': 5000, 'use_last_timestep': False}",
            1e-7,
        ),
    ] {
        let text = model(options);
        let machine = x_of("adaptive-jit", &text, &Setup::jit());
        let specification = x_of("adaptive-interpreter", &text, &Setup::interpreter());
        let bits = |all: &[f64]| all.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(&machine), bits(&specification), "{options}");
        for (found, exact) in machine.iter().zip(&exact) {
            assert!((found - exact).abs() < tolerance, "{options}: {machine:?}");
        }
    }
}
