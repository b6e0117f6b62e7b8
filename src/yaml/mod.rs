//! YAML text → a tree with byte spans. The only room that knows a YAML crate.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]
#![allow(unused_variables, dead_code, missing_docs)] // skeleton only

use std::borrow::Cow;

/// Bytes of the text, end exclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span { pub start: usize, pub end: usize }
/// Line and column, both from 1; columns count characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position { pub line: usize, pub column: usize }

/// What a reader is willing to spend.
#[derive(Clone, Copy, Debug)]
pub struct Limits { pub bytes: usize, pub depth: usize, pub nodes: usize }

/// The documents of one text.
#[derive(Debug)]
pub struct Stream<'t> { pub text: &'t str, pub documents: Vec<Document<'t>> }
impl<'t> Stream<'t> {
    pub fn parse(bytes: &'t [u8], limits: Limits) -> Result<Self, Error> { unimplemented!() }
    pub fn position(&self, offset: usize) -> Position { unimplemented!() }
    /// The line's text without its line break, and the byte offset at which it starts.
    pub fn line(&self, line: usize) -> &'t str { unimplemented!() }
}
#[derive(Debug)]
pub struct Document<'t> { pub span: Span, pub root: Node<'t> }
#[derive(Debug)]
pub struct Node<'t> { pub span: Span, pub anchor: Option<Anchor<'t>>, pub tag: Option<Tag<'t>>, pub content: Content<'t> }
#[derive(Debug)]
pub enum Content<'t> {
    Scalar(Scalar<'t>),
    Sequence(Vec<Node<'t>>),
    /// In the order written; a key may stand twice.
    Mapping(Vec<(Node<'t>, Node<'t>)>),
    /// An alias stays an alias: `Node::span` is the place of use, `target` the span of the node it stands for.
    Alias { name: Cow<'t, str>, target: Span },
}
#[derive(Debug)]
pub struct Anchor<'t> { pub name: Cow<'t, str>, pub span: Span }
#[derive(Debug)]
pub struct Tag<'t> { pub text: Cow<'t, str>, pub span: Span }
#[derive(Debug)]
pub struct Scalar<'t> { pub value: Cow<'t, str>, pub style: Style }
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style { Plain, SingleQuoted, DoubleQuoted, Literal, Folded }

/// What a plain scalar means in YAML 1.2's core schema.
pub enum Core { Null, Bool(bool), Integer(i64), Float, String }
impl Scalar<'_> { pub fn core(&self) -> Core { unimplemented!() } }

#[derive(Debug)]
pub struct Error { pub position: Position, pub offset: usize /* + kind */ }
