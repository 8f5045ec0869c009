//! How quantities are named in messages.

use dslsim_units::Dim;

/// "volt", or "dimensionless" for a pure number.
pub fn unit(dim: Dim) -> String {
    if dim.is_none() {
        "dimensionless".into()
    } else {
        dslsim_units::describe(dim)
    }
}

/// "in volt", or "a pure number (dimensionless)".
pub fn has_unit(dim: Dim) -> String {
    if dim.is_none() {
        "dimensionless".into()
    } else {
        format!("in {}", dslsim_units::describe(dim))
    }
}

/// The known name nearest to a misspelt one.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let limit = match name.chars().count() {
        0..=2 => 1,
        3..=5 => 2,
        _ => 3,
    };
    known
        .into_iter()
        .filter(|k| *k != name)
        .map(|k| {
            (
                strsim::damerau_levenshtein(&name.to_lowercase(), &k.to_lowercase()),
                k,
            )
        })
        .filter(|(d, k)| *d <= limit && *d < k.chars().count().max(2))
        .min_by_key(|(d, k)| (*d, usize::from(k.chars().next() != name.chars().next())))
        .map(|(_, k)| k)
}
