//! A Pod that is created without being stored: whether the API server calls us, and goes by it.

use serde_json::{Value, json};

use super::{Doctor, namespaces::leaves_out, policy::InForce, snapshot::Snapshot};
use crate::{
    cluster::registration::OURS,
    diagnosis::Level,
    escape::{Shown, fit},
    policy::{Policy, Ruling},
};

/// Seconds until a kubelet has brought a change, at most.
const KUBELET_TAKES: u64 = 120;

/// What was to be tried, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Tried {
    /// Nothing: the registrations leave the namespace out.
    LeftOut { namespace: String },
    /// A Pod with an image as it was written, and as the policy has it.
    Pod { namespace: String, image: Image, outcome: Outcome },
}

/// What shows in a namespace whether we are called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ToTry {
    Image(Image),
    /// We are not called for it, by design.
    LeftOut,
    /// The policy changes nothing there.
    Nothing,
}

impl ToTry {
    pub(crate) fn of(snapshot: &Snapshot, namespace: &str) -> Self {
        if leaves_out(snapshot, namespace) {
            return Self::LeftOut;
        }
        let policy = InForce::of(snapshot).policy;
        policy.and_then(|policy| Image::of(&policy, namespace)).map_or(Self::Nothing, Self::Image)
    }
}

impl Tried {
    /// The namespace and the image of a Pod that would run as the policy says.
    pub(super) fn success(&self) -> Option<(&str, &str)> {
        match self {
            Self::Pod { namespace, image, outcome: Outcome::Admitted(image_of_pod) }
                if *image_of_pod == image.through_harbor =>
            {
                Some((namespace, image_of_pod))
            }
            Self::Pod { .. } | Self::LeftOut { .. } => None,
        }
    }
}

/// An image that the policy changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Image {
    pub(crate) written: String,
    pub(crate) through_harbor: String,
}

/// What the API server answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The Pod would be stored, with this image.
    Admitted(String),
    /// It would not; the message.
    Refused(String),
}

impl Image {
    /// One that the policy changes in a namespace, and allows where it can be. It need not exist: nobody
    /// pulls it.
    pub(crate) fn of(policy: &Policy, namespace: &str) -> Option<Self> {
        let scope = policy.scope(namespace);
        let allowed = scope.allowed_texts().map(one_of);
        let served = policy.projects().iter().map(|project| one_of(project.registry()));
        let mut changed = allowed.chain(served).filter_map(|written| {
            let decision = scope.decide(&written);
            let is_allowed = matches!(decision.ruling, Ruling::Allowed(_));
            let through_harbor = decision.result.into_owned();
            (through_harbor != written).then_some((is_allowed, Self { written, through_harbor }))
        });
        let first = changed.next()?;
        if first.0 {
            return Some(first.1);
        }
        Some(changed.find(|(is_allowed, _)| *is_allowed).unwrap_or(first).1)
    }
}

/// An image that a pattern matches, as far as it is an ordinary one.
fn one_of(pattern: &str) -> String {
    let mut text = pattern.to_owned();
    while let Some((before, rest)) = text.split_once('{') {
        let Some((choices, after)) = rest.split_once('}') else { break };
        text = format!("{before}{}{after}", choices.split(',').next().unwrap_or_default());
    }
    let text = text.replace("@sha256:*", &format!("@sha256:{}", "0".repeat(64)));
    let mut text = text.replace("**", "harbor-pilot").replace(['*', '?'], "0");
    if !text.contains('/') {
        text.push_str("/harbor-pilot");
    }
    let has_end = text.rsplit('/').next().is_some_and(|last| last.contains([':', '@']));
    if has_end { text } else { format!("{text}:0") }
}

