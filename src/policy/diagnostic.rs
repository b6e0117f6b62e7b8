//! What a person is told of a policy file: what is wrong, where, and what to write instead.
#![allow(missing_docs)] // skeleton only

use crate::yaml::Span;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    Error,
    Warning,
}

/// One finding of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    pub severity: Severity,
    /// Where; an empty span points between two characters.
    pub span: Span,
    /// What is wrong. One line, no full stop, literals in backticks.
    pub message: String,
    /// What to do, as a sentence or as the text to write instead.
    pub help: Option<String>,
    /// A second place that explains the first (the other of two equal keys).
    pub other: Option<(Span, String)>,
    /// Whether the marked text may be shown; a secret's may not.
    pub shown: Shown,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    Text,
    Masked,
}
