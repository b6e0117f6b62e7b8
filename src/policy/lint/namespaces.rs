//! Warnings about `namespaces`.

use super::Linter;
use crate::policy::{NamespaceAllow, Rewrite, file::PolicyFile, glob::Glob};

impl Linter<'_> {
    /// Entries of `namespaces` that do nothing, or more than they look like.
    pub(super) fn namespaces(&mut self, file: &PolicyFile) {
        let policy = self.policy;
        for (index, namespace) in policy.namespaces.entries.iter().enumerate() {
            let (earlier, _) = policy.namespaces.entries.split_at(index);
            let covers = |name: &Glob| {
                earlier.iter().find(|earlier| earlier.matches.iter().any(|glob| glob.covers(name.text())))
            };
            if let Some(first) = namespace.matches.first().and_then(covers)
                && namespace.matches.iter().all(|name| covers(name).is_some())
            {
                let message =
                    "an earlier entry matches all of these namespaces, so this one changes nothing".to_owned();
                self.warn(namespace.span, message, "the first entry that matches decides: put this one above it")
                    .other = Some((first.span, "the earlier entry".to_owned()));
            }
            let weaker = namespace.enforcement.is_some_and(|enforcement| enforcement < policy.enforcement);
            let adds = matches!(&namespace.allow, NamespaceAllow::Added(list) if !list.entries.is_empty());
            if !(weaker || adds || namespace.rewrite == Rewrite::Off) {
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
