//! What holds in some namespaces, and which entry holds in one.

use super::{
    entries::EntryList,
    file::{Enforcement, WorkloadEnforcement},
    glob::{Choices, Glob},
};
use crate::yaml::Span;

/// An entry of `namespaces`.
#[derive(Debug)]
pub(super) struct Namespace {
    pub(super) matches: Vec<Glob>,
    pub(super) span: Span,
    pub(super) enforcement: Option<Enforcement>,
    pub(super) workload_enforcement: Option<WorkloadEnforcement>,
    pub(super) rewrite: Rewrite,
    pub(super) allow: NamespaceAllow,
    pub(super) deny: EntryList,
}

/// Whether names are rewritten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rewrite {
    On,
    Off,
}

/// What a namespace does to `allow`.
#[derive(Debug)]
pub(super) enum NamespaceAllow {
    Same,
    Added(EntryList),
    Only(EntryList),
}

/// The entries of `namespaces`, found by name.
#[derive(Debug)]
pub(super) struct Namespaces {
    pub(super) entries: Vec<Namespace>,
    /// The first entry under each glob.
    by_name: Choices<Option<usize>>,
}

impl Namespace {
    pub(super) fn allow_list(&self) -> Option<&EntryList> {
        match &self.allow {
            NamespaceAllow::Same => None,
            NamespaceAllow::Added(list) | NamespaceAllow::Only(list) => Some(list),
        }
    }

    pub(super) fn lists(&self) -> impl Iterator<Item = &EntryList> {
        self.allow_list().into_iter().chain([&self.deny])
    }
}

impl Namespaces {
    pub(super) fn new(entries: Vec<Namespace>) -> Self {
        let mut by_name = Choices::<Option<usize>>::default();
        for (index, entry) in entries.iter().enumerate() {
            for glob in &entry.matches {
                by_name.at(glob).get_or_insert(index);
            }
        }
        Self { entries, by_name }
    }

    pub(super) fn first(&self, name: &str) -> Option<&Namespace> {
        let mut first: Option<usize> = None;
        self.by_name.each(name, &mut |index| first = first.into_iter().chain(*index).min());
        first.map(|index| &self.entries[index])
    }
}
