//! `POST /policy`: edits of the `ConfigMap` that holds the policy, as the API server asks about them.
//! Which object is asked about is the registration's matter (tests/cluster).

use serde_json::{Value as Json, json};

use crate::support::{BROKEN, CLOSED, IMAGE, OPEN, client::request, eventually, review, server::Server};

/// A review of an edit, as the API server sends it.
fn edit(data: Json) -> String {
    let object = |data: Json| json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "harbor-pilot-policy", "namespace": "harbor-pilot" }, "data": data });
    json!({
        "apiVersion": "admission.k8s.io/v1",
        "kind": "AdmissionReview",
        "request": {
            "uid": "uid-1",
            "kind": { "group": "", "version": "v1", "kind": "ConfigMap" },
            "resource": { "group": "", "version": "v1", "resource": "configmaps" },
            "name": "harbor-pilot-policy",
            "namespace": "harbor-pilot",
            "operation": "UPDATE",
            "userInfo": { "username": "admin", "groups": ["system:masters"] },
            "object": object(data),
            "oldObject": object(json!({ "policies.yaml": OPEN })),
            "dryRun": false,
            "options": { "kind": "UpdateOptions", "apiVersion": "meta.k8s.io/v1" },
        },
    })
    .to_string()
}

fn policy(text: &str) -> String {
    edit(json!({ "policies.yaml": text }))
}

fn asked(server: &Server, outcome: &str) -> f64 {
    server.metric(&format!(
        "harbor_pilot_requests_total{{webhook=\"policy\",operation=\"other\",outcome=\"{outcome}\",dry_run=\"false\"}}"
    ))
}

