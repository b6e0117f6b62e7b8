//! The one printer: stdout is data, stderr is talk.

use std::io::{self, BufWriter, IsTerminal as _, Write};

use anstream::AutoStream;
use clap::ValueEnum;

use super::Outcome;
use crate::{escape::fit, policy::diagnostic::Style};

/// When to colour what is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum ColorWhen {
    /// On a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// `-o`: how a command prints what it found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people
    #[default]
    Text,
    /// For programs, in a stable format
    Json,
}

/// Where a command prints. Data is buffered, and written out before talk.
pub(super) struct Output {
    data: BufWriter<io::Stdout>,
    data_style: Style,
    talk: io::Stderr,
    talk_style: Style,
    progress: Progress,
    failure: Option<io::Error>,
}

/// Whether a line of progress stands on the terminal.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Progress {
    /// Nobody would see it.
    Never,
    Hidden,
    Shown,
}

/// As many things are done before a person may want to see how it goes.
const PROGRESS: usize = 50;

impl Output {
    pub(super) fn new(color: ColorWhen) -> Self {
        let choice = match color {
            ColorWhen::Auto => anstream::ColorChoice::Auto,
            ColorWhen::Always => anstream::ColorChoice::Always,
            ColorWhen::Never => anstream::ColorChoice::Never,
        };
        let style = |choice| match choice {
            anstream::ColorChoice::Never => Style::Plain,
            _ => Style::Coloured,
        };
        // Only asked what the stream is: writing through it would take bytes out of data.
        let asked = |auto: anstream::ColorChoice| if color == ColorWhen::Auto { auto } else { choice };
        Self {
            data_style: style(asked(AutoStream::choice(&io::stdout()))),
            talk_style: style(asked(AutoStream::choice(&io::stderr()))),
            data: BufWriter::new(io::stdout()),
            talk: io::stderr(),
            progress: if io::stderr().is_terminal() { Progress::Hidden } else { Progress::Never },
            failure: None,
        }
    }

    /// How data may look.
    pub(super) fn data_style(&self) -> Style {
        self.data_style
    }

    /// How talk may look.
    pub(super) fn talk_style(&self) -> Style {
        self.talk_style
    }

    /// Writes data as it is. What goes wrong is kept for [`Output::finish`].
    pub(super) fn data(&mut self, text: &str) {
        self.end_progress();
        if self.failure.is_none()
            && let Err(error) = self.data.write_all(text.as_bytes())
        {
            self.failure = Some(error);
        }
    }

    /// Whether it is of no use to write more data: the reader is gone.
    pub(super) fn is_closed(&self) -> bool {
        self.failure.is_some()
    }

    /// Whether all data so far has arrived. For what can't be made again.
    pub(super) fn has_arrived(&mut self) -> bool {
        self.flush();
        self.failure.is_none()
    }

    /// Writes a line of talk.
    pub(super) fn talk(&mut self, line: &str) {
        self.end_progress();
        self.flush();
        // Where nobody hears, there is nobody to tell.
        let _ = writeln!(self.talk, "{line}");
    }

    /// Shows on a terminal how far a long work has come, on a line that the next one replaces.
    pub(super) fn progress(&mut self, done: usize, all: usize, what: &str) {
        if self.progress == Progress::Never || all < PROGRESS {
            return;
        }
        self.flush();
        self.progress = Progress::Shown;
        let _ = write!(self.talk, "\r\x1b[K{done}/{all} {}", fit(what, 60));
    }

    /// Takes the line of progress away.
    pub(super) fn end_progress(&mut self) {
        if self.progress == Progress::Shown {
            self.progress = Progress::Hidden;
            let _ = write!(self.talk, "\r\x1b[K");
        }
    }

    /// Says why a command could not do its work.
    pub(super) fn failed(&mut self, why: impl std::fmt::Display) -> Outcome {
        let (red, reset) = match self.talk_style {
            Style::Coloured => ("\x1b[1;31m", "\x1b[0m"),
            Style::Plain => ("", ""),
        };
        self.talk(&format!("{red}error{reset}: {why}"));
        Outcome::Failed
    }

    /// Writes out what is buffered. A reader that went away early is no error.
    pub(super) fn finish(mut self, outcome: Outcome) -> Outcome {
        self.flush();
        match self.failure.take() {
            None => outcome,
            Some(error) if error.kind() == io::ErrorKind::BrokenPipe => outcome,
            Some(error) => self.failed(format_args!("could not write to standard output: {error}")),
        }
    }

    fn flush(&mut self) {
        if self.failure.is_none()
            && let Err(error) = self.data.flush()
        {
            self.failure = Some(error);
        }
    }
}
