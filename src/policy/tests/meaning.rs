use super::{super::*, policy};
use crate::reference::Reference;

const PROXIES: &str = "proxies:
  - {registry: nvcr.io, project: nvidiaio, pullSecret: harbor-nvidiaio}
  - {registry: docker.io, project: dockerhub}
  - {registry: quay.io/jetstack, project: jetstack}
";

fn result(policy: &Policy, image: &str) -> String {
    policy.scope("default").decide(image).result.into_owned()
}

#[test]
fn names_are_rewritten_through_their_proxy() {
    let policy = policy(&format!("{PROXIES}allow: ['**']"));
    let digest = "sha256:e243d778bd83de47668e7629d78f673317a130fedc99941be12aad7fc6bdfa85";
    let pinned = format!("nvcr.io/nvidia/driver:1@{digest}");
    let pinned_result = format!("harbor.test/nvidiaio/nvidia/driver:1@{digest}");
    let cases = [
        ("nvcr.io/nvaie/gpu-operator-1-3:v1.11.1", "harbor.test/nvidiaio/nvaie/gpu-operator-1-3:v1.11.1"),
        (pinned.as_str(), pinned_result.as_str()),
        // Familiar names, and Docker Hub's other names.
        ("nginx", "harbor.test/dockerhub/library/nginx"),
        ("bitnami/redis:7", "harbor.test/dockerhub/bitnami/redis:7"),
        ("DOCKER.IO:0443/nginx", "harbor.test/dockerhub/library/nginx"),
        ("registry-1.docker.io/library/nginx:1", "harbor.test/dockerhub/library/nginx:1"),
        // A prefix's path stays; what is beside the prefix has no proxy.
        ("quay.io/jetstack/cert-manager:v1", "harbor.test/jetstack/jetstack/cert-manager:v1"),
        ("quay.io/jetstack", "harbor.test/jetstack/jetstack"),
        ("quay.io/jetstacked/x", "quay.io/jetstacked/x"),
        ("gcr.io/a/b", "gcr.io/a/b"),
        // Harbor's names hold still, or are put right.
        ("harbor.test/nvidiaio/nvidia/driver:1", "harbor.test/nvidiaio/nvidia/driver:1"),
        ("harbor.test/dockerhub/nginx", "harbor.test/dockerhub/library/nginx"),
        ("HARBOR.test:443/nvidiaio/x", "harbor.test/nvidiaio/x"),
        ("harbor.test/jetstack/other/x", "harbor.test/jetstack/other/x"),
        ("harbor.test/platform/x", "harbor.test/platform/x"),
        ("harbor.test/nvidiaio", "harbor.test/nvidiaio"),
        // What does not parse stays as it is.
        ("UPPER/Case", "UPPER/Case"),
    ];
    for (image, expected) in cases {
        assert_eq!(result(&policy, image), expected, "{image}");
        assert_eq!(result(&policy, expected), expected, "{image} twice");
    }
}

#[test]
fn the_first_of_harbors_names_is_the_one_written() {
    let policy = policy("harbor: [Harbor.test:8443, old.test]\nproxies: [{registry: nvcr.io, project: nv}]");
    for image in ["nvcr.io/a/b", "old.test/nv/a/b", "harbor.TEST:08443/nv/a/b"] {
        assert_eq!(result(&policy, image), "Harbor.test:8443/nv/a/b", "{image}");
    }
}

#[test]
fn origins_are_upstream_names() {
    let policy = policy(PROXIES);
    let cases = [
        ("harbor.test/dockerhub/nginx:1", "docker.io/library/nginx:1"),
        ("harbor.test/jetstack/jetstack/x", "quay.io/jetstack/x"),
        ("harbor.test/jetstack/other/x", "quay.io/other/x"),
        ("harbor.test/nvidiaio", "harbor.test/nvidiaio"),
        ("harbor.test/unknown/x", "harbor.test/unknown/x"),
        ("nginx", "docker.io/library/nginx"),
    ];
    for (image, expected) in cases {
        let decision = policy.scope("x").decide(image);
        assert_eq!(decision.parsed.expect("a name").origin.to_string(), expected, "{image}");
    }
}

