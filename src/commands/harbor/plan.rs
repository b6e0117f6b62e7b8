//! `harbor-pilot harbor plan`: what would be done to Harbor.

use std::{fs, path::PathBuf};

use super::{
    Outcome, Output,
    output::Format,
    planned::{PlanArgs, Planned},
};
use crate::harbor::apply::Secrets;

/// Say what Harbor lacks that the policy needs; nothing is changed
///
/// Exit code 0: nothing to do. 1: changes are pending. 2: something can't be done, or it could not be
/// found out.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  HARBOR_USERNAME=admin HARBOR_PASSWORD=… harbor-pilot harbor plan\n  \
    harbor-pilot harbor plan --credentials robot.json --out plan.json\n  harbor-pilot harbor apply --plan plan.json")]
pub(in crate::commands) struct Args {
    /// How to print; as JSON, what a plan file holds
    #[arg(short, long, value_enum, default_value_t)]
    output: Format,
    /// Write the plan to this file too, for `apply --plan`; it holds no secret
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    plan: PlanArgs,
}

pub(super) fn run(args: &Args, output: &mut Output) -> Outcome {
    let Some(planned) = Planned::make(&args.plan, output) else {
        return Outcome::Failed;
    };
    let plan = &planned.plan;
    match args.output {
        Format::Text => output.data(&format!("{}\n{}{}\n", planned.heading(), plan.text(), plan.summary())),
        Format::Json => output.data(&planned.json()),
    }
    // Whoever looks need not have them; whoever applies does.
    for missing in Secrets::fetch(plan, &planned.policy_path).err().unwrap_or_default() {
        output.talk(&format!("warning: {missing}; `apply` needs it"));
    }
    if let Some(path) = &args.out
        && let Err(error) = fs::write(path, planned.json())
    {
        return output.failed(format_args!("could not write the plan to `{}`: {error}", path.display()));
    }
    if !plan.problems.is_empty() {
        Outcome::Failed
    } else if plan.steps.is_empty() {
        Outcome::Fine
    } else {
        Outcome::Objected
    }
}
