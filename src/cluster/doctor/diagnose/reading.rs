//! The API server's JSON, as far as a doctor looks at it.

use std::collections::{BTreeMap, BTreeSet};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::snapshot::{CertificatesBy, Deployment, Endpoint, InstalledBy, ReplicaState, Webhook};
use crate::cluster::registration::OURS;

/// The webhooks of a configuration that are ours.
pub(crate) fn webhooks(configuration: &Value) -> Vec<Webhook> {
    let webhooks = configuration["webhooks"].as_array().into_iter().flatten();
    webhooks
        .filter_map(|webhook| {
            let name = webhook["name"].as_str().filter(|name| name.ends_with(OURS))?.to_owned();
            let client = &webhook["clientConfig"];
            let bundle = client["caBundle"].as_str().unwrap_or_default();
            let bundle = STANDARD.decode(bundle).unwrap_or_default();
            let mut fields = defaults();
            let own = webhook.as_object().into_iter().flatten();
            fields.extend(own.map(|(key, value)| (key.clone(), value.clone())));
            fields.remove("name");
            fields.remove("clientConfig");
            fields.insert("service".to_owned(), client["service"].clone());
            fields.insert("url".to_owned(), client["url"].clone());
            fields.values_mut().for_each(written_out);
            Some(Webhook { name, bundle, fields })
        })
        .collect()
}

/// What the API server writes where nothing is said.
fn defaults() -> BTreeMap<String, Value> {
    let defaults = [
        ("failurePolicy", json!("Fail")),
        ("matchConditions", json!([])),
        ("matchPolicy", json!("Equivalent")),
        ("namespaceSelector", json!({})),
        ("objectSelector", json!({})),
        ("reinvocationPolicy", json!("Never")),
        ("rules", json!([])),
        ("timeoutSeconds", json!(10)),
    ];
    defaults.map(|(key, value)| (key.to_owned(), value)).into()
}

/// One form for what means the same: lists of words in order, blanks of expressions as one, and the
/// API server's defaults inside rules and policies.
pub(super) fn written_out(value: &mut Value) {
    match value {
        Value::Array(items) => {
            items.iter_mut().for_each(written_out);
            if items.iter().all(Value::is_string) {
                items.sort_by(|a, b| a.as_str().cmp(&b.as_str()));
            }
        }
        Value::Object(members) => {
            members.values_mut().for_each(written_out);
            if let Some(Value::String(expression)) = members.get_mut("expression") {
                *expression = expression.split_whitespace().collect::<Vec<_>>().join(" ");
            }
            if members.contains_key("resources") && members.contains_key("operations") {
                members.entry("scope").or_insert_with(|| "*".into());
            }
            if members.contains_key("resourceRules") {
                members.entry("matchPolicy").or_insert_with(|| "Equivalent".into());
                members.entry("namespaceSelector").or_insert_with(|| json!({}));
                members.entry("objectSelector").or_insert_with(|| json!({}));
            }
        }
        _ => {}
    }
}

/// The names of a list's objects.
pub(crate) fn names(list: &Value) -> BTreeSet<String> {
    all_at(list, &["metadata", "name"])
}

/// The namespaces of a list's objects.
pub(crate) fn namespaces_of(list: &Value) -> BTreeSet<String> {
    all_at(list, &["metadata", "namespace"])
}

fn all_at(list: &Value, path: &[&str]) -> BTreeSet<String> {
    let at = |item: &Value| path.iter().fold(item.clone(), |value, key| value[*key].clone());
    items(list).iter().filter_map(|item| at(item).as_str().map(str::to_owned)).collect()
}

pub(crate) fn items(list: &Value) -> &[Value] {
    list["items"].as_array().map_or(&[], Vec::as_slice)
}

pub(crate) fn deployment(value: &Value) -> Deployment {
    let annotations = &value["metadata"]["annotations"];
    let container = &value["spec"]["template"]["spec"]["containers"][0];
    let arguments = container["args"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let shared = arguments.into_iter().any(|argument| argument.starts_with("--tls-secret"));
    Deployment {
        wanted: value["spec"]["replicas"].as_i64().unwrap_or(1),
        image: container["image"].as_str().unwrap_or_default().to_owned(),
        certificates: if shared { CertificatesBy::Replicas } else { CertificatesBy::Others },
        installed_by: match annotations["meta.helm.sh/release-name"].as_str() {
            Some(release) => InstalledBy::Helm { release: release.to_owned() },
            None => InstalledBy::Files,
        },
    }
}

/// Whether a Pod is on its way out.
pub(crate) fn goes(pod: &Value) -> bool {
    pod["metadata"]["deletionTimestamp"].is_string()
}

pub(crate) fn labels(pod: &Value) -> BTreeMap<String, String> {
    let labels = pod["metadata"]["labels"].as_object().into_iter().flatten();
    labels.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned()))).collect()
}

/// The ports of a Pod's containers that have names.
pub(crate) fn ports(pod: &Value) -> BTreeMap<String, u64> {
    let containers = pod["spec"]["containers"].as_array().into_iter().flatten();
    let ports = containers.flat_map(|container| container["ports"].as_array().into_iter().flatten());
    ports.filter_map(|port| Some((port["name"].as_str()?.to_owned(), port["containerPort"].as_u64()?))).collect()
}

pub(crate) fn state(pod: &Value) -> ReplicaState {
    let status = &pod["status"];
    let conditions = status["conditions"].as_array().into_iter().flatten();
    if conditions.clone().any(|condition| condition["type"] == "Ready" && condition["status"] == "True") {
        return ReplicaState::Ready;
    }
    let all = ["initContainerStatuses", "containerStatuses"];
    let statuses = all.iter().flat_map(|list| status[*list].as_array().into_iter().flatten());
    let waiting = statuses.map(|container| &container["state"]["waiting"]).find(|waiting| waiting.is_object());
    // Without a node, the scheduler says why.
    let unscheduled = conditions.into_iter().find(|condition| condition["status"] == "False");
    let why = waiting.or(unscheduled).map(|why| {
        let said = [&why["reason"], &why["message"]].map(|text| text.as_str().unwrap_or_default());
        said.join(": ").trim_matches([':', ' ']).to_owned()
    });
    let why = why.filter(|why| !why.is_empty());
    ReplicaState::NotReady(why.unwrap_or_else(|| status["phase"].as_str().unwrap_or("unknown").to_owned()))
}

/// Where the API servers listen, by the `EndpointSlice` of the Service `kubernetes`.
pub(crate) fn endpoints(slice: &Value) -> Vec<Endpoint> {
    let port = slice["ports"][0]["port"].as_u64().and_then(|port| u16::try_from(port).ok());
    let endpoints = slice["endpoints"].as_array().into_iter().flatten();
    let addresses = endpoints.flat_map(|endpoint| endpoint["addresses"].as_array().into_iter().flatten());
    addresses.filter_map(|address| Some(Endpoint { address: address.as_str()?.parse().ok()?, port: port? })).collect()
}
