//! Breakages of what runs, and the text of what is found.

use insta::assert_snapshot;
use serde_json::json;

use super::{
    super::{
        calls::Calls,
        snapshot::{Obstacle, ReplicaState, Said, Seen},
    },
    POLICY, after, deployment, replica, replicas, says, status,
};
use crate::cluster::doctor::status::PolicyFile;

#[test]
fn replicas_that_are_not_there_or_not_ready() {
    assert_snapshot!(after(|snapshot| {
            snapshot.deployment = Seen::Missing;
            snapshot.service = Seen::Missing;
            snapshot.budget = Seen::Missing;
            replicas(snapshot).clear();
        }), @"
    error: replicas: there is no Deployment `harbor-pilot` in `pilot`
      why: nobody answers the API server's calls
      fix: helm upgrade, or kubectl apply -k, whichever installed it
           # or name the namespace: harbor-pilot doctor -n NAMESPACE
    error: replicas: there is no Service `harbor-pilot` in `pilot`
      why: the API server finds nobody to call
      fix: helm upgrade, or kubectl apply -k, whichever installed it
    error: replicas: none is ready
      why: calls fail with `no endpoints available`, and no Pod can be created where the failurePolicy is Fail
      fix: kubectl describe pods -n pilot -l app.kubernetes.io/name=harbor-pilot
    warning: replicas: there is no PodDisruptionBudget `harbor-pilot`
      why: draining nodes may take all replicas at once, and then no Pod can be created
      fix: helm upgrade, or kubectl apply -k, whichever installed it
    ");
    assert_snapshot!(after(|snapshot| {
            deployment(snapshot).wanted = 0;
            replicas(snapshot).clear();
        }), @"
    error: replicas: none is ready
      why: calls fail with `no endpoints available`, and no Pod can be created where the failurePolicy is Fail
      fix: kubectl scale deployment/harbor-pilot -n pilot --replicas=2
    ");
    assert_snapshot!(after(|snapshot| {
            snapshot.budget = Seen::There(0);
            let replicas = replicas(snapshot);
            replicas[0].state = ReplicaState::NotReady("ImagePullBackOff: Back-off pulling image\nand more".to_owned());
            replicas[0].said = Said::NotAsked;
            says(&mut replicas[1], |status| {
                status.awaited = Some("the new CA is not in every `caBundle` yet".to_owned());
            });
            replicas[1].state = ReplicaState::NotReady("ContainersNotReady".to_owned());
            deployment(snapshot).wanted = 3;
        }), @"
    error: replicas: none is ready
      why: calls fail with `no endpoints available`, and no Pod can be created where the failurePolicy is Fail
      fix: kubectl describe pods -n pilot -l app.kubernetes.io/name=harbor-pilot
    warning: replica a: it is not ready: ImagePullBackOff: Back-off pulling image
      why: the others answer for it, while there are others
      fix: kubectl describe pod -n pilot a; kubectl logs -n pilot a --all-containers
    warning: replica b: it is not ready: ContainersNotReady; it waits for its certificate: the new CA is not in every `caBundle` yet
      why: the others answer for it, while there are others
      fix: kubectl describe pod -n pilot b; kubectl logs -n pilot b --all-containers
    warning: replicas: there are 2 Pods, and the Deployment asks for 3
      why: Pods could not be created: a quota, or a webhook that does not answer
      fix: kubectl describe replicasets -n pilot -l app.kubernetes.io/name=harbor-pilot
    note: replicas: their PodDisruptionBudget lets none be taken away now
      why: draining a node waits, until all are ready
      fix: kubectl describe pdb -n pilot harbor-pilot
    ");
    assert_snapshot!(after(|snapshot| {
            let replicas = replicas(snapshot);
            let why = "error trying to reach service: dial tcp 10.1.0.7:8443: i/o timeout".to_owned();
            replicas[0].said = Said::ElsewhereAlone(Box::new(status()), why.clone());
            says(&mut replicas[1], |status| status.version = "0.2.0".to_owned());
            let mut third = replica("c");
            third.said = Said::Nothing(why);
            replicas.push(third);
            deployment(snapshot).wanted = 1;
        }), @"
    error: replica a: the API server reaches it, but not on port 8443, which it calls: error trying to reach service: dial tcp 10.1.0.7:8443: i/o timeout
      why: calls go the same way, and may fail as well; the control plane does not reach port 8443 of the Pods: a firewall, a NetworkPolicy, or the network of the nodes
      fix: let the API servers in to port 8443 of the Pods: kubectl get networkpolicies -n pilot; and the cloud's firewall
    warning: replicas: the Deployment asks for one
      why: while its node is drained or gone, no Pod can be created
      fix: helm upgrade pilot deploy/chart -n pilot --reset-then-reuse-values --set 'replicas=2'
           # Helm 4: add --force-conflicts, to take back what others wrote
    warning: replica c: the API server did not reach it: error trying to reach service: dial tcp 10.1.0.7:8443: i/o timeout
      why: calls go the same way, and may fail as well; the control plane does not reach port 8443 of the Pods: a firewall, a NetworkPolicy, or the network of the nodes
      fix: let the API servers in to port 8443 of the Pods: kubectl get networkpolicies -n pilot; and the cloud's firewall
    warning: replicas: they are of different versions: `0.1.0`, `0.2.0`
      why: what one allows, another may deny
      fix: kubectl rollout status deployment/harbor-pilot -n pilot, and wait for it
    ");
    assert_snapshot!(after(|snapshot| {
            for replica in replicas(snapshot) {
                says(replica, |status| status.last_calls.clear());
            }
        }), @"
    note: calls: no replica has been asked about a Pod since it started
      why: no Pod was created since then, or the API server does not call
      fix: see which: harbor-pilot doctor --try
    ");
}

#[test]
fn services_that_find_nobody() {
    let service = |path: &str, value: serde_json::Value| {
        after(|snapshot| {
            let Seen::There(service) = &mut snapshot.service else { panic!("there is one") };
            *service.pointer_mut(path).expect("it is there") = value;
        })
    };
    assert_snapshot!(service("/spec/ports/0/targetPort", json!(8444)), @"
    error: the Service: its port 443 leads to 8444, and replicas listen on 8443
      why: calls fail with `no endpoints available` or `connection refused`, and no Pod can be created
      fix: helm upgrade pilot deploy/chart -n pilot --reset-then-reuse-values
           # Helm 4: add --force-conflicts, to take back what others wrote
    ");
    assert_snapshot!(service("/spec/selector", json!({"app.kubernetes.io/name": "harbor"})), @r#"
    error: the Service: its selector is {"app.kubernetes.io/name":"harbor"}, and no replica has those labels
      why: calls fail with `no endpoints available`, and no Pod can be created
      fix: helm upgrade pilot deploy/chart -n pilot --reset-then-reuse-values
           # Helm 4: add --force-conflicts, to take back what others wrote
    "#);
    let target = "/spec/ports/0/targetPort";
    for (path, value) in [
        (target, json!("ops")),
        (target, json!("nobodys")),
        (target, json!(null)),
        ("/spec/ports/0/port", json!(444)),
        ("/spec/ports", json!([])),
        ("/spec/selector", json!(null)),
        ("/spec/selector", json!({})),
        ("/spec/selector", json!({"app.kubernetes.io/name": "harbor-pilot", "else": "x"})),
    ] {
        let found = service(path, value.clone());
        assert!(found.starts_with("error: the Service: "), "{path} {value}: {found}");
        assert_eq!(found.matches("error: ").count(), 1, "{path} {value}: {found}");
    }
    assert_eq!(service(target, json!(8443)), "");
}

#[test]
fn policies() {
    let broken = POLICY.replace("proxies:", "proxys:");
    assert_snapshot!(after(|snapshot| {
            snapshot.policy = Seen::There(Some(broken));
            says(&mut replicas(snapshot)[1], |status| status.policy_file = PolicyFile::Broken);
        }), @"
    error: policy: it is broken as it is written:
        error: unknown key `proxys` at the top of the file
         --> policies.yaml:4:1
          |
        4 | proxys:
          | ^^^^^^
          |
          = help: did you mean `proxies`?

        1 error in policies.yaml
      why: replicas go by the last good one; those that start have it in mode selfManaged alone
      fix: kubectl edit configmap -n pilot harbor-pilot-policy; or upgrade with a policy that is right
    error: policy: `b` could not take what is written: the last good policy is in force there
      why: what was changed since is not in force
      fix: kubectl logs -n pilot -l app.kubernetes.io/name=harbor-pilot --tail=100
    ");
    assert_snapshot!(after(|snapshot| snapshot.policy = Seen::There(None)), @"
    error: policy: the ConfigMap `harbor-pilot-policy` has no key `policies.yaml`
      why: replicas go by the last good one; those that start have it in mode selfManaged alone
      fix: helm upgrade pilot deploy/chart -n pilot --reset-then-reuse-values
           # Helm 4: add --force-conflicts, to take back what others wrote
    ");
    assert_snapshot!(after(|snapshot| snapshot.policy = Seen::Missing), @"
    error: policy: there is no ConfigMap `harbor-pilot-policy`
      why: replicas that start have no policy
      fix: helm upgrade pilot deploy/chart -n pilot --reset-then-reuse-values
           # Helm 4: add --force-conflicts, to take back what others wrote
    ");
    assert_snapshot!(after(|snapshot| {
            snapshot.policy = Seen::There(Some(format!("{POLICY}# changed\n")));
        }), @"
    warning: policy: 4dea30dd8010 is written, and 296da7eaf860 in force
      why: what was changed is not in force yet
      fix: wait for two minutes, which a kubelet takes; if it stays: kubectl rollout restart deployment/harbor-pilot -n pilot
    ");
    assert_snapshot!(after(|snapshot| {
            says(&mut replicas(snapshot)[1], |status| status.policy = "0123456789ab".to_owned());
        }), @"
    error: policy: replicas go by different ones: `b` by 0123456789ab, `a` by 296da7eaf860
      why: what one allows, another denies: the same Pod is created or not, by chance
      fix: wait for two minutes, which a kubelet takes; if it stays: kubectl rollout restart deployment/harbor-pilot -n pilot, and see whose Pod is none of its
    ");
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
    assert_snapshot!(after(|snapshot| snapshot.calls = Seen::There((calls(1, "1e+06"), calls(1, "1e+06")))), @"
    note: the API server's calls: since this API server started, requests failed because calls did: 1000000 of pods.mutate.harbor-pilot.io (calling_webhook_error)
      why: whoever sent them saw `failed calling webhook`; their controllers tried again
      fix: nothing, if it was an outage that is over; else look at kubectl logs -n pilot -l app.kubernetes.io/name=harbor-pilot --tail=100
    note: the API server's calls: since this API server started, objects were admitted unseen: 2 by workloads.validate.harbor-pilot.io
      why: what those on failurePolicy Ignore let through, the policy may not allow
      fix: kubectl get pods -A -o wide, and look for images that are not Harbor's
    ");
    assert_snapshot!(after(|snapshot| snapshot.calls = Seen::There((calls(1, "4"), calls(1, "7")))), @"
    error: the API server's calls: while this was looked at, 3 requests failed because a webhook of ours did, and 0 objects were admitted unseen
      why: calls fail right now
      fix: see what the API server says: harbor-pilot doctor --try; and what replicas say: kubectl logs -n pilot -l app.kubernetes.io/name=harbor-pilot --tail=100
    ");
    let others = after(|snapshot| snapshot.calls = Seen::There((calls(1, "4"), calls(2, "7"))));
    assert!(!others.contains("right now"), "{others}");
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
            Obstacle::Forbidden {
                right: "list pods in namespace pilot".to_owned(),
                said: "pods is forbidden: User \"jane\" cannot list resource \"pods\"".to_owned(),
            },
            Obstacle::MayNotTry {
                namespace: "default".to_owned(),
                said: "pods is forbidden: User \"jane\" cannot create resource \"pods\"".to_owned(),
            },
            Obstacle::Failed { asked: "get services".to_owned(), why: "no answer within 10 s".to_owned() },
        ];
        snapshot.namespaces = Seen::Unknown;
        snapshot.service = Seen::Unknown;
    }), @r#"
    warning: rights: this account may not list namespaces, list pods in namespace pilot: namespaces is forbidden: User "jane" cannot list resource "namespaces" in API group "" at the cluster scope
      why: what depends on it was not looked at
      fix: sed 's/namespace: harbor-pilot$/namespace: pilot/' deploy/doctor-rbac.yaml | kubectl apply -f -
           kubectl create clusterrolebinding harbor-pilot-doctor --clusterrole=harbor-pilot-doctor --user='jane'
           kubectl create rolebinding harbor-pilot-doctor -n pilot --role=harbor-pilot-doctor --user='jane'
    warning: rights: this account may not create pods in namespace default: pods is forbidden: User "jane" cannot create resource "pods"
      why: no Pod could be tried; RBAC can't tell a dry run from another, so this is not among the doctor's own rights
      fix: kubectl create role harbor-pilot-doctor-try -n default --verb=create --resource=pods
           kubectl create rolebinding harbor-pilot-doctor-try -n default --role=harbor-pilot-doctor-try --user='jane'
    warning: get services: it could not be looked at: no answer within 10 s
      why: what depends on it is not known
      fix: try again
    "#);
}
