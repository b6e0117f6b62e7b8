//! What the API server says when a call fails, and what is behind it. docs/trouble.md says the same at
//! more length.

use super::LOGS;

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
        says: &["no endpoints available for service"],
        cause: "no replica is ready",
        fix: "kubectl get pods -n NAMESPACE -l app.kubernetes.io/name=harbor-pilot",
    },
    Symptom {
        says: &["\" not found"],
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

/// What is behind a message, where it is known.
pub(crate) fn symptom(message: &str) -> Option<&'static Symptom> {
    SYMPTOMS.iter().find(|symptom| symptom.says.iter().any(|says| message.contains(says)))
}

impl Symptom {
    /// What to type.
    pub(crate) fn fix(&self, namespace: &str) -> String {
        self.fix.replace("NAMESPACE", namespace)
    }
}
