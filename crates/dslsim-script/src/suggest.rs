//! The nearest known name to one that is not known.

/// The name that was likely meant: close in spelling, relative to its length.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let length = name.chars().count();
    let limit = match length {
        0 | 1 => return None,
        2 | 3 => 1,
        4..=6 => 2,
        _ => 3,
    };
    let lower = name.to_lowercase();
    let mut best: Option<(usize, &str)> = None;
    for candidate in known {
        if candidate == name {
            continue;
        }
        let mut distance = strsim::damerau_levenshtein(name, candidate);
        if candidate.to_lowercase() == lower {
            distance = distance.min(1);
        }
        // `g_ex` for `g_exc`, `msec` for `msecond`
        if length >= 3 && candidate.starts_with(name) {
            distance = distance.min(2);
        }
        if distance <= limit && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}
