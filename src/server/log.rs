//! The log: one line for each event, on stderr, through a queue that never makes a request wait.

use std::{
    fmt,
    io::{self, IsTerminal as _},
};

use tracing::level_filters::LevelFilter;
use tracing_appender::non_blocking::{ErrorCounter, NonBlocking, NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::{
    filter::Targets,
    fmt as layer,
    layer::SubscriberExt as _,
    util::{SubscriberInitExt as _, TryInitError},
};

use crate::escape::fit;

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

/// The log of a program. Dropping it writes out what the queue holds, for a second at most.
#[derive(Debug)]
pub struct Log {
    dropped: DroppedLines,
    _flush: WorkerGuard,
}

/// Lines that the queue could not hold.
#[derive(Clone, Debug)]
pub struct DroppedLines(ErrorCounter);

/// Text from outside, cut to a length that suits a log, with what a terminal would act on or a
/// person could not see written as `\u{…}`.
pub(super) struct Outside<'t>(pub(super) &'t str);

/// Lines that wait for a reader that is stuck.
const QUEUE: usize = 4096;

/// Characters of one text from outside; the longest that are legal have fewer.
const LONGEST: usize = 512;

impl Log {
    /// Makes this the log of the process, with lines of `level` and above, and panics in it.
    pub fn start(format: Format, level: LevelFilter) -> Self {
        let (writer, flush) = NonBlockingBuilder::default()
            .lossy(true)
            .buffered_lines_limit(QUEUE)
            .thread_name("log")
            .finish(io::stderr());
        let dropped = DroppedLines(writer.error_counter());
        let terminal = io::stderr().is_terminal();
        let json = match format {
            Format::Auto => !terminal,
            Format::Text => false,
            Format::Json => true,
        };
        // It fails where a log was started before, and that one is as good.
        let _ = if json { json_lines(writer, level) } else { text_lines(writer, level, terminal) };
        // The usual hook writes to stderr, and would wait there for a reader that is stuck.
        std::panic::set_hook(Box::new(|panic| {
            let place = panic.location().map(ToString::to_string);
            let message = panic.payload_as_str().map(|message| Outside(message).to_string());
            tracing::error!(place, message = message.as_deref(), "panic");
        }));
        Self { dropped, _flush: flush }
    }

    /// Lines that the queue could not hold so far.
    pub fn dropped(&self) -> DroppedLines {
        self.dropped.clone()
    }
}

impl DroppedLines {
    pub(super) fn count(&self) -> u64 {
        self.0.dropped_lines().try_into().unwrap_or(u64::MAX)
    }
}

impl Default for DroppedLines {
    /// Of a program without a log.
    fn default() -> Self {
        Self(NonBlocking::new(io::sink()).0.error_counter())
    }
}

impl fmt::Display for Outside<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&fit(self.0, LONGEST))
    }
}

fn json_lines(writer: NonBlocking, level: LevelFilter) -> Result<(), TryInitError> {
    let lines = layer().json().flatten_event(true).with_writer(writer).with_max_level(level);
    lines.finish().with(own(level)).try_init()
}

fn text_lines(writer: NonBlocking, level: LevelFilter, colour: bool) -> Result<(), TryInitError> {
    let colour = colour && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let lines = layer().with_ansi(colour).with_writer(writer).with_max_level(level);
    lines.finish().with(own(level)).try_init()
}

/// Our own lines of `level`; of the libraries' only warnings.
fn own(level: LevelFilter) -> Targets {
    Targets::new().with_target("harbor_pilot", level).with_default(LevelFilter::WARN.min(level))
}
