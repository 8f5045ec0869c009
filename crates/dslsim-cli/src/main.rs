//! The `dslsim` command: arguments, progress, messages, exit codes.
//!
//! Each sub-command is one file of [`commands`]. What is simulated, and what it gives, is the affair of the library `dslsim`.
//!
//! Messages and progress go to stderr, what was asked for (summaries, tables, lines printed by the model) to stdout.

mod commands;
mod exit;
mod files;
mod interrupt;
mod machine;
mod messages;
mod numbers;
mod pages;
mod progress;
mod summary;
mod terminal;

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

use exit::Exit;

#[global_allocator]
static ALLOCATOR: pages::LargePages = pages::LargePages;

/// Simulates spiking neural networks from model files written like Brian2 scripts.
#[derive(Parser)]
#[command(
    name = "dslsim",
    disable_version_flag = true,
    arg_required_else_help = true,
    after_help = "\
Examples:
  dslsim run models/vdp.eq                                    results in results/vdp/
  dslsim run models/vdp.eq --set 'F_e=96*Hz' --set runs=20    with other parameters
  dslsim run models/vdp.eq --seed 7 --out results/seed7       with another seed
  dslsim sweep models/vdp.eq --over 'F_e=arange(1,100,5)*Hz'  a grid of parameters, results in results/vdp.zarr
  dslsim check models/*.eq                                    only look for mistakes
  dslsim show models/vdp.eq                                   what a model becomes: units, order of execution, kernels
  dslsim explain dimension-mismatch                           what a message means, with examples

`dslsim run --help` lists all options of `run`, and so on.
Exit codes: 0 done; 1 the model is wrong or failed; 2 wrong usage; 3 points of a sweep failed; 130 interrupted (what was recorded is on disk)."
)]
struct Cli {
    /// Print the version, the code generator's version and the processor's features in use
    #[arg(short = 'V', long)]
    version: bool,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    Run(commands::run::Args),
    Sweep(Box<commands::sweep::Args>),
    Check(commands::check::Args),
    Plot(commands::plot::Args),
    Show(commands::show::Args),
    Units(commands::units::Args),
    Functions(commands::functions::Args),
    Explain(commands::explain::Args),
    Completions(commands::completions::Args),
}

fn main() -> ExitCode {
    report_own_mistakes();
    let cli = Cli::parse();
    let exit = match cli.command {
        _ if cli.version => commands::version(),
        Some(Command::Run(args)) => commands::run::run(args),
        Some(Command::Sweep(args)) => commands::sweep::sweep(*args),
        Some(Command::Check(args)) => commands::check::check(args),
        Some(Command::Plot(args)) => commands::plot::plot(&args),
        Some(Command::Show(args)) => commands::show::show(args),
        Some(Command::Units(args)) => commands::units::units(&args),
        Some(Command::Functions(args)) => commands::functions::functions(&args),
        Some(Command::Explain(args)) => commands::explain::explain(&args),
        Some(Command::Completions(args)) => {
            commands::completions::completions(&args, Cli::command())
        }
        None => {
            terminal::complain(&Cli::command().render_help().to_string());
            Exit::Usage
        }
    };
    exit.into()
}

/// A panic is a mistake of ours: it is told as one. The exit code is then 101.
fn report_own_mistakes() {
    std::panic::set_hook(Box::new(|info| {
        let what = info
            .payload()
            .downcast_ref::<&str>()
            .copied()
            .or_else(|| info.payload().downcast_ref::<String>().map(String::as_str));
        let place = info
            .location()
            .map_or_else(String::new, |l| format!(" at {}:{}", l.file(), l.line()));
        terminal::complain(&format!(
            "\ndslsim {} panicked{place}: {}\nThis is a mistake of dslsim, not of the model. Please report it: this message, the command, and the model file.\n",
            env!("CARGO_PKG_VERSION"),
            what.unwrap_or("no message"),
        ));
    }));
}
