//! The parser's events → documents. No recursion: what is open stands on a stack of its own.

use std::{borrow::Cow, collections::BTreeMap};

use granit_parser::{Event, Parser, ScalarStyle, StructureStyle};

use super::{
    Anchor, Content, Document, ErrorKind, Limits, Node, Scalar, Span, Style, Tag,
    fault::Fault,
    layout,
    open::{Kind, Layout, Open, Properties, Role},
};

/// The documents of a text.
pub(super) fn build(text: &str, limits: Limits) -> Result<Vec<Document<'_>>, Fault> {
    let depth = limits.depth.min(Limits::MAX_DEPTH);
    let mut options = granit_parser::options! {
        emit_anchor_events: true,
        flow_nesting_limit: depth,
        block_nesting_limit: depth,
    };
    options.set_emit_comments(false);
    let mut builder = Builder {
        text,
        limits: Limits { depth, ..limits },
        documents: Vec::new(),
        document: Span::empty(0),
        open: Vec::new(),
        done: Vec::new(),
        anchored: BTreeMap::new(),
        read: 0,
        nodes: 0,
    };
    for event in Parser::new_from_str_with_options(text, options) {
        let (event, span) = event.map_err(|error| Fault::from_parser(&error, text, builder.read, depth))?;
        builder.event(event, &span)?;
    }
    Ok(builder.documents)
}

struct Builder<'t> {
    text: &'t str,
    limits: Limits,
    documents: Vec<Document<'t>>,
    /// The marker that opened the current document; empty where there is none.
    document: Span,
    open: Vec<Open<'t>>,
    /// Finished nodes whose parents are open, all levels in one row.
    done: Vec<Node<'t>>,
    /// The finished nodes of this document that have an anchor, by the parser's number for it.
    anchored: BTreeMap<usize, Span>,
    /// Where the last node or indicator ends that was read.
    read: usize,
    nodes: usize,
}

impl<'t> Builder<'t> {
    fn event(&mut self, event: Event<'t>, span: &granit_parser::Span) -> Result<(), Fault> {
        let place = self.place(span);
        match event {
            // The parser's mark of a document without `---` is that of its first token.
            Event::DocumentStart(explicit, _) => {
                self.document = if explicit { place } else { Span::empty(self.read) };
                self.read = self.document.end;
            }
            Event::DocumentEnd => self.finish_document(place),
            Event::Scalar(value, style, id, _) => {
                self.scalar(value, style, self.properties(id, span), place)?;
            }
            Event::Alias(id) => self.alias(id, place)?,
            Event::Anchor(id, _) => self.anchor(id, place),
            Event::SequenceStart(style, id, _) => {
                let (layout, start) = match style {
                    StructureStyle::Flow => (Layout::Bracketed, place.start),
                    StructureStyle::Block => (Layout::Block, self.first_dash(place.start)),
                };
                self.open(Kind::Sequence(layout), start, self.properties(id, span))?;
            }
            Event::MappingStart(style, id, _) => {
                let layout = match style {
                    StructureStyle::Block => Layout::Block,
                    // The mark of a pair is empty, or its `?`.
                    StructureStyle::Flow if place.of(self.text) == "{" => Layout::Bracketed,
                    StructureStyle::Flow => Layout::Pair,
                };
                self.open(Kind::Mapping(layout), place.start, self.properties(id, span))?;
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(place),
            _ => {}
        }
        Ok(())
    }

    fn scalar(
        &mut self,
        value: Cow<'t, str>,
        style: ScalarStyle,
        properties: Properties<'t>,
        place: Span,
    ) -> Result<(), Fault> {
        let left_out = style == ScalarStyle::Plain && place.start == place.end;
        let span = match style {
            ScalarStyle::Plain if left_out && properties.is_empty() => Span::empty(self.left_out(place.start)),
            ScalarStyle::Literal | ScalarStyle::Folded => {
                let start = layout::find(self.text, self.read, b"|>").unwrap_or(place.start);
                Span::new(start, layout::block_scalar_end(self.text, start, place.end))
            }
            _ => place,
        };
        self.count(span.start)?;
        self.read = span.end;
        if properties.id != 0 {
            self.anchored.insert(properties.id, span);
        }
        let scalar = Scalar {
            // The parser writes `~` for what is left out.
            value: if left_out { Cow::Borrowed("") } else { value },
            style: match style {
                ScalarStyle::Plain => Style::Plain,
                ScalarStyle::SingleQuoted => Style::SingleQuoted,
                ScalarStyle::DoubleQuoted => Style::DoubleQuoted,
                ScalarStyle::Literal => Style::Literal,
                ScalarStyle::Folded => Style::Folded,
            },
        };
        self.done.push(Node { span, anchor: properties.anchor, tag: properties.tag, content: Content::Scalar(scalar) });
        Ok(())
    }

    /// Where a scalar stands that is not there; `mark` is where the parser noticed.
    fn left_out(&self, mark: usize) -> usize {
        let Some(parent) = self.open.last() else {
            return mark;
        };
        let mark = mark.max(self.read);
        match (parent.role(&self.done), parent.kind) {
            (Role::Item, _) => self.behind(b'-', layout::BLANKS).unwrap_or(mark),
            (Role::Key, _) => {
                let read = layout::skip_comma(self.text, self.read);
                layout::behind(self.text, read, b'?', layout::BLANKS).unwrap_or(mark)
            }
            (Role::Value, Kind::Mapping(Layout::Block)) => {
                layout::behind_block_key(self.text, self.read, parent.start).unwrap_or(self.read)
            }
            (Role::Value, _) => self.behind(b':', layout::BLANKS_AND_BRACKETS).unwrap_or(self.read),
        }
    }

    fn behind(&self, indicator: u8, followers: &[u8]) -> Option<usize> {
        layout::behind(self.text, self.read, indicator, followers)
    }

    /// The first `-` of a block sequence. The parser's mark is exact, but for a sequence that is
    /// indented no more than the mapping around it: there it lies behind the `-`.
    fn first_dash(&self, mark: usize) -> usize {
        match self.open.last() {
            Some(Open { kind: Kind::Mapping(_), .. }) => layout::find(self.text, self.read, b"-").unwrap_or(mark),
            _ => mark,
        }
    }

    fn alias(&mut self, id: usize, span: Span) -> Result<(), Fault> {
        self.count(span.start)?;
        let Some(&target) = self.anchored.get(&id) else {
            return Err(Fault { offset: span.start, kind: ErrorKind::CyclicAlias });
        };
        self.read = span.end;
        let name = Cow::Borrowed(&self.text[span.start + 1..span.end]);
        let content = Content::Alias { name, target };
        self.done.push(Node { span, anchor: None, tag: None, content });
        Ok(())
    }

    /// The anchor of the node that has just begun.
    fn anchor(&mut self, id: usize, span: Span) {
        let name = Cow::Borrowed(&self.text[span.start + 1..span.end]);
        let anchor = Some(Anchor { name, span });
        match (self.open.last_mut(), self.done.last_mut()) {
            (Some(open), _) if open.properties.id == id => open.properties.anchor = anchor,
            (_, Some(node)) => node.anchor = anchor,
            (_, None) => {}
        }
    }

    fn properties(&self, id: usize, span: &granit_parser::Span) -> Properties<'t> {
        let tag = span.tag_span().map(|span| {
            let span = self.place(&span);
            Tag { text: Cow::Borrowed(span.of(self.text)), span }
        });
        Properties { id, anchor: None, tag }
    }

