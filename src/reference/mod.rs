//! Image references: the grammar and the two forms of a name. Depends on nothing.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]
#![allow(unused_variables, dead_code, missing_docs)] // skeleton only

use std::{borrow::Cow, fmt};

/// An image reference, parsed by the rules of distribution's `reference.ParseNormalizedNamed`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference<'a> { written: &'a str, domain: Cow<'a, str>, path: Cow<'a, str>, tag: Option<&'a str>, digest: Option<&'a str> }

impl<'a> Reference<'a> {
    pub fn parse(text: &'a str) -> Result<Self, ParseError> { unimplemented!() }
    /// As it stands in the Pod.
    pub fn written(&self) -> &'a str { self.written }
    /// Canonical: `docker.io` for `nginx`; case and port as written.
    pub fn domain(&self) -> &str { &self.domain }
    /// Canonical: `library/nginx` for `nginx`.
    pub fn path(&self) -> &str { &self.path }
    pub fn tag(&self) -> Option<&'a str> { self.tag }
    pub fn digest(&self) -> Option<&'a str> { self.digest }
    /// What a client would pull from the same place has the same comparison form.
    pub fn comparison(&self) -> ComparisonForm<'a> { unimplemented!() }
    /// Legal by the grammar, and yet refused by every policy.
    pub fn never_allowed(&self) -> Option<NeverAllowed> { unimplemented!() }
}
/// Canonical form: `domain/path[:tag][@digest]`.
impl fmt::Display for Reference<'_> { fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { unimplemented!() } }

/// The form that security compares. Its domain is in comparison form, `library/` is written out.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ComparisonForm<'a> { domain: Cow<'a, str>, path: Cow<'a, str>, tag: Option<&'a str>, digest: Option<&'a str> }
impl<'a> ComparisonForm<'a> {
    pub fn domain(&self) -> &str { &self.domain }
    pub fn path(&self) -> &str { &self.path }
    pub fn tag(&self) -> Option<&'a str> { self.tag }
    pub fn digest(&self) -> Option<&'a str> { self.digest }
    /// The tag a client would ask for: the one written, or `latest` where there is neither tag nor digest.
    pub fn pulled_tag(&self) -> Option<&'a str> { unimplemented!() }
    /// The same tag and digest at `path` on another registry, by that registry's familiar-name
    /// rules (one component on docker.io gets `library/`).
    pub fn at(&self, registry: &Domain, path: &str) -> ComparisonForm<'a> { unimplemented!() }
}
/// `domain/path[:tag][@digest]`, no `latest` added.
impl fmt::Display for ComparisonForm<'_> { fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { unimplemented!() } }

/// A registry's host name, with its port if it has one, in comparison form.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Domain(String);
impl Domain {
    /// Reads a domain as a policy writes it. It must be one that every client takes for a domain.
    pub fn parse(text: &str) -> Result<Self, ParseError> { unimplemented!() }
    pub fn as_str(&self) -> &str { &self.0 }
}

pub struct ParseError; // kind + byte offset
pub enum NeverAllowed { ImageId, Port, TooLong }

/// One component of a path (`nvaie`). For readers of patterns.
pub fn check_path_component(text: &str) -> Result<(), ParseError> { unimplemented!() }
pub fn check_tag(text: &str) -> Result<(), ParseError> { unimplemented!() }
pub fn check_digest(text: &str) -> Result<(), ParseError> { unimplemented!() }
