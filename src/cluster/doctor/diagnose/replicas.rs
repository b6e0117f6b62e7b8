//! Whether replicas are there, ready, and can be asked.

use std::collections::BTreeSet;

use super::{
    Doctor, LOGS, listed,
    snapshot::{Replica, ReplicaState, Said, Seen},
    symptom,
};
use crate::{
    diagnosis::Level,
    escape::{Shown, fit},
};

impl Doctor<'_> {
    pub(super) fn replicas(&mut self) {
        let namespace = &self.snapshot.namespace;
        match &self.snapshot.deployment {
            Seen::Missing => self.find(
                Level::Error,
                "replicas",
                format!("there is no Deployment `harbor-pilot` in {}", listed([namespace.as_str()])),
                "nobody answers the API server's calls",
                format!("{}\n# or name the namespace: harbor-pilot doctor -n NAMESPACE", self.put_back()),
            ),
            Seen::There(deployment) if deployment.wanted == 1 => self.find(
                Level::Warning,
                "replicas",
                "the Deployment asks for one",
                "while its node is drained or gone, no Pod can be created",
                self.set("replicas=2"),
            ),
            _ => {}
        }
        if self.snapshot.service.is_missing() {
            let fix = self.put_back();
            let what = format!("there is no Service `harbor-pilot` in {}", listed([namespace.as_str()]));
            self.find(Level::Error, "replicas", what, "the API server finds nobody to call", fix);
        }
        if let Some(replicas) = self.snapshot.replicas.there() {
            self.readiness(replicas);
            for replica in replicas {
                self.answer(replica);
            }
            self.versions(replicas);
            self.last_call(replicas);
        }
        self.budget();
    }

    fn readiness(&mut self, replicas: &[Replica]) {
        let namespace = &self.snapshot.namespace;
        let ready = replicas.iter().filter(|replica| replica.state == ReplicaState::Ready).count();
        if ready == 0 {
            let scale = match self.snapshot.deployment.there() {
                Some(deployment) if deployment.wanted == 0 => {
                    format!("kubectl scale deployment/harbor-pilot -n {namespace} --replicas=2")
                }
                _ => format!("kubectl describe pods -n {namespace} -l app.kubernetes.io/name=harbor-pilot"),
            };
            self.find(
                Level::Error,
                "replicas",
                "none is ready",
                "calls fail with `no endpoints available`, and no Pod can be created where the failurePolicy is Fail",
                scale,
            );
        }
        for replica in replicas {
            let ReplicaState::NotReady(why) = &replica.state else { continue };
            let awaited = replica.said.status().and_then(|status| status.awaited.as_deref());
            let awaited = awaited.map(|why| format!("; it waits for its certificate: {why}")).unwrap_or_default();
            self.find(
                Level::Warning,
                &about(replica),
                format!("it is not ready: {}{}", fit(first_line(why), 300), fit(first_line(&awaited), 300)),
                "the others answer for it, while there are others",
                format!(
                    "kubectl describe pod -n {namespace} {0}; kubectl logs -n {namespace} {0} --all-containers",
                    Shown::new(&replica.name)
                ),
            );
        }
        if let Some(deployment) = self.snapshot.deployment.there()
            && i64::try_from(replicas.len()).is_ok_and(|found| 0 < found && found < deployment.wanted)
        {
            self.find(
                Level::Warning,
                "replicas",
                format!("there are {} Pods, and the Deployment asks for {}", replicas.len(), deployment.wanted),
                "Pods could not be created: a quota, or a webhook that does not answer",
                format!("kubectl describe replicasets -n {namespace} -l app.kubernetes.io/name=harbor-pilot"),
            );
        }
    }

    /// Whether the API server reaches a replica, on the way that its calls take.
    fn answer(&mut self, replica: &Replica) {
        let namespace = &self.snapshot.namespace;
        let (level, what, said) = match &replica.said {
            Said::Status(_) | Said::NotAsked => return,
            Said::ElsewhereAlone(_, why) => {
                (Level::Error, "the API server reaches it, but not on port 8443, which it calls", why)
            }
            // One that is not ready is not called either.
            Said::Nothing(_) if replica.state != ReplicaState::Ready => return,
            Said::Nothing(why) => (Level::Warning, "the API server did not reach it", why),
        };
        let symptom = symptom::symptom(said);
        let fix = symptom.map_or_else(|| LOGS.replace("NAMESPACE", namespace), |symptom| symptom.fix(namespace));
        let cause = symptom.map_or("", |symptom| symptom.cause);
        self.find(
            level,
            &about(replica),
            format!("{what}: {}", fit(said, 300)),
            &format!("calls go the same way, and may fail as well{}{cause}", if cause.is_empty() { "" } else { "; " }),
            fix,
        );
    }

    fn versions(&mut self, replicas: &[Replica]) {
        let versions: BTreeSet<&str> =
            replicas.iter().filter_map(|replica| Some(replica.said.status()?.version.as_str())).collect();
        if versions.len() > 1 {
            let namespace = &self.snapshot.namespace;
            self.find(
                Level::Warning,
                "replicas",
                format!("they are of different versions: {}", listed(versions)),
                "what one allows, another may deny",
                format!("kubectl rollout status deployment/harbor-pilot -n {namespace}, and wait for it"),
            );
        }
    }

    fn last_call(&mut self, replicas: &[Replica]) {
        let asked: Vec<_> = replicas.iter().filter_map(|replica| replica.said.status()).collect();
        let registered = self.webhooks().next().is_some();
        if registered && !asked.is_empty() && asked.iter().all(|status| !status.last_calls.contains_key("mutate")) {
            self.find(
                Level::Note,
                "calls",
                "no replica has been asked about a Pod since it started",
                "no Pod was created since then, or the API server does not call",
                "see which: harbor-pilot doctor --try",
            );
        }
    }

    fn budget(&mut self) {
        let namespace = &self.snapshot.namespace;
        match self.snapshot.budget {
            Seen::Missing => self.find(
                Level::Warning,
                "replicas",
                "there is no PodDisruptionBudget `harbor-pilot`",
                "draining nodes may take all replicas at once, and then no Pod can be created",
                self.put_back(),
            ),
            Seen::There(0) => self.find(
                Level::Note,
                "replicas",
                "their PodDisruptionBudget lets none be taken away now",
                "draining a node waits, until all are ready",
                format!("kubectl describe pdb -n {namespace} harbor-pilot"),
            ),
            Seen::There(_) | Seen::Unknown => {}
        }
    }
}

/// What a runtime says may go on for many lines.
fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

fn about(replica: &Replica) -> String {
    format!("replica {}", Shown::new(&replica.name))
}
