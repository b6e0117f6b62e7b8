//! The forms that a value may have: how each is read, and how the JSON Schema says it.

use std::marker::PhantomData;

use serde_json::{Value as Json, json};

use super::{
    Reader,
    fields::{Fields, FromFields},
    found::Found,
    suggest,
};
use crate::{
    policy::{
        diagnostic::quoted,
        file::{Entry, PatternText, Spanned},
        keys::Mapping,
    },
    yaml::{Content, Node},
};

/// The form of a value.
pub(in crate::policy) trait Form {
    type Value;
    /// `None` where the value has another form, which is reported then.
    fn read(&self, node: &Node<'_>, reader: &mut Reader<'_>) -> Option<Self::Value>;
    fn schema(&self) -> Json;
    /// What may stand there, for a message.
    fn example(&self) -> &'static str {
        "…"
    }
}

/// One line of text that is not blank.
pub(in crate::policy) struct Text {
    /// In characters.
    longest: Option<usize>,
}

impl Text {
    /// As long as it likes.
    pub(in crate::policy) const ANY: Self = Self { longest: None };
    /// For people: it ends up in messages, which have limits.
    pub(in crate::policy) const LINE: Self = Self { longest: Some(200) };
}

/// This text and no other.
pub(in crate::policy) struct Constant(pub(in crate::policy) &'static str);

/// The name of an environment variable.
pub(in crate::policy) struct Name;

/// `true` or `false`.
pub(in crate::policy) struct Switch;

/// A whole number.
pub(in crate::policy) struct Integer {
    pub(in crate::policy) least: i64,
}

/// One of a few words.
pub(in crate::policy) struct Choice<T>(PhantomData<fn() -> T>);

impl<T> Choice<T> {
    pub(in crate::policy) const NEW: Self = Self(PhantomData);
}

/// The words of a [`Choice`].
pub(in crate::policy) trait Words: Copy + PartialEq + 'static {
    const WORDS: &'static [(&'static str, Self)];

    fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(_, value)| *value == self).map_or("", |(word, _)| word)
    }
}

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

impl Form for Text {
    type Value = Spanned<String>;

    fn read(&self, node: &Node<'_>, reader: &mut Reader<'_>) -> Option<Spanned<String>> {
        match Found::of(reader.content(node)?) {
            Found::Text(text) => match self.check(text) {
                Ok(()) => Some(Spanned { value: text.to_owned(), span: node.span }),
                Err((message, help)) => reader.refuse(node, message, help),
            },
            found @ (Found::Number(text) | Found::Boolean(text)) => {
                reader.expected("a string", &found, node, format!("quote it: `\"{text}\"`"))
            }
            found @ Found::Nothing => {
                let help = "write a value, or leave it out; text that starts with `#` must be in quotes";
                reader.expected("a string", &found, node, help)
            }
            found @ (Found::List | Found::Mapping) => reader.expected("a string", &found, node, "write one string"),
        }
    }

    fn schema(&self) -> Json {
        let mut schema = json!({
            "type": "string",
            "pattern": format!(r"^[^{UNFIT}]*[^{UNFIT}\s][^{UNFIT}]*$"),
        });
        if let Some(longest) = self.longest {
            schema["maxLength"] = longest.into();
        }
        schema
    }
}

impl Text {
    fn check(&self, text: &str) -> Result<(), (String, &'static str)> {
        if text.trim().is_empty() {
            return Err(("expected a string, but found an empty one".to_owned(), "write a value, or leave it out"));
        }
        if text.contains(['\n', '\r']) {
            let message = "expected one line of text, but found a line break";
            return Err((message.to_owned(), "write it on one line, without `|` or `>` before it"));
        }
        if let Some(unfit) = text.chars().find(|character| is_unfit(*character)) {
            let message =
                format!("expected one line of text, but found the control character `{}`", unfit.escape_unicode());
            return Err((message, "delete it"));
        }
        match self.longest.map(|longest| (longest, text.chars().count())) {
            Some((longest, length)) if length > longest => {
                Err((format!("expected at most {longest} characters, but found {length}"), "shorten it"))
            }
            _ => Ok(()),
        }
    }
}

/// Characters that steer a terminal or turn the text around them, as a regex class of ECMA 262.
const UNFIT: &str = r"\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069";

fn is_unfit(character: char) -> bool {
    character.is_control() || matches!(character, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

impl Form for Constant {
    type Value = ();

    fn read(&self, node: &Node<'_>, reader: &mut Reader<'_>) -> Option<()> {
        match Found::of(reader.content(node)?) {
            Found::Text(text) if text == self.0 => Some(()),
            found => reader.expected(&format!("`{}`", self.0), &found, node, format!("write `{}`", self.0)),
        }
    }

    fn schema(&self) -> Json {
        json!({ "const": self.0 })
    }

    fn example(&self) -> &'static str {
        self.0
    }
}

impl Name {
    /// A letter or `_`, then letters, digits and `_`: IEEE Std 1003.1, 3.216. Small letters too,
    /// for shells take them.
    pub(super) fn is_name(text: &str) -> bool {
        !text.starts_with(|first: char| first.is_ascii_digit())
            && !text.is_empty()
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    }
}

impl Form for Name {
    type Value = Spanned<String>;

    /// What is no name has been reported as a secret before.
    fn read(&self, node: &Node<'_>, reader: &mut Reader<'_>) -> Option<Spanned<String>> {
        Text::ANY.read(node, reader)
    }

    fn schema(&self) -> Json {
        json!({ "type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_]*$" })
    }

    fn example(&self) -> &'static str {
        "NAME"
    }
}

