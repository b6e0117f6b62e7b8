use serde_json::{Value, json};

use super::{super::*, answer, containers, create, message, patch, policy, update};

const DIGEST: &str = "@sha256:e243d778bd83de47668e7629d78f673317a130fedc99941be12aad7fc6bdfa85";

#[test]
fn images_of_every_list_are_rewritten_at_their_place() {
    let spec = json!({
        "initContainers": [{"name": "i", "image": "busybox:1"}],
        "containers": [{"name": "a", "image": "gcr.io/x/y:1"}, {"name": "b", "image": format!("nvcr.io/nvidia/driver:1{DIGEST}")}],
        "ephemeralContainers": null,
        "volumes": [{"name": "t", "emptyDir": {}}, {"name": "m", "image": {"reference": "nginx", "pullPolicy": "Always"}}],
        "unheardOf": {"deep": [1, 2.5e3, null, "x"]},
    });
    let policy = policy("allow: ['**']");
    let original = format!(
        r#"{{"containers/b":"nvcr.io/nvidia/driver:1{DIGEST}","initContainers/i":"busybox:1","volumes/m":"nginx"}}"#
    );
    assert_eq!(
        patch(&policy, &create(json!({"generateName": "p-"}), spec)),
        json!([
            {"op": "replace", "path": "/spec/containers/1/image", "value": format!("harbor.test/nv/nvidia/driver:1{DIGEST}")},
            {"op": "replace", "path": "/spec/initContainers/0/image", "value": "harbor.test/hub/library/busybox:1"},
            {"op": "replace", "path": "/spec/volumes/1/image/reference", "value": "harbor.test/hub/library/nginx"},
            {"op": "add", "path": "/spec/imagePullSecrets", "value": [{"name": "harbor-nv"}]},
            {"op": "add", "path": "/metadata/annotations", "value": {"harbor-pilot.io/original-images": original}},
        ])
    );
}

/// Members come in the order of the bytes: the API server's, or another.
#[test]
fn annotations_and_pull_secrets_absent_null_and_empty() {
    let policy = policy("");
    let key = "harbor-pilot.io/original-images";
    let value = r#"{"containers/c0":"nvcr.io/a"}"#;
    let operations = |metadata: Value, secrets: Option<Value>| {
        let mut spec = containers(&["nvcr.io/a"]);
        if let Some(secrets) = secrets {
            spec["imagePullSecrets"] = secrets;
        }
        let all = patch(&policy, &create(metadata, spec));
        (all[1].clone(), all[2].clone())
    };
    let list = json!({"op": "add", "path": "/spec/imagePullSecrets", "value": [{"name": "harbor-nv"}]});
    let item = json!({"op": "add", "path": "/spec/imagePullSecrets/-", "value": {"name": "harbor-nv"}});
    let whole = json!({"op": "add", "path": "/metadata/annotations", "value": {key: value}});
    let one = json!({"op": "add", "path": "/metadata/annotations/harbor-pilot.io~1original-images", "value": value});
    assert_eq!(operations(json!({}), None), (list.clone(), whole.clone()));
    assert_eq!(operations(json!({"annotations": null}), Some(Value::Null)), (list, whole));
    assert_eq!(operations(json!({"annotations": {}}), Some(json!([]))), (item.clone(), one.clone()));
    assert_eq!(operations(json!({"annotations": {"a": "b"}}), Some(json!([{"name": "x"}]))), (item, one.clone()));
    // The secret is there already.
    assert_eq!(operations(json!({"annotations": {"a": "b"}}), Some(json!([{"name": "harbor-nv"}]))).0, one);
}

