//! What the outer tests share: the real binary, real TLS, and waiting without sleeping.

pub(crate) mod client;
pub(crate) mod harbor;
pub(crate) mod pem;
pub(crate) mod server;

use std::time::{Duration, Instant};

/// A limit for whatever should happen soon, generous to a slow machine.
pub(crate) const SOON: Duration = Duration::from_secs(30);

/// Asks again and again until there is an answer.
pub(crate) fn eventually<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let until = Instant::now() + SOON;
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(Instant::now() < until, "waited in vain for: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// A policy that allows `registry.example/**`, which has no proxy, and what comes from nvcr.io.
pub(crate) const OPEN: &str = "\
apiVersion: harbor-pilot.io/v1
kind: Policy
harbor: harbor.example
proxies:
  - {registry: nvcr.io, project: nvidiaio}
allow: [nvcr.io/**, registry.example/**]
";

/// A policy that allows nothing.
pub(crate) const CLOSED: &str = "\
apiVersion: harbor-pilot.io/v1
kind: Policy
harbor: harbor.example
proxies:
  - {registry: nvcr.io, project: nvidiaio}
allow: []
";

/// A policy with an error.
pub(crate) const BROKEN: &str = "apiVersoin: harbor-pilot.io/v1\n";

/// An image that [`OPEN`] allows as it is, and [`CLOSED`] does not.
pub(crate) const IMAGE: &str = "registry.example/team/app:1.0";

/// A review of a new Pod with one container.
pub(crate) fn review(uid: &str, image: &str) -> String {
    serde_json::json!({
        "apiVersion": "admission.k8s.io/v1",
        "kind": "AdmissionReview",
        "request": {
            "uid": uid,
            "kind": {"group": "", "version": "v1", "kind": "Pod"},
            "resource": {"group": "", "version": "v1", "resource": "pods"},
            "requestKind": {"group": "", "version": "v1", "kind": "Pod"},
            "requestResource": {"group": "", "version": "v1", "resource": "pods"},
            "name": "app-1",
            "namespace": "team-a",
            "operation": "CREATE",
            "userInfo": {"username": "system:serviceaccount:team-a:deployer", "groups": ["system:authenticated"]},
            "object": {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {"name": "app-1", "namespace": "team-a"},
                "spec": {"containers": [{"name": "main", "image": image}]},
            },
            "oldObject": null,
            "dryRun": false,
            "options": {"kind": "CreateOptions", "apiVersion": "meta.k8s.io/v1"},
        },
    })
    .to_string()
}
