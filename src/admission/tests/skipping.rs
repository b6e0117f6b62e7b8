//! Values that are skipped: what is accepted, and what a watcher hears of.

use std::fmt;

use proptest::prelude::*;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Value, json};

use super::{
    super::{
        plain::Specials,
        quoted::Quoted,
        skip::{Below, DEPTH_MAX, Watch, past_value},
        unreadable::{Fault, Problem},
    },
    reading::json_value,
};

/// Hears of all but what is below `hidden`.
#[derive(Default)]
struct Heard(Vec<String>);

const HIDDEN: &str = "h\"";

impl<'b> Watch<'b> for Heard {
    fn string(&mut self, key: impl FnOnce() -> Quoted<'b>, value: &'b [u8]) {
        assert_eq!(value[0], b'"');
        self.0.push(key().text().into_owned());
    }

    fn container(&mut self, key: Quoted<'b>) -> Below {
        if key.is(HIDDEN) { Below::Ignore } else { Below::Watch }
    }
}

/// What is heard, and what is left; `None` for what is no JSON.
fn skip(text: &str) -> Option<(Vec<String>, usize)> {
    let mut heard = Heard::default();
    let rest = past_value(text.as_bytes(), DEPTH_MAX, &mut Specials::new(), &mut heard).ok()?;
    Some((heard.0, rest.len()))
}

/// A value with all its members, also those whose key comes twice.
enum Tree {
    Object(Vec<(String, Tree)>),
    Array(Vec<Tree>),
    Text,
    Other,
}

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;

        impl<'de> Visitor<'de> for Reader {
            type Value = Tree;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("JSON")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Tree, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = access.next_entry()? {
                    members.push(member);
                }
                Ok(Tree::Object(members))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Tree, A::Error> {
                let mut elements = Vec::new();
                while let Some(element) = access.next_element()? {
                    elements.push(element);
                }
                Ok(Tree::Array(elements))
            }

            fn visit_str<E>(self, _: &str) -> Result<Tree, E> {
                Ok(Tree::Text)
            }

            fn visit_unit<E>(self) -> Result<Tree, E> {
                Ok(Tree::Other)
            }

            fn visit_bool<E>(self, _: bool) -> Result<Tree, E> {
                Ok(Tree::Other)
            }

            fn visit_i64<E>(self, _: i64) -> Result<Tree, E> {
                Ok(Tree::Other)
            }

            fn visit_u64<E>(self, _: u64) -> Result<Tree, E> {
                Ok(Tree::Other)
            }

            fn visit_f64<E>(self, _: f64) -> Result<Tree, E> {
                Ok(Tree::Other)
            }
        }

        deserializer.deserialize_any(Reader)
    }
}

impl Tree {
    fn walk(self, heard: &mut Vec<String>) {
        match self {
            Self::Object(members) => {
                for (key, value) in members {
                    match value {
                        Self::Text => heard.push(key),
                        _ if key == HIDDEN => {}
                        _ => value.walk(heard),
                    }
                }
            }
            Self::Array(elements) => elements.into_iter().for_each(|element| element.walk(heard)),
            Self::Text | Self::Other => {}
        }
    }
}

/// The same by a reader of the whole tree.
fn by_tree(text: &str) -> Option<(Vec<String>, usize)> {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<Tree>();
    let mut heard = Vec::new();
    values.next()?.ok()?.walk(&mut heard);
    Some((heard, text.len() - values.byte_offset()))
}

/// Every text of up to seven of these that can still become JSON, and all that are one token longer.
#[test]
fn every_short_sequence_of_tokens_is_taken_as_serde_json_takes_it() {
    const TOKENS: [&str; 8] = ["{", "}", "[", "]", ",", ":", "\"k\"", " "];
    let mut texts = vec!["{".to_owned(), "[".to_owned()];
    for _ in 0..7 {
        texts = texts.iter().flat_map(|text| TOKENS.map(|token| format!("{text}{token}"))).collect();
        for text in &texts {
            assert_eq!(skip(text), by_tree(text), "{text}");
        }
        texts.retain(|text| serde_json::from_str::<Value>(text).is_err_and(|error| error.is_eof()));
    }
    assert!(texts.len() > 1_000, "{}", texts.len());
}

