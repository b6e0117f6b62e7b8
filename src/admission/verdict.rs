//! What the webhook makes of one request.

use super::{
    Policies, Webhook,
    object::{self, Object, Presence},
    patch,
    record::Ignored,
    request::{Operation, Request, UserGroup},
};
use crate::{
    judge::{self, Finding, Image, Look, Owner},
    policy::{Outcome, Policy, Scope},
    workload::{List, Role},
};

/// What the webhook makes of one request.
#[derive(Debug)]
pub(super) struct Verdict<'p, 'r> {
    pub(super) decision: Decision,
    pub(super) findings: Vec<Finding<'p, 'r>>,
    /// At most a handful, each within the API server's limits.
    pub(super) warnings: Vec<String>,
    pub(super) annotations: Vec<(&'static str, String)>,
}

/// What happens to the request.
#[derive(Debug)]
pub(super) enum Decision {
    /// Nothing of it is looked at.
    Ignored(Ignored),
    Admitted,
    /// Admitted with a `JSONPatch`.
    Patched(String),
    /// Rejected with a message.
    Denied(String),
}

/// The subresource by which ephemeral containers are added.
const EPHEMERAL_CONTAINERS: &str = "ephemeralcontainers";

pub(super) fn of<'p, 'r>(webhook: Webhook, request: &'r Request<'_>, policies: Policies<'p>) -> Verdict<'p, 'r> {
    let (object, look) = match looked_at(webhook, request) {
        Ok(looked_at) => looked_at,
        Err(ignored) => return Verdict::admitted(Decision::Ignored(ignored)),
    };
    let scope = policies.current.scope(&request.namespace);
    let earlier = policies.earlier.map(|policy| policy.scope(&request.namespace));
    let images = images(request, object);
    // A filter promises no size, and what grows leaves the allocator's fast lists.
    let mut findings = Vec::with_capacity(images.len());
    findings.extend(
        images
            .into_iter()
            .filter_map(|image| judge::judge(image, look_at(image.list, look, request.operation), scope, earlier)),
    );
    judged(webhook, request, object, look, findings, scope, policies.current)
}

/// The object to judge, and as what; or why there is none.
fn looked_at<'r, 'b>(webhook: Webhook, request: &'r Request<'b>) -> Result<(&'r Object<'b>, Look), Ignored> {
    let kind = request.kind.row().ok_or(Ignored::Kind)?;
    if !matches!(request.operation, Operation::Create | Operation::Update) {
        return Err(Ignored::Operation);
    }
    let looked_at = match (kind.role, &*request.subresource, webhook) {
        (Role::Pod, "" | EPHEMERAL_CONTAINERS, Webhook::Mutate) => Look::Pod,
        (Role::Pod, "" | EPHEMERAL_CONTAINERS, Webhook::Validate) => Look::FinalPod,
        (Role::Template, "", _) => Look::Workload(Owner::User),
        (Role::Pod | Role::Template, _, _) => return Err(Ignored::Subresource),
    };
    let object = request.object.as_ref().ok_or(Ignored::NoObject)?;
    match looked_at {
        Look::Workload(_) if object.metadata.owner == object::Owner::Controller => {
            Ok((object, Look::Workload(Owner::Controller)))
        }
        Look::Pod | Look::FinalPod if is_mirror(request, object) => Err(Ignored::MirrorPod),
        _ => Ok((object, looked_at)),
    }
}

/// A Pod's volumes can't be changed once it is stored: on an update they are judged, and stay.
fn look_at(list: List, look: Look, operation: Operation) -> Look {
    match (list, look, operation) {
        (List::Volumes, Look::FinalPod, Operation::Update) => Look::Pod,
        _ => look,
    }
}

/// A mirror Pod shows a Pod that a kubelet runs from a file. All three marks must be there: the
/// annotation alone is anyone's.
fn is_mirror(request: &Request<'_>, object: &Object<'_>) -> bool {
    let node = request.user.name.strip_prefix("system:node:").filter(|node| !node.is_empty());
    object.metadata.annotations.mirror == Presence::Present
        && request.user.group == UserGroup::Nodes
        && node.is_some()
        && object.node.as_deref() == node
}

/// What counts: on the subresource only ephemeral containers, for the API server drops the rest;
/// on an update only what is new.
fn images<'r>(request: &'r Request<'_>, object: &'r Object<'_>) -> Vec<Image<'r>> {
    let now = named(object);
    let mut images = match (request.operation, &request.old_object) {
        (Operation::Update, Some(old)) => judge::new_images(&now, &named(old)),
        _ => now,
    };
    if request.subresource == EPHEMERAL_CONTAINERS {
        images.retain(|image| image.list == List::EphemeralContainers);
    }
    images
}

fn named<'r>(object: &'r Object<'_>) -> Vec<Image<'r>> {
    object
        .images
        .iter()
        .map(|image| Image { list: image.list, index: image.index, name: &image.name, reference: &image.reference })
        .collect()
}

fn judged<'p, 'r>(
    webhook: Webhook,
    request: &Request<'_>,
    object: &Object<'_>,
    look: Look,
    findings: Vec<Finding<'p, 'r>>,
    scope: Scope<'p>,
    policy: &Policy,
) -> Verdict<'p, 'r> {
    let worst = findings.iter().map(|finding| finding.outcome).max().unwrap_or(Outcome::Allow);
    let decision = if worst == Outcome::Deny {
        Decision::Denied(judge::denial(&findings, scope, policy))
    } else if look == Look::Pod {
        patch::of(request, object, &findings).map_or(Decision::Admitted, Decision::Patched)
    } else {
        Decision::Admitted
    };
    let warnings = judge::warnings(&findings, scope);
    // A webhook that is called twice may not say two things under one key: only what is called
    // once, or ends the request, says any.
    let annotated = webhook == Webhook::Validate || worst == Outcome::Deny;
    let annotations = if annotated { annotations(&findings, worst, policy) } else { Vec::new() };
    Verdict { decision, findings, warnings, annotations }
}

fn annotations(findings: &[Finding<'_, '_>], worst: Outcome, policy: &Policy) -> Vec<(&'static str, String)> {
    let mut annotations = vec![("decision", worst.as_str().to_owned()), ("policy", policy.short_hash().to_owned())];
    annotations.extend(judge::not_allowed(findings).map(|images| ("images", images)));
    annotations
}

impl Verdict<'_, '_> {
    fn admitted(decision: Decision) -> Self {
        Self { decision, findings: Vec::new(), warnings: Vec::new(), annotations: Vec::new() }
    }
}
