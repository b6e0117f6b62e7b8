//! Lists and mappings.

use std::marker::PhantomData;

use serde_json::{Value as Json, json};

use super::{
    super::{
        Reader,
        fields::{Fields, FromFields},
        found::Found,
    },
    Form, Text,
};
use crate::{
    policy::{
        file::{Entry, PatternText, Spanned},
        keys::Mapping,
    },
    yaml::{Content, Node},
};

/// A string up to here is written out in help, in bytes.
const SHORT: usize = 60;

/// A list, maybe of nothing.
pub(in crate::policy) struct List<F>(pub(in crate::policy) F);

/// A list of at least one.
pub(in crate::policy) struct NonEmpty<F>(pub(in crate::policy) F);

/// One, or a list of at least one.
pub(in crate::policy) struct OneOrMany<F>(pub(in crate::policy) F);

/// A mapping with the keys of `M`.
pub(in crate::policy) struct Of<M>(PhantomData<fn() -> M>);

impl<M> Of<M> {
    pub(in crate::policy) const NEW: Self = Self(PhantomData);
}

/// A pattern by itself, or a mapping with the keys of `M`.
pub(in crate::policy) struct EntryOf<M>(PhantomData<fn() -> M>);

impl<M> EntryOf<M> {
    pub(in crate::policy) const NEW: Self = Self(PhantomData);
}

impl<F: Form> Form for List<F> {
    type Value = Spanned<Vec<F::Value>>;

    fn read(&self, node: &Node<'_>, reader: &mut Reader<'_>) -> Option<Self::Value> {
        match reader.content(node)? {
            Content::Sequence(items) => {
                let value = items.iter().filter_map(|item| self.0.read(item, reader)).collect();
                Some(Spanned { value, span: node.span })
            }
            other => {
                not_a_list(node, other, "leave the key out for the default, or write `[]` for an empty list", reader)
            }
        }
    }

    fn schema(&self) -> Json {
        json!({ "type": "array", "items": self.0.schema() })
    }
}

impl<F: Form> Form for NonEmpty<F> {
    type Value = Spanned<Vec<F::Value>>;

    fn read(&self, node: &Node<'_>, reader: &mut Reader<'_>) -> Option<Self::Value> {
        match reader.content(node)? {
            Content::Sequence(items) if items.is_empty() => reader.refuse(
                node,
                "expected a list of at least one, but found an empty list".to_owned(),
                "write at least one",
            ),
            Content::Sequence(_) => List(&self.0).read(node, reader),
            other => not_a_list(node, other, "write at least one", reader),
        }
    }

    fn schema(&self) -> Json {
        json!({ "type": "array", "items": self.0.schema(), "minItems": 1 })
    }

    fn example(&self) -> &'static str {
        "[…]"
    }
}

impl<F: Form> Form for OneOrMany<F> {
    type Value = Vec<F::Value>;

    fn read(&self, node: &Node<'_>, reader: &mut Reader<'_>) -> Option<Self::Value> {
        match reader.content(node)? {
            Content::Sequence(_) => NonEmpty(&self.0).read(node, reader).map(|list| list.value),
            _ => self.0.read(node, reader).map(|one| vec![one]),
        }
    }

    fn schema(&self) -> Json {
        json!({ "oneOf": [self.0.schema(), NonEmpty(&self.0).schema()] })
    }
}

impl<M: FromFields> Form for Of<M> {
    type Value = M::Value;

    fn read(&self, node: &Node<'_>, reader: &mut Reader<'_>) -> Option<Self::Value> {
        match reader.content(node)? {
            Content::Mapping(pairs) => M::from_fields(&Fields::open(node.span, pairs, reader), reader),
            other => reader.expected("a mapping", &Found::of(other), node, example::<M>()),
        }
    }

    fn schema(&self) -> Json {
        reference::<M>()
    }
}

impl<M: FromFields<Value = Entry>> Form for EntryOf<M> {
    type Value = Entry;

    fn read(&self, node: &Node<'_>, reader: &mut Reader<'_>) -> Option<Entry> {
        match reader.content(node)? {
            Content::Mapping(_) => Of::<M>::NEW.read(node, reader),
            _ => Text::ANY.read(node, reader).map(|pattern| Entry {
                span: node.span,
                pattern: PatternText::Glob(pattern),
                tag: None,
                reason: None,
                always: false,
            }),
        }
    }

    fn schema(&self) -> Json {
        json!({ "oneOf": [Text::ANY.schema(), reference::<M>()] })
    }
}

fn not_a_list<T>(node: &Node<'_>, content: &Content<'_>, if_nothing: &str, reader: &mut Reader<'_>) -> Option<T> {
    let found = Found::of(content);
    let help = match found {
        Found::Nothing => if_nothing.to_owned(),
        Found::Text(text) if text.len() < SHORT => format!("write `[{}]`", Found::in_flow(text)),
        _ => "start each entry with `- `".to_owned(),
    };
    reader.expected("a list", &found, node, help)
}

fn reference<M: Mapping>() -> Json {
    json!({ "$ref": format!("#/$defs/{}", M::TABLE.id) })
}

fn example<M: Mapping>() -> String {
    let first = M::TABLE.keys.first().map_or("key", |key| key.name());
    format!("write its keys, such as `{first}`, as `key: value`")
}
