//! Strings.

use serde_json::{Value as Json, json};

use super::{
    super::{Reader, found::Found},
    Form,
};
use crate::{policy::file::Spanned, yaml::Node};

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
    pub(in crate::policy) fn is_name(text: &str) -> bool {
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

/// Characters that steer a terminal or turn the text around them, as a regex class of ECMA 262.
const UNFIT: &str = r"\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069";

fn is_unfit(character: char) -> bool {
    character.is_control() || matches!(character, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
