//! A forward reader of JSON text (RFC 8259): it accepts what `serde_json` accepts, builds nothing
//! and never recurses.

use std::borrow::Cow;

use super::{
    scan::{Quoted, literal_end, number_end, past_colon, past_whitespace, string_end},
    unreadable::{Expected, Fault, Problem},
};

/// A place in a JSON text, and the calls that move it forward.
pub(super) struct Cursor<'b> {
    text: &'b str,
    at: usize,
    next: Next,
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
pub(super) struct Key<'b> {
    /// The key, its escapes decoded.
    pub(super) name: Cow<'b, str>,
    /// Where its first quote stands.
    pub(super) at: usize,
}

/// A member of an object that is skipped.
pub(super) struct Skipped<'b> {
    pub(super) key: Quoted<'b>,
    /// Where its value begins.
    pub(super) value_at: usize,
    /// Whether its value is a string.
    pub(super) is_string: bool,
}

/// What a watcher wants to see below a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Below {
    /// Every member.
    Watch,
    /// None: what is below is only checked.
    Ignore,
}

/// How deep a skipped value may nest; the API server's own reader has the same limit
/// (`maxNestingDepth` in Go's encoding/json).
pub(super) const DEPTH_MAX: usize = 10_000;

impl<'b> Cursor<'b> {
    /// Starts at byte `at` of `text`, before a value.
    pub(super) fn new(text: &'b str, at: usize) -> Self {
        Self { text, at, next: Next::Nothing }
    }

    /// Where the next value begins.
    pub(super) fn value_at(&mut self) -> usize {
        self.at = past_whitespace(self.text.as_bytes(), self.at);
        self.at
    }

    /// The first byte of the next value.
    pub(super) fn peek(&mut self) -> Option<u8> {
        let at = self.value_at();
        self.text.as_bytes().get(at).copied()
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
        match self.peek() {
            Some(byte) if byte == bracket => {
                self.at += 1;
                self.next = Next::Nothing;
                Ok(Open::Entered)
            }
            Some(b'n') => self.literal("null").map(|()| Open::Null),
            _ => Err(Fault::expected(expected, self.at)),
        }
    }

