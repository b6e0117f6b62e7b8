//! Breakages of what is registered and installed, and the text of what is found.

use std::time::Duration;

use insta::assert_snapshot;
use serde_json::json;

use super::{
    super::snapshot::{CertificatesBy, InstalledBy, Seen, Snapshot},
    AUTHORITY, NOW, POLICY, after, deployment, field, leaf, replicas, says,
};
use crate::certificates::{Authority, LEAF_VALID_FOR, Moment};

#[test]
fn registrations_that_are_gone() {
    assert_snapshot!(after(|snapshot| {
        snapshot.mutating = Seen::Missing;
        let Seen::There(webhooks) = &mut snapshot.validating else { panic!("there are some") };
        webhooks.remove(0);
        webhooks[0].name = "other.harbor-pilot.io".to_owned();
        deployment(snapshot).installed_by = InstalledBy::Files;
    }), @"
    error: registration: there is no MutatingWebhookConfiguration `harbor-pilot`
      why: the API server does not call us: Pods run as they are written, allowed or not
      fix: kubectl apply --server-side --force-conflicts -k FOLDER
           # FOLDER: the kustomization that it was installed by
    error: registration: the ValidatingWebhookConfiguration has no webhook `pods.validate.harbor-pilot.io`
      why: the API server does not ask it
      fix: kubectl apply --server-side --force-conflicts -k FOLDER
           # FOLDER: the kustomization that it was installed by
    error: registration: the ValidatingWebhookConfiguration has no webhook `workloads.validate.harbor-pilot.io`
      why: the API server does not ask it
      fix: kubectl apply --server-side --force-conflicts -k FOLDER
           # FOLDER: the kustomization that it was installed by
    warning: webhook other.harbor-pilot.io: it is none that this version knows
      why: it may send what is not understood, and hold up what waits for the answer
      fix: kubectl edit validatingwebhookconfiguration harbor-pilot, and remove it, unless a newer version made it
    ");
}

#[test]
fn installations_that_are_not_there() {
    let gone = |snapshot: &mut Snapshot| {
        snapshot.deployment = Seen::Missing;
        snapshot.service = Seen::Missing;
        snapshot.policy = Seen::Missing;
        snapshot.budget = Seen::Missing;
        replicas(snapshot).clear();
    };
    assert_snapshot!(after(|snapshot| {
        gone(snapshot);
        snapshot.mutating = Seen::Missing;
        snapshot.validating = Seen::Missing;
    }), @"
    error: installation: harbor-pilot is not installed in `pilot`, nor registered
      why: the API server calls nobody: Pods run as they are written, allowed or not
      fix: # docs/install.md says how to install it; where it is in another namespace:
           harbor-pilot doctor -n NAMESPACE
    ");
    let elsewhere = |snapshot: &mut Snapshot| "other".clone_into(&mut snapshot.namespace);
    assert_snapshot!(after(|snapshot| {
        gone(snapshot);
        elsewhere(snapshot);
    }), @"
    error: namespace: the registrations name `pilot`, and not `other`
      why: there is no Deployment `harbor-pilot` to be seen here; the rest was not compared
      fix: harbor-pilot doctor -n pilot
    ");
    let registered = after(gone);
    assert!(registered.contains("there is no Deployment `harbor-pilot` in `pilot`"), "{registered}");
    let wrong = after(elsewhere);
    assert!(wrong.contains("error: webhook pods.mutate.harbor-pilot.io: its `service` is "), "{wrong}");
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
    }), @r#"
    error: webhook pods.mutate.harbor-pilot.io: its `rules` is [], and ought to be [{"apiGroups":[""],"apiVersions":["v1"],"operations":["CREATE","UPDATE"],"resources":["pods"],"scope":"*"},{"apiGroups":[""],"apiVersions":["v1"],"operations":["UPDATE"],"resources":["pods/ephemeralcontainers"],"scope":"*"}]
      why: Pods are stored without being looked at, or objects without images wait for an answer
      fix: helm upgrade pilot deploy/chart -n pilot --reset-then-reuse-values
           # Helm 4: add --force-conflicts, to take back what others wrote
    warning: webhook pods.mutate.harbor-pilot.io: its `reinvocationPolicy` is "Never", and ought to be "IfNeeded"
      why: containers that another webhook adds later are not rewritten, but rejected
      fix: helm upgrade pilot deploy/chart -n pilot --reset-then-reuse-values
           # Helm 4: add --force-conflicts, to take back what others wrote
    warning: webhook pods.validate.harbor-pilot.io: its `timeoutSeconds` is 30, and ought to be 5
      why: a replica that hangs holds up each request for longer, or a slow one is given up
      fix: helm upgrade pilot deploy/chart -n pilot --reset-then-reuse-values
           # Helm 4: add --force-conflicts, to take back what others wrote
    warning: webhook pods.validate.harbor-pilot.io: its failurePolicy is Ignore
      why: while no replica answers, Pods run as they are written, allowed or not
      fix: # nothing, if running any image beats running none; else:
           helm upgrade pilot deploy/chart -n pilot --reset-then-reuse-values --set 'registration.validate.failurePolicy=Fail'
           # Helm 4: add --force-conflicts, to take back what others wrote
    warning: webhook workloads.validate.harbor-pilot.io: its failurePolicy is Fail
      why: what only informs, holds up the cluster while no replica answers
      fix: helm upgrade pilot deploy/chart -n pilot --reset-then-reuse-values
           # Helm 4: add --force-conflicts, to take back what others wrote
    warning: webhook policy.validate.harbor-pilot.io: its `namespaceSelector` does not name our own namespace alone
      why: a broken policy is not refused when it is applied
      fix: helm upgrade pilot deploy/chart -n pilot --reset-then-reuse-values
           # Helm 4: add --force-conflicts, to take back what others wrote
    note: webhook pods.mutate.harbor-pilot.io: its failurePolicy is Ignore
      why: while no replica answers, Pods come unchanged to the validating one, which says whether they may
      fix: # nothing, if that was chosen; else:
           helm upgrade pilot deploy/chart -n pilot --reset-then-reuse-values --set 'registration.mutate.failurePolicy=Fail'
           # Helm 4: add --force-conflicts, to take back what others wrote
    "#);
}

#[test]
fn namespaces_that_are_left_out_or_not() {
    assert_snapshot!(after(|snapshot| {
        field(&mut snapshot.mutating, 0, "namespaceSelector")["matchExpressions"][0]["values"] =
            json!(["nobodys", "harbor"]);
        field(&mut snapshot.validating, 0, "namespaceSelector")["matchLabels"] = json!({"team\u{1b}": "a"});
        let policy = POLICY.replace("match: [kube-system]", "match: [kube-system, \"team-*\", else]");
        snapshot.policy = Seen::There(Some(policy));
        snapshot.harbors = Seen::There(["registry".to_owned()].into());
    }), @r#"
    error: webhook pods.mutate.harbor-pilot.io: it does not leave out our own namespace, `pilot`
      why: when no replica is left, the Pods that would replace them can't be created, and nothing else either
      fix: helm upgrade pilot deploy/chart -n pilot --reset-then-reuse-values
           # Helm 4: add --force-conflicts, to take back what others wrote
    error: webhook pods.mutate.harbor-pilot.io: it does not leave out `kube-system`
      why: while no replica answers, DNS and the network of a new node can't start
      fix: helm upgrade pilot deploy/chart -n pilot --reset-then-reuse-values
           # Helm 4: add --force-conflicts, to take back what others wrote
    error: Harbor: it runs in `registry`, whose Pods are looked at
      why: its images would be pulled through itself: once it is down, it can't start
      fix: helm upgrade pilot deploy/chart -n pilot --reset-then-reuse-values --set 'harborNamespaces={registry}'
           # Helm 4: add --force-conflicts, to take back what others wrote
    warning: webhook pods.validate.harbor-pilot.io: it asks for the labels `team\u{1b}` of a namespace
      why: whoever may label a namespace takes it out, or puts it in
      fix: # name the namespaces instead:
           helm upgrade pilot deploy/chart -n pilot --reset-then-reuse-values --set 'exemptNamespaces={NAME,NAME}'
           # Helm 4: add --force-conflicts, to take back what others wrote
    warning: webhook pods.validate.harbor-pilot.io: it does not leave out `nobodys`, which another webhook of ours does
      why: what one leaves as it is written, the other refuses; or nobody looks at what was changed
      fix: helm upgrade pilot deploy/chart -n pilot --reset-then-reuse-values
           # Helm 4: add --force-conflicts, to take back what others wrote
    warning: webhook workloads.validate.harbor-pilot.io: it does not leave out `nobodys`, which another webhook of ours does
      why: what one leaves as it is written, the other refuses; or nobody looks at what was changed
      fix: helm upgrade pilot deploy/chart -n pilot --reset-then-reuse-values
           # Helm 4: add --force-conflicts, to take back what others wrote
    warning: namespaces: left out are namespaces that do not exist: `nobodys`
      why: whoever may create a namespace may create one of these, and run any image there
      fix: take them out of `harborNamespaces` and `exemptNamespaces`, and upgrade; or reserve each: kubectl create namespace nobodys
    warning: policy: bb9f5374f634 is written, and 296da7eaf860 in force
      why: what was changed is not in force yet
      fix: wait for two minutes, which a kubelet takes; if it stays: kubectl rollout restart deployment/harbor-pilot -n pilot
    warning: namespaces: the policy loosens namespaces that do not exist: `else`
      why: whoever may create a namespace may create one of these, and run there what is not allowed elsewhere
      fix: take them out of the policy's `namespaces`; or reserve each: kubectl create namespace else
    note: policy: it has warnings: 1
      why: it says what was probably not meant
      fix: kubectl get configmap -n pilot harbor-pilot-policy -o jsonpath='{.data.policies\.yaml}' | harbor-pilot policy check -p -
    "#);
}

#[test]
fn certificates_that_the_api_server_does_not_take() {
    let stranger = Authority::make(NOW.plus(Duration::from_secs(1))).expect("a CA");
    assert_snapshot!(after(|snapshot| {
            let Seen::There(webhooks) = &mut snapshot.validating else { panic!("there are some") };
            webhooks[0].bundle = stranger.certificate().pem().into_bytes();
            webhooks[1].bundle = Vec::new();
            deployment(snapshot).certificates = CertificatesBy::Others;
        }), @"
    error: the certificate of `a`, `b`: `caBundle` of `pods.validate.harbor-pilot.io`, `workloads.validate.harbor-pilot.io` does not have the CA that signed it
      why: calls fail with an `x509` error, and no Pod can be created
      fix: # put the CA into `tls.caBundle`, and:
           helm upgrade pilot deploy/chart -n pilot --reset-then-reuse-values
           # Helm 4: add --force-conflicts, to take back what others wrote
           # with cert-manager, look at its injector:
           kubectl logs -n cert-manager -l app.kubernetes.io/name=cainjector
    ");
    let at = |days: i64| after(|snapshot| snapshot.now = Moment::since_1970(NOW.seconds() + days * 24 * 3_600));
    assert_snapshot!(at(360), @r#"
    warning: the certificate of `a`, `b`: it ends in 5 days, on Sat, 15 Jan 2028 08:00:00 +0000
      why: from then on no call succeeds, and no Pod can be created
      fix: kubectl patch secret -n pilot harbor-pilot-certificates -p '{"data":{"tls.crt":null}}'
    "#);
    assert_snapshot!(at(366), @r#"
    error: the certificate of `a`, `b`: it ended on Sat, 15 Jan 2028 08:00:00 +0000
      why: calls fail with an `x509` error, and no Pod can be created
      fix: kubectl patch secret -n pilot harbor-pilot-certificates -p '{"data":{"tls.crt":null}}'
    "#);
    assert_snapshot!(at(-2), @"
    error: the certificate of `a`, `b`: it is not valid yet
      why: calls fail with an `x509` error, and no Pod can be created
      fix: see that the clocks of the nodes are right
    ");
    assert_snapshot!(after(|snapshot| {
            let other = AUTHORITY.sign(&["other.test".to_owned()], NOW).expect("a leaf");
            says(&mut replicas(snapshot)[0], |status| status.certificate = other.certificate().pem());
            says(&mut replicas(snapshot)[1], |status| status.certificate = "rubbish".to_owned());
        }), @r#"
    error: the certificate of `a`: it is not for harbor-pilot.pilot.svc, which the API server calls
      why: calls fail with an `x509` error, and no Pod can be created
      fix: make one with that subject alternative name; kubectl patch secret -n pilot harbor-pilot-certificates -p '{"data":{"tls.crt":null}}'
    error: the certificate of `b`: it can't be read
      why: the API server can't read it either
      fix: kubectl patch secret -n pilot harbor-pilot-certificates -p '{"data":{"tls.crt":null}}'
    note: certificates: replicas serve 2 of them
      why: one that is left behind serves on what may end sooner
      fix: wait for two minutes, which a kubelet takes; if it stays, read the log of the replica whose ends sooner
    "#);
    // One that was renewed: the other replica takes it up within two minutes.
    assert_snapshot!(after(|snapshot| {
            let newer = leaf(NOW.plus(LEAF_VALID_FOR / 2));
            snapshot.now = NOW.plus(LEAF_VALID_FOR / 2);
            says(&mut replicas(snapshot)[0], |status| status.certificate = newer.certificate().pem());
        }), @"
    note: certificates: replicas serve 2 of them
      why: one that is left behind serves on what may end sooner
      fix: wait for two minutes, which a kubelet takes; if it stays, read the log of the replica whose ends sooner
    ");
}

#[test]
fn guards() {
    assert_snapshot!(after(|snapshot| {
        snapshot.guard = Seen::Missing;
        snapshot.guard_binding = Seen::There(json!({"policyName": "harbor-pilot", "validationActions": ["Audit"]}));
    }), @"
    error: guard: there is no ValidatingAdmissionPolicy `harbor-pilot`
      why: whoever has the account's token may have the API server call somebody else, or nobody
      fix: helm upgrade pilot deploy/chart -n pilot --reset-then-reuse-values
           # Helm 4: add --force-conflicts, to take back what others wrote
    error: guard: the ValidatingAdmissionPolicyBinding `harbor-pilot` is not what it ought to be
      why: whoever has the account's token may have the API server call somebody else, or nobody
      fix: helm upgrade pilot deploy/chart -n pilot --reset-then-reuse-values
           # Helm 4: add --force-conflicts, to take back what others wrote
    ");
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
    assert_snapshot!(after(|snapshot| deployment(snapshot).image = "nvcr.io/x/harbor-pilot:1".to_owned()), @"
    note: our own image: nvcr.io/x/harbor-pilot:1 is pulled past Harbor, from nvcr.io
      why: where nodes reach nothing but Harbor, replicas can't start on a new one
      fix: push it to a project of Harbor's that is no proxy, and name it in `image.repository`
    ");
    assert_snapshot!(after(|snapshot| {
            deployment(snapshot).image = "harbor.test/nvidiaio/x/harbor-pilot:1".to_owned();
        }), @"
    note: our own image: harbor.test/nvidiaio/x/harbor-pilot:1 is pulled through a proxy cache of nvcr.io
      why: the cache forgets, and then replicas on a new node need the internet
      fix: push it to a project of Harbor's that is no proxy, and name it in `image.repository`
    ");
}

#[test]
fn networks() {
    assert_snapshot!(after(|snapshot| {
        let Seen::There(policies) = &mut snapshot.networks else { panic!("there is one") };
        policies[0]["ingress"][0]["from"][0]["ipBlock"] = json!({"cidr": "10.0.0.0/24", "except": ["10.0.0.2/32"]});
        policies[0]["egress"][0]["ports"] = json!([{"port": 443}]);
    }), @"
    warning: network: no NetworkPolicy lets the API servers at 10.0.0.2 port 6443 in to port 8443
      why: their calls end in `context deadline exceeded`, unless they come from another address
      fix: helm upgrade pilot deploy/chart -n pilot --reset-then-reuse-values --set 'networkPolicy.controlPlane={NETWORK/BITS}'
           # Helm 4: add --force-conflicts, to take back what others wrote
    warning: network: no NetworkPolicy lets replicas out to the API servers at 10.0.0.1 port 6443, 10.0.0.2 port 6443
      why: they can't look after their certificate: `no answer within 10 s` in the log
      fix: helm upgrade pilot deploy/chart -n pilot --reset-then-reuse-values --set 'networkPolicy.apiServerPorts={PORT}'
           # Helm 4: add --force-conflicts, to take back what others wrote
    ");
}
