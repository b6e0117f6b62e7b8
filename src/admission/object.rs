//! A Pod, or an object with a Pod template, as far as it matters: where its images stand, and
//! what a patch builds on.

use std::borrow::Cow;

use super::{
    json::{Cursor, Key, Open},
    members::{Member, Members, Once},
    quoted::Quoted,
    skip::{Below, Watch},
    unreadable::{Fault, Problem},
};
use crate::workload::{self, Kind, List};

/// What was read of an object.
#[derive(Debug, Default)]
pub(super) struct Object<'b> {
    /// Every entry that names an image, in the object's order.
    pub(super) images: Vec<Image<'b>>,
    pub(super) metadata: Metadata<'b>,
    /// The node that a Pod is bound to.
    pub(super) node: Option<Cow<'b, str>>,
    pub(super) pull_secrets: PullSecrets<'b>,
    pub(super) unknown_images: UnknownImages,
}

/// An image, and the entry that names it.
#[derive(Debug)]
pub(super) struct Image<'b> {
    pub(super) list: List,
    /// The entry's place in its list.
    pub(super) index: usize,
    /// The entry's name; empty where it has none.
    pub(super) name: Cow<'b, str>,
    /// The reference as written; never empty.
    pub(super) reference: Cow<'b, str>,
}

#[derive(Debug, Default)]
pub(super) struct Metadata<'b> {
    pub(super) presence: Presence,
    pub(super) name: Option<Cow<'b, str>>,
    pub(super) generate_name: Option<Cow<'b, str>>,
    pub(super) owner: Owner,
    pub(super) annotations: Annotations<'b>,
}

/// Whether a member is there to be added to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Presence {
    /// Absent or `null`.
    #[default]
    Absent,
    Present,
}

/// What makes and unmakes an object.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Owner {
    /// No controller.
    #[default]
    None,
    /// Another object, by an owner reference with `controller: true`.
    Controller,
}

#[derive(Debug, Default)]
pub(super) struct Annotations<'b> {
    pub(super) presence: Presence,
    /// Bytes of all keys and values.
    pub(super) bytes: usize,
    /// Whether the Pod says of itself that it mirrors a static one.
    pub(super) mirror: Presence,
    /// The annotation that this program writes.
    pub(super) original_images: Option<Cow<'b, str>>,
}

#[derive(Debug, Default)]
pub(super) struct PullSecrets<'b> {
    pub(super) presence: Presence,
    pub(super) names: Vec<Cow<'b, str>>,
}

/// Strings in a Pod's spec whose key sounds like an image, where no image is known to be.
#[derive(Debug, Default)]
pub(super) struct UnknownImages {
    pub(super) count: usize,
    /// Bytes from the first few to the end of the body.
    pub(super) first: Vec<usize>,
}

/// The annotation that keeps what was written before an image was changed.
pub(super) const ORIGINAL_IMAGES: &str = "harbor-pilot.io/original-images";

/// The same as a JSON pointer names it (RFC 6901, section 3).
pub(super) const ORIGINAL_IMAGES_IN_POINTER: &str = "harbor-pilot.io~1original-images";

/// The annotation of the Pods by which a kubelet shows its static Pods (core/v1
/// `MirrorPodAnnotationKey`).
const MIRROR: &str = "kubernetes.io/config.mirror";

/// Images of one object. An image can be written in 13 bytes of a body, and takes near 1,000 to be
/// judged and answered: more of them than the API server stores would only be there to fill our memory.
pub(super) const IMAGES_MAX: usize = 10_000;

/// Unknown images whose places are kept.
const UNKNOWN_SHOWN: usize = 5;

/// Reads the object that comes next; `None` for `null`.
pub(super) fn read<'b>(cursor: &mut Cursor<'b>, kind: &'static Kind) -> Result<Option<Object<'b>>, Fault> {
    if cursor.open_object()? == Open::Null {
        return Ok(None);
    }
    let mut object = Object::default();
    let mut metadata = Once::default();
    let mut path = Path::new(kind.pod_spec);
    loop {
        match path.next(cursor)? {
            Step::End => return Ok(Some(object)),
            Step::Target => object.read_pod_spec(cursor)?,
            Step::Beside { depth: 0, key } if key.name.is("metadata") => {
                metadata.mark(0, key.left)?;
                object.metadata = Metadata::read(cursor)?;
            }
            Step::Beside { .. } => cursor.skip()?,
        }
    }
}