impl Form for Switch {
    type Value = Spanned<bool>;

    fn read(&self, node: &Node<'_>, reader: &mut Reader<'_>) -> Option<Spanned<bool>> {
        let found = Found::of(reader.content(node)?);
        if let Found::Boolean(text) = found {
            return Some(Spanned { value: text.eq_ignore_ascii_case("true"), span: node.span });
        }
        let word = match found {
            Found::Text(text) | Found::Number(text) => text.to_ascii_lowercase(),
            _ => String::new(),
        };
        let help = match word.as_str() {
            "true" => "write `true` without quotes",
            "false" => "write `false` without quotes",
            "yes" | "on" | "y" | "1" => "write `true`",
            "no" | "off" | "n" | "0" => "write `false`",
            _ => "write `true` or `false`",
        };
        reader.expected("`true` or `false`", &found, node, help)
    }

    fn schema(&self) -> Json {
        json!({ "type": "boolean" })
    }
}

impl Form for Integer {
    type Value = Spanned<i64>;

    fn read(&self, node: &Node<'_>, reader: &mut Reader<'_>) -> Option<Spanned<i64>> {
        let content = reader.content(node)?;
        let expected = format!("a whole number from {}", self.least);
        match Found::integer(content) {
            Some(value) if value >= self.least => Some(Spanned { value, span: node.span }),
            _ => {
                let found = Found::of(content);
                let help = match found {
                    Found::Text(text) if text.parse::<i64>().is_ok() => format!("write it without quotes: `{text}`"),
                    _ => format!("write a whole number from {}, without a unit", self.least),
                };
                reader.expected(&expected, &found, node, help)
            }
        }
    }

    fn schema(&self) -> Json {
        json!({ "type": "integer", "minimum": self.least, "maximum": i64::MAX })
    }
}

impl<T: Words> Form for Choice<T> {
    type Value = Spanned<T>;

    fn read(&self, node: &Node<'_>, reader: &mut Reader<'_>) -> Option<Spanned<T>> {
        let found = Found::of(reader.content(node)?);
        let words = || T::WORDS.iter().map(|(word, _)| *word);
        let text = match found {
            Found::Text(text) | Found::Boolean(text) => text,
            _ => "",
        };
        if let (Found::Text(_), Some((_, value))) = (&found, T::WORDS.iter().find(|(word, _)| *word == text)) {
            return Some(Spanned { value: *value, span: node.span });
        }
        let all: Vec<String> = words().map(|word| format!("`{word}`")).collect();
        let help = match suggest::nearest(text, words()) {
            Some(word) => format!("did you mean `{word}`?"),
            None => format!("write one of {}", all.join(", ")),
        };
        reader.expected(&format!("one of {}", all.join(", ")), &found, node, help)
    }

    fn schema(&self) -> Json {
        let words: Vec<&str> = T::WORDS.iter().map(|(word, _)| *word).collect();
        json!({ "enum": words })
    }
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

impl<F: Form> Form for &F {
    type Value = F::Value;

    fn read(&self, node: &Node<'_>, reader: &mut Reader<'_>) -> Option<Self::Value> {
        (**self).read(node, reader)
    }

    fn schema(&self) -> Json {
        (**self).schema()
    }
}

fn not_a_list<T>(node: &Node<'_>, content: &Content<'_>, if_nothing: &str, reader: &mut Reader<'_>) -> Option<T> {
    let found = Found::of(content);
    let help = match found {
        Found::Nothing => if_nothing.to_owned(),
        Found::Text(text) if text.len() < 60 => format!("write `[{}]`", Found::in_flow(text)),
        _ => "start each entry with `- `".to_owned(),
    };
    reader.expected("a list", &found, node, help)
}

impl<M: FromFields> Form for Of<M> {
    type Value = M::Value;

    fn read(&self, node: &Node<'_>, reader: &mut Reader<'_>) -> Option<Self::Value> {
        match reader.content(node)? {
            Content::Mapping(pairs) => M::from_fields(&Fields::open(node.span, pairs, reader), reader),
            other => reader.expected("a mapping", &Found::of(other), node, keys_help::<M>()),
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

fn reference<M: Mapping>() -> Json {
    json!({ "$ref": format!("#/$defs/{}", M::TABLE.id) })
}

fn keys_help<M: Mapping>() -> String {
    let names: Vec<String> = M::TABLE.keys.iter().map(|key| quoted(key.name())).collect();
    format!("write its keys, such as {}, as `key: value`", names.first().map_or("", String::as_str))
}