/// Each case: `allow` or `deny`, a pattern, and names that it matches and does not.
#[test]
fn patterns_match_what_the_table_says() {
    let digest = "@sha256:e243d778bd83de47668e7629d78f673317a130fedc99941be12aad7fc6bdfa85";
    let cases: &[(&str, &[&str], &[&str])] = &[
        ("nvcr.io/**", &["nvcr.io/a", "nvcr.io/a/b/c"], &["nvcr.io.evil/a", "xnvcr.io/a"]),
        ("nvcr.io/nvidia/**", &["nvcr.io/nvidia/a", "nvcr.io/nvidia/a/b"], &["nvcr.io/nvidia", "nvcr.io/nvidia-x/a"]),
        ("nvcr.io/*", &["nvcr.io/a"], &["nvcr.io/a/b"]),
        ("nvcr.io/*/x", &["nvcr.io/a/x"], &["nvcr.io/x", "nvcr.io/a/b/x"]),
        ("nvcr.io/**/x", &["nvcr.io/x", "nvcr.io/a/x", "nvcr.io/a/b/x"], &["nvcr.io/x/a"]),
        ("**/x", &["nvcr.io/x", "quay.io/a/x"], &["nvcr.io/x/a"]),
        ("**/a/**", &["nvcr.io/a/b", "nvcr.io/x/a/b/c"], &["nvcr.io/a"]),
        ("**", &["nvcr.io/x", "nginx"], &[]),
        ("*.io/x", &["nvcr.io/x", "a.b.io/x"], &["io/x", "nvcr.com/x"]),
        ("*/x", &["nvcr.io/x", "localhost:5000/x"], &["nvcr.io/a/x"]),
        ("nvcr.io/{a,b}/x", &["nvcr.io/a/x", "nvcr.io/b/x"], &["nvcr.io/c/x", "nvcr.io/a,b/x"]),
        ("{nvcr,quay}.io/x", &["nvcr.io/x", "quay.io/x"], &["gcr.io/x"]),
        ("nvcr.io/a?c", &["nvcr.io/abc"], &["nvcr.io/ac", "nvcr.io/abbc"]),
        ("INDEX.docker.io:443/library/nginx", &["nginx", "docker.io/nginx"], &["docker.io/a/nginx"]),
        ("quay.io:8443/x", &["quay.io:08443/x"], &["quay.io/x"]),
        ("nvcr.io/x:latest", &["nvcr.io/x", "nvcr.io/x:latest"], &["nvcr.io/x:1"]),
        ("nvcr.io/x:1.*", &["nvcr.io/x:1.2"], &["nvcr.io/x:1", "nvcr.io/x"]),
        ("nvcr.io/x:1@*", &["nvcr.io/x:1"], &["nvcr.io/x:2"]),
        ("**:latest", &["nginx", "nvcr.io/a/b:latest"], &["nvcr.io/a/b:1"]),
    ];
    for (pattern, matching, other) in cases {
        for (list, expected) in [("allow", true), ("deny", false)] {
            let all = if list == "deny" { "allow: ['**']\n" } else { "" };
            let policy = policy(&format!("{all}{list}: ['{pattern}']"));
            for (names, expected) in [(matching, expected), (other, !expected)] {
                for name in *names {
                    let allowed = policy.scope("x").decide(name).is_allowed();
                    // A name that does not parse is refused by every policy.
                    if Reference::parse(name).is_ok() {
                        assert_eq!(allowed, expected, "{list} {pattern}: {name}");
                    }
                }
            }
        }
    }
    let pinned: &[(&str, &str, bool, bool)] = &[
        // A tag in allow means no digest, in deny any.
        ("nvcr.io/x:1", ":1", false, true),
        ("nvcr.io/x:1@*", ":1", true, true),
        ("nvcr.io/x:latest", "", false, false),
        ("nvcr.io/x@sha256:*", ":1", true, true),
        ("nvcr.io/x@sha256:*", "", true, true),
        ("nvcr.io/x@sha256:e2*", "", true, true),
        ("nvcr.io/x@sha512:*", "", false, false),
        ("nvcr.io/x:2@sha256:*", ":1", false, false),
        ("nvcr.io/x", ":1", true, true),
        ("nvcr.io/x@*", "", true, true),
    ];
    for (pattern, tag, allows, denies) in pinned {
        let image = format!("nvcr.io/x{tag}{digest}");
        let allow = policy(&format!("allow: ['{pattern}']"));
        assert_eq!(allow.scope("x").decide(&image).is_allowed(), *allows, "allow {pattern}: {image}");
        let deny = policy(&format!("allow: ['**']\ndeny: ['{pattern}']"));
        assert_eq!(!deny.scope("x").decide(&image).is_allowed(), *denies, "deny {pattern}: {image}");
    }
    let must_be_pinned = policy("allow: ['nvcr.io/x@sha256:*']");
    assert!(!must_be_pinned.scope("x").decide("nvcr.io/x:1").is_allowed());
}