impl<'b> Object<'b> {
    fn read_pod_spec(&mut self, cursor: &mut Cursor<'b>) -> Result<(), Fault> {
        #[derive(Clone, Copy)]
        enum Field {
            NodeName,
            ImagePullSecrets,
        }
        if cursor.open_object()? == Open::Null {
            return Ok(());
        }
        let mut lists = Once::default();
        let mut members = Members::new(&[("nodeName", Field::NodeName), ("imagePullSecrets", Field::ImagePullSecrets)]);
        while let Some(member) = members.next(cursor)? {
            match member {
                Member::Known(Field::NodeName) => self.node = cursor.string()?,
                Member::Known(Field::ImagePullSecrets) => {
                    self.pull_secrets = PullSecrets::read(cursor)?;
                }
                Member::Other(key) => match List::ALL.into_iter().find(|list| key.name.is(list.key())) {
                    Some(list) => {
                        lists.mark(list as usize, key.left)?;
                        self.read_list(cursor, list)?;
                    }
                    None => self.unknown_images.look(cursor, key.name)?,
                },
            }
        }
        Ok(())
    }

    fn read_list(&mut self, cursor: &mut Cursor<'b>, list: List) -> Result<(), Fault> {
        if cursor.open_array()? == Open::Null {
            return Ok(());
        }
        let mut index = 0;
        while cursor.element()? {
            self.read_entry(cursor, list, index)?;
            index += 1;
        }
        Ok(())
    }

    fn read_entry(&mut self, cursor: &mut Cursor<'b>, list: List, index: usize) -> Result<(), Fault> {
        if cursor.open_object()? == Open::Null {
            return Ok(());
        }
        let mut name = None;
        let mut names = Once::default();
        let mut reference = None;
        let mut path = Path::new(list.image_path());
        loop {
            match path.next(cursor)? {
                Step::End => break,
                Step::Target if self.images.len() == IMAGES_MAX => {
                    return Err(Fault::new(Problem::TooManyImages, cursor.value()));
                }
                Step::Target => reference = cursor.string()?,
                Step::Beside { depth: 0, key } if key.name.is(list.name_key()) => {
                    names.mark(0, key.left)?;
                    name = cursor.string()?;
                }
                Step::Beside { key, .. } => self.unknown_images.look(cursor, key.name)?,
            }
        }
        // An image that is absent or empty is the API server's to refuse.
        if let Some(reference) = reference.filter(|reference| !reference.is_empty()) {
            self.images.push(Image { list, index, name: name.unwrap_or_default(), reference });
        }
        Ok(())
    }
}

impl<'b> Metadata<'b> {
    fn read(cursor: &mut Cursor<'b>) -> Result<Self, Fault> {
        #[derive(Clone, Copy)]
        enum Field {
            Name,
            GenerateName,
            OwnerReferences,
            Annotations,
        }
        let mut metadata = Self::default();
        if cursor.open_object()? == Open::Null {
            return Ok(metadata);
        }
        metadata.presence = Presence::Present;
        let mut members = Members::new(&[
            ("name", Field::Name),
            ("generateName", Field::GenerateName),
            ("ownerReferences", Field::OwnerReferences),
            ("annotations", Field::Annotations),
        ]);
        while let Some(member) = members.next(cursor)? {
            match member {
                Member::Known(Field::Name) => metadata.name = cursor.string()?,
                Member::Known(Field::GenerateName) => metadata.generate_name = cursor.string()?,
                Member::Known(Field::OwnerReferences) => metadata.owner = Owner::read(cursor)?,
                Member::Known(Field::Annotations) => {
                    metadata.annotations = Annotations::read(cursor)?;
                }
                Member::Other(_) => cursor.skip()?,
            }
        }
        Ok(metadata)
    }
}

impl Owner {
    fn read(cursor: &mut Cursor<'_>) -> Result<Self, Fault> {
        let mut owner = Self::None;
        if cursor.open_array()? == Open::Null {
            return Ok(owner);
        }
        while cursor.element()? {
            if cursor.open_object()? == Open::Null {
                continue;
            }
            let mut members = Members::new(&[("controller", ())]);
            while let Some(member) = members.next(cursor)? {
                match member {
                    Member::Known(()) if cursor.boolean()? == Some(true) => {
                        owner = Self::Controller;
                    }
                    Member::Known(()) => {}
                    Member::Other(_) => cursor.skip()?,
                }
            }
        }
        Ok(owner)
    }
}

