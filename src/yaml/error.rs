//! Why a text is no YAML, and where.

use std::{error, fmt};

use granit_parser::ErrorKind as Syntax;

use super::Position;

/// Why a text can't be read as YAML.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// What is wrong.
    pub kind: ErrorKind,
    /// The byte of the text at which it was noticed.
    pub offset: usize,
    /// The place of that byte.
    pub position: Position,
}

/// What is wrong with a text.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// More bytes than the reader takes.
    TooLarge {
        /// How many it takes.
        limit: usize,
    },
    /// UTF-16 or UTF-32.
    Utf16,
    /// Bytes that are no UTF-8.
    NotUtf8,
    /// A character that YAML does not allow, such as NUL.
    Character(char),
    /// Collections nested deeper than the reader goes.
    TooDeep {
        /// How deep it goes.
        limit: usize,
    },
    /// More nodes than the reader takes.
    TooManyNodes {
        /// How many it takes.
        limit: usize,
    },
    /// `*name` without a `&name` before it.
    UnknownAlias(String),
    /// Anything else that is no YAML, in words.
    Syntax(String),
}

impl ErrorKind {
    /// Our words for what the parser found, and the parser's own where it has the better ones.
    pub(super) fn of(error: &granit_parser::ScanError, depth: usize) -> Self {
        let words = match error.kind() {
            Syntax::RecursionLimitExceeded => return Self::TooDeep { limit: depth },
            Syntax::TabNotAllowed
            | Syntax::TabInBlockIndentation
            | Syntax::TabInIndentation
            | Syntax::TabAtBlockScalarStart => "expected spaces, but found a tab: YAML is indented with spaces alone",
            Syntax::UnclosedQuotedScalar => "expected a closing quote, but found the end of the text",
            Syntax::UnclosedFlowCollection { open: '[' } | Syntax::UnexpectedEofFlowSequence => {
                "expected a closing `]`, but found the end of the text"
            }
            Syntax::UnclosedFlowCollection { .. }
            | Syntax::UnexpectedEofFlowMapping
            | Syntax::UnexpectedEofImplicitFlowMapping => "expected a closing `}`, but found the end of the text",
            Syntax::ExpectedFlowSequenceSeparator => "expected `,` or `]` after an entry of a list",
            Syntax::ExpectedFlowMappingSeparator => "expected `,` or `}` after an entry of a mapping",
            Syntax::ExpectedBlockMappingKey | Syntax::SimpleKeyExpected => {
                "expected `key: value` here: look for a missing `:`, or an indentation that differs from the lines around it"
            }
            Syntax::ExpectedBlockSequenceEntry => "expected `- ` here: the entries of a list begin in one column",
            Syntax::InvalidIndentation => "expected the indentation of the lines around this one",
            _ => return Self::Syntax(error.info()),
        };
        Self::Syntax(words.to_owned())
    }
}

/// What is wrong, without the place.
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            ErrorKind::TooLarge { limit } => write!(f, "expected at most {limit} bytes, but found more"),
            ErrorKind::Utf16 => f.write_str("expected UTF-8, but found UTF-16 or UTF-32: save the file as UTF-8"),
            ErrorKind::NotUtf8 => f.write_str("expected UTF-8, but found a byte that is none: save the file as UTF-8"),
            ErrorKind::Character(character) => {
                write!(f, "found the character U+{:04X}, which YAML does not allow", u32::from(*character))
            }
            ErrorKind::TooDeep { limit } => {
                write!(f, "more than {limit} lists and mappings inside one another")
            }
            ErrorKind::TooManyNodes { limit } => write!(f, "more than {limit} values"),
            ErrorKind::UnknownAlias(name) => {
                write!(f, "no `&{}` stands before this alias", name.escape_debug())
            }
            ErrorKind::Syntax(words) => f.write_str(words),
        }
    }
}

impl error::Error for Error {}
