//! The tokens of a JSON text but strings. Each function takes what is left of the text, and returns
//! what is left past the token: so one comparison says whether there is a byte, or a block of them.

use super::unreadable::{Expected, Fault, Problem};

/// Past whitespace.
#[inline]
pub(super) fn past_whitespace(rest: &[u8]) -> &[u8] {
    match rest {
        [0..=b' ', ..] => past_more_whitespace(rest),
        _ => rest,
    }
}

/// Cold: an API server writes none.
#[cold]
pub(super) fn past_more_whitespace(mut rest: &[u8]) -> &[u8] {
    while let [b' ' | b'\n' | b'\r' | b'\t', after @ ..] = rest {
        rest = after;
    }
    rest
}

/// Past the first quote of the key of a member.
#[inline]
pub(super) fn past_quote(rest: &[u8]) -> Result<&[u8], Fault> {
    match rest {
        [b'"', key @ ..] => Ok(key),
        _ => past_spaced(rest, b'"', Expected::Key),
    }
}

/// From the end of a member's key to its value.
#[inline]
pub(super) fn past_colon(rest: &[u8]) -> Result<&[u8], Fault> {
    match rest {
        [b':', value @ ..] => Ok(past_whitespace(value)),
        _ => past_spaced(rest, b':', Expected::Colon).map(past_whitespace),
    }
}

#[cold]
fn past_spaced(rest: &[u8], byte: u8, expected: Expected) -> Result<&[u8], Fault> {
    match past_more_whitespace(rest) {
        [first, after @ ..] if *first == byte => Ok(after),
        other => Err(Fault::expected(expected, other)),
    }
}

/// Past a number, `true`, `false` or `null`.
#[expect(clippy::inline_always, reason = "a call costs as much as most of them")]
#[inline(always)]
pub(super) fn past_scalar(rest: &[u8]) -> Result<&[u8], Fault> {
    match rest {
        [b'-' | b'0'..=b'9', ..] => past_number(rest),
        [b't', ..] => past_literal(rest, "true"),
        [b'f', ..] => past_literal(rest, "false"),
        [b'n', ..] => past_literal(rest, "null"),
        _ => Err(Fault::expected(Expected::Value, rest)),
    }
}

/// Past `true`, `false` or `null`.
#[inline]
pub(super) fn past_literal<'b>(rest: &'b [u8], literal: &str) -> Result<&'b [u8], Fault> {
    rest.strip_prefix(literal.as_bytes()).ok_or_else(|| Fault::expected(Expected::Value, rest))
}

/// Past a number.
#[inline]
fn past_number(rest: &[u8]) -> Result<&[u8], Fault> {
    let unsigned = rest.strip_prefix(b"-").unwrap_or(rest);
    let after = match unsigned {
        [b'0', after @ ..] => after,
        _ => past_digits(unsigned)?,
    };
    let is_whole = !matches!(after, [b'.' | b'e' | b'E', ..]);
    if is_whole && rest.len() - after.len() <= LONG { Ok(after) } else { past_fraction(rest, after) }
}

/// No number with fewer bytes and no exponent is out of range.
const LONG: usize = 300;

/// Past the rest of a number behind its whole digits. One that no `f64` can hold is refused, as
/// `serde_json` does.
#[cold]
fn past_fraction<'b>(number: &'b [u8], mut after: &'b [u8]) -> Result<&'b [u8], Fault> {
    if let [b'.', fraction @ ..] = after {
        after = past_digits(fraction)?;
    }
    let has_exponent = matches!(after, [b'e' | b'E', ..]);
    if let [b'e' | b'E', b'+' | b'-', exponent @ ..] | [b'e' | b'E', exponent @ ..] = after {
        after = past_digits(exponent)?;
    }
    let length = number.len() - after.len();
    if (has_exponent || length > LONG) && !is_in_range(&number[..length]) {
        return Err(Fault::new(Problem::NumberOutOfRange, number));
    }
    Ok(after)
}

fn is_in_range(number: &[u8]) -> bool {
    std::str::from_utf8(number).is_ok_and(|number| number.parse().is_ok_and(f64::is_finite))
}

/// Past one digit or more.
fn past_digits(rest: &[u8]) -> Result<&[u8], Fault> {
    let mut after = rest;
    while let [b'0'..=b'9', more @ ..] = after {
        after = more;
    }
    if after.len() == rest.len() { Err(Fault::expected(Expected::Digit, rest)) } else { Ok(after) }
}
