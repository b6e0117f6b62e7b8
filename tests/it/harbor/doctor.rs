//! `harbor doctor`: each finding on a Harbor that has it, and none on one that is well.

use insta::assert_snapshot;
use serde_json::json;

use super::NVIDIA;
use crate::support::harbor::{Harbor, Run};

/// Without the days that the stand-in's certificate has left.
fn findings(run: &Run) -> String {
    let kept = run.stdout.split_inclusive('\n').collect::<String>();
    kept.replace("expires in 0 days", "expires in N days").replace("expires in 1 days", "expires in N days")
}

#[test]
fn a_harbor_that_is_well_and_a_pull_through_it() {
    let Some(harbor) = Harbor::start("2.14.3") else { return };
    assert_eq!(harbor.policy(NVIDIA).run(&["apply", "--yes"]).code, 0);
    let run = harbor.run(&["doctor", "--pull", "nvcr.io/nvidia/driver:550"]);
    assert_snapshot!(findings(&run), @"
    pulled nvcr.io/nvidia/driver:550 as nvidiaio/nvidia/driver: sha256:2e523ad85d8a2f7585298e8ae583e4242827fcb9aada3ad1c634162d1dc40f8d, application/vnd.oci.image.manifest.v1+json
    warning: certificate: it expires in N days; it was signed by CN=Harbor's authority
      why: nodes can't pull any image after that
      fix: renew Harbor's certificate
    note: project nvidiaio: tags that nobody pulled for 7 days are deleted from its cache
      why: Harbor sets this up by itself; what is gone from the cache can't be pulled while the registry is down
      fix: change the retention on the project's policy page, if the cache has to outlast the registry
    note: certificate: a node that trusts public CAs alone does not trust Harbor: invalid peer certificate: UnknownIssuer
      why: nodes can't pull until they trust the CA that signed it
      fix: put the CA on each node, as /etc/containerd/certs.d/harbor.example.com/ca.crt or /etc/containers/certs.d/harbor.example.com/ca.crt
    https://HARBOR: 0 errors, 1 warning, 2 notes
    ");
    let digest = harbor.said("/upstream/images/0/digest").to_owned();
    let image = format!("nvcr.io/{}@{digest}", harbor.said("/upstream/images/0/repository"));
    let run = harbor.run(&["doctor", "-o", "json", "--pull", &image]);
    let report: serde_json::Value = serde_json::from_str(&run.stdout).expect("JSON");
    assert_eq!(report["pulled"][0]["digest"], digest, "{report:#}");
}

#[test]
fn what_does_not_come_through() {
    let Some(harbor) = Harbor::start("2.16.0") else { return };
    assert_eq!(harbor.policy(NVIDIA).run(&["apply", "--yes"]).code, 0);
    let run = harbor.run(&[
        "doctor",
        "--pull",
        "nvcr.io/nvidia/none:1",
        "--pull",
        "quay.io/x/y:1",
        "--pull",
        "A b",
        "--pull",
        "nvcr.io/other/x:1",
    ]);
    let errors: Vec<&str> = run.stdout.lines().filter(|line| line.starts_with("error: pull")).collect();
    assert_snapshot!(errors.join("\n"), @"
    error: pull of `nvcr.io/nvidia/none:1`: `1` of nvidiaio/nvidia/none: the manifest: Harbor answers 404: artifact nvidiaio/nvidia/none:1 not found
    error: pull of `quay.io/x/y:1`: no proxy of the policy serves it
    error: pull of `A b`: not an image name: expected a path in lower case, but found `A` at byte 0
    error: pull of `nvcr.io/other/x:1`: `1` of nvidiaio/other/x: the manifest: Harbor answers 404: artifact nvidiaio/other/x:1 not found
    ");
    assert_eq!(run.code, 1);
}

#[test]
fn everything_that_can_be_wrong() {
    let Some(harbor) = Harbor::start("2.15.0") else { return };
    let lines = "proxies:
  - {registry: nvcr.io, project: nvidiaio, setup: {endpoint: {name: NVIDIA, accessId: $oauthtoken, accessSecret: {env: NGC_API_KEY}}}}
  - {registry: quay.io, project: quay, setup: {public: true, endpoint: {name: NVIDIA-TOO, url: https://quay.io, accessId: $oauthtoken, accessSecret: {env: NGC_API_KEY}}}}
  - {registry: docker.io, project: dockerhub, setup: {endpoint: {provider: docker-registry, url: https://registry-1.docker.io, verifyCertificate: false, accessId: $oauthtoken, accessSecret: {env: NGC_API_KEY}}}}
  - {registry: ghcr.io, project: stranger, setup: {endpoint: {accessId: $oauthtoken, accessSecret: {env: NGC_API_KEY}}}}
";
    let applied = harbor.policy(lines).run(&["apply", "--yes"]);
    assert_eq!(applied.code, 0, "{}", applied.drawn());
    harbor.control("PUT", "/registries/NVIDIA/healthy", json!(false));
    let garbage =
        json!({ "schedule": { "type": "Daily", "cron": "0 0 0 * * *" }, "parameters": { "delete_untagged": true } });
    harbor.api("POST", "/system/gc/schedule", garbage);
    let lines = lines
        .replace("ghcr.io, project: stranger", "registry.k8s.io, project: library")
        .replace("{registry: quay.io, project: quay,", "{registry: gcr.io, project: quay,")
        + "  - {registry: mcr.microsoft.com, project: absent}\nallow: ['harbor.example.com/**', docker.io/**]\n";
    assert_snapshot!(findings(&harbor.policy(&lines).run(&["doctor"])), @"
    error: Harbor: version 2.15 can't serve proxy caches of Docker Hub
      why: every pull from Docker Hub through it fails
      fix: update it to 2.15.1 or newer
    error: project nvidiaio: Harbor finds its endpoint NVIDIA unhealthy
      why: only what is cached is served; everything else is not found
      fix: test the connection on Harbor's page of registries: its account may have expired, or Harbor's way out is closed
    error: project quay: it is public, and Harbor pulls with the account $oauthtoken
      why: everyone who reaches Harbor may pull whatever that account can
      fix: write `public: false` and a `pullSecret`, and apply it; `harbor-pilot harbor robot pull` makes the Secret
    error: project library: it is an ordinary project and no proxy cache
      why: allowed names of registry.k8s.io are served from whatever was pushed there
      fix: write another `project` in the policy, and make it by `harbor-pilot harbor apply`
    error: project absent: Harbor has no such project, or this account does not see it
      why: no image of mcr.microsoft.com can be pulled: its name is rewritten into that project
      fix: make it by `harbor-pilot harbor apply`
    error: project stranger: it is a proxy cache of `https://ghcr.io` that the policy lacks, and `harbor.example.com/**` in `allow` reaches it
      why: any image of that registry may run under its name in Harbor, whatever `allow` says of the registry
      fix: add it to `proxies`, so that its images are judged by their origin; or narrow that entry
    error: garbage collection: it deletes untagged artifacts, by a schedule
      why: nodes pull by digest, so what proxy caches hold has no tag: each run empties them
      fix: switch off `delete untagged artifacts` on Harbor's page of garbage collection
    warning: project nvidiaio: it is private, and the policy names no `pullSecret` for it
      why: nodes that hold no login of their own for Harbor can't pull from it
      fix: make a Secret by `harbor-pilot harbor robot pull`, and name it by `pullSecret` in the policy
    warning: project dockerhub: its endpoint docker.io is a docker-registry, and not a docker-hub
      why: names without `library/` that reach Harbor past the webhook are not found
      fix: make another endpoint with `provider: docker-hub`, and another project on it: Harbor can't change either
    warning: project dockerhub: its endpoint docker.io takes any certificate
      why: whoever is between Harbor and the registry can serve any image
      fix: write `https://` and `verifyCertificate: true` in the policy, and apply it
    warning: project dockerhub: it is private, and the policy names no `pullSecret` for it
      why: nodes that hold no login of their own for Harbor can't pull from it
      fix: make a Secret by `harbor-pilot harbor robot pull`, and name it by `pullSecret` in the policy
    warning: certificate: it expires in N days; it was signed by CN=Harbor's authority
      why: nodes can't pull any image after that
      fix: renew Harbor's certificate
    note: project nvidiaio: tags that nobody pulled for 7 days are deleted from its cache
      why: Harbor sets this up by itself; what is gone from the cache can't be pulled while the registry is down
      fix: change the retention on the project's policy page, if the cache has to outlast the registry
    note: project quay: tags that nobody pulled for 7 days are deleted from its cache
      why: Harbor sets this up by itself; what is gone from the cache can't be pulled while the registry is down
      fix: change the retention on the project's policy page, if the cache has to outlast the registry
    note: project dockerhub: tags that nobody pulled for 7 days are deleted from its cache
      why: Harbor sets this up by itself; what is gone from the cache can't be pulled while the registry is down
      fix: change the retention on the project's policy page, if the cache has to outlast the registry
    note: certificate: a node that trusts public CAs alone does not trust Harbor: invalid peer certificate: UnknownIssuer
      why: nodes can't pull until they trust the CA that signed it
      fix: put the CA on each node, as /etc/containerd/certs.d/harbor.example.com/ca.crt or /etc/containers/certs.d/harbor.example.com/ca.crt
    https://HARBOR: 7 errors, 5 warnings, 4 notes
    ");
}

#[test]
fn a_robot_that_may_not_look_everywhere_says_so() {
    let Some(harbor) = Harbor::start("2.14.3") else { return };
    harbor.policy(NVIDIA);
    assert_eq!(harbor.run(&["apply", "--yes"]).code, 0);
    assert_eq!(harbor.run(&["robot", "manager", "--output-file", "robot.json"]).code, 0);
    let run = harbor.run(&["doctor", "--credentials", "robot.json"]);
    assert!(run.stdout.contains("note: garbage collection: this account may not look"), "{}", run.drawn());
}
