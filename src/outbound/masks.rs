//! What of others' words must not be shown: a server may repeat what it was sent.

use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};

const MASK: &str = "*****";

/// Secrets, in all the ways that they are written.
#[derive(Default)]
pub(crate) struct Masks(Vec<String>);

impl Masks {
    /// Keeps a secret out of all that is cleaned from now on.
    pub(crate) fn hide(&mut self, secret: &str) {
        // Short ones would mask words.
        if secret.len() < 4 {
            return;
        }
        let json = serde_json::Value::from(secret).to_string();
        let form: String = form_urlencoded::byte_serialize(secret.as_bytes()).collect();
        let percent = form.replace('+', "%20");
        self.0.extend([secret.to_owned(), json[1..json.len() - 1].to_owned(), form, percent]);
        // What is part of another would leave the rest of that.
        self.0.sort_by_key(|text| std::cmp::Reverse(text.len()));
        self.0.dedup();
    }

    /// The same for a login, whose header has both in one.
    pub(crate) fn hide_login(&mut self, name: &str, password: &str) {
        self.hide(password);
        // A terminal's or a log's copy may have lost the padding.
        self.hide(&STANDARD_NO_PAD.encode(format!("{name}:{password}")));
    }

    pub(crate) fn clean(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, secret| text.replace(secret, MASK))
    }
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::STANDARD;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_secret_is_masked_however_it_is_written() {
        let mut masks = Masks::default();
        masks.hide_login("robot$a", "pa ss\"wö/rd\\");
        let cases = [
            "pa ss\"wö/rd\\".to_owned(),
            json!("pa ss\"wö/rd\\").to_string(),
            "pa%20ss%22w%C3%B6%2Frd%5C".to_owned(),
            "pa+ss%22w%C3%B6%2Frd%5C".to_owned(),
            STANDARD.encode("robot$a:pa ss\"wö/rd\\"),
        ];
        for text in cases {
            let clean = masks.clean(&format!("a {text} b"));
            assert_eq!(clean.replace(['"', '='], ""), "a ***** b", "{text}");
        }
        masks.hide("abc");
        assert_eq!(masks.clean("abc"), "abc");
    }
}
