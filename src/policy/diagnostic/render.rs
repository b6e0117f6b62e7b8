//! Findings as text: the message, the line with a mark under it, and what to do.

use std::{cmp::Reverse, collections::HashMap, fmt::Write as _};

use anstyle::AnsiColor;

use super::{
    Diagnostic, Severity, Shown,
    lines::{self, Place},
    window::Window,
};
use crate::{escape::fit, policy::secret, yaml::Span};

/// Findings that are shown at once; the rest is counted.
const MOST: usize = 50;
/// Characters of a message that are shown.
const MESSAGE: usize = 500;

/// How the text looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Without colours.
    Plain,
    /// With the escape sequences of a terminal.
    Coloured,
}

/// The findings of the file `name`, whose text is `text`, by their place, and a line that counts
/// them; nothing where there are none. Where there are many, errors are shown first.
pub fn render(name: &str, text: &str, diagnostics: &[Diagnostic], style: Style) -> String {
    if diagnostics.is_empty() {
        return String::new();
    }
    let mut chosen: Vec<&Diagnostic> = diagnostics.iter().collect();
    chosen.sort_by_key(|diagnostic| (diagnostic.severity, diagnostic.span.start, Reverse(diagnostic.span.end)));
    chosen.truncate(MOST);
    chosen.sort_by_key(|diagnostic| (diagnostic.span.start, diagnostic.severity));
    let mut page = Page::new(name, text, diagnostics, &chosen, style);
    for diagnostic in &chosen {
        page.finding(diagnostic);
    }
    page.summary(diagnostics);
    page.out
}

struct Page<'p> {
    name: String,
    text: &'p str,
    masks: Vec<Span>,
    places: HashMap<usize, Place>,
    style: Style,
    out: String,
}

impl<'p> Page<'p> {
    fn new(name: &str, text: &'p str, all: &[Diagnostic], chosen: &[&Diagnostic], style: Style) -> Self {
        let mut offsets: Vec<usize> = chosen.iter().flat_map(|finding| spans(finding)).map(|span| span.start).collect();
        offsets.sort_unstable();
        let places = lines::places(text, &offsets);
        let masked = all.iter().filter(|finding| finding.shown == Shown::Masked);
        let masks = disjoint(masked.map(|finding| finding.span).collect());
        Self {
            name: fit(name, MESSAGE),
            text,
            masks,
            places: offsets.into_iter().zip(places).collect(),
            style,
            out: String::new(),
        }
    }

    fn finding(&mut self, finding: &Diagnostic) {
        let (word, colour) = match finding.severity {
            Severity::Error => ("error", AnsiColor::BrightRed),
            Severity::Warning => ("warning", AnsiColor::BrightYellow),
        };
        let heading = self.painted(word, colour);
        let message = self.painted(&format!(": {}", fit(&finding.message, MESSAGE)), AnsiColor::BrightWhite);
        self.push(&format!("{heading}{message}\n"));
        let widest = spans(finding).map(|span| self.place(span).line.to_string().len()).max().unwrap_or(1);
        let gutter = " ".repeat(widest);
        let is_drawn = finding.shown != Shown::Unparsed || !self.follows_secret(finding.span);
        self.location(&format!("{gutter}-->"), finding.span);
        if is_drawn {
            self.drawn(&gutter, finding.span, &Mark { sign: '^', colour, label: "" });
        }
        if let Some((span, label)) = &finding.other {
            self.location(&format!("{gutter}:::"), *span);
            self.drawn(&gutter, *span, &Mark { sign: '-', colour: AnsiColor::BrightBlue, label });
        }
        if let Some(help) = &finding.help {
            if is_drawn {
                self.line_start(&format!("{gutter} |"));
                self.push("\n");
            }
            self.line_start(&format!("{gutter} ="));
            let word = self.painted(" help", AnsiColor::BrightWhite);
            self.push(&format!("{word}: {}\n", fit(help, MESSAGE)));
        }
        self.push("\n");
    }

    fn location(&mut self, arrow: &str, span: Span) {
        let Place { line, column, .. } = self.place(span);
        self.line_start(arrow);
        let location = format!(" {}:{line}:{column}\n", self.name);
        self.push(&location);
    }

    fn drawn(&mut self, gutter: &str, span: Span, mark: &Mark<'_>) {
        let place = self.place(span);
        let window = Window::around(lines::line(self.text, place.start), place.start, span, &self.masks);
        let width = gutter.len();
        self.line_start(&format!("{gutter} |\n{:>width$} |", place.line));
        self.push(format!(" {}", window.text).trim_end());
        self.push("\n");
        self.line_start(&format!("{gutter} |"));
        let mut signs = mark.sign.to_string().repeat(window.marked);
        if !mark.label.is_empty() {
            // Writing to a String can't fail.
            let _ = write!(signs, " {}", fit(mark.label, MESSAGE));
        }
        let signs = self.painted(&signs, mark.colour);
        self.push(&format!(" {}{signs}\n", " ".repeat(window.before)));
    }

    fn summary(&mut self, all: &[Diagnostic]) {
        if all.len() > MOST {
            self.push(&format!("and {} more\n\n", all.len() - MOST));
        }
        let errors = all.iter().filter(|finding| finding.severity == Severity::Error).count();
        let counts = [(errors, "error"), (all.len() - errors, "warning")];
        let counts: Vec<String> = counts
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, word)| format!("{count} {word}{}", if *count == 1 { "" } else { "s" }))
            .collect();
        let summary = format!("{} in {}\n", counts.join(", "), self.name);
        self.push(&summary);
    }

    /// Whether a secret may stand on the line of this span, or begin before it.
    fn follows_secret(&self, span: Span) -> bool {
        let start = self.place(span).start;
        let end = start + lines::line(self.text, start).len();
        secret::may_be_in(self.text.get(..end).unwrap_or(self.text))
    }

    fn place(&self, span: Span) -> Place {
        self.places.get(&span.start).copied().unwrap_or(Place { line: 1, column: 1, start: 0 })
    }

    fn line_start(&mut self, text: &str) {
        let text = self.painted(text, AnsiColor::BrightBlue);
        self.push(&text);
    }

    fn painted(&self, text: &str, colour: AnsiColor) -> String {
        match self.style {
            Style::Plain => text.to_owned(),
            Style::Coloured => {
                let style = colour.on_default().bold();
                format!("{style}{text}{style:#}")
            }
        }
    }

    fn push(&mut self, text: &str) {
        self.out.push_str(text);
    }
}

/// What is drawn under a line.
struct Mark<'l> {
    sign: char,
    colour: AnsiColor,
    label: &'l str,
}

/// The spans in order, those that overlap as one.
fn disjoint(mut spans: Vec<Span>) -> Vec<Span> {
    spans.sort_unstable_by_key(|span| span.start);
    spans.dedup_by(|next, last| {
        let overlaps = next.start <= last.end;
        if overlaps {
            last.end = last.end.max(next.end);
        }
        overlaps
    });
    spans
}

fn spans(finding: &Diagnostic) -> impl Iterator<Item = Span> {
    std::iter::once(finding.span).chain(finding.other.as_ref().map(|(span, _)| *span))
}
