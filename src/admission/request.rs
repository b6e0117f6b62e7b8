//! An `AdmissionReview`, as far as it matters (admission.k8s.io/v1 `AdmissionRequest`).

use std::borrow::Cow;

use super::{
    json::{Cursor, Open},
    members::{Member, Members},
    object::{self, Object},
    unreadable::{Expected, Fault, Problem},
};
use crate::workload::Kind;

/// What the API server asks about.
#[derive(Debug)]
pub(super) struct Request<'b> {
    /// Never empty; the answer repeats it.
    pub(super) uid: Cow<'b, str>,
    pub(super) kind: RequestKind<'b>,
    /// Empty for the object itself.
    pub(super) subresource: Cow<'b, str>,
    pub(super) name: Option<Cow<'b, str>>,
    /// Empty where the object has none.
    pub(super) namespace: Cow<'b, str>,
    pub(super) operation: Operation,
    pub(super) user: User<'b>,
    /// What is to be stored; nothing where the kind or the operation is none that is judged.
    pub(super) object: Option<Object<'b>>,
    /// What is stored now.
    pub(super) old_object: Option<Object<'b>>,
    pub(super) dry_run: bool,
}

#[derive(Debug, Default)]
pub(super) struct RequestKind<'b> {
    pub(super) group: Cow<'b, str>,
    pub(super) kind: Cow<'b, str>,
}

/// Who sent the request.
#[derive(Debug, Default)]
pub(super) struct User<'b> {
    pub(super) name: Cow<'b, str>,
    pub(super) group: UserGroup,
}

/// Whether a user is a node.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum UserGroup {
    /// In `system:nodes`.
    Nodes,
    #[default]
    Other,
}

/// What is about to happen to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operation {
    /// It is made.
    Create,
    /// It is changed.
    Update,
    /// It is deleted.
    Delete,
    /// A subresource such as `exec` is connected to.
    Connect,
}

impl Operation {
    /// The word in a review.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Create => "CREATE",
            Self::Update => "UPDATE",
            Self::Delete => "DELETE",
            Self::Connect => "CONNECT",
        }
    }

    fn read(cursor: &mut Cursor<'_>) -> Result<Option<Self>, Fault> {
        let value = cursor.value();
        let Some(word) = cursor.quoted()? else { return Ok(None) };
        let known = [Self::Create, Self::Update, Self::Delete, Self::Connect];
        let operation = known.into_iter().find(|operation| word.is(operation.as_str()));
        operation.map(Some).ok_or_else(|| Fault::expected(Expected::Operation, value))
    }
}

/// Reads a body from its first byte to its last.
pub(super) fn read(body: &[u8]) -> Result<Request<'_>, Fault> {
    #[derive(Clone, Copy)]
    enum Field {
        ApiVersion,
        Kind,
        Request,
    }
    // To see that a body is ASCII costs a tenth of what it costs to see that it is UTF-8.
    if !body.is_ascii() {
        std::str::from_utf8(body).map_err(|error| Fault::new(Problem::NotUtf8, &body[error.valid_up_to()..]))?;
    }
    let mut cursor = Cursor::new(body);
    let start = cursor.value();
    let missing = |key| Fault::new(Problem::Missing(key), start);
    if cursor.open_object()? == Open::Null {
        return Err(missing("apiVersion"));
    }
    let (mut version, mut kind, mut request) = (None, None, None);
    let mut members =
        Members::new(&[("apiVersion", Field::ApiVersion), ("kind", Field::Kind), ("request", Field::Request)]);
    while let Some(member) = members.next(&mut cursor)? {
        let value = cursor.value();
        match member {
            Member::Known(Field::ApiVersion) => match cursor.quoted()? {
                Some(text) if text.is("admission.k8s.io/v1") => version = Some(()),
                _ => return Err(Fault::expected(Expected::Version, value)),
            },
            Member::Known(Field::Kind) => match cursor.quoted()? {
                Some(text) if text.is("AdmissionReview") => kind = Some(()),
                _ => return Err(Fault::expected(Expected::Review, value)),
            },
            Member::Known(Field::Request) => request = Reader::new().read(&mut cursor)?,
            Member::Other(_) => cursor.skip()?,
        }
    }
    cursor.finish()?;
    version.ok_or_else(|| missing("apiVersion"))?;
    kind.ok_or_else(|| missing("kind"))?;
    request.ok_or_else(|| missing("request"))
}

/// Reads a request whose members may come in any order.
struct Reader<'b> {
    uid: Option<Cow<'b, str>>,
    kind: Option<RequestKind<'b>>,
    operation: Option<Operation>,
    object: Read<'b>,
    old_object: Read<'b>,
}

