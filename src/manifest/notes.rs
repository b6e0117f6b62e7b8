//! What looks like an image where no image is judged: reported with what it would become, never
//! changed.

use std::fmt::Write as _;

use super::{expand::Expander, walk::FoundObject};
use crate::{
    escape::{Shown, quoted},
    policy::{Outcome, Scope},
    reference::Reference,
    workload::{ENVIRONMENT, Kind, List, PARTS, Parts, holds_no_image, sounds_like_image, variable_names_image},
    yaml::{Content, Core, Node, Position},
};

/// A text that looks like an image where none is judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// Where it stands.
    pub position: Position,
    /// The number of the object that it stands in; `None` where that is none.
    pub object: Option<usize>,
    /// The image that it names.
    pub image: String,
    /// What the image would become.
    pub rewritten: String,
    /// What the policy would say of it.
    pub outcome: Outcome,
    /// What it is, and what to do, for a person. Escaped.
    pub message: String,
}

/// A note whose line and column are still to be counted.
pub(super) struct NoteAt {
    pub(super) at: usize,
    pub(super) note: Note,
}

/// What looks like an image in an object of a known kind, beside its images.
pub(super) fn in_workload<'d, 't>(
    expander: &Expander<'d, 't>,
    object: &FoundObject<'d, 't>,
    kind: &Kind,
    number: usize,
    scope: Scope<'_>,
) -> Vec<NoteAt> {
    let mut finder = Finder { scope, object: Some(number), kind: object.header.kind, notes: Vec::new() };
    let mut spec = object.node;
    for key in kind.pod_spec {
        let Some((_, value)) = pairs(expander.resolve(spec)).iter().find(|(name, _)| scalar(name) == Some(key)) else {
            return finder.notes;
        };
        spec = value;
    }
    for (name, value) in pairs(expander.resolve(spec)) {
        match scalar(name).map(|key| (key, List::find(key))) {
            Some((_, Some(list))) => {
                for entry in items(expander.resolve(value)) {
                    finder.entry(entry, list.image_path());
                }
            }
            Some((key, None)) => finder.member(key, value, Where::PodSpec),
            None => {}
        }
    }
    finder.notes
}

/// What looks like an image in an object of any other kind, or in a document that is no object.
pub(super) fn elsewhere(node: &Node<'_>, kind: &str, object: Option<usize>, scope: Scope<'_>) -> Vec<NoteAt> {
    let mut finder = Finder { scope, object, kind, notes: Vec::new() };
    finder.node(node, Where::Unknown);
    finder.notes
}

struct Finder<'p, 'k> {
    scope: Scope<'p>,
    object: Option<usize>,
    kind: &'k str,
    notes: Vec<NoteAt>,
}

/// Where a text stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Where {
    /// In a Pod's spec, outside the known places.
    PodSpec,
    /// In an object whose kind holds no known place.
    Unknown,
}

impl Finder<'_, '_> {
    /// An entry of containers or volumes, or what stands on the way from it to its image.
    fn entry(&mut self, entry: &Node<'_>, path: &[&str]) {
        for (name, value) in pairs(entry) {
            match (scalar(name), path) {
                (Some(key), _) if key == ENVIRONMENT.list => {
                    for variable in items(value) {
                        self.variable(variable);
                    }
                }
                (Some(key), [next]) if key == *next => {}
                (Some(key), [next, rest @ ..]) if key == *next => self.entry(value, rest),
                (Some(key), _) => self.member(key, value, Where::PodSpec),
                (None, _) => {}
            }
        }
    }

    fn variable(&mut self, variable: &Node<'_>) {
        let get = |key| pairs(variable).iter().find(|(name, _)| scalar(name) == Some(key)).map(|(_, value)| value);
        let Some(value) = get(ENVIRONMENT.value) else { return };
        let name = get(ENVIRONMENT.name).and_then(scalar).unwrap_or_default();
        if let Some(image) = string(value).filter(|_| variable_names_image(name)) {
            self.note(value, image, &format!("environment variable {} is not changed", quoted(name)));
        }
    }

    fn node(&mut self, node: &Node<'_>, place: Where) {
        for item in items(node) {
            self.node(item, place);
        }
        let parts = if place == Where::Unknown { self.parts(node) } else { None };
        for (name, value) in pairs(node) {
            let Some(key) = scalar(name) else { continue };
            if parts.is_none_or(|parts| parts.image != Some(key)) {
                self.member(key, value, place);
            }
        }
    }