    fn open(&mut self, kind: Kind, start: usize, properties: Properties<'t>) -> Result<(), Fault> {
        self.count(start)?;
        if self.open.len() >= self.limits.depth {
            let kind = ErrorKind::TooDeep { limit: self.limits.depth };
            return Err(Fault { offset: start, kind });
        }
        let (Kind::Sequence(layout) | Kind::Mapping(layout)) = kind;
        self.read = if layout == Layout::Bracketed { start + 1 } else { start };
        self.open.push(Open { kind, start, children: self.done.len(), properties });
        Ok(())
    }

    fn close(&mut self, bracket: Span) {
        let Some(Open { kind, start, children, properties }) = self.open.pop() else {
            return;
        };
        let children = self.done.split_off(children);
        let last = children.last().map_or(start, |child| child.span.end);
        let (content, layout) = match kind {
            Kind::Sequence(layout) => (Content::Sequence(children), layout),
            Kind::Mapping(layout) => (Content::Mapping(pairs(children)), layout),
        };
        let end = match layout {
            Layout::Bracketed => bracket.end,
            Layout::Pair | Layout::Block => last,
        };
        let span = Span::new(start, end);
        self.read = end;
        if properties.id != 0 {
            self.anchored.insert(properties.id, span);
        }
        self.done.push(Node { span, anchor: properties.anchor, tag: properties.tag, content });
    }

    fn finish_document(&mut self, marker: Span) {
        let Some(root) = self.done.pop() else {
            return;
        };
        let explicit_start = self.document.end > self.document.start;
        let start = if explicit_start { self.document.start } else { root.extent().start };
        let explicit_end = marker.end > marker.start;
        let end = if explicit_end { marker.end } else { root.span.end };
        self.read = self.read.max(end);
        self.anchored.clear();
        self.documents.push(Document { span: Span::new(start, end), root });
    }

    fn count(&mut self, offset: usize) -> Result<(), Fault> {
        self.nodes += 1;
        if self.nodes > self.limits.nodes {
            let kind = ErrorKind::TooManyNodes { limit: self.limits.nodes };
            return Err(Fault { offset, kind });
        }
        Ok(())
    }

    /// The parser gives byte offsets for every text that it reads from memory.
    fn place(&self, span: &granit_parser::Span) -> Span {
        span.byte_range().map_or(Span::empty(self.read), |range| Span::new(range.start, range.end))
    }
}

fn pairs(children: Vec<Node<'_>>) -> Vec<(Node<'_>, Node<'_>)> {
    let mut pairs = Vec::with_capacity(children.len() / 2);
    let mut children = children.into_iter();
    while let (Some(key), Some(value)) = (children.next(), children.next()) {
        pairs.push((key, value));
    }
    pairs
}
