//! JSON strings, as they are written.

use std::fmt::{self, Write as _};

use super::plain::plain_length;

/// Appends a JSON string (RFC 8259, section 7).
pub fn push_string(json: &mut String, text: &str) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    json.push('"');
    let mut rest = text;
    loop {
        let (plain, special) = rest.split_at(plain_length(rest.as_bytes()));
        json.push_str(plain);
        match special.as_bytes().first() {
            None => break,
            Some(b'"') => json.push_str("\\\""),
            Some(b'\\') => json.push_str("\\\\"),
            Some(b'\n') => json.push_str("\\n"),
            Some(b'\r') => json.push_str("\\r"),
            Some(b'\t') => json.push_str("\\t"),
            Some(0x08) => json.push_str("\\b"),
            Some(0x0c) => json.push_str("\\f"),
            Some(control) => {
                json.push_str("\\u00");
                json.push(char::from(HEX[usize::from(control >> 4)]));
                json.push(char::from(HEX[usize::from(control & 15)]));
            }
        }
        rest = &special[1..];
    }
    json.push('"');
}

/// Appends a JSON object whose values are strings.
pub(super) fn push_object<'t>(json: &mut String, members: impl IntoIterator<Item = (&'t str, &'t str)>) {
    json.push('{');
    for (count, (key, value)) in members.into_iter().enumerate() {
        if count > 0 {
            json.push(',');
        }
        push_string(json, key);
        json.push(':');
        push_string(json, value);
    }
    json.push('}');
}

/// Appends what is formatted as a JSON string.
pub fn push_formatted(json: &mut String, text: fmt::Arguments<'_>) {
    let start = json.len();
    json.push('"');
    // Writing to a String can't fail; where a value does not format itself, what it wrote is left.
    let _ = json.write_fmt(text);
    let written = &json.as_bytes()[start + 1..];
    if plain_length(written) == written.len() {
        json.push('"');
    } else {
        let quoted = json.split_off(start);
        push_string(json, &quoted[1..]);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// `serde_json` is what most readers and writers of our JSON are compared with.
        #[test]
        fn a_string_is_written_as_serde_json_writes_it(text in any::<String>(), controls in "[\\x00-\\x7f]{0,40}") {
            for text in [text, controls] {
                let mut string = String::from("[");
                push_string(&mut string, &text);
                let mut formatted = String::from("[");
                push_formatted(&mut formatted, format_args!("{}{text}", ""));
                let expected = format!("[{}", serde_json::Value::from(text));
                prop_assert_eq!(&string, &expected);
                prop_assert_eq!(&formatted, &expected);
            }
        }
    }
}
