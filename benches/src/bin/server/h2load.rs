//! Load by h2load (<https://nghttp2.org/documentation/h2load.1.html>), the tool that people know. It sleeps
//! whenever it has nothing to do, and what it takes to wake it up is time of the server that answers. A
//! server that is faster than h2load sleeps too, and pays for its own waking up.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use super::{
    load::{Load, Measured, Protocol},
    process::Process,
};

/// Posts the file `body` so many times. Each connection sends its next request when it has the answer.
/// The next argument of `command` is h2load.
pub(crate) fn run(mut command: Command, load: Load, server: &Process, body: &Path, requests: usize) -> Measured {
    let log = tempfile::NamedTempFile::new().expect("a file");
    command.args(["h2load", "--threads=1", "--header=content-type: application/json"]);
    command.arg(format!("--clients={}", load.connections)).arg(format!("--requests={requests}"));
    command.arg(format!("--data={}", body.display())).arg(format!("--log-file={}", log.path().display()));
    match load.protocol {
        Protocol::Http1 => command.arg("--h1"),
        Protocol::Http2(streams) => command.arg(format!("--max-concurrent-streams={streams}")),
    };
    command.arg(format!("https://{}/mutate", server.address));
    let before = server.cpu_time();
    let status = command.stdout(Stdio::null()).status().expect("h2load runs");
    let spent = server.cpu_time().saturating_sub(before);
    assert!(status.success(), "h2load failed: {command:?}");
    let (took, lasted) = read(&fs::read_to_string(log.path()).expect("its log"));
    assert_eq!(took.len(), requests, "answers are missing");
    Measured::of(took, lasted, spent)
}

/// Reads h2load's log: when a request began, the status of its answer, and how long it took, in µs.
fn read(log: &str) -> (Vec<Duration>, Duration) {
    let mut took = Vec::new();
    let (mut first, mut last) = (u64::MAX, 0);
    for line in log.lines() {
        let fields: Vec<&str> = line.split('\t').collect();
        let [began, "200", duration, ..] = fields[..] else { panic!("a request failed: {line}") };
        let (began, duration): (u64, u64) = (began.parse().expect("µs"), duration.parse().expect("µs"));
        first = first.min(began);
        last = last.max(began + duration);
        took.push(Duration::from_micros(duration));
    }
    (took, Duration::from_micros(last - first))
}
