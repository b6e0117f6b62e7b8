//! Going past values of any kind: they are checked to the last byte, and nothing is made of them.

use super::{
    quoted::{Quoted, past_string},
    scan::{past_colon, past_quote, past_scalar, past_whitespace},
    unreadable::{Expected, Fault, Problem},
};

/// A member of an object that is skipped.
#[derive(Clone, Copy)]
pub(super) struct Skipped<'b> {
    pub(super) key: Quoted<'b>,
    /// What is left of the text from its value on.
    pub(super) value: &'b [u8],
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

/// Sees nothing.
pub(super) fn unwatched(_: Skipped<'_>) -> Below {
    Below::Watch
}

/// Past the value that comes next. Tells of the members in it.
pub(super) fn past_value<'b>(
    mut rest: &'b [u8],
    deepest: usize,
    watch: &mut impl FnMut(Skipped<'b>) -> Below,
) -> Result<&'b [u8], Fault> {
    match rest {
        [b'"', text @ ..] => return past_string(text),
        [b'{' | b'[', ..] => {}
        _ => return past_scalar(rest),
    }
    let mut open = Nesting::new(deepest);
    let mut upcoming = Upcoming::Value;
    'upcoming: loop {
        rest = 'value: {
            if upcoming == Upcoming::Member {
                let mut key = past_quote(rest)?;
                loop {
                    let (name, after) = Quoted::read(key)?;
                    // Most members are a string or an empty object, and have another one behind them.
                    let after = if let Some(text) = after.strip_prefix(b":\"") {
                        watch(Skipped { key: name, value: &after[1..] });
                        past_string(text)?
                    } else {
                        let value = past_colon(after)?;
                        let below = watch(Skipped { key: name, value });
                        match value {
                            [b'{', b'}', after @ ..] if open.room > 0 => after,
                            _ if below == Below::Ignore => past_value(value, open.room, &mut unwatched)?,
                            [b'{' | b'[' | b'"', ..] => {
                                rest = value;
                                break;
                            }
                            _ => past_scalar(value)?,
                        }
                    };
                    match after.strip_prefix(b",\"") {
                        Some(next) => key = next,
                        None => break 'value after,
                    }
                }
            }
            match rest {
                [b'"', text @ ..] => past_string(text)?,
                [b'{', inside @ ..] => match past_whitespace(inside) {
                    [b'}', after @ ..] => {
                        open.check(rest)?;
                        after
                    }
                    inside => {
                        open.push(Container::Object, rest)?;
                        rest = inside;
                        upcoming = Upcoming::Member;
                        continue 'upcoming;
                    }
                },
                [b'[', inside @ ..] => match past_whitespace(inside) {
                    [b']', after @ ..] => {
                        open.check(rest)?;
                        after
                    }
                    inside => {
                        open.push(Container::Array, rest)?;
                        rest = inside;
                        upcoming = Upcoming::Value;
                        continue 'upcoming;
                    }
                },
                _ => past_scalar(rest)?,
            }
        };
        while let Some(container) = open.innermost() {
            rest = match (rest, container) {
                ([b',', after @ ..], _) => {
                    (rest, upcoming) = match container {
                        Container::Object => (after, Upcoming::Member),
                        Container::Array => (past_whitespace(after), Upcoming::Value),
                    };
                    continue 'upcoming;
                }
                ([b'}', after @ ..], Container::Object) | ([b']', after @ ..], Container::Array) => {
                    open.pop();
                    after
                }
                ([b' ' | b'\n' | b'\r' | b'\t', ..], _) => past_whitespace(rest),
                (_, Container::Object) => return Err(Fault::expected(Expected::CommaOrBrace, rest)),
                (_, Container::Array) => return Err(Fault::expected(Expected::CommaOrBracket, rest)),
            };
        }
        return Ok(rest);
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
struct Nesting {
    /// The innermost ones, the last one in the lowest bit; set for an object. Above them a bit is set.
    innermost: u64,
    /// The ones further out, 63 a word, and above them a bit that is set.
    outer: Vec<u64>,
    /// How many more may be open.
    room: usize,
}

/// [`Nesting::innermost`] where it holds none, and where it is full.
const NONE: u64 = 1;
const FULL: u64 = 1 << 63;

impl Nesting {
    fn new(deepest: usize) -> Self {
        Self { innermost: NONE, outer: Vec::new(), room: deepest }
    }

    /// Whether one more may be open, which is the next in the text.
    fn check(&self, rest: &[u8]) -> Result<(), Fault> {
        if self.room == 0 { Err(Fault::new(Problem::TooDeep, rest)) } else { Ok(()) }
    }

    fn push(&mut self, container: Container, rest: &[u8]) -> Result<(), Fault> {
        self.check(rest)?;
        self.room -= 1;
        if self.innermost >= FULL {
            self.outer.push(self.innermost);
            self.innermost = NONE;
        }
        self.innermost = self.innermost << 1 | u64::from(container == Container::Object);
        Ok(())
    }

    fn pop(&mut self) {
        self.room += 1;
        self.innermost >>= 1;
        if self.innermost == NONE {
            self.innermost = self.outer.pop().unwrap_or(NONE);
        }
    }

    fn innermost(&self) -> Option<Container> {
        match (self.innermost, self.innermost & 1) {
            (NONE, _) => None,
            (_, 0) => Some(Container::Array),
            _ => Some(Container::Object),
        }
    }
}
