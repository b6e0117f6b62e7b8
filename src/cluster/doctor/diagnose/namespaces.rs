//! Which namespaces the API server does not ask about.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{
    Doctor, listed,
    registration::about,
    snapshot::{Snapshot, Webhook},
};
use crate::diagnosis::Level;

/// The label that every namespace has, and nobody can change.
const NAME_LABEL: &str = "kubernetes.io/metadata.name";

/// What a webhook's selector leaves out.
struct LeftOut {
    /// These namespaces.
    names: BTreeSet<String>,
    /// Those by other labels than their names.
    labels: BTreeSet<String>,
}

impl LeftOut {
    fn of(webhook: &Webhook) -> Self {
        let selector = webhook.fields.get("namespaceSelector").unwrap_or(&Value::Null);
        let (mut names, mut labels) = (BTreeSet::new(), BTreeSet::new());
        for expression in selector["matchExpressions"].as_array().into_iter().flatten() {
            let key = expression["key"].as_str().unwrap_or_default();
            if key == NAME_LABEL && expression["operator"] == "NotIn" {
                let values = expression["values"].as_array().into_iter().flatten();
                names.extend(values.filter_map(Value::as_str).map(str::to_owned));
            } else {
                labels.insert(key.to_owned());
            }
        }
        labels.extend(selector["matchLabels"].as_object().into_iter().flatten().map(|(key, _)| key.clone()));
        Self { names, labels }
    }
}

/// Whether it looks at Pods, for which the API server waits.
fn is_about_pods(webhook: &Webhook) -> bool {
    webhook.name.starts_with("pods.")
}

/// The one that looks at our own policy.
fn is_about_our_policy(webhook: &Webhook) -> bool {
    webhook.name.starts_with("policy.")
}

/// Whether those that look at Pods leave a namespace out, all of them.
pub(super) fn leaves_out(snapshot: &Snapshot, namespace: &str) -> bool {
    let mut pods = snapshot.webhooks().filter(|webhook| is_about_pods(webhook)).peekable();
    pods.peek().is_some() && pods.all(|webhook| LeftOut::of(webhook).names.contains(namespace))
}

impl Doctor<'_> {
    pub(super) fn left_out(&mut self) {
        let mut names = BTreeSet::new();
        let mut by_webhook = Vec::new();
        for webhook in self.webhooks().filter(|webhook| !is_about_our_policy(webhook)) {
            let left_out = LeftOut::of(webhook);
            let own = &self.snapshot.namespace;
            if is_about_pods(webhook) && !left_out.names.contains(own) {
                let fix = self.put_back();
                self.find(
                    Level::Error,
                    &about(webhook),
                    format!("it does not leave out our own namespace, {}", listed([own.as_str()])),
                    "when no replica is left, the Pods that would replace them can't be created, and nothing else either",
                    fix,
                );
            }
            if is_about_pods(webhook) && !left_out.names.contains("kube-system") {
                let fix = self.put_back();
                self.find(
                    Level::Error,
                    &about(webhook),
                    "it does not leave out `kube-system`",
                    "while no replica answers, DNS and the network of a new node can't start",
                    fix,
                );
            }
            if !left_out.labels.is_empty() {
                let fix = self.set("exemptNamespaces={NAME,NAME}");
                self.find(
                    Level::Warning,
                    &about(webhook),
                    format!(
                        "it asks for the labels {} of a namespace",
                        listed(left_out.labels.iter().map(String::as_str))
                    ),
                    "whoever may label a namespace takes it out, or puts it in",
                    format!("# name the namespaces instead:\n{fix}"),
                );
            }
            names.extend(left_out.names.iter().cloned());
            by_webhook.push((webhook, left_out.names));
        }
        for (webhook, left_out) in by_webhook {
            let said_already = [self.snapshot.namespace.as_str(), "kube-system"];
            let by_others = names.difference(&left_out).map(String::as_str);
            let by_others: Vec<&str> = by_others.filter(|name| !said_already.contains(name)).collect();
            if !by_others.is_empty() {
                self.find(
                    Level::Warning,
                    &about(webhook),
                    format!("it does not leave out {}, which another webhook of ours does", listed(by_others)),
                    "what one leaves as it is written, the other refuses; or nobody looks at what was changed",
                    self.put_back(),
                );
            }
        }
        let Some(existing) = self.snapshot.namespaces.there() else { return };
        let missing: Vec<&str> = names.difference(existing).map(String::as_str).collect();
        if let Some(first) = missing.first() {
            self.find(
                Level::Warning,
                "namespaces",
                format!("left out are namespaces that do not exist: {}", listed(missing.iter().copied())),
                "whoever may create a namespace may create one of these, and run any image there",
                format!(
                    "take them out of `harborNamespaces` and `exemptNamespaces`, and upgrade; or reserve each: kubectl \
                     create namespace {first}"
                ),
            );
        }
    }

    /// Whether Pods of a namespace are looked at when they are created.
    pub(super) fn looks_at(&self, namespace: &str) -> bool {
        let mut pods = self.webhooks().filter(|webhook| is_about_pods(webhook));
        pods.any(|webhook| !LeftOut::of(webhook).names.contains(namespace))
    }
}
