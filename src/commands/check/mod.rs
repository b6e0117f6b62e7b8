//! `harbor-pilot check`: what of manifests would be denied or warned of.

mod github;
mod json;
mod junit;
mod sarif;

use std::path::PathBuf;

use clap::{ValueEnum, builder::NonEmptyStringValueParser};

use super::{
    Outcome,
    inputs::{Input, Inputs, SHARED_STDIN, share_stdin},
    output::Output,
    policy_file::PolicyArg,
    remark::{Remark, outcome, remarks},
    summary::Summary,
    text,
};
use crate::{manifest::Manifest, policy::Policy};

/// Say which images of manifests would be denied or warned of, and where they stand
///
/// Objects are judged as the Pods that will come of them: a Deployment's image that would be denied
/// to its Pods is denied here.
///
/// Exit code 0: all images may run, perhaps with a warning. 1: one would be denied. 2: something
/// could not be judged.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  harbor-pilot check -n my-namespace deploy/\n  \
    helm template my-release my-chart | harbor-pilot check -\n  \
    harbor-pilot check -o sarif deploy/ > harbor-pilot.sarif")]
pub(super) struct Args {
    #[command(flatten)]
    policy: PolicyArg,
    /// The namespace of objects that name none
    #[arg(short, long, value_name = "NAME", default_value = "default", value_parser = NonEmptyStringValueParser::new())]
    namespace: String,
    /// How to print
    #[arg(short, long, value_enum, default_value_t)]
    output: Format,
    /// Files, folders (their *.yaml, *.yml and *.json), or `-` for standard input
    #[arg(required = true, value_name = "FILE|DIR")]
    inputs: Vec<PathBuf>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    /// One line a finding, for people
    #[default]
    Text,
    /// One JSON object a line, for each image and each finding
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// Workflow commands of GitHub Actions, which become annotations
    Github,
    /// The XML of `JUnit` reporters: a test case an image
    Junit,
}

pub(super) fn run(args: &Args, output: &mut Output) -> Outcome {
    if share_stdin(&args.policy, &args.inputs) {
        return output.failed(SHARED_STDIN);
    }
    let Some(policy) = args.policy.load(output) else {
        return Outcome::Failed;
    };
    let inputs = Inputs::find(&args.inputs, output);
    let mut worst = if inputs.failed { Outcome::Failed } else { Outcome::Fine };
    let mut summary = Summary::default();
    let mut all = Vec::new();
    for (done, input) in inputs.found.iter().enumerate() {
        output.progress(done, inputs.found.len(), &input.name());
        match input.read() {
            Ok(bytes) => all.extend(judge(input, &bytes, args, &policy, &mut summary)),
            Err(error) => worst = output.failed(format_args!("could not read `{}`: {error}", input.name())),
        }
    }
    output.end_progress();
    summary.add(&all);
    output.data(&match args.output {
        Format::Text => {
            let style = output.data_style();
            all.iter().filter_map(|remark| text::line(remark, style)).map(|line| line + "\n").collect()
        }
        Format::Json => json::lines(&all),
        Format::Sarif => sarif::log(&all),
        Format::Github => github::commands(&all),
        Format::Junit => junit::report(&all),
    });
    for line in summary.passed().into_iter().chain([summary.found()]) {
        output.talk(&line);
    }
    if let (Outcome::Objected, Some(contact)) = (outcome(&all), policy.contact()) {
        output.talk(&format!("ask {contact}"));
    }
    worst.max(outcome(&all))
}

fn judge(input: &Input, bytes: &[u8], args: &Args, policy: &Policy, summary: &mut Summary) -> Vec<Remark> {
    summary.files += 1;
    let manifest = match Manifest::parse(bytes) {
        Ok(manifest) => manifest,
        Err(problem) => return vec![Remark::problem(&input.name(), &problem)],
    };
    let judged = manifest.judge(policy, &args.namespace);
    summary.objects += judged.objects.len();
    summary.pass(judged.passed);
    remarks(&input.name(), &judged)
}
