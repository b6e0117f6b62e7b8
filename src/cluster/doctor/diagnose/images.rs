//! Whether our own images, and Harbor's, come without us and without each other.

use super::{Doctor, listed, policy::InForce};
use crate::{diagnosis::Level, escape::fit, reference::Domain};

impl Doctor<'_> {
    pub(super) fn images(&mut self, in_force: &InForce) {
        let harbors = self.snapshot.harbors.there().into_iter().flatten().map(String::as_str);
        let met: Vec<&str> = harbors.filter(|namespace| self.looks_at(namespace)).collect();
        if !met.is_empty() {
            let fix = self.set(&format!("harborNamespaces={{{}}}", met.join(",")));
            self.find(
                Level::Error,
                "Harbor",
                format!("it runs in {}, whose Pods are looked at", listed(met.iter().copied())),
                "its images would be pulled through itself: once it is down, it can't start",
                fix,
            );
        }
        let (Some(policy), Some(deployment)) = (&in_force.policy, self.snapshot.deployment.there()) else { return };
        // In our own namespace, which is left out, nothing is rewritten.
        let decision = policy.scope(&self.snapshot.namespace).decide(&deployment.image);
        let (Ok(parsed), Some(registry)) = (&decision.parsed, decision.registry) else { return };
        let harbor = policy.harbor_hosts().iter().map(Domain::as_str);
        let through_harbor = harbor.into_iter().any(|host| parsed.reference.comparison().domain() == host);
        let (what, why) = if through_harbor {
            (
                "is pulled through a proxy cache of",
                "the cache forgets, and then replicas on a new node need the internet",
            )
        } else {
            ("is pulled past Harbor, from", "where nodes reach nothing but Harbor, replicas can't start on a new one")
        };
        self.find(
            Level::Note,
            "our own image",
            format!("{} {what} {registry}", fit(&deployment.image, 200)),
            why,
            "push it to a project of Harbor's that is no proxy, and name it in `image.repository`",
        );
    }
}
