//! Why a body can't be read as an `AdmissionReview`, and where.

use std::fmt;

use super::{locate, object::IMAGES_MAX};
use crate::escape::Shown;

/// A body that is no `AdmissionReview`, or whose images can't be told for sure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    problem: Problem,
    found: Found,
    at: usize,
    pointer: String,
}

/// A problem, and where it was met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) problem: Problem,
    /// Bytes from there to the end of the body.
    pub(super) left: usize,
}

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Problem {
    Expected(Expected),
    /// Such a character stands in a string as it is.
    ControlCharacter,
    LoneSurrogate,
    NumberOutOfRange,
    NotUtf8,
    TooDeep,
    /// A key that decides about an image stands in its object a second time.
    KeyTwice,
    /// An object has more images than [`IMAGES_MAX`](super::object::IMAGES_MAX).
    TooManyImages,
    /// The object that begins here lacks a key.
    Missing(&'static str),
}

/// What should have stood there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expected {
    Value,
    ObjectOrNull,
    ArrayOrNull,
    StringOrNull,
    BooleanOrNull,
    Key,
    Colon,
    CommaOrBrace,
    CommaOrBracket,
    Quote,
    Escape,
    HexDigit,
    Digit,
    End,
    /// The `apiVersion` of the one version that is understood.
    Version,
    /// The `kind` of a review.
    Review,
    Operation,
}

/// What stood there instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Found {
    Character(char),
    End,
}

impl Unreadable {
    pub(super) fn new(body: &[u8], fault: Fault) -> Self {
        let text = match std::str::from_utf8(body) {
            Ok(text) => text,
            Err(error) => std::str::from_utf8(&body[..error.valid_up_to()]).unwrap_or_default(),
        };
        let at = body.len() - fault.left;
        let found = text.get(at..).and_then(|rest| rest.chars().next());
        Self {
            problem: fault.problem,
            found: found.map_or(Found::End, Found::Character),
            at,
            pointer: locate::pointer(text.as_bytes(), at),
        }
    }
}

impl std::error::Error for Unreadable {}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.problem {
            Problem::Expected(expected) => {
                write!(f, "expected {}, but found ", expected.text())?;
                match self.found {
                    Found::Character(found) => {
                        write!(f, "`{}`", Shown::new(found.encode_utf8(&mut [0; 4])))?;
                    }
                    Found::End => f.write_str("the end of the body")?,
                }
            }
            Problem::ControlCharacter => {
                f.write_str("expected a control character in a string to be escaped")?;
            }
            Problem::LoneSurrogate => {
                f.write_str("expected a surrogate pair, but found half of one")?;
            }
            Problem::NumberOutOfRange => {
                f.write_str("expected a number that fits 64 bits, but found a larger one")?;
            }
            Problem::NotUtf8 => f.write_str("expected UTF-8, but found a byte that is none")?,
            Problem::TooManyImages => {
                write!(f, "expected at most {IMAGES_MAX} images in one object, but found another one")?;
            }
            Problem::TooDeep => f.write_str("nested too deeply")?,
            Problem::KeyTwice => f.write_str("expected each key once, but found one again")?,
            Problem::Missing(key) => write!(f, "expected the key `{key}`, but found none")?,
        }
        write!(f, " at byte {}", self.at)?;
        if !self.pointer.is_empty() {
            write!(f, " (`{}`)", Shown::cut(&self.pointer, POINTER_SHOWN))?;
        }
        Ok(())
    }
}

/// Bytes of a pointer that a message shows.
const POINTER_SHOWN: usize = 300;

impl Fault {
    /// A problem, met where `rest` is left of the body. Cold: a review that is well formed has none.
    #[cold]
    pub(super) fn new(problem: Problem, rest: &[u8]) -> Self {
        Self { problem, left: rest.len() }
    }

    #[cold]
    pub(super) fn expected(expected: Expected, rest: &[u8]) -> Self {
        Self::new(Problem::Expected(expected), rest)
    }
}

impl Expected {
    fn text(self) -> &'static str {
        match self {
            Self::Value => "a JSON value",
            Self::ObjectOrNull => "an object or `null`",
            Self::ArrayOrNull => "an array or `null`",
            Self::StringOrNull => "a string or `null`",
            Self::BooleanOrNull => "`true`, `false` or `null`",
            Self::Key => "a key in quotes",
            Self::Colon => "`:`",
            Self::CommaOrBrace => "`,` or `}`",
            Self::CommaOrBracket => "`,` or `]`",
            Self::Quote => "a closing quote",
            Self::Escape => "a JSON escape",
            Self::HexDigit => "a hexadecimal digit",
            Self::Digit => "a digit",
            Self::End => "the end of the body",
            Self::Version => "`apiVersion: admission.k8s.io/v1`",
            Self::Review => "`kind: AdmissionReview`",
            Self::Operation => "`CREATE`, `UPDATE`, `DELETE` or `CONNECT`",
        }
    }
}
