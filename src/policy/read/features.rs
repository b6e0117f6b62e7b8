//! What YAML can say and a policy may not: anchors, aliases, merge keys, tags, a key twice.

use std::collections::HashMap;

use super::Reader;
use crate::{
    escape::quoted,
    policy::diagnostic::Diagnostic,
    yaml::{Content, Node, Span, Style},
};

/// Reports all of it in a tree, so that reading can pass over it in silence.
pub(super) fn check(node: &Node<'_>, reader: &mut Reader<'_>) {
    // No message may quote what is in front of a secret.
    if !reader.is_secret(node) {
        properties(node, reader);
    }
    match &node.content {
        Content::Scalar(_) => {}
        Content::Alias { name, target } => {
            let message = format!("a policy has no aliases, but found {}", quoted(&format!("*{name}")));
            let help = "write the value out; a pattern that starts with `*` must be in quotes";
            reader.report(
                Diagnostic::error(node.span, message).with_help(help).with_other(*target, "it stands for this"),
            );
        }
        Content::Sequence(items) => items.iter().for_each(|item| check(item, reader)),
        Content::Mapping(pairs) => mapping(pairs, reader),
    }
}

/// A key's text, where it is a scalar.
pub(super) fn key_text<'n>(key: &'n Node<'_>) -> Option<&'n str> {
    match &key.content {
        Content::Scalar(scalar) => Some(&scalar.value),
        _ => None,
    }
}

/// Whether a key asks for another mapping's keys: YAML 1.1's `<<`.
pub(super) fn is_merge(key: &Node<'_>) -> bool {
    matches!(&key.content, Content::Scalar(scalar) if scalar.style == Style::Plain && scalar.value == "<<")
}

fn properties(node: &Node<'_>, reader: &mut Reader<'_>) {
    if let Some(anchor) = &node.anchor {
        let message = format!("a policy has no anchors, but found {}", quoted(&format!("&{}", anchor.name)));
        reader.report(
            Diagnostic::error(anchor.span, message).with_help("delete it, and write the value out where it is used"),
        );
    }
    if let Some(tag) = &node.tag {
        let message = format!("a policy has no tags, but found {}", quoted(&tag.text));
        let help = "delete it; quotes make a string of any value";
        reader.report(Diagnostic::error(tag.span, message).with_help(help));
    }
}

fn mapping(pairs: &[(Node<'_>, Node<'_>)], reader: &mut Reader<'_>) {
    let mut seen: HashMap<&str, Span> = HashMap::new();
    for (key, value) in pairs {
        if is_merge(key) {
            let help = "write the keys out where they are used";
            reader.report(Diagnostic::error(key.span, "a policy has no merge keys, but found `<<`").with_help(help));
        } else if let Some(text) = key_text(key) {
            properties(key, reader);
            if let Some(first) = seen.get(text) {
                let message = format!("the key {} stands twice", quoted(text));
                reader.report(
                    Diagnostic::error(key.span, message)
                        .with_help("keep one of the two")
                        .with_other(*first, "the first is here"),
                );
            } else {
                seen.insert(text, key.span);
            }
        } else {
            let found = match &key.content {
                Content::Mapping(_) => "a mapping",
                Content::Alias { .. } => "an alias",
                Content::Sequence(_) | Content::Scalar(_) => "a list",
            };
            let help = "write a plain word as the key; text with `{` or `[` must be in quotes";
            reader.report(
                Diagnostic::error(key.span, format!("expected a word as a key, but found {found}")).with_help(help),
            );
        }
        // The merge key says enough of its alias.
        if !(is_merge(key) && matches!(value.content, Content::Alias { .. })) {
            check(value, reader);
        }
    }
}
