//! What `rewrite` and `check` say of a text, and how much it weighs.

use serde::Serialize;

use super::Outcome as CommandOutcome;
use crate::{
    escape::Shown,
    manifest::{Judged, JudgedImage, Note, Object, Problem},
    policy::Outcome,
    yaml::Position,
};

/// What is to be said of a place in a file. As JSON it is a stable format: members are added, never
/// changed.
#[derive(Debug, Serialize)]
pub(super) struct Remark {
    /// The file as messages name it.
    pub(super) file: String,
    pub(super) line: usize,
    pub(super) column: usize,
    pub(super) level: Level,
    /// What it is, in words: one line, escaped.
    pub(super) message: String,
    /// The object around it, where there is one.
    pub(super) object: Option<ObjectName>,
    /// The image, where it is about one.
    pub(super) image: Option<ImageFacts>,
}

/// How much a remark weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Level {
    /// An image that the policy allows.
    Allowed,
    /// A text that looks like an image, and is neither judged nor changed.
    Note,
    /// Not allowed; admitted and logged.
    Audit,
    /// Not allowed; admitted with a warning.
    Warning,
    /// Not allowed; rejected.
    Denied,
    /// It could not be judged.
    Error,
}

/// Which object a remark is about.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ObjectName {
    pub(super) api_version: String,
    pub(super) kind: String,
    /// Empty where the object says none.
    pub(super) namespace: String,
    pub(super) name: String,
}

/// Which image a remark is about.
#[derive(Debug, Serialize)]
pub(super) struct ImageFacts {
    /// The list of the Pod's spec, and its entry's name; empty where the image is in none.
    pub(super) list: &'static str,
    pub(super) entry: String,
    /// As written.
    pub(super) image: String,
    /// What it becomes, or would.
    pub(super) rewritten: String,
}

impl Level {
    /// The word for it.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::Note => "note",
            Self::Audit => "audit",
            Self::Warning => "warning",
            Self::Denied => "denied",
            Self::Error => "error",
        }
    }
}

impl Remark {
    /// The problem of a text that could not be read at all.
    pub(super) fn problem(file: &str, problem: &Problem) -> Self {
        Self::at(file, problem.position, Level::Error, problem.to_string())
    }

    fn at(file: &str, position: Position, level: Level, message: String) -> Self {
        let Position { line, column } = position;
        Self { file: file.to_owned(), line, column, level, message, object: None, image: None }
    }
}

/// Everything that is to be said of a text, in the order of the text.
pub(super) fn remarks(file: &str, judged: &Judged<'_, '_, '_>) -> Vec<Remark> {
    let mut remarks: Vec<Remark> =
        judged.images.iter().map(|image| of_image(file, image, &judged.objects[image.object])).collect();
    remarks
        .extend(judged.notes.iter().map(|note| of_note(file, note, note.object.map(|number| &judged.objects[number]))));
    remarks.extend(judged.problems.iter().map(|problem| Remark::problem(file, problem)));
    remarks.sort_by_key(|remark| (remark.line, remark.column));
    remarks
}

fn of_image(file: &str, image: &JudgedImage<'_, '_>, object: &Object<'_>) -> Remark {
    let level = match image.finding.outcome {
        Outcome::Allow => Level::Allowed,
        Outcome::Audit => Level::Audit,
        Outcome::Warn => Level::Warning,
        Outcome::Deny => Level::Denied,
    };
    let what = match level {
        Level::Allowed => image.finding.decision.reason().to_string(),
        _ => image.objection(),
    };
    let message = format!("{} \"{}\", {what}", Shown::cut(object.kind, NAME), Shown::cut(object.name, NAME));
    let facts = ImageFacts {
        list: image.finding.image.list.key(),
        entry: image.finding.image.name.to_owned(),
        image: image.finding.image.reference.to_owned(),
        rewritten: image.finding.decision.result.to_string(),
    };
    let remark = Remark::at(file, image.position, level, message);
    Remark { object: Some(ObjectName::from(object)), image: Some(facts), ..remark }
}

fn of_note(file: &str, note: &Note, object: Option<&Object<'_>>) -> Remark {
    let remark = Remark::at(file, note.position, Level::Note, note.message.clone());
    let facts =
        ImageFacts { list: "", entry: String::new(), image: note.image.clone(), rewritten: note.rewritten.clone() };
    Remark { object: object.map(ObjectName::from), image: Some(facts), ..remark }
}

impl From<&Object<'_>> for ObjectName {
    fn from(object: &Object<'_>) -> Self {
        Self {
            api_version: object.api_version.to_owned(),
            kind: object.kind.to_owned(),
            namespace: object.namespace.to_owned(),
            name: object.name.to_owned(),
        }
    }
}

/// What comes of a command that has this to say.
pub(super) fn outcome<'r>(remarks: impl IntoIterator<Item = &'r Remark>) -> CommandOutcome {
    match remarks.into_iter().map(|remark| remark.level).max() {
        Some(Level::Error) => CommandOutcome::Failed,
        Some(Level::Denied) => CommandOutcome::Objected,
        _ => CommandOutcome::Fine,
    }
}

/// Bytes of a kind's or an object's name that a message shows.
const NAME: usize = 63;
