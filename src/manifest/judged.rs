//! What the policy says of a text, and the text that comes of it.

use std::{borrow::Cow, ops::Range};

use super::{
    LIMITS, Note, Object, Problem, ProblemKind, compare,
    edit::{Edit, edits, splice},
    expand::Expander,
    notes::{self, NoteAt},
    problem::Fault,
    walk::{self, Found},
};
use crate::{
    judge::{self, Finding, Look},
    policy::{Earlier, Policy, Scope},
    yaml::{Content, Document, Position, Span, Stream},
};

/// What the policy says of a text.
pub struct Judged<'p, 'd, 't> {
    /// The objects in it, whatever their kind.
    pub objects: Vec<Object<'d>>,
    /// The images that the webhook would look at.
    pub images: Vec<JudgedImage<'p, 'd>>,
    /// What looks like an image elsewhere.
    pub notes: Vec<Note>,
    /// Why some of it could not be judged. Where there is any, nothing is rewritten.
    pub problems: Vec<Problem>,
    /// What was passed over.
    pub passed: Passed,
    stream: &'d Stream<'t>,
    documents: Vec<Walked<'d, 't>>,
}

/// Documents that were passed over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Passed {
    /// Documents without `apiVersion` and `kind`.
    pub without_kind: usize,
    /// Policies of this program.
    pub policies: usize,
}

/// An image with its place and what the policy says of it.
#[derive(Debug)]
pub struct JudgedImage<'p, 'd> {
    /// Where it is written.
    pub position: Position,
    /// The number of its object in [`Judged::objects`].
    pub object: usize,
    /// The namespace that it was judged for.
    pub namespace: &'d str,
    /// What the policy says.
    pub finding: Finding<'p, 'd>,
    scope: Scope<'p>,
}

/// A document, and what was found in it.
struct Walked<'d, 't> {
    document: &'d Document<'t>,
    expander: Expander<'d, 't>,
    found: Found<'d, 't>,
    /// The number in [`Judged::images`] of each use; `None` for one that is left alone.
    images: Vec<Option<usize>>,
}

impl JudgedImage<'_, '_> {
    /// What is wrong with it, in the words of a denial.
    pub fn objection(&self) -> String {
        judge::objection(&self.finding, self.scope)
    }
}

impl<'p, 'd, 't> Judged<'p, 'd, 't> {
    pub(super) fn new(stream: &'d Stream<'t>, policy: &'p Policy, namespace: &'d str) -> Self {
        let mut judged = Self {
            objects: Vec::new(),
            images: Vec::new(),
            notes: Vec::new(),
            problems: Vec::new(),
            passed: Passed::default(),
            stream,
            documents: Vec::new(),
        };
        for document in &stream.documents {
            judged.document(document, policy, namespace);
        }
        judged.notes.sort_by_key(|note| note.position);
        judged
    }

    /// The text with every image as the policy wants it, and nothing else changed. Borrowed where
    /// there is nothing to change.
    pub fn rewrite(&self) -> Result<Cow<'t, str>, Vec<Problem>> {
        if !self.problems.is_empty() {
            return Err(self.problems.clone());
        }
        let mut all: Vec<Edit<'_>> = Vec::new();
        let mut problems = Vec::new();
        for (index, walked) in self.documents.iter().enumerate() {
            match self.edits(index, walked) {
                Ok(edits) => all.extend(edits),
                Err(fault) => problems.push(self.problem(fault)),
            }
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(if all.is_empty() { Cow::Borrowed(self.stream.text) } else { Cow::Owned(splice(self.stream.text, &all)) })
    }

    fn document(&mut self, document: &'d Document<'t>, policy: &'p Policy, namespace: &'d str) {
        let expander = Expander::new(document, self.stream.text);
        let found = walk::document(&expander, &document.root);
        let first = self.objects.len();
        let mut notes: Vec<NoteAt> = Vec::new();
        for (number, object) in found.objects.iter().enumerate() {
            let header = object.header;
            let scope = policy.scope(or(header.namespace, namespace));
            notes.extend(match object.kind {
                Some(kind) => notes::in_workload(&expander, object, kind, first + number, scope),
                None => notes::elsewhere(object.node, header.kind, Some(first + number), scope),
            });
            self.objects.push(Object {
                position: self.stream.position(header.at),
                api_version: header.api_version,
                kind: header.kind,
                name: header.name,
                namespace: header.namespace,
            });
        }
        for node in &found.no_objects {
            notes.extend(notes::elsewhere(node, "", None, policy.scope(namespace)));
        }
        let images = found.uses.iter().map(|found_use| {
            let object = first + found_use.object;
            let namespace = or(found.objects[found_use.object].header.namespace, namespace);
            let scope = policy.scope(namespace);
            let finding = judge::judge(found_use.image, Look::Pod, scope, Earlier::NONE)?;
            let position = self.stream.position(found_use.site.span.start);
            self.images.push(JudgedImage { position, object, namespace, finding, scope });
            Some(self.images.len() - 1)
        });
        let images = images.collect();
        self.notes
            .extend(notes.into_iter().map(|NoteAt { at, note }| Note { position: self.stream.position(at), ..note }));
        self.passed.policies += found.policies;
        let is_empty = matches!(&document.root.content, Content::Scalar(scalar) if scalar.value.is_empty());
        self.passed.without_kind +=
            usize::from(found.objects.is_empty() && found.policies == 0 && found.lists == 0 && !is_empty);
        let problems: Vec<Problem> = found.faults.iter().map(|fault| self.problem(fault.clone())).collect();
        self.problems.extend(problems);
        self.documents.push(Walked { document, expander, found, images });
    }

    /// The edits of a document, proved to change nothing else.
    fn edits(&self, index: usize, walked: &Walked<'d, 't>) -> Result<Vec<Edit<'d>>, Fault> {
        let results: Vec<&str> = walked
            .images
            .iter()
            .zip(&walked.found.uses)
            .map(|(image, found_use)| match image {
                Some(image) => &*self.images[*image].finding.decision.result,
                None => found_use.image.reference,
            })
            .collect();
        let edits = edits(self.stream.text, &walked.document.root, &walked.expander, &walked.found, &results)?;
        let Some(first) = edits.first() else { return Ok(edits) };
        let own = self.text_of(index);
        let text = &self.stream.text[own.clone()];
        if compare::holds(text, own.start, walked.document, &edits, LIMITS) {
            Ok(edits)
        } else {
            Err(Fault { at: first.node.start, kind: ProblemKind::NotTheSame })
        }
    }

    /// What belongs to a document and to no other: its directives and comments too. Documents are
    /// read one by one, and no scalar holds a marker, so a document that is read as before between
    /// its neighbours' ends is read as before among them.
    fn text_of(&self, index: usize) -> Range<usize> {
        let documents = &self.stream.documents;
        let Span { end, .. } = documents[index].span;
        let start = index.checked_sub(1).map_or(0, |before| documents[before].span.end);
        let is_ended = self.stream.text[..end].rsplit(['\n', '\r']).next() == Some("...");
        let end = match documents.get(index + 1) {
            // Behind `...` come the directives of the next.
            Some(_) if is_ended => end,
            Some(next) => next.span.start,
            None => self.stream.text.len(),
        };
        start..end
    }

    fn problem(&self, fault: Fault) -> Problem {
        Problem { position: self.stream.position(fault.at), kind: fault.kind }
    }
}

/// The first that says something.
fn or<'d>(text: &'d str, otherwise: &'d str) -> &'d str {
    if text.is_empty() { otherwise } else { text }
}
