//! One scanner for each production of the grammar, in the order of the grammar.
//!
//! A scanner takes the text and the byte offset where its production begins, and returns the
//! offset where it ends. All that it steps over is ASCII, so offsets are always between two
//! characters. What follows is its caller's business, save where the production can't stop there.

use super::error::{ParseError, ParseErrorKind};

/// The longest tag in bytes.
const TAG_MAX: usize = 128;

pub(super) fn domain(text: &str, at: usize) -> Result<usize, ParseError> {
    let end = host(text, at)?;
    if byte(text, end) == Some(b':') { port_number(text, end + 1) } else { Ok(end) }
}

fn host(text: &str, at: usize) -> Result<usize, ParseError> {
    if byte(text, at) == Some(b'[') { ipv6_address(text, at + 1) } else { domain_name(text, at) }
}

fn domain_name(text: &str, at: usize) -> Result<usize, ParseError> {
    let mut end = domain_component(text, at)?;
    while byte(text, end) == Some(b'.') {
        end = domain_component(text, end + 1)?;
    }
    Ok(end)
}

fn domain_component(text: &str, at: usize) -> Result<usize, ParseError> {
    let mut at = at;
    loop {
        let end = run(text, at, |b| b.is_ascii_alphanumeric());
        if end == at {
            return Err(ParseError::unexpected(ParseErrorKind::DomainComponent, text, at));
        }
        at = run(text, end, |b| b == b'-');
        if at == end {
            return Ok(end);
        }
    }
}

/// Any run of digits and colons, as the Go package has it: whether it is an address is asked
/// where it matters, in the comparison form.
fn ipv6_address(text: &str, at: usize) -> Result<usize, ParseError> {
    let end = run(text, at, |b| b.is_ascii_hexdigit() || b == b':');
    if end > at && byte(text, end) == Some(b']') {
        Ok(end + 1)
    } else {
        Err(ParseError::unexpected(ParseErrorKind::Ipv6Address, text, end))
    }
}

fn port_number(text: &str, at: usize) -> Result<usize, ParseError> {
    let end = run(text, at, |b| b.is_ascii_digit());
    if end > at {
        Ok(end)
    } else if text[at..].starts_with("//") {
        Err(ParseError::new(ParseErrorKind::Scheme, "`://`", at - 1))
    } else {
        Err(ParseError::unexpected(ParseErrorKind::PortNumber, text, at))
    }
}

pub(super) fn remote_name(text: &str, at: usize) -> Result<usize, ParseError> {
    let mut end = path_component(text, at)?;
    while byte(text, end) == Some(b'/') {
        end = path_component(text, end + 1)?;
    }
    Ok(end)
}

pub(super) fn path_component(text: &str, at: usize) -> Result<usize, ParseError> {
    let mut end = alpha_numeric(text, at, ParseErrorKind::PathComponent)?;
    loop {
        let after = separator(text, end);
        if after == end {
            return Ok(end);
        }
        end = alpha_numeric(text, after, ParseErrorKind::PathSeparator)?;
    }
}

fn alpha_numeric(text: &str, at: usize, kind: ParseErrorKind) -> Result<usize, ParseError> {
    let end = run(text, at, |b| b.is_ascii_lowercase() || b.is_ascii_digit());
    match byte(text, end) {
        Some(b'A'..=b'Z') => Err(ParseError::unexpected(ParseErrorKind::PathUpperCase, text, end)),
        _ if end == at => Err(ParseError::unexpected(kind, text, at)),
        _ => Ok(end),
    }
}

/// The end of a separator at `at`; `at` itself where there is none.
fn separator(text: &str, at: usize) -> usize {
    match (byte(text, at), byte(text, at + 1)) {
        (Some(b'_'), Some(b'_')) => at + 2,
        (Some(b'_' | b'.'), _) => at + 1,
        _ => run(text, at, |b| b == b'-'),
    }
}

pub(super) fn tag(text: &str, at: usize) -> Result<usize, ParseError> {
    let first = run(text, at, |b| b.is_ascii_alphanumeric() || b == b'_');
    if first == at {
        return Err(ParseError::unexpected(ParseErrorKind::TagStart, text, at));
    }
    let end = run(text, first, |b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-'));
    if end - at > TAG_MAX {
        return Err(ParseError::wrong_length(ParseErrorKind::TagTooLong, end - at, at + TAG_MAX));
    }
    Ok(end)
}

pub(super) fn is_identifier(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(is_hex)
}

pub(super) fn is_hex(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'a'..=b'f')
}

/// The end of the longest run from `at` of bytes that `belongs` takes.
pub(super) fn run(text: &str, at: usize, belongs: impl Fn(u8) -> bool) -> usize {
    let bytes = text.as_bytes();
    let mut end = at;
    while end < bytes.len() && belongs(bytes[end]) {
        end += 1;
    }
    end
}

fn byte(text: &str, at: usize) -> Option<u8> {
    text.as_bytes().get(at).copied()
}
