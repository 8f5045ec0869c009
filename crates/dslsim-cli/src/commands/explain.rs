//! `dslsim explain`: the page of a diagnostic.

use dslsim::explain::{PAGES, nearest, page};

use super::wrong_usage;
use crate::exit::Exit;
use crate::terminal;

/// Explain a message: what it means, with a wrong and a right example
///
/// The code of a message is what stands in brackets after "error" or "warning". Without codes: all codes, with a sentence each.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  dslsim explain dimension-mismatch
  dslsim explain | grep delay")]
pub struct Args {
    /// The codes
    #[arg(value_name = "CODE")]
    codes: Vec<String>,
}

/// The sub-command.
pub fn explain(args: &Args) -> Exit {
    if args.codes.is_empty() {
        let width = PAGES.iter().map(|p| p.code.len()).max().unwrap_or(0);
        let list: String = PAGES
            .iter()
            .map(|p| format!("{:width$}  {}\n", p.code, p.sentence()))
            .collect();
        terminal::tell(&list);
        return Exit::Done;
    }
    let mut pages = Vec::new();
    for given in &args.codes {
        // Copied from a message together with its brackets.
        let code = given
            .trim_start_matches("error")
            .trim_start_matches("warning")
            .trim_matches(['[', ']', ':']);
        let Some(found) = page(code) else {
            let hint = nearest(code).map_or_else(
                || "`dslsim explain` lists all codes".to_owned(),
                |near| format!("did you mean `{near}`?"),
            );
            return wrong_usage(&format!("there is no diagnostic `{given}`; {hint}"));
        };
        pages.push(found.plain());
    }
    terminal::tell(&pages.join("\n"));
    Exit::Done
}