#[test]
fn an_edit_that_replicas_would_take_is_allowed() {
    let server = Server::start(&[]);
    let mut client = server.connect();
    // A warning is no error.
    for text in [OPEN, CLOSED, &OPEN.replace('\n', "\r\n"), &OPEN.replace("nvcr.io/**", "'**'")] {
        let answer = client.post("/policy", &policy(text)).expect("an answer");
        assert_eq!(answer.status, 200);
        let expected = json!({ "apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "response": { "uid": "uid-1", "allowed": true } });
        assert_eq!(answer.json(), expected);
    }
    // It is asked about, and not followed: the file is.
    assert!(client.post("/validate", &review("uid", IMAGE)).expect("an answer").allowed());
}

#[test]
fn a_broken_edit_is_refused_with_what_policy_check_would_say() {
    let server = Server::start(&[]);
    let answer = server.connect().post("/policy", &policy(BROKEN)).expect("an answer").json();
    let response = &answer["response"];
    assert_eq!((&response["allowed"], &response["uid"]), (&json!(false), &json!("uid-1")));
    assert_eq!((&response["status"]["code"], &response["status"]["reason"]), (&json!(422), &json!("Invalid")));
    let message = response["status"]["message"].as_str().expect("a message");
    insta::assert_snapshot!(message, @"
    harbor-pilot: no replica would take this policy, and each would keep the one that it has
    error: unknown key `apiVersoin` at the top of the file
     --> policies.yaml:1:1
      |
    1 | apiVersoin: harbor-pilot.io/v1
      | ^^^^^^^^^^
      |
      = help: did you mean `apiVersion`?

    error: missing key `kind` at the top of the file
     --> policies.yaml:1:1
      |
    1 | apiVersoin: harbor-pilot.io/v1
      | ^^^^^^^^^^
      |
      = help: add `kind: Policy`

    error: missing key `harbor` at the top of the file
     --> policies.yaml:1:1
      |
    1 | apiVersoin: harbor-pilot.io/v1
      | ^^^^^^^^^^
      |
      = help: add `harbor: …`

    3 errors in policies.yaml
    ");
    assert!((asked(&server, "denied") - 1.0).abs() < 0.1);
    eventually("a line in the log", || server.event("an edit of the policy was refused"));

    let without = server.connect().post("/policy", &edit(Json::Null)).expect("an answer");
    assert!(without.body.contains("expected the policy under the key `policies.yaml`"), "{without:?}");
}

/// What an attacker with the right to edit it could send, or a client that is broken.
#[test]
fn a_hostile_edit_costs_nothing_but_its_refusal() {
    let server = Server::start(&[]);
    let mut client = server.connect();
    let aliases = format!("a: &a [x]\n{}", "b: [*a, *a]\n".repeat(1000));
    for text in [
        "",
        "\u{0}",
        "\u{feff}",
        "harbor: \u{1b}[31m\u{202e}x\u{7}\n",
        &"[".repeat(1 << 20),
        &"{a: ".repeat(100_000),
        &"é: x\n".repeat(100_000),
        &"#".repeat((4 << 20) + 1),
        &aliases,
    ] {
        let answer = client.post("/policy", &policy(text)).expect("an answer");
        let start: String = text.chars().take(20).collect();
        assert_eq!(answer.status, 200, "{start:?}");
        let json = answer.json();
        assert_eq!(json["response"]["allowed"], false, "{start:?}");
        let message = json["response"]["status"]["message"].as_str().expect("a message");
        assert!(message.len() < 16 << 10, "{start:?}: {} bytes", message.len());
        let unfit = |c: char| c.is_control() && c != '\n' || "\u{202e}\u{feff}".contains(c);
        assert!(!message.contains(unfit), "{start:?}: {message:?}");
    }
    for data in [json!([]), json!("x"), json!({ "policies.yaml": 1 }), json!({ "policies.yaml": { "harbor": "x" } })] {
        assert!(!client.post("/policy", &edit(data.clone())).expect("an answer").allowed(), "{data}");
    }
    assert!(client.post("/validate", &review("uid", IMAGE)).expect("an answer").allowed());
}

#[test]
fn what_is_no_review_of_an_edit_is_a_bad_request_with_a_reason() {
    let server = Server::start(&["--max-body-size", "1MiB"]);
    let mut client = server.connect();
    let whole = policy(OPEN);
    let deep = format!("{{\"request\":{}", "[".repeat(100_000));
    let bodies = [
        "",
        "{}",
        "null",
        "[]",
        "\u{0}",
        "{\"kind\":\"AdmissionReview\"}",
        &whole[..whole.len() / 2],
        &whole.replace("admission.k8s.io/v1\"", "admission.k8s.io/v1beta1\""),
        &whole.replace("\"uid-1\"", "\"\""),
        &whole.replace("\"uid-1\"", "1"),
        &whole.replace("\"object\":{", "\"subject\":{"),
        &deep,
    ];
    for body in bodies {
        let answer = client.post("/policy", body).expect("an answer");
        assert_eq!(answer.status, 400, "{}: {answer:?}", &body[..body.len().min(80)]);
        assert!(answer.head.contains("content-type: text/plain"), "{answer:?}");
        assert!(answer.body.starts_with("expected an AdmissionReview"), "{answer:?}");
    }
    assert!((asked(&server, "bad_request") - 12.0).abs() < 0.1, "{}", server.ops("/metrics").1);
    let mut no_text = request("/policy", &whole);
    let end = no_text.len() - 10;
    no_text[end] = 0xff;
    client.send(&no_text).expect("sending");
    assert_eq!(client.receive().expect("an answer").status, 400);
    let large = client.post("/policy", &policy(&"#".repeat(2 << 20))).expect("an answer");
    assert_eq!((large.status, large.closes()), (413, true), "{large:?}");

    let mut client = server.connect();
    client.send(b"GET /policy HTTP/1.1\r\nHost: localhost\r\n\r\n").expect("sending");
    assert_eq!(client.receive().expect("an answer").status, 405);
    assert!(client.post("/policy", &whole).expect("an answer").allowed());
}
