//! What a document, or an item of a list, says that it is.

use super::{
    expand::{Expander, Member, find},
    problem::{Fault, ProblemKind},
    template,
};
use crate::{
    workload::{self, Kind},
    yaml::{Node, Position},
};

/// An object of a manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object<'d> {
    /// Where it begins.
    pub position: Position,
    /// Its `apiVersion`.
    pub api_version: &'d str,
    /// Its `kind`.
    pub kind: &'d str,
    /// Its name; empty where it has none.
    pub name: &'d str,
    /// The namespace that it says; empty where it says none.
    pub namespace: &'d str,
}

/// What a mapping at an object's place is.
#[derive(Clone, Copy)]
pub(super) enum Class<'d> {
    /// An object that holds a Pod spec.
    Known(&'static Kind, Header<'d>),
    /// A list of objects; of one kind, where the list's own kind says so.
    List(Option<Header<'d>>),
    /// An object of a kind that is not known to hold a Pod spec.
    Unknown(Header<'d>),
    /// A policy of this program.
    Policy,
    /// No object: it says neither.
    Nothing,
}

/// What an object says of itself.
#[derive(Clone, Copy)]
pub(super) struct Header<'d> {
    pub(super) at: usize,
    pub(super) api_version: &'d str,
    pub(super) kind: &'d str,
    pub(super) name: &'d str,
    pub(super) namespace: &'d str,
}

impl<'d> Header<'d> {
    /// What the items of this list are, where they don't say it themselves.
    pub(super) fn item_kind(&self) -> Option<&'d str> {
        let kind = self.kind.strip_suffix("List")?;
        Kind::find(group(self.api_version), kind).map(|_| kind)
    }
}

/// Reads what the members of a mapping say; `list` is what it is where it says nothing.
pub(super) fn classify<'d, 't>(
    expander: &Expander<'d, 't>,
    node: &Node<'_>,
    members: &[Member<'d, 't>],
    list: Option<Header<'d>>,
) -> Result<Class<'d>, Fault> {
    let text = |members: &[Member<'d, 't>], name| -> Result<&'d str, Fault> {
        Ok(find(members, name)?.and_then(|member| expander.string(member.value)).unwrap_or_default())
    };
    if let (Some(api_version), Some(kind)) = (find(members, "apiVersion")?, find(members, "kind")?) {
        rendered(expander, api_version)?;
        rendered(expander, kind)?;
    }
    let (mut api_version, mut kind) = (text(members, "apiVersion")?, text(members, "kind")?);
    if let (Some(list), "") = (list, kind) {
        (api_version, kind) = (list.api_version, list.item_kind().unwrap_or_default());
    }
    if api_version.is_empty() || kind.is_empty() {
        return Ok(Class::Nothing);
    }
    if api_version == crate::policy::API_VERSION && kind == crate::policy::KIND {
        return Ok(Class::Policy);
    }
    let mut header = Header { at: node.span.start, api_version, kind, name: "", namespace: "" };
    if workload::is_list(api_version, kind) {
        return Ok(Class::List(None));
    }
    if header.item_kind().is_some() {
        return Ok(Class::List(Some(header)));
    }
    let known = Kind::find(group(api_version), kind);
    if let Some(metadata) = find(members, "metadata")? {
        let metadata = expander.members(metadata.value)?;
        if let (Some(namespace), Some(_)) = (find(&metadata, "namespace")?, known) {
            rendered(expander, namespace)?;
        }
        header.name = text(&metadata, "name")?;
        header.namespace = text(&metadata, "namespace")?;
    }
    Ok(match known {
        Some(known) => Class::Known(known, header),
        None => Class::Unknown(header),
    })
}

/// What a judgement rests on is no template of it.
fn rendered<'d, 't>(expander: &Expander<'d, 't>, member: &Member<'d, 't>) -> Result<(), Fault> {
    if template::is_action(expander.resolve(member.value)) || expander.string(member.value).is_some_and(template::is_in)
    {
        return Err(Fault { at: member.value.span.start, kind: ProblemKind::Template });
    }
    Ok(())
}

/// The API group in an `apiVersion`; empty for the core group.
fn group(api_version: &str) -> &str {
    api_version.split_once('/').map_or("", |(group, _)| group)
}
