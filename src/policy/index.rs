//! All entries of one list, asked at once.
//!
//! Patterns whose `**` stands at the end or not at all are held in a trie by component; below the
//! last component the tag is asked in the same way, then the digest. So a question costs what the
//! name costs, however many entries there are. Regular expressions and the other patterns are
//! asked as one automaton (`odd`).

use super::{
    glob::{Choices, Glob},
    odd::Odd,
    pattern::{Alternative, DigestRule, Step, Suffix},
};
use crate::reference::split_component;

/// An entry's place in its list: the smaller one is named when several match.
pub(super) type Rank = u32;

/// The entries of one list.
#[derive(Debug, Default)]
pub(super) struct Index {
    root: Node,
    odd: Odd,
}

/// What is asked: a name, or a pattern, of which is asked what covers it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Question<'q> {
    /// Domain and path, or their globs; `/` between components.
    pub(super) domain: &'q str,
    pub(super) path: &'q str,
    pub(super) end: End,
    /// The tag that would be pulled. A pattern that takes any tag has none, like a name with a
    /// digest alone: only what asks for no tag answers.
    pub(super) tag: Option<&'q str>,
    pub(super) digest: AskedDigest<'q>,
}

/// Where the question's path ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    Here,
    /// A pattern with `**` at its end.
    Deeper,
}

/// The digest of the name that is asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AskedDigest<'q> {
    Absent,
    Is(&'q str),
    /// A pattern that takes a digest or none.
    Free,
}

impl Index {
    /// Adds what a trie can hold.
    pub(super) fn insert(&mut self, pattern: &Alternative, rank: Rank) {
        let mut node = &mut self.root;
        let mut leaf = None;
        for step in &pattern.steps {
            match step {
                Step::One(glob) => node = node.children.at(glob),
                Step::Deep => leaf = Some(()),
            }
        }
        let leaf = if leaf.is_some() { &mut node.deeper } else { &mut node.here };
        leaf.get_or_insert_default().insert(&pattern.suffix, rank);
    }

    pub(super) fn set_odd(&mut self, odd: Odd) {
        self.odd = odd;
    }

    /// The first entry, by rank, that matches.
    pub(super) fn first(&self, question: &Question<'_>) -> Option<Rank> {
        let mut first = None;
        self.each(question, &mut |rank| first = Some(first.map_or(rank, |first: Rank| first.min(rank))));
        first
    }

    /// Hands over each entry that matches, in no order, perhaps twice.
    pub(super) fn each(&self, question: &Question<'_>, found: &mut dyn FnMut(Rank)) {
        self.root.each(Some(question.domain), question.path, question, found);
        self.odd.each(question, found);
    }
}

#[derive(Debug, Default)]
struct Node {
    children: Choices<Node>,
    /// Entries that end here.
    here: Option<Box<Leaf>>,
    /// Entries that end here with `**`.
    deeper: Option<Box<Leaf>>,
}

impl Node {
    /// `component` is the next one, `rest` the text behind it.
    fn each(&self, component: Option<&str>, rest: &str, question: &Question<'_>, found: &mut dyn FnMut(Rank)) {
        let Some(component) = component else {
            let leaf = match question.end {
                End::Here => &self.here,
                End::Deeper => &self.deeper,
            };
            if let Some(leaf) = leaf {
                leaf.each(question, found);
            }
            return;
        };
        if let Some(leaf) = &self.deeper {
            leaf.each(question, found);
        }
        let (next, rest) = match split_component(rest) {
            Some((next, rest)) => (Some(next), rest),
            None if rest.is_empty() => (None, ""),
            None => (Some(rest), ""),
        };
        self.children.each(component, &mut |child| child.each(next, rest, question, found));
    }
}

/// What the entries that end in one place ask of the tag.
#[derive(Debug, Default)]
struct Leaf {
    any: Option<Box<Digests>>,
    tags: Choices<Digests>,
}

impl Leaf {
    fn insert(&mut self, suffix: &Suffix, rank: Rank) {
        let digests = match &suffix.tag {
            None => self.any.get_or_insert_default(),
            Some(glob) => self.tags.at(glob),
        };
        digests.insert(&suffix.digest, rank);
    }

    fn each(&self, question: &Question<'_>, found: &mut dyn FnMut(Rank)) {
        if let Some(digests) = &self.any {
            digests.each(question.digest, found);
        }
        if let Some(tag) = question.tag {
            self.tags.each(tag, &mut |digests| digests.each(question.digest, found));
        }
    }
}

/// What the entries with one demand on the tag ask of the digest.
#[derive(Debug, Default)]
struct Digests {
    free: Option<Rank>,
    absent: Option<Rank>,
    pinned: Choices<Option<Rank>>,
}

impl Digests {
    fn insert(&mut self, rule: &DigestRule, rank: Rank) {
        let slot = match rule {
            DigestRule::Free => &mut self.free,
            DigestRule::Absent => &mut self.absent,
            DigestRule::Pinned(glob) => self.pinned.at(glob),
        };
        *slot = Some(slot.map_or(rank, |first| first.min(rank)));
    }

    fn each(&self, digest: AskedDigest<'_>, found: &mut dyn FnMut(Rank)) {
        let mut tell = |rank: Option<Rank>| {
            if let Some(rank) = rank {
                found(rank);
            }
        };
        tell(self.free);
        match digest {
            AskedDigest::Absent => tell(self.absent),
            AskedDigest::Is(digest) => self.pinned.each(digest, &mut |rank| tell(*rank)),
            AskedDigest::Free => {}
        }
    }
}

impl Suffix {
    /// Whether a question's tag and digest meet this suffix. For entries outside the trie.
    pub(super) fn matches(&self, question: &Question<'_>) -> bool {
        let tag = match (&self.tag, question.tag) {
            (None, _) => true,
            (Some(glob), Some(tag)) => glob.covers(tag),
            (Some(_), None) => false,
        };
        let digest = match (&self.digest, question.digest) {
            (DigestRule::Free, _) | (DigestRule::Absent, AskedDigest::Absent) => true,
            (DigestRule::Pinned(glob), AskedDigest::Is(digest)) => glob.covers(digest),
            (DigestRule::Absent | DigestRule::Pinned(_), _) => false,
        };
        tag && digest
    }

    /// The question that a pattern with this suffix asks.
    pub(super) fn asked(&self) -> (Option<&str>, AskedDigest<'_>) {
        let digest = match &self.digest {
            DigestRule::Free => AskedDigest::Free,
            DigestRule::Absent => AskedDigest::Absent,
            DigestRule::Pinned(glob) => AskedDigest::Is(glob.text()),
        };
        (self.tag.as_ref().map(Glob::text), digest)
    }
}
