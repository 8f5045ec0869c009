//! `dslsim sweep`: a model file at every point of a grid of parameters; what a store holds.

mod export;
mod points;
mod status;

use std::path::{Path, PathBuf};

use clap::{Subcommand, ValueEnum};
use dslsim::sweep::Shard;

use super::execution::{Execution, positive, setting};
use crate::exit::Exit;

/// Execute a model file for every point of a grid of parameters, and stack what it saves into one store
#[derive(clap::Args)]
#[command(
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    after_help = "\
Examples:
  dslsim sweep models/vdp.eq --over 'F_i=arange(1,100,5)*Hz' --over 'F_e=arange(1,100,5)*Hz'
  dslsim sweep model.eq --over 'tau=[5,10,20]*ms' --over 'w=[0.1,0.2,0.4]' --zip      three points instead of nine
  dslsim sweep model.eq --over 'seed_nr=arange(20)' --vary-seed                        twenty repetitions
  dslsim sweep status results/vdp.zarr
  dslsim sweep export results/vdp.zarr --npy arrays

The same command goes on where the last one ended, whatever ended it; points that are complete are not simulated again.
Several machines (a Slurm array, say) share one sweep and one store:
  dslsim sweep model.eq --over … --shard $SLURM_ARRAY_TASK_ID/$SLURM_ARRAY_TASK_COUNT
In Python: xarray.open_zarr('results/vdp.zarr').w_E.sel(F_i=51, F_e=51).mean()
Exit codes: 0 done; 1 the sweep could not be done; 2 wrong usage; 3 done, but points have failed; 130 interrupted."
)]
pub struct Args {
    #[command(subcommand)]
    about: Option<About>,
    /// The model file
    #[arg(required = true)]
    file: Option<PathBuf>,
    /// A parameter and its values, e.g. 'tau=arange(5,25,5)*ms'; given several times, all combinations, the last varying fastest
    #[arg(long = "over", value_name = "NAME=EXPR", value_parser = setting, required = true)]
    over: Vec<(String, String)>,
    /// Pair the values of the parameters one by one
    #[arg(long)]
    zip: bool,
    /// Give each point a seed of its own, derived from the model's seed and the number of the point
    #[arg(long)]
    vary_seed: bool,
    /// Points simulated side by side [default: one for each processor]. Results never depend on it
    #[arg(long, visible_alias = "threads", value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    jobs: Option<u16>,
    /// Only every N-th point: part I of N. All parts write to one store; I counts from 0 or from 1
    #[arg(long, value_name = "I/N", value_parser = shard)]
    shard: Option<Shard>,
    /// Where the store is: a name that ends in .zarr, or a folder to put it into [default: results/ and the name of the model]
    #[arg(long, value_name = "PATH")]
    out: Option<PathBuf>,
    /// How results are kept
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: Format,
    /// Begin no further point when one has failed
    #[arg(long)]
    fail_fast: bool,
    /// Stop a point after this many seconds of wall time: it counts as failed
    #[arg(long, value_name = "SECONDS", value_parser = positive)]
    max_time: Option<f64>,
    /// Refused with what to do instead.
    #[arg(long, hide = true, value_name = "SECONDS")]
    checkpoint_every: Option<String>,
    /// Refused with what to do instead.
    #[arg(long, hide = true)]
    resume: bool,
    #[command(flatten)]
    execution: Execution,
}

/// How results are kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A Zarr store
    #[default]
    Zarr,
    /// A Zarr store, and when all is done a .npy file for each array beside it
    Npy,
}

#[derive(Subcommand)]
enum About {
    Status(status::Args),
    Export(export::Args),
}

/// `I/N`
fn shard(text: &str) -> Result<Shard, String> {
    let numbers = text
        .split_once('/')
        .and_then(|(i, n)| Some((i.trim().parse::<u64>().ok()?, n.trim().parse::<u64>().ok()?)));
    match numbers {
        Some((index, of)) if of > 0 && index <= of => Ok(Shard { index, of }),
        Some((_, 0)) => Err("there must be at least one part".into()),
        Some((index, of)) => Err(format!("there is no part {index} of {of}")),
        None => Err("write I/N, for example 2/8".into()),
    }
}

/// The store of a model's sweep.
fn store(out: Option<&Path>, model: &Path) -> PathBuf {
    let name = model.file_stem().unwrap_or_default().to_string_lossy();
    match out {
        Some(path) if path.extension().is_some_and(|e| e == "zarr") => path.into(),
        Some(folder) => folder.join(format!("{name}.zarr")),
        None => Path::new("results").join(format!("{name}.zarr")),
    }
}

/// The sub-command.
pub fn sweep(args: Args) -> Exit {
    match args.about {
        Some(About::Status(args)) => status::status(&args),
        Some(About::Export(args)) => export::export(&args),
        None => points::sweep(args),
    }
}
