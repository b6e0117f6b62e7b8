//! What ought to be registered: exactly what `deploy/kustomize` says, which a proof holds to be what
//! the chart gives.

use serde_json::{Map, Value};

use super::{
    reading::{self, written_out},
    snapshot::Webhook,
};
use crate::yaml::{Content, Core, Limits, Node, Stream};

const REGISTRATION: &str = include_str!("../../../../deploy/kustomize/base/registration.yaml");
const RIGHTS: &str = include_str!("../../../../deploy/kustomize/self-managed/rights.yaml");
const LIMITS: Limits = Limits { bytes: 1 << 16, depth: 32, nodes: 4096 };

/// What ought to be there, for the program in one namespace.
pub(super) struct Expected {
    pub(super) mutating: Vec<Webhook>,
    pub(super) validating: Vec<Webhook>,
    /// `spec` of the policy that guards `caBundle`, and of its binding.
    pub(super) guard: Value,
    pub(super) guard_binding: Value,
}

impl Expected {
    pub(super) fn in_namespace(namespace: &str) -> Self {
        let (registration, rights) = (documents(REGISTRATION), documents(RIGHTS));
        let webhooks = |kind: &str| {
            let mut webhooks = reading::webhooks(of_kind(&registration, kind));
            for webhook in &mut webhooks {
                move_to(namespace, webhook);
            }
            webhooks
        };
        let mut guard = of_kind(&rights, "ValidatingAdmissionPolicy")["spec"].clone();
        written_out(&mut guard);
        let condition = &mut guard["matchConditions"][0]["expression"];
        if let Some(text) = condition.as_str() {
            *condition = text.replace(":harbor-pilot:", &format!(":{namespace}:")).into();
        }
        let mut guard_binding = of_kind(&rights, "ValidatingAdmissionPolicyBinding")["spec"].clone();
        written_out(&mut guard_binding);
        Self {
            mutating: webhooks("MutatingWebhookConfiguration"),
            validating: webhooks("ValidatingWebhookConfiguration"),
            guard,
            guard_binding,
        }
    }
}

/// The files are for a namespace of our name.
fn move_to(namespace: &str, webhook: &mut Webhook) {
    if let Some(service) = webhook.fields.get_mut("service") {
        service["namespace"] = namespace.into();
    }
    if let Some(selector) = webhook.fields.get_mut("namespaceSelector")
        && let Some(labels) = selector["matchLabels"].as_object_mut()
    {
        labels.values_mut().for_each(|value| *value = namespace.into());
    }
}

fn of_kind<'d>(documents: &'d [Value], kind: &str) -> &'d Value {
    documents.iter().find(|document| document["kind"] == kind).unwrap_or(&Value::Null)
}

/// Files of our own: a unit test reads them.
fn documents(text: &str) -> Vec<Value> {
    let stream = Stream::parse(text.as_bytes(), LIMITS);
    stream.map(|stream| stream.documents.iter().map(|document| json(&document.root)).collect()).unwrap_or_default()
}

fn json(node: &Node<'_>) -> Value {
    match &node.content {
        Content::Scalar(scalar) => match scalar.core() {
            Core::Null => Value::Null,
            Core::Bool(value) => value.into(),
            Core::Integer(value) => value.into(),
            Core::Float | Core::String => scalar.value.as_ref().into(),
        },
        Content::Sequence(items) => items.iter().map(json).collect(),
        Content::Mapping(pairs) => {
            let pairs = pairs.iter().map(|(key, value)| match &key.content {
                Content::Scalar(key) => (key.value.clone().into_owned(), json(value)),
                _ => (String::new(), Value::Null),
            });
            Value::Object(pairs.collect::<Map<_, _>>())
        }
        Content::Alias { .. } => Value::Null,
    }
}
