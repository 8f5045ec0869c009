//! `dslsim completions`: what a shell needs to complete the command line.

use clap_complete::{Shell, generate};

use crate::exit::Exit;
use crate::terminal;

/// Print a script with which a shell completes the command line
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  dslsim completions bash > ~/.local/share/bash-completion/completions/dslsim
  dslsim completions zsh  > ~/.zfunc/_dslsim          (with ~/.zfunc in fpath)
  dslsim completions fish > ~/.config/fish/completions/dslsim.fish")]
pub struct Args {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

/// The sub-command. `command` is the whole command line.
pub fn completions(args: &Args, mut command: clap::Command) -> Exit {
    let mut script = Vec::new();
    generate(args.shell, &mut command, "dslsim", &mut script);
    terminal::tell(&String::from_utf8_lossy(&script));
    Exit::Done
}