#[test]
fn a_regex_matches_the_whole_name() {
    let policy = policy(r"allow: [{regex: 'quay\.io/(a|ab)', tag: 'v*'}, {regex: 'gcr\.io/x|evil'}]");
    for (image, expected) in [
        ("quay.io/a:v1", true),
        ("quay.io/ab:v1", true),
        ("quay.io/ab:1", false),
        ("quay.io/ab", false),
        ("quay.io/abc:v1", false),
        ("xquay.io/a:v1", false),
        ("gcr.io/x", true),
        ("gcr.io/xy", false),
        ("evil.io/evil", false),
    ] {
        assert_eq!(policy.scope("x").decide(image).is_allowed(), expected, "{image}");
    }
}

/// Found by the oracle: of several expressions that match, only the first was asked for its tag.
#[test]
fn every_expression_that_matches_is_asked() {
    let policy = policy(r"allow: [{regex: 'quay\.io/.*', tag: 'w*'}, {regex: 'quay\.io/a', tag: 'v*'}, '**/a:x']");
    for (image, expected) in
        [("quay.io/a:v1", true), ("quay.io/a:w1", true), ("quay.io/a:x", true), ("quay.io/a:y", false)]
    {
        assert_eq!(policy.scope("x").decide(image).is_allowed(), expected, "{image}");
    }
}

#[test]
fn allow_left_out_means_what_has_a_proxy() {
    let policy = policy(PROXIES);
    for (image, expected) in [
        ("nginx", true),
        ("nvcr.io/x", true),
        ("quay.io/jetstack", true),
        ("quay.io/jetstack/x", true),
        ("quay.io/x", false),
        ("harbor.test/platform/x", false),
        ("harbor.test/jetstack/other/x", false),
    ] {
        let decision = policy.scope("x").decide(image);
        assert_eq!(decision.is_allowed(), expected, "{image}");
    }
    let rule = policy.scope("x").decide("nvcr.io/x").rule().expect("the proxy");
    assert_eq!((rule.list, rule.text, rule.position.line), (List::Proxies, "nvcr.io", 5));
}

#[test]
fn an_empty_allow_allows_nothing() {
    let policy = policy(&format!("{PROXIES}allow: []"));
    assert!(!policy.scope("x").decide("nginx").is_allowed());
}