#[test]
fn containers_nest_to_the_limit_and_no_deeper() {
    for (open, close) in [("[", "]"), ("{\"k\":", "}"), ("[{\"k\":", "}]"), ("{\"k\\n\": [", "] }")] {
        for inner in ["{}", "[]", "0", "\"\"", "{\"a\":{},\"b\":{}}", "{\"a\":\"\"}"] {
            for limit in [1, 2, 62, 63, 64, 65, 125, 126, 127, 128, 189, 190, 191] {
                let each = open.matches(['[', '{']).count();
                let own = match inner {
                    "0" | "\"\"" => 0,
                    "{\"a\":{},\"b\":{}}" => 2,
                    _ => 1,
                };
                for times in limit / each - limit.min(3) / each..=limit / each + 1 {
                    let text = [&open.repeat(times), inner, &close.repeat(times)].concat();
                    let depth = times * each + own;
                    let skipped = past_value(text.as_bytes(), limit, &mut Specials::new(), &mut Heard::default())
                        .map(<[u8]>::len);
                    if depth <= limit {
                        assert_eq!(skipped, Ok(0), "{depth} of {limit}: {text}");
                    } else {
                        let too_deep = |fault: &Fault| matches!(fault.problem, Problem::TooDeep);
                        assert!(skipped.as_ref().is_err_and(too_deep), "{depth} of {limit}: {text}");
                    }
                }
            }
        }
    }
}

#[test]
fn what_was_closed_leaves_its_room_to_what_follows() {
    let nest = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
    for around in [1, 61, 62, 63, 64, 126] {
        for first in [1, 2, 63, 64, 127] {
            let text =
                |second| ["[".repeat(around), nest(first), ",".into(), nest(second), "]".repeat(around)].concat();
            let limit = around + first.max(70);
            let skip = |text: String| {
                past_value(text.as_bytes(), limit, &mut Specials::new(), &mut Heard::default()).map(<[u8]>::len)
            };
            assert_eq!(skip(text(limit - around)), Ok(0), "{around} {first}");
            assert!(skip(text(limit - around + 1)).is_err(), "{around} {first}");
        }
    }
}

#[test]
fn what_looks_like_the_next_object_of_an_array_has_to_be_one() {
    for text in [
        r#"{"a":{"b":"c"},{"d":"e"}}"#,
        r#"{"a":"b"},{"c":"d"}"#,
        r#"[{"a":"b"},{"c":"d"}]"#,
        r#"[[{"a":"b"},{"c":"d"}],{"e":"f"}]"#,
        r#"[{"a":{"b":"c"},{"d":"e"}}]"#,
    ] {
        assert_eq!(skip(text), by_tree(text), "{text}");
    }
}

/// Pieces that a text is made of.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => prop::sample::select(vec![
            "{", "}", "[", "]", ",", ":", "\"a\"", "\"b\":", "\"c\":{}", "\"d\":{\"", "e\":\"", "\",\"", "\"},{\"", "\"h\\\"\":{",
            "\"f\":[\"", "\",\"", "\"]", "{}", "[]", "\"a long string of more than sixteen bytes\"", "\"\\u00e9\\n\"", "\"é\"", "\"\t\"",
        ])
        .prop_map(str::to_owned),
        1 => prop::sample::select(vec!["0", "-1.5e3", "true", "false", "null", "nul", "01", " ", "\n"]).prop_map(str::to_owned),
    ];
    proptest::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    #[test]
    fn any_sequence_of_pieces_is_taken_as_serde_json_takes_it(pieces in pieces(), array in any::<bool>()) {
        let (open, close) = if array { ("[", "]") } else { ("{", "}") };
        for text in [format!("{open}{pieces}"), format!("{open}{pieces}{close}")] {
            prop_assert_eq!(skip(&text), by_tree(&text), "{}", text);
        }
    }

    /// What stands between strings, and what they begin and end with, is what a text depends on.
    #[test]
    fn a_byte_that_is_another_is_taken_as_serde_json_takes_it(
        value in json_value(),
        at in any::<prop::sample::Index>(),
        byte in prop::sample::select(b"{}[],:\"\\ \t0-en\xc3".to_vec()),
    ) {
        let mut text = json!({"h\"": &value, "x": [{"a": "b"}, {"c": value}]}).to_string().into_bytes();
        // The value begins where it is skipped from.
        let at = 1 + at.index(text.len() - 1);
        text[at] = byte;
        // A review is seen to be UTF-8 before.
        if let Ok(text) = String::from_utf8(text) {
            prop_assert_eq!(skip(&text), by_tree(&text), "{}", text);
        }
    }
}
