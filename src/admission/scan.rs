//! Where the tokens of a JSON text end. Each function takes the bytes and a place in them.

use std::borrow::Cow;

use super::{
    plain::plain_end,
    unreadable::{Expected, Fault, Problem},
};

/// The first byte that is no whitespace.
#[inline]
pub(super) fn past_whitespace(bytes: &[u8], at: usize) -> usize {
    match bytes.get(at) {
        Some(b' ' | b'\n' | b'\r' | b'\t') => past_more_whitespace(bytes, at + 1),
        _ => at,
    }
}

/// Cold: an API server writes none.
#[cold]
fn past_more_whitespace(bytes: &[u8], mut at: usize) -> usize {
    while let Some(b' ' | b'\n' | b'\r' | b'\t') = bytes.get(at) {
        at += 1;
    }
    at
}

/// Where the value of a member begins whose key ended before `at`.
#[inline]
pub(super) fn past_colon(bytes: &[u8], at: usize) -> Result<usize, Fault> {
    match bytes.get(at..).and_then(|rest| rest.first_chunk()) {
        Some([b':', value]) if *value > b' ' => Ok(at + 1),
        _ => past_spaced_colon(bytes, at),
    }
}

/// Cold: an API server writes no whitespace.
#[cold]
fn past_spaced_colon(bytes: &[u8], at: usize) -> Result<usize, Fault> {
    let at = past_whitespace(bytes, at);
    match bytes.get(at) {
        Some(b':') => Ok(past_whitespace(bytes, at + 1)),
        _ => Err(Fault::expected(Expected::Colon, at)),
    }
}

/// The end of `true`, `false` or `null` at `at`.
pub(super) fn literal_end(bytes: &[u8], at: usize, literal: &str) -> Result<usize, Fault> {
    if bytes[at..].starts_with(literal.as_bytes()) {
        Ok(at + literal.len())
    } else {
        Err(Fault::expected(Expected::Value, at))
    }
}

/// A string, as it stands between its quotes.
#[derive(Clone, Copy, Debug)]
pub(super) enum Quoted<'b> {
    /// What stands there is its text.
    Plain(&'b str),
    /// There is an escape in it.
    Escaped(&'b str),
}

impl<'b> Quoted<'b> {
    /// The string whose text begins at `at`, and where its closing quote stands.
    #[expect(clippy::inline_always, reason = "see `plain_end`")]
    #[inline(always)]
    pub(super) fn read(text: &'b str, at: usize) -> Result<(Self, usize), Fault> {
        let bytes = text.as_bytes();
        let plain = plain_end(bytes, at);
        if bytes.get(plain) == Some(&b'"') {
            return Ok((Self::Plain(&text[at..plain]), plain));
        }
        let end = escaped_end(bytes, plain)?;
        Ok((Self::Escaped(&text[at..end]), end))
    }

    /// Its text, with its escapes decoded.
    #[inline]
    pub(super) fn text(self) -> Cow<'b, str> {
        match self {
            Self::Plain(text) => Cow::Borrowed(text),
            Self::Escaped(raw) => Cow::Owned(unescaped(raw)),
        }
    }
}

/// The closing quote of a string whose text begins at `at`.
#[expect(clippy::inline_always, reason = "see `plain_end`")]
#[inline(always)]
pub(super) fn string_end(bytes: &[u8], at: usize) -> Result<usize, Fault> {
    let plain = plain_end(bytes, at);
    if bytes.get(plain) == Some(&b'"') { Ok(plain) } else { escaped_end(bytes, plain) }
}

/// The same from `at`, where the plain text at its beginning ends. Apart, so that plain strings,
/// which nearly all are, cost no call.
#[inline(never)]
fn escaped_end(bytes: &[u8], mut at: usize) -> Result<usize, Fault> {
    loop {
        match bytes.get(at) {
            Some(b'"') => return Ok(at),
            Some(b'\\') => at = plain_end(bytes, escape_end(bytes, at)?),
            Some(_) => return Err(Fault { problem: Problem::ControlCharacter, at }),
            None => return Err(Fault::expected(Expected::Quote, at)),
        }
    }
}

