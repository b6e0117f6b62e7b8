//! Secrets that stand in the file, wherever that is: no message may show the line as it is.

use super::{Reader, features::key_text, form::Name, found::Found, suggest};
use crate::{
    policy::{
        diagnostic::{Diagnostic, Shown},
        keys::{self, AccessSecret, Endpoint},
    },
    yaml::{Content, Node},
};

/// Names that people give to secrets, in small letters and without `-` and `_`.
const WORDS: [&str; 11] = [
    "accesskey",
    "accesspassword",
    "accesstoken",
    "apikey",
    "credential",
    "credentials",
    "passwd",
    "password",
    "privatekey",
    "secret",
    "token",
];

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
    Other,
}

impl Meaning {
    fn of(key: &str) -> Self {
        let source = Endpoint::ACCESS_SECRET.name;
        let is_known = keys::MAPPINGS.iter().flat_map(|table| table.keys).any(|known| known.name() == key);
        if key == source || (!is_known && suggest::nearest(key, std::iter::once(source)).is_some()) {
            Self::Source
        } else if suggest::plain(key).is_some_and(|plain| WORDS.iter().any(|word| word.as_bytes() == plain)) {
            Self::Secret
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

fn literal(value: &Node<'_>, reader: &mut Reader<'_>) {
    if matches!(value.content, Content::Alias { .. }) || matches!(Found::of(&value.content), Found::Nothing) {
        return;
    }
    let help = "write `accessSecret: {env: NAME}` or `accessSecret: {file: PATH}`, and change the secret if others have seen the file";
    let finding = Diagnostic::error(value.span, "a secret stands in the file").with_help(help);
    reader.report(Diagnostic { shown: Shown::Masked, ..finding });
    reader.remember_secret(value);
}
