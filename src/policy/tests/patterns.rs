use super::findings;

/// The one finding of a policy with this entry in `allow`, or in the list that `lines` names.
fn finding(lines: &str) -> String {
    let findings = findings(lines);
    assert!(!findings.is_empty(), "nothing is wrong with {lines}");
    findings.join("\n")
}

#[test]
fn a_pattern_that_can_never_match_is_an_error_that_offers_another() {
    let errors: Vec<String> = [
        "nvcr.io",
        "nvcr.io:5000",
        "nvcr.io/",
        "nvcr.io/nvidia/",
        "nvcr.io//x",
        "docker.io/*",
        "docker.io/nginx",
        "index.docker.io/nginx:1",
        "nginx",
        "nginx:1.27",
        "library/nginx",
        "bitnami/redis:7",
        "*",
        "*:latest",
        "nvcr.io/NVIDIA/**",
        "nvcr.io/a__-b",
        "nvcr.io/a**",
        "nvcr.io/a b",
        "https://nvcr.io/a/**",
        "nvcr.io/{a,b",
        "nvcr.io/{a}b}",
        "nvcr.io/{a,{b,c}}",
        "nvcr.io/{a/b,c}",
        "nvcr.io/{a,}",
        "nvcr.io/a,b",
        "nvcr.io:0/a",
        "*.io:99999/a",
        "foo_*/a",
        "nvcr.io/a:-1",
        "nvcr.io/a:v*+",
        "nvcr.io/a:",
        "nvcr.io/a@sha256:abc",
        "nvcr.io/a@sha256",
        "nvcr.io/a@md5:*",
        "nvcr.io/a*@b",
    ]
    .iter()
    .map(|pattern| format!("{pattern}\n    {}", finding(&format!("allow: ['{pattern}']")).replace('\n', "\n    ")))
    .collect();
    insta::assert_snapshot!(errors.join("\n"), @"");
}

#[test]
fn harbors_proxy_projects_are_judged_by_origin() {
    let proxies = "proxies: [{registry: nvcr.io, project: nv}, {registry: docker.io, project: hub}]\n";
    let errors: Vec<String> = ["harbor.test/nv/nvidia/**", "harbor.test/hub/nginx", "HARBOR.test:443/hub/**"]
        .iter()
        .flat_map(|pattern| ["allow", "deny"].map(|list| format!("{proxies}{list}: ['{pattern}']")))
        .map(|lines| finding(&lines))
        .collect();
    insta::assert_snapshot!(errors.join("\n"), @"");
}
