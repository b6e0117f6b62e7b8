//! The commands: one file each, its arguments beside it. They ask the core and print.
//!
//! stdout is data, stderr is talk. A command says what came of it as an [`Outcome`], and
//! [`main`] alone turns that into an exit code.

mod check;
mod completions;
mod diff;
#[cfg(test)]
mod docs;
mod doctor;
mod explain;
mod harbor;
mod inputs;
mod man;
mod output;
mod policy;
mod policy_file;
mod remark;
mod replace;
mod rewrite;
pub mod serve;
mod summary;
mod text;
mod units;

use std::{ffi::OsString, process::ExitCode};

use clap::{Parser, Subcommand};

use self::output::{ColorWhen, Output};
use crate::diagnosis::{self, Finding};

/// Sends every image of a Kubernetes cluster through Harbor, and lets only those run that a policy
/// allows.
#[derive(Debug, Parser)]
#[command(name = "harbor-pilot", version, arg_required_else_help = true, propagate_version = true)]
struct Arguments {
    /// When to colour what is printed
    #[arg(long, global = true, value_enum, default_value_t, env = "HARBOR_PILOT_COLOR")]
    color: ColorWhen,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Serve(Box<serve::Args>),
    Explain(explain::Args),
    Rewrite(rewrite::Args),
    Check(check::Args),
    #[command(subcommand)]
    Policy(policy::Command),
    #[command(subcommand)]
    Harbor(harbor::Command),
    Doctor(doctor::Args),
    Completions(completions::Args),
    Man(man::Args),
}

/// What came of a command; what is worse is greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// Nothing to object.
    Fine,
    /// The policy objects; of a doctor: something needs doing.
    Objected,
    /// It could not be done: usage, unreadable input, a broken policy, the network.
    Failed,
    /// A second signal ended it at once.
    Interrupted,
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        Self::from(outcome.code())
    }
}

impl Outcome {
    /// A doctor's, by what it found.
    fn of(findings: &[Finding]) -> Self {
        if diagnosis::needs_doing(findings) { Self::Objected } else { Self::Fine }
    }

    fn code(self) -> u8 {
        match self {
            Self::Fine => 0,
            Self::Objected => 1,
            Self::Failed => 2,
            // As a shell reports a program that SIGINT ended.
            Self::Interrupted => 130,
        }
    }
}

/// Runs the command that `arguments` name.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> Outcome {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => {
            // Nothing is left to tell where even this can't be printed.
            let _ = error.print();
            return if error.use_stderr() { Outcome::Failed } else { Outcome::Fine };
        }
    };
    let mut output = Output::new(arguments.color);
    let outcome = match arguments.command {
        Command::Serve(args) => serve::run(*args, &mut output),
        Command::Explain(args) => explain::run(&args, &mut output),
        Command::Rewrite(args) => rewrite::run(&args, &mut output),
        Command::Check(args) => check::run(&args, &mut output),
        Command::Policy(command) => policy::run(&command, &mut output),
        Command::Harbor(command) => harbor::run(&command, &mut output),
        Command::Doctor(args) => doctor::run(&args, &mut output),
        Command::Completions(args) => completions::run(&args, &mut output),
        Command::Man(args) => man::run(&args, &mut output),
    };
    output.finish(outcome)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_arguments_are_well_formed() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn each_outcome_has_its_exit_code() {
        let codes = [Outcome::Fine, Outcome::Objected, Outcome::Failed, Outcome::Interrupted].map(Outcome::code);
        assert_eq!(codes, [0, 1, 2, 130]);
    }

    /// Kubernetes sets `HARBOR_PILOT_SERVICE_HOST`, `HARBOR_PILOT_PORT` and the like in every Pod
    /// beside a Service of our name.
    #[test]
    fn no_environment_name_is_one_that_kubernetes_sets() {
        fn check(command: &clap::Command) {
            for argument in command.get_arguments() {
                let Some(name) = argument.get_env() else { continue };
                let name = name.to_str().expect("names are ASCII");
                assert!(name.starts_with("HARBOR_PILOT_"), "{name}");
                assert!(!name.ends_with("_HOST") && !name.ends_with("_PORT") && !name.contains("_SERVICE_"), "{name}");
                let flag = argument.get_long().expect("a flag").to_uppercase().replace('-', "_");
                assert_eq!(name, format!("HARBOR_PILOT_{flag}"));
            }
            command.get_subcommands().for_each(check);
        }
        check(&Arguments::command());
    }

    #[test]
    fn the_help_of_each_command_has_an_example() {
        fn check(command: &mut clap::Command) {
            let names: Vec<String> = command.get_subcommands().map(|command| command.get_name().to_owned()).collect();
            if names.is_empty() {
                let help = command.render_long_help().to_string();
                assert!(help.contains("harbor-pilot "), "{help}");
                assert!(help.contains("Example"), "{help}");
            }
            for name in names.iter().filter(|name| *name != "help") {
                check(command.find_subcommand_mut(name).expect("it was listed"));
            }
        }
        let mut command = Arguments::command();
        command.build();
        check(&mut command);
    }
}
