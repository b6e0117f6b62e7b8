//! What is read of the API server's answers, and what its messages mean.

use serde_json::json;

use super::{
    super::{
        reading,
        rights::user,
        snapshot::{CertificatesBy, InstalledBy, ReplicaState, Seen},
        summary::Summary,
        symptom::{SYMPTOMS, symptom},
        trial::{Image, Outcome, Tried},
    },
    POLICY, healthy,
};
use crate::{cluster::doctor::Namespace, policy::Policy};

#[test]
fn states_of_pods() {
    let ready = json!({"status": {"conditions": [{"type": "Ready", "status": "True"}]}});
    assert_eq!(reading::state(&ready), ReplicaState::Ready);
    let cases = [
        (json!({}), "unknown"),
        (json!({"status": {"phase": "Pending"}}), "Pending"),
        (
            json!({"status": {"conditions": [{"type": "PodScheduled", "status": "False", "reason": "Unschedulable",
                "message": "0/3 nodes are available"}]}}),
            "Unschedulable: 0/3 nodes are available",
        ),
        (
            json!({"status": {"conditions": [{"type": "Ready", "status": "False", "reason": "ContainersNotReady"}],
                "containerStatuses": [{"state": {"waiting": {"reason": "ErrImagePull", "message": "not found"}}}]}}),
            "ErrImagePull: not found",
        ),
    ];
    for (pod, why) in cases {
        assert_eq!(reading::state(&pod), ReplicaState::NotReady(why.to_owned()), "{pod}");
    }
}

#[test]
fn deployments() {
    let by_helm = reading::deployment(&json!({
        "metadata": {"annotations": {"meta.helm.sh/release-name": "x"}},
        "spec": {"replicas": 3, "template": {"spec": {"containers": [{"image": "i", "args": ["serve", "--tls-secret=s"]}]}}},
    }));
    assert_eq!((by_helm.wanted, by_helm.image.as_str(), by_helm.certificates), (3, "i", CertificatesBy::Replicas));
    assert_eq!(by_helm.installed_by, InstalledBy::Helm { release: "x".to_owned() });
    let other = reading::deployment(&json!({}));
    assert_eq!((other.wanted, other.certificates, other.installed_by), (1, CertificatesBy::Others, InstalledBy::Files));
}

/// As API servers and Go word them.
#[test]
fn messages_and_what_is_behind_them() {
    let post = "failed to call webhook: Post \"https://harbor-pilot.pilot.svc:443/mutate?timeout=5s\": ";
    for (says, cause) in [
        ("tls: failed to verify certificate: x509: certificate signed by unknown authority", "`caBundle`"),
        (
            "tls: failed to verify certificate: x509: certificate has expired or is not yet valid: current time …",
            "clock",
        ),
        (
            "tls: failed to verify certificate: x509: certificate is valid for other.test, not harbor-pilot.pilot.svc",
            "name",
        ),
        ("no endpoints available for service \"harbor-pilot\"", "no replica"),
        ("service \"harbor-pilot\" not found", "Service is gone"),
        ("dial tcp 10.1.0.7:8443: connect: connection refused", "nothing listens"),
        ("context deadline exceeded", "does not reach"),
        ("dial tcp 10.1.0.7:8443: i/o timeout", "does not reach"),
        ("net/http: request canceled (Client.Timeout exceeded while awaiting headers)", "does not reach"),
        ("EOF", "ended while"),
        ("read tcp 10.0.0.1:5->10.1.0.7:8443: read: connection reset by peer", "ended while"),
        ("proxyconnect tcp: dial tcp 10.9.0.1:3128: connect: connection refused", "proxy"),
        ("Gateway Timeout", "proxy"),
        ("Forbidden", "proxy"),
        ("Service Unavailable", "proxy"),
        ("couldn't get version/kind; json parse error: invalid character '<' looking for beginning of value", "proxy"),
        ("http: server gave HTTP response to HTTPS client", "proxy"),
        ("the server is currently unable to handle the request", "no policy yet"),
    ] {
        let found = symptom(&format!("{post}{says}")).unwrap_or_else(|| panic!("{says}"));
        assert!(found.cause.contains(cause), "{says}: {}", found.cause);
        assert!(!found.fix("pilot").contains("NAMESPACE"), "{}", found.fix);
    }
    assert_eq!(symptom("something else"), None);
}

