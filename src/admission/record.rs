//! What is logged and counted of a request. Text in it is as it came: whoever prints it escapes it.

use super::{
    locate,
    request::{Operation, Request},
    verdict::{Decision, Verdict},
};
use crate::{
    policy::{self, Enforcement},
    workload::List,
};

/// What came of one request.
#[derive(Debug)]
pub struct Record<'p> {
    /// The API server's name for this call.
    pub uid: String,
    /// What was about to happen.
    pub operation: Operation,
    /// The object's kind.
    pub kind: String,
    /// Empty for the object itself.
    pub subresource: String,
    /// Empty for an object of no namespace.
    pub namespace: String,
    /// The object's name, or its `generateName` while it has none.
    pub name: String,
    /// Whether nothing will be stored.
    pub dry_run: bool,
    /// Who asked for it.
    pub user: String,
    /// What came of it.
    pub outcome: Outcome,
    /// The images that were judged.
    pub images: Vec<ImageRecord<'p>>,
    /// JSON pointers of the first strings in a Pod's spec whose key sounds like an image, where
    /// none is known to be.
    pub unknown_images: Vec<String>,
    /// How many there are in all.
    pub unknown_image_count: usize,
}

/// What came of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// Admitted as it is.
    Allowed,
    /// Admitted with a patch.
    Mutated,
    /// Admitted with a warning, and perhaps a patch.
    Warned,
    /// Admitted with something not allowed in it that nobody hears of, and perhaps a patch.
    Audited,
    /// Rejected.
    Denied,
    /// Admitted without a look.
    Ignored(Ignored),
}

/// Why nothing of a request was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ignored {
    /// A node shows what it runs from a file.
    MirrorPod,
    /// Not a kind that holds a Pod's spec: the registration is wrong.
    Kind,
    /// A subresource that can't bring an image: the registration is wrong.
    Subresource,
    /// Not CREATE or UPDATE: the registration is wrong.
    Operation,
    /// There is no object in the request.
    NoObject,
}

/// What came of one image.
#[derive(Debug)]
pub struct ImageRecord<'p> {
    /// The list that it stands in.
    pub list: List,
    /// Its entry's name.
    pub name: String,
    /// As it came.
    pub written: String,
    /// As the policy would have it.
    pub result: String,
    /// What it did to the request.
    pub outcome: policy::Outcome,
    /// How what is not allowed was met.
    pub enforcement: Enforcement,
    /// The registry of the proxy that serves it.
    pub registry: Option<&'p str>,
}

impl Ignored {
    /// Whether the webhook should not have been called at all.
    pub fn is_wrong_registration(self) -> bool {
        matches!(self, Self::Kind | Self::Subresource | Self::Operation)
    }
}

pub(super) fn of<'p>(body: &[u8], request: &Request<'_>, verdict: &Verdict<'p, '_>) -> Record<'p> {
    let object = request.object.as_ref();
    let metadata = object.map(|object| &object.metadata);
    let name = request
        .name
        .as_deref()
        .or_else(|| metadata.and_then(|metadata| metadata.name.as_deref()))
        .or_else(|| metadata.and_then(|metadata| metadata.generate_name.as_deref()));
    let unknown = object.map(|object| &object.unknown_images);
    // It was read as text before.
    let text = std::str::from_utf8(body).unwrap_or_default();
    Record {
        uid: request.uid.to_string(),
        operation: request.operation,
        kind: request.kind.kind.to_string(),
        subresource: request.subresource.to_string(),
        namespace: request.namespace.to_string(),
        name: name.unwrap_or_default().to_owned(),
        dry_run: request.dry_run,
        user: request.user.name.to_string(),
        outcome: outcome(verdict),
        images: images(verdict),
        unknown_images: unknown
            .map(|unknown| unknown.first.iter().map(|at| locate::pointer(text, *at)).collect())
            .unwrap_or_default(),
        unknown_image_count: unknown.map_or(0, |unknown| unknown.count),
    }
}

fn outcome(verdict: &Verdict<'_, '_>) -> Outcome {
    let worst = verdict.findings.iter().map(|finding| finding.outcome).max();
    match (&verdict.decision, worst) {
        (Decision::Ignored(why), _) => Outcome::Ignored(*why),
        (Decision::Denied(_), _) => Outcome::Denied,
        (_, Some(policy::Outcome::Warn)) => Outcome::Warned,
        (_, Some(policy::Outcome::Audit)) => Outcome::Audited,
        (Decision::Patched(_), _) => Outcome::Mutated,
        (Decision::Admitted, _) => Outcome::Allowed,
    }
}

fn images<'p>(verdict: &Verdict<'p, '_>) -> Vec<ImageRecord<'p>> {
    verdict
        .findings
        .iter()
        .map(|finding| ImageRecord {
            list: finding.image.list,
            name: finding.image.name.to_owned(),
            written: finding.image.reference.to_owned(),
            result: finding.decision.result.to_string(),
            outcome: finding.outcome,
            enforcement: finding.decision.effect(),
            registry: finding.decision.registry,
        })
        .collect()
}
