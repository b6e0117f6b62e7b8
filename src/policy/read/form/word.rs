//! Booleans, numbers, and words of a few.

use std::marker::PhantomData;

use serde_json::{Value as Json, json};

use super::{
    super::{Reader, found::Found, suggest},
    Form,
};
use crate::{policy::file::Spanned, yaml::Node};

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
