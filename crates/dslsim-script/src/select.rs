//! Which elements of an array an index selects, and in what shape: numpy's rules.

use dslsim_source::Span;

use crate::array::{Array, Kind, broadcast_shape};
use crate::fault::{Outcome, fail, fail_help};
use crate::limits::check_size;
use crate::text::shape as shape_text;
use crate::value::{IndexValue, Slice, Spanned};

/// What stands between brackets.
pub(crate) type Index = [Spanned<IndexValue>];

/// `slice`'s positions in an axis of `n` entries, as Python counts them.
pub(crate) fn slice_positions(slice: Slice, n: usize, span: Span) -> Outcome<Vec<usize>> {
    let n = i64::try_from(n).unwrap_or(i64::MAX);
    let step = slice.step.unwrap_or(1);
    if step == 0 {
        return fail("wrong-value", span, "the step of a slice cannot be 0");
    }
    let bound =
        |x: i64, low: i64, high: i64| if x < 0 { x.saturating_add(n) } else { x }.clamp(low, high);
    let (first, last) = if step > 0 {
        (
            bound(slice.low.unwrap_or(0), 0, n),
            bound(slice.high.unwrap_or(n), 0, n),
        )
    } else {
        (
            slice.low.map_or(n - 1, |x| bound(x, -1, n - 1)),
            slice.high.map_or(-1, |x| bound(x, -1, n - 1)),
        )
    };
    let mut out = Vec::new();
    let mut at = first;
    while (step > 0 && at < last) || (step < 0 && at > last) {
        out.push(usize::try_from(at).unwrap_or(0));
        at = at.saturating_add(step);
    }
    Ok(out)
}

/// A position counted from either end.
pub(crate) fn position(k: i64, n: usize, span: Span) -> Outcome<usize> {
    let at = if k < 0 {
        k.saturating_add(i64::try_from(n).unwrap_or(i64::MAX))
    } else {
        k
    };
    match usize::try_from(at) {
        Ok(at) if at < n => Ok(at),
        _ => fail_help(
            "index-out-of-range",
            span,
            format!("there is no entry {k} among {n}"),
            if n == 0 {
                "there are no entries at all".to_string()
            } else {
                format!("entries are counted from 0 to {}", n - 1)
            },
        ),
    }
}

/// What an index takes of one axis.
enum Part {
    /// These positions; the axis stays.
    Basic(Vec<usize>),
    /// These positions, together with the other index arrays.
    Advanced(Vec<usize>, Vec<usize>),
    /// A single position; the axis goes.
    Single(usize),
    /// A new axis of length 1.
    New,
}

/// The elements an index selects of an array, and their shape.
pub(crate) struct Selection {
    /// Positions in C order.
    pub positions: Vec<usize>,
    /// The shape they have.
    pub shape: Vec<usize>,
}

/// What `index` selects of an array of shape `shape`.
pub(crate) fn select(shape: &[usize], index: &Index, span: Span) -> Outcome<Selection> {
    let parts = parts(shape, index, span)?;
    // index arrays are broadcast against each other
    let mut common: Option<Vec<usize>> = None;
    for part in &parts {
        if let Part::Advanced(_, s) = part {
            let joined = match &common {
                None => Some(s.clone()),
                Some(c) => broadcast_shape(c, s),
            };
            match joined {
                Some(joined) => common = Some(joined),
                None => {
                    return fail(
                        "shape-mismatch",
                        span,
                        "these index arrays have different lengths",
                    );
                }
            }
        }
    }
    let advanced = |p: &Part| {
        matches!(p, Part::Advanced(..)) || (common.is_some() && matches!(p, Part::Single(_)))
    };
    // numpy: the axes of index arrays come first if something stands between them
    let places: Vec<usize> = parts
        .iter()
        .enumerate()
        .filter(|(_, p)| advanced(p))
        .map(|(k, _)| k)
        .collect();
    let together = places
        .windows(2)
        .all(|w| matches!(w, [a, b] if a + 1 == *b));
    let common = common.unwrap_or_default();
    let mut out: Vec<usize> = Vec::new();
    let mut insert_at = 0;
    for (k, part) in parts.iter().enumerate() {
        if places.first() == Some(&k) && together {
            insert_at = out.len();
        }
        match part {
            Part::Basic(p) => out.push(p.len()),
            Part::New => out.push(1),
            Part::Advanced(..) | Part::Single(_) => {}
        }
    }
    let result: Vec<usize> = out
        .get(..insert_at)
        .unwrap_or_default()
        .iter()
        .chain(&common)
        .chain(out.get(insert_at..).unwrap_or_default())
        .copied()
        .collect();
    let size = check_size(&result, span)?;
    let strides = strides(shape);
    let mut positions = Vec::with_capacity(size);
    let mut counter = vec![0_usize; result.len()];
    for _ in 0..size {
        let shared = counter
            .get(insert_at..insert_at + common.len())
            .unwrap_or_default();
        let mut own = counter
            .iter()
            .enumerate()
            .filter(|(k, _)| *k < insert_at || *k >= insert_at + common.len())
            .map(|(_, c)| *c);
        let mut axis = 0;
        let mut at = 0;
        for part in &parts {
            let k = match part {
                Part::New => {
                    own.next();
                    continue;
                }
                Part::Single(k) => *k,
                Part::Basic(p) => own.next().and_then(|c| p.get(c)).copied().unwrap_or(0),
                Part::Advanced(p, s) => p.get(offset(shared, &common, s)).copied().unwrap_or(0),
            };
            at += k * strides.get(axis).copied().unwrap_or(0);
            axis += 1;
        }
        positions.push(at);
        for (c, n) in counter.iter_mut().zip(&result).rev() {
            *c += 1;
            if *c < *n {
                break;
            }
            *c = 0;
        }
    }
    Ok(Selection {
        positions,
        shape: result,
    })
}

