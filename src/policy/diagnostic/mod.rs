//! What a person is told of a policy file: what is wrong, where, and what to write instead.

mod lines;
mod render;
#[cfg(test)]
mod tests;
mod window;

pub use self::render::{Style, render};
use crate::yaml::{self, Span};

/// How much a finding weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The file must not come into force.
    Error,
    /// The file says what was probably not meant.
    Warning,
}

/// One finding of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// How much it weighs.
    pub severity: Severity,
    /// Where; an empty span points between two characters.
    pub span: Span,
    /// What is wrong. One line, no full stop, literals in backticks.
    pub message: String,
    /// What to do, as a sentence or as the text to write instead.
    pub help: Option<String>,
    /// A second place that explains the first (the other of two equal keys), and what stands there.
    pub other: Option<(Span, String)>,
    /// Whether the marked text may be shown; a secret's may not.
    pub shown: Shown,
}

/// What may be shown of the text that a finding marks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// All of it.
    Text,
    /// Nothing of it: it is a secret. No finding of the same file shows it either.
    Masked,
    /// The line, unless a secret may stand on it: the text could not be parsed, so nobody knows.
    Unparsed,
}

impl Diagnostic {
    /// An error with no more than a message.
    pub fn error(span: Span, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, span, message.into())
    }

    /// A warning with no more than a message.
    pub fn warning(span: Span, message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, span, message.into())
    }

    fn new(severity: Severity, span: Span, message: String) -> Self {
        Self { severity, span, message, help: None, other: None, shown: Shown::Text }
    }

    /// The finding for a text that is no YAML.
    pub fn from_yaml(error: &yaml::Error) -> Self {
        let span = Span { start: error.offset, end: error.offset };
        let finding = match error.kind {
            // The name may be a secret that starts with `*`.
            yaml::ErrorKind::UnknownAlias => Self::error(span, "no anchor of this name stands before this alias")
                .with_help("write text that starts with `*` in quotes, such as `\"**:latest\"`"),
            _ => Self::error(span, error.to_string()),
        };
        Self { shown: Shown::Unparsed, ..finding }
    }

    /// The same with a word on what to do.
    #[must_use]
    pub fn with_help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }

    /// The same with a second place, and what stands there.
    #[must_use]
    pub fn with_other(self, span: Span, label: impl Into<String>) -> Self {
        Self { other: Some((span, label.into())), ..self }
    }
}
