//! A change of the `ConfigMap` that holds the policy: would a replica take it? Told to whoever makes
//! the change; replicas that are not asked keep the policy that they have.

use serde_json::{Value, json};

use crate::{
    escape::fit,
    policy::{Policy, diagnostic::Style},
};

/// The key of the `ConfigMap` under which a replica finds the policy.
const KEY: &str = "policies.yaml";
/// As much of the findings as kubectl shows on some screens.
const MOST: usize = 8 << 10;

/// What came of an edit.
#[derive(Debug)]
pub struct EditAnswer {
    /// An `AdmissionReview` with its response, as JSON.
    pub body: Vec<u8>,
    /// What is wrong with the policy, where it was refused.
    pub refused: Option<String>,
}

/// Answers a review of the `ConfigMap` that holds the policy.
///
/// # Errors
///
/// A body that is no `AdmissionReview` of `admission.k8s.io/v1` with an object.
pub fn review_edit(body: &[u8]) -> Result<EditAnswer, String> {
    let review: Value = serde_json::from_slice(body).map_err(|error| {
        format!("expected an AdmissionReview, but found other text: {}", fit(&error.to_string(), 200))
    })?;
    let request = &review["request"];
    let uid = request["uid"].as_str().unwrap_or_default();
    if review["apiVersion"] != "admission.k8s.io/v1" || uid.is_empty() || !request["object"].is_object() {
        return Err("expected an AdmissionReview of admission.k8s.io/v1 with a uid and an object".to_owned());
    }
    let refused = broken(&request["object"]["data"]).map(|why| {
        format!("harbor-pilot: no replica would take this policy, and each would keep the one that it has\n{why}")
    });
    let mut response = json!({"uid": uid, "allowed": refused.is_none()});
    if let Some(message) = &refused {
        response["status"] = json!({"status": "Failure", "reason": "Invalid", "code": 422, "message": message});
    }
    let answer = json!({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "response": response});
    Ok(EditAnswer { body: answer.to_string().into_bytes(), refused })
}

fn broken(data: &Value) -> Option<String> {
    let Some(text) = data[KEY].as_str() else {
        return Some(format!("expected the policy under the key `{KEY}`, but found none"));
    };
    let reading = Policy::read(KEY, text.as_bytes());
    if reading.policy.is_some() {
        return None;
    }
    let mut findings = reading.render(Style::Plain).trim_end().to_owned();
    if findings.len() > MOST {
        findings.truncate(findings.floor_char_boundary(MOST));
        findings.push_str("\n… `harbor-pilot policy check` shows all of it");
    }
    Some(findings)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::DEFAULT;

    fn answer(data: &Value) -> Value {
        let review = json!({
            "apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
            "request": {"uid": "u", "operation": "UPDATE", "object": {"kind": "ConfigMap", "data": data}},
        });
        let answer = review_edit(review.to_string().as_bytes()).expect("an answer");
        let body: Value = serde_json::from_slice(&answer.body).expect("JSON");
        assert_eq!(body["response"]["uid"], "u");
        assert_eq!(body["response"]["status"]["message"].as_str(), answer.refused.as_deref());
        body["response"].clone()
    }

    #[test]
    fn a_policy_that_replicas_take_may_be_stored() {
        let response = answer(&json!({"policies.yaml": DEFAULT, "notes": "x"}));
        assert_eq!(response, json!({"uid": "u", "allowed": true}));
    }

    #[test]
    fn a_broken_one_is_refused_with_its_place_and_its_help() {
        let response = answer(&json!({"policies.yaml": "apiVersion: harbor-pilot.io/v1\nkind: Policy\nharbour: x\n"}));
        assert_eq!(response["allowed"], false);
        assert_eq!(response["status"]["code"], 422);
        let message = response["status"]["message"].as_str().expect("a message");
        for part in ["policies.yaml:3:1", "harbour", "= help: "] {
            assert!(message.contains(part), "{part}: {message}");
        }
    }

    #[test]
    fn none_at_all_is_refused_too() {
        for data in [json!(null), json!({}), json!({"policy.yaml": DEFAULT})] {
            let message = answer(&data)["status"]["message"].to_string();
            assert!(message.contains("expected the policy under the key `policies.yaml`"), "{message}");
        }
    }

    #[test]
    fn many_findings_are_cut() {
        let many = "é: x\n".repeat(10_000);
        let message = answer(&json!({"policies.yaml": many}))["status"]["message"].to_string();
        assert!(message.len() < MOST + 4096, "{}", message.len());
    }

    #[test]
    fn what_is_no_review_is_an_error() {
        for body in ["", "x", "{}", "[]", r#"{"apiVersion":"admission.k8s.io/v1","request":{"uid":"u"}}"#] {
            review_edit(body.as_bytes()).expect_err(body);
        }
    }
}
