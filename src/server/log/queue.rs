//! Lines on their way to stderr: a request leaves its line here and never waits for who reads them.

use std::{
    io::{self, Write},
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    thread,
    time::{Duration, Instant},
};

use tracing_subscriber::fmt::MakeWriter;

/// Lines that wait for a reader that is stuck.
const MOST_LINES: usize = 4096;

/// Bytes of those lines.
const MOST_BYTES: usize = 8 << 20;

/// What is kept of the room that they took once they are written.
const KEPT_BYTES: usize = 256 << 10;

/// Bytes that are written at once, where there are lines enough: a pipe takes as many (`PIPE_BUF`)
/// whole or not at all, so that nothing of other writers comes between.
const AT_ONCE: usize = 4096;

/// How long the writer rests when all is written, so that on a busy server it is woken a thousand
/// times a second and not for each line: waking it costs a request as much as judging it.
const REST: Duration = Duration::from_millis(1);

/// How often the end of the program looks whether all is written.
const LOOK: Duration = Duration::from_millis(1);

/// Lines that wait for the writer. Where there is no room a line is dropped and counted.
#[derive(Clone, Debug, Default)]
pub(super) struct Queue(Arc<Shared>);

/// Lines that the queue could not hold.
#[derive(Clone, Debug, Default)]
pub struct DroppedLines(Arc<AtomicU64>);

#[derive(Debug, Default)]
struct Shared {
    /// Held for as long as it takes to copy a line, never while one is written.
    state: Mutex<State>,
    more: Condvar,
    dropped: DroppedLines,
}

#[derive(Debug, Default)]
struct State {
    waiting: Lines,
    /// What waits and what is being written.
    unwritten: Size,
    /// Whether the writer waits for a line.
    idle: bool,
}

#[derive(Debug, Default)]
struct Lines {
    text: Vec<u8>,
    /// Where each of them ends.
    ends: Vec<usize>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Size {
    lines: usize,
    bytes: usize,
}

impl DroppedLines {
    pub(in crate::server) fn count(&self) -> u64 {
        self.0.load(Relaxed)
    }
}

impl Queue {
    /// One whose lines are written to `to` as long as the program runs.
    pub(super) fn start(to: impl Write + Send + 'static) -> io::Result<Self> {
        let queue = Self::default();
        let lines = queue.clone();
        thread::Builder::new().name("log".to_owned()).spawn(move || lines.write_all_to(to))?;
        Ok(queue)
    }

    /// Lines that had no room so far.
    pub(super) fn dropped(&self) -> DroppedLines {
        self.0.dropped.clone()
    }

    /// Takes a line, or drops it.
    pub(super) fn push(&self, line: &[u8]) {
        let mut state = self.lock();
        let Size { lines, bytes } = state.unwritten;
        if lines == MOST_LINES || bytes + line.len() > MOST_BYTES {
            self.0.dropped.0.fetch_add(1, Relaxed);
            return;
        }
        state.unwritten = Size { lines: lines + 1, bytes: bytes + line.len() };
        state.waiting.push(line);
        let idle = std::mem::take(&mut state.idle);
        drop(state);
        if idle {
            self.0.more.notify_one();
        }
    }

    /// Waits until all is written, or until then.
    pub(super) fn wait(&self, until: Instant) {
        while self.lock().unwritten.lines > 0 && Instant::now() < until {
            thread::sleep(LOOK);
        }
    }

    fn write_all_to(&self, mut to: impl Write) {
        let mut lines = Lines::default();
        loop {
            self.take(&mut lines);
            for (text, written) in lines.at_once() {
                // Where nobody reads, there is nobody to tell.
                let _ = to.write_all(text);
                let unwritten = &mut self.lock().unwritten;
                unwritten.lines -= written;
                unwritten.bytes -= text.len();
            }
            lines.clear();
            thread::sleep(REST);
        }
    }

