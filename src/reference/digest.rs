//! Digests: the three algorithms that the OCI image specification registers, in lower-case hex.

use super::error::{ParseError, ParseErrorKind};
use super::grammar;

/// A digest's algorithm (<https://github.com/opencontainers/image-spec/blob/v1.1.0/descriptor.md>).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DigestAlgorithm {
    /// `sha256`, 64 digits
    Sha256,
    /// `sha384`, 96 digits
    Sha384,
    /// `sha512`, 128 digits
    Sha512,
}

impl DigestAlgorithm {
    /// The algorithm of exactly this name.
    pub(super) fn named(name: &str) -> Option<Self> {
        [Self::Sha256, Self::Sha384, Self::Sha512].into_iter().find(|algorithm| algorithm.name() == name)
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Sha256 => "sha256",
            Self::Sha384 => "sha384",
            Self::Sha512 => "sha512",
        }
    }

    /// How many hexadecimal digits a digest has.
    pub(super) fn digits(self) -> usize {
        match self {
            Self::Sha256 => 64,
            Self::Sha384 => 96,
            Self::Sha512 => 128,
        }
    }
}

/// Scans a digest, which ends the text.
pub(super) fn digest(text: &str, at: usize) -> Result<usize, ParseError> {
    let (algorithm, start) = algorithm(text, at)?;
    let end = grammar::run(text, start, grammar::is_hex);
    if end < text.len() {
        return Err(ParseError::unexpected(ParseErrorKind::DigestCharacter, text, end));
    }
    let digits = end - start;
    if digits != algorithm.digits() {
        let place = end.min(start + algorithm.digits());
        return Err(ParseError::wrong_length(ParseErrorKind::DigestLength(algorithm), digits, place));
    }
    Ok(end)
}

/// Scans the algorithm with its `:`.
fn algorithm(text: &str, at: usize) -> Result<(DigestAlgorithm, usize), ParseError> {
    text[at..]
        .split_once(':')
        .and_then(|(name, _)| DigestAlgorithm::named(name))
        .map(|algorithm| (algorithm, at + algorithm.name().len() + 1))
        .ok_or_else(|| match &text[at..] {
            "" => ParseError::unexpected(ParseErrorKind::DigestAlgorithm, text, at),
            _ => ParseError::new(ParseErrorKind::DigestAlgorithm, "something else", at),
        })
}
