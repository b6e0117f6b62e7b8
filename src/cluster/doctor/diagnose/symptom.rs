//! What the API server says when a call fails, and what is behind it. docs/trouble.md says the same at
//! more length.

use super::{Doctor, LOGS};

/// What is behind a failed call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Symptom {
    /// Any of these stands in the message.
    pub(crate) says: &'static [&'static str],
    /// What is so.
    pub(crate) cause: &'static str,
    /// What to type; NAMESPACE is that of the program.
    pub(crate) fix: &'static str,
}

const NO_ENDPOINTS: &[&str] = &["no endpoints available for service"];
const NO_SERVICE: &[&str] = &["\" not found"];

/// The first that fits is taken: what a proxy says may hold what others say, too.
pub(crate) const SYMPTOMS: &[Symptom] = &[
    Symptom {
        says: &[
            "proxyconnect",
            "Proxy Authentication Required",
            "Gateway Timeout",
            "Bad Gateway",
            "timeout=5s\": Forbidden",
            "timeout=5s\": Service Unavailable",
            "couldn't get version/kind; json parse error",
            "server gave HTTP response to HTTPS client",
        ],
        cause: "something between the API server and the Pods answered, such as an HTTP proxy",
        fix: "add .svc, and the networks of Pods and Services, to NO_PROXY of kube-apiserver: \
              grep -i proxy /etc/kubernetes/manifests/kube-apiserver.yaml",
    },
    Symptom {
        says: &["x509: certificate signed by unknown authority", "x509: certificate is not trusted"],
        cause: "`caBundle` does not have the CA of what is served",
        fix: LOGS,
    },
    Symptom {
        says: &["x509: certificate has expired or is not yet valid"],
        cause: "the serving certificate has ended, or the clock of the API server's node is wrong",
        fix: "kubectl rollout restart deployment/harbor-pilot -n NAMESPACE, once the certificate was renewed",
    },
    Symptom {
        says: &["x509: "],
        cause: "the serving certificate is not for the name of the Service",
        fix: "make it for harbor-pilot.NAMESPACE.svc, as a subject alternative name",
    },
    Symptom {
        says: NO_ENDPOINTS,
        cause: "no replica is ready",
        fix: "kubectl get pods -n NAMESPACE -l app.kubernetes.io/name=harbor-pilot",
    },
    Symptom {
        says: NO_SERVICE,
        cause: "the Service is gone: the program was removed before its registrations",
        fix: "kubectl delete mutatingwebhookconfigurations,validatingwebhookconfigurations -l app.kubernetes.io/name=harbor-pilot",
    },
    Symptom {
        says: &["connection refused"],
        cause: "nothing listens where the Service sends calls: a replica has just ended, or the port is another",
        fix: "kubectl get endpointslices -n NAMESPACE -l kubernetes.io/service-name=harbor-pilot",
    },
    Symptom {
        says: &[
            "no route to host",
            "network is unreachable",
            "i/o timeout",
            "deadline exceeded",
            "Client.Timeout",
            "no answer within",
        ],
        cause: "the control plane does not reach port 8443 of the Pods: a firewall, a NetworkPolicy, or the network of the nodes",
        fix: "let the API servers in to port 8443 of the Pods: kubectl get networkpolicies -n NAMESPACE; and the cloud's firewall",
    },
    Symptom {
        says: &["EOF", "connection reset by peer", "broken pipe", "server closed idle connection"],
        cause: "a replica ended while it was called, or something between cut the connection",
        fix: "try again; if it stays: kubectl get pods -n NAMESPACE -l app.kubernetes.io/name=harbor-pilot, and look for restarts",
    },
    Symptom {
        says: &["currently unable to handle the request", "too many requests"],
        cause: "the replica has no policy yet, or more requests than it may hold",
        fix: LOGS,
    },
];

/// What is behind a message, where it is known by itself.
pub(crate) fn symptom(message: &str) -> Option<&'static Symptom> {
    SYMPTOMS.iter().find(|symptom| symptom.says.iter().any(|says| message.contains(says)))
}

impl Symptom {
    /// What to type.
    pub(crate) fn fix(&self, namespace: &str) -> String {
        self.fix.replace("NAMESPACE", namespace)
    }
}

impl Doctor<'_> {
    /// What is behind a failed call, and what to type: by the message, and by what else was seen.
    pub(super) fn behind(&self, message: &str) -> (&'static str, String) {
        let namespace = &self.snapshot.namespace;
        let Some(symptom) = symptom(message) else { return ("it says why", LOGS.replace("NAMESPACE", namespace)) };
        if symptom.says == NO_ENDPOINTS && self.has_ready_replicas() {
            ("replicas are ready, and the Service finds none of them", self.put_back())
        } else if symptom.says == NO_SERVICE && !self.snapshot.deployment.is_missing() {
            ("the Service is gone, and the program is not", self.put_back())
        } else {
            (symptom.cause, symptom.fix(namespace))
        }
    }
}
