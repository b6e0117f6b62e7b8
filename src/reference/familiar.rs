//! Familiar names: which part of a name is its domain, and what Docker Hub's names leave out.
//!
//! The rules are `splitDockerDomain`'s of distribution's `normalize.go`, v0.6.0.

use std::borrow::Cow;

use super::error::{ParseError, ParseErrorKind};
use super::{grammar, split_component};

/// Docker Hub's canonical domain, `defaultDomain`.
pub(super) const DOCKER_IO: &str = "docker.io";

/// The name that Docker Hub once had, `legacyDefaultDomain`.
pub(super) const INDEX_DOCKER_IO: &str = "index.docker.io";

/// The one host name without a dot or a port that is always a domain.
const LOCALHOST: &str = "localhost";

/// The namespace of Docker Hub's official images, `officialRepoPrefix`.
const LIBRARY: &str = "library/";

/// A name's domain in canonical form, and where its path begins in the written text.
pub(super) struct Split<'a> {
    pub(super) domain: &'a str,
    pub(super) path_start: usize,
    pub(super) library: Library,
}

/// Whether the canonical path has a `library/` that the written one leaves out.
#[derive(Clone, Copy)]
pub(super) enum Library {
    Implied,
    AsWritten,
}

impl Library {
    /// One component on Docker Hub is an official image.
    pub(super) fn of(domain: &str, path: &str) -> Self {
        if domain == DOCKER_IO && !path.contains('/') { Self::Implied } else { Self::AsWritten }
    }

    pub(super) fn add_to(self, path: &str) -> Cow<'_, str> {
        match self {
            Self::Implied => Cow::Owned([LIBRARY, path].concat()),
            Self::AsWritten => Cow::Borrowed(path),
        }
    }
}

/// A name as a person would write it, in the parts before its tag: what may be left out of Docker Hub's is left out.
pub(super) fn shorten<'n>(domain: &'n str, path: &'n str) -> (Option<&'n str>, &'n str) {
    if domain != DOCKER_IO {
        return (Some(domain), path);
    }
    let official = path.strip_prefix(LIBRARY).filter(|name| !name.contains('/'));
    (None, official.unwrap_or(path))
}

/// Finds the domain of a name that may leave it out, and holds what is there to the grammar.
pub(super) fn split_docker_domain(name: &str) -> Result<Split<'_>, ParseError> {
    // `nginx`, and `localhost:5000` too: without a `/` all is name and tag.
    let Some((first, rest)) = split_component(name) else {
        return Ok(Split { domain: DOCKER_IO, path_start: 0, library: Library::Implied });
    };
    let (domain, path_start) = match first {
        // The legacy name of Docker Hub becomes the canonical one.
        INDEX_DOCKER_IO => (DOCKER_IO, first.len() + 1),
        // `localhost`, a `.`, a `:`, or an upper-case letter, which no path may have.
        _ if is_taken_for_domain(first) => {
            let end = grammar::domain(name, 0)?;
            if end != first.len() {
                return Err(ParseError::unexpected(ParseErrorKind::DomainCharacter, name, end));
            }
            (first, first.len() + 1)
        }
        // Anything else is the first component of a path on Docker Hub.
        _ => {
            return Ok(Split { domain: DOCKER_IO, path_start: 0, library: Library::AsWritten });
        }
    };
    Ok(Split { domain, path_start, library: Library::of(domain, rest) })
}

/// Whether a client takes the first of several components for a domain.
///
/// The Go package looks for upper case beyond ASCII too, but neither a domain nor a path may
/// hold that, so the outcome is the same.
pub(super) fn is_taken_for_domain(first: &str) -> bool {
    first == LOCALHOST || first.bytes().any(|b| matches!(b, b'.' | b':') || b.is_ascii_uppercase())
}
