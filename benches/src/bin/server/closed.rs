//! The load that h2load is, by clients that never sleep: each connection sends its next request when it has
//! an answer.

use std::time::{Duration, Instant};

use super::{
    bench::Bench,
    client,
    load::{Load, Measured},
    process::Process,
};

/// How long all may take.
const PATIENCE: Duration = Duration::from_mins(1);

/// Posts the usual review so many times, over connections that are open before the first.
pub(crate) fn run(load: Load, server: &Process, bench: &Bench, requests: usize) -> Measured {
    let mut connections = client::open(load, server, bench);
    let (mut took, mut answered, mut next) = (Vec::with_capacity(requests), Vec::new(), 0);
    let before = server.cpu_time();
    let start = Instant::now();
    while took.len() < requests {
        for connection in &mut connections {
            connection.receive(&mut answered);
            took.extend(answered.drain(..).map(|due| start.elapsed().saturating_sub(due)));
            while next < requests && connection.is_free() {
                connection.send(start.elapsed());
                next += 1;
            }
        }
        assert!(start.elapsed() < PATIENCE, "{} answers are missing", requests - took.len());
    }
    let lasted = start.elapsed();
    let spent = server.cpu_time().saturating_sub(before);
    Measured::of(took, lasted, spent)
}
