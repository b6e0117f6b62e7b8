//! The log: its lines, and a reader that is stuck.

use std::{
    io::{BufRead as _, BufReader},
    process::Stdio,
    time::{Duration, Instant},
};

use crate::support::{
    IMAGE,
    client::Client,
    eventually, review,
    server::{Server, command},
};

#[test]
fn a_request_leaves_one_line_with_all_that_it_was() {
    let server = Server::start(&["--log-level", "debug"]);
    server.connect().post("/validate", &review("uid-7", IMAGE)).expect("an answer");
    let line = eventually("the line", || server.event("request"));
    for (key, value) in [
        ("level", "DEBUG"),
        ("webhook", "validate"),
        ("uid", "uid-7"),
        ("operation", "CREATE"),
        ("kind", "Pod"),
        ("namespace", "team-a"),
        ("name", "app-1"),
        ("user", "system:serviceaccount:team-a:deployer"),
        ("decision", "allowed"),
    ] {
        assert_eq!(line[key], value, "{line}");
    }
    assert_eq!(line["dryRun"], false);
    assert!(line["images"].as_str().is_some_and(|images| images.contains(IMAGE)), "{line}");
    assert!(line["duration_us"].is_u64(), "{line}");
    assert!(line.get("subresource").is_none(), "{line}");
}

#[test]
fn what_is_allowed_unchanged_is_told_only_at_debug() {
    let server = Server::start(&[]);
    let mut client = server.connect();
    client.post("/validate", &review("uid-1", IMAGE)).expect("an answer");
    client.post("/validate", &review("uid-2", "other.example/app")).expect("an answer");
    let line = eventually("the denial", || server.event("request"));
    assert_eq!((&line["uid"], &line["decision"], &line["level"]), (&"uid-2".into(), &"denied".into(), &"INFO".into()));
}

#[test]
fn text_from_a_pod_is_escaped_for_people_too() {
    let server = {
        let server = Server::start(&[]);
        server.again(&["--tls-cert", "tls.crt", "--tls-key", "tls.key", "--log-level", "debug"])
    };
    let image = "evil\u{1b}[31m\u{202e}\u{200b}\nINFO forged line: app";
    server.connect().post("/validate", &review("uid\u{7}-1", image)).expect("an answer");
    let line = eventually("the line", || server.event("request"));
    let text = line.to_string();
    assert!(!text.chars().any(|char| matches!(char, '\u{202e}' | '\u{200b}')), "{text}");
    assert!(
        line["images"].as_str().is_some_and(|images| images.contains("evil\\u{1b}[31m\\u{202e}\\u{200b}\\u{a}INFO")),
        "{text}"
    );
}

/// An API server that was told to send everything sends thousands a second.
#[test]
fn a_wrong_registration_is_told_once_and_counted_each_time() {
    let server = Server::start(&[]);
    let mut client = server.connect();
    let body = review("uid-1", IMAGE).replace("\"kind\":\"Pod\"", "\"kind\":\"ConfigMap\"");
    for _ in 0..50 {
        assert_eq!(client.post("/validate", &body).expect("an answer").status, 200);
    }
    client.post("/validate", &review("uid-2", "other.example/app")).expect("an answer");
    eventually("the denial", || server.event("request"));
    let told = |line: &serde_json::Value| {
        line["message"].as_str().is_some_and(|text| text.starts_with("the webhook configuration sends"))
    };
    assert_eq!(server.log().iter().filter(|line| told(line)).count(), 1);
    assert!(server.metric("harbor_pilot_wrong_registrations_total") >= 50.0);
}

/// Reads up to the line that says where it listens, and then no more.
#[test]
fn a_reader_of_the_log_that_is_stuck_holds_up_no_request_and_no_end() {
    let prepared = Server::start(&[]);
    let mut serve =
        command(prepared.folder.path(), &["--tls-cert", "tls.crt", "--tls-key", "tls.key", "--drain", "100ms"]);
    let mut child = serve.stderr(Stdio::piped()).spawn().expect("starting the binary");
    let mut stderr = BufReader::with_capacity(256, child.stderr.take().expect("stderr is piped"));
    let (webhook, ops) = loop {
        let mut line = String::new();
        assert!(stderr.read_line(&mut line).expect("reading") > 0, "it ended");
        let line: serde_json::Value = serde_json::from_str(&line).expect("JSON");
        if line["message"] == "listening" {
            let address = |key: &str| line[key].as_str().and_then(|text| text.parse().ok()).expect("an address");
            break (address("webhook"), address("ops"));
        }
    };
    let mut client = Client::connect(webhook, &prepared.ca.pem, &[]);
    let long = "x".repeat(400);
    for index in 0..8_000 {
        let began = Instant::now();
        let body = format!("no review {long}");
        assert_eq!(client.post("/validate", &body).expect("an answer").status, 400);
        assert!(began.elapsed() < Duration::from_secs(5), "request {index} had to wait");
    }
    let (_, page) = crate::support::client::get(ops, "/metrics");
    let dropped = page.lines().find_map(|line| line.strip_prefix("harbor_pilot_log_lines_dropped_total "));
    let dropped: u64 = dropped.and_then(|count| count.parse().ok()).expect("a count");
    assert!(dropped > 1_000, "{dropped}");

    let id = child.id().to_string();
    assert!(std::process::Command::new("kill").args(["-TERM", &id]).status().expect("kill is there").success());
    let status = eventually("the end", || child.try_wait().expect("asking for the child"));
    assert_eq!(status.code(), Some(0));
    drop(stderr);
}

#[test]
fn a_reader_of_the_log_that_went_away_is_no_reason_to_stop() {
    let prepared = Server::start(&[]);
    let mut serve = command(prepared.folder.path(), &["--tls-cert", "tls.crt", "--tls-key", "tls.key"]);
    let mut child = serve.stderr(Stdio::piped()).spawn().expect("starting the binary");
    let mut stderr = BufReader::new(child.stderr.take().expect("stderr is piped"));
    let mut line = String::new();
    while !line.contains("\"listening\"") {
        line.clear();
        assert!(stderr.read_line(&mut line).expect("reading") > 0, "it ended");
    }
    drop(stderr);
    let line: serde_json::Value = serde_json::from_str(&line).expect("JSON");
    let webhook = line["webhook"].as_str().and_then(|text| text.parse().ok()).expect("an address");
    let mut client = Client::connect(webhook, &prepared.ca.pem, &[]);
    for _ in 0..50 {
        assert_eq!(client.post("/validate", "no review").expect("an answer").status, 400);
    }
    child.kill().expect("it still runs");
    child.wait().expect("it ends");
}
