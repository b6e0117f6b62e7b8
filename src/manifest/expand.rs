//! Aliases and merge keys: what a node stands for. Nothing is copied, and what it may cost is
//! bounded, for a page of aliases can stand for more nodes than there are atoms.

use std::{
    cell::Cell,
    collections::{HashMap, HashSet},
};

use super::problem::{Fault, ProblemKind};
use crate::yaml::{Content, Core, Document, Node, Scalar, Span, Style};

/// Nodes that one document may stand for, aliases and merges followed.
const MOST_NODES: usize = 2_000_000;
/// Collections inside one another, aliases and merges followed: walkers use the stack.
pub(super) const MOST_DEPTH: usize = 512;

/// A document in which aliases and merge keys can be followed.
pub(super) struct Expander<'d, 't> {
    anchored: HashMap<(usize, usize), &'d Node<'t>>,
    left: Cell<usize>,
}

/// A key and a value of a mapping, its own or merged into it.
pub(super) struct Member<'d, 't> {
    /// The key's text; `None` for one that is no scalar.
    pub(super) name: Option<&'d str>,
    pub(super) key: &'d Node<'t>,
    pub(super) value: &'d Node<'t>,
}

impl<'d, 't> Expander<'d, 't> {
    pub(super) fn new(document: &'d Document<'t>, text: &str) -> Self {
        let mut anchored = HashMap::new();
        // Most documents have no anchor, and need not be walked to know.
        if memchr::memchr(b'&', document.span.of(text).as_bytes()).is_some() {
            collect(&document.root, &mut anchored);
        }
        Self { anchored, left: Cell::new(MOST_NODES) }
    }

    /// Whether one node may stand at several places.
    pub(super) fn has_anchors(&self) -> bool {
        !self.anchored.is_empty()
    }

    /// The node itself, or the one that an alias stands for, which is never an alias again.
    pub(super) fn resolve(&self, node: &'d Node<'t>) -> &'d Node<'t> {
        match &node.content {
            Content::Alias { target, .. } => self.anchored.get(&key(*target)).copied().unwrap_or(node),
            _ => node,
        }
    }

    /// The text of a scalar, or of the one that an alias stands for.
    pub(super) fn scalar(&self, node: &'d Node<'t>) -> Option<&'d str> {
        match &self.resolve(node).content {
            Content::Scalar(scalar) => Some(&scalar.value),
            _ => None,
        }
    }

    /// The text of a string, or of the one that an alias stands for.
    pub(super) fn string(&self, node: &'d Node<'t>) -> Option<&'d str> {
        let node = self.resolve(node);
        match &node.content {
            Content::Scalar(scalar) if meaning(node, scalar) == Some(Core::String) => Some(&scalar.value),
            _ => None,
        }
    }

    /// Counts a visit of a node.
    pub(super) fn visit(&self, node: &Node<'_>, depth: usize) -> Result<(), Fault> {
        if depth > MOST_DEPTH || self.left.get() == 0 {
            return Err(Fault { at: node.span.start, kind: ProblemKind::Expansion });
        }
        self.left.set(self.left.get() - 1);
        Ok(())
    }

    /// The members of a mapping, those of its merge keys behind its own; none of another node.
    ///
    /// Own members win over merged ones, the sources of a later merge key over those of an earlier,
    /// and the earlier sources of one over its later. A merged member
    /// stays where an own one of its name stands *in front of* the merge key, because readers
    /// differ in which of the two counts: so the name comes twice.
    pub(super) fn members(&self, mapping: &'d Node<'t>) -> Result<Vec<Member<'d, 't>>, Fault> {
        self.members_at(self.resolve(mapping), 0)
    }

    fn members_at(&self, mapping: &'d Node<'t>, depth: usize) -> Result<Vec<Member<'d, 't>>, Fault> {
        self.visit(mapping, depth)?;
        let Content::Mapping(pairs) = &mapping.content else { return Ok(Vec::new()) };
        let mut members = Vec::with_capacity(pairs.len());
        let mut merges = Vec::new();
        for (index, (key, value)) in pairs.iter().enumerate() {
            match self.merged(key, value) {
                Some(sources) => merges.push((index, sources)),
                None => members.push(Member { name: self.scalar(key), key, value }),
            }
        }
        if merges.is_empty() {
            return Ok(members);
        }
        let mut names: HashSet<&'d str> = HashSet::new();
        for (merge, sources) in merges.into_iter().rev() {
            let behind = pairs[merge..].iter().filter_map(|(key, _)| self.scalar(key));
            names.extend(behind);
            for source in sources {
                let mut found = self.members_at(source, depth + 1)?;
                found.retain(|member| member.name.is_none_or(|name| !names.contains(name)));
                for member in &found {
                    self.visit(member.key, depth)?;
                }
                names.extend(found.iter().filter_map(|member| member.name));
                members.append(&mut found);
            }
        }
        Ok(members)
    }

    /// The mappings that a merge key names; `None` for any other key.
    fn merged(&self, key: &'d Node<'t>, value: &'d Node<'t>) -> Option<Vec<&'d Node<'t>>> {
        let is_merge = match &key.content {
            Content::Scalar(scalar) => scalar.style == Style::Plain && scalar.value == "<<",
            _ => false,
        };
        if !is_merge {
            return None;
        }
        let value = self.resolve(value);
        match &value.content {
            Content::Mapping(_) => Some(vec![value]),
            Content::Sequence(items) => {
                let sources: Vec<&Node<'_>> = items.iter().map(|item| self.resolve(item)).collect();
                sources.iter().all(|source| matches!(source.content, Content::Mapping(_))).then_some(sources)
            }
            // No reader merges that; it is a key like any other.
            _ => None,
        }
    }
}

/// What a scalar means, its tag asked; `None` where a tag says something else than a string.
pub(super) fn meaning(node: &Node<'_>, scalar: &Scalar<'_>) -> Option<Core> {
    match node.tag.as_ref().map(|tag| &*tag.text) {
        None => Some(scalar.core()),
        Some("!" | "!!str" | "!<tag:yaml.org,2002:str>") => Some(Core::String),
        Some(_) => None,
    }
}

/// The member of this name; an error where it comes twice.
pub(super) fn find<'m, 'd, 't>(
    members: &'m [Member<'d, 't>],
    name: &'static str,
) -> Result<Option<&'m Member<'d, 't>>, Fault> {
    let mut found = members.iter().filter(|member| member.name == Some(name));
    let first = found.next();
    match found.next() {
        None => Ok(first),
        Some(second) => Err(Fault { at: second.key.span.start, kind: ProblemKind::KeyTwice(name) }),
    }
}

/// What tells nodes with a text apart.
pub(super) fn key(span: Span) -> (usize, usize) {
    (span.start, span.end)
}

fn collect<'d, 't>(node: &'d Node<'t>, anchored: &mut HashMap<(usize, usize), &'d Node<'t>>) {
    if node.anchor.is_some() {
        anchored.insert(key(node.span), node);
    }
    match &node.content {
        Content::Sequence(items) => items.iter().for_each(|item| collect(item, anchored)),
        Content::Mapping(pairs) => {
            for (name, value) in pairs {
                collect(name, anchored);
                collect(value, anchored);
            }
        }
        Content::Scalar(_) | Content::Alias { .. } => {}
    }
}
