//! YAML text → a tree with byte spans. The only room that knows a YAML crate.
//!
//! The tree is what the text says and no more: aliases are not followed, a key that stands twice
//! is there twice, merge keys are keys. Documents, nodes and nesting are limited while the text is
//! read, so hostile text costs no more than the limits allow.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

mod error;
mod position;
mod scalar;
#[cfg(test)]
mod tests;
mod tree;

use std::borrow::Cow;

use self::position::LineIndex;
pub use self::{
    error::{Error, ErrorKind},
    scalar::Core,
};

/// Bytes of the text, end exclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// The byte behind the last.
    pub end: usize,
}

/// Line and column, both from 1; columns count characters, a byte order mark not among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

/// What a reader is willing to spend.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of the whole text.
    pub bytes: usize,
    /// Collections inside one another.
    pub depth: usize,
    /// Scalars, collections and aliases.
    pub nodes: usize,
}

/// The documents of one text.
#[derive(Debug)]
pub struct Stream<'t> {
    /// The text that was read; every span is of it.
    pub text: &'t str,
    /// The documents, in order. An empty text has none.
    pub documents: Vec<Document<'t>>,
    lines: LineIndex,
}

/// One document.
#[derive(Debug)]
pub struct Document<'t> {
    /// From its start marker, or its content where there is none, to the end of its content.
    pub span: Span,
    /// Its only node.
    pub root: Node<'t>,
}

/// A node and where it stands.
#[derive(Debug)]
pub struct Node<'t> {
    /// The node's own text, without anchor and tag: a quoted scalar with its quotes, a block scalar
    /// from its `|` or `>` to the end of its last line of content, a flow collection with its
    /// brackets, a block collection from its first entry to the end of its last. Empty where there
    /// is no text (`key:`): then behind the `:` or the `-`.
    pub span: Span,
    /// The `&name` in front of it.
    pub anchor: Option<Anchor<'t>>,
    /// The `!tag` in front of it.
    pub tag: Option<Tag<'t>>,
    /// What it is.
    pub content: Content<'t>,
}

/// What a node is.
#[derive(Debug)]
pub enum Content<'t> {
    /// A text.
    Scalar(Scalar<'t>),
    /// A list.
    Sequence(Vec<Node<'t>>),
    /// Keys and values in the order written; a key may stand twice.
    Mapping(Vec<(Node<'t>, Node<'t>)>),
    /// `*name`. The node's span is the place of use.
    Alias {
        /// The name without the `*`.
        name: Cow<'t, str>,
        /// The node that it stands for. For an alias inside that very node, its first byte.
        target: Span,
    },
}

/// An anchor.
#[derive(Debug)]
pub struct Anchor<'t> {
    /// The name without the `&`.
    pub name: Cow<'t, str>,
    /// The whole `&name`.
    pub span: Span,
}

/// An explicit tag.
#[derive(Debug)]
pub struct Tag<'t> {
    /// The tag as written, such as `!!str`.
    pub text: Cow<'t, str>,
    /// Where it stands.
    pub span: Span,
}

/// A text and the notation that it is written in.
#[derive(Debug)]
pub struct Scalar<'t> {
    /// The text that the notation stands for.
    pub value: Cow<'t, str>,
    /// The notation.
    pub style: Style,
}

/// How a scalar is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Without quotes.
    Plain,
    /// `'…'`
    SingleQuoted,
    /// `"…"`
    DoubleQuoted,
    /// `|`
    Literal,
    /// `>`
    Folded,
}

impl<'t> Stream<'t> {
    /// Reads all documents of a text.
    pub fn parse(bytes: &'t [u8], limits: Limits) -> Result<Self, Error> {
        let text = position::readable(bytes, limits.bytes)?;
        let lines = LineIndex::new(text);
        let documents = tree::build(text, limits).map_err(|(kind, offset)| Error {
            kind,
            offset,
            position: lines.position(text, offset),
        })?;
        Ok(Self { text, documents, lines })
    }

    /// Where a byte of the text stands.
    pub fn position(&self, offset: usize) -> Position {
        self.lines.position(self.text, offset)
    }

    /// A line without its line break; empty where there is no such line.
    pub fn line(&self, line: usize) -> &'t str {
        self.lines.line(self.text, line)
    }
}

impl Span {
    /// The text of this span.
    pub fn of(self, text: &str) -> &str {
        text.get(self.start..self.end).unwrap_or_default()
    }
}
