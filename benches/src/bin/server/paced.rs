//! Load of a given rate over HTTP/1.1, as it comes from clients that know nothing of each other: whether
//! the answers before have come or not.
//!
//! A machine that others share stands still for a millisecond now and then, which is many times what an
//! answer takes. So there are many short rounds, in which the servers take turns: most are spared, and
//! the median of a round's p99 is what a request sees where nobody disturbs.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use super::{
    HTTP1,
    bench::Bench,
    client::{self, Came, Connection},
    load::percentiles,
    process::Process,
};

/// An odd number, for there is a round in the middle.
const ROUNDS: u64 = 201;

/// Requests of a round. Five of those that are timed are above p99.
const REQUESTS: usize = 600;

/// The first of them, which find a processor that was idle, and are not timed.
const FIRST: usize = 100;

/// How long the last answer may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// When requests are due that come at a given rate.
#[derive(Clone, Copy)]
pub(crate) enum Pace {
    /// A Poisson process, whose distances are exponentially distributed.
    Random,
    /// All distances are the same.
    Even,
}

/// What one round came to.
pub(crate) struct Paced {
    /// Processor time of the server for a request.
    pub(crate) cpu: Duration,
    /// A request takes from when it is due, sent then or later, to the last byte of its answer.
    pub(crate) p50: Duration,
    pub(crate) p99: Duration,
    /// The share of requests for which no connection was free when they were due.
    pub(crate) waited: f64,
    /// The share of the time in which the load sends a request or reads an answer. What is due meanwhile is late.
    pub(crate) own: f64,
}

impl Pace {
    /// The rounds of each server, which has to answer so many requests a second. In one round they are due at
    /// the same times for all servers of the same rate, and at other times in the next.
    pub(crate) fn rounds<const N: usize>(
        self,
        per_second: [f64; N],
        servers: &[(&str, &Process); N],
        bench: &Bench,
    ) -> [Vec<Paced>; N] {
        // They stay open: what the first request over a connection costs would be in every round's p99.
        let mut idle = servers.map(|(_, server)| VecDeque::from(client::open(HTTP1, server, bench)));
        let mut paced = [const { Vec::new() }; N];
        for round in 0..=ROUNDS {
            for (index, (_, server)) in servers.iter().enumerate() {
                let result = run(&self.times(round, per_second[index]), &mut idle[index], server);
                // The first round only warms a server up.
                if round > 0 {
                    paced[index].push(result);
                }
            }
        }
        paced
    }

    fn times(self, round: u64, per_second: f64) -> Vec<Duration> {
        let mut random = fastrand::Rng::with_seed(round);
        let mut time = 0.0;
        let mut next = || {
            time += match self {
                Self::Random => -(1.0 - random.f64()).ln(),
                Self::Even => 1.0,
            };
            Duration::from_secs_f64(time / per_second)
        };
        (0..REQUESTS).map(|_| next()).collect()
    }
}

/// Sends a request whenever one is due. All connections are idle before and afterwards.
fn run(due: &[Duration], idle: &mut VecDeque<Connection>, server: &Process) -> Paced {
    let mut busy: Vec<Connection> = Vec::with_capacity(idle.len());
    let (mut next, mut open, mut seen, mut waited) = (0, due.len(), 0, 0_u32);
    let mut own = Duration::ZERO;
    let (mut took, mut answered) = (Vec::with_capacity(due.len()), Vec::new());
    let before = server.cpu_time();
    let start = Instant::now();
    while open > 0 {
        while due.get(next).is_some_and(|due| *due <= start.elapsed()) {
            // The one that rested longest, so that all have their share.
            let Some(mut connection) = idle.pop_front() else { break };
            let began = Instant::now();
            connection.send(due[next]);
            own += began.elapsed();
            busy.push(connection);
            next += 1;
        }
        seen = seen.max(next);
        while idle.is_empty() && due.get(seen).is_some_and(|due| *due <= start.elapsed()) {
            waited += 1;
            seen += 1;
        }
        let mut index = 0;
        while let Some(connection) = busy.get_mut(index) {
            let began = Instant::now();
            if connection.receive(&mut answered) == Came::Something {
                own += began.elapsed();
            }
            if connection.is_free() {
                idle.push_back(busy.swap_remove(index));
            } else {
                index += 1;
            }
            open -= answered.len();
            let timed = answered.drain(..).filter(|one| *one >= due[FIRST]);
            took.extend(timed.map(|due| start.elapsed().saturating_sub(due)));
        }
        let latest = due.last().map_or(PATIENCE, |last| *last + PATIENCE);
        assert!(start.elapsed() < latest, "{open} answers are missing");
    }
    let lasted = start.elapsed();
    let spent = server.cpu_time().saturating_sub(before);
    let requests = u32::try_from(due.len()).expect("not so many");
    let [p50, p99] = percentiles(took);
    Paced {
        cpu: spent / requests,
        p50,
        p99,
        waited: f64::from(waited) / f64::from(requests),
        own: own.as_secs_f64() / lasted.as_secs_f64(),
    }
}
