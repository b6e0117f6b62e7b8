//! What a Pod that was tried shows.

use insta::assert_snapshot;

use super::{
    super::{
        snapshot::{ReplicaState, Seen, Snapshot},
        trial::{Image, Outcome, ToTry, Tried},
    },
    NAMESPACE, after, replicas, says,
};

#[test]
fn a_pod_that_was_tried() {
    let image = || Image {
        written: "nvcr.io/nvidia/harbor-pilot:0".to_owned(),
        through_harbor: "harbor.test/nvidiaio/nvidia/harbor-pilot:0".to_owned(),
    };
    let tried = |outcome: Outcome| {
        after(|snapshot| {
            snapshot.tried = Some(Tried::Pod { namespace: "default".to_owned(), image: image(), outcome });
        })
    };
    assert_eq!(tried(Outcome::Admitted(image().through_harbor)), "");
    let after_a_change = |image_of_pod: &str| {
        after(|snapshot| {
            says(&mut replicas(snapshot)[1], |status| status.names_as_before_for = Some(70));
            let outcome = Outcome::Admitted(image_of_pod.to_owned());
            snapshot.tried = Some(Tried::Pod { namespace: "default".to_owned(), image: image(), outcome });
        })
    };
    assert_snapshot!(after_a_change("harbor.test/old/nvidia/harbor-pilot:0"), @"
    note: policy: names are written as before for 70 s more, though the policy has changed
      why: until every replica has heard of the change, all write the same names
      fix: sleep 71; harbor-pilot doctor --try
    note: a Pod in default: it would run harbor.test/old/nvidia/harbor-pilot:0, and harbor.test/nvidiaio/nvidia/harbor-pilot:0 after the change of the policy
      why: names are written as before for 70 s more
      fix: sleep 71; harbor-pilot doctor --try=default
    ");
    let not_taken_up = after(|snapshot| {
        says(&mut replicas(snapshot)[1], |status| status.policy = "0123456789ab".to_owned());
        let outcome = Outcome::Admitted("harbor.test/old/nvidia/harbor-pilot:0".to_owned());
        snapshot.tried = Some(Tried::Pod { namespace: "default".to_owned(), image: image(), outcome });
    });
    assert!(not_taken_up.contains("note: a Pod in default: it would run harbor.test/old/"), "{not_taken_up}");
    let as_written = after_a_change(&image().written);
    assert!(as_written.contains("warning: a Pod in default: it would run nvcr.io/"), "{as_written}");
    assert_snapshot!(tried(Outcome::Admitted(image().written)), @"
    error: a Pod in default: it would run nvcr.io/nvidia/harbor-pilot:0, and not harbor.test/nvidiaio/nvidia/harbor-pilot:0
      why: the API server did not call us, or went on where we did not answer: Pods run as they are written
      fix: do what the other findings say; then try again
    ");
    let call = |why: &str| {
        let url = format!("https://harbor-pilot.{NAMESPACE}.svc:443/mutate?timeout=5s");
        Outcome::Refused(format!(
            "Internal error occurred: failed calling webhook \"pods.mutate.harbor-pilot.io\": failed to call webhook: Post \"{url}\": {why}"
        ))
    };
    assert_snapshot!(tried(call("no endpoints available for service \"harbor-pilot\"")), @r#"
    error: a Pod in default: it can't be created: Internal error occurred: failed calling webhook "pods.mutate.harbor-pilot.io": failed to call webhook: Post "https://harbor-pilot.pilot.svc:443/mutate?timeout=5s": no endpoints available for service "harbor-pilot"
      why: replicas are ready, and the Service finds none of them; no Pod can be created in any namespace that is not left out
      fix: helm upgrade pilot deploy/chart -n pilot --reset-then-reuse-values
           # Helm 4: add --force-conflicts, to take back what others wrote
    "#);
    let tried_after = |change: fn(&mut Snapshot), outcome: Outcome| {
        let found = after(|snapshot| {
            snapshot.tried = Some(Tried::Pod { namespace: "default".to_owned(), image: image(), outcome });
            change(snapshot);
        });
        found.split_once("a Pod in default: ").expect("a finding").1.split_once("\n  why: ").expect("why").1.to_owned()
    };
    assert_snapshot!(after(|snapshot| {
        let namespace = "kube-system".to_owned();
        assert_eq!(ToTry::of(snapshot, &namespace), ToTry::LeftOut);
        snapshot.tried = Some(Tried::LeftOut { namespace });
    }), @"
    note: a Pod in kube-system: none was tried: the registrations leave the namespace out, by design
      why: Pods there run as they are written, and do not show whether we are called
      fix: harbor-pilot doctor --try=NAMESPACE # one that is not left out
    ");
    let no_endpoints = "no endpoints available for service \"harbor-pilot\"";
    let none_ready = |snapshot: &mut Snapshot| {
        for replica in replicas(snapshot) {
            replica.state = ReplicaState::NotReady("Pending".to_owned());
        }
    };
    let found = tried_after(none_ready, call(no_endpoints));
    assert!(found.starts_with("no replica is ready; "), "{found}");
    let no_service = "service \"harbor-pilot\" not found";
    let found = tried_after(|snapshot| snapshot.service = Seen::Missing, call(no_service));
    assert!(found.contains("fix: helm upgrade pilot ") && !found.contains("kubectl delete"), "{found}");
    let found = tried_after(|snapshot| snapshot.deployment = Seen::Missing, call(no_service));
    assert!(found.contains("kubectl delete mutatingwebhookconfigurations,"), "{found}");
    assert_snapshot!(tried(call("Gateway Timeout")), @r#"
    error: a Pod in default: it can't be created: Internal error occurred: failed calling webhook "pods.mutate.harbor-pilot.io": failed to call webhook: Post "https://harbor-pilot.pilot.svc:443/mutate?timeout=5s": Gateway Timeout
      why: something between the API server and the Pods answered, such as an HTTP proxy; no Pod can be created in any namespace that is not left out
      fix: add .svc, and the networks of Pods and Services, to NO_PROXY of kube-apiserver: grep -i proxy /etc/kubernetes/manifests/kube-apiserver.yaml
    "#);
    assert_snapshot!(tried(call("something else")), @r#"
    error: a Pod in default: it can't be created: Internal error occurred: failed calling webhook "pods.mutate.harbor-pilot.io": failed to call webhook: Post "https://harbor-pilot.pilot.svc:443/mutate?timeout=5s": something else
      why: it says why; no Pod can be created in any namespace that is not left out
      fix: kubectl logs -n pilot -l app.kubernetes.io/name=harbor-pilot --tail=100
    "#);
    let denial =
        "admission webhook \"pods.mutate.harbor-pilot.io\" denied the request: harbor-pilot: container \"doctor\": …";
    assert_snapshot!(tried(Outcome::Refused(denial.to_owned())), @r#"
    note: a Pod in default: we refused it, as the policy says: admission webhook "pods.mutate.harbor-pilot.io" denied the request: harbor-pilot: container "doctor": …
      why: one of our webhooks is called; whether both are was not seen
      fix: try a namespace where the policy allows an image that it changes: harbor-pilot doctor --try=NAMESPACE
    "#);
    let quota = "pods \"harbor-pilot-doctor-x\" is forbidden: exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1";
    assert_snapshot!(tried(Outcome::Refused(quota.to_owned())), @r#"
    warning: a Pod in default: it was refused, and not by us: pods "harbor-pilot-doctor-x" is forbidden: exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1
      why: whether we are called could not be seen
      fix: try another namespace: harbor-pilot doctor --try=NAMESPACE
    "#);
}
