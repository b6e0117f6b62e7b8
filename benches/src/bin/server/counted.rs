//! Instructions of a whole request in user space: what the server does from the first byte of a
//! request to the last of its answer, in all its threads.
//!
//! A server counts from its start to its end. Of two that differ in nothing but how many requests
//! they have answered, the difference is the requests'.

use std::{
    fs,
    hint::black_box,
    path::Path,
    process::{Command, ExitCode},
};

use harbor_pilot::{
    admission::{Policies, Webhook, review},
    policy,
};
use harbor_pilot_benches::{
    compiled,
    valgrind::{self, CALLGRIND, COPIES},
};

use super::{
    HTTP1, HTTP2, LINES, QUIET,
    bench::Bench,
    floor::Floor,
    h2load,
    load::Load,
    process::{Process, bound},
};

/// The argument that makes this program judge a review, for [`valgrind::count`].
pub(crate) const JUDGEMENT: &str = "--judgement";

const FEW: usize = 200;
const MANY: usize = 1_200;

/// Instructions of a request over HTTP/1.1 with `--log-level warn`.
const MOST: u64 = 191_000;

/// Counts the servers side by side, with both protocols.
pub(crate) fn all(bench: &Bench) -> ExitCode {
    let body = bench.body.display().to_string();
    println!("the judgement of a request: {} instructions", valgrind::count(&[JUDGEMENT, &body]));
    let counts = [HTTP1, HTTP2].map(|load| {
        println!("\n{}", load.name);
        let floor = floor(bench, load);
        line("floor", floor, floor);
        let quiet = pilot(bench, load, QUIET);
        line("harbor-pilot", quiet, floor);
        line("with a line of log", pilot(bench, load, LINES), floor);
        quiet
    });
    println!();
    held(counts[0])
}

/// Counts what has a limit.
pub(crate) fn limit(bench: &Bench) -> ExitCode {
    held(pilot(bench, HTTP1, QUIET))
}

fn held(count: u64) -> ExitCode {
    println!("a request over HTTP/1.1: {count} instructions (at most {MOST})");
    if count > MOST {
        eprintln!("a request over HTTP/1.1 is over its limit");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

fn line(name: &str, count: u64, floor: u64) {
    let hundredths = count * 100 / floor;
    println!("{name:<20}{count:>9} instructions a request, {}.{:02} times", hundredths / 100, hundredths % 100);
}

fn floor(bench: &Bench, load: Load) -> u64 {
    request(bench, load, |command| bench.floor(Floor::Bare, command))
}

fn pilot(bench: &Bench, load: Load, log: &str) -> u64 {
    request(bench, load, |command| bench.pilot(command, &["--workers=1", "--drain=0s", log]))
}

/// Instructions of one request.
fn request(bench: &Bench, load: Load, start: impl Fn(Command) -> Process) -> u64 {
    let [few, many] = [FEW, MANY].map(|requests| {
        let told = tempfile::NamedTempFile::new().expect("a file");
        let server = start(counting(told.path()));
        h2load::run(bound(), load, &server, &bench.body, requests);
        server.end();
        valgrind::collected(&fs::read_to_string(told.path()).expect("what valgrind told"))
    });
    (many - few) / (MANY - FEW) as u64
}

/// The program that is the next argument, while callgrind counts.
fn counting(told: &Path) -> Command {
    let mut command = bound();
    // By `env`, for what runs the server has no variables.
    command.arg("env").arg(format!("{}={}", COPIES.0, COPIES.1)).arg("valgrind").args(CALLGRIND);
    command.arg(format!("--log-file={}", told.display()));
    command
}

/// Judges the review of a request by the default policy.
pub(crate) fn judge(body: &Path) {
    let body = fs::read(body).expect("a body");
    let policy = compiled(policy::DEFAULT);
    valgrind::counted(&mut || drop(black_box(review(Webhook::Mutate, black_box(&body), Policies::only(&policy)))));
}
