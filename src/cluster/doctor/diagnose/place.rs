//! Whether the program is where it was looked for.

use std::collections::BTreeSet;

use super::{
    Doctor, listed,
    snapshot::{Snapshot, Webhook},
};
use crate::{diagnosis::Level, escape::Shown};

/// Where the program is, seen from where it was looked for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// There, or parts of it.
    Here,
    /// In another namespace, which the registrations name.
    Elsewhere(String),
    /// Nowhere: neither it nor a registration was found.
    Nowhere,
}

impl Place {
    pub(crate) fn of(snapshot: &Snapshot) -> Self {
        if snapshot.mutating.is_missing()
            && snapshot.validating.is_missing()
            && snapshot.deployment.is_missing()
            && snapshot.service.is_missing()
        {
            return Self::Nowhere;
        }
        let namespace = |webhook: &Webhook| webhook.fields.get("service")?["namespace"].as_str().map(str::to_owned);
        let named: BTreeSet<_> = snapshot.webhooks().filter_map(namespace).collect();
        match named.into_iter().collect::<Vec<_>>().as_slice() {
            // With a Deployment, it is the registrations that are wrong.
            [other] if *other != snapshot.namespace && snapshot.deployment.there().is_none() => {
                Self::Elsewhere(other.clone())
            }
            _ => Self::Here,
        }
    }
}

impl Doctor<'_> {
    /// What is to be said where there is nothing to look at.
    pub(super) fn elsewhere(&mut self, place: &Place) {
        let here = listed([self.snapshot.namespace.as_str()]);
        match place {
            Place::Here => {}
            Place::Elsewhere(other) => self.find(
                Level::Error,
                "namespace",
                format!("the registrations name {}, and not {here}", listed([other.as_str()])),
                "there is no Deployment `harbor-pilot` to be seen here; the rest was not compared",
                format!("harbor-pilot doctor -n {}", Shown::new(other)),
            ),
            Place::Nowhere => self.find(
                Level::Error,
                "installation",
                format!("harbor-pilot is not installed in {here}, nor registered"),
                "the API server calls nobody: Pods run as they are written, allowed or not",
                "# docs/install.md says how to install it; where it is in another namespace:\n\
                 harbor-pilot doctor -n NAMESPACE",
            ),
        }
    }
}
