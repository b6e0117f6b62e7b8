//! What is said and heard, as `-v` shows it: secrets masked.

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::Value as Json;

use super::Account;
use crate::{
    escape::{Shown, fit},
    harbor::secret::Secret,
    outbound::Masks,
};

/// As much of a body as is shown, in characters.
const BODY: usize = 2_000;
const MASK: &str = "*****";

/// Members of a body that hold secrets.
const SECRET_MEMBERS: [&str; 6] = ["access_secret", "access_token", "password", "refresh_token", "secret", "token"];

/// Where lines go: one of a request, one of its answer.
pub type Sink = Box<dyn Fn(&str)>;

/// Shows traffic, and knows what must not be shown.
pub(super) struct Trace {
    sink: Option<Sink>,
    masks: Mutex<Masks>,
}

impl Trace {
    pub(super) fn new(sink: Option<Sink>, account: &Account) -> Self {
        let mut masks = Masks::default();
        masks.hide_login(&account.name, account.password.expose());
        Self { sink, masks: Mutex::new(masks) }
    }

    /// Keeps a secret out of all that is shown from now on.
    pub(super) fn hide(&self, secret: &Secret) {
        self.masks().hide(secret.expose());
    }

    /// A text of Harbor's with every known secret masked, fit for a terminal.
    pub(super) fn clean(&self, text: &str) -> String {
        Shown::new(&self.masks().clean(text)).to_string()
    }

    /// As much of a text of Harbor's, cleaned, as `most` characters hold. What was cut first might end
    /// in half a secret, which nothing would know any more.
    pub(super) fn clean_cut(&self, text: &str, most: usize) -> String {
        fit(&self.clean(text), most)
    }

    pub(super) fn request(&self, method: &str, path: &str, body: Option<&Json>) {
        self.show("->", &format!("{method} {path}"), body.cloned());
    }

    pub(super) fn answer(&self, status: u16, body: &[u8]) {
        if self.sink.is_some() {
            let body = match serde_json::from_slice(body) {
                Ok(json) => Some(json),
                Err(_) if body.is_empty() => None,
                Err(_) => Some(Json::String(String::from_utf8_lossy(body).into_owned())),
            };
            self.show("<-", &status.to_string(), body);
        }
    }

    pub(super) fn remark(&self, text: &str) {
        self.show("--", text, None);
    }

    fn masks(&self) -> MutexGuard<'_, Masks> {
        self.masks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn show(&self, arrow: &str, what: &str, body: Option<Json>) {
        let Some(sink) = &self.sink else { return };
        let mut line = format!("{arrow} {}", self.clean(what));
        if let Some(mut body) = body {
            mask(&mut body);
            line.push(' ');
            line.push_str(&self.clean_cut(&body.to_string(), BODY));
        }
        sink(&line);
    }
}

fn mask(json: &mut Json) {
    match json {
        Json::Object(members) => {
            for (name, value) in members {
                if SECRET_MEMBERS.contains(&name.as_str()) && !value.is_null() {
                    *value = Json::String(MASK.to_owned());
                } else {
                    mask(value);
                }
            }
        }
        Json::Array(items) => items.iter_mut().for_each(mask),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use std::{cell::RefCell, rc::Rc};

    use serde_json::json;

    use super::*;

    fn account(password: &str) -> Account {
        Account { name: "robot$a".to_owned(), password: Secret::new(password) }
    }

    #[test]
    fn a_secret_is_masked_however_it_is_written_and_before_a_cut() {
        let trace = Trace::new(None, &account("pass\"wörd\\"));
        assert_eq!(trace.clean("a pass\"wörd\\ b"), "a ***** b");
        assert_eq!(trace.clean(&json!("a pass\"wörd\\ b").to_string()), "\"a ***** b\"");
        assert_eq!(trace.clean_cut("mmmm pass\"wörd\\", 8), "mmmm ***…");
    }

    #[test]
    fn no_secret_is_shown() {
        let lines = Rc::new(RefCell::new(Vec::new()));
        let kept = Rc::clone(&lines);
        let trace =
            Trace::new(Some(Box::new(move |line| kept.borrow_mut().push(line.to_owned()))), &account("pass word"));
        trace.hide(&Secret::new("upstream-key"));
        trace.request("POST", "/x", Some(&json!({"name": "n", "credential": {"access_secret": "upstream-key"}})));
        trace.answer(400, br#"{"errors":[{"message":"bad upstream-key and pass word \u001b[31m"}]}"#);
        trace.answer(201, br#"[{"secret":"new","token":"t"}]"#);
        trace.answer(502, b"<html>upstream-key");
        trace.answer(200, b"authorization: Basic cm9ib3QkYTpwYXNzIHdvcmQ= pass%20word");
        let lines = lines.borrow().join("\n");
        for secret in ["upstream-key", "pass word", "pass%20word", "cm9ib3Q", "new", "\"t\"", "\u{1b}"] {
            assert!(!lines.contains(secret), "{secret}: {lines}");
        }
        assert_eq!(lines.matches(MASK).count(), 8, "{lines}");
    }
}