/// The page for the admin has each message that is known here.
#[test]
fn the_page_has_every_symptom() {
    let page = include_str!("../../../../../docs/trouble.md");
    for symptom in SYMPTOMS {
        for says in symptom.says {
            assert!(page.contains(says.trim_matches('"').trim()), "docs/trouble.md does not have `{says}`");
        }
    }
}

#[test]
fn an_image_to_try() {
    let image = |policy: &str, namespace: &str| {
        let policy = Policy::read("policies.yaml", policy.as_bytes()).policy.expect("a policy");
        Image::of(&policy, namespace).map(|image| (image.written, image.through_harbor))
    };
    let expected = |written: &str, through: &str| Some((written.to_owned(), through.to_owned()));
    let nvidia = expected("nvcr.io/nvidia/harbor-pilot:0", "harbor.test/nvidiaio/nvidia/harbor-pilot:0");
    assert_eq!(image(POLICY, "default"), nvidia);
    assert_eq!(image(POLICY, "kube-system"), None);
    for (allow, written) in [
        ("allow: [\"nvcr.io/{nvidia,nim}/*:v1.*\"]", "nvcr.io/nvidia/0:v1.0"),
        ("", "nvcr.io/harbor-pilot:0"),
        ("allow: [quay.io/x/y, \"nvcr.io/**\"]", "nvcr.io/harbor-pilot:0"),
        ("allow: []", "nvcr.io/harbor-pilot:0"),
    ] {
        let policy = POLICY.replace("allow: [\"nvcr.io/nvidia/**\"]", allow);
        assert_eq!(image(&policy, "default").expect("one").0, written, "{allow}");
    }
    let pinned = POLICY.replace("/**", "/**@sha256:*");
    assert!(image(&pinned, "default").expect("one").0.ends_with(&"0".repeat(64)));
}

#[test]
fn names_of_namespaces() {
    for name in ["a", "kube-system", "0", &"a".repeat(63)] {
        assert_eq!(name.parse::<Namespace>().expect("a name").as_str(), name);
    }
    for text in ["", "-a", "a-", "A", "a/b", "a?b", "a.b", "..", "ä", &"a".repeat(64)] {
        assert!(text.parse::<Namespace>().is_err(), "{text}");
    }
}

#[test]
fn whom_the_api_server_names() {
    let said = "pods is forbidden: User \"system:anonymous\" cannot list resource \"pods\"";
    assert_eq!(user(said), Some("system:anonymous"));
    assert_eq!(user("Unauthorized"), None);
}

#[test]
fn a_summary_of_what_was_tried_and_of_what_is_not_known() {
    let mut snapshot = healthy();
    snapshot.replicas = Seen::Unknown;
    let image = |text: &str| text.to_owned();
    let (written, through_harbor) = (image("nvcr.io/nvidia/x:0"), image("harbor.test/nvidiaio/nvidia/x:0"));
    let outcome = Outcome::Admitted(through_harbor.clone());
    let image = Image { written, through_harbor };
    snapshot.tried = Some(Tried::Pod { namespace: "default".to_owned(), image, outcome });
    insta::assert_snapshot!(Summary::of(&snapshot), @"harbor-pilot in pilot: how many replicas are ready is not known; a Pod that was tried in default would run harbor.test/nvidiaio/nvidia/x:0");
    insta::assert_snapshot!(serde_json::to_string_pretty(&Summary::of(&snapshot)).expect("JSON"), @r#"
    {
      "namespace": "pilot",
      "replicasReady": null,
      "replicasWanted": 2,
      "policies": [],
      "secondsSinceLastCall": null,
      "certificateDaysLeft": null,
      "tried": {
        "namespace": "default",
        "image": "harbor.test/nvidiaio/nvidia/x:0"
      }
    }
    "#);
}

#[test]
fn a_summary() {
    let summary = Summary::of(&healthy());
    insta::assert_snapshot!(summary, @"harbor-pilot in pilot: 2 of 2 replicas ready, policy 296da7eaf860, last asked about a Pod 3 s ago, certificate valid for 365 days");
}
