//! From the parser's events to the tree. A stack of open collections, no recursion.

use std::{borrow::Cow, collections::HashMap};

use granit_parser::{Event, Marker, Options, Parser, ScalarStyle, StructureStyle};

use super::{Anchor, Content, Document, ErrorKind, Limits, Node, Scalar, Span, Style, Tag};

type Failure = (ErrorKind, usize);

/// Reads all documents; an error says at which byte.
pub(super) fn build(text: &str, limits: Limits) -> Result<Vec<Document<'_>>, Failure> {
    let mut options = Options::default();
    options.emit_anchor_events = true;
    options.emit_unresolved_aliases = true;
    // One more than ours, so that ours says where.
    options.flow_nesting_limit = limits.depth + 1;
    options.block_nesting_limit = limits.depth + 1;
    let mut builder = Builder {
        text,
        limits,
        nodes: 0,
        documents: Vec::new(),
        start: 0,
        root: None,
        open: Vec::new(),
        anchors: HashMap::new(),
    };
    let mut parser = Parser::new_from_str_with_options(text, options);
    while let Some(event) = parser.next_event() {
        let (event, span) = event.map_err(|error| {
            let offset = byte_of(text, *error.marker());
            (ErrorKind::of(&error, limits.depth), offset)
        })?;
        builder.take(event, span)?;
    }
    Ok(builder.documents)
}

struct Builder<'t> {
    text: &'t str,
    limits: Limits,
    nodes: usize,
    documents: Vec<Document<'t>>,
    /// Where the document began.
    start: usize,
    root: Option<Node<'t>>,
    open: Vec<Open<'t>>,
    /// The span of each anchored node, by the parser's number for the anchor.
    anchors: HashMap<usize, Span>,
}

/// A collection whose end has not come.
struct Open<'t> {
    start: usize,
    style: StructureStyle,
    anchor_id: usize,
    anchor: Option<Anchor<'t>>,
    tag: Option<Tag<'t>>,
    children: Children<'t>,
}

