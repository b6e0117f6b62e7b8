//! `harbor-pilot policy`: what is wrong with a policy file, and its JSON Schema.

use clap::Subcommand;

use super::{Outcome, output::Output, policy_file::PolicyArg};
use crate::policy::schema;

/// Check a policy file, or print its JSON Schema
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    Check(CheckArgs),
    Schema(SchemaArgs),
}

/// Say what is wrong with a policy file, all of it at once
///
/// Exit code 0: nothing, or warnings alone. 1: warnings, with --deny-warnings. 2: errors, or the
/// file could not be read.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  harbor-pilot policy check -p policies.yaml --deny-warnings")]
pub(super) struct CheckArgs {
    #[command(flatten)]
    policy: PolicyArg,
    /// Object to warnings too
    #[arg(long)]
    deny_warnings: bool,
}

/// Print the JSON Schema of policy files, for editors
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  harbor-pilot policy schema > policy.schema.json\n  \
    and as the first line of policies.yaml:\n  # yaml-language-server: $schema=policy.schema.json")]
pub(super) struct SchemaArgs {}

pub(super) fn run(command: &Command, output: &mut Output) -> Outcome {
    match command {
        Command::Check(args) => check(args, output),
        Command::Schema(SchemaArgs {}) => print_schema(output),
    }
}

fn check(args: &CheckArgs, output: &mut Output) -> Outcome {
    let Some(reading) = args.policy.read(output) else {
        return Outcome::Failed;
    };
    output.data(&reading.render(output.data_style()));
    if reading.policy.is_none() {
        return Outcome::Failed;
    }
    if reading.diagnostics.is_empty() {
        output.talk(&format!("{}: no findings", reading.name));
    }
    if args.deny_warnings && !reading.diagnostics.is_empty() { Outcome::Objected } else { Outcome::Fine }
}

fn print_schema(output: &mut Output) -> Outcome {
    output.data(&format!("{:#}\n", schema::schema()));
    Outcome::Fine
}
