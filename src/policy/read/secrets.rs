//! Secrets that stand in the file, wherever that is: no message may show the line as it is.

use super::{Reader, features::key_text, form::Name, found::Found, suggest};
use crate::{
    policy::{
        diagnostic::{Diagnostic, Shown},
        keys::{self, AccessSecret, Endpoint, Mapping as _, Proxy},
        secret,
    },
    yaml::{Content, Node, Span},
};

/// Reports every secret in a tree, and remembers it.
pub(super) fn check(node: &Node<'_>, reader: &mut Reader<'_>) {
    match &node.content {
        Content::Scalar(scalar) if scalar.value.split_once("://").is_some_and(|(_, rest)| has_user(rest)) => {
            literal(node, reader);
        }
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
        let (source, pull_secret) = (Endpoint::ACCESS_SECRET.name, Proxy::PULL_SECRET.name);
        if key == source {
            return Self::Source;
        }
        if key == Endpoint::URL.name {
            return Self::Url;
        }
        if keys::MAPPINGS.iter().flat_map(|table| table.keys).any(|known| known.name() == key) {
            return Self::Other;
        }
        // A misspelt `pullSecret` is the name of a Secret, and its help should say so.
        match suggest::nearest(key, [source, pull_secret].into_iter()) {
            Some(meant) if meant == source => Self::Source,
            None if secret::is_name(key) => Self::Secret,
            _ => Self::Other,
        }
    }
}

/// The value of `accessSecret`: a mapping with a name or a path is none.
fn source(value: &Node<'_>, reader: &mut Reader<'_>) {
    match &value.content {
        Content::Mapping(pairs) => {
            for (key_node, value) in pairs {
                let key = key_text(key_node);
                let is_innocent = match (key, &value.content) {
                    (Some(key), Content::Scalar(scalar)) if key == AccessSecret::ENV.name => {
                        Name::is_name(&scalar.value)
                    }
                    (Some(key), Content::Scalar(_)) => key == AccessSecret::FILE.name,
                    _ => false,
                };
                if !is_innocent {
                    literal(value, reader);
                    // `{SECRET}` and `{SECRET: x}` are mappings to YAML.
                    let is_bare = matches!(Found::of(&value.content), Found::Nothing);
                    let is_known =
                        key.is_some_and(|key| AccessSecret::TABLE.keys.iter().any(|known| known.name() == key));
                    if !is_known && (is_bare || !key.is_some_and(Name::is_name)) {
                        literal(key_node, reader);
                    }
                }
            }
        }
        _ => literal(value, reader),
    }
}

/// The value of `url`: with a user in front of its host, even where the scheme is forgotten.
fn url(value: &Node<'_>, reader: &mut Reader<'_>) {
    match &value.content {
        Content::Scalar(scalar) if has_user(&scalar.value) => literal(value, reader),
        _ => check(value, reader),
    }
}

/// Whether a user stands in front of the host, as in `https://user:password@host`. `rest` is what
/// stands behind the scheme.
fn has_user(rest: &str) -> bool {
    rest.split(['/', '?', '#']).next().is_some_and(|authority| authority.contains('@'))
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
