//! `harbor-pilot man`: the manual, from the same source as `--help`.

use clap::CommandFactory;

use super::{Arguments, Outcome, output::Output};

/// Print a manual page, of the program or of one of its commands
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  harbor-pilot man rewrite | man -l -\n  \
    harbor-pilot man policy check > harbor-pilot-policy-check.1")]
pub(super) struct Args {
    /// The command, such as `policy check`; without it, the program
    #[arg(value_name = "COMMAND")]
    command: Vec<String>,
}

pub(super) fn run(args: &Args, output: &mut Output) -> Outcome {
    let mut program = Arguments::command();
    program.build();
    let mut command = &program;
    for name in &args.command {
        match command.find_subcommand(name) {
            Some(found) => command = found,
            None => return output.failed(format_args!("no such command: `{}`", args.command.join(" "))),
        }
    }
    let mut page = Vec::new();
    if let Err(error) = clap_mangen::Man::new(command.clone()).render(&mut page) {
        return output.failed(format_args!("could not write the page: {error}"));
    }
    output.data(&String::from_utf8_lossy(&page));
    Outcome::Fine
}
