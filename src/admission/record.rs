//! What is logged and counted of a request. Text in it is as it came: whoever prints it escapes it.

use std::borrow::Cow;

use super::{
    locate,
    object::{Image, Object},
    request::{Operation, Request},
    verdict::{Decision, Verdict},
};
use crate::{
    judge::Finding,
    policy::{self, Enforcement},
    workload::List,
};

/// What came of one request.
#[derive(Debug)]
pub struct Record<'a> {
    /// The API server's name for this call.
    pub uid: Cow<'a, str>,
    /// What was about to happen.
    pub operation: Operation,
    /// The object's kind.
    pub kind: Cow<'a, str>,
    /// Empty for the object itself.
    pub subresource: Cow<'a, str>,
    /// Empty for an object of no namespace.
    pub namespace: Cow<'a, str>,
    /// The object's name, or its `generateName` while it has none.
    pub name: Cow<'a, str>,
    /// Whether nothing will be stored.
    pub dry_run: bool,
    /// Who asked for it.
    pub user: Cow<'a, str>,
    /// What came of it.
    pub outcome: Outcome,
    /// The images that were judged.
    pub images: Vec<ImageRecord<'a>>,
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
pub struct ImageRecord<'a> {
    /// The list that it stands in.
    pub list: List,
    /// Its entry's name.
    pub name: Cow<'a, str>,
    /// As it came.
    pub written: Cow<'a, str>,
    /// As the policy would have it, where that is something else.
    pub rewritten: Option<String>,
    /// What it did to the request.
    pub outcome: policy::Outcome,
    /// How what is not allowed was met.
    pub enforcement: Enforcement,
    /// The registry of the proxy that serves it.
    pub registry: Option<&'a str>,
}

impl Ignored {
    /// Whether the webhook should not have been called at all.
    pub fn is_wrong_registration(self) -> bool {
        matches!(self, Self::Kind | Self::Subresource | Self::Operation)
    }
}

pub(super) fn of<'a>(body: &[u8], request: &Request<'a>, verdict: Verdict<'a, '_>) -> Record<'a> {
    let object = request.object.as_ref();
    let metadata = object.map(|object| &object.metadata);
    let name = request
        .name
        .as_ref()
        .or_else(|| metadata.and_then(|metadata| metadata.name.as_ref()))
        .or_else(|| metadata.and_then(|metadata| metadata.generate_name.as_ref()));
    let unknown = object.map(|object| &object.unknown_images);
    Record {
        uid: request.uid.clone(),
        operation: request.operation,
        kind: request.kind.kind.clone(),
        subresource: request.subresource.clone(),
        namespace: request.namespace.clone(),
        name: name.cloned().unwrap_or_default(),
        dry_run: request.dry_run,
        user: request.user.name.clone(),
        outcome: outcome(&verdict),
        images: object.map(|object| images(object, verdict.findings)).unwrap_or_default(),
        unknown_images: unknown
            .map(|unknown| unknown.first.iter().map(|left| locate::pointer(body, body.len() - left)).collect())
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

/// Findings are of the object's images, in their order.
fn images<'a>(object: &Object<'a>, findings: Vec<Finding<'a, '_>>) -> Vec<ImageRecord<'a>> {
    let mut images = object.images.iter();
    let of = |finding: Finding<'a, '_>| {
        let Image { list, name, reference, .. } =
            images.find(|image| (image.list, image.index) == (finding.image.list, finding.image.index))?;
        Some(ImageRecord {
            list: *list,
            name: name.clone(),
            written: reference.clone(),
            outcome: finding.outcome,
            enforcement: finding.decision.effect(),
            registry: finding.decision.registry,
            rewritten: match finding.decision.result {
                Cow::Borrowed(_) => None,
                Cow::Owned(rewritten) => Some(rewritten),
            },
        })
    };
    // Not in place, where there would be room for findings.
    let mut records = Vec::with_capacity(findings.len());
    records.extend(findings.into_iter().filter_map(of));
    records
}
