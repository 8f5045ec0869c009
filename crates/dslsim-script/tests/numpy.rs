//! Values agree with Brian2's: `reference/expressions.txt` was evaluated there (`reference/make.py`).

mod common;

use dslsim_script::Value;

/// The value as numbers with a shape; booleans count as 0 and 1.
fn numbers(value: &Value) -> Option<(Vec<usize>, Vec<f64>)> {
    match value {
        Value::Array(a) => Some((a.shape().to_vec(), a.float_vec())),
        Value::List(v) | Value::Tuple(v) => {
            let parts: Vec<_> = v.iter().map(numbers).collect::<Option<_>>()?;
            let inner = parts.first().map_or_else(Vec::new, |p| p.0.clone());
            let shape = std::iter::once(v.len()).chain(inner).collect();
            Some((shape, parts.into_iter().flat_map(|p| p.1).collect()))
        }
        other => Some((vec![], vec![other.as_f64()?])),
    }
}

#[test]
fn expressions_have_the_values_of_numpy() {
    let setup = include_str!("reference/setup.py.txt");
    let mut wrong = String::new();
    let lines: Vec<Vec<&str>> = include_str!("reference/numpy.txt")
        .lines()
        .map(|l| l.split('\t').collect())
        .collect();
    assert!(lines.len() > 300);
    for line in lines {
        let [expression, shape, values] = line.as_slice() else {
            panic!("{line:?}")
        };
        let ran = common::run(&format!("{setup}result = {expression}\n"));
        let expected: Vec<f64> = values
            .split_whitespace()
            .map(|v| v.parse().unwrap())
            .collect();
        let Some((own_shape, own)) = numbers(&ran.value("result")) else {
            wrong += &format!("{expression}: {}\n", ran.said());
            continue;
        };
        let own_shape = format!(
            "({})",
            own_shape
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join(",")
        );
        let near = |a: f64, b: f64| {
            a == b || (a.is_nan() && b.is_nan()) || (a - b).abs() <= 4e-15 * b.abs() + 1e-15
        };
        if ran.interpreter.diagnostics().has_errors() {
            wrong += &format!("{expression}: {}\n", ran.said());
        } else if &own_shape != shape
            || own.len() != expected.len()
            || !own.iter().zip(&expected).all(|(a, b)| near(*a, *b))
        {
            wrong += &format!("{expression}: {own_shape} {own:?}, numpy {shape} {expected:?}\n");
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn sums_have_the_bits_of_numpy() {
    let ran = common::run(
        "b = sqrt(arange(1000) + 1.0)\ns = sum(b)\nm = mean(b)\nd = std(b)\nc = sum(b.reshape(50, 20), axis=0)[3]\n",
    );
    // from numpy 2
    let bits = |name: &str| ran.value(name).as_f64().unwrap();
    assert_eq!(
        bits("s"),
        include_str!("reference/sums.txt")
            .lines()
            .next()
            .unwrap()
            .parse::<f64>()
            .unwrap()
    );
    let all: Vec<f64> = include_str!("reference/sums.txt")
        .lines()
        .map(|l| l.parse().unwrap())
        .collect();
    assert_eq!([bits("s"), bits("m"), bits("d"), bits("c")].to_vec(), all);
}
