//! Helm templates, which look like manifests and are none yet.

use crate::yaml::{Content, Node, Position};

/// What opens an action in a template.
const OPEN: &str = "{{";

/// Whether a value holds an action.
pub(super) fn is_in(value: &str) -> bool {
    value.contains(OPEN)
}

/// Whether a node is what YAML makes of an action: a mapping in a mapping, as its key.
pub(super) fn is_action(node: &Node<'_>) -> bool {
    let inner = |content: &Content<'_>| matches!(content, Content::Mapping(_));
    match &node.content {
        Content::Mapping(pairs) => pairs.first().is_some_and(|(key, _)| inner(&key.content)),
        _ => false,
    }
}

/// Where a text that is no YAML has the action that makes it none: on the line of the error, or at
/// the beginning of a line, where only templates have any.
pub(super) fn action(bytes: &[u8], error: usize) -> Option<Position> {
    let text = std::str::from_utf8(bytes).ok()?;
    let mut start = 0;
    for (index, line) in text.split_inclusive('\n').enumerate() {
        let end = start + line.len();
        let opens = line.trim_start().starts_with(OPEN);
        let has_error = (start..=end).contains(&error);
        if let Some(at) = line.find(OPEN).filter(|_| opens || has_error) {
            return Some(Position { line: index + 1, column: line[..at].chars().count() + 1 });
        }
        start = end;
    }
    None
}
