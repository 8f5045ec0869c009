//! `dslsim plot`: a quick look at what a run has written.

use std::io::Write;
use std::path::PathBuf;

use dslsim::looks::{Folder, overview};
use dslsim::picture::{Format, Saving};
use dslsim_source::Severity;

use super::wrong_usage;
use crate::exit::Exit;
use crate::messages::{self, Form};
use crate::terminal;

/// Draw what a run has written: spikes, traces, rates, histograms
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  dslsim plot results/vdp                           everything, in results/vdp/overview.png
  dslsim plot results/vdp spikes M.v                some monitors or arrays
  dslsim plot results/vdp w_E --out weights.pdf     as .pdf, .svg or .png")]
pub struct Args {
    /// The folder of results
    results: PathBuf,
    /// Only these monitors or arrays
    names: Vec<String>,
    /// The file that is written; its ending says the format [default: overview.png in the folder]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// The sub-command.
pub fn plot(args: &Args) -> Exit {
    let out = args
        .out
        .clone()
        .unwrap_or_else(|| args.results.join("overview.png"));
    let ending = out
        .extension()
        .map(|e| e.to_string_lossy().into_owned())
        .unwrap_or_default();
    let Some(format) = Format::of_ending(&ending) else {
        return wrong_usage(&format!(
            "`{}` has no ending of a picture: .pdf, .svg or .png",
            out.display()
        ));
    };
    let drawn = Folder::read(&args.results)
        .and_then(|folder| overview(&folder, &args.names))
        .map_err(|e| e.to_string())
        .and_then(|figure| {
            figure
                .render(format, Saving::default())
                .map_err(|e| e.to_string())
        })
        .and_then(|bytes| {
            dslsim::results::atomically(&out, |file| file.write_all(&bytes))
                .map_err(|e| format!("`{}` cannot be written: {e}", out.display()))
        });
    match drawn {
        Ok(()) => {
            terminal::tell(&format!("{}\n", out.display()));
            Exit::Done
        }
        Err(message) => {
            messages::note(
                Severity::Error,
                "cannot-draw",
                &args.results.to_string_lossy(),
                &message,
                Form::Full,
            );
            Exit::Failed
        }
    }
}
