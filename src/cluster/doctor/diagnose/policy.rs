//! Whether all go by the same policy, and by the one that is written.

use std::collections::BTreeMap;

use super::{
    Doctor, LOGS, listed,
    snapshot::{Seen, Snapshot},
};
use crate::{
    cluster::doctor::status::PolicyFile,
    diagnosis::Level,
    escape::Shown,
    policy::{
        Policy,
        diagnostic::{Severity, Style},
        short_hash,
    },
};

/// The policy by which the cluster's Pods are judged, as far as its text can be had.
pub(super) struct InForce {
    pub(super) policy: Option<Policy>,
}

impl InForce {
    /// What is written, unless it is broken: then the last good one.
    pub(super) fn of(snapshot: &Snapshot) -> Self {
        let texts = [&snapshot.policy, &snapshot.last_good].into_iter().filter_map(|text| text.there()?.as_deref());
        let mut read = texts.filter_map(|text| Policy::read("policies.yaml", text.as_bytes()).policy);
        Self { policy: read.next() }
    }
}

impl Doctor<'_> {
    pub(super) fn policy(&mut self, in_force: &InForce) {
        self.written();
        self.in_force();
        if let Some(policy) = &in_force.policy {
            self.loosened(policy);
        }
    }

    /// What is wrong with what is written.
    fn written(&mut self) {
        let namespace = &self.snapshot.namespace;
        let edit = format!("kubectl edit configmap -n {namespace} harbor-pilot-policy");
        let about = "policy";
        let why = "replicas go by the last good one; those that start have it in mode selfManaged alone";
        let text = match &self.snapshot.policy {
            Seen::Unknown => return,
            Seen::Missing => {
                let what = "there is no ConfigMap `harbor-pilot-policy`";
                return self.find(Level::Error, about, what, "replicas that start have no policy", self.put_back());
            }
            Seen::There(None) => {
                let what = "the ConfigMap `harbor-pilot-policy` has no key `policies.yaml`";
                return self.find(Level::Error, about, what, why, self.put_back());
            }
            Seen::There(Some(text)) => text,
        };
        let reading = Policy::read("policies.yaml", text.as_bytes());
        if reading.policy.is_none() {
            let what = format!("it is broken as it is written:\n{}", indented(&reading.render(Style::Plain)));
            return self.find(
                Level::Error,
                about,
                what,
                why,
                format!("{edit}; or upgrade with a policy that is right"),
            );
        }
        let warnings = reading.count(Severity::Warning);
        if warnings > 0 {
            self.find(
                Level::Note,
                about,
                format!("it has warnings: {warnings}"),
                "it says what was probably not meant",
                format!(
                    "kubectl get configmap -n {namespace} harbor-pilot-policy -o jsonpath='{{.data.policies\\.yaml}}' | \
                     harbor-pilot policy check -p -"
                ),
            );
        }
    }

    /// What replicas go by.
    fn in_force(&mut self) {
        let namespace = &self.snapshot.namespace;
        let mut replicas: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        let mut broken = Vec::new();
        for replica in self.snapshot.replicas.there().into_iter().flatten() {
            let Some(status) = replica.said.status() else { continue };
            replicas.entry(&status.policy).or_default().push(&replica.name);
            if status.policy_file == PolicyFile::Broken {
                broken.push(replica.name.as_str());
            }
        }
        if let Some(seconds) = self.names_as_before_for() {
            self.find(
                Level::Note,
                "policy",
                format!("names are written as before for {seconds} s more, though the policy has changed"),
                "until every replica has heard of the change, all write the same names",
                format!("sleep {}; harbor-pilot doctor --try", seconds + 1),
            );
        }
        let restart = format!("kubectl rollout restart deployment/harbor-pilot -n {namespace}");
        if !broken.is_empty() {
            self.find(
                Level::Error,
                "policy",
                format!("{} could not take what is written: the last good policy is in force there", listed(broken)),
                "what was changed since is not in force",
                LOGS.replace("NAMESPACE", namespace),
            );
        }
        if replicas.len() > 1 {
            let by: Vec<String> = replicas
                .iter()
                .map(|(hash, names)| format!("{} by {}", listed(names.iter().copied()), Shown::cut(hash, 12)))
                .collect();
            self.find(
                Level::Error,
                "policy",
                format!("replicas go by different ones: {}", by.join(", ")),
                "what one allows, another denies: the same Pod is created or not, by chance",
                format!("wait for two minutes, which a kubelet takes; if it stays: {restart}, and see whose Pod is none of its"),
            );
        }
        let Some(Some(text)) = self.snapshot.policy.there() else { return };
        let written = short_hash(text.as_bytes());
        if let [(hash, _)] = replicas.iter().collect::<Vec<_>>()[..]
            && *hash != written
            && Policy::read("policies.yaml", text.as_bytes()).policy.is_some()
        {
            self.find(
                Level::Warning,
                "policy",
                format!("{written} is written, and {} in force", Shown::cut(hash, 12)),
                "what was changed is not in force yet",
                format!("wait for two minutes, which a kubelet takes; if it stays: {restart}"),
            );
        }
    }

    /// For how many more seconds a replica, at least, writes names as before a change.
    pub(super) fn names_as_before_for(&self) -> Option<u64> {
        let replicas = self.snapshot.replicas.there().into_iter().flatten();
        replicas.filter_map(|replica| replica.said.status()?.names_as_before_for).max()
    }

    /// Namespaces that the policy loosens by name, and that are not there.
    fn loosened(&mut self, policy: &Policy) {
        let Some(existing) = self.snapshot.namespaces.there() else { return };
        let missing = policy.loosened_namespaces().into_iter().filter(|name| !existing.contains(*name));
        let missing: Vec<&str> = missing.filter(|name| self.looks_at(name)).collect();
        if let Some(first) = missing.first() {
            self.find(
                Level::Warning,
                "namespaces",
                format!("the policy loosens namespaces that do not exist: {}", listed(missing.iter().copied())),
                "whoever may create a namespace may create one of these, and run there what is not allowed elsewhere",
                format!(
                    "take them out of the policy's `namespaces`; or reserve each: kubectl create namespace {first}"
                ),
            );
        }
    }
}

fn indented(text: &str) -> String {
    let lines: Vec<String> = text.trim_end().lines().map(|line| format!("    {line}").trim_end().to_owned()).collect();
    lines.join("\n")
}
