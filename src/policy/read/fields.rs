//! The keys of one mapping, held against the table.

use std::marker::PhantomData;

use super::{
    Reader,
    features::{is_merge, key_text},
    form::Form,
    suggest,
};
use crate::{
    escape::quoted,
    policy::{
        diagnostic::Diagnostic,
        file::Spanned,
        keys::{self, Default, Key, Mapping, Rule, Table},
    },
    yaml::{Node, Span},
};

/// The values of a mapping. They are had by a key of the table and in no other way.
pub(in crate::policy) struct Fields<'n, 't, M> {
    /// The whole mapping.
    pub(super) span: Span,
    pairs: &'n [(Node<'t>, Node<'t>)],
    mapping: PhantomData<fn() -> M>,
}

/// What a mapping is read into.
pub(in crate::policy) trait FromFields: Mapping + Sized {
    type Value;
    /// `None` where what it can't be without is missing or unreadable, which has been reported.
    fn from_fields(fields: &Fields<'_, '_, Self>, reader: &mut Reader<'_>) -> Option<Self::Value>;
}

impl<'n, 't, M: Mapping> Fields<'n, 't, M> {
    /// Reports the keys that are unknown, missing, or not to stand together.
    pub(super) fn open(span: Span, pairs: &'n [(Node<'t>, Node<'t>)], reader: &mut Reader<'_>) -> Self {
        let fields = Self { span, pairs, mapping: PhantomData };
        let mut meant = Vec::new();
        for (key, value) in pairs {
            let Some(text) = key_text(key) else { continue };
            let is_known = M::TABLE.keys.iter().any(|known| known.name() == text);
            if is_known || is_merge(key) || reader.is_secret(key) || reader.is_secret(value) {
                continue;
            }
            let help = if reader.may_suggest() {
                meant.extend(nearest_key(text, &M::TABLE));
                unknown_key_help(text, &M::TABLE)
            } else {
                known_keys(&M::TABLE)
            };
            let message = format!("unknown key {} {}", quoted(text), M::TABLE.place);
            reader.report(Diagnostic::error(key.span, message).with_help(help));
        }
        for key in M::TABLE.keys {
            if key.is_required() && !fields.has(key.name()) && !fields.is_explained(&meant, &[key.name()]) {
                let message = format!("missing key `{}` {}", key.name(), M::TABLE.place);
                let help = format!("add `{}: {}`", key.name(), key.example());
                reader.report(Diagnostic::error(fields.head(), message).with_help(help));
            }
        }
        for rule in M::TABLE.rules {
            fields.hold(rule, &meant, reader);
        }
        fields
    }

    /// The value of a key, or `None` where it is left out or can't be read. Of a key that stands
    /// twice, every value is read, and the first counts.
    pub(super) fn get<F: Form, P>(&self, key: &Key<M, F, P>, reader: &mut Reader<'_>) -> Option<F::Value> {
        let mut first = None;
        for (_, value) in self.pairs.iter().filter(|(name, _)| key_text(name) == Some(key.name)) {
            let read = key.form.read(value, reader);
            first = first.or(read);
        }
        first
    }

    /// The value of a key, or the table's default.
    pub(super) fn get_or_default<F, T>(&self, key: &Key<M, F, Default<T>>, reader: &mut Reader<'_>) -> T
    where
        F: Form<Value = Spanned<T>>,
        T: Copy,
    {
        self.get(key, reader).map_or(key.presence.0, |found| found.value)
    }

    fn has(&self, name: &str) -> bool {
        self.key(name).is_some()
    }

    fn key(&self, name: &str) -> Option<&'n Node<'t>> {
        self.pairs.iter().map(|(key, _)| key).find(|key| key_text(key) == Some(name))
    }

    /// Where a finding about the whole mapping is shown: its first key.
    fn head(&self) -> Span {
        self.pairs.first().map_or(self.span, |(key, _)| key.span)
    }

    /// Whether another finding says already why none of these keys is there.
    fn is_explained(&self, meant: &[&str], keys: &[&str]) -> bool {
        keys.iter().any(|key| meant.contains(key)) || self.pairs.iter().any(|(key, _)| is_merge(key))
    }

    fn hold(&self, rule: &Rule, meant: &[&str], reader: &mut Reader<'_>) {
        let (Rule::ExactlyOne([one, two]) | Rule::NotBoth([one, two])) = rule;
        match (self.key(one), self.key(two)) {
            (Some(first), Some(second)) => {
                let mut both = [(first.span, one), (second.span, two)];
                both.sort_by_key(|(span, _)| span.start);
                let [(first, one), (second, two)] = both;
                let message = format!("`{two}` beside `{one}` {}", M::TABLE.place);
                reader.report(
                    Diagnostic::error(second, message)
                        .with_help("keep one of the two")
                        .with_other(first, format!("`{one}` is here")),
                );
            }
            (None, None)
                if matches!(rule, Rule::ExactlyOne(_))
                    && !self.is_explained(meant, &[one, two])
                    && !self.pairs.iter().any(|(_, value)| reader.is_secret(value)) =>
            {
                let message = format!("expected `{one}` or `{two}` {}, but found neither", M::TABLE.place);
                reader.report(Diagnostic::error(self.head(), message).with_help(format!("add `{one}: …`")));
            }
            _ => {}
        }
    }
}

/// What to write instead of an unknown key.
fn unknown_key_help(text: &str, here: &Table) -> String {
    let places = |name: &str| -> Vec<&str> {
        let tables = keys::MAPPINGS.iter().filter(|table| table.keys.iter().any(|key| key.name() == name));
        tables.map(|table| table.place).collect()
    };
    let elsewhere = places(text);
    if !elsewhere.is_empty() {
        return format!("`{text}` belongs {}", elsewhere.join(" or "));
    }
    if let Some(name) = nearest_key(text, here) {
        return format!("did you mean `{name}`?");
    }
    let all = keys::MAPPINGS.iter().flat_map(|table| table.keys).map(|key| key.name());
    if let Some(name) = suggest::nearest(text, all) {
        return format!("did you mean `{name}`? It belongs {}", places(name).join(" or "));
    }
    known_keys(here)
}

fn known_keys(table: &Table) -> String {
    let known: Vec<String> = table.keys.iter().map(|key| format!("`{}`", key.name())).collect();
    format!("the keys here are {}", known.join(", "))
}

fn nearest_key(text: &str, table: &Table) -> Option<&'static str> {
    suggest::nearest(text, table.keys.iter().map(|key| key.name()))
}
