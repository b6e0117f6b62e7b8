//! What was seen of a cluster → what needs doing. Pure.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

pub(super) mod calls;
mod certificate;
mod expected;
mod guard;
mod images;
mod namespaces;
mod network;
pub(super) mod place;
mod policy;
pub(super) mod reading;
mod registration;
mod replicas;
pub(super) mod rights;
mod service;
pub(super) mod snapshot;
pub(super) mod summary;
mod symptom;
#[cfg(test)]
mod tests;
pub(super) mod trial;

use self::{
    expected::Expected,
    place::Place,
    policy::InForce,
    snapshot::{InstalledBy, Snapshot, Webhook},
};
use crate::{
    diagnosis::{Finding, Level},
    escape::Shown,
};

/// What replicas say; NAMESPACE is theirs.
const LOGS: &str = "kubectl logs -n NAMESPACE -l app.kubernetes.io/name=harbor-pilot --tail=100";

const APPLY: &str =
    "kubectl apply --server-side --force-conflicts -k FOLDER\n# FOLDER: the kustomization that it was installed by";

/// All findings, the worst first.
pub(super) fn examine(snapshot: &Snapshot) -> Vec<Finding> {
    let mut doctor = Doctor { snapshot, findings: Vec::new() };
    doctor.obstacles();
    match Place::of(snapshot) {
        Place::Here => doctor.installation(),
        place => doctor.elsewhere(&place),
    }
    doctor.findings.sort_by_key(|finding| finding.level);
    doctor.findings
}

struct Doctor<'d> {
    snapshot: &'d Snapshot,
    findings: Vec<Finding>,
}

impl<'d> Doctor<'d> {
    fn find(&mut self, level: Level, about: &str, what: impl Into<String>, why: &str, fix: impl Into<String>) {
        let (about, what, why, fix) = (about.to_owned(), what.into(), why.to_owned(), fix.into());
        self.findings.push(Finding { level, about, what, why, fix });
    }

    /// All that there is to say of one that is there.
    fn installation(&mut self) {
        let expected = Expected::in_namespace(&self.snapshot.namespace);
        let in_force = InForce::of(self.snapshot);
        self.registrations(&expected);
        self.left_out();
        self.certificates();
        self.replicas();
        self.service();
        self.policy(&in_force);
        self.guard(&expected);
        self.images(&in_force);
        self.network();
        self.calls();
        self.tried();
    }

    /// The webhooks of both configurations.
    fn webhooks(&self) -> impl Iterator<Item = &'d Webhook> + use<'d> {
        self.snapshot.webhooks()
    }

    /// What puts back what the installation made.
    fn put_back(&self) -> String {
        match self.installed_by() {
            Some(InstalledBy::Helm { release }) => self.helm(release, ""),
            Some(InstalledBy::Files) => APPLY.to_owned(),
            None => "helm upgrade, or kubectl apply -k, whichever installed it".to_owned(),
        }
    }

    /// What installs it with a value of the chart's.
    fn set(&self, value: &str) -> String {
        match self.installed_by() {
            Some(InstalledBy::Helm { release }) => self.helm(release, &format!(" --set '{value}'")),
            Some(InstalledBy::Files) => {
                format!("# change the kustomization as the chart does by {value}, then:\n{APPLY}")
            }
            None => format!("helm upgrade with --set '{value}', or the same by kubectl apply -k"),
        }
    }

    fn helm(&self, release: &str, more: &str) -> String {
        let (release, namespace) = (Shown::new(release), &self.snapshot.namespace);
        format!(
            "helm upgrade {release} deploy/chart -n {namespace} --reset-then-reuse-values{more}\n\
             # Helm 4: add --force-conflicts, to take back what others wrote"
        )
    }

    fn installed_by(&self) -> Option<&'d InstalledBy> {
        self.snapshot.deployment.there().map(|deployment| &deployment.installed_by)
    }
}

/// A list for people.
fn listed<'t>(names: impl IntoIterator<Item = &'t str>) -> String {
    let names: Vec<String> = names.into_iter().map(|name| format!("`{}`", Shown::new(name))).collect();
    names.join(", ")
}
