//! Scratch buffers by liveness: few buffers, so that they stay in the first-level cache.

use super::graph::Id;

/// From when to when a value needs a buffer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    pub id: Id,
    /// The time of its making.
    pub from: usize,
    /// The time of its last use.
    pub until: usize,
    /// Whether it may take the buffer of a value that is used for the last time at its making.
    pub in_place: bool,
}

/// Gives each value a buffer; also the number of buffers.
pub(super) fn assign(mut spans: Vec<Span>, end: usize) -> (Vec<(Id, usize)>, usize) {
    spans.sort_by_key(|s| (s.from, s.id));
    // The time until which each buffer is taken.
    let mut taken: Vec<usize> = Vec::new();
    let mut assigned = Vec::with_capacity(spans.len());
    for span in spans {
        let fits = |until: usize| until < span.from || (span.in_place && until == span.from);
        let buffer = taken
            .iter()
            .position(|until| fits(*until))
            .unwrap_or_else(|| {
                taken.push(0);
                taken.len() - 1
            });
        taken[buffer] = span.until.clamp(span.from, end);
        assigned.push((span.id, buffer));
    }
    (assigned, taken.len())
}
