//! What a request costs over TLS, beside the floor of the stack under the webhook, in one run.
//!
//! Four servers run at a time on one processor, each with one worker: the floor, the floor with axum
//! on it, the webhook as it is measured (`--log-level warn`), and the webhook with a line of log for
//! each request, which is its default. The load comes from the other processor: at saturation from h2load
//! and from clients that never sleep, and at half of it from such clients. Rounds alternate between the
//! servers; what is printed is the median round, and its ratio to the floor's. Or the same servers are counted.

mod bench;
mod client;
mod closed;
mod counted;
mod floor;
mod h2load;
mod load;
mod paced;
mod process;
mod report;

use std::{env, process::ExitCode, time::Duration};

use bench::Bench;
use floor::Floor;
use harbor_pilot::policy;
use harbor_pilot_benches::Entry;
use load::{Load, Protocol};
use paced::Pace;
use process::{LOAD_CPU, Process, SERVER_CPU, pin_load, pinned};
use report::{median, megabytes, millis};

const ROUNDS: usize = 11;
const REQUESTS: usize = 20_000;
const STARTS: usize = 20;

const HTTP1: Load = Load { name: "HTTP/1.1, 16 connections", protocol: Protocol::Http1, connections: 16 };
const HTTP1_WIDE: Load = Load { name: "HTTP/1.1, 64 connections", protocol: Protocol::Http1, connections: 64 };
const HTTP2: Load = Load { name: "h2, 4 connections of 8 requests", protocol: Protocol::Http2(8), connections: 4 };

/// Arguments of the log.
const QUIET: &str = "--log-level=warn";
const LINES: &str = "--log-level=info";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        [floor, address, certificate, key, answer] if let Some(floor) = Floor::of(floor) => {
            let address = address.parse().expect("an address");
            floor::serve(floor, address, certificate.as_ref(), key.as_ref(), answer.as_ref())
        }
        [counted::JUDGEMENT, body] => counted::judge(body.as_ref()),
        ["instructions", program] => return counted::all(&Bench::new(program)),
        ["limit", program] => return counted::limit(&Bench::new(program)),
        ["time", program] => measure(&Bench::new(program)),
        _ => panic!("expected `time`, `instructions` or `limit`, and the path of harbor-pilot: {arguments:?}"),
    }
    ExitCode::SUCCESS
}

fn measure(bench: &Bench) {
    pin_load();
    let floor = bench.floor(Floor::Bare, pinned(SERVER_CPU));
    let axum = bench.floor(Floor::Axum, pinned(SERVER_CPU));
    let pilot = bench.pilot(pinned(SERVER_CPU), &["--workers=1", QUIET]);
    let idle = pilot.memory();
    let logging = bench.pilot(pinned(SERVER_CPU), &["--workers=1", LINES]);
    let servers =
        [("floor", &floor), ("floor with axum", &axum), ("harbor-pilot", &pilot), ("with a line of log", &logging)];
    let names = servers.map(|(name, _)| name);
    plausible(bench, &floor);
    let mut most = 0;
    for load in [HTTP1, HTTP1_WIDE, HTTP2] {
        println!("\n{}, by h2load", load.name);
        let known = rounds(&servers, |server| h2load::run(pinned(LOAD_CPU), load, server, &bench.body, REQUESTS));
        report::table(&names, &known);
        println!("\n{}, by clients that never sleep", load.name);
        let saturated = rounds(&servers, |server| closed::run(load, server, bench, REQUESTS));
        report::table(&names, &saturated);
        most = most.max(pilot.memory());
        if load == HTTP1 {
            let halves = saturated.each_ref().map(|rounds| median(rounds, |one| one.per_second) / 2.0);
            half(bench, &servers, halves);
        }
    }
    drop((floor, axum, pilot, logging));
    println!("\nresident memory: {} idle, {} at most under load", megabytes(idle), megabytes(most));
    println!("from exec to ready: {} with the default policy", millis(ready(bench, &bench.policy(policy::DEFAULT))));
    let large = bench.policy(&harbor_pilot_benches::policy(Entry::Literal, 10_000));
    println!("from exec to ready: {} with 10000 entries", millis(ready(bench, &large)));
    two_workers(bench);
}

/// At half of what saturates harbor-pilot, and then at half of what saturates each of them.
fn half(bench: &Bench, servers: &[(&str, &Process); 4], halves: [f64; 4]) {
    let [_, _, pilot, _] = halves;
    println!("\n{}, {pilot:.0} requests a second, half of what saturates harbor-pilot", HTTP1.name);
    for (when, pace, rates) in [
        ("at random times", Pace::Random, [pilot; 4]),
        ("evenly spaced", Pace::Even, [pilot; 4]),
        ("at random times, each server at half of what saturates it", Pace::Random, halves),
    ] {
        println!("{when}");
        let paced = pace.rounds(rates, servers, bench);
        report::paced(&servers.map(|(name, _)| name), &paced);
    }
}

/// One request after the other, by both loads. h2load takes longer by what it takes to wake up, unless others
/// want the processors.
fn plausible(bench: &Bench, floor: &Process) {
    let (one, requests) = (Load { connections: 1, ..HTTP1 }, REQUESTS / 10);
    let known = h2load::run(pinned(LOAD_CPU), one, floor, &bench.body, requests);
    println!("the floor over one connection, p50: {:.0} µs by h2load", known.p50.as_secs_f64() * 1e6);
    let closed = closed::run(one, floor, bench, requests);
    println!("the same by a client that never sleeps: {:.0} µs", closed.p50.as_secs_f64() * 1e6);
}

/// Workers share the load where they share no lock. The load generator takes its part of the second
/// processor, so the requests a second say less than the processor time of one.
fn two_workers(bench: &Bench) {
    println!("\n{}, one worker and two on both processors", HTTP1.name);
    let one = bench.pilot(pinned("0,1"), &["--workers=1", QUIET]);
    let two = bench.pilot(pinned("0,1"), &["--workers=2", QUIET]);
    let servers = [("one worker", &one), ("two workers", &two)];
    let measured = rounds(&servers, |server| h2load::run(pinned(LOAD_CPU), HTTP1, server, &bench.body, REQUESTS));
    report::table(&servers.map(|(name, _)| name), &measured);
}

/// Each server's rounds. The first round of each only warms it up.
fn rounds<T, const N: usize>(servers: &[(&str, &Process); N], run: impl Fn(&Process) -> T) -> [Vec<T>; N] {
    let mut measured: [Vec<T>; N] = std::array::from_fn(|_| Vec::new());
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

/// The median time from exec to ready.
fn ready(bench: &Bench, policy: &str) -> Duration {
    let start = || bench.pilot(pinned(SERVER_CPU), &["--workers=1", "--policy", policy, QUIET]).ready_after;
    let mut times: Vec<Duration> = (0..STARTS).map(|_| start()).collect();
    times.sort_unstable();
    times[STARTS / 2]
}
