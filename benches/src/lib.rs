//! What is measured: reviews and policies of a given size. And how instructions are counted.

pub mod valgrind;

use std::fmt::Write as _;

use harbor_pilot::policy::Policy;
use serde_json::{Value, json};

/// The GPU Operator's Pod as its `ReplicaSet` creates it, with `managedFields` and all.
const GPU_OPERATOR: &str = include_str!("../../tests/fixtures/reviews/gpu-operator-create.json");

/// The size of that Pod's review with all its fields, and so of the usual review here.
pub const USUAL: usize = 14 * 1024;

/// The bytes of a variable, with its comma.
const VARIABLE: usize = 64;

/// A review of a Pod with so many containers, brought to so many bytes (or more, where the
/// containers alone are more) by environment variables of the first one.
pub fn create(containers: usize, bytes: usize) -> Value {
    let mut review: Value = serde_json::from_str(GPU_OPERATOR).expect("JSON");
    let spec = &mut review["request"]["object"]["spec"];
    spec["initContainers"] = Value::Null;
    let container = spec["containers"][0].clone();
    let numbered = |index: usize| {
        let mut container = container.clone();
        container["name"] = json!(format!("container-{index}"));
        container["image"] = json!(format!("nvcr.io/nvidia/cloud-native/component-{index}:v1.{index}.0"));
        container
    };
    spec["containers"] = (0..containers).map(numbered).collect();
    let spare = bytes.saturating_sub(review.to_string().len());
    let variables = (0..spare / VARIABLE)
        .map(|number| json!({"name": format!("VARIABLE_{number:05}"), "value": "with a value of some length"}));
    let first = &mut review["request"]["object"]["spec"]["containers"][0];
    let mut environment = first["env"].as_array().cloned().unwrap_or_default();
    environment.extend(variables);
    first["env"] = Value::Array(environment);
    review
}

/// A review of about a kilobyte: a Pod as a person writes it.
pub fn small() -> Value {
    let mut review = create(1, 0);
    let object = &mut review["request"]["object"];
    object["metadata"] = json!({"name": "small", "namespace": "default"});
    let container = json!({"name": "main", "image": "nvcr.io/nvidia/driver:550"});
    object["spec"] = json!({"containers": [container]});
    review
}

/// The usual review, as `/validate` sees it after the images were rewritten.
pub fn at_rest() -> Value {
    let text = create(3, USUAL).to_string().replace("\"nvcr.io/", "\"harbor.potus.local/nvidiaio/");
    serde_json::from_str(&text).expect("JSON")
}

/// The same Pod, changed in a label.
pub fn update(mut review: Value) -> Value {
    let request = &mut review["request"];
    request["operation"] = json!("UPDATE");
    request["oldObject"] = request["object"].clone();
    request["object"]["metadata"]["labels"]["changed"] = json!("yes");
    review
}

/// The review with an image that the default policy does not allow.
pub fn denied(mut review: Value) -> Value {
    review["request"]["object"]["spec"]["containers"][0]["image"] = json!("gcr.io/example/app:1");
    review
}

/// A policy, from a text that has no errors.
pub fn compiled(text: &str) -> Policy {
    Policy::read("policies.yaml", text.as_bytes()).policy.expect("a policy")
}

/// Kinds of patterns, each with an entry of that number.
#[derive(Clone, Copy, Debug)]
pub enum Entry {
    Literal,
    Prefix,
    Glob,
    Braces,
    Domain,
    Tag,
    Inner,
    Regex,
}

/// A policy with so many entries of that kind in `allow`, behind what the reviews have.
pub fn policy(entry: Entry, count: usize) -> String {
    let mut text = String::from(
        "apiVersion: harbor-pilot.io/v1\nkind: Policy\nharbor: harbor.example\nproxies:\n  \
         - {registry: nvcr.io, project: nvidia}\nallow:\n  - docker.io/**\n  - nvcr.io/nvidia/**\n",
    );
    for number in 0..count {
        let pattern = match entry {
            Entry::Literal => format!("nvcr.io/team-{}/app-{number}", number % 100),
            Entry::Prefix => format!("nvcr.io/team-{number}/**"),
            Entry::Glob => format!("nvcr.io/team-{number}/app-*-x?"),
            Entry::Braces => format!("nvcr.io/team-{number}/{{one,two}}"),
            Entry::Domain => format!("*.r{number}.example/app"),
            Entry::Tag => format!("nvcr.io/team-{number}/app:v1.*"),
            Entry::Inner => format!("nvcr.io/**/app-{number}"),
            Entry::Regex => format!("nvcr\\.io/team-{number}/(a|b)[a-z-]+"),
        };
        let _ = match entry {
            Entry::Regex => writeln!(text, "  - {{regex: '{pattern}'}}"),
            _ => writeln!(text, "  - \"{pattern}\""),
        };
    }
    text
}

/// A manifest of so many bytes or a little more: Deployments as Helm writes them.
pub fn manifest(bytes: usize) -> String {
    let mut text = String::new();
    for number in 0.. {
        if text.len() >= bytes {
            break;
        }
        let _ = write!(
            text,
            "---\n# Source: chart/templates/app-{number}.yaml\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  \
             name: app-{number}\n  labels:\n    app.kubernetes.io/name: app-{number}\nspec:\n  replicas: 2\n  \
             template:\n    spec:\n      containers:\n        - name: main\n          \
             image: \"nvcr.io/nvidia/app-{number}:v1.2.3\" # pinned\n          args: [--listen, \":8080\"]\n          \
             resources:\n            limits: {{cpu: 500m, memory: 256Mi}}\n"
        );
    }
    text
}
