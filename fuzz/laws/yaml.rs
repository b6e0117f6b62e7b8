// Whatever the bytes are: no panic, no limit passed, and every span and place keeps its promise.

use harbor_pilot::yaml::{Content, Limits, Node, Position, Span, Stream, Style};

const LIMITS: Limits = Limits { bytes: 1 << 20, depth: 24, nodes: 2_000 };

/// Reads the bytes as YAML, and panics where the reader breaks one of its promises.
pub fn law(data: &[u8]) {
    let stream = match Stream::parse(data, LIMITS) {
        Ok(stream) => stream,
        Err(error) => {
            assert!(error.offset <= data.len(), "the error lies in the text: {error:?}");
            assert!(error.position >= Position { line: 1, column: 1 });
            assert!(error.to_string().starts_with("expected "), "{error}");
            return;
        }
    };
    assert_eq!(stream.text.as_bytes(), data, "the text is the input, byte for byte");
    let mut nodes = 0;
    let mut read = 0;
    for document in &stream.documents {
        assert_slices(stream.text, document.span);
        assert!(read <= document.span.start, "documents stand in order");
        read = document.span.end;
        let mut checker = Checker { stream: &stream, anchored: Vec::new(), nodes: &mut nodes };
        checker.node(&document.root, document.span, 0);
    }
    assert!(nodes <= LIMITS.nodes);
    for (number, line) in lines(stream.text).into_iter().enumerate() {
        assert_eq!(stream.line(number + 1), line);
    }
}

struct Checker<'s, 't> {
    stream: &'s Stream<'t>,
    anchored: Vec<Span>,
    nodes: &'s mut usize,
}

impl Checker<'_, '_> {
    fn node(&mut self, node: &Node<'_>, parent: Span, depth: usize) {
        *self.nodes += 1;
        assert!(depth <= LIMITS.depth);
        let text = self.stream.text;
        assert_slices(text, node.span);
        let extent = node.extent();
        assert!(parent.start <= extent.start && extent.end <= parent.end, "inside its parent");
        self.properties(node);
        let source = &text[node.span.start..node.span.end];
        match &node.content {
            Content::Scalar(scalar) => {
                let (first, last) = match scalar.style {
                    Style::SingleQuoted => ("'", "'"),
                    Style::DoubleQuoted => ("\"", "\""),
                    Style::Literal => ("|", ""),
                    Style::Folded => (">", ""),
                    Style::Plain => ("", ""),
                };
                assert!(source.starts_with(first) && source.ends_with(last), "{source:?}");
                if scalar.style == Style::Plain && !source.contains(['\n', '\r']) {
                    assert_eq!(scalar.value, source, "a plain line is its own value");
                }
                assert!(!source.ends_with(['\n', '\r']), "no span runs into the next line");
            }
            Content::Sequence(items) => {
                assert!(source.starts_with(['[', '-']), "{source:?}");
                self.children(items.iter(), node.span, depth);
            }
            Content::Mapping(pairs) => {
                self.children(pairs.iter().flat_map(|(key, value)| [key, value]), node.span, depth);
            }
            Content::Alias { name, target } => {
                assert_eq!(source.strip_prefix('*'), Some(&**name));
                assert!(self.anchored.contains(target), "an alias points at an anchored node");
                assert!(target.end <= node.span.start);
            }
        }
        if node.anchor.is_some() {
            self.anchored.push(node.span);
        }
        let position = self.stream.position(node.span.start);
        let line = self.stream.line_span(position.line);
        let ahead = &text[line.start.min(node.span.start)..node.span.start];
        assert_eq!(position.column, ahead.chars().count() + 1);
    }

    fn children<'n, 't: 'n>(&mut self, children: impl Iterator<Item = &'n Node<'t>>, parent: Span, depth: usize) {
        let mut read = parent.start;
        for child in children {
            assert!(read <= child.extent().start, "siblings stand in order and never overlap");
            read = child.span.end;
            self.node(child, parent, depth + 1);
        }
    }

    fn properties(&self, node: &Node<'_>) {
        let text = self.stream.text;
        if let Some(anchor) = &node.anchor {
            assert_slices(text, anchor.span);
            assert_eq!(text[anchor.span.start..anchor.span.end], format!("&{}", anchor.name));
            assert!(anchor.span.end <= node.span.start);
        }
        if let Some(tag) = &node.tag {
            assert_slices(text, tag.span);
            assert_eq!(text[tag.span.start..tag.span.end], tag.text);
            assert!(tag.text.starts_with('!') && tag.span.end <= node.span.start);
        }
    }
}

fn assert_slices(text: &str, span: Span) {
    assert!(text.get(span.start..span.end).is_some(), "{span:?} lies in the text");
}

/// The lines of a text by another way than the reader's.
fn lines(text: &str) -> Vec<String> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    text.replace("\r\n", "\n").split(['\n', '\r']).map(str::to_owned).collect()
}
