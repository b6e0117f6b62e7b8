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
/// the beginning of a line, where only templates have any, and texts in block scalars.
pub(super) fn action(bytes: &[u8], error: usize) -> Option<Position> {
    let text = std::str::from_utf8(bytes).ok()?;
    let mut start = 0;
    // The indentation of the line that opened a block scalar.
    let mut block = None;
    for (index, line) in text.split_inclusive('\n').enumerate() {
        let end = start + line.len();
        let content = line.trim();
        let indentation = line.len() - line.trim_start().len();
        let is_in_block = block.is_some_and(|outer| content.is_empty() || indentation > outer);
        if !is_in_block {
            block = opens_block(content).then_some(indentation);
        }
        let opens = content.starts_with(OPEN) && !is_in_block;
        let has_error = (start..=end).contains(&error);
        if let Some(at) = line.find(OPEN).filter(|_| opens || has_error) {
            return Some(Position { line: index + 1, column: line[..at].chars().count() + 1 });
        }
        start = end;
    }
    None
}

/// Whether a line ends with the header of a block scalar, or looks so.
fn opens_block(line: &str) -> bool {
    let line = line.split_once(" #").map_or(line, |(line, _)| line);
    let last = line.split_whitespace().last().unwrap_or_default();
    let indicators = last.strip_prefix(['|', '>']);
    indicators.is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit() || b"+-".contains(&byte)))
}
