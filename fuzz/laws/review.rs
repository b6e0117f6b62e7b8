//! A body of any bytes is answered or refused. What is answered is JSON that `serde_json` reads
//! too, with the uid echoed; a patch applies, and reviewing the patched object again gives none;
//! what `/mutate` lets through, `/validate` lets through.

use harbor_pilot::{
    admission::{Policies, Webhook, review},
    policy::Policy,
};
use serde_json::Value;

pub fn law(data: &[u8]) {
    let reading = Policy::read("policies.yaml", harbor_pilot::policy::DEFAULT.as_bytes());
    let policy = reading.policy.expect("the default policy is whole");
    check(data, &policy);
}

/// The law under one policy.
pub fn check(body: &[u8], policy: &Policy) {
    let answer = |webhook, body: &[u8]| -> Option<Value> {
        let answer = review(webhook, body, Policies::only(policy)).ok()?;
        Some(serde_json::from_slice(&answer.body).expect("the answer is JSON"))
    };
    let Some(mutated) = answer(Webhook::Mutate, body) else {
        return;
    };
    let mut review: Value = serde_json::from_slice(body).expect("what is answered is JSON");
    let response = &mutated["response"];
    assert_eq!(mutated["apiVersion"], "admission.k8s.io/v1");
    assert_eq!(mutated["kind"], "AdmissionReview");
    assert_eq!(response["uid"], review["request"]["uid"]);
    let allowed = response["allowed"].as_bool().expect("allowed is said");
    assert_eq!(response.get("status").is_some(), !allowed);
    assert_eq!(response.get("patch").is_some(), response.get("patchType").is_some());
    if let Some(patch) = patch_of(response) {
        assert!(allowed);
        let before = review["request"]["object"].clone();
        json_patch::patch(&mut review["request"]["object"], &patch).expect("the patch applies");
        assert_eq!(without_ours(before), without_ours(review["request"]["object"].clone()), "only ours is changed");
        let again = answer(Webhook::Mutate, review.to_string().as_bytes()).expect("still a review");
        assert!(patch_of(&again["response"]).is_none(), "nothing is left to change: {again}");
        assert_eq!(again["response"]["allowed"], true);
    }
    let validated = answer(Webhook::Validate, review.to_string().as_bytes()).expect("still a review");
    assert!(validated["response"].get("patch").is_none());
    if allowed && !names_auto(&review) {
        assert_eq!(validated["response"]["allowed"], true, "what was let through is let through: {validated}");
    }
}

fn patch_of(response: &Value) -> Option<json_patch::Patch> {
    let patch = response.get("patch")?.as_str().expect("a string");
    let json = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, patch).expect("base64");
    Some(serde_json::from_slice(&json).expect("a JSONPatch"))
}

/// The object without what a patch may change.
fn without_ours(mut object: Value) -> Value {
    for list in ["containers", "initContainers", "ephemeralContainers", "volumes"] {
        let entries = object.pointer_mut(&format!("/spec/{list}")).and_then(Value::as_array_mut);
        for entry in entries.into_iter().flatten().filter_map(Value::as_object_mut) {
            if list == "volumes" {
                if let Some(image) = entry.get_mut("image").and_then(Value::as_object_mut) {
                    image.remove("reference");
                }
            } else {
                entry.remove("image");
            }
        }
    }
    if let Some(spec) = object.get_mut("spec").and_then(Value::as_object_mut) {
        spec.remove("imagePullSecrets");
    }
    let empty = Value::Object(serde_json::Map::new());
    if let Some(root) = object.as_object_mut() {
        if root.get("metadata").is_none_or(Value::is_null) {
            root.insert("metadata".to_owned(), empty.clone());
        }
        if let Some(metadata) = root.get_mut("metadata").and_then(Value::as_object_mut) {
            if metadata.get("annotations").is_none_or(Value::is_null) {
                metadata.insert("annotations".to_owned(), empty);
            }
            if let Some(annotations) = metadata.get_mut("annotations").and_then(Value::as_object_mut) {
                annotations.remove("harbor-pilot.io/original-images");
            }
        }
    }
    object
}

/// `auto` is left alone by `/mutate`, and is a name like any other to `/validate`.
fn names_auto(review: &Value) -> bool {
    review.to_string().contains("\"auto\"")
}
