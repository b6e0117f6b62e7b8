//! Secrets that stand in the file, wherever that is: no message may show the line as it is.

use super::{Reader, features::key_text, form::Name, found::Found, suggest};
use crate::{
    policy::{
        diagnostic::{Diagnostic, Shown},
        keys::{self, AccessSecret, Endpoint},
        secret,
    },
    yaml::{Content, Node, Span},
};

/// Reports every secret in a tree, and remembers it.
pub(super) fn check(node: &Node<'_>, reader: &mut Reader<'_>) {
    match &node.content {
        Content::Scalar(_) | Content::Alias { .. } => {}
        Content::Sequence(items) => items.iter().for_each(|item| check(item, reader)),
        Content::Mapping(pairs) => {
            for (key, value) in pairs {
                check(key, reader);
                match key_text(key).map_or(Meaning::Other, Meaning::of) {
                    Meaning::Source => source(value, reader),
                    Meaning::Secret => literal(value, reader),
                    Meaning::Url => url(value, reader),
                    Meaning::Other => check(value, reader),
                }
            }
        }
    }
}

/// What a key says of its value.
enum Meaning {
    /// Where the secret is to be found.
    Source,
    /// The secret itself.
    Secret,
    /// A URL, which may hold a password.
    Url,
    Other,
}

impl Meaning {
    fn of(key: &str) -> Self {
        let source = Endpoint::ACCESS_SECRET.name;
        let is_known = keys::MAPPINGS.iter().flat_map(|table| table.keys).any(|known| known.name() == key);
        if key == source || (!is_known && suggest::nearest(key, std::iter::once(source)).is_some()) {
            Self::Source
        } else if secret::is_name(key) {
            Self::Secret
        } else if key == Endpoint::URL.name {
            Self::Url
        } else {
            Self::Other
        }
    }
}

/// The value of `accessSecret`: a mapping with a name or a path is none.
fn source(value: &Node<'_>, reader: &mut Reader<'_>) {
    match &value.content {
        Content::Mapping(pairs) => {
            for (key, value) in pairs {
                let key = key_text(key);
                let is_innocent = match (key, &value.content) {
                    (Some(key), Content::Scalar(scalar)) if key == AccessSecret::ENV.name => {
                        Name::is_name(&scalar.value)
                    }
                    (Some(key), Content::Scalar(_)) => key == AccessSecret::FILE.name,
                    _ => false,
                };
                if !is_innocent {
                    literal(value, reader);
                }
            }
        }
        _ => literal(value, reader),
    }
}

/// A URL with a user in front of its host: `https://user:password@host`.
fn url(value: &Node<'_>, reader: &mut Reader<'_>) {
    let authority = |text: &str| Some(text.split_once("://")?.1.split(['/', '?', '#']).next()?.to_owned());
    match &value.content {
        Content::Scalar(scalar) if authority(&scalar.value).is_some_and(|authority| authority.contains('@')) => {
            literal(value, reader);
        }
        _ => check(value, reader),
    }
}

/// Reports a value, and what stands in front of it: a secret that starts with `!` is a tag to YAML.
fn literal(value: &Node<'_>, reader: &mut Reader<'_>) {
    let in_front = [value.tag.as_ref().map(|tag| tag.span), value.anchor.as_ref().map(|anchor| anchor.span)];
    let is_nothing = in_front == [None, None] && matches!(Found::of(&value.content), Found::Nothing);
    if is_nothing || matches!(value.content, Content::Alias { .. }) {
        return;
    }
    let span = in_front
        .into_iter()
        .flatten()
        .fold(value.span, |whole, part| Span { start: whole.start.min(part.start), end: whole.end.max(part.end) });
    let help = "write `accessSecret: {env: NAME}` or `accessSecret: {file: PATH}`, and change the secret if others have seen the file";
    let finding = Diagnostic::error(span, "a secret stands in the file").with_help(help);
    reader.report(Diagnostic { shown: Shown::Masked, ..finding });
    reader.remember_secret(value);
}
