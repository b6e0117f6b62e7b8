//! The images of one object in one namespace → findings, with their text.
//!
//! The webhook asks for objects that are admitted, and `check` for those in files. What is an
//! object's kind, and whether it is made or changed, is the caller's to say.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

mod message;
mod ratchet;
#[cfg(test)]
mod tests;

pub use self::{
    message::{denial, not_allowed, objection, warnings},
    ratchet::new_images,
};
use crate::{
    policy::{Decision, Earlier, Enforcement, Outcome, Scope, WorkloadEnforcement},
    workload::List,
};

/// An image, and the entry of a list that names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Image<'a> {
    /// The list.
    pub list: List,
    /// The entry's place in its list, from 0.
    pub index: usize,
    /// The entry's name; empty where it has none.
    pub name: &'a str,
    /// The reference as written.
    pub reference: &'a str,
}

/// What the policy says of an image, and what comes of it.
#[derive(Clone, Debug)]
pub struct Finding<'p, 'a> {
    /// The image.
    pub image: Image<'a>,
    /// What the policy says of it.
    pub decision: Decision<'p, 'a>,
    /// What is wrong, and what it does to the request.
    pub outcome: Outcome,
    /// Which rule it breaks, where it breaks one.
    pub breach: Option<Breach>,
}

/// What an image may break.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Breach {
    /// The policy does not allow it.
    NotAllowed,
    /// The policy would still rewrite it.
    NotAtRest,
}

/// What is looked at, and how hard it is met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// A Pod that can still be rewritten.
    Pod,
    /// A Pod that is about to be stored: what is not at rest is a breach.
    FinalPod,
    /// An object with a Pod template.
    Workload(Owner),
}

/// Who makes and unmakes an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// A person or a tool.
    User,
    /// A controller, which could not scale down what is denied.
    Controller,
}

/// A name that meshes write for what they fill in later. In a Pod that is about to be stored it is
/// a name like any other.
const FILLED_IN_LATER: &str = "auto";

/// Judges an image; `None` for one that is left alone.
///
/// What is allowed is the policy's to say from the first moment. How it is written is not, until every
/// replica has heard of a change: see [`Earlier`].
pub fn judge<'p, 'a>(
    image: Image<'a>,
    look: Look,
    scope: Scope<'p>,
    earlier: Earlier<Scope<'p>>,
) -> Option<Finding<'p, 'a>> {
    if look != Look::FinalPod && image.reference == FILLED_IN_LATER {
        return None;
    }
    let decision = decide(image.reference, look, scope, earlier);
    let breach = if !decision.is_allowed() {
        Some(Breach::NotAllowed)
    } else if comes_too_late(&decision, look) {
        Some(Breach::NotAtRest)
    } else {
        None
    };
    let outcome = match breach {
        None => Outcome::Allow,
        Some(_) => effect(decision.effect(), look, scope)?,
    };
    Some(Finding { image, decision, outcome, breach })
}

fn decide<'p, 'a>(image: &'a str, look: Look, scope: Scope<'p>, earlier: Earlier<Scope<'p>>) -> Decision<'p, 'a> {
    if let (Look::Pod, Some(written)) = (look, earlier.written)
        && let Some(decision) = scope.decide_in_names_of(written, image)
    {
        return decision;
    }
    let decision = scope.decide(image);
    if decision.is_allowed() && !comes_too_late(&decision, look) {
        return decision;
    }
    let known = earlier.known.into_iter().flatten();
    known.filter_map(|known| scope.decide_in_names_of(known, image)).find(Decision::is_at_rest).unwrap_or(decision)
}

/// Whether an image would be rewritten when nobody is left to do it.
fn comes_too_late(decision: &Decision<'_, '_>, look: Look) -> bool {
    look == Look::FinalPod && !decision.is_at_rest()
}

/// The weaker of what holds for Pods and what holds for the object; `None` where nobody wants to
/// hear of it.
fn effect(enforcement: Enforcement, look: Look, scope: Scope<'_>) -> Option<Outcome> {
    let ceiling = match look {
        Look::Pod | Look::FinalPod => Outcome::Deny,
        Look::Workload(owner) => match (scope.workload_enforcement(), owner) {
            (WorkloadEnforcement::Off, _) => return None,
            (WorkloadEnforcement::Deny, Owner::User) => Outcome::Deny,
            (WorkloadEnforcement::Warn | WorkloadEnforcement::Deny, _) => Outcome::Warn,
        },
    };
    Some(Outcome::from(enforcement).min(ceiling))
}
