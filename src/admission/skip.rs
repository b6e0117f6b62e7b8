//! Going past values of any kind: they are checked to the last byte, and nothing is made of them.

use super::{
    nesting::{Container, Nesting},
    plain::Specials,
    quoted::{Quoted, past_escaped, past_string},
    scan::{past_colon, past_quote, past_scalar, past_whitespace},
    unreadable::{Expected, Fault},
};

/// Who is told of the members of the objects that are skipped.
pub(super) trait Watch<'b> {
    /// A member is a string, which begins where `value` is left of the text.
    fn string(&mut self, key: impl FnOnce() -> Quoted<'b>, value: &'b [u8]);

    /// A member may have members of its own.
    fn container(&mut self, key: Quoted<'b>) -> Below;
}

/// What a watcher wants to be told of what is below a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Below {
    /// Every member.
    Watch,
    /// None: what is below is only checked.
    Ignore,
}

/// Is told of nothing.
pub(super) struct Unwatched;

impl<'b> Watch<'b> for Unwatched {
    #[inline]
    fn string(&mut self, _: impl FnOnce() -> Quoted<'b>, _: &'b [u8]) {}

    #[inline]
    fn container(&mut self, _: Quoted<'b>) -> Below {
        Below::Watch
    }
}

/// How deep a skipped value may nest; the API server's own reader has the same limit
/// (`maxNestingDepth` in Go's encoding/json).
pub(super) const DEPTH_MAX: usize = 10_000;

/// Past the value that comes next. Tells of the members in it.
pub(super) fn past_value<'b>(
    rest: &'b [u8],
    deepest: usize,
    specials: &mut Specials<'b>,
    watch: &mut impl Watch<'b>,
) -> Result<&'b [u8], Fault> {
    match rest {
        [b'"', text @ ..] => past_string(text, specials),
        [b'{' | b'[', ..] => past_container(rest, deepest, specials, watch),
        _ => past_scalar(rest),
    }
}

/// What is skipped next.
#[derive(Clone, Copy)]
enum Upcoming<'b> {
    /// A member, from behind the first quote of its key on.
    Member(&'b [u8]),
    Value(&'b [u8]),
}

/// Past an object or an array.
///
/// What an API server writes has no whitespace, so the quotes of a text nearly always stand in a few
/// patterns (`":"`, `":{},"`, `"},{"`). Each is compared at once; what is in none of them goes a byte
/// at a time.
fn past_container<'b>(
    rest: &'b [u8],
    deepest: usize,
    specials: &mut Specials<'b>,
    watch: &mut impl Watch<'b>,
) -> Result<&'b [u8], Fault> {
    let mut open = Nesting::new(deepest);
    let mut upcoming = Upcoming::Value(rest);
    loop {
        let passed = match upcoming {
            Upcoming::Member(key) => past_members(key, &mut open, specials, watch)?,
            Upcoming::Value(value) => past_element(value, &mut open, specials)?,
        };
        upcoming = match passed {
            Passed::Entered(upcoming) => upcoming,
            Passed::Value(rest) => match past_end(rest, &mut open)? {
                Passed::Entered(upcoming) => upcoming,
                Passed::Value(rest) => return Ok(rest),
            },
        };
    }
}

