//! The name of a namespace.

use std::{fmt, str::FromStr};

/// The name of a namespace, by the rules of Kubernetes: nothing that would lead a path elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Namespace(String);

/// Why a text is no such name.
#[derive(Debug)]
pub struct NotANamespace;

impl Namespace {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Namespace {
    type Err = NotANamespace;

    fn from_str(text: &str) -> Result<Self, NotANamespace> {
        let edges = [text.bytes().next(), text.bytes().last()];
        let is_name = text.len() <= 63
            && edges.iter().all(|edge| edge.is_some_and(|byte| byte != b'-'))
            && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        if is_name { Ok(Self(text.to_owned())) } else { Err(NotANamespace) }
    }
}

impl fmt::Display for Namespace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for NotANamespace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "expected the name of a namespace: at most 63 of a-z, 0-9 and `-`, which neither begins nor ends it",
        )
    }
}

impl std::error::Error for NotANamespace {}
