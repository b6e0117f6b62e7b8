//! Robots: what they may do, and where their secrets go.

use std::{fs, os::unix::fs::PermissionsExt as _};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use insta::assert_snapshot;
use serde_json::Value as Json;

use super::NVIDIA;
use crate::support::harbor::Harbor;

/// The rights are enough in each version, for making and for changing.
#[test]
fn the_manager_has_the_rights_that_apply_needs() {
    for version in ["2.10.0", "2.13.0", "2.14.3", "2.16.0"] {
        let Some(harbor) = Harbor::start(version) else { return };
        harbor.policy(NVIDIA);
        let made = harbor.run(&["robot", "manager", "--output-file", "robot.json"]);
        assert_eq!(made.code, 0, "{version}: {}", made.drawn());
        assert!(made.stdout.is_empty(), "{}", made.drawn());
        let permissions = fs::metadata(harbor.path("robot.json")).expect("there").permissions().mode();
        assert_eq!(permissions & 0o777, 0o600);
        let as_robot = |arguments: &[&str]| {
            let arguments = [arguments, &["--credentials", "robot.json"]].concat();
            harbor.run_with(&arguments, &[("HARBOR_USERNAME", "nobody"), ("HARBOR_PASSWORD", "nothing")])
        };
        let applied = as_robot(&["apply", "--yes"]);
        assert_eq!(applied.code, 0, "{version}: {}", applied.drawn());
        harbor.policy(&NVIDIA.replace("public: false", "public: true"));
        let changed = as_robot(&["apply", "--yes"]);
        assert_eq!(changed.code, 0, "{version}: {}", changed.drawn());
        assert_eq!(as_robot(&["plan"]).code, 0, "{version}");
    }
}

#[test]
fn a_secret_is_shown_once_and_renewed_when_asked_for() {
    let Some(harbor) = Harbor::start("2.14.3") else { return };
    harbor.policy(NVIDIA);
    let first = harbor.run(&["robot", "manager"]);
    let first: Json = serde_json::from_str(&first.stdout).expect("JSON");
    assert_snapshot!(harbor.run(&["robot", "manager", "--output-file", "again.json"]).drawn(), @"
    exit code 2
    --- stderr
    error: there is a robot `harbor-pilot` already, and Harbor shows a robot's secret only once
    help: if its secret was lost, `--renew` gives it a new one, and locks out whoever uses the old one; or make another by `--name`
    ");
    assert!(!harbor.path("again.json").exists(), "no empty file is left");
    let renewed = harbor.run(&["robot", "manager", "--renew", "-v"]);
    let second: Json = serde_json::from_str(&renewed.stdout).expect("JSON");
    assert_eq!(first["name"], second["name"]);
    assert_ne!(first["secret"], second["secret"]);
    let secret = second["secret"].as_str().expect("text");
    assert!(!renewed.stderr.contains(secret), "{}", renewed.stderr);
    fs::write(harbor.path("taken"), "").expect("written");
    let shown = [
        harbor.run(&["robot", "manager", "--output-file", "taken"]).stderr,
        harbor.run(&["robot", "manager", "--name", "Not A Name"]).stderr,
        harbor.run(&["robot", "pull", "-n", "Not_A_Name"]).stderr,
        harbor.run(&["robot", "pull", "-n", "team-a", "--project", "unknown"]).stderr,
        harbor.run(&["robot", "pull", "-n", "team-a"]).stderr,
    ];
    assert_snapshot!(shown.join("\n"), @"
    error: `taken` exists: name a new file, for what is in it would be lost

    error: Harbor takes no robot named `Not A Name`: write lower-case letters and digits, with single `.` `_` or `-` between

    error: `Not_A_Name` is no namespace's name

    error: the policy has no project `unknown`

    error: Harbor has no project nvidiaio, or this account does not see it
    help: make it by `harbor-pilot harbor apply`
    ");
}

/// The login in the Secret pulls from its project, and does nothing else.
#[test]
fn nodes_pull_with_a_robot_of_the_project() {
    let Some(harbor) = Harbor::start("2.14.3") else { return };
    assert_eq!(harbor.policy(NVIDIA).run(&["apply", "--yes"]).code, 0);
    let made = harbor.run(&["robot", "pull", "-n", "team-a", "-n", "team-b"]);
    assert_eq!(made.code, 0, "{}", made.drawn());
    let documents: Vec<&str> = made.stdout.split("---\n").skip(1).collect();
    assert_eq!(documents.len(), 2);
    for (document, namespace) in documents.iter().zip(["team-a", "team-b"]) {
        assert!(
            document.contains(&format!("  name: \"harbor-nvidiaio\"\n  namespace: \"{namespace}\"\n")),
            "{document}"
        );
    }
    let config = documents[0].lines().find_map(|line| line.trim().strip_prefix(".dockerconfigjson: ")).expect("there");
    let config: Json = serde_json::from_slice(&STANDARD.decode(config).expect("base64")).expect("JSON");
    let account = &config["auths"]["harbor.example.com"];
    let account = (account["username"].as_str().expect("text"), account["password"].as_str().expect("text"));
    assert_eq!(account.0, "robot$nvidiaio+harbor-pilot-pull");
    let url = |path: &str| format!("{}{path}", harbor.said("/url"));
    let ask = |path: &str| harbor.send(&url(path), "GET", Json::Null, Some(account)).0;
    assert_eq!(ask("/v2/nvidiaio/nvidia/driver/manifests/550"), 200);
    assert_eq!(ask("/api/v2.0/registries"), 403);
}

/// A secret that nobody read is lost, and a script must hear of it.
#[test]
fn a_secret_that_nobody_read_is_no_success() {
    let Some(harbor) = Harbor::start("2.14.3") else { return };
    harbor.policy(NVIDIA);
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let output = harbor.command(&["robot", "manager"]).stdout(writer).output().expect("the program starts");
    let told = String::from_utf8(output.stderr).expect("text");
    assert_eq!(output.status.code(), Some(2), "{told}");
    assert!(told.contains("its secret is lost: `--renew` gives it a new one"), "{told}");
}
