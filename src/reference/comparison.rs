//! The comparison form: what a client would pull from the same place has the same name.

use std::borrow::Cow;
use std::fmt::{self, Write as _};
use std::net::Ipv6Addr;

use super::error::{ParseError, ParseErrorKind};
use super::familiar::{self, DOCKER_IO, INDEX_DOCKER_IO, Library};
use super::{Reference, grammar, write_parts};

/// The port of a domain that names none: registries are asked over HTTPS.
const DEFAULT_PORT: &str = "443";

/// The form that security compares. Its domain is in comparison form, `library/` is written out.
///
/// A form brought into this form again is itself. Its text parses to the same form wherever the
/// domain has a `.` or a port or is `localhost`, and the path is within 255 bytes. It does not
/// for `Foo/x` or `host:443/x`, whose domains fold to a bare `foo` and `host` that a parser
/// takes for a path on Docker Hub, nor for `Docker.io/` and more than 247 bytes, which
/// `library/` makes too long. Two texts are equal if and only if the forms are.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ComparisonForm<'a> {
    domain: Cow<'a, str>,
    path: Cow<'a, str>,
    tag: Option<&'a str>,
    digest: Option<&'a str>,
}

impl<'a> ComparisonForm<'a> {
    pub(super) fn of(reference: &Reference<'a>) -> Self {
        let domain = fold_domain(reference.domain);
        let path = match Library::of(&domain, &reference.path) {
            implied @ Library::Implied => Cow::Owned(implied.add_to(&reference.path).into_owned()),
            Library::AsWritten => reference.path.clone(),
        };
        Self { domain, path, tag: reference.tag, digest: reference.digest }
    }

    /// In comparison form: `docker.io` for `INDEX.docker.io:0443`.
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// In canonical form: `library/nginx` for `nginx`.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The tag as written.
    pub fn tag(&self) -> Option<&'a str> {
        self.tag
    }

    /// The digest with its algorithm, such as `sha256:…`.
    pub fn digest(&self) -> Option<&'a str> {
        self.digest
    }

    /// The tag a client would ask for: the one written, or `latest` where there is neither tag nor digest.
    pub fn pulled_tag(&self) -> Option<&'a str> {
        match (self.tag, self.digest) {
            (None, None) => Some("latest"),
            (tag, _) => tag,
        }
    }

    /// The familiar name: `nginx:1` for `docker.io/library/nginx:1`.
    pub fn familiar(&self) -> impl fmt::Display {
        let (domain, path) = familiar::shorten(&self.domain, &self.path);
        fmt::from_fn(move |f| write_parts(f, domain, path, self.tag, self.digest))
    }

    /// The same tag and digest at `path` on another registry, by that registry's familiar-name
    /// rules (one component on docker.io gets `library/`).
    ///
    /// `path` is whole components of a parsed path. The result may be longer than 255 bytes.
    #[must_use]
    pub fn at(&self, registry: &Domain, path: &str) -> ComparisonForm<'a> {
        debug_assert_eq!(grammar::remote_name(path, 0), Ok(path.len()), "{path}");
        ComparisonForm {
            domain: Cow::Owned(registry.0.clone()),
            path: Cow::Owned(Library::of(&registry.0, path).add_to(path).into_owned()),
            tag: self.tag,
            digest: self.digest,
        }
    }
}

/// Writes `domain/path[:tag][@digest]`; no `latest` is added.
impl fmt::Display for ComparisonForm<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_parts(f, Some(&self.domain), &self.path, self.tag, self.digest)
    }
}

/// A registry's host name, with its port if it has one, in comparison form.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Domain(String);

impl Domain {
    /// Reads a domain as a policy writes it. It must be one that every client takes for a domain.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        let end = grammar::domain(text, 0)?;
        if end < text.len() {
            let kind = match text.as_bytes()[end] {
                b'/' => ParseErrorKind::DomainWithPath,
                _ => ParseErrorKind::DomainCharacter,
            };
            return Err(ParseError::unexpected(kind, text, end));
        }
        if !familiar::is_taken_for_domain(text) {
            return Err(ParseError::new(ParseErrorKind::DomainTakenForPath, "a bare host name", 0));
        }
        if let (host, Some(port)) = split_port(text)
            && !is_usable_port(port)
        {
            return Err(ParseError::new(ParseErrorKind::PortRange, "another number", host.len() + 1));
        }
        Ok(Self(fold_domain(text).into_owned()))
    }

    /// The comparison form as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Divides a domain of the grammar at its port, which is returned as written.
pub fn split_port(domain: &str) -> (&str, Option<&str>) {
    match domain.bytes().rposition(|byte| byte == b':') {
        // The last `:` of `[::1]` belongs to the address.
        Some(colon) if !domain.ends_with(']') => (&domain[..colon], Some(&domain[colon + 1..])),
        _ => (domain, None),
    }
}

/// Whether a run of digits, of any length, is a port that a client can connect to.
pub(super) fn is_usable_port(digits: &str) -> bool {
    digits.parse::<u16>().is_ok_and(|port| port > 0)
}

/// The comparison form of a domain of the grammar, borrowed where it is in that form already.
pub(super) fn fold_domain(domain: &str) -> Cow<'_, str> {
    let (host, port) = split_port(domain);
    let folded = fold_host(host);
    match port.map(without_leading_zeros).filter(|port| *port != DEFAULT_PORT) {
        None => match &*folded {
            INDEX_DOCKER_IO | "registry-1.docker.io" | "registry.hub.docker.com" => Cow::Borrowed(DOCKER_IO),
            _ => folded,
        },
        Some(port) if folded == host && host.len() + 1 + port.len() == domain.len() => Cow::Borrowed(domain),
        Some(port) => Cow::Owned(format!("{folded}:{port}")),
    }
}

/// Lower case, and an IPv6 address by value; brackets around something else stay as they are.
fn fold_host(host: &str) -> Cow<'_, str> {
    let address = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')?.parse().ok());
    let folded = match address {
        Some(address) => ipv6_text(address),
        None if host.bytes().any(|b| b.is_ascii_uppercase()) => host.to_ascii_lowercase(),
        None => return Cow::Borrowed(host),
    };
    if folded == host { Cow::Borrowed(host) } else { Cow::Owned(folded) }
}

/// As text and not as a number: the grammar does not limit a port's length.
fn without_leading_zeros(digits: &str) -> &str {
    match digits.trim_start_matches('0') {
        "" => "0",
        number => number,
    }
}

/// The address in brackets as RFC 5952 section 4 has it, yet never with the dots of an IPv4
/// address in it (section 5, and `Ipv6Addr`'s `Display`), which the grammar refuses.
fn ipv6_text(address: Ipv6Addr) -> String {
    let segments = address.segments();
    let zeros = longest_zero_run(segments);
    let mut text = String::from("[");
    for (i, segment) in segments.iter().enumerate() {
        if zeros.contains(&i) {
            if i == zeros.start {
                text.push_str("::");
            }
            continue;
        }
        if i > 0 && i != zeros.end {
            text.push(':');
        }
        // Writing to a String can't fail.
        let _ = write!(text, "{segment:x}");
    }
    text.push(']');
    text
}

/// The first of the longest runs of two zeros or more; empty at 0 where there is none.
fn longest_zero_run(segments: [u16; 8]) -> std::ops::Range<usize> {
    let mut longest = 0..0;
    let mut start = 0;
    for (i, segment) in segments.iter().enumerate() {
        if *segment != 0 {
            start = i + 1;
        } else if i + 1 - start > longest.len().max(1) {
            longest = start..i + 1;
        }
    }
    longest
}