/// The end of the escape at `at`. The two halves of a surrogate pair are one escape, and a half
/// alone is none.
fn escape_end(bytes: &[u8], at: usize) -> Result<usize, Fault> {
    match bytes.get(at + 1) {
        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Ok(at + 2),
        Some(b'u') => match hex4(bytes, at + 2)? {
            0xd800..=0xdbff => match (bytes.get(at + 6), bytes.get(at + 7)) {
                (Some(b'\\'), Some(b'u')) if matches!(hex4(bytes, at + 8)?, 0xdc00..=0xdfff) => Ok(at + 12),
                _ => Err(Fault { problem: Problem::LoneSurrogate, at }),
            },
            0xdc00..=0xdfff => Err(Fault { problem: Problem::LoneSurrogate, at }),
            _ => Ok(at + 6),
        },
        _ => Err(Fault::expected(Expected::Escape, at + 1)),
    }
}

fn hex4(bytes: &[u8], at: usize) -> Result<u32, Fault> {
    let mut value = 0;
    for at in at..at + 4 {
        let digit = bytes.get(at).and_then(|byte| char::from(*byte).to_digit(16));
        value = value << 4 | digit.ok_or(Fault::expected(Expected::HexDigit, at))?;
    }
    Ok(value)
}

/// A string's text, from what stands between its quotes and was seen to be well formed.
fn unescaped(raw: &str) -> String {
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = memchr::memchr(b'\\', rest.as_bytes()) {
        text.push_str(&rest[..at]);
        let (character, length) = escape(&rest.as_bytes()[at..]);
        text.push(character);
        rest = &rest[at + length..];
    }
    text.push_str(rest);
    text
}

/// What a well-formed escape stands for, and its length in bytes.
fn escape(bytes: &[u8]) -> (char, usize) {
    let unit = |at| hex4(bytes, at).unwrap_or_default();
    match bytes.get(1) {
        Some(b'b') => ('\u{8}', 2),
        Some(b'f') => ('\u{c}', 2),
        Some(b'n') => ('\n', 2),
        Some(b'r') => ('\r', 2),
        Some(b't') => ('\t', 2),
        Some(b'u') => match unit(2) {
            high @ 0xd800..=0xdbff => {
                let low = unit(8) & 0x3ff;
                (char::from_u32(0x1_0000 + ((high & 0x3ff) << 10 | low)).unwrap_or_default(), 12)
            }
            other => (char::from_u32(other).unwrap_or_default(), 6),
        },
        other => (other.copied().map_or('\\', char::from), 2),
    }
}

/// The end of the number at `at`. One that no `f64` can hold is refused, as `serde_json` does.
pub(super) fn number_end(text: &str, at: usize) -> Result<usize, Fault> {
    /// No number with fewer bytes and no exponent is out of range.
    const LONG: usize = 300;
    let bytes = text.as_bytes();
    let mut end = at;
    if bytes.get(end) == Some(&b'-') {
        end += 1;
    }
    end = match bytes.get(end) {
        Some(b'0') => end + 1,
        _ => digits_end(bytes, end)?,
    };
    if bytes.get(end) == Some(&b'.') {
        end = digits_end(bytes, end + 1)?;
    }
    let has_exponent = matches!(bytes.get(end), Some(b'e' | b'E'));
    if has_exponent {
        end += 1;
        if let Some(b'+' | b'-') = bytes.get(end) {
            end += 1;
        }
        end = digits_end(bytes, end)?;
    }
    if (has_exponent || end - at > LONG) && !text[at..end].parse().is_ok_and(f64::is_finite) {
        return Err(Fault { problem: Problem::NumberOutOfRange, at });
    }
    Ok(end)
}

/// Past one digit or more.
fn digits_end(bytes: &[u8], at: usize) -> Result<usize, Fault> {
    let mut end = at;
    while let Some(b'0'..=b'9') = bytes.get(end) {
        end += 1;
    }
    if end == at { Err(Fault::expected(Expected::Digit, at)) } else { Ok(end) }
}
