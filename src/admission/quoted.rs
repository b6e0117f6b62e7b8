//! Strings of a JSON text, and their escapes.

use std::borrow::Cow;

use super::{
    plain::{Specials, plain_length},
    unreadable::{Expected, Fault, Problem},
};

/// A string, as it stands between its quotes.
#[derive(Clone, Copy, Debug)]
pub(super) enum Quoted<'b> {
    /// What stands there is its text.
    Plain(&'b [u8]),
    /// There is an escape in it.
    Escaped(&'b [u8]),
}

impl<'b> Quoted<'b> {
    /// The string whose first quote was just passed, and what is left past its last one.
    #[expect(clippy::inline_always, reason = "see `past_plain`")]
    #[inline(always)]
    pub(super) fn read(rest: &'b [u8], specials: &mut Specials<'b>) -> Result<(Self, &'b [u8]), Fault> {
        Self::ending(rest, specials.past_plain(rest), specials)
    }

    /// The same where it was seen already how far `rest` is plain: to where `special` is left.
    #[expect(clippy::inline_always, reason = "as above")]
    #[inline(always)]
    pub(super) fn ending(
        rest: &'b [u8],
        special: &'b [u8],
        specials: &mut Specials<'b>,
    ) -> Result<(Self, &'b [u8]), Fault> {
        let text = |after: &[u8]| &rest[..rest.len() - after.len() - 1];
        match special {
            [b'"', after @ ..] => Ok((Self::Plain(text(after)), after)),
            special => {
                let after = past_escaped(special, specials)?;
                Ok((Self::Escaped(text(after)), after))
            }
        }
    }

    /// Whether this is so of its text.
    #[inline]
    pub(super) fn has(self, property: impl Fn(&[u8]) -> bool) -> bool {
        match self {
            Self::Plain(plain) => property(plain),
            Self::Escaped(raw) => property(unescaped(raw).as_bytes()),
        }
    }

    /// Its text, with its escapes decoded.
    pub(super) fn text(self) -> Cow<'b, str> {
        match self {
            Self::Plain(text) => utf8(text),
            Self::Escaped(raw) => Cow::Owned(unescaped(raw)),
        }
    }

    /// Whether its text is this one.
    #[inline]
    pub(super) fn is(self, text: &str) -> bool {
        match self {
            Self::Plain(plain) => plain == text.as_bytes(),
            Self::Escaped(raw) => unescaped(raw) == text,
        }
    }

    /// The bytes of its text.
    pub(super) fn length(self) -> usize {
        match self {
            Self::Plain(plain) => plain.len(),
            Self::Escaped(raw) => unescaped(raw).len(),
        }
    }
}

/// Past the string whose first quote was just passed.
#[expect(clippy::inline_always, reason = "see `past_plain`")]
#[inline(always)]
pub(super) fn past_string<'b>(rest: &'b [u8], specials: &mut Specials<'b>) -> Result<&'b [u8], Fault> {
    match specials.past_plain(rest) {
        [b'"', after @ ..] => Ok(after),
        special => past_escaped(special, specials),
    }
}

/// A review is seen to be UTF-8 before it is read. The place of a byte that is none is looked for in
/// what comes before it.
fn utf8(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => String::from_utf8_lossy(bytes),
    }
}

/// From where the plain text at the beginning of a string ends to past its last quote. Apart, so
/// that plain strings, which nearly all are, cost no call.
#[inline(never)]
pub(super) fn past_escaped<'b>(mut rest: &'b [u8], specials: &mut Specials<'b>) -> Result<&'b [u8], Fault> {
    loop {
        rest = match rest {
            [b'"', after @ ..] => return Ok(after),
            // Nearly every escape is a quote, in the keys of `managedFields`.
            [b'\\', b'"', after @ ..] => specials.past_plain(after),
            [b'\\', ..] => specials.past_plain(escape(rest)?.1),
            [_, ..] => return Err(Fault::new(Problem::ControlCharacter, rest)),
            [] => return Err(Fault::expected(Expected::Quote, rest)),
        }
    }
}

/// A string's text, from what stands between its quotes and was seen to be well formed.
pub(super) fn unescaped(mut raw: &[u8]) -> String {
    let mut text = String::with_capacity(raw.len());
    loop {
        let (plain, rest) = raw.split_at(plain_length(raw));
        text.push_str(&utf8(plain));
        // There is none at the end.
        let Ok((character, after)) = escape(rest) else { return text };
        text.push(character);
        raw = after;
    }
}

/// What the escape here stands for. The two halves of a surrogate pair are one escape, and a half
/// alone is none.
fn escape(rest: &[u8]) -> Result<(char, &[u8]), Fault> {
    let Some(([_, letter], after)) = rest.split_first_chunk() else {
        return Err(Fault::expected(Expected::Escape, rest.get(1..).unwrap_or_default()));
    };
    let character = match letter {
        b'"' | b'\\' | b'/' => char::from(*letter),
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'u' => {
            let half = || Fault::new(Problem::LoneSurrogate, rest);
            return match hex4(after)? {
                (high @ 0xd800..=0xdbff, [b'\\', b'u', after @ ..]) => match hex4(after)? {
                    (low @ 0xdc00..=0xdfff, after) => {
                        let code = 0x1_0000 + ((high & 0x3ff) << 10 | (low & 0x3ff));
                        Ok((char::from_u32(code).ok_or_else(half)?, after))
                    }
                    _ => Err(half()),
                },
                // No character has the number of a half.
                (code, after) => Ok((char::from_u32(code).ok_or_else(half)?, after)),
            };
        }
        _ => return Err(Fault::expected(Expected::Escape, &rest[1..])),
    };
    Ok((character, after))
}

fn hex4(mut rest: &[u8]) -> Result<(u32, &[u8]), Fault> {
    let mut value = 0;
    for _ in 0..4 {
        let digit = rest.first().and_then(|byte| char::from(*byte).to_digit(16));
        value = value << 4 | digit.ok_or_else(|| Fault::expected(Expected::HexDigit, rest))?;
        rest = &rest[1..];
    }
    Ok((value, rest))
}
