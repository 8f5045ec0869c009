//! `dslsim sweep export`: a store as plain arrays.

use std::path::PathBuf;

use dslsim::sweep::Contents;

use crate::commands::wrong_usage;
use crate::exit::Exit;
use crate::numbers::several;
use crate::terminal;

/// Write the arrays of a sweep as .npy files
#[derive(clap::Args)]
pub struct Args {
    /// The store, e.g. results/vdp.zarr
    store: PathBuf,
    /// The folder to write to
    #[arg(long, value_name = "DIR")]
    npy: PathBuf,
}

pub(super) fn export(args: &Args) -> Exit {
    let contents = match Contents::read(&args.store) {
        Ok(contents) => contents,
        Err(error) => {
            wrong_usage(&error.to_string());
            return Exit::Failed;
        }
    };
    match dslsim::sweep::export(&contents, &args.npy) {
        Ok(files) => {
            let n = several(files.len() as u64, "file", "files");
            terminal::tell(&format!("{n} written to {}\n", args.npy.display()));
            Exit::Done
        }
        Err(error) => {
            wrong_usage(&format!("`{}`: {error}", args.npy.display()));
            Exit::Failed
        }
    }
}
