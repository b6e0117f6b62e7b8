//! Load by h2load (<https://nghttp2.org/documentation/h2load.1.html>).

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use super::process::Process;

/// How the load comes.
#[derive(Clone, Copy)]
pub(crate) struct Load {
    pub(crate) name: &'static str,
    pub(crate) protocol: Protocol,
    pub(crate) connections: usize,
}

#[derive(Clone, Copy)]
pub(crate) enum Protocol {
    Http1,
    /// With so many requests at a time on a connection.
    Http2(usize),
}

/// What one run came to.
#[derive(Clone, Copy)]
pub(crate) struct Measured {
    /// Processor time of the server for a request.
    pub(crate) cpu: Duration,
    pub(crate) per_second: f64,
    pub(crate) p50: Duration,
    pub(crate) p99: Duration,
}

impl Load {
    /// Posts the file `body` so many times. Each connection sends its next request when it has the answer.
    /// The next argument of `command` is h2load.
    pub(crate) fn run(&self, mut command: Command, server: &Process, body: &Path, requests: usize) -> Measured {
        let log = tempfile::NamedTempFile::new().expect("a file");
        command.args(["h2load", "--threads=1", "--header=content-type: application/json"]);
        command.arg(format!("--clients={}", self.connections)).arg(format!("--requests={requests}"));
        command.arg(format!("--data={}", body.display())).arg(format!("--log-file={}", log.path().display()));
        match self.protocol {
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

impl Measured {
    /// Of how long each request took, how long it was from the first to the last answer, and the
    /// server's processor time.
    pub(crate) fn of(mut took: Vec<Duration>, lasted: Duration, spent: Duration) -> Self {
        took.sort_unstable();
        let percentile = |hundredths: usize| took[(took.len() - 1) * hundredths / 100];
        #[expect(clippy::cast_precision_loss, reason = "a few requests in a few seconds")]
        let per_second = took.len() as f64 / lasted.as_secs_f64();
        Self {
            cpu: spent / u32::try_from(took.len()).expect("not so many"),
            per_second,
            p50: percentile(50),
            p99: percentile(99),
        }
    }
}
