//! Image references: the grammar and the two forms of a name. Depends on nothing.
//!
//! The grammar is that of the distribution project's `reference` package, v0.6.0
//! (<https://github.com/distribution/reference/blob/v0.6.0/reference.go>), narrowed by what its
//! `ParseNormalizedNamed` refuses afterwards:
//!
//! ```text
//! reference            := name [ ":" tag ] [ "@" digest ]
//! name                 := [ domain "/" ] remote-name
//! domain               := host [ ":" port-number ]
//! host                 := domain-name | "[" ipv6-address "]"
//! domain-name          := domain-component [ "." domain-component ]*
//! domain-component     := /[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]/
//! ipv6-address         := /[a-fA-F0-9:]+/
//! port-number          := /[0-9]+/
//! remote-name          := path-component [ "/" path-component ]*        ; at most 255 bytes
//! path-component       := alpha-numeric [ separator alpha-numeric ]*
//! alpha-numeric        := /[a-z0-9]+/
//! separator            := /[_.]|__|[-]+/
//! tag                  := /[a-zA-Z0-9_][a-zA-Z0-9_.-]{0,127}/
//! digest               := "sha256:" hex{64} | "sha384:" hex{96} | "sha512:" hex{128}
//! hex                  := /[0-9a-f]/
//! identifier           := hex{64}                                       ; refused as a name
//! ```
//!
//! Which part is the domain is not the grammar's to say but `familiar`'s. One deviation from the
//! Go package: where that returns an empty domain (`my_host.com/x`), parsing fails here.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use std::{borrow::Cow, fmt};

mod comparison;
mod digest;
mod error;
mod familiar;
mod grammar;
#[cfg(test)]
mod tests;

pub use self::comparison::{ComparisonForm, Domain, split_port};
pub use self::digest::DigestAlgorithm;
pub use self::error::{NeverAllowed, ParseError, ParseErrorKind};

/// The longest path in bytes, an implied `library/` included (`RepositoryNameTotalLengthMax`).
pub const PATH_MAX: usize = 255;

/// The longest name that a policy may allow, in bytes as written.
const WRITTEN_MAX: usize = 1024;

/// An image reference, parsed by the rules of distribution's `reference.ParseNormalizedNamed`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference<'a> {
    written: &'a str,
    domain: &'a str,
    path: Cow<'a, str>,
    tag: Option<&'a str>,
    digest: Option<&'a str>,
}

impl<'a> Reference<'a> {
    /// Reads the whole of `text` as a reference, in time linear in its length.
    ///
    /// Allocates only for an implied `library/`.
    pub fn parse(text: &'a str) -> Result<Self, ParseError> {
        if text.is_empty() {
            return Err(ParseError::unexpected(ParseErrorKind::Empty, text, 0));
        }
        if grammar::is_identifier(text) {
            return Err(ParseError::new(
                ParseErrorKind::Identifier,
                "64 hexadecimal digits, which clients take for an image ID,",
                0,
            ));
        }

        let name = familiar::split_docker_domain(text)?;
        let path_end = grammar::remote_name(text, name.path_start)?;
        let mut at = path_end;
        let tag = if text.as_bytes().get(at) == Some(&b':') {
            let end = grammar::tag(text, at + 1)?;
            let tag = &text[at + 1..end];
            at = end;
            Some(tag)
        } else {
            None
        };
        let digest = if text.as_bytes().get(at) == Some(&b'@') {
            let end = digest::digest(text, at + 1)?;
            let digest = &text[at + 1..end];
            at = end;
            Some(digest)
        } else {
            None
        };
        if at < text.len() {
            // The digest's scanner runs to the end by itself.
            let kind = if tag.is_some() { ParseErrorKind::TagCharacter } else { ParseErrorKind::PathCharacter };
            return Err(ParseError::unexpected(kind, text, at));
        }

        let path = name.library.add_to(&text[name.path_start..path_end]);
        if let Some(excess @ 1..) = path.len().checked_sub(PATH_MAX) {
            return Err(ParseError::wrong_length(ParseErrorKind::PathTooLong, path.len(), path_end - excess));
        }
        Ok(Self { written: text, domain: name.domain, path, tag, digest })
    }

    /// As it stands in the Pod.
    pub fn written(&self) -> &'a str {
        self.written
    }

    /// In canonical form: `docker.io` for `nginx`; case and port as written.
    pub fn domain(&self) -> &str {
        self.domain
    }

    /// In canonical form: `library/nginx` for `nginx`.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The tag as written; none is ever implied here.
    pub fn tag(&self) -> Option<&'a str> {
        self.tag
    }

    /// The digest with its algorithm, such as `sha256:…`.
    pub fn digest(&self) -> Option<&'a str> {
        self.digest
    }

    /// What a client would pull from the same place has the same comparison form.
    pub fn comparison(&self) -> ComparisonForm<'a> {
        ComparisonForm::of(self)
    }

    /// Why every policy refuses this name, although the grammar does not.
    pub fn never_allowed(&self) -> Option<NeverAllowed> {
        if self.written.len() > WRITTEN_MAX {
            Some(NeverAllowed::TooLong)
        } else if self.is_image_id() {
            Some(NeverAllowed::ImageId)
        } else if comparison::split_port(self.domain).1.is_some_and(|port| !comparison::is_usable_port(port)) {
            Some(NeverAllowed::Port)
        } else {
            None
        }
    }

    /// Nodes resolve `sha256:` and a few digits to an image that they hold, whoever pulled it.
    fn is_image_id(&self) -> bool {
        !self.written.contains('/')
            && self.written.split_once(':').is_some_and(|(before, _)| DigestAlgorithm::named(before).is_some())
    }
}

/// Writes the canonical form, `domain/path[:tag][@digest]`.
impl fmt::Display for Reference<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_parts(f, Some(self.domain), &self.path, self.tag, self.digest)
    }
}

/// The first component of a name or a path, and those behind its `/`.
pub fn split_component(name: &str) -> Option<(&str, &str)> {
    // Components are so short that a search by words would not begin before it ends.
    let slash = name.bytes().position(|byte| byte == b'/')?;
    Some((&name[..slash], &name[slash + 1..]))
}

/// Checks that the whole of `text` is one component of a path, such as `nvaie`.
pub fn check_path_component(text: &str) -> Result<(), ParseError> {
    whole(text, grammar::path_component(text, 0)?, ParseErrorKind::PathCharacter)
}

/// Checks that the whole of `text` is a tag.
pub fn check_tag(text: &str) -> Result<(), ParseError> {
    whole(text, grammar::tag(text, 0)?, ParseErrorKind::TagCharacter)
}

/// Checks that the whole of `text` is a digest, such as `sha256:` and 64 hexadecimal digits.
pub fn check_digest(text: &str) -> Result<(), ParseError> {
    digest::digest(text, 0).map(|_| ())
}

fn whole(text: &str, end: usize, kind: ParseErrorKind) -> Result<(), ParseError> {
    if end < text.len() { Err(ParseError::unexpected(kind, text, end)) } else { Ok(()) }
}

fn write_parts(
    f: &mut fmt::Formatter<'_>,
    domain: Option<&str>,
    path: &str,
    tag: Option<&str>,
    digest: Option<&str>,
) -> fmt::Result {
    if let Some(domain) = domain {
        write!(f, "{domain}/")?;
    }
    f.write_str(path)?;
    if let Some(tag) = tag {
        write!(f, ":{tag}")?;
    }
    if let Some(digest) = digest {
        write!(f, "@{digest}")?;
    }
    Ok(())
}
