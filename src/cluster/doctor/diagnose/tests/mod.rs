//! What each breakage is told as. On a real API server, tests/cluster proves the same.
#![allow(clippy::disallowed_types, reason = "keys are made once for all tests")]

mod parts;
mod registered;
mod running;
mod tried;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

use serde_json::{Value, json};

use super::{
    calls::Calls,
    examine,
    expected::Expected,
    reading,
    snapshot::{CertificatesBy, Deployment, InstalledBy, Replica, ReplicaState, Said, Seen, Snapshot, Webhook},
};
use crate::{
    certificates::{Authority, Leaf, Moment},
    cluster::doctor::status::{PolicyFile, Status},
    diagnosis::text,
    policy::short_hash,
};

const NAMESPACE: &str = "pilot";
const NOW: Moment = Moment::since_1970(1_800_000_000);
const POLICY: &str = "apiVersion: harbor-pilot.io/v1\nkind: Policy\nharbor: harbor.test\nproxies:\n  \
    - {registry: nvcr.io, project: nvidiaio}\nallow: [\"nvcr.io/nvidia/**\"]\nnamespaces:\n  \
    - {match: [kube-system], enforcement: audit, rewrite: false}\n";

static AUTHORITY: LazyLock<Authority> = LazyLock::new(|| Authority::make(NOW).expect("a CA"));
static LEAF: LazyLock<Leaf> = LazyLock::new(|| leaf(NOW));

fn leaf(made: Moment) -> Leaf {
    AUTHORITY.sign(&[format!("harbor-pilot.{NAMESPACE}.svc")], made).expect("a leaf")
}

/// Nothing needs doing.
fn healthy() -> Snapshot {
    let Expected { mutating, validating, guard, guard_binding } = Expected::in_namespace(NAMESPACE);
    let as_installed = |mut webhooks: Vec<Webhook>| {
        for webhook in &mut webhooks {
            webhook.bundle = AUTHORITY.certificate().pem().into_bytes();
            let selector = webhook.fields.get_mut("namespaceSelector").expect("one");
            if let Some(left_out) = selector.get_mut("matchExpressions") {
                left_out[0]["values"] = json!(["harbor", "kube-system", NAMESPACE]);
            }
        }
        Seen::There(webhooks)
    };
    Snapshot {
        namespace: NAMESPACE.to_owned(),
        now: NOW,
        mutating: as_installed(mutating),
        validating: as_installed(validating),
        namespaces: Seen::There(["default", "harbor", "kube-system", NAMESPACE].map(str::to_owned).into()),
        harbors: Seen::There(["harbor".to_owned()].into()),
        policy: Seen::There(Some(POLICY.to_owned())),
        last_good: Seen::There(Some(POLICY.to_owned())),
        deployment: Seen::There(Deployment {
            wanted: 2,
            image: "harbor.test/platform/harbor-pilot:0.1.0".to_owned(),
            certificates: CertificatesBy::Replicas,
            installed_by: InstalledBy::Helm { release: "pilot".to_owned() },
        }),
        replicas: Seen::There(vec![replica("a"), replica("b")]),
        service: Seen::There(json!({"spec": {
            "selector": {"app.kubernetes.io/name": "harbor-pilot"},
            "ports": [{"port": 443, "targetPort": "https"}, {"port": 8080, "targetPort": "ops"}],
        }})),
        budget: Seen::There(1),
        networks: Seen::There(vec![json!({
            "podSelector": {"matchLabels": {"app.kubernetes.io/name": "harbor-pilot"}},
            "policyTypes": ["Ingress", "Egress"],
            "ingress": [{"ports": [{"port": "https"}], "from": [{"ipBlock": {"cidr": "10.0.0.0/24"}}]}],
            "egress": [{"ports": [{"port": 443}, {"port": 6443}]}],
        })]),
        api_servers: Seen::There(reading::endpoints(&json!({
            "ports": [{"port": 6443}], "endpoints": [{"addresses": ["10.0.0.1"]}, {"addresses": ["10.0.0.2"]}],
        }))),
        guard: Seen::There(guard),
        guard_binding: Seen::There(guard_binding),
        calls: Seen::There((Calls::default(), Calls::default())),
        tried: None,
        obstacles: Vec::new(),
    }
}

fn replica(name: &str) -> Replica {
    Replica {
        name: name.to_owned(),
        labels: BTreeMap::from([("app.kubernetes.io/name".to_owned(), "harbor-pilot".to_owned())]),
        ports: BTreeMap::from([("https".to_owned(), 8443), ("ops".to_owned(), 8080)]),
        state: ReplicaState::Ready,
        said: Said::Status(Box::new(status())),
    }
}

fn status() -> Status {
    Status {
        version: "0.1.0".to_owned(),
        policy: short_hash(POLICY.as_bytes()),
        policy_file: PolicyFile::Good,
        names_as_before_for: None,
        certificate: LEAF.certificate().pem(),
        awaited: None,
        last_calls: BTreeMap::from([("mutate".to_owned(), 3)]),
        running_for: 100,
    }
}

/// What is found after a change of what is well.
fn after(change: impl FnOnce(&mut Snapshot)) -> String {
    let mut snapshot = healthy();
    change(&mut snapshot);
    text(&examine(&snapshot))
}

/// A field of a webhook.
fn field<'s>(of: &'s mut Seen<Vec<Webhook>>, number: usize, field: &str) -> &'s mut Value {
    let Seen::There(webhooks) = of else { panic!("there is one") };
    webhooks[number].fields.get_mut(field).expect("a field")
}

fn replicas(snapshot: &mut Snapshot) -> &mut Vec<Replica> {
    let Seen::There(replicas) = &mut snapshot.replicas else { panic!("there are some") };
    replicas
}

/// Has a replica say something else.
fn says(replica: &mut Replica, change: impl FnOnce(&mut Status)) {
    let mut said = status();
    change(&mut said);
    replica.said = Said::Status(Box::new(said));
}

fn deployment(snapshot: &mut Snapshot) -> &mut Deployment {
    let Seen::There(deployment) = &mut snapshot.deployment else { panic!("there is one") };
    deployment
}

#[test]
fn nothing_is_found_where_all_is_well() {
    assert_eq!(after(|_| {}), "");
}

/// The files of deploy/kustomize are read whole.
#[test]
fn what_is_expected_is_what_is_deployed() {
    let expected = Expected::in_namespace(NAMESPACE);
    let names = |webhooks: &[Webhook]| webhooks.iter().map(|webhook| webhook.name.clone()).collect::<BTreeSet<_>>();
    assert_eq!(names(&expected.mutating), ["pods.mutate.harbor-pilot.io".to_owned()].into());
    let validating = ["pods", "policy", "workloads"].map(|about| format!("{about}.validate.harbor-pilot.io"));
    assert_eq!(names(&expected.validating), validating.into());
    let account = &expected.guard["matchConditions"][0]["expression"];
    assert_eq!(*account, format!("request.userInfo.username == 'system:serviceaccount:{NAMESPACE}:harbor-pilot'"));
    assert_eq!(expected.guard_binding, json!({"policyName": "harbor-pilot", "validationActions": ["Deny"]}));
    for webhook in expected.mutating.iter().chain(&expected.validating) {
        assert_eq!(webhook.fields["service"]["namespace"], NAMESPACE);
        assert!(webhook.fields["rules"][0]["scope"] == "*", "{webhook:?}");
    }
}
