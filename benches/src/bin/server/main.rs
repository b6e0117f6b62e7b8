//! What a request costs over TLS, beside the floor of the stack under the webhook, in one run.
//!
//! Three servers run at a time on one processor, each with one worker: the floor, the webhook as it
//! is measured (`--log-level warn`), and the webhook with a line of log for each request, which is
//! its default. The load comes from the other processor. Rounds alternate between them; what is
//! printed is the median round, and its ratio to the floor's.

mod floor;
mod load;
mod process;
mod report;

use std::{env, fs, net::SocketAddr, path::PathBuf, time::Duration};

use harbor_pilot::{
    admission::{Policies, Webhook, review},
    policy::{self, Policy},
};
use harbor_pilot_benches::{Entry, USUAL, create};
use load::{Load, Measured, Pace, Protocol};
use process::{Process, SERVER_CPU, free_address, pinned};
use report::{median, megabytes, millis};
use tempfile::TempDir;

/// The argument that makes this program the floor.
const FLOOR: &str = "--floor";

const ROUNDS: usize = 5;
const REQUESTS: usize = 20_000;
const STARTS: usize = 20;

const LOADS: [Load; 3] = [
    Load { name: "HTTP/1.1, 16 connections", protocol: Protocol::Http1, connections: 16 },
    Load { name: "HTTP/1.1, 64 connections", protocol: Protocol::Http1, connections: 64 },
    Load { name: "h2, 4 connections of 8 requests", protocol: Protocol::Http2(8), connections: 4 },
];

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        [FLOOR, address, certificate, key, answer] => {
            floor::serve(address.parse().expect("an address"), certificate.as_ref(), key.as_ref(), answer.as_ref())
        }
        [program] => measure(&Bench::new(program)),
        _ => panic!("expected the path of harbor-pilot, but found {arguments:?}"),
    }
}

fn measure(bench: &Bench) {
    let floor = bench.floor();
    let pilot = bench.pilot(&["--log-level=warn"]);
    let idle = pilot.memory();
    let logging = bench.pilot(&["--log-level=info"]);
    let servers = [("floor", &floor), ("harbor-pilot", &pilot), ("with a line of log", &logging)];
    let mut most = 0;
    for load in LOADS {
        println!("\n{}", load.name);
        let saturated = rounds(&servers, |server| load.run(server, &bench.body, REQUESTS, Pace::Saturating));
        report::table(&servers.map(|(name, _)| name), &saturated);
        most = most.max(pilot.memory());
        if load.connections == 16 {
            let half = median(&saturated[1], |measured| measured.per_second) / 2.0;
            println!("\n{}, {half:.0} requests a second: half of what saturates harbor-pilot", load.name);
            let half = rounds(&servers, |server| load.run(server, &bench.body, REQUESTS / 2, Pace::PerSecond(half)));
            report::table(&servers.map(|(name, _)| name), &half);
        }
    }
    drop((floor, pilot, logging));
    println!("\nresident memory: {} idle, {} at most under load", megabytes(idle), megabytes(most));
    println!("from exec to ready: {} with the default policy", millis(bench.start(&bench.policy(policy::DEFAULT))));
    let large = bench.policy(&harbor_pilot_benches::policy(Entry::Literal, 10_000));
    println!("from exec to ready: {} with 10000 entries", millis(bench.start(&large)));
    two_workers(bench);
}

/// Workers share the load where they share no lock. The load generator takes its part of the second
/// processor, so the requests a second say less than the processor time of one.
fn two_workers(bench: &Bench) {
    println!("\n{}, one worker and two on both processors", LOADS[0].name);
    let one = bench.start_pilot("0,1", &["--workers=1", "--log-level=warn"]);
    let two = bench.start_pilot("0,1", &["--workers=2", "--log-level=warn"]);
    let servers = [("one worker", &one), ("two workers", &two)];
    let measured = rounds(&servers, |server| LOADS[0].run(server, &bench.body, REQUESTS, Pace::Saturating));
    report::table(&servers.map(|(name, _)| name), &measured);
}

/// Each server's rounds. The first round of each only warms it up.
fn rounds<const N: usize>(servers: &[(&str, &Process); N], run: impl Fn(&Process) -> Measured) -> [Vec<Measured>; N] {
    let mut measured: [Vec<Measured>; N] = std::array::from_fn(|_| Vec::new());
    for round in 0..=ROUNDS {
        for (index, (_, server)) in servers.iter().enumerate() {
            let result = run(server);
            if round > 0 {
                measured[index].push(result);
            }
        }
    }
    measured
}

/// The program, and the files that all servers have.
struct Bench {
    program: String,
    directory: TempDir,
    /// The usual review.
    body: PathBuf,
    /// What the default policy answers to it.
    answer: PathBuf,
}

impl Bench {
    fn new(program: &str) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let bench = Self {
            program: fs::canonicalize(program).expect("the program").display().to_string(),
            body: directory.path().join("review.json"),
            answer: directory.path().join("answer.json"),
            directory,
        };
        let body = create(3, USUAL).to_string();
        let policy = Policy::read("policies.yaml", policy::DEFAULT.as_bytes()).policy.expect("a policy");
        let policies = Policies::only(&policy);
        let answer = review(Webhook::Mutate, body.as_bytes(), policies).expect("an answer");
        fs::write(&bench.body, &body).expect("a file");
        fs::write(&bench.answer, answer.body).expect("a file");
        // The certificate is one that the program makes for itself.
        drop(bench.serve(SERVER_CPU, &["--cert-dir", &bench.path("")], free_address()));
        bench
    }

    fn path(&self, name: &str) -> String {
        self.directory.path().join(name).display().to_string()
    }

    fn policy(&self, text: &str) -> String {
        let path = self.path("other-policies.yaml");
        fs::write(&path, text).expect("a file");
        path
    }

    fn floor(&self) -> Process {
        let own = env::current_exe().expect("this program's path");
        let address = free_address();
        let mut command = pinned(SERVER_CPU, &own.display().to_string());
        command.args([FLOOR, &address.to_string(), &self.path("tls.crt"), &self.path("tls.key")]).arg(&self.answer);
        Process::start(&mut command, address)
    }

    /// The webhook on one processor.
    fn pilot(&self, arguments: &[&str]) -> Process {
        let mut all = vec!["--workers=1"];
        all.extend(arguments);
        self.start_pilot(SERVER_CPU, &all)
    }

    fn start_pilot(&self, cpus: &str, arguments: &[&str]) -> Process {
        let (certificate, key) = (self.path("tls.crt"), self.path("tls.key"));
        let mut all = vec!["--tls-cert", &certificate, "--tls-key", &key];
        all.extend(arguments);
        self.serve(cpus, &all, free_address())
    }

    fn serve(&self, cpus: &str, arguments: &[&str], address: SocketAddr) -> Process {
        let mut command = pinned(cpus, &self.program);
        command.current_dir(self.directory.path()).env_clear();
        command.args(["serve", "--ops-listen=127.0.0.1:0"]).arg(format!("--listen={address}")).args(arguments);
        Process::start(&mut command, address)
    }

    /// The median time from exec to ready.
    fn start(&self, policy: &str) -> Duration {
        let mut times: Vec<Duration> = (0..STARTS)
            .map(|_| self.start_pilot(SERVER_CPU, &["--policy", policy, "--log-level=warn"]).ready_after)
            .collect();
        times.sort_unstable();
        times[STARTS / 2]
    }
}
