//! What is answered to each review that a real API server sent.

use std::{fs, path::Path};

use base64::{Engine, engine::general_purpose::STANDARD};
use harbor_pilot::{
    admission::{Policies, Webhook, review},
    policy::Policy,
};
use serde_json::Value;

const POLICY: &str = "apiVersion: harbor-pilot.io/v1
kind: Policy
harbor: harbor.test
proxies:
  - {registry: nvcr.io, project: nv, pullSecret: harbor-nv}
  - {registry: docker.io, project: hub}
allow: [nvcr.io/nim/**, docker.io/library/*]
deny: [{image: docker.io/library/nginx:1, reason: too old}, docker.io/library/sneaky]
";

#[test]
fn reviews_of_a_real_api_server_are_answered() {
    let policy = Policy::read("policies.yaml", POLICY.as_bytes()).policy.expect("a whole policy");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/reviews/real");
    let mut files: Vec<_> = fs::read_dir(folder)
        .expect("the fixtures are there")
        .map(|entry| entry.expect("a readable folder").path())
        .collect();
    files.sort();
    let answers: Vec<String> = files
        .iter()
        .map(|file| {
            let name = file.file_stem().expect("a file").to_str().expect("UTF-8");
            format!("{name}: {}", answer(&fs::read(file).expect("a readable fixture"), webhook(name), &policy))
        })
        .collect();
    insta::assert_snapshot!(answers.join("\n"), @r#"
    create-containers-null: admitted
    create-cronjob: admitted
    create-deployment: admitted
      warning "harbor-pilot: container \"main\": image \"nginx:1\" is not allowed: `docker.io/library/nginx:1` in `deny` forbids it: too old"
    create-dry-run: admitted
      {"op":"replace","path":"/spec/containers/0/image","value":"harbor.test/hub/library/nginx"}
      {"op":"add","path":"/metadata/annotations","value":{"harbor-pilot.io/original-images":"{\"containers/main\":\"nginx\"}"}}
    create-ephemeral: admitted
      {"op":"replace","path":"/spec/containers/0/image","value":"harbor.test/hub/library/a"}
      {"op":"replace","path":"/spec/ephemeralContainers/0/image","value":"harbor.test/hub/library/b"}
      {"op":"add","path":"/metadata/annotations","value":{"harbor-pilot.io/original-images":"{\"containers/main\":\"a\",\"ephemeralContainers/debug\":\"b\"}"}}
    create-generate-name-validate: denied
      harbor-pilot: container "main": image "nginx" is not pulled through Harbor, and would be as "harbor.test/hub/library/nginx": it was changed after the webhook had seen it; try again (policy a0a09744a0f6)
    create-generate-name: admitted
      {"op":"replace","path":"/spec/containers/0/image","value":"harbor.test/hub/library/nginx"}
      {"op":"add","path":"/metadata/annotations","value":{"harbor-pilot.io/original-images":"{\"containers/main\":\"nginx\"}"}}
    create-image-absent: admitted
    create-image-odd: denied
      harbor-pilot: container "main": image "a b\u{a}c\u{0}\u{1b}[31m\u{202e}:::///@@ÄÖ"\" is not allowed: not an image name: expected a letter, a digit, `.`, `-` or `:` and a port in the domain, but found ` ` at byte 1 (policy a0a09744a0f6)
    create-image-volume: admitted
      {"op":"replace","path":"/spec/volumes/0/image/reference","value":"harbor.test/nv/nim/model:1"}
      {"op":"replace","path":"/spec/containers/0/image","value":"harbor.test/hub/library/nginx"}
      {"op":"add","path":"/spec/imagePullSecrets","value":[{"name":"harbor-nv"}]}
      {"op":"add","path":"/metadata/annotations","value":{"harbor-pilot.io/original-images":"{\"containers/main\":\"nginx\",\"volumes/model\":\"nvcr.io/nim/model:1\"}"}}
    create-image-with-space: denied
      harbor-pilot: container "main": image " nginx\u{a}" is not allowed: not an image name: expected a lower-case letter or a digit to begin a component of the path, but found ` ` at byte 0 (policy a0a09744a0f6)
    create-mirror-by-node: admitted
    create-mirror-by-user: denied
      harbor-pilot: container "main": image "registry.k8s.io/etcd:3" is not allowed: nothing in the policy allows it; allowed are nvcr.io/nim/**, docker.io/library/* (policy a0a09744a0f6)
    create-name-twice: admitted
      {"op":"replace","path":"/spec/containers/0/image","value":"harbor.test/hub/library/a"}
      {"op":"replace","path":"/spec/containers/1/image","value":"harbor.test/hub/library/b"}
      {"op":"add","path":"/metadata/annotations","value":{"harbor-pilot.io/original-images":"{\"containers/main\":\"b\"}"}}
    create-replicaset: admitted
      warning "harbor-pilot: container \"main\": image \"nginx:1\" is not allowed: `docker.io/library/nginx:1` in `deny` forbids it: too old"
    create-validate: denied
      harbor-pilot: container "main": image "nginx" is not pulled through Harbor, and would be as "harbor.test/hub/library/nginx": it was changed after the webhook had seen it; try again (policy a0a09744a0f6)
    create: admitted
      {"op":"replace","path":"/spec/containers/0/image","value":"harbor.test/hub/library/nginx"}
      {"op":"add","path":"/metadata/annotations","value":{"harbor-pilot.io/original-images":"{\"containers/main\":\"nginx\"}"}}
    ephemeral-first: admitted
      {"op":"replace","path":"/spec/ephemeralContainers/0/image","value":"harbor.test/hub/library/busybox:2"}
    ephemeral-last-validate: denied
      harbor-pilot: ephemeral container "three": image "busybox:3" is not pulled through Harbor, and would be as "harbor.test/hub/library/busybox:3": it was changed after the webhook had seen it; try again (policy a0a09744a0f6)
    ephemeral-last: admitted
      {"op":"replace","path":"/spec/ephemeralContainers/2/image","value":"harbor.test/hub/library/busybox:3"}
    ephemeral-with-other-changes: admitted
      {"op":"replace","path":"/spec/ephemeralContainers/0/image","value":"harbor.test/hub/library/busybox:1"}
    update-apply: admitted
    update-deployment: admitted
    update-finalizer: admitted
    update-image: admitted
      {"op":"replace","path":"/spec/containers/0/image","value":"harbor.test/hub/library/nginx:2"}
    update-job-finalizer: admitted
    update-label-validate: admitted
    update-label: admitted
    "#);
}

/// The webhook that the review was recorded from.
fn webhook(name: &str) -> Webhook {
    let workload = ["cronjob", "deployment", "replicaset"].iter().any(|kind| name.ends_with(kind));
    if workload || name.ends_with("-validate") { Webhook::Validate } else { Webhook::Mutate }
}

fn answer(body: &[u8], webhook: Webhook, policy: &Policy) -> String {
    let answer = match review(webhook, body, Policies::only(policy)) {
        Ok(answer) => answer,
        Err(unreadable) => return format!("unreadable: {unreadable}"),
    };
    let answer: Value = serde_json::from_slice(&answer.body).expect("JSON");
    let response = &answer["response"];
    let mut lines = vec![if response["allowed"] == true { "admitted".to_owned() } else { "denied".to_owned() }];
    lines.extend(response["status"]["message"].as_str().map(str::to_owned));
    for warning in response["warnings"].as_array().into_iter().flatten() {
        lines.push(format!("warning {warning}"));
    }
    if let Some(patch) = response["patch"].as_str() {
        let patch: Value = serde_json::from_slice(&STANDARD.decode(patch).expect("base64")).expect("a JSONPatch");
        lines.extend(patch.as_array().expect("operations").iter().map(Value::to_string));
    }
    lines.join("\n  ")
}
