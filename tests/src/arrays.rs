//! Arrays of a run and of a golden, and when they agree.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::fs::File;
use std::io;
use std::path::Path;

use dslsim::results::Recorded;
use dslsim_script::ArrayData;
use npyz::npz::NpzArchive;

/// The elements of an array in C order.
#[derive(Clone, Debug, PartialEq)]
pub enum Data {
    /// float64
    Floats(Vec<f64>),
    /// integers of any width
    Ints(Vec<i64>),
    /// bool
    Bools(Vec<bool>),
}

/// An array.
#[derive(Clone, Debug, PartialEq)]
pub struct Values {
    /// Lengths of its axes.
    pub shape: Vec<u64>,
    /// Its elements.
    pub data: Data,
}

impl Values {
    /// Its elements as numbers.
    pub fn floats(&self) -> Vec<f64> {
        match &self.data {
            Data::Floats(v) => v.clone(),
            Data::Ints(v) => v.iter().map(|n| *n as f64).collect(),
            Data::Bools(v) => v.iter().map(|b| f64::from(u8::from(*b))).collect(),
        }
    }
}

/// The arrays of a `.npz` file by name.
///
/// # Panics
/// If the file cannot be read.
pub fn golden(path: &Path) -> BTreeMap<String, Values> {
    read(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

fn read(path: &Path) -> io::Result<BTreeMap<String, Values>> {
    let wrong = |name: &str, what: &str| io::Error::other(format!("{name}: {what}"));
    let mut archive = NpzArchive::new(io::BufReader::new(File::open(path)?))?;
    let names: Vec<String> = archive.array_names().map(str::to_owned).collect();
    let mut all = BTreeMap::new();
    for name in names {
        let npy = archive
            .by_name(&name)?
            .ok_or_else(|| wrong(&name, "cannot be opened"))?;
        let (shape, order) = (npy.shape().to_vec(), npy.order());
        let kind = npy.dtype().descr();
        let data = match kind.trim_matches('\'').trim_start_matches(['<', '|', '=']) {
            "f8" => Data::Floats(in_c_order(npy.into_vec()?, &shape, order)),
            "i8" => Data::Ints(in_c_order(npy.into_vec()?, &shape, order)),
            "i4" => Data::Ints(
                in_c_order(npy.into_vec::<i32>()?, &shape, order)
                    .into_iter()
                    .map(i64::from)
                    .collect(),
            ),
            "b1" => Data::Bools(in_c_order(npy.into_vec()?, &shape, order)),
            other => return Err(wrong(&name, &format!("type {other}"))),
        };
        all.insert(name, Values { shape, data });
    }
    if all.is_empty() {
        Err(io::Error::other("no arrays"))
    } else {
        Ok(all)
    }
}

/// The elements in C order. In Fortran order, the first index runs fastest.
fn in_c_order<T: Copy>(values: Vec<T>, shape: &[u64], order: npyz::Order) -> Vec<T> {
    if order == npyz::Order::C || shape.len() < 2 {
        return values;
    }
    let at = |k: usize| {
        let (offset, _) = place(shape, k)
            .iter()
            .zip(shape)
            .fold((0, 1), |(offset, stride), (index, n)| {
                (offset + index * stride, stride * n)
            });
        values[offset as usize]
    };
    (0..values.len()).map(at).collect()
}

/// The arrays of a run by name.
pub fn recorded(results: &Recorded) -> BTreeMap<String, Values> {
    let turn = |r: &dslsim::results::Result| Values {
        shape: r.shape.iter().map(|n| *n as u64).collect(),
        data: match &r.array.data {
            ArrayData::F64(a) => Data::Floats(a.iter().copied().collect()),
            ArrayData::I64(a) => Data::Ints(a.iter().copied().collect()),
            ArrayData::Bool(a) => Data::Bools(a.iter().copied().collect()),
        },
    };
    results
        .arrays
        .iter()
        .map(|(name, r)| (name.clone(), turn(r)))
        .collect()
}

/// How far floats may be from the golden, relative to the largest number of the golden array.
#[derive(Clone, Debug, PartialEq)]
pub struct Tolerances {
    general: f64,
    single: BTreeMap<String, f64>,
}

impl Tolerances {
    /// What the first 15 lines of a model say: `# tolerance: 1e-6`, or `# tolerance KEY: 1e-6` for one array.
    pub fn of(model: &str, otherwise: f64) -> Tolerances {
        let mut found = Tolerances {
            general: otherwise,
            single: BTreeMap::new(),
        };
        for line in model.lines().take(15) {
            let words = line
                .strip_prefix('#')
                .map(str::trim)
                .and_then(|line| line.strip_prefix("tolerance"));
            let Some((key, value)) = words.and_then(|w| w.split_once(':')) else {
                continue;
            };
            let Ok(value) = value.trim().parse() else {
                continue;
            };
            match key.trim() {
                "" => found.general = value,
                key => {
                    found.single.insert(key.to_owned(), value);
                }
            }
        }
        found
    }

    fn at(&self, key: &str) -> f64 {
        self.single.get(key).copied().unwrap_or(self.general)
    }
}

/// Where an array whose golden is zero throughout may be.
const AROUND_ZERO: f64 = 1e-12;

/// What differs, one line for each array that does. The rules are those of `conformance/compare.py`.
pub fn compare(
    golden: &BTreeMap<String, Values>,
    results: &BTreeMap<String, Values>,
    tolerances: &Tolerances,
) -> Vec<String> {
    let each = |(key, expected): (&String, &Values)| {
        let said = match results.get(key) {
            None => "missing".to_owned(),
            Some(got) => difference(expected, got, tolerances.at(key))?,
        };
        Some(format!("{key}: {said}"))
    };
    golden.iter().filter_map(each).collect()
}

/// `None` if they agree.
fn difference(golden: &Values, got: &Values, rtol: f64) -> Option<String> {
    if golden.shape != got.shape {
        return Some(format!(
            "shape {:?}, expected {:?}",
            got.shape, golden.shape
        ));
    }
    let told = |at: usize, got: &dyn Display, expected: &dyn Display| {
        format!(
            "first at {:?}: {got}, expected {expected}",
            place(&golden.shape, at)
        )
    };
    let Data::Floats(expected) = &golden.data else {
        let (expected, got) = (golden.floats(), got.floats());
        let wrong: Vec<usize> = (0..expected.len())
            .filter(|k| expected[*k] != got[*k])
            .collect();
        let first = *wrong.first()?;
        return Some(format!(
            "{} of {} differ, {}",
            wrong.len(),
            expected.len(),
            told(first, &got[first], &expected[first])
        ));
    };
    let got = got.floats();
    let special = |k: &usize| {
        let (a, b) = (expected[*k], got[*k]);
        !(a.is_finite() && b.is_finite() || a == b || a.is_nan() && b.is_nan())
    };
    if let Some(k) = (0..expected.len()).find(special) {
        return Some(format!(
            "NaN or infinity, {}",
            told(k, &got[k], &expected[k])
        ));
    }
    let finite: Vec<usize> = (0..expected.len())
        .filter(|k| expected[*k].is_finite())
        .collect();
    let largest = finite
        .iter()
        .map(|k| expected[*k].abs())
        .fold(0.0, f64::max);
    let deviation = |k: usize| (expected[k] - got[k]).abs();
    let worst = finite.iter().map(|k| deviation(*k)).fold(0.0, f64::max);
    let bound = if largest == 0.0 {
        AROUND_ZERO
    } else {
        rtol * largest
    };
    let first = finite.into_iter().find(|k| deviation(*k) > bound)?;
    let relative = if largest == 0.0 {
        worst
    } else {
        worst / largest
    };
    Some(format!(
        "deviation {relative:.2e}, allowed {rtol:.0e}, {}",
        told(first, &got[first], &expected[first])
    ))
}

/// The index along each axis.
fn place(shape: &[u64], at: usize) -> Vec<u64> {
    let mut rest = at as u64;
    let mut index: Vec<u64> = shape
        .iter()
        .rev()
        .map(|n| {
            let k = rest % n.max(&1);
            rest /= n.max(&1);
            k
        })
        .collect();
    index.reverse();
    index
}

/// The first difference in the bits of two runs; all NaN are one.
pub fn same_bits(a: &BTreeMap<String, Values>, b: &BTreeMap<String, Values>) -> Result<(), String> {
    let names = |all: &BTreeMap<String, Values>| all.keys().cloned().collect::<Vec<_>>();
    if names(a) != names(b) {
        return Err(format!("arrays {:?} and {:?}", names(a), names(b)));
    }
    for (name, a) in a {
        let b = &b[name];
        if a.shape != b.shape {
            return Err(format!("{name}: shape {:?} and {:?}", a.shape, b.shape));
        }
        let different = match (&a.data, &b.data) {
            (Data::Floats(x), Data::Floats(y)) => (0..x.len()).find(|k| {
                x[*k].to_bits() != y[*k].to_bits() && !(x[*k].is_nan() && y[*k].is_nan())
            }),
            (x, y) => (x != y).then_some(0),
        };
        if let Some(k) = different {
            return Err(format!(
                "{name}: first at {:?}: {:e} and {:e}",
                place(&a.shape, k),
                a.floats()[k],
                b.floats()[k]
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn floats(shape: &[u64], data: &[f64]) -> Values {
        Values {
            shape: shape.to_vec(),
            data: Data::Floats(data.to_vec()),
        }
    }

    /// What is said of `got` where `golden` is expected.
    fn said(golden: &Values, got: &Values) -> Option<String> {
        difference(golden, got, 1e-9)
    }

    #[test]
    fn floats_agree_relative_to_the_largest() {
        let golden = floats(&[3], &[0.0, 1.0, -100.0]);
        assert_eq!(said(&golden, &floats(&[3], &[0.9e-7, 1.0, -100.0])), None);
        assert!(said(&golden, &floats(&[3], &[1.1e-7, 1.0, -100.0])).is_some());
        assert!(said(&golden, &floats(&[1, 3], &[0.0, 1.0, -100.0])).is_some());
        assert!(said(&floats(&[1], &[0.0]), &floats(&[1], &[2e-12])).is_some());
    }

    #[test]
    fn what_is_not_finite_is_equal_or_wrong() {
        let golden = floats(&[3], &[f64::NAN, f64::INFINITY, 1.0]);
        assert_eq!(said(&golden, &golden), None);
        for other in [
            [0.0, f64::INFINITY, 1.0],
            [f64::NAN, f64::NEG_INFINITY, 1.0],
            [f64::NAN, f64::INFINITY, f64::NAN],
        ] {
            assert!(said(&golden, &floats(&[3], &other)).is_some(), "{other:?}");
        }
    }

    #[test]
    fn integers_are_equal() {
        let golden = Values {
            shape: vec![2],
            data: Data::Ints(vec![1, 1_000_000_000]),
        };
        assert_eq!(said(&golden, &floats(&[2], &[1.0, 1e9])), None);
        assert!(said(&golden, &floats(&[2], &[1.0, 1e9 + 0.5])).is_some());
    }

    #[test]
    fn missing_arrays_are_told() {
        let one = |name: &str| BTreeMap::from([(name.to_owned(), floats(&[1], &[1.0]))]);
        let tolerances = Tolerances::of("", 1e-9);
        assert_eq!(compare(&one("a"), &one("b"), &tolerances), ["a: missing"]);
    }

    #[test]
    fn tolerances_of_the_head() {
        let found = Tolerances::of(
            "# a model\n# tolerance: 1e-6\n# tolerance M.v: 1e-3\n",
            1e-9,
        );
        assert_eq!((found.at("M.v"), found.at("M.w")), (1e-3, 1e-6));
    }

    #[test]
    fn fortran_order_is_turned() {
        // [[1, 2, 3], [4, 5, 6]]
        assert_eq!(
            in_c_order(vec![1, 4, 2, 5, 3, 6], &[2, 3], npyz::Order::Fortran),
            [1, 2, 3, 4, 5, 6]
        );
    }

    #[test]
    fn bits() {
        let one = |x: f64| BTreeMap::from([("a".to_owned(), floats(&[1], &[x]))]);
        assert_eq!(same_bits(&one(f64::NAN), &one(-f64::NAN)), Ok(()));
        assert!(same_bits(&one(0.0), &one(-0.0)).is_err());
    }
}
