//! The forms that a value may have: how each is read, and how the JSON Schema says it.

mod collection;
mod text;
mod word;

use serde_json::Value as Json;

pub(in crate::policy) use self::{
    collection::{EntryOf, List, NonEmpty, Of, OneOrMany},
    text::{Constant, Name, Text},
    word::{Choice, Integer, Switch, Words},
};
use super::Reader;
use crate::yaml::Node;

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

impl<F: Form> Form for &F {
    type Value = F::Value;

    fn read(&self, node: &Node<'_>, reader: &mut Reader<'_>) -> Option<Self::Value> {
        (**self).read(node, reader)
    }

    fn schema(&self) -> Json {
        (**self).schema()
    }
}
