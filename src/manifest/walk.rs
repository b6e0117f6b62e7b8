//! A document → the images in it, and every use of what they are written with.

use std::collections::HashSet;

use super::{
    expand::{Expander, find, key, meaning},
    object::{Class, Header, classify},
    problem::{Fault, ProblemKind},
    template,
};
use crate::{
    judge::Image,
    workload::{Kind, List},
    yaml::{Content, Core, Node, Scalar, Style},
};

/// What was found in a document.
#[derive(Default)]
pub(super) struct Found<'d, 't> {
    pub(super) objects: Vec<FoundObject<'d, 't>>,
    pub(super) uses: Vec<Use<'d, 't>>,
    /// Scalars, and aliases of scalars, that stand somewhere else than in an image's place; kept
    /// only where the document has anchors.
    pub(super) elsewhere: HashSet<(usize, usize)>,
    pub(super) policies: usize,
    /// What stands at an object's place and says no kind.
    pub(super) no_objects: Vec<&'d Node<'t>>,
    pub(super) lists: usize,
    pub(super) faults: Vec<Fault>,
}

/// An object, and the kind that is known of it.
pub(super) struct FoundObject<'d, 't> {
    pub(super) header: Header<'d>,
    pub(super) kind: Option<&'static Kind>,
    pub(super) node: &'d Node<'t>,
}

/// An image where an object uses it.
pub(super) struct Use<'d, 't> {
    /// The number of the object.
    pub(super) object: usize,
    pub(super) image: Image<'d>,
    /// What stands at the place: the scalar, or an alias of it.
    pub(super) site: &'d Node<'t>,
}

/// What a node is to the object around it.
#[derive(Clone, Copy)]
enum Place<'d> {
    /// An object, in a list of this kind.
    Object(Option<Header<'d>>),
    /// The items of a list of objects.
    Items(Option<Header<'d>>),
    /// So many keys away from the Pod spec, or the Pod spec itself.
    Towards(&'static [&'static str]),
    /// A list of the Pod spec.
    List(List),
    /// An entry of it.
    Entry(List, usize),
    /// So many keys away from the entry's image, or the image itself.
    Image { list: List, index: usize, name: &'d str, rest: &'static [&'static str] },
    /// Nothing that is looked at.
    Elsewhere,
}

pub(super) fn document<'d, 't>(expander: &Expander<'d, 't>, root: &'d Node<'t>) -> Found<'d, 't> {
    let mut walker = Walker { expander, found: Found::default(), depth: 0 };
    if let Err(fault) = walker.walk(root, Place::Object(None)) {
        walker.found.faults.push(fault);
    }
    walker.found
}

struct Walker<'x, 'd, 't> {
    expander: &'x Expander<'d, 't>,
    found: Found<'d, 't>,
    depth: usize,
}

impl<'d, 't> Walker<'_, 'd, 't> {
    fn walk(&mut self, site: &'d Node<'t>, place: Place<'d>) -> Result<(), Fault> {
        self.expander.visit(site, self.depth)?;
        self.depth += 1;
        let node = self.expander.resolve(site);
        match &node.content {
            Content::Scalar(scalar) => self.scalar(site, node, scalar, place),
            // An alias always has a target.
            Content::Alias { .. } => {}
            Content::Sequence(items) => {
                for (index, item) in items.iter().enumerate() {
                    let place = match place {
                        Place::Items(list) => Place::Object(list),
                        Place::List(list) => Place::Entry(list, index),
                        _ => Place::Elsewhere,
                    };
                    self.child(item, place)?;
                }
                self.no_scalar(site, place);
            }
            Content::Mapping(_) => {
                self.no_scalar(site, place);
                if let Err(fault) = self.mapping(node, place) {
                    if matches!(fault.kind, ProblemKind::Expansion) {
                        return Err(fault);
                    }
                    self.found.faults.push(fault);
                }
            }
        }
        self.depth -= 1;
        Ok(())
    }

    /// Where nothing is looked at, only anchors make it worth to go on.
    fn child(&mut self, node: &'d Node<'t>, place: Place<'d>) -> Result<(), Fault> {
        match place {
            Place::Elsewhere if !self.expander.has_anchors() => Ok(()),
            _ => self.walk(node, place),
        }
    }

    fn mapping(&mut self, node: &'d Node<'t>, place: Place<'d>) -> Result<(), Fault> {
        if matches!(place, Place::Elsewhere) && !self.expander.has_anchors() {
            return Ok(());
        }
        let members = self.expander.members(node)?;
        let inner = match place {
            Place::Object(list) => self.object(node, classify(self.expander, node, &members, list)?),
            Place::Entry(list, index) => {
                let name = find(&members, list.name_key())?;
                let name = name.and_then(|member| self.expander.string(member.value)).unwrap_or_default();
                Inner::Image(list, index, name, list.image_path())
            }
            Place::Towards([]) => Inner::Spec,
            Place::Towards(path) => Inner::Towards(path),
            Place::Image { list, index, name, rest } => Inner::Image(list, index, name, rest),
            Place::Items(_) | Place::List(_) | Place::Elsewhere => Inner::Nothing,
        };
        let mut seen: Vec<&'d str> = Vec::new();
        for member in members {
            let place = member.name.map_or(Place::Elsewhere, |name| inner.place(name));
            if let (Some(name), false) = (member.name, matches!(place, Place::Elsewhere)) {
                if seen.contains(&name) {
                    let kind = ProblemKind::KeyTwice(inner.key(name));
                    self.found.faults.push(Fault { at: member.key.span.start, kind });
                    continue;
                }
                seen.push(name);
            }
            self.child(member.value, place)?;
            self.child(member.key, Place::Elsewhere)?;
        }
        Ok(())
    }

    fn object(&mut self, node: &'d Node<'t>, class: Class<'d>) -> Inner<'d> {
        match class {
            Class::Known(kind, header) => {
                self.found.objects.push(FoundObject { header, kind: Some(kind), node });
                Inner::Towards(kind.pod_spec)
            }
            Class::Unknown(header) => {
                self.found.objects.push(FoundObject { header, kind: None, node });
                Inner::Nothing
            }
            Class::List(items) => {
                self.found.lists += 1;
                Inner::List(items)
            }
            Class::Policy => {
                self.found.policies += 1;
                Inner::Nothing
            }
            Class::Nothing => {
                self.found.no_objects.push(node);
                Inner::Nothing
            }
        }
    }

    fn scalar(&mut self, site: &'d Node<'t>, node: &'d Node<'t>, scalar: &'d Scalar<'t>, place: Place<'d>) {
        let Place::Image { list, index, name, rest: [] } = place else {
            if self.expander.has_anchors() {
                self.found.elsewhere.insert(key(site.span));
            }
            return;
        };
        match text_of(node, scalar) {
            Text::None => {}
            Text::NotAString => self.fault(site, ProblemKind::NotAString),
            Text::Template => self.fault(site, ProblemKind::Template),
            Text::Some(reference) => self.found.uses.push(Use {
                object: self.found.objects.len().saturating_sub(1),
                image: Image { list, index, name, reference },
                site,
            }),
        }
    }

    /// A list or a mapping in an image's place.
    fn no_scalar(&mut self, site: &'d Node<'t>, place: Place<'d>) {
        if let Place::Image { rest: [], .. } = place {
            let kind = if template::is_action(site) { ProblemKind::Template } else { ProblemKind::NotAString };
            self.fault(site, kind);
        }
    }

    fn fault(&mut self, node: &Node<'_>, kind: ProblemKind) {
        self.found.faults.push(Fault { at: node.span.start, kind });
    }
}

/// What the members of a mapping are.
#[derive(Clone, Copy)]
enum Inner<'d> {
    List(Option<Header<'d>>),
    Towards(&'static [&'static str]),
    Spec,
    Image(List, usize, &'d str, &'static [&'static str]),
    Nothing,
}

impl<'d> Inner<'d> {
    fn place(self, name: &str) -> Place<'d> {
        match self {
            Self::List(items) if name == ITEMS => Place::Items(items),
            Self::Towards([next, rest @ ..]) if name == *next => Place::Towards(rest),
            Self::Spec => List::find(name).map_or(Place::Elsewhere, Place::List),
            Self::Image(list, index, entry, [next, rest @ ..]) if name == *next => {
                Place::Image { list, index, name: entry, rest }
            }
            _ => Place::Elsewhere,
        }
    }

    /// The key by which this leads on to `name`.
    fn key(self, name: &str) -> &'static str {
        match self {
            Self::Towards([next, ..]) | Self::Image(_, _, _, [next, ..]) => next,
            Self::Spec => List::find(name).map_or(ITEMS, List::key),
            Self::List(_) | Self::Towards([]) | Self::Image(_, _, _, []) | Self::Nothing => ITEMS,
        }
    }
}

