//! Why a text can't be rewritten, in words for its author.

use std::fmt;

use crate::{
    escape::quoted,
    yaml::{self, Position},
};

/// Why a text, or an object in it, could not be judged and rewritten, and where.
///
/// `Display` gives the message alone; whoever prints it puts the file and the place in front.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Line and column of what is wrong.
    pub position: Position,
    /// What is wrong there.
    pub kind: ProblemKind,
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProblemKind {
    /// The text is no YAML.
    Yaml(yaml::ErrorKind),
    /// The text is a template of Helm's, from which manifests are still to be made.
    Template,
    /// What stands in an image's place is no string.
    NotAString,
    /// A key on the way to an image comes twice, and readers differ in which of the two counts.
    KeyTwice(&'static str),
    /// Aliases stand for more than a reader should follow.
    Expansion,
    /// An anchor holds an image, and something else too, or images that would differ.
    SharedAnchor,
    /// An image is written in a way that can't be edited, although it can be read.
    NotEditable,
    /// The edited text would not be read as the same but for its images. It is not used.
    NotTheSame,
}

/// A problem whose line and column are still to be counted.
#[derive(Clone, Debug)]
pub(super) struct Fault {
    pub(super) at: usize,
    pub(super) kind: ProblemKind,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind.fmt(f)
    }
}

impl std::error::Error for Problem {}

impl fmt::Display for ProblemKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Yaml(kind) => kind.fmt(f),
            Self::Template => f.write_str(
                "expected a manifest, but found a Helm template; render it first: \
                 `helm template … | harbor-pilot rewrite -`",
            ),
            Self::NotAString => {
                f.write_str("expected an image name, but found a value that is no string; put it in quotes")
            }
            Self::KeyTwice(key) => write!(
                f,
                "expected the key {} once, but it comes twice, and readers differ in which of the two counts; \
                 remove one, or put `<<` in front of the key that is to win",
                quoted(key)
            ),
            Self::Expansion => {
                f.write_str("expected aliases that stand for less than two million values; write out what is meant")
            }
            Self::SharedAnchor => f.write_str(
                "expected an anchor whose uses are all the same image, but this image is also used elsewhere, or \
                 becomes different names in different namespaces; write the image out where it is used",
            ),
            Self::NotEditable => f.write_str("expected the image on one line of its own; write it in quotes"),
            Self::NotTheSame => f.write_str(
                "the edited text would not be read as the same manifest, so it was not used; write the image in \
                 double quotes, and please report this",
            ),
        }
    }
}
