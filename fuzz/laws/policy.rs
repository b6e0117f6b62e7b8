//! A policy file of any bytes is read without a panic. What is found lies in the text, and is
//! drawn. A policy that is accepted decides every name, and its decisions hold still: what was
//! rewritten is not rewritten again, and stands for the same origin.

use harbor_pilot::policy::{NotAllowed, Policy, Ruling, diagnostic::Style};

const NAMES: &[&str] = &[
    "nginx",
    "nvcr.io/nvidia/driver:550",
    "NVCR.IO:0443/nvaie/x@sha256:e243d778bd83de47668e7629d78f673317a130fedc99941be12aad7fc6bdfa85",
    "harbor.potus.local/nvidiaio/nvidia/driver",
    "harbor.potus.local/dockerhub/nginx:1.27",
    "localhost:5000/a/b/c",
    "sha256:abc",
    "",
];

pub fn law(data: &[u8]) {
    let reading = Policy::read("policies.yaml", data);
    let rendered = reading.render(Style::Plain);
    assert_eq!(rendered.is_empty(), reading.diagnostics.is_empty());
    for diagnostic in &reading.diagnostics {
        assert!(diagnostic.span.start <= diagnostic.span.end && diagnostic.span.end <= data.len());
    }
    let Some(policy) = reading.policy else {
        assert!(!reading.diagnostics.is_empty(), "refused without a word");
        return;
    };
    for namespace in ["default", "kube-system", "team-gpu"] {
        let scope = policy.scope(namespace);
        for name in NAMES {
            let first = scope.decide(name);
            let second = scope.decide(&first.result);
            assert_eq!(first.result, second.result);
            if let (Ok(first), Ok(second)) = (&first.parsed, &second.parsed) {
                assert_eq!(first.origin.to_string(), second.origin.to_string());
            }
            if !matches!(first.ruling, Ruling::NotAllowed(NotAllowed::Never(_))) {
                assert_eq!(first.is_allowed(), second.is_allowed());
            }
        }
    }
}
