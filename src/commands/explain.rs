//! `harbor-pilot explain`: why an image is treated as it is.

use std::{
    fmt::Write as _,
    io::{self, BufRead},
};

use serde::Serialize;

use super::{
    Outcome as CommandOutcome,
    output::{Format, Output},
    policy_file::PolicyArg,
};
use crate::{
    escape::Shown,
    policy::{Decision, NotAllowed, Outcome, Policy, Rule, Ruling, Scope},
};

/// Say why an image is treated as it is, and what a Pod would get
///
/// Exit code 0: each image may run, perhaps with a warning. 1: one would be denied. 2: it could not
/// be found out.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  harbor-pilot explain nvcr.io/nvidia/driver:550\n  \
    kubectl get pods -A -o jsonpath='{range .items[*].spec.containers[*]}{.image}{\"\\n\"}{end}' | harbor-pilot explain -o json -")]
pub(super) struct Args {
    #[command(flatten)]
    policy: PolicyArg,
    /// The namespace of the Pod
    #[arg(short, long, value_name = "NAME", default_value = "default")]
    namespace: String,
    /// How to print; as JSON, one object a line
    #[arg(short, long, value_enum, default_value_t)]
    output: Format,
    /// Image names as they stand in a Pod; `-` reads one a line from standard input
    #[arg(required = true, value_name = "IMAGE")]
    images: Vec<String>,
}

pub(super) fn run(args: &Args, output: &mut Output) -> CommandOutcome {
    if args.policy.is_stdin() && args.images.iter().any(|image| image == "-") {
        return output.failed("standard input can't be both the policy and the image names");
    }
    let Some(policy) = args.policy.load(output) else {
        return CommandOutcome::Failed;
    };
    let mut explainer = Explainer { policy: &policy, args, output, outcome: CommandOutcome::Fine };
    for image in &args.images {
        if image != "-" {
            explainer.explain(image);
        } else if let Err(error) = explainer.explain_lines(io::stdin().lock()) {
            return explainer.output.failed(format_args!("could not read standard input: {error}"));
        }
    }
    explainer.outcome
}

struct Explainer<'e> {
    policy: &'e Policy,
    args: &'e Args,
    output: &'e mut Output,
    outcome: CommandOutcome,
}

impl Explainer<'_> {
    /// A name is what stands between two line feeds, to the byte.
    fn explain_lines(&mut self, mut input: impl BufRead) -> io::Result<()> {
        let mut line = Vec::new();
        while input.read_until(b'\n', &mut line)? > 0 && !self.output.is_closed() {
            let name = line.strip_suffix(b"\n").unwrap_or(&line);
            // Bytes that are no text become U+FFFD, which no name holds.
            self.explain(&String::from_utf8_lossy(name));
            line.clear();
        }
        Ok(())
    }

    fn explain(&mut self, image: &str) {
        let scope = self.policy.scope(&self.args.namespace);
        let decision = scope.decide(image);
        if decision.outcome() == Outcome::Deny {
            self.outcome = CommandOutcome::Objected;
        }
        let text = match self.args.output {
            Format::Text => text(&decision, scope, &self.args.namespace),
            Format::Json => json(&decision, &self.args.namespace),
        };
        self.output.data(&text);
    }
}

/// What `-o json` prints of an image. A stable format: members are added, never changed.
#[derive(Serialize)]
struct Explanation<'d> {
    image: &'d str,
    namespace: &'d str,
    #[serde(flatten)]
    parts: Option<Parts<'d>>,
    origin: String,
    allowed: bool,
    outcome: &'static str,
    reason: String,
    rule: Option<JsonRule<'d>>,
    project: &'d str,
    rewritten: &'d str,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

/// The canonical form's parts; an empty string where there is none.
#[derive(Serialize)]
struct Parts<'d> {
    domain: &'d str,
    path: &'d str,
    tag: &'d str,
    digest: &'d str,
}

#[derive(Serialize)]
struct JsonRule<'d> {
    list: &'static str,
    file: &'d str,
    line: usize,
    column: usize,
    text: &'d str,
}

fn json(decision: &Decision<'_, '_>, namespace: &str) -> String {
    let parsed = decision.parsed.as_ref();
    let explanation = Explanation {
        image: decision.written,
        namespace,
        parts: parsed.ok().map(|parsed| Parts {
            domain: parsed.reference.domain(),
            path: parsed.reference.path(),
            tag: parsed.reference.tag().unwrap_or_default(),
            digest: parsed.reference.digest().unwrap_or_default(),
        }),
        origin: parsed.map_or_else(|_| String::new(), |parsed| parsed.origin.to_string()),
        allowed: decision.is_allowed(),
        outcome: decision.outcome().as_str(),
        reason: decision.reason().to_string(),
        rule: decision.rule().map(|rule| JsonRule {
            list: rule.list.as_str(),
            file: rule.file,
            line: rule.position.line,
            column: rule.position.column,
            text: rule.text,
        }),
        project: decision.project.map_or("", |project| project.name()),
        rewritten: &decision.result,
        error: parsed.err().map(ToString::to_string),
    };
    // Text and numbers alone: there is nothing in it that JSON could not hold.
    serde_json::to_string(&explanation).unwrap_or_default() + "\n"
}

fn text(decision: &Decision<'_, '_>, scope: Scope<'_>, namespace: &str) -> String {
    let mut text = format!("{}\n", Shown::new(decision.written));
    let namespace = Shown::new(namespace);
    let mut line = |label: &str, value: &str| {
        // Writing to a String can't fail.
        let _ = writeln!(text, "  {label:<9} {value}");
    };
    if let Ok(parsed) = &decision.parsed {
        let reference = &parsed.reference;
        let mut parts = format!("domain {}, path {}", reference.domain(), reference.path());
        for (label, part) in [("tag", reference.tag()), ("digest", reference.digest())] {
            if let Some(part) = part {
                let _ = write!(parts, ", {label} {part}");
            }
        }
        line("parts", &parts);
        line("origin", &parsed.origin.to_string());
    }
    let place = decision.rule().map(|rule: Rule<'_>| format!(" ({rule})")).unwrap_or_default();
    let verdict = if decision.is_allowed() { "allowed" } else { "refused" };
    line(verdict, &format!("{}{place}", decision.reason()));
    match decision.outcome() {
        Outcome::Allow => {}
        Outcome::Audit => line("outcome", &format!("admitted and logged, for `{namespace}` is on audit")),
        Outcome::Warn => line("outcome", &format!("admitted with a warning, for `{namespace}` is on warn")),
        Outcome::Deny => line("outcome", &format!("rejected in `{namespace}`")),
    }
    if decision.outcome() != Outcome::Deny {
        line("pulled", if decision.is_at_rest() { "as written" } else { &decision.result });
    }
    if let Ruling::NotAllowed(NotAllowed::NothingAllows) = decision.ruling {
        let instead = scope.instead(decision);
        line("may run", &if instead.is_empty() { "nothing".to_owned() } else { instead.to_string() });
    }
    text
}
