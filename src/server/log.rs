//! The log: one line for each event, on stderr, through a queue that never makes a request wait.

use std::{
    fmt,
    io::{self, IsTerminal as _, Write},
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed},
        mpsc::{Receiver, SyncSender, TrySendError, sync_channel},
    },
    thread,
    time::{Duration, Instant},
};

use tracing::level_filters::LevelFilter;
use tracing_subscriber::{
    filter::Targets,
    fmt::{MakeWriter, fmt as layer},
    layer::SubscriberExt as _,
    util::{SubscriberInitExt as _, TryInitError},
};

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

/// Lines that the queue could not hold.
#[derive(Clone, Debug, Default)]
pub struct DroppedLines(Arc<AtomicU64>);

/// Text from outside, cut to a length that suits a log, with what a terminal would act on or a
/// person could not see written as `\u{…}`.
pub(super) struct Outside<'t>(pub(super) &'t str);

/// Lines on their way to stderr. Where it has no room a line is dropped and counted.
#[derive(Clone, Debug)]
struct Queue {
    to_writer: SyncSender<Message>,
    bytes: Arc<AtomicUsize>,
    dropped: DroppedLines,
}

#[derive(Debug)]
enum Message {
    Line(Vec<u8>),
    /// All lines before it are written.
    Written(SyncSender<()>),
}

/// Lines that wait for a reader that is stuck.
const MOST_LINES: usize = 4096;

/// Bytes of those lines.
const MOST_BYTES: usize = 8 << 20;

/// How long the writer rests when all is written, so that on a busy server it is woken a thousand
/// times a second and not for each line: waking it costs a request as much as judging it.
const REST: Duration = Duration::from_millis(1);

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
        self.0.dropped.clone()
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        let until = Instant::now() + LAST_LINES;
        let (written, all_written) = sync_channel(1);
        let mut message = Message::Written(written);
        while let Err(TrySendError::Full(back)) = self.0.to_writer.try_send(message) {
            if Instant::now() > until {
                return;
            }
            message = back;
            thread::sleep(Duration::from_millis(10));
        }
        // Whether it came or not, this is the end.
        let _ = all_written.recv_timeout(until.saturating_duration_since(Instant::now()));
    }
}

impl DroppedLines {
    pub(super) fn count(&self) -> u64 {
        self.0.load(Relaxed)
    }
}

impl Queue {
    fn start(to: impl Write + Send + 'static) -> io::Result<Self> {
        let (to_writer, from_queue) = sync_channel(MOST_LINES);
        let bytes = Arc::new(AtomicUsize::new(0));
        let queued = Arc::clone(&bytes);
        thread::Builder::new().name("log".to_owned()).spawn(move || write_lines(to, &from_queue, &queued))?;
        Ok(Self { to_writer, bytes, dropped: DroppedLines::default() })
    }
}

impl Write for Queue {
    /// Takes a line, or drops it: never waits, never fails.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let before = self.bytes.fetch_add(line.len(), Relaxed);
        let fits = before + line.len() <= MOST_BYTES;
        if !fits || self.to_writer.try_send(Message::Line(line.to_vec())).is_err() {
            self.bytes.fetch_sub(line.len(), Relaxed);
            self.dropped.0.fetch_add(1, Relaxed);
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'w> MakeWriter<'w> for Queue {
    type Writer = Self;

    fn make_writer(&'w self) -> Self {
        self.clone()
    }
}

fn write_lines(mut to: impl Write, from_queue: &Receiver<Message>, queued: &AtomicUsize) {
    while let Ok(first) = from_queue.recv() {
        for message in std::iter::once(first).chain(from_queue.try_iter()) {
            match message {
                Message::Line(line) => {
                    // Where nobody reads, there is nobody to tell.
                    let _ = to.write_all(&line);
                    queued.fetch_sub(line.len(), Relaxed);
                }
                // Who asked may have stopped waiting.
                Message::Written(all) => drop(all.try_send(())),
            }
        }
        thread::sleep(REST);
    }
}

impl fmt::Display for Outside<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Shown::cut(self.0, LONGEST).fmt(f)
    }
}

fn json_lines(writer: Queue, level: LevelFilter) -> Result<(), TryInitError> {
    let lines = layer().json().flatten_event(true).with_writer(writer).with_max_level(level);
    lines.finish().with(own(level)).try_init()
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
    use std::sync::mpsc::channel;

    use super::*;

    /// A reader that is stuck until it is let go.
    struct Stuck {
        let_go: Receiver<()>,
        read: SyncSender<usize>,
    }

    impl Write for Stuck {
        fn write(&mut self, line: &[u8]) -> io::Result<usize> {
            // Whoever lets go may do it once for all.
            let _ = self.let_go.recv();
            let _ = self.read.send(line.len());
            Ok(line.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn what_has_no_room_is_dropped_and_counted_by_lines_and_by_bytes() {
        for (length, fitting) in [(1, MOST_LINES), (1 << 20, MOST_BYTES >> 20)] {
            let (let_go, stuck) = channel();
            let (read, lines) = sync_channel(2 * MOST_LINES);
            let mut queue = Queue::start(Stuck { let_go: stuck, read }).expect("a thread");
            let line = vec![b'x'; length];
            // One more than fits may be in the writer's hands.
            for _ in 0..fitting + 10 {
                assert_eq!(queue.write(&line).expect("never fails"), length);
            }
            let dropped = queue.dropped.count();
            assert!((9..=10).contains(&dropped), "{dropped}");
            drop(let_go);
            let dropped = usize::try_from(dropped).expect("some");
            let read = lines.iter().take(fitting + 10 - dropped).filter(|read| *read == length).count();
            assert_eq!(read, fitting + 10 - dropped, "what was taken is written");
            let began = Instant::now();
            drop(Log(queue));
            assert!(began.elapsed() < LAST_LINES);
        }
    }

    #[test]
    fn the_end_does_not_wait_for_a_stuck_reader_for_ever() {
        let (_let_go, stuck) = channel();
        let (read, _lines) = sync_channel(1);
        let mut queue = Queue::start(Stuck { let_go: stuck, read }).expect("a thread");
        for _ in 0..2 * MOST_LINES {
            queue.write_all(b"x").expect("never fails");
        }
        let began = Instant::now();
        drop(Log(queue));
        assert!(began.elapsed() < 3 * LAST_LINES);
    }

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
