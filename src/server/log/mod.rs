//! The log: one line for each event, on stderr, through a queue that never makes a request wait.

mod json;
mod queue;
mod timestamp;

use std::{
    fmt,
    io::{self, IsTerminal as _},
    time::{Duration, Instant},
};

use tracing::level_filters::LevelFilter;
use tracing_subscriber::{
    filter::Targets,
    fmt::fmt as layer,
    layer::SubscriberExt as _,
    util::{SubscriberInitExt as _, TryInitError},
};

pub use self::queue::DroppedLines;
use self::{json::JsonLines, queue::Queue};
use crate::escape::Shown;

/// How the log looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// Text on a terminal, JSON elsewhere.
    #[default]
    Auto,
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// The log of a program. Dropping it waits until what was logged is written, for a second at most.
#[derive(Debug)]
pub struct Log(Queue);

/// Text from outside, cut to a length that suits a log, with what a terminal would act on or a
/// person could not see written as `\u{…}`.
pub(super) struct Outside<'t>(pub(super) &'t str);

/// How long the end of the program waits for the reader of the log.
const LAST_LINES: Duration = Duration::from_secs(1);

/// Bytes of one text from outside, once escaped; what is legal has at most about as many.
const LONGEST: usize = 512;

impl Log {
    /// Makes this the log of the process, with lines of `level` and above, and panics in it.
    pub fn start(format: Format, level: LevelFilter) -> io::Result<Self> {
        let queue = Queue::start(io::stderr())?;
        let terminal = io::stderr().is_terminal();
        let json = match format {
            Format::Auto => !terminal,
            Format::Text => false,
            Format::Json => true,
        };
        let writer = queue.clone();
        let started = if json { json_lines(writer, level) } else { text_lines(writer, level, terminal) };
        started.map_err(io::Error::other)?;
        // The usual hook writes to stderr, and would wait there for a reader that is stuck.
        std::panic::set_hook(Box::new(|panic| {
            let place = panic.location().map(ToString::to_string);
            let message = panic.payload_as_str().map(|message| Outside(message).to_string());
            tracing::error!(place, why = message, "panic");
        }));
        Ok(Self(queue))
    }

    /// Lines that the queue could not hold so far.
    pub fn dropped(&self) -> DroppedLines {
        self.0.dropped()
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        self.0.wait(Instant::now() + LAST_LINES);
    }
}

impl fmt::Display for Outside<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Shown::cut(self.0, LONGEST).fmt(f)
    }
}

fn json_lines(queue: Queue, level: LevelFilter) -> Result<(), TryInitError> {
    JsonLines(queue).with(own(level)).try_init()
}

fn text_lines(writer: Queue, level: LevelFilter, colour: bool) -> Result<(), TryInitError> {
    let colour = colour && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let lines = layer().with_ansi(colour).with_writer(writer).with_max_level(level);
    lines.finish().with(own(level)).try_init()
}

/// Our own lines of `level`; of the libraries' only warnings.
fn own(level: LevelFilter) -> Targets {
    Targets::new().with_target("harbor_pilot", level).with_default(LevelFilter::WARN.min(level))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_from_outside_is_cut_and_escaped() {
        assert_eq!(Outside("a\u{1b}[0m\u{202e}").to_string(), r"a\u{1b}[0m\u{202e}");
        for long in ["x", "\u{202e}", "漢"] {
            let shown = Outside(&long.repeat(1 << 20)).to_string();
            assert!((LONGEST - 12..=LONGEST).contains(&shown.len()), "{}", shown.len());
            assert!(shown.ends_with('…'));
        }
    }
}