enum Children<'t> {
    Items(Vec<Node<'t>>),
    Entries { entries: Vec<(Node<'t>, Node<'t>)>, key: Option<Node<'t>> },
}

impl<'t> Builder<'t> {
    fn take(&mut self, event: Event<'t>, span: granit_parser::Span) -> Result<(), Failure> {
        let place = Span { start: byte_of(self.text, span.start), end: byte_of(self.text, span.end) };
        match event {
            Event::DocumentStart(..) => self.start = place.start,
            Event::DocumentEnd => self.end_document(place),
            Event::Scalar(value, style, anchor_id, _) => {
                self.count(place.start)?;
                let style = style_of(style);
                let tag = self.tag(&span);
                let (span, value) = self.scalar(place, value, style);
                self.anchors.insert(anchor_id, span);
                self.add(Node { span, anchor: None, tag, content: Content::Scalar(Scalar { value, style }) });
            }
            Event::SequenceStart(style, anchor_id, _) => {
                let tag = self.tag(&span);
                self.open(place.start, style, anchor_id, tag, Children::Items(Vec::new()))?;
            }
            Event::MappingStart(style, anchor_id, _) => {
                let tag = self.tag(&span);
                let children = Children::Entries { entries: Vec::new(), key: None };
                self.open(place.start, style, anchor_id, tag, children)?;
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(place),
            Event::Anchor(_, name) => self.name_anchor(Anchor { name, span: place }),
            Event::Alias(id) => {
                self.count(place.start)?;
                let target = self.anchors.get(&id).copied().unwrap_or(place);
                let name = Cow::Borrowed(place.of(self.text).trim_start_matches('*'));
                self.add(Node { span: place, anchor: None, tag: None, content: Content::Alias { name, target } });
            }
            Event::UnresolvedAlias(name) => {
                return Err((ErrorKind::UnknownAlias(name.into_owned()), place.start));
            }
            _ => {}
        }
        Ok(())
    }

    fn count(&mut self, at: usize) -> Result<(), Failure> {
        self.nodes += 1;
        if self.nodes > self.limits.nodes {
            let limit = self.limits.nodes;
            return Err((ErrorKind::TooManyNodes { limit }, at));
        }
        Ok(())
    }

    fn open(
        &mut self,
        start: usize,
        style: StructureStyle,
        anchor_id: usize,
        tag: Option<Tag<'t>>,
        children: Children<'t>,
    ) -> Result<(), Failure> {
        self.count(start)?;
        if self.open.len() >= self.limits.depth {
            let limit = self.limits.depth;
            return Err((ErrorKind::TooDeep { limit }, start));
        }
        self.anchors.insert(anchor_id, Span { start, end: start });
        self.open.push(Open { start, style, anchor_id, anchor: None, tag, children });
        Ok(())
    }

    fn close(&mut self, place: Span) {
        let Some(open) = self.open.pop() else { return };
        let content = match open.children {
            Children::Items(items) => Content::Sequence(items),
            Children::Entries { entries, .. } => Content::Mapping(entries),
        };
        let (first, last) = match &content {
            Content::Sequence(items) => (items.first(), items.last()),
            Content::Mapping(entries) => (entries.first().map(|(key, _)| key), entries.last().map(|(_, value)| value)),
            Content::Scalar(_) | Content::Alias { .. } => (None, None),
        };
        let start = first.map_or(open.start, |first| open.start.min(first.first_byte()));
        let end = match open.style {
            StructureStyle::Flow => place.end,
            StructureStyle::Block => last.map_or(start, |last| last.span.end.max(start)),
        };
        let span = Span { start, end };
        self.anchors.insert(open.anchor_id, span);
        self.add(Node { span, anchor: open.anchor, tag: open.tag, content });
    }

    /// Puts a finished node where it belongs.
    fn add(&mut self, node: Node<'t>) {
        match self.open.last_mut().map(|open| &mut open.children) {
            None => self.root = Some(node),
            Some(Children::Items(items)) => items.push(node),
            Some(Children::Entries { entries, key }) => match key.take() {
                None => *key = Some(node),
                Some(key) => entries.push((key, node)),
            },
        }
    }

    /// The anchor of the node that has just come: it is the newest scalar, or the newest open
    /// collection.
    fn name_anchor(&mut self, anchor: Anchor<'t>) {
        let untouched = match self.open.last() {
            Some(Open { children: Children::Items(items), .. }) => items.is_empty(),
            Some(Open { children: Children::Entries { entries, key }, .. }) => entries.is_empty() && key.is_none(),
            None => false,
        };
        let target = match self.open.last_mut() {
            Some(open) if untouched => &mut open.anchor,
            Some(open) => {
                let newest = match &mut open.children {
                    Children::Items(items) => items.last_mut(),
                    Children::Entries { key: Some(key), .. } => Some(key),
                    Children::Entries { entries, key: None } => entries.last_mut().map(|(_, value)| value),
                };
                let Some(newest) = newest else { return };
                &mut newest.anchor
            }
            None => {
                let Some(root) = &mut self.root else { return };
                &mut root.anchor
            }
        };
        *target = Some(anchor);
    }

    fn end_document(&mut self, place: Span) {
        self.anchors.clear();
        if let Some(root) = self.root.take() {
            let start = self.start.min(root.first_byte());
            let end = root.span.end.max(start).min(place.end.max(root.span.end));
            self.documents.push(Document { span: Span { start, end }, root });
        }
    }

    fn tag(&self, span: &granit_parser::Span) -> Option<Tag<'t>> {
        let place = span.tag_span()?;
        let span = Span { start: byte_of(self.text, place.start), end: byte_of(self.text, place.end) };
        Some(Tag { text: Cow::Borrowed(span.of(self.text)), span })
    }

    /// A scalar's exact place. The parser's place of a block scalar runs into the next line, and
    /// what is not there stands where the parser noticed.
    fn scalar(&self, place: Span, value: Cow<'t, str>, style: Style) -> (Span, Cow<'t, str>) {
        let source = place.of(self.text);
        match style {
            Style::Plain if source.is_empty() => (self.place_of_nothing(place.start), Cow::Borrowed("")),
            Style::Literal | Style::Folded => {
                let end = place.start + source.trim_end().len();
                (Span { end, ..place }, value)
            }
            Style::Plain | Style::SingleQuoted | Style::DoubleQuoted => (place, value),
        }
    }

    /// Behind the `:` of the key that waits for a value; elsewhere behind the last text.
    fn place_of_nothing(&self, noticed: usize) -> Span {
        let at = match self.open.last().map(|open| &open.children) {
            Some(Children::Entries { key: Some(key), .. }) => {
                let behind = self.text.get(key.span.end..).unwrap_or_default();
                let colon = behind.trim_start();
                let skipped = behind.len() - colon.len();
                key.span.end + if colon.starts_with(':') { skipped + 1 } else { 0 }
            }
            _ => self.text.get(..noticed).unwrap_or_default().trim_end().len(),
        };
        Span { start: at, end: at }
    }
}

impl Node<'_> {
    /// Where the node begins, its anchor and tag included.
    fn first_byte(&self) -> usize {
        let anchor = self.anchor.as_ref().map(|anchor| anchor.span.start);
        let tag = self.tag.as_ref().map(|tag| tag.span.start);
        anchor.into_iter().chain(tag).fold(self.span.start, usize::min)
    }
}

fn style_of(style: ScalarStyle) -> Style {
    match style {
        ScalarStyle::Plain => Style::Plain,
        ScalarStyle::SingleQuoted => Style::SingleQuoted,
        ScalarStyle::DoubleQuoted => Style::DoubleQuoted,
        ScalarStyle::Literal => Style::Literal,
        ScalarStyle::Folded => Style::Folded,
    }
}

/// The parser knows bytes where it reads a `str`; it always does here.
fn byte_of(text: &str, marker: Marker) -> usize {
    marker.byte_offset().unwrap_or(text.len()).min(text.len())
}
