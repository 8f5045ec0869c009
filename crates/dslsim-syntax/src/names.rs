//! Names in their canonical form: characters that look the same and that Python takes for the same become one.
//!
//! Python compares identifiers after NFKC normalisation. Of that, what occurs in models is done here: the Greek letters
//! that exist twice (the micro sign of keyboards, the variant letters of mathematical texts) and the ohm sign.

/// The name as all its spellings are known.
pub(crate) fn canonical(name: &str) -> String {
    if name.is_ascii() {
        return name.to_owned();
    }
    name.chars()
        .map(|c| match c {
            'µ' => 'μ',
            'ϵ' => 'ε',
            'ϑ' => 'θ',
            'ϕ' => 'φ',
            'ϖ' => 'π',
            'ϰ' => 'κ',
            'ϱ' => 'ρ',
            'ϒ' => 'Υ',
            'ϴ' => 'Θ',
            '\u{2126}' => 'Ω',
            '\u{212B}' => 'Å',
            '\u{212A}' => 'K',
            'ℎ' => 'h',
            other => other,
        })
        .collect()
}
