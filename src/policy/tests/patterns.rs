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
    insta::assert_snapshot!(errors.join("\n"), @"
    nvcr.io
        Error: `nvcr.io` names a registry and no image, so it can never match | write `nvcr.io/**`
    nvcr.io:5000
        Error: `nvcr.io:5000` names a registry and no image, so it can never match | write `nvcr.io:5000/**`
    nvcr.io/
        Error: `nvcr.io/` can never match: no image name ends with `/` | write `nvcr.io/**`
    nvcr.io/nvidia/
        Error: `nvcr.io/nvidia/` can never match: no image name ends with `/` | write `nvcr.io/nvidia/**`
    nvcr.io//x
        Error: `nvcr.io//x` can never match: there is nothing between two `/` | write `nvcr.io/x`
    docker.io/*
        Error: `docker.io/*` can never match: `docker.io/x` is short for `docker.io/library/x` | write `docker.io/**` for all of Docker Hub, or `docker.io/library/*` for its official images
    docker.io/nginx
        Error: `docker.io/nginx` can never match: `docker.io/x` is short for `docker.io/library/x` | write `docker.io/library/nginx`
    index.docker.io/nginx:1
        Error: `docker.io/nginx` can never match: `docker.io/x` is short for `docker.io/library/x` | write `docker.io/library/nginx:1`
    nginx
        Error: `nginx` has no domain | write `docker.io/library/nginx`
    nginx:1.27
        Error: `nginx:1.27` has no domain | write `docker.io/library/nginx:1.27`
    library/nginx
        Error: `library/nginx` has no domain: every client reads `library` as a part of a path on docker.io | write `docker.io/library/nginx`
    bitnami/redis:7
        Error: `bitnami/redis:7` has no domain: every client reads `bitnami` as a part of a path on docker.io | write `docker.io/bitnami/redis:7`
    *
        Error: `*` can never match: it does not cross `/`, and every image name has a domain and a path | write `**`
    *:latest
        Error: `*` can never match: it does not cross `/`, and every image name has a domain and a path | write `**:latest`
    nvcr.io/NVIDIA/**
        Error: `nvcr.io/NVIDIA/**` can never match: a path has no upper-case letters | write `nvcr.io/nvidia/**`
    nvcr.io/a__-b
        Error: `nvcr.io/a__-b` can never match: expected a lower-case letter or a digit after the separator (one of `.`, `_`, `__` and any number of `-`), but found `-` at byte 3 | write the path as the registry has it: letters and digits, with `.` `_` `__` or `-` between them
    nvcr.io/a**
        Error: `**` in `nvcr.io/a**` stands beside other text, but it means whole components | write `a*` to stay inside one component, or put `**` between two `/`
    nvcr.io/a b
        Error: ' ' stands in no image name, so this can never match | a pattern holds letters, digits, `.` `_` `-` `/` `:` `@`, and the wildcards `*` `?` `**` `{a,b}`
    https://nvcr.io/a/**
        Error: `https://nvcr.io/a/**` has a scheme, which no image name has | write `nvcr.io/a/**`
    nvcr.io/{a,b
        Error: a `{` that is not closed in `nvcr.io/{a,b` | write `{a,b}`: two or more texts, none of them empty, no `/` and no braces inside
    nvcr.io/{a}b}
        Error: a `}` outside braces in `nvcr.io/{a}b}` | write `{a,b}`: two or more texts, none of them empty, no `/` and no braces inside
    nvcr.io/{a,{b,c}}
        Error: a `/` or another `{` between braces in `nvcr.io/{a,{b,c}}` | write `{a,b}`: two or more texts, none of them empty, no `/` and no braces inside
    nvcr.io/{a/b,c}
        Error: a `/` or another `{` between braces in `nvcr.io/{a/b,c}` | write `{a,b}`: two or more texts, none of them empty, no `/` and no braces inside
    nvcr.io/{a,}
        Error: nothing to choose between braces in `nvcr.io/{a,}` | write `{a,b}`: two or more texts, none of them empty, no `/` and no braces inside
    nvcr.io/a,b
        Error: a `,` outside braces in `nvcr.io/a,b` | write `{a,b}`: two or more texts, none of them empty, no `/` and no braces inside
    nvcr.io:0/a
        Error: `nvcr.io:0/a` can never match: expected a port from 1 to 65535, but found another number at byte 8 | write the registry's host name, with its port if it has one
    *.io:99999/a
        Error: `*.io:99999/a` can never match: `99999` is no port | write a port from 1 to 65535
    foo_*/a
        Error: `foo_*/a` can never match: `_` stands in no domain | write a host name, with `*` and `?` where it may vary
    nvcr.io/a:-1
        Error: the tag can never match: expected a letter, a digit or `_` to begin the tag, but found `-` at byte 0 | write a tag as the registry has it, with `*` where it may vary
    nvcr.io/a:v*+
        Error: '+' stands in no image name, so this can never match | a pattern holds letters, digits, `.` `_` `-` `/` `:` `@`, and the wildcards `*` `?` `**` `{a,b}`
    nvcr.io/a:
        Error: the tag can never match: expected a letter, a digit or `_` to begin the tag, but found the end at byte 0 | write a tag as the registry has it, with `*` where it may vary
    nvcr.io/a@sha256:abc
        Error: the digest can never match: expected 64 digits after `sha256:`, but found 3 at byte 10 | write `@sha256:*` for any digest, `@*` for a digest or none, or the whole digest
    nvcr.io/a@sha256
        Error: the digest can never match: expected a digest that begins with `sha256:`, `sha384:` or `sha512:`, but found something else at byte 0 | write `@sha256:*` for any digest, `@*` for a digest or none, or the whole digest
    nvcr.io/a@md5:*
        Error: the digest `md5:*` can never match | write `@sha256:*` for any digest, `@*` for a digest or none, or the whole digest
    nvcr.io/a*@b
        Error: the digest can never match: expected a digest that begins with `sha256:`, `sha384:` or `sha512:`, but found something else at byte 0 | write `@sha256:*` for any digest, `@*` for a digest or none, or the whole digest
    ");
}