    /// The next key of the open object; `None` past the object's end.
    #[inline]
    pub(super) fn key(&mut self) -> Result<Option<Key<'b>>, Fault> {
        let bytes = self.text.as_bytes();
        match (self.peek(), self.next) {
            // After a comma there is a key: `{"a":1,}` fails below.
            (Some(b'}'), _) => {
                self.at += 1;
                self.next = Next::Comma;
                return Ok(None);
            }
            (Some(b','), Next::Comma) => self.at = past_whitespace(bytes, self.at + 1),
            (_, Next::Comma) => return Err(Fault::expected(Expected::CommaOrBrace, self.at)),
            (_, Next::Nothing) => {}
        }
        self.next = Next::Comma;
        let at = self.at;
        if bytes.get(at) != Some(&b'"') {
            return Err(Fault::expected(Expected::Key, at));
        }
        let name = self.quoted()?;
        self.at = past_colon(bytes, self.at)?;
        Ok(Some(Key { name, at }))
    }

    /// Goes to the next element of the open array; `false` past the array's end.
    pub(super) fn element(&mut self) -> Result<bool, Fault> {
        match (self.peek(), self.next) {
            (Some(b']'), _) => {
                self.at += 1;
                self.next = Next::Comma;
                return Ok(false);
            }
            // What follows is read as a value, so that `[1,]` fails there.
            (Some(b','), Next::Comma) => self.at += 1,
            (_, Next::Comma) => return Err(Fault::expected(Expected::CommaOrBracket, self.at)),
            (_, Next::Nothing) => {}
        }
        self.next = Next::Comma;
        Ok(true)
    }

    /// A string, its escapes decoded; `None` for `null`.
    pub(super) fn string(&mut self) -> Result<Option<Cow<'b, str>>, Fault> {
        match self.peek() {
            Some(b'"') => self.quoted().map(Some),
            Some(b'n') => self.literal("null").map(|()| None),
            _ => Err(Fault::expected(Expected::StringOrNull, self.at)),
        }
    }

    /// `true` or `false`; `None` for `null`.
    pub(super) fn boolean(&mut self) -> Result<Option<bool>, Fault> {
        match self.peek() {
            Some(b't') => self.literal("true").map(|()| Some(true)),
            Some(b'f') => self.literal("false").map(|()| Some(false)),
            Some(b'n') => self.literal("null").map(|()| None),
            _ => Err(Fault::expected(Expected::BooleanOrNull, self.at)),
        }
    }

    /// Goes past a value of any kind.
    pub(super) fn skip(&mut self) -> Result<(), Fault> {
        self.skip_watched(|_| Below::Ignore)
    }

    /// Goes past a value of any kind, and tells of the members in it.
    pub(super) fn skip_watched(&mut self, mut watch: impl FnMut(Skipped<'b>) -> Below) -> Result<(), Fault> {
        let bytes = self.text.as_bytes();
        let mut at = past_whitespace(bytes, self.at);
        let mut open = Nesting::default();
        let mut watched_depth = usize::MAX;
        let mut upcoming = Upcoming::Value;
        'upcoming: loop {
            if upcoming == Upcoming::Member {
                if bytes.get(at) != Some(&b'"') {
                    return Err(Fault::expected(Expected::Key, at));
                }
                let (key, end) = Quoted::read(self.text, at + 1)?;
                at = past_colon(bytes, end + 1)?;
                if open.depth <= watched_depth {
                    let is_string = bytes.get(at) == Some(&b'"');
                    watched_depth = match watch(Skipped { key, value_at: at, is_string }) {
                        Below::Watch => usize::MAX,
                        Below::Ignore => open.depth,
                    };
                }
            }
            at = match bytes.get(at) {
                Some(b'"') => string_end(bytes, at + 1)? + 1,
                Some(b'{') => {
                    let inside = past_whitespace(bytes, at + 1);
                    if bytes.get(inside) != Some(&b'}') {
                        open.push(Container::Object, at)?;
                        at = inside;
                        upcoming = Upcoming::Member;
                        continue;
                    }
                    open.check(at)?;
                    inside + 1
                }
                Some(b'[') => {
                    let inside = past_whitespace(bytes, at + 1);
                    if bytes.get(inside) != Some(&b']') {
                        open.push(Container::Array, at)?;
                        at = inside;
                        upcoming = Upcoming::Value;
                        continue;
                    }
                    open.check(at)?;
                    inside + 1
                }
                Some(b'-' | b'0'..=b'9') => number_end(self.text, at)?,
                Some(b't') => literal_end(bytes, at, "true")?,
                Some(b'f') => literal_end(bytes, at, "false")?,
                Some(b'n') => literal_end(bytes, at, "null")?,
                _ => return Err(Fault::expected(Expected::Value, at)),
            };
            while let Some(container) = open.innermost() {
                at = past_whitespace(bytes, at);
                match (bytes.get(at), container) {
                    (Some(b','), _) => {
                        at = past_whitespace(bytes, at + 1);
                        upcoming = match container {
                            Container::Object => Upcoming::Member,
                            Container::Array => Upcoming::Value,
                        };
                        continue 'upcoming;
                    }
                    (Some(b'}'), Container::Object) | (Some(b']'), Container::Array) => {
                        open.pop();
                        at += 1;
                    }
                    (_, Container::Object) => {
                        return Err(Fault::expected(Expected::CommaOrBrace, at));
                    }
                    (_, Container::Array) => {
                        return Err(Fault::expected(Expected::CommaOrBracket, at));
                    }
                }
            }
            self.at = at;
            return Ok(());
        }
    }

    /// Sees that nothing follows.
    pub(super) fn finish(mut self) -> Result<(), Fault> {
        match self.peek() {
            None => Ok(()),
            Some(_) => Err(Fault::expected(Expected::End, self.at)),
        }
    }

    fn literal(&mut self, literal: &str) -> Result<(), Fault> {
        self.at = literal_end(self.text.as_bytes(), self.at, literal)?;
        Ok(())
    }

    /// The string whose first quote stands here.
    #[expect(clippy::inline_always, reason = "see `plain_end`")]
    #[inline(always)]
    fn quoted(&mut self) -> Result<Cow<'b, str>, Fault> {
        let (quoted, end) = Quoted::read(self.text, self.at + 1)?;
        self.at = end + 1;
        Ok(quoted.text())
    }
}

/// What is skipped next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Upcoming {
    /// A key, then its value.
    Member,
    Value,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Container {
    Array,
    Object,
}

/// The containers that are open, one bit each.
#[derive(Default)]
struct Nesting {
    /// Up to 64 of them, the innermost in the lowest bit; set for an object.
    innermost: u64,
    /// The ones further out, 64 a word.
    outer: Vec<u64>,
    depth: usize,
}

impl Nesting {
    /// Whether one more may be open, which begins at `at`.
    fn check(&self, at: usize) -> Result<(), Fault> {
        if self.depth == DEPTH_MAX { Err(Fault { problem: Problem::TooDeep, at }) } else { Ok(()) }
    }

    fn push(&mut self, container: Container, at: usize) -> Result<(), Fault> {
        self.check(at)?;
        if self.depth.is_multiple_of(64) && self.depth > 0 {
            self.outer.push(self.innermost);
        }
        self.innermost = self.innermost << 1 | u64::from(container == Container::Object);
        self.depth += 1;
        Ok(())
    }

    fn pop(&mut self) {
        self.depth -= 1;
        self.innermost >>= 1;
        if self.depth.is_multiple_of(64) {
            self.innermost = self.outer.pop().unwrap_or_default();
        }
    }

    fn innermost(&self) -> Option<Container> {
        match (self.depth, self.innermost & 1) {
            (0, _) => None,
            (_, 0) => Some(Container::Array),
            _ => Some(Container::Object),
        }
    }
}
