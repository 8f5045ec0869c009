//! The pages about diagnostics: one Markdown file for each code in `docs/diagnostics`, part of the program.
//!
//! A page is a heading with the code, one sentence in the user's terms, perhaps a reason, a wrong example and a right one. The tests
//! hold the table, the files and the codes of the sources together, and try every example.
//!
//! Nothing is read at run time, and nothing is printed here.

mod table;

pub use table::PAGES;

/// The page of one code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// The code in words, as in `error[dimension-mismatch]`.
    pub code: &'static str,
    /// The page, in Markdown.
    pub text: &'static str,
}

/// The page of a code.
pub fn page(code: &str) -> Option<&'static Page> {
    PAGES
        .binary_search_by(|page| page.code.cmp(code))
        .ok()
        .and_then(|at| PAGES.get(at))
}

/// The code that a misspelt one was meant to be.
pub fn nearest(code: &str) -> Option<&'static str> {
    dslsim_script::nearest(code, PAGES.iter().map(|page| page.code))
}

impl Page {
    /// What it means, in one sentence.
    pub fn sentence(&self) -> &'static str {
        let mut lines = self.text.lines().filter(|line| !line.trim().is_empty());
        lines.nth(1).unwrap_or_default()
    }

    /// The page as plain text: without the marks of Markdown, examples indented.
    pub fn plain(&self) -> String {
        let mut out = String::new();
        let mut inside = false;
        for line in self.text.lines() {
            if line.starts_with("```") {
                inside = !inside;
            } else if inside {
                out.push_str("    ");
                out.push_str(line);
                out.push('\n');
            } else {
                out.push_str(line.trim_start_matches("# "));
                out.push('\n');
            }
        }
        // The fences leave two empty lines behind.
        while out.contains("\n\n\n") {
            out = out.replace("\n\n\n", "\n\n");
        }
        out.trim_end().to_owned() + "\n"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_found() {
        assert!(PAGES.is_sorted_by(|a, b| a.code < b.code));
        for known in PAGES {
            assert_eq!(page(known.code), Some(known));
            assert!(known.sentence().len() > 20, "{}", known.code);
            assert!(!known.plain().contains("```"), "{}", known.code);
        }
        assert_eq!(page("dimension-mismatsch"), None);
        assert_eq!(nearest("dimension-mismatsch"), Some("dimension-mismatch"));
    }
}