#[test]
fn harbors_proxy_projects_are_judged_by_origin() {
    let proxies = "proxies: [{registry: nvcr.io, project: nv}, {registry: docker.io, project: hub}]\n";
    let errors: Vec<String> = [
        "harbor.test/nv/nvidia/**",
        "harbor.test/hub/nginx",
        "HARBOR.test:443/hub/**",
        "harbor.test/nv/a:v*",
        "harbor.test/nv/a:v*@*",
        "harbor.test/nv/**@sha256:*",
    ]
    .iter()
    .flat_map(|pattern| ["allow", "deny"].map(|list| format!("{proxies}{list}: ['{pattern}']")))
    .map(|lines| finding(&lines))
    .collect();
    insta::assert_snapshot!(errors.join("\n"), @"
    Error: `harbor.test/nv/…` can never match: names in a proxy project are judged by the upstream name that they stand for | write `nvcr.io/nvidia/**`
    Error: `harbor.test/nv/…` can never match: names in a proxy project are judged by the upstream name that they stand for | write `nvcr.io/nvidia/**`
    Error: `harbor.test/hub/…` can never match: names in a proxy project are judged by the upstream name that they stand for | write `docker.io/library/nginx`
    Error: `harbor.test/hub/…` can never match: names in a proxy project are judged by the upstream name that they stand for | write `docker.io/library/nginx`
    Error: `harbor.test/hub/…` can never match: names in a proxy project are judged by the upstream name that they stand for | write `docker.io/**`
    Error: `harbor.test/hub/…` can never match: names in a proxy project are judged by the upstream name that they stand for | write `docker.io/**`
    Error: `harbor.test/nv/…` can never match: names in a proxy project are judged by the upstream name that they stand for | write `nvcr.io/a:v*`
    Error: `harbor.test/nv/…` can never match: names in a proxy project are judged by the upstream name that they stand for | write `nvcr.io/a:v*`
    Error: `harbor.test/nv/…` can never match: names in a proxy project are judged by the upstream name that they stand for | write `nvcr.io/a:v*@*`
    Error: `harbor.test/nv/…` can never match: names in a proxy project are judged by the upstream name that they stand for | write `nvcr.io/a:v*`
    Error: `harbor.test/nv/…` can never match: names in a proxy project are judged by the upstream name that they stand for | write `nvcr.io/**@sha256:*`
    Error: `harbor.test/nv/…` can never match: names in a proxy project are judged by the upstream name that they stand for | write `nvcr.io/**@sha256:*`
    ");
}
