//! Warnings about `allow` and `proxies` that do not meet.

use std::collections::BTreeMap;

use super::Linter;
use crate::policy::{
    entries::Matcher,
    glob::{Choices, Glob},
    pattern::{Alternative, Step},
};

impl Linter<'_> {
    /// What is allowed and would be pulled past Harbor.
    pub(super) fn allowed_without_proxy(&mut self) {
        let policy = self.policy;
        let mut served = Served::default();
        for project in policy.projects() {
            served.insert(project.registry());
        }
        for entry in self.allow_lists().into_iter().flat_map(|list| &list.entries) {
            let unserved = entry.alternatives().iter().find_map(|alternative| {
                let domain = alternative.literal_domain()?;
                let is_served = policy.proxies.is_harbor(domain) || served.is_reached(&alternative.steps);
                (!is_served).then_some(domain)
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
        let mut reaching = Reaching::default();
        for entry in self.allow_lists().into_iter().flat_map(|list| &list.entries) {
            match &entry.matcher {
                Matcher::Pattern(alternatives) => {
                    for alternative in alternatives {
                        reaching.insert(alternative);
                    }
                }
                // An expression may reach anything: better no warning than a wrong one.
                Matcher::Expression { .. } => return,
            }
        }
        for project in policy.projects() {
            if !reaching.reaches(project.registry().split('/')) {
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

/// The registries of `proxies` by component, so that a pattern is not held against each of them.
#[derive(Default)]
struct Served<'r> {
    below: BTreeMap<&'r str, Self>,
    /// A proxy serves all that is here and below.
    whole: bool,
}

impl<'r> Served<'r> {
    fn insert(&mut self, registry: &'r str) {
        let mut node = self;
        for component in registry.split('/') {
            node = node.below.entry(component).or_default();
        }
        node.whole = true;
    }

    /// Whether a pattern matches any name that is served.
    fn is_reached(&self, steps: &[Step]) -> bool {
        if self.whole {
            return true;
        }
        match steps.split_first() {
            None => false,
            Some((Step::Deep, _)) => !self.below.is_empty(),
            Some((Step::One(Glob::Literal(text)), rest)) => {
                self.below.get(text.as_str()).is_some_and(|node| node.is_reached(rest))
            }
            Some((Step::One(glob), rest)) => {
                self.below.iter().any(|(component, node)| glob.covers(component) && node.is_reached(rest))
            }
        }
    }
}

/// Patterns by component, so that a registry is not held against each of them.
#[derive(Default)]
struct Reaching {
    below: Choices<Self>,
    /// A `**` stands here, which takes whatever follows.
    deep: bool,
}

impl Reaching {
    fn insert(&mut self, alternative: &Alternative) {
        let mut node = self;
        for step in &alternative.steps {
            match step {
                Step::One(glob) => node = node.below.at(glob),
                Step::Deep => {
                    node.deep = true;
                    return;
                }
            }
        }
    }

    /// Whether a pattern matches any name at or below a registry, a domain with a path prefix.
    fn reaches(&self, mut registry: std::str::Split<'_, char>) -> bool {
        if self.deep {
            return true;
        }
        let Some(component) = registry.next() else {
            return true;
        };
        let mut reached = false;
        self.below.each(component, &mut |node| reached = reached || node.reaches(registry.clone()));
        reached
    }
}
