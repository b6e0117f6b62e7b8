//! Why a text can't be read, in words for its author.
//!
//! No message quotes the text beyond single characters: a text that can't be read may hold a
//! secret at any place.

use std::fmt;

use super::{Position, Syntax};

/// Why a text could not be read, and where.
///
/// `Display` gives the message alone; whoever prints it puts the file and the place in front.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// Line and column of the first character that is wrong, or of the one that opens what never
    /// closes.
    pub position: Position,
    /// The same place in bytes; at most the text's length.
    pub offset: usize,
    /// What is wrong there.
    pub kind: ErrorKind,
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// The text is longer than the limit, in bytes. Nothing of it was looked at.
    TooLong {
        /// The reader's limit.
        limit: usize,
    },
    /// A sequence or mapping stands inside more others than the limit allows.
    TooDeep {
        /// The reader's limit.
        limit: usize,
    },
    /// There are more nodes than the limit allows.
    TooManyNodes {
        /// The reader's limit.
        limit: usize,
    },
    /// The text has the named Unicode encoding, which is not UTF-8.
    Encoding(&'static str),
    /// The byte is in no UTF-8 text, or not at its place.
    InvalidUtf8(u8),
    /// YAML 1.2.2 section 5.1 forbids the character, at least at its place. DEL and the C1 controls
    /// are refused in quotes too, where the section would take them for JSON's sake.
    ForbiddenCharacter(char),
    /// No node in front of the alias, in its document, has its name as an anchor.
    UnknownAlias,
    /// The alias stands inside the node that it names.
    CyclicAlias,
    /// The text breaks a rule of YAML's grammar.
    Syntax(Syntax),
}

impl Error {
    /// An error about the text as a whole.
    pub(super) const fn at_start(kind: ErrorKind) -> Self {
        Self { position: Position { line: 1, column: 1 }, offset: 0, kind }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind.fmt(f)
    }
}

impl std::error::Error for Error {}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong { limit } => {
                write!(f, "expected at most {limit} bytes, but found more; split the file")
            }
            Self::TooDeep { limit } => write!(
                f,
                "expected at most {limit} lists and mappings inside one another, but found more; \
                 nest less"
            ),
            Self::TooManyNodes { limit } => {
                write!(f, "expected at most {limit} values, but found more; split the file")
            }
            Self::Encoding(name) => {
                write!(f, "expected UTF-8, but found {name}; save the file as UTF-8")
            }
            Self::InvalidUtf8(byte) => {
                write!(f, "expected UTF-8, but found the byte 0x{byte:02x}; save the file as UTF-8")
            }
            Self::ForbiddenCharacter(character) => write!(
                f,
                "expected printable text, but found the character U+{:04X}; remove it, or write \
                 it as an escape in double quotes",
                u32::from(*character)
            ),
            Self::UnknownAlias => f.write_str(
                "expected the name of an anchor in front of this alias, but found none; add \
                 `&name` to the value that is meant, or put a text that begins with `*` in quotes",
            ),
            Self::CyclicAlias => f.write_str(
                "expected the name of a value that ends in front of this alias, but found that of \
                 one around it; write the value out",
            ),
            Self::Syntax(syntax) => syntax.fmt(f),
        }
    }
}