/// Where the entry `at` of a shape `common` stands in an array of shape `s` that is broadcast to it.
fn offset(at: &[usize], common: &[usize], s: &[usize]) -> usize {
    let skip = common.len() - s.len().min(common.len());
    at.iter()
        .skip(skip)
        .zip(s)
        .fold(0, |sum, (&k, &n)| sum * n + if n == 1 { 0 } else { k })
}

/// How far apart neighbours along each axis are in C order.
fn strides(shape: &[usize]) -> Vec<usize> {
    let mut strides = vec![1; shape.len()];
    let mut size = 1;
    for (s, n) in strides.iter_mut().zip(shape).rev() {
        *s = size;
        size *= n;
    }
    strides
}

/// Which axes an entry of an index stands for.
fn axes_of(entry: &IndexValue) -> usize {
    match entry {
        IndexValue::NewAxis | IndexValue::Ellipsis => 0,
        IndexValue::Array(a) if a.kind() == Kind::Bool => a.ndim(),
        _ => 1,
    }
}

fn parts(shape: &[usize], index: &Index, span: Span) -> Outcome<Vec<Part>> {
    let used: usize = index.iter().map(|e| axes_of(&e.value)).sum();
    if used > shape.len() {
        let what = if shape.len() == 1 {
            "1 axis".to_string()
        } else {
            format!("{} axes", shape.len())
        };
        return fail(
            "index-out-of-range",
            span,
            format!("{used} indices for an array with {what}"),
        );
    }
    let mut axes = shape.iter().copied();
    let mut next = || axes.next().unwrap_or(0);
    let mut left = shape.len() - used;
    let mut parts = Vec::new();
    for entry in index {
        match &entry.value {
            IndexValue::Int(k) => parts.push(Part::Single(position(*k, next(), entry.span)?)),
            IndexValue::Slice(s) => {
                parts.push(Part::Basic(slice_positions(*s, next(), entry.span)?))
            }
            IndexValue::NewAxis => parts.push(Part::New),
            IndexValue::Ellipsis => {
                for _ in 0..std::mem::take(&mut left) {
                    parts.push(Part::Basic((0..next()).collect()));
                }
            }
            IndexValue::Array(mask) if mask.kind() == Kind::Bool => {
                let lengths: Vec<usize> = (0..mask.ndim()).map(|_| next()).collect();
                if lengths != mask.shape() {
                    return fail(
                        "shape-mismatch",
                        entry.span,
                        format!(
                            "a mask of shape {} does not fit axes of shape {}",
                            shape_text(mask.shape()),
                            shape_text(&lengths)
                        ),
                    );
                }
                for positions in true_positions(mask) {
                    let n = positions.len();
                    parts.push(Part::Advanced(positions, vec![n]));
                }
            }
            IndexValue::Array(a) => {
                if a.kind() == Kind::Float && !a.is_empty() {
                    return fail_help(
                        "wrong-type",
                        entry.span,
                        "positions must be whole numbers, not floats",
                        "convert with `.astype(int)`",
                    );
                }
                let n = next();
                let positions = a
                    .int_vec()
                    .iter()
                    .map(|k| position(*k, n, entry.span))
                    .collect::<Outcome<_>>()?;
                parts.push(Part::Advanced(positions, a.shape().to_vec()));
            }
            IndexValue::Str(_) | IndexValue::Object(_) => {
                return fail_help(
                    "wrong-type",
                    entry.span,
                    "an array is indexed by numbers, not by a condition",
                    "write the condition without quotes: `x[x > 0]`",
                );
            }
            IndexValue::Unknown => {}
        }
    }
    for _ in 0..left {
        parts.push(Part::Basic((0..next()).collect()));
    }
    Ok(parts)
}

/// The positions of the true elements, one list for each axis.
pub(crate) fn true_positions(mask: &Array) -> Vec<Vec<usize>> {
    let strides = strides(mask.shape());
    let mut out = vec![Vec::new(); mask.ndim()];
    for (flat, _) in mask.to_bools().iter().enumerate().filter(|(_, x)| **x) {
        for ((axis, stride), n) in out.iter_mut().zip(&strides).zip(mask.shape()) {
            axis.push(flat / stride % (*n).max(1));
        }
    }
    out
}

/// Which element of an array of shape `from` stands at position `k` of the shape it is broadcast to.
pub(crate) fn broadcast_position(k: usize, to: &[usize], from: &[usize]) -> usize {
    if from.is_empty() {
        return 0;
    }
    if from == to {
        return k;
    }
    let places: Vec<usize> = strides(to)
        .iter()
        .zip(to)
        .map(|(s, n)| k / s % (*n).max(1))
        .collect();
    offset(&places, to, from)
}
