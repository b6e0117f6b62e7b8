//! Breakages, and the text of what is found.

use std::time::Duration;

use insta::assert_snapshot;
use serde_json::json;

use super::{
    super::{
        calls::Calls,
        snapshot::{CertificatesBy, InstalledBy, Obstacle, ReplicaState, Said, Seen},
        trial::{Image, Outcome, Tried},
    },
    NAMESPACE, NOW, POLICY, after, deployment, field, leaf, replica, replicas, says,
};
use crate::{
    certificates::{Authority, LEAF_VALID_FOR},
    cluster::doctor::status::PolicyFile,
};

#[test]
fn registrations_that_are_gone() {
    assert_snapshot!(after(|snapshot| {
        snapshot.mutating = Seen::Missing;
        let Seen::There(webhooks) = &mut snapshot.validating else { panic!("there are some") };
        webhooks.remove(0);
        webhooks[0].name = "other.harbor-pilot.io".to_owned();
        deployment(snapshot).installed_by = InstalledBy::Files;
    }));
}

#[test]
fn registrations_that_were_changed() {
    assert_snapshot!(after(|snapshot| {
        *field(&mut snapshot.mutating, 0, "rules") = json!([]);
        *field(&mut snapshot.mutating, 0, "failurePolicy") = json!("Ignore");
        *field(&mut snapshot.mutating, 0, "reinvocationPolicy") = json!("Never");
        *field(&mut snapshot.validating, 0, "failurePolicy") = json!("Ignore");
        *field(&mut snapshot.validating, 0, "timeoutSeconds") = json!(30);
        *field(&mut snapshot.validating, 1, "failurePolicy") = json!("Fail");
        *field(&mut snapshot.validating, 2, "namespaceSelector") = json!({});
    }));
}

#[test]
fn namespaces_that_are_left_out_or_not() {
    assert_snapshot!(after(|snapshot| {
        field(&mut snapshot.mutating, 0, "namespaceSelector")["matchExpressions"][0]["values"] = json!(["nobodys", "harbor"]);
        field(&mut snapshot.validating, 0, "namespaceSelector")["matchLabels"] = json!({"team\u{1b}": "a"});
        let policy = POLICY.replace("match: [kube-system]", "match: [kube-system, \"team-*\", else]");
        snapshot.policy = Seen::There(Some(policy));
        snapshot.harbors = Seen::There(["registry".to_owned()].into());
    }));
}

#[test]
fn certificates_that_the_api_server_does_not_take() {
    let stranger = Authority::make(NOW.plus(Duration::from_secs(1))).expect("a CA");
    assert_snapshot!("by others", after(|snapshot| {
        let Seen::There(webhooks) = &mut snapshot.validating else { panic!("there are some") };
        webhooks[0].bundle = stranger.certificate().pem().into_bytes();
        webhooks[1].bundle = Vec::new();
        deployment(snapshot).certificates = CertificatesBy::Others;
    }));
    for (name, days) in [("ends soon", 360), ("has ended", 366), ("has not begun", -2)] {
        assert_snapshot!(name, after(|snapshot| {
            let now = NOW.seconds() + days * 24 * 3_600;
            snapshot.now = crate::certificates::Moment::since_1970(now);
        }));
    }
    assert_snapshot!("another name, and rubbish", after(|snapshot| {
        let other = super::AUTHORITY.sign(&["other.test".to_owned()], NOW).expect("a leaf");
        says(&mut replicas(snapshot)[0], |status| status.certificate = other.certificate().pem());
        says(&mut replicas(snapshot)[1], |status| status.certificate = "rubbish".to_owned());
    }));
    // One that was renewed: the other replica takes it up within two minutes.
    assert_snapshot!("two of them", after(|snapshot| {
        let newer = leaf(NOW.plus(LEAF_VALID_FOR / 2));
        snapshot.now = NOW.plus(LEAF_VALID_FOR / 2);
        says(&mut replicas(snapshot)[0], |status| status.certificate = newer.certificate().pem());
    }));
}

