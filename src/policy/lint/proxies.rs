//! Warnings about `allow` and `proxies` that do not meet.

use super::Linter;
use crate::policy::{
    entries::Matcher,
    pattern::{Alternative, Step},
};

impl Linter<'_> {
    /// What is allowed and would be pulled past Harbor.
    pub(super) fn allowed_without_proxy(&mut self) {
        let policy = self.policy;
        for entry in self.allow_lists().into_iter().flat_map(|list| &list.entries) {
            let unserved = entry.alternatives().iter().find_map(|alternative| {
                let domain = alternative.literal_domain()?;
                let served = policy.proxies.is_harbor(domain)
                    || policy.projects().iter().any(|project| reaches(alternative, project.registry()));
                (!served).then_some(domain)
            });
            if let Some(domain) = unserved {
                let message = format!("no proxy serves this: nodes will pull from `{domain}` themselves");
                self.warn(
                    entry.span,
                    message,
                    format!("add `{domain}` to `proxies`, or keep it if nodes can reach it"),
                );
            }
        }
    }

    /// Proxies that no image can come through.
    pub(super) fn proxies_that_nothing_allows(&mut self) {
        let policy = self.policy;
        if policy.allow.is_none() {
            return;
        }
        let lists = self.allow_lists();
        for project in policy.projects() {
            let reached = lists.iter().flat_map(|list| &list.entries).any(|entry| match &entry.matcher {
                Matcher::Pattern(alternatives) => {
                    alternatives.iter().any(|alternative| reaches(alternative, project.registry()))
                }
                // An expression may reach anything: better no warning than a wrong one.
                Matcher::Expression { .. } => true,
            });
            if !reached {
                let message = format!("nothing in `allow` lets `{}` be used", project.registry());
                self.warn(
                    project.span(),
                    message,
                    format!("add `{}/**` to `allow`, or delete this proxy", project.registry()),
                );
            }
        }
    }
}

/// Whether a pattern matches any name at or below `registry`, a domain with a path prefix.
fn reaches(alternative: &Alternative, registry: &str) -> bool {
    fn from(steps: &[Step], mut components: std::str::Split<'_, char>) -> bool {
        let rest = components.clone();
        let Some(component) = components.next() else {
            return true;
        };
        match steps.split_first() {
            None => false,
            Some((Step::Deep, [])) => true,
            Some((Step::Deep, below)) => from(below, rest) || from(steps, components),
            Some((Step::One(glob), below)) => glob.covers(component) && from(below, components),
        }
    }
    from(&alternative.steps, registry.split('/'))
}
