//! Which containers are open while a value is skipped, a bit for each.

use super::unreadable::{Fault, Problem};

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Container {
    Array,
    Object,
}

/// The containers that are open, and how many may be.
pub(super) struct Nesting {
    /// The innermost ones, the last one in the lowest bit; set for an object. Above them a bit is set.
    innermost: u64,
    /// What [`Nesting::innermost`] is not below where it has no room.
    full: u64,
    /// The ones further out, [`WORD`] of them each, and above them a bit that is set.
    outer: Vec<u64>,
    deepest: usize,
}

/// Containers in a word.
const WORD: usize = 63;

/// [`Nesting::innermost`] where it holds none, and what it is not below with so many in it.
const NONE: u64 = 1;
const FULL: u64 = NONE << WORD;

impl Nesting {
    /// For so many at most.
    pub(super) fn new(deepest: usize) -> Self {
        Self { innermost: NONE, full: NONE << deepest.min(WORD), outer: Vec::new(), deepest }
    }

    /// Whether one more may be open. A `false` may be wrong: it is what nearly never comes.
    #[inline]
    pub(super) fn has_room(&self) -> bool {
        self.innermost < self.full
    }

    /// How many more may be open.
    pub(super) fn room(&self) -> usize {
        let open = WORD - self.innermost.leading_zeros() as usize;
        self.deepest - self.outer.len() * WORD - open
    }

    /// Opens one, which begins where `rest` is left of the text.
    #[inline]
    pub(super) fn push(&mut self, container: Container, rest: &[u8]) -> Result<(), Fault> {
        if !self.has_room() {
            self.begin_word(rest)?;
        }
        self.innermost = self.innermost << 1 | u64::from(container == Container::Object);
        Ok(())
    }

    #[cold]
    fn begin_word(&mut self, rest: &[u8]) -> Result<(), Fault> {
        let room = self.room();
        if room == 0 {
            return Err(Fault::new(Problem::TooDeep, rest));
        }
        self.outer.push(self.innermost);
        self.innermost = NONE;
        self.full = NONE << room.min(WORD);
        Ok(())
    }

    /// Closes the innermost.
    #[inline]
    pub(super) fn pop(&mut self) {
        self.innermost >>= 1;
        if self.innermost == NONE {
            self.end_word();
        }
    }

    #[cold]
    fn end_word(&mut self) {
        if let Some(outer) = self.outer.pop() {
            self.innermost = outer;
            self.full = FULL;
        }
    }

    #[inline]
    pub(super) fn innermost(&self) -> Option<Container> {
        match (self.innermost, self.innermost & 1) {
            (NONE, _) => None,
            (_, 0) => Some(Container::Array),
            _ => Some(Container::Object),
        }
    }

    /// Whether the innermost is an object in an array. A `false` may be wrong, as above.
    #[inline]
    pub(super) fn is_object_in_array(&self) -> bool {
        self.innermost & 0b11 == 0b01
    }
}
