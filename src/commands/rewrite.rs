//! `harbor-pilot rewrite`: manifests with their images as the webhook would write them.

use std::{
    io::{IsTerminal as _, stdin},
    path::PathBuf,
};

use clap::builder::NonEmptyStringValueParser;

use super::{
    Outcome, diff,
    inputs::{Input, Inputs, SHARED_STDIN, STDIN, share_stdin},
    output::Output,
    policy_file::PolicyArg,
    remark::{Remark, outcome, remarks},
    replace::replace,
    summary::Summary,
    text,
};
use crate::{
    manifest::{Manifest, Problem},
    policy::Policy,
};

/// Print manifests with their images sent through Harbor, and nothing else changed
///
/// Only the image strings change: comments, order and spacing stay, to the byte. What the policy
/// does not allow is told on standard error, with its place, and a text that can't be read is not
/// changed. Works as a Helm post-renderer.
///
/// Exit code 0: all images may run, perhaps with a warning. 1: one would be denied. 2: something
/// could not be rewritten.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  helm template my-release my-chart | harbor-pilot rewrite -n my-namespace -\n  \
    kustomize build . | harbor-pilot rewrite -\n  \
    harbor-pilot rewrite --diff deploy/\n  \
    harbor-pilot rewrite -w deploy/")]
pub(super) struct Args {
    #[command(flatten)]
    policy: PolicyArg,
    /// The namespace of objects that name none
    #[arg(short, long, value_name = "NAME", default_value = "default", value_parser = NonEmptyStringValueParser::new())]
    namespace: String,
    /// Write the files themselves
    #[arg(short, long)]
    write: bool,
    /// Print what would change, as a unified diff
    #[arg(long)]
    diff: bool,
    /// Say nothing of what the policy does not allow, and exit with 0 all the same
    #[arg(long)]
    no_check: bool,
    /// Files, folders (their *.yaml, *.yml and *.json), or `-` for standard input, which is also
    /// read where nothing is named
    #[arg(value_name = "FILE|DIR")]
    inputs: Vec<PathBuf>,
}

pub(super) fn run(args: &Args, output: &mut Output) -> Outcome {
    let Some(arguments) = arguments(args, output) else {
        return Outcome::Failed;
    };
    if share_stdin(&args.policy, &arguments) {
        return output.failed(SHARED_STDIN);
    }
    let Some(policy) = args.policy.load(output) else {
        return Outcome::Failed;
    };
    let inputs = Inputs::find(&arguments, output);
    if let Some(why) = inputs.contradicts(args) {
        return output.failed(why);
    }
    let mut run = Run { args, policy: &policy, output, summary: Summary::default() };
    let mut worst = if inputs.failed { Outcome::Failed } else { Outcome::Fine };
    for (done, input) in inputs.found.iter().enumerate() {
        run.output.progress(done, inputs.found.len(), &input.name());
        worst = worst.max(run.rewrite(input));
    }
    run.output.end_progress();
    let Run { summary, .. } = run;
    for line in summary.passed().into_iter().chain(args.write.then(|| summary.found())) {
        output.talk(&line);
    }
    worst
}

/// What is read where nothing is named: what comes down a pipe, such as a post-renderer's.
fn arguments(args: &Args, output: &mut Output) -> Option<Vec<PathBuf>> {
    if !args.inputs.is_empty() {
        return Some(args.inputs.clone());
    }
    if stdin().is_terminal() {
        output.failed("nothing to rewrite was named\n\nhint: name files or folders, or `-` to type a manifest");
        return None;
    }
    Some(vec![PathBuf::from(STDIN)])
}

impl Inputs {
    fn contradicts(&self, args: &Args) -> Option<&'static str> {
        let several = self.found.len() > 1 || self.folders > 0;
        if several && !args.write && !args.diff {
            return Some(
                "more than one manifest can't be printed as one\n\nhint: change the files with `--write`, or see \
                 what would change with `--diff`",
            );
        }
        (args.write && self.found.contains(&Input::Stdin)).then_some("`--write` needs files, and `-` is none")
    }
}

struct Run<'r> {
    args: &'r Args,
    policy: &'r Policy,
    output: &'r mut Output,
    summary: Summary,
}

impl Run<'_> {
    fn rewrite(&mut self, input: &Input) -> Outcome {
        let name = input.name();
        let bytes = match input.read() {
            Ok(bytes) => bytes,
            Err(error) => return self.output.failed(format_args!("could not read `{name}`: {error}")),
        };
        self.summary.files += 1;
        let manifest = match Manifest::parse(&bytes) {
            Ok(manifest) => manifest,
            Err(problem) => return self.refuse(&name, &[problem]),
        };
        let judged = manifest.judge(self.policy, &self.args.namespace);
        self.summary.objects += judged.objects.len();
        self.summary.pass(judged.passed);
        let rewritten = match judged.rewrite() {
            Ok(rewritten) => rewritten,
            Err(problems) => return self.refuse(&name, &problems),
        };
        let written = self.put(input, &name, manifest.text(), &rewritten);
        if self.args.no_check {
            return written;
        }
        let remarks = remarks(&name, &judged);
        self.tell(&remarks);
        written.max(outcome(&remarks))
    }

    /// Puts a text where it belongs.
    fn put(&mut self, input: &Input, name: &str, before: &str, after: &str) -> Outcome {
        if self.args.diff {
            let diff = diff::unified(name, before, after, self.output.data_style());
            self.output.data(&diff);
        }
        match input {
            Input::File { real, .. } if self.args.write => {
                if before != after {
                    if let Err(error) = replace(real, after) {
                        return self.output.failed(format_args!("could not write `{name}`: {error}"));
                    }
                    self.summary.rewritten += 1;
                }
            }
            _ if self.args.diff => {}
            _ => self.output.data(after),
        }
        Outcome::Fine
    }

    fn refuse(&mut self, name: &str, problems: &[Problem]) -> Outcome {
        let remarks: Vec<Remark> = problems.iter().map(|problem| Remark::problem(name, problem)).collect();
        self.tell(&remarks);
        Outcome::Failed
    }

    fn tell(&mut self, remarks: &[Remark]) {
        self.summary.add(remarks);
        for remark in remarks {
            if let Some(line) = text::line(remark, self.output.talk_style()) {
                self.output.talk(&line);
            }
        }
    }
}