#[test]
fn the_annotation_is_merged_or_replaced_or_left_out() {
    let policy = policy("");
    let with = |annotation: &str, image: &str| {
        let metadata = json!({"annotations": {"harbor-pilot.io/original-images": annotation}});
        let all = patch(&policy, &create(metadata, containers(&["harbor.test/hub/library/a:1", image])));
        all.as_array().expect("a patch").last().expect("an operation")["value"].clone()
    };
    assert_eq!(with(r#"{"containers/c0":"a:1"}"#, "b:1"), json!(r#"{"containers/c0":"a:1","containers/c1":"b:1"}"#));
    assert_eq!(with("rubbish", "b:1"), json!(r#"{"containers/c1":"b:1"}"#));
    assert_eq!(with("[1]", "b:1"), json!(r#"{"containers/c1":"b:1"}"#));
    // One that is made and one that is merged are alike, also where entries are called the same.
    let of = |annotation: &str| {
        let metadata = json!({"annotations": {"harbor-pilot.io/original-images": annotation}});
        let entry = |name: &str, image: &str| json!({"name": name, "image": image});
        let containers = json!([entry("z", "a:1"), entry("b\"", "b:1"), entry("z", "c:1"), entry("a", "d:1")]);
        let spec = json!({"containers": containers, "initContainers": [{"image": "e:1"}]});
        let all = patch(&policy, &create(metadata, spec));
        all.as_array().expect("a patch").last().expect("an operation")["value"].clone()
    };
    assert_eq!(of("rubbish"), of("{}"));
    let expected = r#"{"containers/a":"d:1","containers/b\"":"b:1","containers/z":"c:1","initContainers/0":"e:1"}"#;
    assert_eq!(of("{}"), json!(expected));
    let long: Vec<String> = (0..80).map(|index| format!("a/{}{index}", "b".repeat(120))).collect();
    let images: Vec<&str> = long.iter().map(String::as_str).collect();
    let all = patch(&policy, &create(json!({}), containers(&images)));
    assert!(all.as_array().expect("a patch").iter().all(|operation| operation["op"] == "replace"));
}

#[test]
fn an_update_looks_at_what_is_new_alone() {
    let policy = policy("allow: ['docker.io/library/*:1']");
    let spec = |images: &[(&str, &str)]| {
        let entries: Vec<Value> = images.iter().map(|(name, image)| json!({"name": name, "image": image})).collect();
        json!({ "containers": entries })
    };
    // A label, a finalizer: the images were there, in whatever order.
    let same = update(spec(&[("a", "gcr.io/x"), ("b", "nginx:1")]), spec(&[("b", "nginx:1"), ("a", "gcr.io/x")]));
    for webhook in [Webhook::Mutate, Webhook::Validate] {
        let response = answer(&policy, webhook, &same);
        assert_eq!(response["allowed"], true);
        assert_eq!(response.get("patch"), None);
    }
    // A new image is rewritten, and nothing but image strings is touched.
    let changed = update(spec(&[("a", "gcr.io/x"), ("b", "nginx:1")]), spec(&[("a", "gcr.io/x"), ("b", "redis:1")]));
    assert_eq!(
        patch(&policy, &changed),
        json!([{"op": "replace", "path": "/spec/containers/1/image", "value": "harbor.test/hub/library/redis:1"}])
    );
    // A name that moved to another image is new.
    let swapped = update(spec(&[("a", "gcr.io/x"), ("b", "nginx:1")]), spec(&[("a", "nginx:1"), ("b", "gcr.io/x")]));
    assert!(message(&answer(&policy, Webhook::Mutate, &swapped)).contains("gcr.io/x"));
    // Nothing can be told apart: everything is new.
    let twice = update(spec(&[("a", "gcr.io/x"), ("a", "nginx:1")]), spec(&[("a", "gcr.io/x"), ("a", "nginx:1")]));
    assert_eq!(answer(&policy, Webhook::Validate, &twice)["allowed"], false);
    let mut without_old = same.clone();
    without_old["request"]["oldObject"] = Value::Null;
    assert_eq!(answer(&policy, Webhook::Validate, &without_old)["allowed"], false);
}

/// Kubernetes lets nobody change a stored Pod's volumes: a patch of them would reject the request.
#[test]
fn an_update_leaves_volumes_alone() {
    let volumes = json!([{"name": "v", "image": {"reference": "nginx:1"}}]);
    let spec = json!({"containers": [{"name": "a", "image": "redis:1"}], "volumes": volumes});
    let request = update(json!({}), spec);
    assert_eq!(
        patch(&policy(""), &request),
        json!([{"op": "replace", "path": "/spec/containers/0/image", "value": "harbor.test/hub/library/redis:1"}])
    );
    let response = answer(&policy(""), Webhook::Validate, &request);
    assert!(!message(&response).contains("nginx"), "{response}");
    // It is judged all the same.
    let response = answer(&policy("allow: []"), Webhook::Validate, &request);
    assert!(message(&response).contains("nginx"), "{response}");
}

#[test]
fn the_subresource_counts_ephemeral_containers_alone() {
    let policy = policy("");
    for order in [["old", "new"], ["new", "old"]] {
        let entries: Vec<Value> = order.iter().map(|name| json!({"name": name, "image": "busybox:1"})).collect();
        let mut request = update(
            json!({"containers": [{"name": "m", "image": "gcr.io/x"}], "ephemeralContainers": [{"name": "old", "image": "busybox:1"}]}),
            json!({"containers": [{"name": "m", "image": "gcr.io/sneaky"}], "ephemeralContainers": entries}),
        );
        request["request"]["subResource"] = json!("ephemeralcontainers");
        let place = order.iter().position(|name| *name == "new").expect("it is there");
        assert_eq!(
            patch(&policy, &request),
            json!([{"op": "replace", "path": format!("/spec/ephemeralContainers/{place}/image"), "value": "harbor.test/hub/library/busybox:1"}])
        );
    }
}

#[test]
fn denials_name_what_why_and_whom_to_ask() {
    let policy = policy(
        "allow: [nvcr.io/nvidia/**, {image: docker.io/library/*, tag: '1*'}]\ndeny: [{image: '**/xmrig', reason: malware}]",
    );
    let images = [
        "gcr.io/x/y:1",
        "docker.io/library/xmrig:1",
        "sha256:abc",
        "Not A Name",
        "evil\u{1b}[31m\u{202e}\n",
        "nvcr.io/nvidia/ok",
    ];
    let response = answer(&policy, Webhook::Mutate, &create(json!({}), containers(&images)));
    assert_eq!((&response["status"]["code"], &response["status"]["reason"]), (&json!(403), &json!("Forbidden")));
    insta::assert_snapshot!(message(&response).replace("; container", ";\ncontainer"), @r#"
    harbor-pilot: container "c0": image "gcr.io/x/y:1" is not allowed: nothing in the policy allows it; allowed are nvcr.io/nvidia/**, docker.io/library/*;
    container "c1": image "docker.io/library/xmrig:1" is not allowed: `**/xmrig` in `deny` forbids it: malware;
    container "c2": image "sha256:abc" is not allowed: expected a name that says where to pull from, but found an image ID, which a node resolves to whatever image it holds; write `REGISTRY/PATH@sha256:DIGEST`;
    container "c3": image "Not A Name" is not allowed: not an image name: expected a path in lower case, but found `N` at byte 0;
    container "c4": image "evil\u{1b}[31m\u{202e}\u{a}" is not allowed: not an image name: expected a lower-case letter, a digit or a separator in the path, but found `\u{1b}` at byte 4. Ask #registry (policy 7b62b79b9f4f)
    "#);
    let many = vec!["gcr.io/some/very/long/name/of/an/image:1"; 50];
    let response = answer(&policy, Webhook::Validate, &create(json!({}), containers(&many)));
    assert!(message(&response).len() <= 1024, "{}", message(&response).len());
    insta::assert_snapshot!(message(&response).replace("; container", ";\ncontainer"), @r#"
    harbor-pilot: container "c0": image "gcr.io/some/very/long/name/of/an/image:1" is not allowed: nothing in the policy allows it; allowed are nvcr.io/nvidia/**, docker.io/library/*;
    container "c1": image "gcr.io/some/very/long/name/of/an/image:1" is not allowed: nothing in the policy allows it; allowed are nvcr.io/nvidia/**, docker.io/library/*;
    container "c2": image "gcr.io/some/very/long/name/of/an/image:1" is not allowed: nothing in the policy allows it; allowed are nvcr.io/nvidia/**, docker.io/library/*;
    container "c3": image "gcr.io/some/very/long/name/of/an/image:1" is not allowed: nothing in the policy allows it; allowed are nvcr.io/nvidia/**, docker.io/library/*;
    container "c4": image "gcr.io/some/very/long/name/of/an/image:1" is not allowed: nothing in the policy allows it; allowed are nvcr.io/nvidia/**, docker.io/library/*; and 45 more images. Ask #registry (policy 7b62b79b9f4f)
    "#);
    insta::assert_snapshot!(response["auditAnnotations"]["decision"], @r#""deny""#);
}

#[test]
fn warnings_stay_within_what_the_api_server_passes_on() {
    let policy = policy("allow: []\nenforcement: warn");
    let images = ["nginx", "evil\u{7}\n", "gcr.io/a", "gcr.io/b", "gcr.io/c", "gcr.io/d", "gcr.io/e"];
    let response = answer(&policy, Webhook::Validate, &create(json!({}), containers(&images)));
    assert_eq!(response["allowed"], true);
    let warnings: Vec<&str> =
        response["warnings"].as_array().expect("warnings").iter().filter_map(Value::as_str).collect();
    for warning in &warnings {
        assert!(warning.chars().count() <= 256 && !warning.chars().any(char::is_control), "{warning}");
    }
    insta::assert_snapshot!(warnings.join("\n"), @r#"
    harbor-pilot: container "c0": image "nginx" is not allowed: nothing in the policy allows it
    harbor-pilot: container "c1": image "evil\u{7}\u{a}" is not allowed: not an image name: expected a lower-case letter, a digit or a separator in the path, but found `\u{7}` at byte 4
    harbor-pilot: container "c2": image "gcr.io/a" is not allowed: nothing in the policy allows it
    harbor-pilot: container "c3": image "gcr.io/b" is not allowed: nothing in the policy allows it
    harbor-pilot: container "c4": image "gcr.io/c" is not allowed: nothing in the policy allows it
    harbor-pilot: and 2 more images
    "#);
    // What is not allowed is rewritten all the same.
    let response = answer(&policy, Webhook::Mutate, &create(json!({}), containers(&["nginx"])));
    assert_eq!(response["patch"][0]["value"], "harbor.test/hub/library/nginx");
    assert_eq!(response.get("auditAnnotations"), None);
    // The last look says of the rewritten name what was said of the written one, to the letter.
    let rewritten = create(json!({}), containers(&["harbor.test/hub/library/nginx"]));
    assert_eq!(response["warnings"], answer(&policy, Webhook::Validate, &rewritten)["warnings"]);
}

#[test]
fn what_is_not_at_rest_is_met_like_what_is_not_allowed() {
    let request = create(json!({}), containers(&["nginx:1"]));
    for (enforcement, allowed, warned) in [("deny", false, false), ("warn", true, true), ("audit", true, false)] {
        let response = answer(&policy(&format!("enforcement: {enforcement}")), Webhook::Validate, &request);
        assert_eq!(
            (&response["allowed"], response.get("warnings").is_some()),
            (&json!(allowed), warned),
            "{enforcement}"
        );
    }
    insta::assert_snapshot!(message(&answer(&policy(""), Webhook::Validate, &request)), @r#"harbor-pilot: container "c0": image "nginx:1" is not pulled through Harbor, and would be as "harbor.test/hub/library/nginx:1": it was changed after the webhook had seen it; try again. Ask #registry (policy 39664e0ba44b)"#);
}

#[test]
fn at_rest_under_the_policy_before_is_at_rest() {
    let before = policy("");
    let now = Policy::read(
        "p",
        b"apiVersion: harbor-pilot.io/v1\nkind: Policy\nharbor: new.test\nproxies: [{registry: docker.io, project: hub}]\nallow: ['**']",
    );
    let now = now.policy.expect("a policy");
    let body = create(json!({}), containers(&["harbor.test/hub/library/nginx:1"])).to_string();
    let at_rest = create(json!({}), containers(&["nginx:1"])).to_string();
    let known = Earlier { written: None, known: [Some(&before), None, None, None] };
    let allowed = |body: &str, earlier| {
        let answer = review(Webhook::Validate, body.as_bytes(), Policies { current: &now, earlier }).expect("a review");
        answer.record.outcome == Outcome::Allowed
    };
    assert!(allowed(&body, known));
    assert!(!allowed(&at_rest, Earlier::NONE));
    assert!(!allowed(&at_rest, known));
}

#[test]
fn always_is_harder_than_its_namespace() {
    let policy = policy("enforcement: audit\ndeny: [{image: docker.io/library/xmrig, always: true}]");
    let response = answer(&policy, Webhook::Mutate, &create(json!({}), containers(&["xmrig", "gcr.io/x"])));
    assert_eq!(response["allowed"], false);
    assert!(message(&response).contains("xmrig") && !message(&response).contains("gcr.io"));
}

#[test]
fn mirror_pods_need_all_three_marks() {
    let policy = policy("");
    let mirror = |annotated: bool, user: &str, group: &str, node: &str| {
        let metadata = if annotated { json!({"annotations": {"kubernetes.io/config.mirror": "x"}}) } else { json!({}) };
        let mut spec = containers(&["gcr.io/x"]);
        spec["nodeName"] = json!(node);
        let mut request = create(metadata, spec);
        request["request"]["userInfo"] = json!({"username": user, "groups": [group]});
        answer(&policy, Webhook::Mutate, &request)["allowed"].clone()
    };
    assert_eq!(mirror(true, "system:node:n1", "system:nodes", "n1"), true);
    assert_eq!(mirror(false, "system:node:n1", "system:nodes", "n1"), false);
    assert_eq!(mirror(true, "system:node:n1", "system:masters", "n1"), false);
    assert_eq!(mirror(true, "system:node:n2", "system:nodes", "n1"), false);
    assert_eq!(mirror(true, "me", "system:nodes", "n1"), false);
    assert_eq!(mirror(true, "system:node:", "system:nodes", ""), false);
}

#[test]
fn what_a_mesh_fills_in_later_is_left_alone_until_it_is_final() {
    let policy = policy("");
    let request = create(json!({}), containers(&["auto"]));
    assert_eq!(answer(&policy, Webhook::Mutate, &request), json!({"uid": "u-1", "allowed": true}));
    assert_eq!(answer(&policy, Webhook::Validate, &request)["allowed"], false);
}

fn workload(group: &str, kind: &str, path: &str, metadata: Value) -> Value {
    let mut request = create(json!({}), json!({}));
    request["request"]["kind"] = json!({"group": group, "version": "v1", "kind": kind});
    let mut object = containers(&["gcr.io/x"]);
    for key in path.split('/').rev() {
        object = json!({ key: object });
    }
    object["metadata"] = metadata;
    request["request"]["object"] = object;
    request
}

#[test]
fn what_has_a_pod_template_is_judged_and_never_rewritten() {
    let kinds = [
        ("apps", "Deployment", "spec/template/spec"),
        ("apps", "ReplicaSet", "spec/template/spec"),
        ("apps", "StatefulSet", "spec/template/spec"),
        ("apps", "DaemonSet", "spec/template/spec"),
        ("batch", "Job", "spec/template/spec"),
        ("batch", "CronJob", "spec/jobTemplate/spec/template/spec"),
        ("", "ReplicationController", "spec/template/spec"),
        ("", "PodTemplate", "template/spec"),
    ];
    for (group, kind, path) in kinds {
        let request = workload(group, kind, path, json!({}));
        // enforcement, workloadEnforcement, allowed, warned
        for (enforcement, workloads, allowed, warned) in [
            ("deny", "warn", true, true),
            ("deny", "deny", false, false),
            ("deny", "off", true, false),
            ("warn", "deny", true, true),
            ("audit", "deny", true, false),
        ] {
            let policy = policy(&format!("enforcement: {enforcement}\nworkloadEnforcement: {workloads}"));
            for webhook in [Webhook::Mutate, Webhook::Validate] {
                let response = answer(&policy, webhook, &request);
                let seen = (response["allowed"] == true, response.get("warnings").is_some());
                assert_eq!(seen, (allowed, warned), "{kind} {enforcement} {workloads}");
                assert_eq!(response.get("patch"), None);
            }
        }
    }
    // Its controller could not scale it down.
    let owned = json!({"ownerReferences": [{"kind": "Deployment", "name": "d", "controller": true}]});
    let policy = policy("workloadEnforcement: deny");
    let response = answer(&policy, Webhook::Validate, &workload("apps", "ReplicaSet", "spec/template/spec", owned));
    assert_eq!((&response["allowed"], response.get("warnings").is_some()), (&json!(true), true));
}

#[test]
fn everything_else_is_admitted_untouched() {
    let policy = policy("allow: []");
    let pod = create(json!({}), containers(&["gcr.io/x"]));
    let changed = |pointer: &str, value: Value| {
        let mut request = pod.clone();
        match request.pointer_mut(pointer) {
            Some(place) => *place = value,
            None => request["request"]["subResource"] = value,
        }
        let body = request.to_string();
        let answer = review(Webhook::Mutate, body.as_bytes(), Policies::only(&policy)).expect("a review");
        answer.record.outcome
    };
    assert_eq!(changed("/request/kind/kind", json!("ConfigMap")), Outcome::Ignored(Ignored::Kind));
    assert_eq!(changed("/request/kind/group", json!("example.org")), Outcome::Ignored(Ignored::Kind));
    assert_eq!(changed("/request/operation", json!("DELETE")), Outcome::Ignored(Ignored::Operation));
    assert_eq!(changed("/request/object", Value::Null), Outcome::Ignored(Ignored::NoObject));
    assert_eq!(changed("/request/subResource", json!("status")), Outcome::Ignored(Ignored::Subresource));
}

/// Lists that are null, an image absent or empty: the API server's validation refuses what is wrong.
#[test]
fn what_validation_has_not_seen_yet_is_met() {
    let policy = policy("");
    for spec in [
        json!({"containers": null}),
        json!({}),
        json!({"containers": [null, {"name": "a"}, {"name": "b", "image": ""}, {"name": "c", "image": null}]}),
        json!({"containers": [{"name": "a", "image": "nginx:1"}], "volumes": [{"name": "v", "image": null}, {"name": "w", "image": {}}]}),
    ] {
        let response = answer(&policy, Webhook::Mutate, &create(json!(null), spec));
        assert_eq!(response["allowed"], true);
    }
    let megabyte = "x".repeat(1 << 20);
    let response = answer(&policy, Webhook::Mutate, &create(json!({}), containers(&[&megabyte, "a\u{0}b"])));
    assert!(message(&response).len() <= 1024);
}

#[test]
fn a_new_place_of_an_image_is_noticed() {
    let policy = policy("");
    let mut spec = containers(&["nginx:1"]);
    spec["containers"][0]["newSource"] = json!({"image": "gcr.io/x", "imageRef": "y", "labels": {"image": "no"}});
    spec["nodeSelector"] = json!({"image": "no"});
    spec["futureContainers"] = json!([{"image": "z"}]);
    let body = create(json!({}), spec).to_string();
    let answer = review(Webhook::Mutate, body.as_bytes(), Policies::only(&policy)).expect("a review");
    assert_eq!(answer.record.unknown_image_count, 3);
    let mut places = answer.record.unknown_images;
    places.sort();
    assert_eq!(
        places,
        [
            "/request/object/spec/containers/0/newSource/image",
            "/request/object/spec/containers/0/newSource/imageRef",
            "/request/object/spec/futureContainers/0/image",
        ]
    );
}

#[test]
fn the_whole_answer() {
    let policy = policy("");
    let body = create(json!({}), containers(&["nginx:1"])).to_string();
    let bytes = |webhook, body: &str| {
        let answer = review(webhook, body.as_bytes(), Policies::only(&policy)).expect("a review");
        String::from_utf8(answer.body).expect("text").replace(policy.short_hash(), "HASH")
    };
    insta::assert_snapshot!(bytes(Webhook::Mutate, &body), @r#"{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","response":{"uid":"u-1","allowed":true,"patchType":"JSONPatch","patch":"W3sib3AiOiJyZXBsYWNlIiwicGF0aCI6Ii9zcGVjL2NvbnRhaW5lcnMvMC9pbWFnZSIsInZhbHVlIjoiaGFyYm9yLnRlc3QvaHViL2xpYnJhcnkvbmdpbng6MSJ9LHsib3AiOiJhZGQiLCJwYXRoIjoiL21ldGFkYXRhL2Fubm90YXRpb25zIiwidmFsdWUiOnsiaGFyYm9yLXBpbG90LmlvL29yaWdpbmFsLWltYWdlcyI6IntcImNvbnRhaW5lcnMvYzBcIjpcIm5naW54OjFcIn0ifX1d"}}"#);
    insta::assert_snapshot!(bytes(Webhook::Validate, &body), @r#"{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","response":{"uid":"u-1","allowed":false,"status":{"status":"Failure","message":"harbor-pilot: container \"c0\": image \"nginx:1\" is not pulled through Harbor, and would be as \"harbor.test/hub/library/nginx:1\": it was changed after the webhook had seen it; try again. Ask #registry (policy HASH)","reason":"Forbidden","code":403},"auditAnnotations":{"decision":"deny","policy":"HASH","images":"containers/c0=nginx:1"}}}"#);
    let at_rest = create(json!({}), containers(&["harbor.test/hub/library/nginx:1"])).to_string();
    insta::assert_snapshot!(bytes(Webhook::Mutate, &at_rest), @r#"{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","response":{"uid":"u-1","allowed":true}}"#);
    insta::assert_snapshot!(bytes(Webhook::Validate, &at_rest), @r#"{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","response":{"uid":"u-1","allowed":true,"auditAnnotations":{"decision":"allow","policy":"HASH"}}}"#);
}
