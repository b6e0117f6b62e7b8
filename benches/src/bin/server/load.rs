//! Load by h2load (<https://nghttp2.org/documentation/h2load.1.html>), from the second processor.

use std::{fs, path::Path, process::Stdio, time::Duration};

use super::process::{LOAD_CPU, Process, pinned};

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

/// How fast.
#[derive(Clone, Copy)]
pub(crate) enum Pace {
    /// Each connection sends its next request when it has the answer.
    Saturating,
    /// So many requests a second, over all connections.
    PerSecond(f64),
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
    /// Posts the file `body` so many times.
    pub(crate) fn run(&self, server: &Process, body: &Path, requests: usize, pace: Pace) -> Measured {
        let log = tempfile::NamedTempFile::new().expect("a file");
        let mut command = pinned(LOAD_CPU, "h2load");
        command.args(["--threads=1", "--header=content-type: application/json"]);
        command.arg(format!("--clients={}", self.connections)).arg(format!("--requests={requests}"));
        command.arg(format!("--data={}", body.display())).arg(format!("--log-file={}", log.path().display()));
        match self.protocol {
            Protocol::Http1 => command.arg("--h1"),
            Protocol::Http2(streams) => command.arg(format!("--max-concurrent-streams={streams}")),
        };
        if let Pace::PerSecond(all) = pace {
            #[expect(clippy::cast_precision_loss, reason = "a few connections")]
            command.arg(format!("--rps={:.1}", all / self.connections as f64));
        }
        command.arg(format!("https://{}/mutate", server.address));
        let before = server.cpu_time();
        let status = command.stdout(Stdio::null()).status().expect("h2load runs");
        let spent = server.cpu_time().saturating_sub(before);
        assert!(status.success(), "h2load failed: {command:?}");
        measured(&fs::read_to_string(log.path()).expect("its log"), requests, spent)
    }
}

/// Reads h2load's log: when a request began, the status of its answer, and how long it took, in µs.
fn measured(log: &str, requests: usize, spent: Duration) -> Measured {
    let mut took: Vec<u64> = Vec::with_capacity(requests);
    let (mut first, mut last) = (u64::MAX, 0);
    for line in log.lines() {
        let fields: Vec<&str> = line.split('\t').collect();
        let [began, "200", duration, ..] = fields[..] else { panic!("a request failed: {line}") };
        let (began, duration): (u64, u64) = (began.parse().expect("µs"), duration.parse().expect("µs"));
        first = first.min(began);
        last = last.max(began + duration);
        took.push(duration);
    }
    assert_eq!(took.len(), requests, "answers are missing");
    took.sort_unstable();
    let percentile = |hundredths: usize| Duration::from_micros(took[(requests - 1) * hundredths / 100]);
    #[expect(clippy::cast_precision_loss, reason = "a few requests in a few seconds")]
    let per_second = requests as f64 / ((last - first) as f64 / 1e6);
    Measured {
        cpu: spent / u32::try_from(requests).expect("not so many"),
        per_second,
        p50: percentile(50),
        p99: percentile(99),
    }
}
