//! `harbor-pilot completions`: completions for a shell.

use clap::CommandFactory;
use clap_complete::Shell;

use super::{Arguments, Outcome, output::Output};

/// Print completions for a shell
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  harbor-pilot completions bash > /etc/bash_completion.d/harbor-pilot")]
pub(super) struct Args {
    /// The shell
    shell: Shell,
}

pub(super) fn run(args: &Args, output: &mut Output) -> Outcome {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Arguments::command(), "harbor-pilot", &mut script);
    output.data(&String::from_utf8_lossy(&script));
    Outcome::Fine
}
