//! Policies and what Harbor holds, to what is planned.

use std::collections::BTreeMap;

use insta::assert_snapshot;

use super::{
    CaFiles, Made, Plan, Secrets,
    state::{CertificateCheck, Endpoint, Project, Quota, State},
    version::Version,
    wanted,
};
use crate::policy::{Policy, diagnostic::Style};

const NVIDIA: &str = "proxies:
  - registry: nvcr.io
    project: nvidiaio
    setup:
      endpoint: {name: NVIDIA, url: https://nvcr.io, accessId: $oauthtoken, accessSecret: {env: NGC_API_KEY}, verifyCertificate: true}
      public: false
      quota: -1
allow: ['**']
";

fn policy(lines: &str) -> Policy {
    let text = format!("apiVersion: harbor-pilot.io/v1\nkind: Policy\nharbor: harbor.test\n{lines}");
    let reading = Policy::read("policies.yaml", text.as_bytes());
    let rendered = reading.render(Style::Plain);
    reading.policy.unwrap_or_else(|| panic!("{text}\n{rendered}"))
}

fn planned(lines: &str, state: &State) -> Plan {
    planned_with(lines, state, Secrets::Keep, &CaFiles::new())
}

fn planned_with(lines: &str, state: &State, secrets: Secrets, ca_files: &CaFiles) -> Plan {
    let policy = policy(lines);
    let (wanted, problems) = wanted(&policy, ca_files);
    super::plan(&wanted, problems, state, secrets)
}

fn harbor(version: &str) -> State {
    let adapters = ["docker-hub", "docker-registry", "github-ghcr", "harbor"];
    State {
        version: Version::parse(version),
        adapters: Some(adapters.map(str::to_owned).into()),
        quotas: Some(Vec::new()),
        ..State::default()
    }
}

fn endpoint(id: i64, name: &str, url: &str) -> Endpoint {
    Endpoint {
        id,
        name: name.to_owned(),
        url: url.to_owned(),
        provider: "docker-registry".to_owned(),
        access_id: String::new(),
        check: CertificateCheck::On,
        ca_certificate: String::new(),
        health: "healthy".to_owned(),
    }
}

fn project(id: i64, name: &str, endpoint: Option<i64>) -> Project {
    let metadata = BTreeMap::from([("public".to_owned(), "false".to_owned())]);
    Project { id, name: name.to_owned(), endpoint, metadata }
}

/// A Harbor that is as [`NVIDIA`] wants it.
fn set_up() -> State {
    let mut state = harbor("v2.14.3");
    state.endpoints =
        vec![Endpoint { access_id: "$oauthtoken".to_owned(), ..endpoint(3, "NVIDIA", "https://nvcr.io") }];
    state.projects = vec![project(7, "nvidiaio", Some(3))];
    state.quotas = Some(vec![Quota { id: 9, project: 7, storage: -1 }]);
    state
}

fn text(plan: &Plan) -> String {
    format!("{}{}", plan.text(), plan.summary())
}

#[test]
fn what_is_missing_is_made() {
    let lines = NVIDIA.replace("allow:", "  - {registry: docker.io, project: dockerhub}\nallow:");
    assert_snapshot!(text(&planned(&lines, &harbor("v2.14.3"))), @"
    make     endpoint NVIDIA: https://nvcr.io by docker-registry, as $oauthtoken, its secret from $NGC_API_KEY
             because project nvidiaio pulls from nvcr.io, and Harbor has no endpoint of this name (policies.yaml:5:15)
    make     project nvidiaio: proxy cache on endpoint NVIDIA, private, quota unlimited
             because images of nvcr.io are written into it, and Harbor has no such project (policies.yaml:5:15)
    make     endpoint docker.io: https://hub.docker.com by docker-hub, without an account
             because project dockerhub pulls from docker.io, and Harbor has no endpoint of this name (policies.yaml:11:16)
    make     project dockerhub: proxy cache on endpoint docker.io, private, quota unlimited
             because images of docker.io are written into it, and Harbor has no such project (policies.yaml:11:16)
    4 to make, 0 to change, 0 as it should be, 0 that can't be
    ");
}

#[test]
fn what_is_there_is_left_alone() {
    let plan = planned(NVIDIA, &set_up());
    assert_snapshot!(text(&plan), @"
    fine     endpoint NVIDIA: as the policy wants it
    fine     project nvidiaio: as the policy wants it
    note     endpoint NVIDIA: Harbor does not show its secret, so that was not compared; `--renew-secrets` sends it again
    0 to make, 0 to change, 2 as it should be, 0 that can't be
    ");
    assert!(plan.is_empty());
}

#[test]
fn what_the_policy_leaves_out_is_left_as_it_is() {
    let mut state = set_up();
    state.projects[0].metadata.insert("public".to_owned(), "true".to_owned());
    state.endpoints[0].check = CertificateCheck::Off;
    let plan = planned("proxies: [{registry: nvcr.io, project: nvidiaio}]\n", &state);
    assert_snapshot!(text(&plan), @"
    fine     endpoint NVIDIA: as the policy wants it
    fine     project nvidiaio: as the policy wants it
    0 to make, 0 to change, 2 as it should be, 0 that can't be
    ");
}

#[test]
fn urls_are_compared_by_what_they_mean() {
    for url in ["https://nvcr.io/", "HTTPS://nvcr.io:443", "https://NVCR.IO"] {
        let mut state = set_up();
        state.endpoints[0].url = url.to_owned();
        assert!(planned(NVIDIA, &state).is_empty(), "{url}");
    }
}

#[test]
fn only_what_differs_is_changed() {
    let mut state = set_up();
    state.endpoints[0].url = "http://nvcr.io".to_owned();
    state.endpoints[0].access_id = "someone".to_owned();
    state.endpoints[0].check = CertificateCheck::Off;
    state.projects[0].metadata.insert("public".to_owned(), "true".to_owned());
    state.quotas = Some(vec![Quota { id: 9, project: 7, storage: 1024 }]);
    assert_snapshot!(text(&planned(NVIDIA, &state)), @"
    change   endpoint NVIDIA: URL http://nvcr.io -> https://nvcr.io, access ID someone -> $oauthtoken, certificate checked, secret sent
             because the policy says otherwise: URL, access ID, certificate check (policies.yaml:5:15)
    change   project nvidiaio: public true -> false
             because the policy says otherwise: public (policies.yaml:5:15)
    change   project nvidiaio: quota 1024 bytes -> unlimited
             because the policy says otherwise: quota (policies.yaml:5:15)
    0 to make, 3 to change, 0 as it should be, 0 that can't be
    ");
}

#[test]
fn secrets_are_sent_again_when_asked_for() {
    assert_snapshot!(text(&planned_with(NVIDIA, &set_up(), Secrets::SendAgain, &CaFiles::new())), @"
    change   endpoint NVIDIA: secret sent
             because its secret is to be sent again (policies.yaml:5:15)
    fine     project nvidiaio: as the policy wants it
    0 to make, 1 to change, 1 as it should be, 0 that can't be
    ");
}

#[test]
fn what_is_another_thing_is_for_a_person() {
    let cases: [(&str, fn(&mut State)); 8] = [
        ("an ordinary project", |state| state.projects[0].endpoint = None),
        ("a cache of another registry", |state| {
            state.endpoints.push(endpoint(4, "Quay", "https://quay.io"));
            state.projects[0].endpoint = Some(4);
        }),
        ("another endpoint for the same registry", |state| {
            state.endpoints.push(endpoint(4, "NGC", "https://nvcr.io"));
            state.projects[0].endpoint = Some(4);
        }),
        ("that endpoint alone", |state| state.endpoints[0].name = "NGC".to_owned()),
        ("an endpoint that can't be seen", |state| state.endpoints.clear()),
        ("the name taken by another URL", |state| state.endpoints[0].url = "https://quay.io".to_owned()),
        ("the name taken by what is no URL", |state| state.endpoints[0].url = "nvcr.io".to_owned()),
        ("the name taken, and no project", |state| {
            state.endpoints[0].url = "https://quay.io".to_owned();
            state.projects.clear();
        }),
    ];
    let mut shown = String::new();
    for (name, change) in cases {
        let mut state = set_up();
        change(&mut state);
        let plan = planned(NVIDIA, &state);
        assert!(plan.steps.is_empty(), "{name}: {plan:?}");
        assert!(!plan.problems.is_empty(), "{name}");
        shown += &format!("# {name}\n{}\n", plan.text());
    }
    assert_snapshot!(shown, @"
    # an ordinary project
    fine     endpoint NVIDIA: as the policy wants it
    can't    project nvidiaio: it is an ordinary project and no proxy cache: the webhook would send images to whatever was pushed there
             help: write another `project` in the policy, which is then made; or empty and delete this one in Harbor (policies.yaml:5:15)
    note     endpoint NVIDIA: Harbor does not show its secret, so that was not compared; `--renew-secrets` sends it again

    # a cache of another registry
    fine     endpoint NVIDIA: as the policy wants it
    can't    project nvidiaio: it is a proxy cache of `https://quay.io`, and the policy has it for nvcr.io
             help: write another `project` in the policy, which is then made; or empty and delete this one in Harbor (policies.yaml:5:15)
    note     endpoint NVIDIA: Harbor does not show its secret, so that was not compared; `--renew-secrets` sends it again

    # another endpoint for the same registry
    fine     endpoint NVIDIA: as the policy wants it
    can't    project nvidiaio: it is a proxy cache on endpoint `NGC`, and the policy wants `NVIDIA` for the same registry
             help: write `name: NGC` in the policy's `endpoint` (policies.yaml:5:15)
    note     endpoint NVIDIA: Harbor does not show its secret, so that was not compared; `--renew-secrets` sends it again

    # that endpoint alone
    can't    project nvidiaio: it is a proxy cache on endpoint `NGC`, and the policy wants `NVIDIA` for the same registry
             help: write `name: NGC` in the policy's `endpoint` (policies.yaml:5:15)

    # an endpoint that can't be seen
    can't    project nvidiaio: it is a proxy cache on endpoint number 3, which this account does not see
             help: use an account that may list registries (policies.yaml:5:15)

    # the name taken by another URL
    can't    endpoint NVIDIA: the name is taken by an endpoint on `quay.io`, and the policy wants `https://nvcr.io`
             help: give the endpoint in the policy another `name`; or change the URL in Harbor, if nothing else uses it (policies.yaml:5:15)

    # the name taken by what is no URL
    can't    endpoint NVIDIA: the name is taken by an endpoint on `nvcr.io`, and the policy wants `https://nvcr.io`
             help: give the endpoint in the policy another `name`; or change the URL in Harbor, if nothing else uses it (policies.yaml:5:15)

    # the name taken, and no project
    can't    endpoint NVIDIA: the name is taken by an endpoint on `quay.io`, and the policy wants `https://nvcr.io`
             help: give the endpoint in the policy another `name`; or change the URL in Harbor, if nothing else uses it (policies.yaml:5:15)
    ");
}

#[test]
fn providers_are_checked() {
    let with = |registry: &str, provider: &str| {
        format!("proxies: [{{registry: {registry}, project: p, setup: {{endpoint: {{provider: {provider}}}}}}}]\n")
    };
    let mut shown = String::new();
    for (lines, version) in [
        (with("quay.io", "quay"), "v2.14.0"),
        (with("quay.io", "quayy"), "v2.13.0"),
        (with("docker.io", "docker-registry"), "v2.13.0"),
        (with("ghcr.io", "github-ghcr"), "v2.7.0"),
    ] {
        shown += &format!("# {version} {lines}{}\n", planned(&lines, &harbor(version)).text());
    }
    let mut state = set_up();
    state.endpoints[0].provider = "harbor".to_owned();
    shown += &format!(
        "# changed\n{}",
        planned(&NVIDIA.replace("name: NVIDIA,", "name: NVIDIA, provider: docker-registry,"), &state).text()
    );
    assert_snapshot!(shown, @"
    # v2.14.0 proxies: [{registry: quay.io, project: p, setup: {endpoint: {provider: quay}}}]
    can't    endpoint quay.io: Harbor has no provider `quay` since 2.14
             help: write `provider: docker-registry`, which serves quay.io (policies.yaml:4:22)

    # v2.13.0 proxies: [{registry: quay.io, project: p, setup: {endpoint: {provider: quayy}}}]
    can't    endpoint quay.io: this Harbor has no provider `quayy`
             help: write one of those that it has: docker-hub, docker-registry, github-ghcr, harbor (policies.yaml:4:22)

    # v2.13.0 proxies: [{registry: docker.io, project: p, setup: {endpoint: {provider: docker-registry}}}]
    make     endpoint docker.io: https://hub.docker.com by docker-registry, without an account
             because project p pulls from docker.io, and Harbor has no endpoint of this name (policies.yaml:4:22)
    make     project p: proxy cache on endpoint docker.io, private, quota unlimited
             because images of docker.io are written into it, and Harbor has no such project (policies.yaml:4:22)
    note     endpoint docker.io: it is a docker-registry, which knows nothing of Docker Hub's `library/`; `docker-hub` does

    # v2.7.0 proxies: [{registry: ghcr.io, project: p, setup: {endpoint: {provider: github-ghcr}}}]
    make     endpoint ghcr.io: https://ghcr.io by github-ghcr, without an account
             because project p pulls from ghcr.io, and Harbor has no endpoint of this name (policies.yaml:4:22)
    make     project p: proxy cache on endpoint ghcr.io, private, quota unlimited
             because images of ghcr.io are written into it, and Harbor has no such project (policies.yaml:4:22)
    note     endpoint ghcr.io: Harbor 2.7 as it ships takes no `github-ghcr` for a proxy cache; 2.8 does

    # changed
    can't    endpoint NVIDIA: its provider is harbor, and Harbor can't change that to docker-registry
             help: give the endpoint in the policy another name, and the proxy another project; or write the provider that it has (policies.yaml:5:15)
    ");
}

#[test]
fn what_a_version_lacks_is_left_out_and_said() {
    let lines = "proxies:
  - registry: r.example
    project: p
    setup: {proxySpeed: 100, upstreamConnections: 5, serveWhenGone: true, public: true}
allow: [r.example/a/**]
";
    let mut shown = String::new();
    for version in ["v2.10.0", "v2.12.0", "v2.14.0", "v2.14.3", "v2.15.1", "v2.16.0", "unknown"] {
        shown += &format!("# {version}\n{}\n", planned(lines, &harbor(version)).text());
    }
    assert_snapshot!(shown, @"
    # v2.10.0
    make     endpoint r.example: https://r.example by docker-registry, without an account
             because project p pulls from r.example, and Harbor has no endpoint of this name (policies.yaml:5:15)
    make     project p: proxy cache on endpoint r.example, public, quota unlimited
             because images of r.example are written into it, and Harbor has no such project (policies.yaml:5:15)
    note     Harbor: 2.10 has no filter for proxy caches, which 2.16 has: `allow` holds in the cluster alone
    note     project p: Harbor 2.10 has no `proxySpeed`, which 2.12 has: it is left out
    note     project p: Harbor 2.10 has no `upstreamConnections`, which 2.14.3 has: it is left out
    note     project p: Harbor 2.10 has no `serveWhenGone`, which 2.15.1 has: it is left out

    # v2.12.0
    make     endpoint r.example: https://r.example by docker-registry, without an account
             because project p pulls from r.example, and Harbor has no endpoint of this name (policies.yaml:5:15)
    make     project p: proxy cache on endpoint r.example, public, proxySpeed 100, quota unlimited
             because images of r.example are written into it, and Harbor has no such project (policies.yaml:5:15)
    note     Harbor: 2.12 has no filter for proxy caches, which 2.16 has: `allow` holds in the cluster alone
    note     project p: Harbor 2.12 has no `upstreamConnections`, which 2.14.3 has: it is left out
    note     project p: Harbor 2.12 has no `serveWhenGone`, which 2.15.1 has: it is left out

    # v2.14.0
    make     endpoint r.example: https://r.example by docker-registry, without an account
             because project p pulls from r.example, and Harbor has no endpoint of this name (policies.yaml:5:15)
    make     project p: proxy cache on endpoint r.example, public, proxySpeed 100, quota unlimited
             because images of r.example are written into it, and Harbor has no such project (policies.yaml:5:15)
    note     Harbor: 2.14 has no filter for proxy caches, which 2.16 has: `allow` holds in the cluster alone
    note     project p: Harbor 2.14 has no `upstreamConnections`, which 2.14.3 has: it is left out
    note     project p: Harbor 2.14 has no `serveWhenGone`, which 2.15.1 has: it is left out

    # v2.14.3
    make     endpoint r.example: https://r.example by docker-registry, without an account
             because project p pulls from r.example, and Harbor has no endpoint of this name (policies.yaml:5:15)
    make     project p: proxy cache on endpoint r.example, public, proxySpeed 100, upstreamConnections 5, quota unlimited
             because images of r.example are written into it, and Harbor has no such project (policies.yaml:5:15)
    note     Harbor: 2.14.3 has no filter for proxy caches, which 2.16 has: `allow` holds in the cluster alone
    note     project p: Harbor 2.14.3 has no `serveWhenGone`, which 2.15.1 has: it is left out

    # v2.15.1
    make     endpoint r.example: https://r.example by docker-registry, without an account
             because project p pulls from r.example, and Harbor has no endpoint of this name (policies.yaml:5:15)
    make     project p: proxy cache on endpoint r.example, public, proxySpeed 100, upstreamConnections 5, serveWhenGone true, quota unlimited
             because images of r.example are written into it, and Harbor has no such project (policies.yaml:5:15)
    note     Harbor: 2.15.1 has no filter for proxy caches, which 2.16 has: `allow` holds in the cluster alone

    # v2.16.0
    make     endpoint r.example: https://r.example by docker-registry, without an account
             because project p pulls from r.example, and Harbor has no endpoint of this name (policies.yaml:5:15)
    make     project p: proxy cache on endpoint r.example, public, proxySpeed 100, upstreamConnections 5, serveWhenGone true, filter ^(a/.+)$, quota unlimited
             because images of r.example are written into it, and Harbor has no such project (policies.yaml:5:15)

    # unknown
    make     endpoint r.example: https://r.example by docker-registry, without an account
             because project p pulls from r.example, and Harbor has no endpoint of this name (policies.yaml:5:15)
    make     project p: proxy cache on endpoint r.example, public, quota unlimited
             because images of r.example are written into it, and Harbor has no such project (policies.yaml:5:15)
    note     Harbor: it does not tell this account its version: what only some versions have is left out
    ");
}

#[test]
fn a_filter_is_made_of_allow_or_left_out() {
    let proxies =
        "proxies: [{registry: r.example, project: p}, {registry: q.example, project: q, setup: {filter: false}}]\n";
    let mut state = harbor("v2.16.0");
    state.endpoints =
        vec![endpoint(1, "r.example", "https://r.example"), endpoint(2, "q.example", "https://q.example")];
    state.projects = vec![project(1, "p", Some(1)), project(2, "q", Some(2))];
    let long =
        format!("allow: [{}]\n", (0..40).map(|n| format!("r.example/team-{n}/**")).collect::<Vec<_>>().join(", "));
    let mut shown = String::new();
    for allow in ["allow: [r.example/a/**, q.example/b]\n", "allow: ['r.example/a:v*']\n", "allow: ['**']\n", &long] {
        shown += &format!(
            "# {}\n{}\n",
            crate::escape::fit(allow.trim(), 60),
            planned(&format!("{proxies}{allow}"), &state).text()
        );
    }
    state.projects[0].metadata.insert("proxy_cache_filter_pattern".to_owned(), "^(a/.+)$".to_owned());
    state.projects[0].metadata.insert("proxy_cache_filter_kind".to_owned(), "regex".to_owned());
    for allow in ["allow: [r.example/a/**]\n", "allow: [r.example/b/**]\n", "allow: ['**']\n"] {
        shown += &format!("# there, {}{}\n", allow, planned(&format!("{proxies}{allow}"), &state).text());
    }
    assert_snapshot!(shown, @"
    # allow: [r.example/a/**, q.example/b]
    change   project p: filter none -> ^(a/.+)$
             because the policy says otherwise: filter (policies.yaml:4:22)
    fine     endpoint r.example: as the policy wants it
    fine     endpoint q.example: as the policy wants it
    fine     project q: as the policy wants it

    # allow: ['r.example/a:v*']
    fine     endpoint r.example: as the policy wants it
    fine     project p: as the policy wants it
    fine     endpoint q.example: as the policy wants it
    fine     project q: as the policy wants it
    note     project p: no filter is set: `r.example/a:v*` in `allow` asks for certain tags or digests, and a filter knows repositories alone

    # allow: ['**']
    fine     endpoint r.example: as the policy wants it
    fine     project p: as the policy wants it
    fine     endpoint q.example: as the policy wants it
    fine     project q: as the policy wants it

    # allow: [r.example/team-0/**, r.example/team-1/**, r.example/…
    fine     endpoint r.example: as the policy wants it
    fine     project p: as the policy wants it
    fine     endpoint q.example: as the policy wants it
    fine     project q: as the policy wants it
    note     project p: no filter is set: `allow` as one pattern is 433 bytes long, and Harbor was made for 255

    # there, allow: [r.example/a/**]
    fine     endpoint r.example: as the policy wants it
    fine     project p: as the policy wants it
    fine     endpoint q.example: as the policy wants it
    fine     project q: as the policy wants it

    # there, allow: [r.example/b/**]
    change   project p: filter ^(a/.+)$ -> ^(b/.+)$
             because the policy says otherwise: filter (policies.yaml:4:22)
    fine     endpoint r.example: as the policy wants it
    fine     endpoint q.example: as the policy wants it
    fine     project q: as the policy wants it

    # there, allow: ['**']
    fine     endpoint r.example: as the policy wants it
    fine     project p: as the policy wants it
    fine     endpoint q.example: as the policy wants it
    fine     project q: as the policy wants it
    note     project p: Harbor filters it by `^(a/.+)$`, which the policy does not ask for
    ");
}

#[test]
fn a_ca_needs_a_version_that_holds_it() {
    let lines = NVIDIA.replace("verifyCertificate: true", "caFile: ca.pem");
    let files = CaFiles::from([("ca.pem".to_owned(), Ok("-----BEGIN CERTIFICATE-----\n".to_owned()))]);
    let mut shown = String::new();
    for version in ["v2.14.3", "v2.15.0"] {
        let mut state = set_up();
        state.version = Version::parse(version);
        shown += &format!("# {version}\n{}\n", planned_with(&lines, &state, Secrets::Keep, &files).text());
    }
    let files = CaFiles::from([("ca.pem".to_owned(), Err("no such file".to_owned()))]);
    shown += &planned_with(&lines, &set_up(), Secrets::Keep, &files).text();
    assert_snapshot!(shown, @"
    # v2.14.3
    can't    endpoint NVIDIA: Harbor 2.14.3 can't hold a CA for one endpoint, which 2.15 can
             help: add the CA to those that all of Harbor trusts, and delete `caFile`; or update Harbor (policies.yaml:5:15)

    # v2.15.0
    change   endpoint NVIDIA: another CA certificate, secret sent
             because the policy says otherwise: CA certificate (policies.yaml:5:15)
    fine     project nvidiaio: as the policy wants it

    can't    endpoint of nvcr.io: its `caFile` `ca.pem` can't be used: no such file
             help: name a PEM file, by a path from the policy's folder (policies.yaml:5:15)
    ");
}

#[test]
fn what_the_policy_says_must_agree_with_itself() {
    let two = |first: &str, second: &str| {
        format!(
            "proxies:\n  - {{registry: r.example/a, project: {first}}}\n  - {{registry: r.example/b, project: {second}}}\n"
        )
    };
    let mut shown = String::new();
    for lines in [
        two("p, setup: {public: true}", "p, setup: {quota: 5}"),
        two("p", "p, setup: {public: true}"),
        two("p, setup: {endpoint: {name: E}}", "q, setup: {endpoint: {name: E, url: https://r.example:5000}}"),
        two("p, setup: {endpoint: {name: E}}", "q, setup: {endpoint: {name: E}}"),
        two("p, setup: {endpoint: {accessId: x}}", "q"),
        two("p, setup: {endpoint: {url: r.example}}", "q"),
        two("p, setup: {endpoint: {url: 'ftp://r.example'}}", "q"),
        two(&format!("p, setup: {{endpoint: {{name: {}}}}}", "n".repeat(65)), "q"),
    ] {
        shown += &format!("# {lines}{}\n", planned(&lines, &harbor("v2.14.3")).text());
    }
    assert_snapshot!(shown, @"
    # proxies:
      - {registry: r.example/a, project: p, setup: {public: true}}
      - {registry: r.example/b, project: p, setup: {quota: 5}}
    make     endpoint r.example: https://r.example by docker-registry, without an account
             because project p pulls from r.example, and Harbor has no endpoint of this name (policies.yaml:5:16)
    make     project p: proxy cache on endpoint r.example, public, quota unlimited
             because images of r.example are written into it, and Harbor has no such project (policies.yaml:5:16)
    can't    project p: `setup` stands twice for it; the first is for policies.yaml:5:16
             help: keep one of the two (policies.yaml:6:16)
    note     Harbor: 2.14.3 has no filter for proxy caches, which 2.16 has: `allow` holds in the cluster alone

    # proxies:
      - {registry: r.example/a, project: p}
      - {registry: r.example/b, project: p, setup: {public: true}}
    make     endpoint r.example: https://r.example by docker-registry, without an account
             because project p pulls from r.example, and Harbor has no endpoint of this name (policies.yaml:6:16)
    make     project p: proxy cache on endpoint r.example, public, quota unlimited
             because images of r.example are written into it, and Harbor has no such project (policies.yaml:6:16)
    note     Harbor: 2.14.3 has no filter for proxy caches, which 2.16 has: `allow` holds in the cluster alone

    # proxies:
      - {registry: r.example/a, project: p, setup: {endpoint: {name: E}}}
      - {registry: r.example/b, project: q, setup: {endpoint: {name: E, url: https://r.example:5000}}}
    make     endpoint E: https://r.example by docker-registry, without an account
             because project p pulls from r.example, and Harbor has no endpoint of this name (policies.yaml:5:16)
    make     project p: proxy cache on endpoint E, private, quota unlimited
             because images of r.example are written into it, and Harbor has no such project (policies.yaml:5:16)
    can't    endpoint E: the policy says one thing of it here and another at policies.yaml:5:16
             help: say the same of it in both, or give one another name (policies.yaml:6:16)
    note     Harbor: 2.14.3 has no filter for proxy caches, which 2.16 has: `allow` holds in the cluster alone

    # proxies:
      - {registry: r.example/a, project: p, setup: {endpoint: {name: E}}}
      - {registry: r.example/b, project: q, setup: {endpoint: {name: E}}}
    make     endpoint E: https://r.example by docker-registry, without an account
             because project p pulls from r.example, and Harbor has no endpoint of this name (policies.yaml:5:16)
    make     project p: proxy cache on endpoint E, private, quota unlimited
             because images of r.example are written into it, and Harbor has no such project (policies.yaml:5:16)
    make     project q: proxy cache on endpoint E, private, quota unlimited
             because images of r.example are written into it, and Harbor has no such project (policies.yaml:6:16)
    note     Harbor: 2.14.3 has no filter for proxy caches, which 2.16 has: `allow` holds in the cluster alone

    # proxies:
      - {registry: r.example/a, project: p, setup: {endpoint: {accessId: x}}}
      - {registry: r.example/b, project: q}
    make     endpoint r.example: https://r.example by docker-registry, without an account
             because project q pulls from r.example, and Harbor has no endpoint of this name (policies.yaml:6:16)
    make     project q: proxy cache on endpoint r.example, private, quota unlimited
             because images of r.example are written into it, and Harbor has no such project (policies.yaml:6:16)
    can't    endpoint of r.example/a: it has one of `accessId` and `accessSecret` and not the other
             help: write both, or none for what anyone may pull (policies.yaml:5:16)
    note     Harbor: 2.14.3 has no filter for proxy caches, which 2.16 has: `allow` holds in the cluster alone

    # proxies:
      - {registry: r.example/a, project: p, setup: {endpoint: {url: r.example}}}
      - {registry: r.example/b, project: q}
    make     endpoint r.example: https://r.example by docker-registry, without an account
             because project q pulls from r.example, and Harbor has no endpoint of this name (policies.yaml:6:16)
    make     project q: proxy cache on endpoint r.example, private, quota unlimited
             because images of r.example are written into it, and Harbor has no such project (policies.yaml:6:16)
    can't    endpoint of r.example/a: its `url` `r.example` can't be used: it has no scheme, and Harbor would speak to it without encryption
             help: write `https://r.example` (policies.yaml:5:16)
    note     Harbor: 2.14.3 has no filter for proxy caches, which 2.16 has: `allow` holds in the cluster alone

    # proxies:
      - {registry: r.example/a, project: p, setup: {endpoint: {url: 'ftp://r.example'}}}
      - {registry: r.example/b, project: q}
    make     endpoint r.example: https://r.example by docker-registry, without an account
             because project q pulls from r.example, and Harbor has no endpoint of this name (policies.yaml:6:16)
    make     project q: proxy cache on endpoint r.example, private, quota unlimited
             because images of r.example are written into it, and Harbor has no such project (policies.yaml:6:16)
    can't    endpoint of r.example/a: its `url` `ftp://r.example` can't be used: it is neither https nor http
             help: write `https://` and the registry's host (policies.yaml:5:16)
    note     Harbor: 2.14.3 has no filter for proxy caches, which 2.16 has: `allow` holds in the cluster alone

    # proxies:
      - {registry: r.example/a, project: p, setup: {endpoint: {name: nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn}}}
      - {registry: r.example/b, project: q}
    make     endpoint r.example: https://r.example by docker-registry, without an account
             because project q pulls from r.example, and Harbor has no endpoint of this name (policies.yaml:6:16)
    make     project q: proxy cache on endpoint r.example, private, quota unlimited
             because images of r.example are written into it, and Harbor has no such project (policies.yaml:6:16)
    can't    endpoint of r.example/a: its name is 65 bytes long, and Harbor takes 64
             help: write a shorter `name` (policies.yaml:5:16)
    note     Harbor: 2.14.3 has no filter for proxy caches, which 2.16 has: `allow` holds in the cluster alone
    ");
}

#[test]
fn an_unhealthy_endpoint_is_said() {
    let mut state = set_up();
    state.endpoints[0].health = "unhealthy".to_owned();
    assert_snapshot!(planned(NVIDIA, &state).text(), @"
    fine     endpoint NVIDIA: as the policy wants it
    fine     project nvidiaio: as the policy wants it
    note     endpoint NVIDIA: Harbor finds it unhealthy: its projects serve only what is cached
    note     endpoint NVIDIA: Harbor does not show its secret, so that was not compared; `--renew-secrets` sends it again
    ");
}

#[test]
fn a_url_does_not_change_without_the_secret() {
    let lines = "proxies: [{registry: nvcr.io, project: nvidiaio, setup: {endpoint: {name: NVIDIA, url: 'https://nvcr.io/v2'}}}]\n";
    assert_snapshot!(planned(lines, &set_up()).text(), @"
    can't    endpoint NVIDIA: its URL is to change, and some versions of Harbor forget the account's secret then
             help: write `accessId` and `accessSecret`, so that they are sent with it (policies.yaml:4:22)
    ");
}

#[test]
fn names_of_others_steer_no_terminal() {
    let mut state = set_up();
    state.endpoints[0].url = "https://evil\u{1b}[31m.example".to_owned();
    let plan = planned(NVIDIA, &state);
    assert!(!plan.text().contains('\u{1b}'), "{}", plan.text());
}

#[test]
fn only_what_a_plan_rests_on_is_in_its_digest() {
    let observed = |state: &State| planned(NVIDIA, state).observed;
    let first = observed(&set_up());
    let mut other = set_up();
    other.projects.push(project(20, "unrelated", None));
    other.endpoints.push(endpoint(21, "unrelated", "https://r.example"));
    other.endpoints[0].health = "unhealthy".to_owned();
    assert_eq!(observed(&other), first);
    let changes: [fn(&mut State); 5] = [
        |state| state.version = Version::parse("v2.15.1"),
        |state| state.endpoints[0].id = 4,
        |state| state.endpoints[0].access_id.clear(),
        |state| state.projects.clear(),
        |state| state.quotas = None,
    ];
    for change in changes {
        let mut other = set_up();
        change(&mut other);
        assert_ne!(observed(&other), first);
    }
}

#[test]
fn the_json_is_stable() {
    let lines = format!("{NVIDIA}  # a comment\n")
        .replace("allow: ['**']", "  - {registry: docker.io, project: dockerhub}\nallow: [nvcr.io/nvidia/**]");
    let mut state = set_up();
    state.version = Version::parse("v2.16.0");
    state.endpoints[0].access_id = "someone".to_owned();
    state.quotas = Some(vec![Quota { id: 9, project: 7, storage: 5 }]);
    let made = Made {
        harbor: "https://harbor.test",
        version: "2.16",
        policy: "0123456789ab",
        secrets: Secrets::Keep,
        projects: &[],
    };
    assert_snapshot!(planned(&lines, &state).json(made), @r#"
    {
      "kind": "harbor-pilot.io/v1 HarborPlan",
      "harbor": "https://harbor.test",
      "harborVersion": "2.16",
      "policy": "0123456789ab",
      "renewSecrets": false,
      "projects": [],
      "observed": "sha256:a52a5a45a533a26becbad1a27d3f305ad50a31a8375ea1bceddac7fb6d46bb9a",
      "steps": [
        {
          "action": "update-endpoint",
          "id": 3,
          "endpoint": "NVIDIA",
          "provider": "docker-registry",
          "url": "https://nvcr.io",
          "oldAccessId": "someone",
          "access": {
            "id": "$oauthtoken",
            "secret": {
              "env": "NGC_API_KEY"
            }
          },
          "reason": "the policy says otherwise: access ID",
          "place": "policies.yaml:5:15"
        },
        {
          "action": "update-project",
          "project": "nvidiaio",
          "changes": [
            {
              "setting": "proxy_cache_filter_pattern",
              "from": "",
              "to": "^(nvidia/.+)$"
            },
            {
              "setting": "proxy_cache_filter_kind",
              "from": "",
              "to": "regex"
            }
          ],
          "reason": "the policy says otherwise: filter",
          "place": "policies.yaml:5:15"
        },
        {
          "action": "update-quota",
          "quota": 9,
          "project": "nvidiaio",
          "from": 5,
          "to": -1,
          "reason": "the policy says otherwise: quota",
          "place": "policies.yaml:5:15"
        },
        {
          "action": "create-endpoint",
          "endpoint": "docker.io",
          "url": "https://hub.docker.com",
          "provider": "docker-hub",
          "certificateCheck": "on",
          "reason": "project dockerhub pulls from docker.io, and Harbor has no endpoint of this name",
          "place": "policies.yaml:11:16"
        },
        {
          "action": "create-project",
          "project": "dockerhub",
          "endpoint": {
            "name": "docker.io"
          },
          "quota": -1,
          "settings": {
            "public": "false",
            "proxy_cache_filter_pattern": "^()$",
            "proxy_cache_filter_kind": "regex"
          },
          "reason": "images of docker.io are written into it, and Harbor has no such project",
          "place": "policies.yaml:11:16"
        }
      ],
      "inPlace": [],
      "problems": [],
      "notes": []
    }
    "#);
}

#[test]
fn what_is_not_encrypted_is_said() {
    let plain = NVIDIA.replace("https://nvcr.io", "http://nvcr.io:8080");
    let mut there = set_up();
    there.endpoints[0].url = "http://nvcr.io:8080".to_owned();
    let left_out = "proxies: [{registry: 'nvcr.io:8080', project: nvidiaio}]\n";
    let mut shown = String::new();
    for (lines, state) in [(plain.as_str(), &harbor("v2.14.3")), (&plain, &there), (left_out, &there)] {
        shown += &format!("{}\n", planned(lines, state).text());
    }
    assert_snapshot!(shown, @"
    make     endpoint NVIDIA: http://nvcr.io:8080 by docker-registry, as $oauthtoken, its secret from $NGC_API_KEY
             because project nvidiaio pulls from nvcr.io, and Harbor has no endpoint of this name (policies.yaml:5:15)
    make     project nvidiaio: proxy cache on endpoint NVIDIA, private, quota unlimited
             because images of nvcr.io are written into it, and Harbor has no such project (policies.yaml:5:15)
    note     endpoint NVIDIA: `http://nvcr.io:8080` is not encrypted: whoever is in between can serve any image, and reads an account's secret; write `url: https://nvcr.io:8080` in the policy, if the registry answers there

    fine     endpoint NVIDIA: as the policy wants it
    fine     project nvidiaio: as the policy wants it
    note     endpoint NVIDIA: `http://nvcr.io:8080` is not encrypted: whoever is in between can serve any image, and reads an account's secret; write `url: https://nvcr.io:8080` in the policy, if the registry answers there
    note     endpoint NVIDIA: Harbor does not show its secret, so that was not compared; `--renew-secrets` sends it again

    fine     endpoint NVIDIA: as the policy wants it
    fine     project nvidiaio: as the policy wants it
    note     endpoint NVIDIA: `http://nvcr.io:8080` is not encrypted: whoever is in between can serve any image, and reads an account's secret; write `url: https://nvcr.io:8080` in the policy, if the registry answers there
    ");
}
