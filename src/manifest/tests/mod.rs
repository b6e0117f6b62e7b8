//! What becomes of a text, case by case.

mod edits;
mod judging;
mod laws;
mod refusals;

use super::*;
use crate::policy::diagnostic::Style;

fn policy(lines: &str) -> Policy {
    let text = format!(
        "apiVersion: harbor-pilot.io/v1\nkind: Policy\nharbor: h.test\nproxies:\n  \
         - {{registry: docker.io, project: hub}}\n  - {{registry: nvcr.io, project: nv}}\n{lines}"
    );
    let reading = Policy::read("policies.yaml", text.as_bytes());
    let drawn = reading.render(Style::Plain);
    reading.policy.unwrap_or_else(|| panic!("{drawn}"))
}

fn rewrite(text: &str) -> Result<String, Vec<Problem>> {
    rewrite_by(&policy(""), text)
}

fn rewrite_by(policy: &Policy, text: &str) -> Result<String, Vec<Problem>> {
    let manifest = Manifest::parse(text.as_bytes()).map_err(|problem| vec![problem])?;
    let rewritten = manifest.judge(policy, "default").rewrite()?;
    Ok(rewritten.into_owned())
}

/// A Pod with these lines under `spec.containers`.
fn pod(containers: &str) -> String {
    format!("apiVersion: v1\nkind: Pod\nspec:\n  containers:\n{containers}")
}