#[test]
fn replicas_that_are_not_there_or_not_ready() {
    assert_snapshot!("nothing", after(|snapshot| {
        snapshot.deployment = Seen::Missing;
        snapshot.service = Seen::Missing;
        snapshot.budget = Seen::Missing;
        replicas(snapshot).clear();
    }));
    assert_snapshot!("none is wanted", after(|snapshot| {
        deployment(snapshot).wanted = 0;
        replicas(snapshot).clear();
    }));
    assert_snapshot!("not ready", after(|snapshot| {
        snapshot.budget = Seen::There(0);
        let replicas = replicas(snapshot);
        replicas[0].state = ReplicaState::NotReady("ImagePullBackOff: Back-off pulling image".to_owned());
        replicas[0].said = Said::NotAsked;
        says(&mut replicas[1], |status| status.awaited = Some("the new CA is not in every `caBundle` yet".to_owned()));
        replicas[1].state = ReplicaState::NotReady("ContainersNotReady".to_owned());
        deployment(snapshot).wanted = 3;
    }));
    assert_snapshot!("one, which is out of reach, and another version", after(|snapshot| {
        let replicas = replicas(snapshot);
        let why = "error trying to reach service: dial tcp 10.1.0.7:8443: i/o timeout".to_owned();
        replicas[0].said = Said::ElsewhereAlone(Box::new(super::status()), why.clone());
        says(&mut replicas[1], |status| status.version = "0.2.0".to_owned());
        let mut third = replica("c");
        third.said = Said::Nothing(why);
        replicas.push(third);
        deployment(snapshot).wanted = 1;
    }));
    assert_snapshot!("never called", after(|snapshot| {
        for replica in replicas(snapshot) {
            says(replica, |status| status.last_calls.clear());
        }
    }));
}

#[test]
fn policies() {
    let broken = POLICY.replace("proxies:", "proxys:");
    assert_snapshot!("broken", after(|snapshot| {
        snapshot.policy = Seen::There(Some(broken));
        says(&mut replicas(snapshot)[1], |status| status.policy_file = PolicyFile::Broken);
    }));
    assert_snapshot!("no text", after(|snapshot| snapshot.policy = Seen::There(None)));
    assert_snapshot!("none", after(|snapshot| snapshot.policy = Seen::Missing));
    assert_snapshot!("not in force yet", after(|snapshot| {
        snapshot.policy = Seen::There(Some(format!("{POLICY}# changed\n")));
    }));
    assert_snapshot!("different ones", after(|snapshot| {
        says(&mut replicas(snapshot)[1], |status| status.policy = "0123456789ab".to_owned());
    }));
}

#[test]
fn guards() {
    assert_snapshot!(after(|snapshot| {
        snapshot.guard = Seen::Missing;
        snapshot.guard_binding = Seen::There(json!({"policyName": "harbor-pilot", "validationActions": ["Audit"]}));
    }));
    // Where the account has no rights, there is nothing to guard.
    let by_others = after(|snapshot| {
        deployment(snapshot).certificates = CertificatesBy::Others;
        snapshot.guard = Seen::Missing;
        snapshot.guard_binding = Seen::Missing;
    });
    assert_eq!(by_others, "");
}

#[test]
fn images_of_our_own() {
    assert_snapshot!("past Harbor", after(|snapshot| deployment(snapshot).image = "nvcr.io/x/harbor-pilot:1".to_owned()));
    assert_snapshot!("through a cache", after(|snapshot| {
        deployment(snapshot).image = "harbor.test/nvidiaio/x/harbor-pilot:1".to_owned();
    }));
}

#[test]
fn networks() {
    assert_snapshot!(after(|snapshot| {
        let Seen::There(policies) = &mut snapshot.networks else { panic!("there is one") };
        policies[0]["ingress"][0]["from"][0]["ipBlock"] = json!({"cidr": "10.0.0.0/24", "except": ["10.0.0.2/32"]});
        policies[0]["egress"][0]["ports"] = json!([{"port": 443}]);
    }));
}