impl<'b> Annotations<'b> {
    fn read(cursor: &mut Cursor<'b>) -> Result<Self, Fault> {
        #[derive(Clone, Copy)]
        enum Field {
            Mirror,
            OriginalImages,
        }
        let mut annotations = Self::default();
        if cursor.open_object()? == Open::Null {
            return Ok(annotations);
        }
        annotations.presence = Presence::Present;
        let known = [(MIRROR, Field::Mirror), (ORIGINAL_IMAGES, Field::OriginalImages)];
        let mut members = Members::new(&known);
        while let Some(member) = members.next(cursor)? {
            let key = match &member {
                Member::Known(Field::Mirror) => MIRROR.len(),
                Member::Known(Field::OriginalImages) => ORIGINAL_IMAGES.len(),
                Member::Other(key) => key.name.length(),
            };
            let value = cursor.quoted()?;
            annotations.bytes += key + value.map_or(0, Quoted::length);
            match member {
                Member::Known(Field::Mirror) => annotations.mirror = Presence::Present,
                Member::Known(Field::OriginalImages) => annotations.original_images = value.map(Quoted::text),
                Member::Other(_) => {}
            }
        }
        Ok(annotations)
    }
}

impl<'b> PullSecrets<'b> {
    fn read(cursor: &mut Cursor<'b>) -> Result<Self, Fault> {
        let mut secrets = Self::default();
        if cursor.open_array()? == Open::Null {
            return Ok(secrets);
        }
        secrets.presence = Presence::Present;
        while cursor.element()? {
            if cursor.open_object()? == Open::Null {
                continue;
            }
            let mut members = Members::new(&[("name", ())]);
            while let Some(member) = members.next(cursor)? {
                match member {
                    Member::Known(()) => secrets.names.extend(cursor.string()?),
                    Member::Other(_) => cursor.skip()?,
                }
            }
        }
        Ok(secrets)
    }
}

impl UnknownImages {
    /// Goes past the value of `key`, which is no known place of an image.
    #[inline]
    fn look<'b>(&mut self, cursor: &mut Cursor<'b>, key: Quoted<'b>) -> Result<(), Fault> {
        if let value @ [b'"', ..] = cursor.value() {
            self.string(|| key, value);
            cursor.quoted().map(drop)
        } else {
            self.look_below(cursor, key)
        }
    }

    #[inline(never)]
    fn look_below<'b>(&mut self, cursor: &mut Cursor<'b>, key: Quoted<'b>) -> Result<(), Fault> {
        match self.container(key) {
            Below::Watch => cursor.skip_watched(self),
            Below::Ignore => cursor.skip(),
        }
    }

    #[cold]
    fn add(&mut self, value: &[u8]) {
        self.count += 1;
        if self.first.len() < UNKNOWN_SHOWN {
            self.first.push(value.len());
        }
    }
}

impl<'b> Watch<'b> for UnknownImages {
    #[inline]
    fn string(&mut self, key: impl FnOnce() -> Quoted<'b>, value: &'b [u8]) {
        if key().has(workload::sounds_like_image) {
            self.add(value);
        }
    }

    #[inline]
    fn container(&mut self, key: Quoted<'b>) -> Below {
        if key.has(workload::holds_no_image) { Below::Ignore } else { Below::Watch }
    }
}

/// A way down through nested objects by given keys, with everything beside it.
struct Path {
    keys: &'static [&'static str],
    /// How many of `keys` have been followed; so many objects are open, and one more.
    depth: usize,
    seen: Once,
}

/// Where a [`Path`] is; for all but the end, a value comes next.
enum Step<'b> {
    /// What the last key leads to.
    Target,
    /// A member of an object on the way, that is `depth` keys down.
    Beside { depth: usize, key: Key<'b> },
    /// Past the end of the outermost object.
    End,
}

impl Path {
    /// For an object that was just opened. At most 32 keys.
    fn new(keys: &'static [&'static str]) -> Self {
        Self { keys, depth: 0, seen: Once::default() }
    }

    #[expect(clippy::inline_always, reason = "see `Cursor::key`")]
    #[inline(always)]
    fn next<'b>(&mut self, cursor: &mut Cursor<'b>) -> Result<Step<'b>, Fault> {
        loop {
            let Some(key) = cursor.key()? else {
                if self.depth == 0 {
                    return Ok(Step::End);
                }
                self.depth -= 1;
                continue;
            };
            if self.keys.get(self.depth).is_none_or(|next| !key.name.is(next)) {
                return Ok(Step::Beside { depth: self.depth, key });
            }
            self.seen.mark(self.depth, key.left)?;
            if self.depth + 1 == self.keys.len() {
                return Ok(Step::Target);
            }
            if cursor.open_object()? == Open::Entered {
                self.depth += 1;
            }
        }
    }
}
