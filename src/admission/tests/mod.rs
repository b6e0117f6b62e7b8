//! What is answered, case by case.

mod cases;
mod reading;
mod skipping;

use serde_json::{Value, json};

use super::{Policies, Webhook, review};
use crate::policy::Policy;

fn policy(lines: &str) -> Policy {
    let text = format!(
        "apiVersion: harbor-pilot.io/v1\nkind: Policy\nharbor: harbor.test\ncontact: '#registry'\nproxies:\n  \
         - {{registry: nvcr.io, project: nv, pullSecret: harbor-nv}}\n  - {{registry: docker.io, project: hub}}\n{lines}"
    );
    let reading = Policy::read("policies.yaml", text.as_bytes());
    let drawn = reading.render(crate::policy::diagnostic::Style::Plain);
    reading.policy.unwrap_or_else(|| panic!("{drawn}"))
}

/// A CREATE of this Pod by a user.
fn create(metadata: Value, spec: Value) -> Value {
    json!({
        "apiVersion": "admission.k8s.io/v1",
        "kind": "AdmissionReview",
        "request": {
            "uid": "u-1",
            "kind": {"group": "", "version": "v1", "kind": "Pod"},
            "namespace": "default",
            "operation": "CREATE",
            "userInfo": {"username": "me", "groups": ["system:authenticated"]},
            "object": {"kind": "Pod", "apiVersion": "v1", "metadata": metadata, "spec": spec},
            "oldObject": null,
            "dryRun": false,
        },
    })
}

/// The same as an UPDATE of a Pod with another spec.
fn update(old: Value, new: Value) -> Value {
    let mut review = create(json!({"name": "p"}), new);
    review["request"]["operation"] = json!("UPDATE");
    review["request"]["oldObject"] = json!({"kind": "Pod", "apiVersion": "v1", "metadata": {"name": "p"}, "spec": old});
    review
}

fn containers(images: &[&str]) -> Value {
    let entries: Vec<Value> =
        images.iter().enumerate().map(|(index, image)| json!({"name": format!("c{index}"), "image": image})).collect();
    json!({ "containers": entries })
}

/// The response, its patch decoded.
fn answer(policy: &Policy, webhook: Webhook, request: &Value) -> Value {
    let body = request.to_string();
    let answer =
        review(webhook, body.as_bytes(), Policies::only(policy)).unwrap_or_else(|error| panic!("{error}\n{body}"));
    let mut response = serde_json::from_slice::<Value>(&answer.body).expect("JSON")["response"].clone();
    if let Some(patch) = response.get("patch") {
        let json =
            base64::Engine::decode(&base64::engine::general_purpose::STANDARD, patch.as_str().expect("a string"));
        response["patch"] = serde_json::from_slice(&json.expect("base64")).expect("JSON");
    }
    response
}

fn patch(policy: &Policy, request: &Value) -> Value {
    answer(policy, Webhook::Mutate, request)["patch"].clone()
}

fn message(response: &Value) -> &str {
    response["status"]["message"].as_str().expect("a denial")
}