/// An object of a request.
#[derive(Debug)]
enum Read<'b> {
    /// Read, and nothing where it is absent, `null` or does not matter.
    Yes(Option<Object<'b>>),
    /// It comes next here, and came before what says how to read it.
    NotYet(&'b [u8]),
}

impl<'b> Reader<'b> {
    fn new() -> Self {
        Self { uid: None, kind: None, operation: None, object: Read::Yes(None), old_object: Read::Yes(None) }
    }

    /// `None` for `null`.
    fn read(mut self, cursor: &mut Cursor<'b>) -> Result<Option<Request<'b>>, Fault> {
        #[derive(Clone, Copy)]
        enum Field {
            Uid,
            Kind,
            SubResource,
            Name,
            Namespace,
            Operation,
            UserInfo,
            Object,
            OldObject,
            DryRun,
        }
        let start = cursor.value();
        if cursor.open_object()? == Open::Null {
            return Ok(None);
        }
        let (mut subresource, mut name, mut namespace, mut user, mut dry_run) =
            (None, None, None, User::default(), None);
        let mut members = Members::new(&[
            ("uid", Field::Uid),
            ("kind", Field::Kind),
            ("subResource", Field::SubResource),
            ("name", Field::Name),
            ("namespace", Field::Namespace),
            ("operation", Field::Operation),
            ("userInfo", Field::UserInfo),
            ("object", Field::Object),
            ("oldObject", Field::OldObject),
            ("dryRun", Field::DryRun),
        ]);
        while let Some(member) = members.next(cursor)? {
            match member {
                Member::Known(Field::Uid) => self.uid = cursor.string()?,
                Member::Known(Field::Kind) => self.kind = RequestKind::read(cursor)?,
                Member::Known(Field::SubResource) => subresource = cursor.string()?,
                Member::Known(Field::Name) => name = cursor.string()?,
                Member::Known(Field::Namespace) => namespace = cursor.string()?,
                Member::Known(Field::Operation) => self.operation = Operation::read(cursor)?,
                Member::Known(Field::UserInfo) => user = User::read(cursor)?,
                Member::Known(Field::Object) => self.object = self.read_object(cursor)?,
                Member::Known(Field::OldObject) => self.old_object = self.read_object(cursor)?,
                Member::Known(Field::DryRun) => dry_run = cursor.boolean()?,
                Member::Other(_) => cursor.skip()?,
            }
        }
        let missing = |key| Fault::new(Problem::Missing(key), start);
        let kind = self.kind.take().filter(|kind| !kind.kind.is_empty()).ok_or_else(|| missing("kind"))?;
        let row = kind.row();
        Ok(Some(Request {
            object: self.object.now(row)?,
            old_object: self.old_object.now(row)?,
            uid: self.uid.filter(|uid| !uid.is_empty()).ok_or_else(|| missing("uid"))?,
            kind,
            operation: self.operation.ok_or_else(|| missing("operation"))?,
            subresource: subresource.unwrap_or_default(),
            name: name.filter(|name: &Cow<'_, str>| !name.is_empty()),
            namespace: namespace.unwrap_or_default(),
            user,
            dry_run: dry_run == Some(true),
        }))
    }

    /// Reads an object, or goes past it until its kind is known.
    fn read_object(&self, cursor: &mut Cursor<'b>) -> Result<Read<'b>, Fault> {
        let value = cursor.value();
        match self.kind.as_ref().map(RequestKind::row) {
            Some(Some(row)) => Ok(Read::Yes(object::read(cursor, row)?)),
            Some(None) => cursor.skip().map(|()| Read::Yes(None)),
            None => cursor.skip().map(|()| Read::NotYet(value)),
        }
    }
}

impl<'b> Read<'b> {
    fn now(self, row: Option<&'static Kind>) -> Result<Option<Object<'b>>, Fault> {
        match (self, row) {
            (Self::Yes(object), _) => Ok(object),
            (Self::NotYet(rest), Some(row)) => object::read(&mut Cursor::new(rest), row),
            (Self::NotYet(_), None) => Ok(None),
        }
    }
}

impl<'b> RequestKind<'b> {
    /// The row of the table of kinds, where this kind has one.
    pub(super) fn row(&self) -> Option<&'static Kind> {
        Kind::find(&self.group, &self.kind)
    }

    fn read(cursor: &mut Cursor<'b>) -> Result<Option<Self>, Fault> {
        #[derive(Clone, Copy)]
        enum Field {
            Group,
            Kind,
        }
        if cursor.open_object()? == Open::Null {
            return Ok(None);
        }
        let mut read = Self::default();
        let mut members = Members::new(&[("group", Field::Group), ("kind", Field::Kind)]);
        while let Some(member) = members.next(cursor)? {
            match member {
                Member::Known(Field::Group) => read.group = cursor.string()?.unwrap_or_default(),
                Member::Known(Field::Kind) => read.kind = cursor.string()?.unwrap_or_default(),
                Member::Other(_) => cursor.skip()?,
            }
        }
        Ok(Some(read))
    }
}

impl<'b> User<'b> {
    fn read(cursor: &mut Cursor<'b>) -> Result<Self, Fault> {
        #[derive(Clone, Copy)]
        enum Field {
            Name,
            Groups,
        }
        let mut user = Self::default();
        if cursor.open_object()? == Open::Null {
            return Ok(user);
        }
        let mut members = Members::new(&[("username", Field::Name), ("groups", Field::Groups)]);
        while let Some(member) = members.next(cursor)? {
            match member {
                Member::Known(Field::Name) => user.name = cursor.string()?.unwrap_or_default(),
                Member::Known(Field::Groups) => user.group = UserGroup::read(cursor)?,
                Member::Other(_) => cursor.skip()?,
            }
        }
        Ok(user)
    }
}

impl UserGroup {
    fn read(cursor: &mut Cursor<'_>) -> Result<Self, Fault> {
        let mut group = Self::Other;
        if cursor.open_array()? == Open::Null {
            return Ok(group);
        }
        while cursor.element()? {
            if cursor.quoted()?.is_some_and(|name| name.is("system:nodes")) {
                group = Self::Nodes;
            }
        }
        Ok(group)
    }
}
