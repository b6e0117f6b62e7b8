//! Warnings about `namespaces`.

use super::{Linter, covering_all};
use crate::policy::{
    Namespace, NamespaceAllow, Policy, Rewrite,
    entries::{Entry, Matcher},
    file::PolicyFile,
    glob::Glob,
    pattern::{Alternative, Step},
};

impl Linter<'_> {
    /// Entries of `namespaces` that do nothing, or more than they look like.
    pub(super) fn namespaces(&mut self, file: &PolicyFile) {
        let policy = self.policy;
        for (index, namespace) in policy.namespaces.entries.iter().enumerate() {
            // A glob that is looked up finds what covers it: itself, if nothing before.
            let earlier =
                |name: &Glob| policy.namespaces.first(name.text()).filter(|first| !std::ptr::eq(*first, namespace));
            if let Some(first) = namespace.matches.first().and_then(earlier)
                && namespace.matches.iter().all(|name| earlier(name).is_some())
            {
                let message =
                    "an earlier entry matches all of these namespaces, so this one changes nothing".to_owned();
                self.warn(namespace.span, message, "the first entry that matches decides: put this one above it")
                    .other = Some((first.span, "the earlier entry".to_owned()));
            }
            if !policy.loosens(namespace) {
                continue;
            }
            let globs = file.namespaces.get(index).into_iter().flat_map(|namespace| &namespace.matches);
            if let Some(glob) = globs.into_iter().find(|name| name.value.contains(['*', '?'])) {
                let message = format!(
                    "`{}` loosens the policy for every namespace of such a name, whoever creates it",
                    glob.value
                );
                self.warn(
                    glob.span,
                    message,
                    "name the namespaces, or make sure that only admins can create such ones",
                );
            }
        }
    }
}

impl Policy {
    /// The namespaces that an entry of `namespaces` names, and loosens the policy for.
    pub fn loosened_namespaces(&self) -> Vec<&str> {
        let loosening = self.namespaces.entries.iter().filter(|namespace| self.loosens(namespace));
        let names = loosening.flat_map(|namespace| &namespace.matches);
        names.filter(|name| name.is_literal()).map(Glob::text).collect()
    }

    /// Whether more may run, or run as it is written, than where no namespace changes the policy.
    fn loosens(&self, namespace: &Namespace) -> bool {
        let weaker = namespace.enforcement.is_some_and(|enforcement| enforcement < self.enforcement);
        let adds = match &namespace.allow {
            NamespaceAllow::Same => false,
            NamespaceAllow::Added(list) => !list.entries.is_empty(),
            NamespaceAllow::Only(list) => !list.entries.iter().all(|entry| self.allows_anyway(entry)),
        };
        weaker || adds || namespace.rewrite == Rewrite::Off
    }

    /// Whether the policy allows all that an entry matches where no namespace changes it. It may
    /// miss one.
    fn allows_anyway(&self, entry: &Entry) -> bool {
        let Some(allow) = &self.allow else {
            return matches!(entry.matcher, Matcher::Pattern(_))
                && entry.alternatives().iter().all(|alternative| self.serves_whole(alternative));
        };
        covering_all(entry, allow, |_| true).is_some()
    }

    /// Whether a proxy serves every name that a pattern matches.
    fn serves_whole(&self, alternative: &Alternative) -> bool {
        let mut literals = alternative.steps.iter().map_while(|step| match step {
            Step::One(Glob::Literal(text)) => Some(text.as_str()),
            _ => None,
        });
        let Some(domain) = literals.next() else { return false };
        self.proxies.serving(domain, &literals.collect::<Vec<_>>().join("/")).is_some()
    }
}
