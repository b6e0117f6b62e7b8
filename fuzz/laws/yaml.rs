//! Any bytes are read as YAML or refused with a place in them. Each node lies within its parent,
//! and siblings lie one behind the other.

use harbor_pilot::yaml::{Content, Limits, Node, Span, Stream};

const LIMITS: Limits = Limits { bytes: 1 << 20, depth: 64, nodes: 10_000 };

pub fn law(data: &[u8]) {
    match Stream::parse(data, LIMITS) {
        Err(error) => assert!(error.offset <= data.len()),
        Ok(stream) => {
            let mut at = 0;
            for document in &stream.documents {
                assert!(document.span.start >= at);
                at = document.span.end;
                check(&stream, &document.root, document.span);
            }
        }
    }
}

fn check(stream: &Stream<'_>, node: &Node<'_>, parent: Span) {
    let Span { start, end } = node.span;
    assert!(stream.text.get(start..end).is_some());
    assert!(parent.start <= start && end <= parent.end);
    let position = stream.position(start);
    assert!(position.line >= 1 && position.column >= 1);
    let children: Vec<&Node<'_>> = match &node.content {
        Content::Scalar(_) | Content::Alias { .. } => Vec::new(),
        Content::Sequence(items) => items.iter().collect(),
        Content::Mapping(entries) => entries.iter().flat_map(|(key, value)| [key, value]).collect(),
    };
    let mut at = start;
    for child in children {
        assert!(child.span.start >= at);
        at = child.span.end;
        check(stream, child, node.span);
    }
}