/// A Pod that the strictest of the Pod Security Standards lets pass.
pub(crate) fn pod(image: &Image) -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"generateName": "harbor-pilot-doctor-"},
        "spec": {
            "automountServiceAccountToken": false,
            "securityContext": {"runAsNonRoot": true, "seccompProfile": {"type": "RuntimeDefault"}},
            "containers": [{
                "name": "doctor",
                "image": image.written,
                "securityContext": {"allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]}},
                "resources": {"requests": {"cpu": "1m", "memory": "1Mi"}, "limits": {"cpu": "1m", "memory": "1Mi"}},
            }],
        },
    })
}

impl Doctor<'_> {
    pub(super) fn tried(&mut self) {
        let Some(tried) = &self.snapshot.tried else { return };
        let (Tried::LeftOut { namespace } | Tried::Pod { namespace, .. }) = tried;
        let about = format!("a Pod in {}", Shown::new(namespace));
        let Tried::Pod { image, outcome, .. } = tried else {
            return self.find(
                Level::Note,
                &about,
                "none was tried: the registrations leave the namespace out, by design",
                "Pods there run as they are written, and do not show whether we are called",
                "harbor-pilot doctor --try=NAMESPACE # one that is not left out",
            );
        };
        match outcome {
            Outcome::Admitted(image_of_pod) if *image_of_pod == image.through_harbor => {}
            Outcome::Admitted(image_of_pod) if let Some((why, seconds)) = self.awaited_names() => {
                // Unchanged, it may be as before, or nobody was asked.
                let level = if *image_of_pod == image.written { Level::Warning } else { Level::Note };
                self.find(
                    level,
                    &about,
                    format!(
                        "it would run {}, and {} after the change of the policy",
                        fit(image_of_pod, 200),
                        image.through_harbor
                    ),
                    &why,
                    format!("sleep {seconds}; harbor-pilot doctor --try={}", Shown::new(namespace)),
                );
            }
            Outcome::Admitted(image_of_pod) => self.find(
                Level::Error,
                &about,
                format!("it would run {}, and not {}", fit(image_of_pod, 200), image.through_harbor),
                "the API server did not call us, or went on where we did not answer: Pods run as they are written",
                "do what the other findings say; then try again",
            ),
            Outcome::Refused(message) if is_ours(message) => self.find(
                Level::Note,
                &about,
                format!("we refused it, as the policy says: {}", fit(message, 500)),
                "one of our webhooks is called; whether both are was not seen",
                "try a namespace where the policy allows an image that it changes: harbor-pilot doctor --try=NAMESPACE",
            ),
            Outcome::Refused(message) if is_failed_call(message) => {
                let (cause, fix) = self.behind(message);
                self.find(
                    Level::Error,
                    &about,
                    format!("it can't be created: {}", fit(message, 500)),
                    &format!("{cause}; no Pod can be created in any namespace that is not left out"),
                    fix,
                );
            }
            Outcome::Refused(message) => self.find(
                Level::Warning,
                &about,
                format!("it was refused, and not by us: {}", fit(message, 500)),
                "whether we are called could not be seen",
                "try another namespace: harbor-pilot doctor --try=NAMESPACE",
            ),
        }
    }

    /// Why names of before a change of the policy may still be written, and the seconds to wait.
    fn awaited_names(&self) -> Option<(String, u64)> {
        if let Some(seconds) = self.names_as_before_for() {
            return Some((format!("names are written as before for {seconds} s more"), seconds + 1));
        }
        let policy = InForce::of(self.snapshot).policy?;
        let mut replicas = self.snapshot.replicas.there().into_iter().flatten();
        let is_old =
            replicas.any(|replica| replica.said.status().is_some_and(|said| said.policy != policy.short_hash()));
        is_old.then(|| ("a replica has not taken up the policy that is written".to_owned(), KUBELET_TAKES))
    }
}

fn is_failed_call(message: &str) -> bool {
    message.contains("failed calling webhook") && message.contains(OURS)
}

/// Whether it is a denial of ours, which shows as well that we are called.
fn is_ours(message: &str) -> bool {
    let denial = message.strip_prefix("admission webhook \"").and_then(|rest| rest.split_once("\" denied the request"));
    denial.is_some_and(|(name, _)| name.ends_with(OURS))
}
