//! What a policy means, case by case.

mod globs;
mod limits;
mod meaning;
mod patterns;
mod repositories;

use super::{Policy, diagnostic::Style};

/// A policy of these lines below the ones that every policy has.
fn policy(lines: &str) -> Policy {
    let text = whole(lines);
    let reading = Policy::read("policies.yaml", text.as_bytes());
    let rendered = reading.render(Style::Plain);
    reading.policy.unwrap_or_else(|| panic!("{text}\n{rendered}"))
}

/// The messages of all findings, in the file's order.
fn findings(lines: &str) -> Vec<String> {
    let text = whole(lines);
    let mut diagnostics = Policy::read("policies.yaml", text.as_bytes()).diagnostics;
    diagnostics.sort_by_key(|diagnostic| diagnostic.span.start);
    diagnostics
        .into_iter()
        .map(|diagnostic| {
            let help = diagnostic.help.unwrap_or_default();
            format!("{:?}: {} | {help}", diagnostic.severity, diagnostic.message)
        })
        .collect()
}

fn whole(lines: &str) -> String {
    let harbor = if lines.starts_with("harbor:") || lines.contains("\nharbor:") { "" } else { "harbor: harbor.test\n" };
    format!("apiVersion: harbor-pilot.io/v1\nkind: Policy\n{harbor}{lines}\n")
}
