//! The members of an object that matter, each at most once.

use super::{
    json::{Cursor, Key},
    unreadable::{Fault, Problem},
};

/// Reads the members of the open object, and knows some keys. A known key that comes twice is an
/// error: readers differ in which of the two counts.
pub(super) struct Members<'f, F> {
    known: &'f [(&'static str, F)],
    seen: Once,
}

/// A member whose value comes next.
pub(super) enum Member<'b, F> {
    Known(F),
    Other(Key<'b>),
}

impl<'f, F: Copy> Members<'f, F> {
    /// At most 32 keys.
    pub(super) fn new(known: &'f [(&'static str, F)]) -> Self {
        Self { known, seen: Once::default() }
    }

    /// The next member; `None` past the object's end.
    #[inline]
    pub(super) fn next<'b>(&mut self, cursor: &mut Cursor<'b>) -> Result<Option<Member<'b, F>>, Fault> {
        let Some(key) = cursor.key()? else { return Ok(None) };
        for (index, (name, field)) in self.known.iter().enumerate() {
            if key.name.is(name) {
                self.seen.mark(index, key.left)?;
                return Ok(Some(Member::Known(*field)));
            }
        }
        Ok(Some(Member::Other(key)))
    }
}

/// Which of some keys were met.
#[derive(Default)]
pub(super) struct Once(u32);

impl Once {
    /// Notes key number `index`, below 32, which begins where `left` bytes are left of the body.
    pub(super) fn mark(&mut self, index: usize, left: usize) -> Result<(), Fault> {
        let bit = 1 << index;
        if self.0 & bit != 0 {
            return Err(Fault { problem: Problem::KeyTwice, left });
        }
        self.0 |= bit;
        Ok(())
    }
}
