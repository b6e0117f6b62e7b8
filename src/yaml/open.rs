//! What the builder of the tree knows of a collection that it has not seen the end of.

use super::{Anchor, Node, Tag};

/// A collection that has no end yet.
pub(super) struct Open<'t> {
    pub(super) kind: Kind,
    pub(super) start: usize,
    /// Where its children begin in the row of finished nodes.
    pub(super) children: usize,
    pub(super) properties: Properties<'t>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Sequence(Layout),
    Mapping(Layout),
}

/// How a collection is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Layout {
    /// With brackets; all others end where their last child does.
    Bracketed,
    /// The one pair of `[key: value]`.
    Pair,
    /// By indentation.
    Block,
}

/// What stands in front of a node. The anchor itself comes with an event of its own.
pub(super) struct Properties<'t> {
    /// The parser's number for the anchor; 0 for none.
    pub(super) id: usize,
    pub(super) anchor: Option<Anchor<'t>>,
    pub(super) tag: Option<Tag<'t>>,
}

/// What a node is to its parent.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Item,
    Key,
    Value,
}

impl Open<'_> {
    /// What the next node is to this one.
    pub(super) fn role(&self, done: &[Node<'_>]) -> Role {
        match self.kind {
            Kind::Sequence(_) => Role::Item,
            Kind::Mapping(_) if (done.len() - self.children).is_multiple_of(2) => Role::Key,
            Kind::Mapping(_) => Role::Value,
        }
    }
}

impl Properties<'_> {
    pub(super) fn is_empty(&self) -> bool {
        self.id == 0 && self.tag.is_none()
    }
}
