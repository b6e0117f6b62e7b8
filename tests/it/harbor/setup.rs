//! Plan, apply, and the way back.

use std::fs;

use insta::assert_snapshot;
use serde_json::{Value as Json, json};

use super::NVIDIA;
use crate::support::harbor::{Harbor, text};

const VERSIONS: [&str; 5] = ["2.10.0", "2.13.0", "2.14.3", "2.15.1", "2.16.0"];

#[test]
fn a_harbor_is_set_up_and_then_left_alone() {
    let Some(harbor) = Harbor::start("2.14.3") else { return };
    harbor.policy(NVIDIA);
    assert_snapshot!(harbor.run(&["plan"]).drawn(), @"
    exit code 1
    --- stdout
    Harbor 2.14.3 at https://HARBOR
    make     endpoint NVIDIA: https://nvcr.io by docker-registry, as $oauthtoken, its secret from $NGC_API_KEY
             because project nvidiaio pulls from nvcr.io, and Harbor has no endpoint of this name (policies.yaml:5:15)
    make     project nvidiaio: proxy cache on endpoint NVIDIA, private, quota unlimited
             because images of nvcr.io are written into it, and Harbor has no such project (policies.yaml:5:15)
    note     Harbor: 2.14.3 has no filter for proxy caches, which 2.16 has: `allow` holds in the cluster alone
    2 to make, 0 to change, 0 as it should be, 0 that can't be
    ");
    let before = harbor.asked();
    assert!(before.iter().all(|(method, _)| method == "GET"), "{before:?}");
    assert_snapshot!(harbor.run(&["apply", "--yes"]).drawn(), @"
    exit code 0
    --- stdout
    done  make endpoint NVIDIA: https://nvcr.io by docker-registry, as $oauthtoken, its secret from $NGC_API_KEY
    done  make project nvidiaio: proxy cache on endpoint NVIDIA, private, quota unlimited
    --- stderr
    Harbor 2.14.3 at https://HARBOR
    make     endpoint NVIDIA: https://nvcr.io by docker-registry, as $oauthtoken, its secret from $NGC_API_KEY
             because project nvidiaio pulls from nvcr.io, and Harbor has no endpoint of this name (policies.yaml:5:15)
    make     project nvidiaio: proxy cache on endpoint NVIDIA, private, quota unlimited
             because images of nvcr.io are written into it, and Harbor has no such project (policies.yaml:5:15)
    note     Harbor: 2.14.3 has no filter for proxy caches, which 2.16 has: `allow` holds in the cluster alone
    2 to make, 0 to change, 0 as it should be, 0 that can't be
    [1/2] make endpoint NVIDIA
    [2/2] make project nvidiaio
    ");
    assert_snapshot!(harbor.run(&["plan"]).drawn(), @"
    exit code 0
    --- stdout
    Harbor 2.14.3 at https://HARBOR
    fine     endpoint NVIDIA: as the policy wants it
    fine     project nvidiaio: as the policy wants it
    note     Harbor: 2.14.3 has no filter for proxy caches, which 2.16 has: `allow` holds in the cluster alone
    note     endpoint NVIDIA: Harbor does not show its secret, so that was not compared; `--renew-secrets` sends it again
    0 to make, 0 to change, 2 as it should be, 0 that can't be
    ");
    let before = harbor.asked().len();
    assert_eq!(harbor.run(&["apply", "--yes"]).code, 0);
    let asked = harbor.asked();
    assert!(asked[before..].iter().all(|(method, _)| method == "GET"), "{:?}", &asked[before..]);
    assert!(asked.iter().all(|(method, _)| method != "DELETE"), "{asked:?}");
}

#[test]
fn each_version_gets_what_it_has() {
    for version in VERSIONS {
        let Some(harbor) = Harbor::start(version) else { return };
        let lines = format!("{NVIDIA}  # all there is\n")
            .replace("      quota: -1\n", "      quota: 1048576\n      proxySpeed: 512\n      upstreamConnections: 7\n      serveWhenGone: true\n")
            .replace("allow:", "  - {registry: docker.io, project: dockerhub, setup: {public: true}}\nallow:");
        harbor.policy(&lines);
        let applied = harbor.run(&["apply", "--yes"]);
        assert_eq!(applied.code, 0, "{version}: {}", applied.drawn());
        let planned = harbor.run(&["plan"]);
        assert_eq!(planned.code, 0, "{version}: {}", planned.drawn());
        let project = harbor.api("GET", "/projects/nvidiaio", Json::Null);
        let setting = |name: &str| project["metadata"][name].as_str().unwrap_or("-").to_owned();
        let names = [
            "public",
            "proxy_speed_kb",
            "max_upstream_conn",
            "proxy_cache_local_on_not_found",
            "proxy_cache_filter_pattern",
        ];
        let has = names.map(setting).join(" ");
        let expected = match version {
            "2.10.0" => "false - - - -",
            "2.13.0" => "false 512 - - -",
            "2.14.3" => "false 512 7 - -",
            "2.15.1" => "false 512 7 true -",
            _ => "false 512 7 true ^(nvidia/.+)$",
        };
        assert_eq!(has, expected, "{version}");
    }
}

#[test]
fn only_what_differs_is_changed() {
    let Some(harbor) = Harbor::start("2.16.0") else { return };
    assert_eq!(harbor.policy(NVIDIA).run(&["apply", "--yes"]).code, 0);
    harbor.control("PUT", "/projects/nvidiaio/metadata", json!({ "public": "true", "auto_scan": "true" }));
    let registries = harbor.api("GET", "/registries", Json::Null);
    let id = &registries[0]["id"];
    harbor.api("PUT", &format!("/registries/{id}"), json!({ "insecure": true }));
    let lines = NVIDIA
        .replace("quota: -1", "quota: 4096")
        .replace("{env: NGC_API_KEY}", "{env: NGC_API_KEY}, verifyCertificate: true");
    assert_snapshot!(harbor.policy(&lines).run(&["apply", "--yes"]).drawn(), @"
    exit code 0
    --- stdout
    done  change endpoint NVIDIA: certificate checked, secret sent
    done  change project nvidiaio: public true -> false, filter none -> ^(nvidia/.+)$
    done  change project nvidiaio: quota unlimited -> 4096 bytes
    --- stderr
    Harbor 2.16 at https://HARBOR
    change   endpoint NVIDIA: certificate checked, secret sent
             because the policy says otherwise: certificate check (policies.yaml:5:15)
    change   project nvidiaio: public true -> false, filter none -> ^(nvidia/.+)$
             because the policy says otherwise: public, filter (policies.yaml:5:15)
    change   project nvidiaio: quota unlimited -> 4096 bytes
             because the policy says otherwise: quota (policies.yaml:5:15)
    0 to make, 3 to change, 0 as it should be, 0 that can't be
    [1/3] change endpoint NVIDIA
    [2/3] change project nvidiaio
    [3/3] change project nvidiaio
    ");
    assert_eq!(harbor.run(&["plan"]).code, 0);
    let project = harbor.api("GET", "/projects/nvidiaio", Json::Null);
    assert_eq!(project["metadata"]["auto_scan"], "true", "what the policy does not name stays");
}

#[test]
fn a_plan_is_carried_out_as_long_as_it_holds() {
    let Some(harbor) = Harbor::start("2.14.3") else { return };
    harbor.policy(NVIDIA);
    assert_eq!(harbor.run(&["plan", "--out", "plan.json"]).code, 1);
    let plan = fs::read_to_string(harbor.path("plan.json")).expect("written");
    assert!(!plan.contains(harbor.said("/upstream/password")), "{plan}");
    assert_eq!(harbor.run(&["plan", "-o", "json"]).stdout, plan.replace(harbor.said("/url"), "https://HARBOR"));

    harbor.policy(&NVIDIA.replace("allow: [", "allow: [nvcr.io/nim/**, "));
    assert_snapshot!(harbor.run(&["apply", "--yes", "--plan", "plan.json"]).drawn(), @"
    exit code 2
    --- stderr
    error: the plan does not hold any more: the policy has changed
    help: make a new one by `harbor-pilot harbor plan --out FILE`
    ");
    harbor.policy(NVIDIA);
    assert_eq!(harbor.run(&["apply", "--yes", "--plan", "plan.json"]).code, 0);
    assert_snapshot!(harbor.run(&["apply", "--yes", "--plan", "plan.json"]).stderr, @"
    error: the plan does not hold any more: Harbor has changed
    help: make a new one by `harbor-pilot harbor plan --out FILE`
    ");
    fs::write(harbor.path("other.json"), "{}").expect("written");
    assert_snapshot!(harbor.run(&["apply", "--yes", "--plan", "other.json"]).drawn(), @"
    exit code 2
    --- stderr
    error: `other.json` is no plan that `harbor plan --out` wrote
    ");
}

#[test]
fn without_a_terminal_nothing_is_done_unasked() {
    let Some(harbor) = Harbor::start("2.14.3") else { return };
    let run = harbor.policy(NVIDIA).run(&["apply"]);
    assert_eq!(run.code, 2);
    assert!(
        run.stderr.ends_with("error: there is no terminal to ask on: add `--yes`\nnothing was done\n"),
        "{}",
        run.stderr
    );
    assert!(harbor.asked().iter().all(|(method, _)| method == "GET"));
}

#[test]
fn what_was_clicked_becomes_a_policy() {
    let Some(harbor) = Harbor::start("2.15.1") else { return };
    let lines = format!("{NVIDIA}  # more\n").replace(
        "allow:",
        "  - {registry: docker.io, project: '42', setup: {public: true, serveWhenGone: true}}\n  - {registry: quay.io, project: quay, setup: {endpoint: {name: 'true: #1'}}}\nallow:",
    );
    assert_eq!(harbor.policy(&lines).run(&["apply", "--yes"]).code, 0);
    let registry = harbor.api("GET", "/registries", Json::Null)[0]["id"].clone();
    harbor.api("POST", "/projects", json!({ "project_name": "second", "registry_id": registry, "metadata": {} }));

    fs::remove_file(harbor.path("policies.yaml")).expect("there");
    assert_snapshot!(harbor.run(&["discover"]).stdout, @r#"
    proxies:
      - registry: nvcr.io
        project: nvidiaio
        # pullSecret: harbor-nvidiaio   # private: nodes need it
        setup:
          endpoint:
            name: NVIDIA
            url: https://nvcr.io
            provider: docker-registry
            accessId: $oauthtoken
            accessSecret: {env: NVIDIAIO_SECRET}   # Harbor does not show it
            verifyCertificate: true
          public: false
          quota: -1
      - registry: docker.io
        project: "42"
        setup:
          endpoint:
            name: docker.io
            url: https://hub.docker.com
            provider: docker-hub
            verifyCertificate: true
          public: true
          quota: -1
          serveWhenGone: true
      - registry: quay.io
        project: quay
        # pullSecret: harbor-quay   # private: nodes need it
        setup:
          endpoint:
            name: "true: #1"
            url: https://quay.io
            provider: docker-registry
            verifyCertificate: true
          public: false
          quota: -1
      # project second is left out: nvcr.io has a proxy already; give one of them a path prefix
    "#);
    let whole = harbor.run(&["discover", "--new"]).stdout;
    // The stand-in has no name of its own, so its address would stand for it.
    let whole = whole.replace("https://HARBOR", harbor.said("/url"));
    fs::write(harbor.path("policies.yaml"), whole).expect("written");
    let key = harbor.said("/upstream/password");
    let planned = harbor.run_with(&["plan"], &[("NVIDIAIO_SECRET", key)]);
    assert_eq!(planned.code, 0, "{}", planned.drawn());
}

#[test]
fn more_registries_than_a_page_holds_are_all_seen() {
    let Some(harbor) = Harbor::start("2.14.3") else { return };
    for number in 0..120 {
        let (name, url) = if number == 110 {
            ("NVIDIA".to_owned(), "https://nvcr.io/")
        } else {
            (format!("endpoint-{number:03}"), "https://quay.io")
        };
        let account = json!({ "access_key": "$oauthtoken", "access_secret": harbor.said("/upstream/password") });
        let body = json!({ "name": name, "type": "docker-registry", "url": url, "credential": account });
        harbor.api("POST", "/registries", body);
        harbor.api("POST", "/projects", json!({ "project_name": format!("p{number:03}"), "metadata": {} }));
    }
    let planned = harbor.policy(NVIDIA).run(&["plan"]);
    assert!(planned.stdout.contains("fine     endpoint NVIDIA"), "{}", planned.drawn());
    assert!(planned.stdout.contains("make     project nvidiaio"), "{}", planned.drawn());
    let planned = harbor.policy(&NVIDIA.replace("nvidiaio", "p115")).run(&["plan"]);
    assert!(planned.stdout.contains("can't    project p115: it is an ordinary project"), "{}", planned.drawn());
}

/// A project whose name is another project's number.
#[test]
fn a_name_of_digits_is_a_name() {
    let Some(harbor) = Harbor::start("2.14.3") else { return };
    let first = harbor.api("GET", "/projects/library", Json::Null)["project_id"].clone();
    let lines = NVIDIA.replace("nvidiaio", &format!("'{first}'")).replace("'1'\n    pullSecret: harbor-'1'", "'1'");
    assert_eq!(harbor.policy(&lines).run(&["apply", "--yes"]).code, 0);
    let public = harbor.policy(&lines.replace("public: false", "public: true")).run(&["apply", "--yes"]);
    assert_eq!(public.code, 0, "{}", public.drawn());
    assert_eq!(harbor.run(&["plan"]).code, 0);
    let credentials = harbor.api("GET", "/registries", Json::Null)[0]["credential"]["access_key"].clone();
    assert_eq!(credentials, "$oauthtoken");
}

#[test]
fn a_secret_comes_from_a_file_beside_the_policy() {
    let Some(harbor) = Harbor::start("2.14.3") else { return };
    fs::create_dir(harbor.path("keys")).expect("made");
    fs::write(harbor.path("keys/ngc"), format!("{}\n", harbor.said("/upstream/password"))).expect("written");
    harbor.policy(&NVIDIA.replace("{env: NGC_API_KEY}", "{file: keys/ngc}"));
    let policy = harbor.path("policies.yaml");
    let run = harbor.run_with(&["apply", "--yes", "-v", "-p", text(&policy)], &[("NGC_API_KEY", "")]);
    assert_eq!(run.code, 0, "{}", run.drawn());
    assert!(run.stderr.contains(r#""access_secret":"*****""#), "{}", run.stderr);
    let renewed = harbor.run(&["apply", "--yes", "--renew-secrets"]);
    assert!(renewed.stdout.contains("done  change endpoint NVIDIA"), "{}", renewed.drawn());
}
