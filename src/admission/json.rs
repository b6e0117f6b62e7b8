//! A forward reader of JSON text (RFC 8259): it accepts what `serde_json` accepts, builds nothing
//! and never recurses.

use std::borrow::Cow;

use super::{
    plain::Specials,
    quoted::Quoted,
    scan::{past_colon, past_literal, past_quote, past_whitespace},
    skip::{DEPTH_MAX, Unwatched, Watch, past_value},
    unreadable::{Expected, Fault},
};

/// A place in a JSON text, and the calls that move it forward.
pub(super) struct Cursor<'b> {
    /// What is left of the text.
    rest: &'b [u8],
    next: Next,
    specials: Specials<'b>,
}

/// What the next member or element of the open container needs before it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    Nothing,
    Comma,
}

/// What opening a container came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Open {
    /// Its members or elements come next.
    Entered,
    /// There was `null` in its place.
    Null,
}

/// A key of an object.
#[derive(Clone, Copy)]
pub(super) struct Key<'b> {
    pub(super) name: Quoted<'b>,
    /// Bytes from its first quote to the end of the text.
    pub(super) left: usize,
}

impl<'b> Cursor<'b> {
    /// Starts before a value, with what is left of a text.
    pub(super) fn new(rest: &'b [u8]) -> Self {
        Self { rest, next: Next::Nothing, specials: Specials::new() }
    }

    /// What is left from the next value on.
    pub(super) fn value(&mut self) -> &'b [u8] {
        self.rest = past_whitespace(self.rest);
        self.rest
    }

    /// Goes into an object, or past `null`.
    pub(super) fn open_object(&mut self) -> Result<Open, Fault> {
        self.open(b'{', Expected::ObjectOrNull)
    }

    /// Goes into an array, or past `null`.
    pub(super) fn open_array(&mut self) -> Result<Open, Fault> {
        self.open(b'[', Expected::ArrayOrNull)
    }

    fn open(&mut self, bracket: u8, expected: Expected) -> Result<Open, Fault> {
        match self.value() {
            [first, inside @ ..] if *first == bracket => {
                self.rest = inside;
                self.next = Next::Nothing;
                Ok(Open::Entered)
            }
            [b'n', ..] => self.literal("null").map(|()| Open::Null),
            other => Err(Fault::expected(expected, other)),
        }
    }

    /// The next key of the open object; `None` past the object's end.
    #[expect(clippy::inline_always, reason = "see `past_plain`")]
    #[inline(always)]
    pub(super) fn key(&mut self) -> Result<Option<Key<'b>>, Fault> {
        let name = match (self.next, self.rest) {
            (Next::Comma, [b',', b'"', name @ ..]) => name,
            _ => match self.key_quote()? {
                Some(name) => name,
                None => return Ok(None),
            },
        };
        self.next = Next::Comma;
        let left = name.len() + 1;
        let (name, after) = Quoted::read(name, &mut self.specials)?;
        self.rest = past_colon(after)?;
        Ok(Some(Key { name, left }))
    }

    /// Past the first quote of the next key; `None` past the object's end.
    fn key_quote(&mut self) -> Result<Option<&'b [u8]>, Fault> {
        match (self.value(), self.next) {
            // After a comma there is a key: `{"a":1,}` is none.
            ([b'}', after @ ..], _) => {
                self.rest = after;
                self.next = Next::Comma;
                Ok(None)
            }
            ([b',', after @ ..], Next::Comma) => past_quote(after).map(Some),
            (other, Next::Comma) => Err(Fault::expected(Expected::CommaOrBrace, other)),
            (other, Next::Nothing) => past_quote(other).map(Some),
        }
    }

    /// Goes to the next element of the open array; `false` past the array's end.
    pub(super) fn element(&mut self) -> Result<bool, Fault> {
        match (self.value(), self.next) {
            ([b']', after @ ..], _) => {
                self.rest = after;
                self.next = Next::Comma;
                return Ok(false);
            }
            // What follows is read as a value, so that `[1,]` fails there.
            ([b',', after @ ..], Next::Comma) => self.rest = after,
            (other, Next::Comma) => return Err(Fault::expected(Expected::CommaOrBracket, other)),
            (_, Next::Nothing) => {}
        }
        self.next = Next::Comma;
        Ok(true)
    }

    /// A string, its escapes decoded; `None` for `null`.
    pub(super) fn string(&mut self) -> Result<Option<Cow<'b, str>>, Fault> {
        Ok(self.quoted()?.map(Quoted::text))
    }

    /// A string as it stands between its quotes; `None` for `null`.
    #[inline]
    pub(super) fn quoted(&mut self) -> Result<Option<Quoted<'b>>, Fault> {
        match self.value() {
            [b'"', text @ ..] => {
                let (quoted, after) = Quoted::read(text, &mut self.specials)?;
                self.rest = after;
                Ok(Some(quoted))
            }
            [b'n', ..] => self.literal("null").map(|()| None),
            other => Err(Fault::expected(Expected::StringOrNull, other)),
        }
    }

    /// `true` or `false`; `None` for `null`.
    pub(super) fn boolean(&mut self) -> Result<Option<bool>, Fault> {
        match self.value() {
            [b't', ..] => self.literal("true").map(|()| Some(true)),
            [b'f', ..] => self.literal("false").map(|()| Some(false)),
            [b'n', ..] => self.literal("null").map(|()| None),
            other => Err(Fault::expected(Expected::BooleanOrNull, other)),
        }
    }

    /// Goes past a value of any kind.
    pub(super) fn skip(&mut self) -> Result<(), Fault> {
        self.skip_watched(&mut Unwatched)
    }

    /// Goes past a value of any kind, and tells of the members in it.
    pub(super) fn skip_watched(&mut self, watch: &mut impl Watch<'b>) -> Result<(), Fault> {
        self.rest = past_value(self.value(), DEPTH_MAX, &mut self.specials, watch)?;
        Ok(())
    }

    /// Sees that nothing follows.
    pub(super) fn finish(mut self) -> Result<(), Fault> {
        match self.value() {
            [] => Ok(()),
            other => Err(Fault::expected(Expected::End, other)),
        }
    }

    fn literal(&mut self, literal: &str) -> Result<(), Fault> {
        self.rest = past_literal(self.rest, literal)?;
        Ok(())
    }
}
