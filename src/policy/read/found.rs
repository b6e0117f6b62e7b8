//! What stands in the place of a value, in the words of a message.

use std::fmt;

use crate::{
    escape::quoted,
    yaml::{Content, Core},
};

/// What a value is in YAML 1.2's core schema; plain scalars with their text.
pub(super) enum Found<'n> {
    Nothing,
    Boolean(&'n str),
    Number(&'n str),
    Text(&'n str),
    List,
    Mapping,
}

impl<'n> Found<'n> {
    pub(super) fn of(content: &'n Content<'_>) -> Self {
        match content {
            Content::Sequence(_) => Self::List,
            Content::Mapping(_) => Self::Mapping,
            // Aliases are reported before anything is read.
            Content::Alias { .. } => Self::Nothing,
            Content::Scalar(scalar) => match scalar.core() {
                Core::Null => Self::Nothing,
                Core::Bool(_) => Self::Boolean(&scalar.value),
                Core::Integer(_) | Core::Float => Self::Number(&scalar.value),
                Core::String => Self::Text(&scalar.value),
            },
        }
    }

    /// The whole number that stands there, if one does.
    pub(super) fn integer(content: &Content<'_>) -> Option<i64> {
        match content {
            Content::Scalar(scalar) => match scalar.core() {
                Core::Integer(value) => Some(value),
                _ => None,
            },
            _ => None,
        }
    }

    /// Text as it can stand between brackets.
    pub(super) fn in_flow(text: &str) -> String {
        let is_plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_./".contains(&byte));
        if is_plain && !text.starts_with('-') { text.to_owned() } else { format!("{text:?}") }
    }
}

impl fmt::Display for Found<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => f.write_str("nothing"),
            Self::Boolean(text) => write!(f, "the boolean {}", quoted(text)),
            Self::Number(text) => write!(f, "the number {}", quoted(text)),
            Self::Text("") => f.write_str("an empty string"),
            Self::Text(text) => write!(f, "the string {}", quoted(text)),
            Self::List => f.write_str("a list"),
            Self::Mapping => f.write_str("a mapping"),
        }
    }
}
