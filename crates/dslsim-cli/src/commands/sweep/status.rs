//! `dslsim sweep status`: how far a sweep is.

use std::collections::BTreeMap;
use std::path::PathBuf;

use dslsim::sweep::{Contents, Status};

use crate::commands::wrong_usage;
use crate::exit::Exit;
use crate::numbers::{quantity, several, wall_time};
use crate::terminal;

/// Failures of one kind are told once; kinds at most.
const KINDS: usize = 10;

/// Tell how far a sweep is: points done, failed and missing, time spent and left
#[derive(clap::Args)]
pub struct Args {
    /// The store, e.g. results/vdp.zarr
    store: PathBuf,
}

pub(super) fn status(args: &Args) -> Exit {
    match Contents::read(&args.store) {
        Ok(contents) => {
            terminal::tell(&told(&contents));
            Exit::Done
        }
        Err(error) => {
            wrong_usage(&error.to_string());
            Exit::Failed
        }
    }
}

fn told(contents: &Contents) -> String {
    let (done, failed, missing) = (
        contents.count(Status::Done),
        contents.count(Status::Failed),
        contents.count(Status::Missing),
    );
    let model = contents.about["model"].as_str().unwrap_or_default();
    let axes: Vec<String> = contents
        .coordinates
        .iter()
        .map(|c| {
            let ends = [
                c.values.get_f64(0),
                c.values.get_f64(c.values.len().saturating_sub(1)),
            ];
            let range = match ends {
                [Some(a), Some(b)] => format!(
                    ", {} to {}",
                    quantity(a, c.values.dim),
                    quantity(b, c.values.dim)
                ),
                _ => String::new(),
            };
            format!(
                "{}: {}{range}",
                c.name,
                several(c.values.len() as u64, "value", "values")
            )
        })
        .collect();
    let mut text = format!(
        "{model}: {} ({})\n  done     {done:>6}\n  failed   {failed:>6}\n  missing  {missing:>6}\n",
        several(contents.status.len() as u64, "point", "points"),
        axes.join(if contents.zip { ", paired with " } else { "; " }),
    );
    let spent: f64 = contents.seconds.iter().filter(|s| s.is_finite()).sum();
    let simulated = done + failed;
    text += &format!("time spent in points: {}", wall_time(spent));
    if simulated > 0 {
        let each = spent / simulated as f64;
        text += &format!(" ({} each)", wall_time(each));
        if missing + failed > 0 {
            text += &format!(
                "\ntime left: {} on one processor",
                wall_time(each * (missing + failed) as f64)
            );
        }
    }
    text.push('\n');
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    for (error, status) in contents.errors.iter().zip(&contents.status) {
        if *status == Status::Failed {
            *kinds.entry(error).or_default() += 1;
        }
    }
    for (error, count) in kinds.iter().take(KINDS) {
        text += &format!(
            "failed, {}: {error}\n",
            several(*count as u64, "point", "points")
        );
    }
    if kinds.len() > KINDS {
        text += &format!("and {} other reasons\n", kinds.len() - KINDS);
    }
    text
}
