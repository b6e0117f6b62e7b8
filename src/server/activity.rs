//! What a connection is doing and since when: whether it keeps us waiting for too long, and what it is
//! worth where one must go.

use std::time::{Duration, Instant};

use super::{labels::ClosedBecause, options::Limits};

/// What the peer is being waited for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Activity {
    pub(super) requests: usize,
    /// Whether a request was answered, ever.
    pub(super) answered: bool,
    /// The last step forward: accepted, handshake done, a request begun or answered.
    pub(super) since: Instant,
    /// The first byte of a request whose head is not complete.
    pub(super) head_since: Option<Instant>,
    /// The first time that an answer could not be written on.
    pub(super) blocked_since: Option<Instant>,
    pub(super) closing: Option<ClosedBecause>,
}

/// What a connection is worth where one must go. The least goes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Worth {
    /// A request under way is answered in milliseconds. One that takes much longer is a client that
    /// sends or reads too slowly, on purpose or not, and protects its connection no more.
    lately_asked: bool,
    /// Who never asked for anything may never mean to.
    answered: bool,
    /// The idlest goes before the others.
    since: Instant,
}

/// What a connection is, before one asks whose it is. The first go first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Standing {
    /// It never had an answer, and has had the time for one.
    Overstays,
    Usual,
    /// It was answered before, and asks now: an API server's, most likely, that waits for us.
    Served,
}

/// Of the time that a body may take: how long a request under way protects its connection.
const LATELY: u32 = 10;

impl Activity {
    /// Of a connection that was just accepted.
    pub(super) fn since(accepted: Instant) -> Self {
        Self { requests: 0, answered: false, since: accepted, head_since: None, blocked_since: None, closing: None }
    }

    pub(super) fn is_under_way(&self) -> bool {
        self.requests > 0 || self.blocked_since.is_some()
    }

    pub(super) fn standing(&self, now: Instant, limits: &Limits) -> Standing {
        let lately = now.saturating_duration_since(self.since) < limits.body / LATELY;
        match (self.answered, lately) {
            (false, false) => Standing::Overstays,
            (true, true) if self.is_under_way() => Standing::Served,
            _ => Standing::Usual,
        }
    }

    pub(super) fn worth(&self, now: Instant, limits: &Limits) -> Worth {
        let lately = limits.body / LATELY;
        let lately_asked = self.is_under_way() && now.saturating_duration_since(self.since) < lately;
        Worth { lately_asked, answered: self.answered, since: self.since }
    }

    /// Why it has to close, if it keeps us waiting for too long. `idle` is how long it may rest.
    pub(super) fn overdue(&self, now: Instant, idle: Duration, limits: &Limits) -> Option<ClosedBecause> {
        let longer = |since: Instant, limit| now.saturating_duration_since(since) >= limit;
        if self.blocked_since.is_some_and(|since| longer(since, limits.body)) {
            return Some(ClosedBecause::NotReading);
        }
        if self.requests > 0 {
            // A body has its own limit, and an HTTP/2 peer can hold back an answer by flow control.
            return longer(self.since, limits.body * 2).then_some(ClosedBecause::NotReading);
        }
        match self.head_since {
            Some(since) => longer(since, limits.header).then_some(ClosedBecause::HeaderTimeout),
            None => longer(self.since, idle).then_some(ClosedBecause::Idle),
        }
    }
}
