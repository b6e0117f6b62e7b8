//! What was seen of a cluster → what needs doing. Pure.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

pub(super) mod calls;
mod certificate;
mod expected;
mod guard;
mod images;
mod namespaces;
mod network;
mod policy;
pub(super) mod reading;
mod registration;
mod replicas;
mod service;
pub(super) mod snapshot;
pub(super) mod summary;
mod symptom;
#[cfg(test)]
mod tests;
pub(super) mod trial;

use self::{
    expected::Expected,
    policy::InForce,
    snapshot::{InstalledBy, Obstacle, Seen, Snapshot, Webhook},
};
use crate::{
    diagnosis::{Finding, Level},
    escape::{Shown, fit},
};

/// What replicas say; NAMESPACE is theirs.
const LOGS: &str = "kubectl logs -n NAMESPACE -l app.kubernetes.io/name=harbor-pilot --tail=100";

/// An image that shows in a namespace whether we are called.
pub(super) fn image_to_try(snapshot: &Snapshot, namespace: &str) -> Option<trial::Image> {
    trial::Image::of(&InForce::of(snapshot).policy?, namespace)
}

const APPLY: &str =
    "kubectl apply --server-side --force-conflicts -k FOLDER\n# FOLDER: the kustomization that it was installed by";

/// All findings, the worst first.
pub(super) fn examine(snapshot: &Snapshot) -> Vec<Finding> {
    let expected = Expected::in_namespace(&snapshot.namespace);
    let in_force = InForce::of(snapshot);
    let mut doctor = Doctor { snapshot, findings: Vec::new() };
    doctor.obstacles();
    doctor.registrations(&expected);
    doctor.left_out();
    doctor.certificates();
    doctor.replicas();
    doctor.service();
    doctor.policy(&in_force);
    doctor.guard(&expected);
    doctor.images(&in_force);
    doctor.network();
    doctor.calls();
    doctor.tried();
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

    /// What could not be looked at.
    fn obstacles(&mut self) {
        for obstacle in &self.snapshot.obstacles {
            match obstacle {
                Obstacle::Forbidden { right, said } => {
                    let user = said.split_once("User \"").and_then(|(_, rest)| rest.split_once('"'));
                    let user = user.map_or_else(|| "USER".to_owned(), |(user, _)| Shown::new(user).to_string());
                    self.find(
                        Level::Warning,
                        "rights",
                        format!("this account may not {right}: {}", fit(said, 300)),
                        "what depends on it was not looked at",
                        format!(
                            "kubectl apply -f deploy/doctor-rbac.yaml && kubectl create clusterrolebinding \
                             harbor-pilot-doctor --clusterrole=harbor-pilot-doctor --user='{user}' && kubectl create \
                             rolebinding harbor-pilot-doctor -n {} --role=harbor-pilot-doctor --user='{user}'",
                            self.snapshot.namespace
                        ),
                    );
                }
                Obstacle::Failed { asked, why } => self.find(
                    Level::Warning,
                    asked,
                    format!("it could not be looked at: {}", fit(why, 300)),
                    "what depends on it is not known",
                    "try again",
                ),
            }
        }
    }

    /// The webhooks of both configurations.
    fn webhooks(&self) -> impl Iterator<Item = &'d Webhook> + use<'d> {
        let both = [&self.snapshot.mutating, &self.snapshot.validating];
        both.into_iter().filter_map(Seen::there).flatten()
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
