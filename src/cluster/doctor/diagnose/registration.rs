//! Whether the registrations are those that ought to be there.

use serde_json::Value;

use super::{
    Doctor,
    expected::Expected,
    snapshot::{InstalledBy, Seen, Webhook},
};
use crate::{
    diagnosis::Level,
    escape::{Shown, fit},
};

/// What a field of a webhook that is not as it ought to be leads to.
const FIELDS: &[(&str, Level, &str)] = &[
    ("admissionReviewVersions", Level::Error, "the API server sends what is not understood"),
    ("matchConditions", Level::Error, "other Pods than those of nodes themselves are not looked at, or none is"),
    ("matchPolicy", Level::Error, "objects of another version of the API are not looked at"),
    ("objectSelector", Level::Error, "whoever may label a Pod takes it out"),
    (
        "reinvocationPolicy",
        Level::Warning,
        "containers that another webhook adds later are not rewritten, but rejected",
    ),
    ("rules", Level::Error, "Pods are stored without being looked at, or objects without images wait for an answer"),
    ("service", Level::Error, "the API server calls somebody else, or nobody"),
    ("sideEffects", Level::Warning, "dry runs, such as those of `kubectl diff`, are refused"),
    (
        "timeoutSeconds",
        Level::Warning,
        "a replica that hangs holds up each request for longer, or a slow one is given up",
    ),
    ("url", Level::Error, "the API server calls somebody else"),
];

impl Doctor<'_> {
    pub(super) fn registrations(&mut self, expected: &Expected) {
        let snapshot = self.snapshot;
        self.configuration("MutatingWebhookConfiguration", &snapshot.mutating, &expected.mutating);
        self.configuration("ValidatingWebhookConfiguration", &snapshot.validating, &expected.validating);
    }

    fn configuration(&mut self, kind: &str, seen: &Seen<Vec<Webhook>>, expected: &[Webhook]) {
        let webhooks = match seen {
            Seen::There(webhooks) => webhooks,
            Seen::Missing => {
                let fix = match self.installed_by() {
                    Some(InstalledBy::Files) => self.put_back(),
                    _ => self.set("registration.enabled=true"),
                };
                self.find(
                    Level::Error,
                    "registration",
                    format!("there is no {kind} `harbor-pilot`"),
                    "the API server does not call us: Pods run as they are written, allowed or not",
                    fix,
                );
                return;
            }
            Seen::Unknown => return,
        };
        for wanted in expected {
            if let Some(webhook) = webhooks.iter().find(|webhook| webhook.name == wanted.name) {
                self.webhook(webhook, wanted);
            } else {
                let what = format!("the {kind} has no webhook `{}`", wanted.name);
                self.find(Level::Error, "registration", what, "the API server does not ask it", self.put_back());
            }
        }
        for stranger in webhooks.iter().filter(|webhook| expected.iter().all(|wanted| wanted.name != webhook.name)) {
            self.find(
                Level::Warning,
                &about(stranger),
                "it is none that this version knows",
                "it may send what is not understood, and hold up what waits for the answer",
                format!(
                    "kubectl edit {} harbor-pilot, and remove it, unless a newer version made it",
                    kind.to_lowercase()
                ),
            );
        }
    }

    fn webhook(&mut self, webhook: &Webhook, expected: &Webhook) {
        let null = Value::Null;
        for (field, level, why) in FIELDS {
            let (found, wanted) = [webhook, expected].map(|of| of.fields.get(*field).unwrap_or(&null)).into();
            if found != wanted {
                let fix = self.put_back();
                let shown = |value: &Value| fit(&value.to_string(), 300);
                let what = format!("its `{field}` is {}, and ought to be {}", shown(found), shown(wanted));
                self.find(*level, &about(webhook), what, why, fix);
            }
        }
        // The selectors of the others differ from one installation to the next.
        let selector = "namespaceSelector";
        let by_labels = expected.fields.get(selector).is_some_and(|selector| selector["matchLabels"].is_object());
        if by_labels && webhook.fields.get(selector) != expected.fields.get(selector) {
            let fix = self.put_back();
            self.find(
                Level::Warning,
                &about(webhook),
                format!("its `{selector}` does not name our own namespace alone"),
                "a broken policy is not refused when it is applied",
                fix,
            );
        }
        self.failure_policy(webhook, expected);
    }

    /// The chart lets an admin choose, where something waits for the answer.
    fn failure_policy(&mut self, webhook: &Webhook, expected: &Webhook) {
        let policy = |webhook: &Webhook| webhook.fields.get("failurePolicy").cloned().unwrap_or_default();
        let (found, wanted) = (policy(webhook), policy(expected));
        if found == wanted {
            return;
        }
        let what = format!("its failurePolicy is {}", Shown::new(found.as_str().unwrap_or("none")));
        if wanted == "Ignore" {
            let fix = self.put_back();
            let why = "what only informs, holds up the cluster while no replica answers";
            self.find(Level::Warning, &about(webhook), what, why, fix);
        } else if webhook.name.contains(".mutate.") {
            self.find(
                Level::Note,
                &about(webhook),
                what,
                "while no replica answers, Pods come unchanged to the validating one, which says whether they may",
                format!("# nothing, if that was chosen; else:\n{}", self.set("registration.mutate.failurePolicy=Fail")),
            );
        } else {
            self.find(
                Level::Warning,
                &about(webhook),
                what,
                "while no replica answers, Pods run as they are written, allowed or not",
                format!(
                    "# nothing, if running any image beats running none; else:\n{}",
                    self.set("registration.validate.failurePolicy=Fail")
                ),
            );
        }
    }
}

pub(super) fn about(webhook: &Webhook) -> String {
    format!("webhook {}", Shown::new(&webhook.name))
}