#[test]
fn calls_that_failed() {
    let page = |started: u32, failed: &str| {
        format!(
            "# TYPE apiserver_admission_webhook_rejection_count counter\n\
             apiserver_admission_webhook_rejection_count{{error_type=\"calling_webhook_error\",name=\"pods.mutate.harbor-pilot.io\",\
             operation=\"CREATE\",rejection_code=\"0\",type=\"admit\"}} {failed}\n\
             apiserver_admission_webhook_rejection_count{{error_type=\"no_error\",name=\"pods.mutate.harbor-pilot.io\"}} 9\n\
             apiserver_admission_webhook_rejection_count{{error_type=\"calling_webhook_error\",name=\"other.example.com\"}} 9\n\
             apiserver_admission_webhook_fail_open_count{{name=\"workloads.validate.harbor-pilot.io\",type=\"validating\"}} 2\n\
             process_start_time_seconds {started}\n"
        )
    };
    let calls = |started, failed| Calls::read(&page(started, failed));
    assert_snapshot!("long ago", after(|snapshot| snapshot.calls = Seen::There((calls(1, "1e+06"), calls(1, "1e+06")))));
    assert_snapshot!("right now", after(|snapshot| snapshot.calls = Seen::There((calls(1, "4"), calls(1, "7")))));
    let others = after(|snapshot| snapshot.calls = Seen::There((calls(1, "4"), calls(2, "7"))));
    assert!(!others.contains("right now"), "{others}");
}

#[test]
fn a_pod_that_was_tried() {
    let image = || Image {
        written: "nvcr.io/nvidia/harbor-pilot:0".to_owned(),
        through_harbor: "harbor.test/nvidiaio/nvidia/harbor-pilot:0".to_owned(),
    };
    let tried = |outcome: Outcome| {
        after(|snapshot| {
            snapshot.tried = Some(Tried { namespace: "default".to_owned(), image: image(), outcome });
        })
    };
    assert_eq!(tried(Outcome::Admitted(image().through_harbor)), "");
    assert_snapshot!("admitted as it was", tried(Outcome::Admitted(image().written)));
    let call = |why: &str| {
        let url = format!("https://harbor-pilot.{NAMESPACE}.svc:443/mutate?timeout=5s");
        Outcome::Refused(format!(
            "Internal error occurred: failed calling webhook \"pods.mutate.harbor-pilot.io\": failed to call webhook: Post \"{url}\": {why}"
        ))
    };
    assert_snapshot!("no endpoints", tried(call("no endpoints available for service \"harbor-pilot\"")));
    assert_snapshot!("by a proxy", tried(call("Gateway Timeout")));
    assert_snapshot!("unknown", tried(call("something else")));
    let denial = "admission webhook \"pods.mutate.harbor-pilot.io\" denied the request: harbor-pilot: container \"doctor\": …";
    assert_snapshot!("by us", tried(Outcome::Refused(denial.to_owned())));
    let quota = "pods \"harbor-pilot-doctor-x\" is forbidden: exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1";
    assert_snapshot!("by a quota", tried(Outcome::Refused(quota.to_owned())));
}

#[test]
fn what_could_not_be_looked_at() {
    assert_snapshot!(after(|snapshot| {
        snapshot.obstacles = vec![
            Obstacle::Forbidden {
                right: "list namespaces".to_owned(),
                said: "namespaces is forbidden: User \"jane\" cannot list resource \"namespaces\" in API group \"\" at the cluster scope"
                    .to_owned(),
            },
            Obstacle::Failed { asked: "get services".to_owned(), why: "no answer within 10 s".to_owned() },
        ];
        snapshot.namespaces = Seen::Unknown;
        snapshot.service = Seen::Unknown;
    }));
}