/// The key of a list's items.
const ITEMS: &str = "items";

/// What a scalar in an image's place says.
enum Text<'d> {
    /// Nothing: the API server's to refuse.
    None,
    NotAString,
    Template,
    Some(&'d str),
}

fn text_of<'d>(node: &Node<'_>, scalar: &'d Scalar<'_>) -> Text<'d> {
    let Some(meaning) = meaning(node, scalar) else { return Text::NotAString };
    match meaning {
        Core::Null => Text::None,
        Core::String if scalar.value.is_empty() => Text::None,
        Core::String if template::is_in(&scalar.value) => Text::Template,
        Core::String if node.tag.is_none() && is_other_before(scalar) => Text::NotAString,
        Core::String => Text::Some(&scalar.value),
        Core::Bool(_) | Core::Integer(_) | Core::Float => Text::NotAString,
    }
}

/// Whether Kubernetes' reader, which goes by YAML 1.1, takes a string of 1.2 for a truth value or a
/// number (go-yaml 2, `resolve.go`).
fn is_other_before(scalar: &Scalar<'_>) -> bool {
    const WORDS: [&str; 6] = ["y", "n", "yes", "no", "on", "off"];
    let value = &*scalar.value;
    scalar.style == Style::Plain
        && (WORDS.iter().any(|word| value.eq_ignore_ascii_case(word)) || is_number_before(value))
}

/// Binary, with a sign before the radix, or with `_` between the digits.
fn is_number_before(value: &str) -> bool {
    let begins = value.starts_with(|first: char| first.is_ascii_digit() || "+-.".contains(first));
    let bare = value.replace('_', "").to_ascii_lowercase();
    let unsigned = bare.strip_prefix(['+', '-']).unwrap_or(&bare);
    let digits = |prefix, radix| {
        let digits = unsigned.strip_prefix(prefix).filter(|digits| !digits.is_empty());
        digits.is_some_and(|digits| digits.chars().all(|digit| digit.is_digit(radix)))
    };
    let is_number = || {
        let now = Scalar { value: unsigned.into(), style: Style::Plain }.core();
        matches!(now, Core::Integer(_) | Core::Float)
    };
    begins && (digits("0b", 2) || digits("0o", 8) || digits("0x", 16) || is_number())
}
