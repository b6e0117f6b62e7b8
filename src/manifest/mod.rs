//! YAML text → the same text with the images changed, to the byte, and what is to be said of it.
//!
//! [`Manifest::parse`] reads a text (JSON too) of any number of documents, [`Manifest::judge`] asks
//! the policy about every image in it, and [`Judged::rewrite`] gives the text that results.
//! Objects are judged as the Pods that will come of them: what would be denied then is said now.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

mod compare;
mod edit;
mod expand;
mod judged;
mod notes;
mod object;
mod problem;
mod template;
#[cfg(test)]
mod tests;
mod walk;

pub use self::{
    judged::{Judged, JudgedImage, Passed},
    notes::Note,
    object::Object,
    problem::{Problem, ProblemKind},
};
use crate::{
    policy::Policy,
    yaml::{Limits, Stream},
};

/// What a text of manifests may have.
pub const LIMITS: Limits = Limits { bytes: 64 << 20, depth: 256, nodes: 8_000_000 };

/// A text of manifests.
#[derive(Debug)]
pub struct Manifest<'t> {
    stream: Stream<'t>,
}

impl<'t> Manifest<'t> {
    /// Reads a text.
    pub fn parse(bytes: &'t [u8]) -> Result<Self, Problem> {
        match Stream::parse(bytes, LIMITS) {
            Ok(stream) => Ok(Self { stream }),
            Err(error) => Err(template::action(bytes, error.offset)
                .map_or(Problem { position: error.position, kind: ProblemKind::Yaml(error.kind) }, |position| {
                    Problem { position, kind: ProblemKind::Template }
                })),
        }
    }

    /// The text as it came.
    pub fn text(&self) -> &'t str {
        self.stream.text
    }

    /// Asks the policy about every image. `namespace` is that of objects that say none.
    pub fn judge<'p, 'd>(&'d self, policy: &'p Policy, namespace: &'d str) -> Judged<'p, 'd, 't> {
        Judged::new(&self.stream, policy, namespace)
    }
}
