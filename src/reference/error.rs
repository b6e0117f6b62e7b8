//! What is wrong with a name, and where.

use std::{error, fmt};

use super::digest::DigestAlgorithm;

/// Why a text is not what it should be, and at which byte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    kind: ParseErrorKind,
    offset: usize,
    found: Found,
}

/// The rule that a text breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ParseErrorKind {
    /// There is no text.
    Empty,
    /// A name of 64 hexadecimal digits, which clients take for an image ID.
    Identifier,
    /// `https://` or the like in front.
    Scheme,
    /// A part of the domain between dots is empty, or begins or ends with something else than a
    /// letter or a digit.
    DomainComponent,
    /// A character in the domain that none may have, `_` among them.
    DomainCharacter,
    /// Something else than hexadecimal digits and `:` in the brackets.
    Ipv6Address,
    /// No digits after the domain's `:`.
    PortNumber,
    /// A port that nothing can listen on.
    PortRange,
    /// A path after a domain that should stand alone.
    DomainWithPath,
    /// A host name that clients take for the first component of a path on docker.io.
    DomainTakenForPath,
    /// A component of the path is empty, or begins with a separator.
    PathComponent,
    /// A separator in the path with no letter or digit after it, two different separators in a
    /// row, or a run of them that is none.
    PathSeparator,
    /// An upper-case letter in the path.
    PathUpperCase,
    /// A character in the path that none may have.
    PathCharacter,
    /// A path of more than 255 bytes.
    PathTooLong,
    /// No tag after the `:`, or one that begins with `.` or `-`.
    TagStart,
    /// A character in the tag that none may have.
    TagCharacter,
    /// A tag of more than 128 bytes.
    TagTooLong,
    /// Another algorithm than sha256, sha384 and sha512, or none.
    DigestAlgorithm,
    /// Something else than a lower-case hexadecimal digit in the digest.
    DigestCharacter,
    /// Too many digits for the digest's algorithm, or too few.
    DigestLength(DigestAlgorithm),
}

/// What stands where something else was expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Found {
    End,
    Character(char),
    Length(usize),
    Words(&'static str),
}

impl ParseError {
    /// What `found` describes begins at `offset`.
    pub(super) fn new(kind: ParseErrorKind, found: &'static str, offset: usize) -> Self {
        Self { kind, offset, found: Found::Words(found) }
    }

    /// Something else than `kind` asks for stands at `offset`.
    pub(super) fn unexpected(kind: ParseErrorKind, text: &str, offset: usize) -> Self {
        let found = text.get(offset..).and_then(|rest| rest.chars().next()).map_or(Found::End, Found::Character);
        Self { kind, offset, found }
    }

    /// `length` is not the one that `kind` asks for.
    pub(super) fn wrong_length(kind: ParseErrorKind, length: usize, offset: usize) -> Self {
        Self { kind, offset, found: Found::Length(length) }
    }

    /// The rule that is broken.
    pub fn kind(&self) -> ParseErrorKind {
        self.kind
    }

    /// Where, in bytes from the start of the text that was parsed; its length at most, and
    /// always between two characters.
    pub fn offset(&self) -> usize {
        self.offset
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "expected {}, but found ", Expected(self.kind))?;
        match self.found {
            Found::End => f.write_str("the end")?,
            Found::Character(c) if c.is_ascii_graphic() || c == ' ' => write!(f, "`{c}`")?,
            Found::Character(c) if c.is_ascii() => write!(f, "`{}`", c.escape_debug())?,
            // Letters of other scripts can look like ours: the code point tells.
            Found::Character(c) => write!(f, "`{}` (U+{:04X})", c.escape_debug(), u32::from(c))?,
            Found::Length(length) => write!(f, "{length}")?,
            Found::Words(words) => f.write_str(words)?,
        }
        write!(f, " at byte {}", self.offset)?;
        match advice(self.kind) {
            "" => Ok(()),
            advice => write!(f, "; {advice}"),
        }
    }
}

impl error::Error for ParseError {}

/// Why a name that parses is refused by every policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NeverAllowed {
    /// `sha256:…` or the like, which a node resolves to an image that it holds.
    ImageId,
    /// Port 0, or one above 65535.
    Port,
    /// More than 1,024 bytes as written.
    TooLong,
}

impl fmt::Display for NeverAllowed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ImageId => {
                "expected a name that says where to pull from, but found an image ID, which a node \
                 resolves to whatever image it holds; write `REGISTRY/PATH@sha256:DIGEST`"
            }
            Self::Port => "expected a port from 1 to 65535, but found another number after the domain",
            Self::TooLong => "expected a name of at most 1024 bytes, but found a longer one",
        })
    }
}

impl error::Error for NeverAllowed {}

struct Expected(ParseErrorKind);

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use ParseErrorKind as Kind;
        f.write_str(match self.0 {
            Kind::Empty => "an image name",
            Kind::Identifier => "the name of a repository",
            Kind::Scheme => "a name without a scheme",
            Kind::DomainComponent => "a letter or a digit of the domain",
            Kind::DomainCharacter => "a letter, a digit, `.`, `-` or `:` and a port in the domain",
            Kind::Ipv6Address => "an IPv6 address of hexadecimal digits and `:`, and `]`",
            Kind::PortNumber => "a digit of the port",
            Kind::PortRange => "a port from 1 to 65535",
            Kind::DomainWithPath => "a domain alone",
            Kind::DomainTakenForPath => "a domain with a `.` or a port",
            Kind::PathComponent => "a lower-case letter or a digit to begin a component of the path",
            Kind::PathSeparator => {
                "a lower-case letter or a digit after the separator (one of `.`, `_`, `__` and any number of `-`)"
            }
            Kind::PathUpperCase => "a path in lower case",
            Kind::PathCharacter => "a lower-case letter, a digit or a separator in the path",
            Kind::PathTooLong => "a path of at most 255 bytes",
            Kind::TagStart => "a letter, a digit or `_` to begin the tag",
            Kind::TagCharacter => "a letter, a digit, `_`, `.` or `-` in the tag",
            Kind::TagTooLong => "a tag of at most 128 bytes",
            Kind::DigestAlgorithm => "a digest that begins with `sha256:`, `sha384:` or `sha512:`",
            Kind::DigestCharacter => "a lower-case hexadecimal digit of the digest",
            Kind::DigestLength(algorithm) => {
                return write!(f, "{} digits after `{}:`", algorithm.digits(), algorithm.name());
            }
        })
    }
}

/// What to write instead, where the expectation alone does not say it.
fn advice(kind: ParseErrorKind) -> &'static str {
    match kind {
        ParseErrorKind::Identifier => "write the name with its domain, such as `docker.io/library/NAME`",
        ParseErrorKind::Scheme => "leave out all that stands before the host name",
        ParseErrorKind::DomainWithPath => "leave out the `/` and what follows",
        ParseErrorKind::DomainTakenForPath => {
            "every client would read it as a path on docker.io: write the port too, such as `HOST:443`"
        }
        ParseErrorKind::PathTooLong => "`library/` counts where it is implied",
        _ => "",
    }
}
