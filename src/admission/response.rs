//! The answer, as the API server verifies it: uid and kind echoed, `patch` and `patchType` together
//! or neither, `status` with a denial alone.

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::{
    string::{push_object, push_string},
    verdict::{Decision, Verdict},
};

/// The answer as JSON, in one buffer.
pub(super) fn write(uid: &str, verdict: &Verdict<'_, '_>) -> Vec<u8> {
    let patch = match &verdict.decision {
        Decision::Patched(patch) => base64::encoded_len(patch.len(), true).unwrap_or_default(),
        _ => 0,
    };
    let mut json = String::with_capacity(512 + patch);
    json.push_str(r#"{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","response":{"uid":"#);
    push_string(&mut json, uid);
    match &verdict.decision {
        Decision::Ignored(_) | Decision::Admitted => json.push_str(r#","allowed":true"#),
        Decision::Patched(patch) => {
            json.push_str(r#","allowed":true,"patchType":"JSONPatch","patch":""#);
            STANDARD.encode_string(patch, &mut json);
            json.push('"');
        }
        Decision::Denied(message) => {
            json.push_str(r#","allowed":false,"status":{"status":"Failure","message":"#);
            push_string(&mut json, message);
            json.push_str(r#","reason":"Forbidden","code":403}"#);
        }
    }
    if !verdict.warnings.is_empty() {
        json.push_str(r#","warnings":["#);
        for (count, warning) in verdict.warnings.iter().enumerate() {
            if count > 0 {
                json.push(',');
            }
            push_string(&mut json, warning);
        }
        json.push(']');
    }
    if !verdict.annotations.is_empty() {
        json.push_str(r#","auditAnnotations":"#);
        push_object(&mut json, verdict.annotations.iter().map(|(key, value)| (*key, value.as_str())));
    }
    json.push_str("}}");
    json.into_bytes()
}