#[test]
fn namespaces_change_the_policy_and_the_first_that_matches_holds() {
    let policy = policy(&format!(
        "{PROXIES}allow: [docker.io/library/nginx]
deny: [{{image: docker.io/library/bad, always: true}}]
namespaces:
  - match: [kube-system, 'sys-*']
    enforcement: audit
    rewrite: false
  - match: [team]
    allow: [nvcr.io/**]
    deny: [nvcr.io/bad/**]
  - match: [kiosk, team]
    allowOnly: [docker.io/library/redis]
    enforcement: warn"
    ));
    let outcome = |namespace: &str, image: &str| policy.scope(namespace).decide(image).outcome();
    let result = |namespace: &str, image: &str| policy.scope(namespace).decide(image).result.into_owned();
    assert_eq!(outcome("x", "nginx"), Outcome::Allow);
    assert_eq!(outcome("x", "redis"), Outcome::Deny);
    assert_eq!(outcome("kube-system", "redis"), Outcome::Audit);
    assert_eq!(outcome("sys-a", "redis"), Outcome::Audit);
    assert_eq!(result("sys-a", "nginx"), "nginx");
    assert_eq!(outcome("sys-a", "bad"), Outcome::Deny);
    assert_eq!(outcome("team", "nvcr.io/x/y"), Outcome::Allow);
    assert_eq!(outcome("team", "nvcr.io/bad/y"), Outcome::Deny);
    assert_eq!(outcome("team", "nginx"), Outcome::Allow);
    assert_eq!(outcome("team", "redis"), Outcome::Deny);
    assert_eq!(outcome("kiosk", "redis"), Outcome::Allow);
    assert_eq!(outcome("kiosk", "nginx"), Outcome::Warn);
    assert_eq!(outcome("kiosk", "bad"), Outcome::Deny);
    assert_eq!(result("kiosk", "nginx"), "harbor.test/dockerhub/library/nginx");
}

#[test]
fn deny_holds_under_each_of_harbors_names() {
    let policy = policy("harbor: [a.test, b.test]\nallow: ['a.test/p/**', 'b.test/p/**']\ndeny: [a.test/p/bad]");
    assert!(!policy.scope("x").decide("a.test/p/bad").is_allowed());
    assert!(!policy.scope("x").decide("b.test/p/bad").is_allowed());
    assert!(policy.scope("x").decide("b.test/p/good").is_allowed());
}

#[test]
fn some_names_are_never_allowed() {
    let policy = policy("proxies: [{registry: docker.io, project: hub}]\nallow: ['**']");
    let long = format!("localhost:{}443/x", "0".repeat(1024));
    for image in ["sha256:abc", "sha512:1", "nvcr.io:0/x", "nvcr.io:65536/x", long.as_str()] {
        let decision = policy.scope("x").decide(image);
        assert!(matches!(decision.ruling, Ruling::NotAllowed(NotAllowed::Never(_))), "{image}");
    }
    let too_long = format!("{}/{}", "a".repeat(100), "b".repeat(152));
    let decision = policy.scope("x").decide(&too_long);
    assert!(matches!(
        decision.ruling,
        Ruling::NotAllowed(NotAllowed::RewriteTooLong(RewriteTooLong { path_length: 257 }))
    ));
    assert_eq!(decision.result, too_long);
    assert!(policy.scope("x").decide(&too_long[..250]).is_allowed());
}

#[test]
fn the_project_is_the_one_that_the_result_is_pulled_through() {
    let policy = policy(&format!("{PROXIES}namespaces: [{{match: [plain], rewrite: false}}]"));
    let project = |namespace: &str, image: &str| {
        policy.scope(namespace).decide(image).project.map(|project| project.name().to_owned())
    };
    assert_eq!(project("x", "nvcr.io/a").as_deref(), Some("nvidiaio"));
    assert_eq!(project("x", "harbor.test/nvidiaio/a").as_deref(), Some("nvidiaio"));
    assert_eq!(project("plain", "harbor.test/nvidiaio/a").as_deref(), Some("nvidiaio"));
    assert_eq!(project("plain", "nvcr.io/a"), None);
    assert_eq!(project("x", "gcr.io/a"), None);
}

#[test]
fn the_rule_that_decides_is_the_hardest_and_then_the_first() {
    let policy = policy(
        "allow:
  - nvcr.io/**
  - '**'
deny:
  - nvcr.io/bad/**
  - {image: nvcr.io/bad/x, reason: malware, always: true}",
    );
    let rule = |image: &str| {
        policy.scope("x").decide(image).rule().map(|rule| (rule.list, rule.position.line, rule.text.to_owned()))
    };
    assert_eq!(rule("nvcr.io/a"), Some((List::Allow, 5, "nvcr.io/**".to_owned())));
    assert_eq!(rule("quay.io/a"), Some((List::Allow, 6, "**".to_owned())));
    assert_eq!(rule("nvcr.io/bad/y"), Some((List::Deny, 8, "nvcr.io/bad/**".to_owned())));
    assert_eq!(rule("nvcr.io/bad/x"), Some((List::Deny, 9, "nvcr.io/bad/x".to_owned())));
}

#[test]
fn the_hash_is_what_sha256sum_prints() {
    assert_eq!(short_hash(b"abc"), "ba7816bf8f01");
}