    fn member(&mut self, key: &str, value: &Node<'_>, place: Where) {
        if holds_no_image(key.as_bytes()) {
            return;
        }
        match string(value).filter(|text| sounds_like_image(key.as_bytes()) && names_image(key, text)) {
            Some(image) => {
                let what = match place {
                    Where::PodSpec => format!("{} is no known place of an image and is not changed", quoted(key)),
                    Where::Unknown if self.kind.is_empty() => {
                        format!("{} of what is no object is not judged and not changed", quoted(key))
                    }
                    Where::Unknown => {
                        format!("{} of the kind {} is not judged and not changed", quoted(key), quoted(self.kind))
                    }
                };
                self.note(value, image, &what);
            }
            None => self.node(value, place),
        }
    }

    /// The parts of an image, where a mapping is one.
    fn parts(&mut self, node: &Node<'_>) -> Option<&'static Parts> {
        let members = pairs(node);
        let get = |key: &str| {
            let found = members.iter().find(|(name, _)| scalar(name) == Some(key)).map(|(_, value)| value)?;
            scalar(found).filter(|text| !text.is_empty()).map(|text| (found, text))
        };
        let (place, repository) = get("repository")?;
        for parts in &PARTS {
            let name = parts.image.map(get);
            let tag = get(parts.tag).map(|(_, tag)| tag);
            if matches!(name, Some(None)) || (name.is_none() && tag.is_none() && get(parts.registry).is_none()) {
                continue;
            }
            let mut keys = vec![parts.repository];
            let mut image = String::new();
            if let Some((_, registry)) = get(parts.registry) {
                keys.insert(0, parts.registry);
                let _ = write!(image, "{registry}/");
            }
            image.push_str(repository);
            if let (Some(key), Some(Some((_, name)))) = (parts.image, name) {
                keys.push(key);
                let _ = write!(image, "/{name}");
            }
            if let Some(tag) = tag {
                keys.push(parts.tag);
                let _ = write!(image, "{}{tag}", if tag.contains(':') { '@' } else { ':' });
            }
            if let Some((_, digest)) = get(parts.digest) {
                keys.push(parts.digest);
                let _ = write!(image, "@{digest}");
            }
            if Reference::parse(&image).is_ok() {
                let keys: Vec<String> = keys.into_iter().map(quoted).collect();
                self.note(place, &image, &format!("the image in {} is not changed", keys.join(", ")));
                return Some(parts);
            }
        }
        None
    }

    fn note(&mut self, place: &Node<'_>, image: &str, what: &str) {
        let decision = self.scope.decide(image);
        if decision.is_allowed() && decision.is_at_rest() {
            return;
        }
        let image_shown = Shown::cut(image, SHOWN);
        let message = if decision.is_allowed() {
            format!("{what}: \"{image_shown}\" would be \"{}\" through Harbor", Shown::cut(&decision.result, SHOWN))
        } else {
            let reason = decision.reason().to_string();
            format!("{what}: the policy does not allow \"{image_shown}\": {}", Shown::cut(&reason, SHOWN))
        };
        let note = Note {
            position: Position { line: 1, column: 1 },
            object: self.object,
            image: image.to_owned(),
            rewritten: decision.result.to_string(),
            outcome: decision.outcome(),
            message,
        };
        self.notes.push(NoteAt { at: place.span.start, note });
    }
}

/// Bytes of an image that a message shows.
const SHOWN: usize = 220;

/// Whether a text under a key that sounds like an image's is one. Keys that only refer to something
/// hold many other names, none with a registry.
fn names_image(key: &str, text: &str) -> bool {
    let is_image = key.ends_with("mage") || text.contains('/');
    is_image && Reference::parse(text).is_ok()
}

fn pairs<'n, 't>(node: &'n Node<'t>) -> &'n [(Node<'t>, Node<'t>)] {
    match &node.content {
        Content::Mapping(pairs) => pairs,
        _ => &[],
    }
}

fn items<'n, 't>(node: &'n Node<'t>) -> &'n [Node<'t>] {
    match &node.content {
        Content::Sequence(items) => items,
        _ => &[],
    }
}

fn scalar<'n>(node: &'n Node<'_>) -> Option<&'n str> {
    match &node.content {
        Content::Scalar(scalar) => Some(&scalar.value),
        _ => None,
    }
}

fn string<'n>(node: &'n Node<'_>) -> Option<&'n str> {
    match &node.content {
        Content::Scalar(scalar) if scalar.core() == Core::String && !scalar.value.is_empty() => Some(&scalar.value),
        _ => None,
    }
}
