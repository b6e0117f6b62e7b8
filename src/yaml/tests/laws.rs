use std::fmt::Write as _;

use proptest::{collection::vec, prelude::*};
use serde_json::Value;

use super::*;

/// Pieces of text that matter to YAML, in every order.
const TRICKY: &str =
    r#"([a-c:\-?\[\]{},&*!|>'"%@#\\ \n\r\t]|- |: |\n  |\? |[&*]a |---\n|é|\x{feff}|\.\.\.\n| #|!t ){0,60}"#;

fn is_printable(character: char) -> bool {
    !character.is_control() && !matches!(character, '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

fn tree() -> impl Strategy<Value = Value> {
    let text = vec(any::<char>().prop_filter("printable", |&character| is_printable(character)), 0..12);
    let text = prop_oneof![
        "[a-z]{1,6}",
        text.prop_map(String::from_iter),
        r#"[a \n'":#\-\\,\[{]{0,9}"#,
        Just("no: [x".to_owned()),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        text.clone().prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 40, 5, move |inner| {
        prop_oneof![
            vec(inner.clone(), 0..5).prop_map(Value::from),
            vec((text.clone(), inner), 0..5).prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
        ]
    })
}

/// The value in block style; scalars in the plainest style that can hold them.
fn print_block(value: &Value, indent: usize, out: &mut String) {
    match value {
        Value::Array(items) if !items.is_empty() => {
            for item in items {
                let _ = write!(out, "\n{:indent$}-", "");
                print_block(item, indent + 2, out);
            }
        }
        Value::Object(pairs) if !pairs.is_empty() => {
            for (key, value) in pairs {
                let _ = write!(out, "\n{:indent$}{}:", "", print_scalar(key));
                print_block(value, indent + 2, out);
            }
        }
        Value::Null => out.push_str(" # nothing"),
        Value::String(text) if text.len() == 6 && is_word(text) => {
            let _ = write!(out, " |-\n{:indent$} {text}", "");
        }
        Value::String(text) => {
            let _ = write!(out, " {}", print_scalar(text));
        }
        _ => {
            let _ = write!(out, " {value}");
        }
    }
}

fn print_scalar(text: &str) -> String {
    let means_more = ["null", "true", "false"].contains(&text);
    if is_word(text) && !means_more {
        text.to_owned()
    } else if text.chars().all(is_printable) {
        format!("'{}'", text.replace('\'', "''"))
    } else {
        Value::from(text).to_string()
    }
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_lowercase())
}

fn value(node: &Node<'_>) -> Value {
    match &node.content {
        Content::Scalar(scalar) => match scalar.core() {
            Core::Null => Value::Null,
            Core::Bool(value) => value.into(),
            Core::Integer(value) => value.into(),
            Core::Float => panic!("no floats are made"),
            Core::String => Value::from(&*scalar.value),
        },
        Content::Sequence(items) => items.iter().map(value).collect(),
        Content::Mapping(pairs) => {
            let key = |node| value(node).as_str().expect("keys are text").to_owned();
            Value::Object(pairs.iter().map(|(name, child)| (key(name), value(child))).collect())
        }
        Content::Alias { .. } => panic!("no aliases are made"),
    }
}

proptest! {
    #[test]
    fn every_span_keeps_its_promise_in_tricky_text(text in TRICKY) {
        law::law(text.as_bytes());
    }

    #[test]
    fn every_span_keeps_its_promise_in_any_bytes(bytes in vec(any::<u8>(), 0..200)) {
        law::law(&bytes);
    }

    #[test]
    fn places_are_counted_right_in_long_texts(
        lines in vec(("[a-cö😀]{0,900}", prop_oneof!["\n", "\r", "\r\n"]), 0..8),
        at in any::<prop::sample::Index>(),
    ) {
        let text: String = lines.iter().flat_map(|(line, end)| ["#", line, end]).collect();
        let stream = parse(&text);
        let offsets: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
        let offset = *at.get(&offsets);
        prop_assume!(!text[..offset].ends_with('\r') || !text[offset..].starts_with('\n'));
        prop_assert_eq!(stream.position(offset), place(text.as_bytes(), offset));
        law::law(text.as_bytes());
    }

    #[test]
    fn json_is_read_back(tree in tree()) {
        for text in [tree.to_string(), serde_json::to_string_pretty(&tree).unwrap_or_default()] {
            prop_assert_eq!(&value(&parse(&text).documents[0].root), &tree, "{}", text);
            law::law(text.as_bytes());
        }
    }

    #[test]
    fn block_style_is_read_back(tree in tree()) {
        let mut text = String::from("---");
        print_block(&tree, 0, &mut text);
        for text in [text.clone(), text.replace('\n', "\r\n")] {
            prop_assert_eq!(&value(&parse(&text).documents[0].root), &tree, "{}", text);
            law::law(text.as_bytes());
        }
    }
}
