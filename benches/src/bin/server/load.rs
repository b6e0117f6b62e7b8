//! How load comes, and what a run of it comes to.

use std::time::Duration;

/// How the load comes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Load {
    pub(crate) name: &'static str,
    pub(crate) protocol: Protocol,
    pub(crate) connections: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
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

impl Measured {
    /// Of how long each request took, how long it was from the first to the last answer, and the
    /// server's processor time.
    pub(crate) fn of(took: Vec<Duration>, lasted: Duration, spent: Duration) -> Self {
        let requests = u32::try_from(took.len()).expect("not so many");
        let [p50, p99] = percentiles(took);
        Self { cpu: spent / requests, per_second: f64::from(requests) / lasted.as_secs_f64(), p50, p99 }
    }
}

/// The 50th and the 99th of a hundred.
pub(crate) fn percentiles(mut took: Vec<Duration>) -> [Duration; 2] {
    took.sort_unstable();
    [50, 99].map(|hundredths| took[(took.len() - 1) * hundredths / 100])
}
