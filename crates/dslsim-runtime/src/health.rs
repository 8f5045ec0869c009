//! NaN and infinity in state variables.

use std::fmt;
use std::sync::Arc;

use dslsim_ir::{ArrayId, Store};

/// A number in a watched array that is none, or infinite.
#[derive(Clone, Debug, PartialEq)]
pub struct NotFinite {
    /// The array.
    pub array: ArrayId,
    /// The first such element.
    pub element: usize,
    /// What it is.
    pub value: f64,
    /// The latest time at which everything was still finite, in seconds.
    pub from_time: f64,
    /// The time at which it was noticed; the same as `from_time` if it was so when the run began.
    pub to_time: f64,
    /// What made it so, if that could be found by making the steps once more.
    pub origin: Option<Arc<Origin>>,
}

/// The operation that wrote the first number that is not finite into an array.
#[derive(Clone, Debug)]
pub struct Origin {
    /// The time at the beginning of that step, in seconds.
    pub t: f64,
    /// The length of the operation's steps, in seconds.
    pub dt: f64,
    /// The operation's name.
    pub operation: String,
    /// The elements that it was executed for, in this order, if not all: neurons that spiked, synapses reached.
    pub elements: Option<Vec<u32>>,
    /// All arrays before it.
    pub before: Store,
}

/// Of the arrays only those matter that led here, and these follow from the rest: they are not compared.
impl PartialEq for Origin {
    fn eq(&self, other: &Origin) -> bool {
        (self.t, self.dt, &self.operation, &self.elements)
            == (other.t, other.dt, &other.operation, &other.elements)
    }
}

impl fmt::Display for NotFinite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let NotFinite {
            array,
            element,
            value,
            from_time,
            to_time,
            ..
        } = self;
        write!(
            f,
            "array {array:?} became {value} at element {element} between {from_time} s and {to_time} s"
        )
    }
}

/// The first number in one of the arrays that is not finite.
pub(crate) fn check(store: &Store, watched: &[ArrayId]) -> Option<(ArrayId, usize, f64)> {
    watched.iter().find_map(|&array| {
        let values = store.held(array);
        if all_finite(values) {
            return None;
        }
        let element = values.iter().position(|x| !x.is_finite())?;
        Some((array, element, values.get(element).copied()?))
    })
}

/// `x * 0` is 0 for finite numbers and NaN for all others.
fn all_finite(values: &[f64]) -> bool {
    let (lines, rest) = values.as_chunks::<16>();
    let mut sums = [0.0; 16];
    for line in lines {
        for (sum, x) in sums.iter_mut().zip(line) {
            *sum += x * 0.0;
        }
    }
    sums.iter().chain(rest).map(|x| x * 0.0).sum::<f64>() == 0.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_first_bad_element() {
        let mut store = Store::new();
        let good = store.add(100, f64::MAX);
        let bad = store.add(100, -0.0);
        assert_eq!(check(&store, &[good, bad]), None);
        store.set(bad, 71, f64::NEG_INFINITY);
        store.set(bad, 99, f64::INFINITY);
        assert_eq!(
            check(&store, &[good, bad]),
            Some((bad, 71, f64::NEG_INFINITY))
        );
        store.fill(bad, f64::INFINITY);
        assert_eq!(check(&store, &[good, bad]), Some((bad, 0, f64::INFINITY)));
    }
}
