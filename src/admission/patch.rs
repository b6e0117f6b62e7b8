//! The `JSONPatch` (RFC 6902) of a Pod: one `replace` per image at its exact pointer, and on
//! CREATE pull secrets and one annotation. Every pointer comes from the very bytes that were read,
//! so the patch applies: one that does not rejects the request whatever the failurePolicy is.

use serde_json::{Map, Value};

use super::{
    object::{ORIGINAL_IMAGES, ORIGINAL_IMAGES_IN_POINTER, Object, Presence},
    request::{Operation, Request},
    string::{push_object, push_string},
};
use crate::{judge::Finding, workload::List};

/// The most bytes of the annotation's value; a longer one is left out.
const ANNOTATION: usize = 8 << 10;

/// What most entries of the annotation need, to set room aside.
const ENTRY: usize = 128;

/// The most bytes of all annotations of an object (apimachinery `TotalAnnotationSizeLimitB`).
const ANNOTATIONS: usize = 256 << 10;

/// `None` where there is nothing to change.
pub(super) fn of(request: &Request<'_>, object: &Object<'_>, findings: &[Finding<'_, '_>]) -> Option<String> {
    let mut patch = Patch { json: String::with_capacity(1 << 10) };
    patch.json.push('[');
    let stays = |finding: &Finding<'_, '_>| {
        // The API server refuses any change of a stored Pod's volumes.
        let fixed = request.operation == Operation::Update && finding.image.list == List::Volumes;
        fixed || finding.decision.is_at_rest()
    };
    let changed: Vec<&Finding<'_, '_>> = findings.iter().filter(|finding| !stays(finding)).collect();
    for finding in &changed {
        patch.replace_image(finding);
    }
    if request.operation == Operation::Create && request.subresource.is_empty() {
        patch.add_pull_secrets(object, findings);
        patch.add_annotation(object, &changed);
    }
    patch.finish()
}

struct Patch {
    json: String,
}

impl Patch {
    fn replace_image(&mut self, finding: &Finding<'_, '_>) {
        let image = finding.image;
        let index = image.index.to_string();
        let entry = ["spec", image.list.key(), &index];
        self.begin("replace", entry.into_iter().chain(image.list.image_path().iter().copied()));
        push_string(&mut self.json, &finding.decision.result);
        self.json.push('}');
    }

    /// Behind the secrets that are there, none of them twice.
    fn add_pull_secrets(&mut self, object: &Object<'_>, findings: &[Finding<'_, '_>]) {
        let mut missing: Vec<&str> = Vec::new();
        for secret in findings.iter().filter_map(|finding| finding.decision.project?.pull_secret()) {
            if !missing.contains(&secret) && !object.pull_secrets.names.iter().any(|name| name == secret) {
                missing.push(secret);
            }
        }
        if missing.is_empty() {
            return;
        }
        match object.pull_secrets.presence {
            Presence::Absent => {
                self.begin("add", ["spec", "imagePullSecrets"]);
                self.json.push('[');
                for (count, secret) in missing.iter().enumerate() {
                    if count > 0 {
                        self.json.push(',');
                    }
                    self.push_secret(secret);
                }
                self.json.push_str("]}");
            }
            Presence::Present => {
                for secret in missing {
                    self.begin("add", ["spec", "imagePullSecrets", "-"]);
                    self.push_secret(secret);
                    self.json.push('}');
                }
            }
        }
    }

    fn push_secret(&mut self, name: &str) {
        self.json.push_str("{\"name\":");
        push_string(&mut self.json, name);
        self.json.push('}');
    }

    /// What was written before, for people; it is never read for a decision.
    fn add_annotation(&mut self, object: &Object<'_>, changed: &[&Finding<'_, '_>]) {
        if changed.is_empty() {
            return;
        }
        let annotations = &object.metadata.annotations;
        let value = match annotations.original_images.as_deref().and_then(|known| serde_json::from_str(known).ok()) {
            Some(known) => merged(known, changed),
            None => originals(changed),
        };
        if value.len() > ANNOTATION || annotations.bytes + ORIGINAL_IMAGES.len() + value.len() > ANNOTATIONS {
            return;
        }
        match (object.metadata.presence, annotations.presence) {
            (Presence::Absent, _) => {
                self.begin("add", ["metadata"]);
                self.json.push_str("{\"annotations\":");
                push_object(&mut self.json, [(ORIGINAL_IMAGES, value.as_str())]);
                self.json.push_str("}}");
            }
            (Presence::Present, Presence::Absent) => {
                self.begin("add", ["metadata", "annotations"]);
                push_object(&mut self.json, [(ORIGINAL_IMAGES, value.as_str())]);
                self.json.push('}');
            }
            (Presence::Present, Presence::Present) => {
                self.begin("add", ["metadata", "annotations", ORIGINAL_IMAGES_IN_POINTER]);
                push_string(&mut self.json, &value);
                self.json.push('}');
            }
        }
    }

    /// An operation up to its value. What its path goes by is made of our own keys and numbers:
    /// nothing in it is escaped.
    fn begin<'k>(&mut self, operation: &str, path: impl IntoIterator<Item = &'k str>) {
        if self.json.len() > 1 {
            self.json.push(',');
        }
        self.json.push_str("{\"op\":\"");
        self.json.push_str(operation);
        self.json.push_str("\",\"path\":\"");
        for key in path {
            self.json.push('/');
            self.json.push_str(key);
        }
        self.json.push_str("\",\"value\":");
    }

    fn finish(mut self) -> Option<String> {
        if self.json.len() == 1 {
            return None;
        }
        self.json.push(']');
        Some(self.json)
    }
}

/// What was written before, by [`key`], as JSON with its keys in order.
fn originals(changed: &[&Finding<'_, '_>]) -> String {
    let mut originals: Vec<(String, &str)> =
        changed.iter().map(|finding| (key(finding), finding.image.reference)).collect();
    // Of two entries that are called the same the last one counts, as in a map.
    originals.reverse();
    originals.sort_by(|(one, _), (other, _)| one.cmp(other));
    originals.dedup_by(|(next, _), (one, _)| next == one);
    let mut json = String::with_capacity((ENTRY * originals.len()).min(ANNOTATION));
    push_object(&mut json, originals.iter().map(|(key, reference)| (key.as_str(), *reference)));
    json
}

/// The same, added to what an earlier patch left.
fn merged(mut known: Map<String, Value>, changed: &[&Finding<'_, '_>]) -> String {
    for finding in changed {
        known.insert(key(finding), Value::from(finding.image.reference));
    }
    // A map of texts can always be written.
    serde_json::to_string(&known).unwrap_or_default()
}

/// `list/name`; where an entry has no name, its place.
fn key(finding: &Finding<'_, '_>) -> String {
    let image = finding.image;
    let list: List = image.list;
    if image.name.is_empty() {
        format!("{}/{}", list.key(), image.index)
    } else {
        [list.key(), "/", image.name].concat()
    }
}