    /// Waits for lines, and takes all that there are in place of none.
    fn take(&self, none: &mut Lines) {
        let mut state = self.lock();
        while state.waiting.ends.is_empty() {
            state.idle = true;
            state = self.0.more.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        std::mem::swap(&mut state.waiting, none);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lines {
    fn push(&mut self, line: &[u8]) {
        self.text.extend_from_slice(line);
        self.ends.push(self.text.len());
    }

    fn clear(&mut self) {
        self.text.clear();
        self.text.shrink_to(KEPT_BYTES);
        self.ends.clear();
    }

    /// Whole lines that are written together, and how many they are.
    fn at_once(&self) -> impl Iterator<Item = (&[u8], usize)> {
        let mut start = 0;
        let mut ends = self.ends.as_slice();
        std::iter::from_fn(move || {
            let fitting = ends.partition_point(|end| end - start <= AT_ONCE);
            let (together, rest) = ends.split_at_checked(fitting.max(1))?;
            let text = self.text.get(start..*together.last()?)?;
            (start, ends) = (start + text.len(), rest);
            Some((text, together.len()))
        })
    }
}

impl Write for Queue {
    /// Never waits, never fails.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.push(line);
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

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, Sender, channel};

    use proptest::prelude::*;

    use super::*;

    /// A reader that is stuck until it is let go.
    struct Stuck {
        let_go: Receiver<()>,
        read: Sender<Vec<u8>>,
    }

    impl Write for Stuck {
        fn write(&mut self, lines: &[u8]) -> io::Result<usize> {
            // Whoever lets go may do it once for all.
            let _ = self.let_go.recv();
            let _ = self.read.send(lines.to_vec());
            Ok(lines.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// A queue, what lets its reader go, and what that reads.
    fn stuck() -> (Queue, Sender<()>, Receiver<Vec<u8>>) {
        let (let_go, stuck) = channel();
        let (read, lines) = channel();
        (Queue::start(Stuck { let_go: stuck, read }).expect("a thread"), let_go, lines)
    }

    #[test]
    fn what_has_no_room_is_dropped_and_counted_by_lines_and_by_bytes() {
        for (length, fitting) in [(1, MOST_LINES), (1 << 20, MOST_BYTES >> 20)] {
            let (queue, let_go, read) = stuck();
            let line = vec![b'x'; length];
            for _ in 0..fitting + 10 {
                queue.push(&line);
            }
            assert_eq!(queue.dropped().count(), 10);
            drop(let_go);
            let began = Instant::now();
            queue.wait(began + Duration::from_mins(1));
            assert!(queue.0.state.lock().expect("no panic").unwritten.lines == 0, "it is written in time");
            assert_eq!(read.try_iter().map(|lines| lines.len()).sum::<usize>(), fitting * length);
            // And there is room again.
            queue.push(&line);
            queue.wait(Instant::now() + Duration::from_mins(1));
            assert_eq!(read.try_iter().collect::<Vec<_>>(), [line]);
            assert_eq!(queue.dropped().count(), 10);
        }
    }

    #[test]
    fn the_end_does_not_wait_for_a_stuck_reader_for_ever() {
        let (queue, _let_go, _read) = stuck();
        for _ in 0..2 * MOST_LINES {
            queue.push(b"x");
        }
        let began = Instant::now();
        queue.wait(began + Duration::from_millis(100));
        assert!((100..10_000).contains(&began.elapsed().as_millis()));
    }

    /// Each line comes once, whole, and after those that its thread left before.
    #[test]
    fn lines_of_many_threads_come_whole_and_in_order() {
        const THREADS: usize = 8;
        const EACH: usize = MOST_LINES / THREADS;
        let (queue, let_go, read) = stuck();
        drop(let_go);
        thread::scope(|threads| {
            for thread in 0..THREADS {
                let queue = &queue;
                threads.spawn(move || {
                    (0..EACH).for_each(|line| {
                        queue.push(format!("{thread} {line:0>width$}\n", width = 5 + line % 300).as_bytes());
                    });
                });
            }
        });
        queue.wait(Instant::now() + Duration::from_mins(1));
        let text = String::from_utf8(read.try_iter().flatten().collect()).expect("text");
        let mut next = [0; THREADS];
        for line in text.lines() {
            let (thread, line) = line.split_once(' ').expect("two numbers");
            let next = &mut next[thread.parse::<usize>().expect("a thread")];
            assert_eq!(line.parse::<usize>().expect("a line"), *next);
            *next += 1;
        }
        assert_eq!(next, [EACH; THREADS]);
    }

    proptest! {
        #[test]
        fn lines_that_are_written_at_once_are_whole_and_as_many_as_fit(
            lengths in prop::collection::vec(prop_oneof![8 => 1..900_usize, 1 => 4_090..4_100_usize, 1 => 1..20_000_usize], 0..60)
        ) {
            let mut lines = Lines::default();
            for (index, length) in lengths.iter().enumerate() {
                lines.push(&vec![u8::try_from(index).expect("few"); *length]);
            }
            let mut rest = lengths.as_slice();
            let mut text = Vec::new();
            for (together, count) in lines.at_once() {
                let (these, after) = rest.split_at(count);
                prop_assert_eq!(these.iter().sum::<usize>(), together.len());
                prop_assert!(count == 1 || together.len() <= AT_ONCE);
                prop_assert!(after.first().is_none_or(|next| together.len() + next > AT_ONCE));
                text.extend_from_slice(together);
                rest = after;
            }
            prop_assert!(rest.is_empty());
            prop_assert_eq!(text, lines.text);
        }
    }
}
