//! `dslsim plot`: a quick look at what a run or a sweep has written.

use std::io::Write;
use std::path::{Path, PathBuf};

use dslsim::looks::{self, Folder, overview};
use dslsim::picture::{Figure, Format, Saving};
use dslsim::sweep::Contents;
use dslsim_source::Severity;

use super::wrong_usage;
use crate::exit::Exit;
use crate::messages::{self, Form};
use crate::terminal;

/// Draw what a run or a sweep has written: spikes, traces, rates, histograms; heat maps over swept parameters
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  dslsim plot results/vdp                           everything, in results/vdp/overview.png
  dslsim plot results/vdp spikes M.v                some monitors or arrays
  dslsim plot results/vdp w_E --out weights.pdf     as .pdf, .svg or .png
  dslsim plot results/vdp.zarr                      what a sweep saved, over the first two parameters, in results/vdp.png")]
pub struct Args {
    /// The folder of results, or the store of a sweep
    results: PathBuf,
    /// Only these monitors or arrays
    names: Vec<String>,
    /// The file that is written; its ending says the format [default: overview.png in the folder; beside the store of a sweep]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// The sub-command.
pub fn plot(args: &Args) -> Exit {
    let out = args
        .out
        .clone()
        .unwrap_or_else(|| match is_sweep(&args.results) {
            true => args.results.with_extension("png"),
            false => args.results.join("overview.png"),
        });
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
    let drawn = figure(args)
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

/// Whether it is the store of a sweep: a Zarr group.
fn is_sweep(path: &Path) -> bool {
    path.join("zarr.json").exists()
}

fn figure(args: &Args) -> Result<Figure, String> {
    if is_sweep(&args.results) {
        let contents = Contents::read(&args.results).map_err(|e| e.to_string())?;
        return looks::sweep(&contents, &args.names).map_err(|e| e.to_string());
    }
    Folder::read(&args.results)
        .and_then(|folder| overview(&folder, &args.names))
        .map_err(|e| e.to_string())
}
