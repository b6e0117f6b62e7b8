//! YAML text → a tree with byte spans. The only room that knows a YAML crate.
//!
//! The reader takes YAML 1.2 (so JSON too), keeps what a person wrote where it was written, and
//! spends no more than its [`Limits`]. Aliases are not expanded: each stays a node of its own.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

mod encoding;
mod error;
mod fault;
mod layout;
mod open;
mod position;
mod scalar;
mod syntax;
#[cfg(test)]
mod tests;
mod tree;

use std::borrow::Cow;

pub use self::{
    error::{Error, ErrorKind},
    scalar::Core,
    syntax::Syntax,
};

use self::position::LineIndex;

/// Bytes of the text, end exclusive. Both ends lie on character boundaries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Offset of the first byte.
    pub start: usize,
    /// Offset of the byte behind the last one.
    pub end: usize,
}

impl Span {
    /// The text of this span.
    pub fn of(self, text: &str) -> &str {
        text.get(self.start..self.end).unwrap_or_default()
    }

    const fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }

    const fn empty(at: usize) -> Self {
        Self::new(at, at)
    }
}

/// Line and column, both from 1; columns count characters (Unicode scalar values).
///
/// Lines end at LF, CR or CR LF, as in YAML 1.2 section 5.4. A byte order mark in front of the
/// text has no column of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
}

/// What a reader is willing to spend.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The longest text, in bytes.
    pub bytes: usize,
    /// The most sequences and mappings that may stand inside one another. Never more than
    /// [`Limits::MAX_DEPTH`] are read, whatever stands here: a tree is dropped, and walked by
    /// its readers, on the stack.
    pub depth: usize,
    /// The most nodes in all documents: scalars, aliases, sequences and mappings.
    pub nodes: usize,
}

impl Limits {
    /// The depth that no reader exceeds.
    pub const MAX_DEPTH: usize = 512;
}

/// The documents of one text.
#[derive(Debug)]
pub struct Stream<'t> {
    /// The text as it came, a byte order mark included.
    pub text: &'t str,
    /// In the order written; none where the text holds only blanks and comments.
    pub documents: Vec<Document<'t>>,
    lines: LineIndex,
}

impl<'t> Stream<'t> {
    /// Reads all documents of a UTF-8 text.
    ///
    /// The first error ends the reading, because what follows it can't be trusted. The time
    /// grows with the length of the text, the memory with its length and number of nodes.
    pub fn parse(bytes: &'t [u8], limits: Limits) -> Result<Self, Error> {
        if bytes.len() > limits.bytes {
            let kind = ErrorKind::TooLong { limit: limits.bytes };
            return Err(Error::at_start(kind));
        }
        let text = encoding::decode(bytes)?;
        let lines = LineIndex::new(text);
        match tree::build(text, limits) {
            Ok(documents) => Ok(Self { text, documents, lines }),
            Err(fault) => {
                Err(Error { position: lines.position(text, fault.offset), offset: fault.offset, kind: fault.kind })
            }
        }
    }

    /// Where a byte offset lies; an offset behind the text is taken as the text's end.
    pub fn position(&self, offset: usize) -> Position {
        self.lines.position(self.text, offset)
    }

    /// The text of a line, counted from 1, without its line break and without a byte order
    /// mark; empty where the text has no such line.
    pub fn line(&self, line: usize) -> &'t str {
        self.line_span(line).of(self.text)
    }

    /// Where the text of [`Stream::line`] stands.
    pub fn line_span(&self, line: usize) -> Span {
        self.lines.line(self.text, line)
    }
}

/// One document of a stream.
#[derive(Debug)]
pub struct Document<'t> {
    /// From `---` (or the root, where it is left out) to `...` (or the root's end).
    pub span: Span,
    /// The document's only node; an empty document has an empty scalar.
    pub root: Node<'t>,
}

/// A value with its place.
///
/// Guarantees of all spans: they lie in the text, on character boundaries; a child with its
/// properties lies inside its parent's span; siblings stand in order and never overlap.
#[derive(Debug)]
pub struct Node<'t> {
    /// The node's own text, without anchor and tag.
    ///
    /// - Plain and quoted scalars: exactly the source text, quotes included.
    /// - Block scalars: from `|` or `>` to the end of the last line that is not blank, without
    ///   its line break; a replacement of this range replaces the whole scalar. Where no line
    ///   holds anything, the indicators alone.
    /// - Scalars left out (`key:`, `-`): empty, right behind the `:`, `-` or `?`, or behind the
    ///   key where there is none of these; behind the properties where there are any.
    /// - Flow collections: from bracket to bracket.
    /// - Block collections: from the first `-`, `?` or key (with its properties) to the last
    ///   item's end; so the one pair of `[key: value]`.
    /// - Aliases: `*name`.
    pub span: Span,
    /// The `&name` in front of the node.
    pub anchor: Option<Anchor<'t>>,
    /// The `!tag` in front of the node.
    pub tag: Option<Tag<'t>>,
    /// What the node holds.
    pub content: Content<'t>,
}

impl Node<'_> {
    /// The node's text with its anchor and tag.
    pub fn extent(&self) -> Span {
        let anchor = self.anchor.as_ref().map(|anchor| anchor.span.start);
        let tag = self.tag.as_ref().map(|tag| tag.span.start);
        let start = [anchor, tag].into_iter().flatten().fold(self.span.start, usize::min);
        Span::new(start, self.span.end)
    }
}

/// What a node holds.
#[derive(Debug)]
pub enum Content<'t> {
    /// A single value.
    Scalar(Scalar<'t>),
    /// The items of a list, in the order written.
    Sequence(Vec<Node<'t>>),
    /// Keys and values in the order written; a key may stand twice.
    Mapping(Vec<(Node<'t>, Node<'t>)>),
    /// An alias stays an alias: [`Node::span`] is the place of use.
    Alias {
        /// The name without `*`.
        name: Cow<'t, str>,
        /// The [`Node::span`] of the node that the alias stands for. It always ends before the
        /// alias begins, so that following aliases comes to an end.
        target: Span,
    },
}

/// `&name`, a name for its node within the document.
#[derive(Debug)]
pub struct Anchor<'t> {
    /// The name without `&`.
    pub name: Cow<'t, str>,
    /// The place of `&name`.
    pub span: Span,
}

/// `!tag`, the type of its node.
#[derive(Debug)]
pub struct Tag<'t> {
    /// The tag as written, `!` included; `%TAG` handles are not resolved.
    pub text: Cow<'t, str>,
    /// The place of the tag.
    pub span: Span,
}

/// A single value.
#[derive(Debug)]
pub struct Scalar<'t> {
    /// The value after quotes, escapes, folding and chomping; empty for one that is left out.
    pub value: Cow<'t, str>,
    /// How it was written.
    pub style: Style,
}

/// The notation of a scalar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// `value`, or nothing at all.
    Plain,
    /// `'value'`
    SingleQuoted,
    /// `"value"`
    DoubleQuoted,
    /// `|` and lines that keep their breaks.
    Literal,
    /// `>` and lines that are folded.
    Folded,
}