/// Where skipping has come to.
enum Passed<'b> {
    /// Before what is next.
    Entered(Upcoming<'b>),
    /// Past a value.
    Value(&'b [u8]),
}

/// Past members of the innermost object, of those in it, and of those that follow it in an array, as long
/// as they are simple.
#[expect(clippy::inline_always, reason = "what is open stays in registers")]
#[inline(always)]
fn past_members<'b>(
    mut key: &'b [u8],
    open: &mut Nesting,
    specials: &mut Specials<'b>,
    watch: &mut impl Watch<'b>,
) -> Result<Passed<'b>, Fault> {
    loop {
        let end = specials.past_plain(key);
        if let Some(after) = past(end, b"\":{}")
            && open.has_room()
        {
            match past(after, b",\"") {
                Some(next) => key = next,
                None => return Ok(Passed::Value(after)),
            }
            continue;
        }
        let name = || Quoted::Plain(&key[..key.len() - end.len()]);
        let after = if let Some(text) = past(end, b"\":\"") {
            watch.string(name, &end[2..]);
            let end = specials.past_plain(text);
            if let Some(next) = past(end, b"\",\"") {
                key = next;
                continue;
            }
            if let Some(next) = past(end, b"\"},{\"")
                && open.is_object_in_array()
            {
                key = next;
                continue;
            }
            match end {
                [b'"', after @ ..] => return Ok(Passed::Value(after)),
                special => past_escaped(special, specials)?,
            }
        } else if let Some(next) = past(end, b"\":{\"")
            && watch.container(name()) == Below::Watch
        {
            open.push(Container::Object, &end[2..])?;
            key = next;
            continue;
        } else {
            let (name, after) = Quoted::ending(key, end, specials)?;
            let value = past_colon(after)?;
            match value {
                [b'"', text @ ..] => {
                    watch.string(|| name, value);
                    past_string(text, specials)?
                }
                [b'{' | b'[', inside @ ..] => match (watch.container(name), inside) {
                    (Below::Ignore, _) => past_value(value, open.room(), specials, &mut Unwatched)?,
                    (Below::Watch, [b'"', next @ ..]) if value[0] == b'{' => {
                        open.push(Container::Object, value)?;
                        key = next;
                        continue;
                    }
                    (Below::Watch, _) => return Ok(Passed::Entered(Upcoming::Value(value))),
                },
                _ => past_scalar(value)?,
            }
        };
        match past(after, b",\"") {
            Some(next) => key = next,
            None => return Ok(Passed::Value(after)),
        }
    }
}

/// Past these bytes, which are compared at once.
#[inline]
fn past<'b, const N: usize>(rest: &'b [u8], bytes: &[u8; N]) -> Option<&'b [u8]> {
    rest.split_first_chunk().filter(|(first, _)| *first == bytes).map(|(_, after)| after)
}

/// Past an element of an array, or into it.
#[expect(clippy::inline_always, reason = "as above")]
#[inline(always)]
fn past_element<'b>(rest: &'b [u8], open: &mut Nesting, specials: &mut Specials<'b>) -> Result<Passed<'b>, Fault> {
    let entered = |upcoming| Ok(Passed::Entered(upcoming));
    match rest {
        [b'{', inside @ ..] => {
            open.push(Container::Object, rest)?;
            match past_whitespace(inside) {
                [b'"', key @ ..] => entered(Upcoming::Member(key)),
                inside @ [b'}', ..] => Ok(Passed::Value(inside)),
                inside => entered(Upcoming::Member(past_quote(inside)?)),
            }
        }
        [b'[', inside @ ..] => {
            open.push(Container::Array, rest)?;
            match past_whitespace(inside) {
                inside @ [b']', ..] => Ok(Passed::Value(inside)),
                inside => entered(Upcoming::Value(inside)),
            }
        }
        [b'"', text @ ..] => past_strings(text, specials).map(Passed::Value),
        _ => past_scalar(rest).map(Passed::Value),
    }
}

/// Past the strings that follow each other in an array, from behind the first quote of the first.
fn past_strings<'b>(mut text: &'b [u8], specials: &mut Specials<'b>) -> Result<&'b [u8], Fault> {
    loop {
        match specials.past_plain(text) {
            [b'"', b',', b'"', next @ ..] => text = next,
            [b'"', after @ ..] => return Ok(after),
            special => return past_escaped(special, specials),
        }
    }
}

/// From the end of a value to what is next, past the ends of all containers that end there.
#[expect(clippy::inline_always, reason = "as above")]
#[inline(always)]
fn past_end<'b>(mut rest: &'b [u8], open: &mut Nesting) -> Result<Passed<'b>, Fault> {
    while let Some(container) = open.innermost() {
        rest = match (rest, container) {
            ([b'}', after @ ..], Container::Object) | ([b']', after @ ..], Container::Array) => {
                open.pop();
                after
            }
            ([b',', after @ ..], Container::Object) => {
                return Ok(Passed::Entered(Upcoming::Member(past_quote(after)?)));
            }
            ([b',', after @ ..], Container::Array) => {
                return Ok(Passed::Entered(Upcoming::Value(past_whitespace(after))));
            }
            ([b' ' | b'\n' | b'\r' | b'\t', ..], _) => past_whitespace(rest),
            (_, Container::Object) => return Err(Fault::expected(Expected::CommaOrBrace, rest)),
            (_, Container::Array) => return Err(Fault::expected(Expected::CommaOrBracket, rest)),
        };
    }
    Ok(Passed::Value(rest))
}
