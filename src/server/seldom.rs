//! What would be said with every request, and is said now and then.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// Says something at most once in a while, and how often it was left unsaid.
#[derive(Debug, Default)]
pub(super) struct Seldom(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    said: Option<Instant>,
    unsaid: u64,
}

/// Often enough for who looks at the log, and seldom enough for who pays for it.
const EVERY: Duration = Duration::from_mins(1);

impl Seldom {
    /// `None` where it was said a moment ago; else how often it was left unsaid since then.
    pub(super) fn say(&self, now: Instant) -> Option<u64> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if state.said.is_some_and(|said| now.saturating_duration_since(said) < EVERY) {
            state.unsaid += 1;
            return None;
        }
        state.said = Some(now);
        Some(std::mem::take(&mut state.unsaid))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_said_at_first_and_again_after_a_while() {
        let seldom = Seldom::default();
        let start = Instant::now();
        let said: Vec<Option<u64>> =
            [0, 1, 59, 60, 61, 200].iter().map(|second| seldom.say(start + Duration::from_secs(*second))).collect();
        assert_eq!(said, [Some(0), None, None, Some(2), None, Some(1)]);
    }
}
