//! What is to be done next: a function of what the Secret holds, what the registrations trust, and
//! the time.
//!
//! ```text
//! Introduce ─> Trust ─> SeenEverywhere ─> (60 s) ─> Promote ─> Renew … ─> Introduce …
//! a new CA     in all    by reading it              it signs     at two    while the old CA can
//!              bundles   again                      the leaf     thirds    still sign for a year
//! ```
//!
//! A replica may die between any two steps, and two may take the same step at once: each step
//! begins with what is there.

use std::time::Duration;

use super::stored::{Current, Next, Stored};
use crate::certificates::{Certificate, LEAF_VALID_FOR, Moment, Rest};

/// What the API server trusts for one webhook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Bundle {
    pub(super) certificates: Vec<Certificate>,
    pub(super) rest: Rest,
}

/// What is to be done next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Nothing, for now.
    Rest,
    /// Have every webhook trust exactly these.
    Trust(Vec<Certificate>),
    /// Change the Secret.
    Store(Change),
}

/// A change of what the replicas agree on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// Keep trusting, for a while, certificates that others put into a bundle: another replica, or
    /// the one before us, may still serve what they signed.
    Adopt(Vec<Certificate>),
    /// Make a CA, to sign later.
    Introduce,
    /// Every registration has the next CA.
    SeenEverywhere,
    /// One of them has not, any more.
    NotSeenEverywhere,
    /// The next CA signs from now on.
    Promote,
    /// The current CA signs a new leaf.
    Renew,
    /// Forget certificates that nobody trusts any more.
    Forget,
}

/// How long the next CA is everywhere before it signs: API servers hear of it at different times.
pub(super) const SETTLES_IN: Duration = Duration::from_mins(1);
/// A leaf with less than this left is made again.
const RENEW_AT: Duration = Duration::from_secs(LEAF_VALID_FOR.as_secs() / 3);

impl Bundle {
    pub(super) fn has(&self, certificate: &Certificate) -> bool {
        self.certificates.contains(certificate)
    }

    fn is_exactly(&self, wanted: &[Certificate]) -> bool {
        self.rest == Rest::Nothing
            && self.certificates.len() == wanted.len()
            && wanted.iter().all(|certificate| self.has(certificate))
    }
}

/// The next step. `bundles` are those of every webhook of ours that is registered.
pub(super) fn plan(stored: &Stored, bundles: &[Bundle], now: Moment) -> Step {
    let others = certificates_of_others(stored, bundles, now);
    if !others.is_empty() {
        return Step::Store(Change::Adopt(others));
    }
    let signer = stored.current.as_ref().and_then(|current| current.authority.able_at(now));
    let next_is_able = stored.next.as_ref().map(|next| next.authority.can_sign_at(now));
    match (signer, next_is_able) {
        (_, Some(false)) | (None, None) => return Step::Store(Change::Introduce),
        (Some(_), None) | (_, Some(true)) => {}
    }
    let everywhere = |certificate| bundles.iter().all(|bundle| bundle.has(certificate));
    if let Some(Next { authority, trusted_since: Some(_) }) = &stored.next
        && !everywhere(authority.certificate())
    {
        // Its time begins anew.
        return Step::Store(Change::NotSeenEverywhere);
    }
    let wanted = wanted(stored, now);
    if !bundles.iter().all(|bundle| bundle.is_exactly(&wanted)) {
        return Step::Trust(wanted);
    }
    if let Some(next) = &stored.next
        && let Some(change) = introduction(next, stored, now)
    {
        return Step::Store(change);
    }
    if signer.is_some() && !stored.current.as_ref().is_some_and(|current| is_fresh(current, now)) {
        return Step::Store(Change::Renew);
    }
    if stored.retired.iter().any(|retired| retired.until <= now) {
        return Step::Store(Change::Forget);
    }
    Step::Rest
}

/// What becomes of a CA that every registration has.
fn introduction(next: &Next, stored: &Stored, now: Moment) -> Option<Change> {
    let leaf = stored.current.as_ref().and_then(|current| current.leaf.as_ref());
    let anything_in_use = leaf.is_some() || stored.retired.iter().any(|retired| now < retired.until);
    if !anything_in_use {
        // Nobody could be called before, so there is nothing to be careful of.
        return Some(Change::Promote);
    }
    match next.trusted_since {
        // A clock went back: the time can't be told any more.
        Some(since) if now < since => Some(Change::SeenEverywhere),
        None => Some(Change::SeenEverywhere),
        Some(since) => (since.plus(SETTLES_IN) <= now).then_some(Change::Promote),
    }
}

fn is_fresh(current: &Current, now: Moment) -> bool {
    current.leaf.as_ref().is_some_and(|leaf| leaf.has_left(now, RENEW_AT))
}

/// All that a bundle should have.
fn wanted(stored: &Stored, now: Moment) -> Vec<Certificate> {
    let current = stored.current.iter().map(|current| current.authority.certificate());
    let next = stored.next.iter().map(|next| next.authority.certificate());
    let retired = stored.retired.iter().filter(|retired| now < retired.until).map(|retired| &retired.certificate);
    let mut wanted: Vec<Certificate> = Vec::new();
    for certificate in current.chain(next).chain(retired) {
        if !wanted.contains(certificate) {
            wanted.push(certificate.clone());
        }
    }
    wanted
}

/// Certificates in a bundle that nothing in the Secret accounts for, while they are valid.
fn certificates_of_others(stored: &Stored, bundles: &[Bundle], now: Moment) -> Vec<Certificate> {
    let known = |certificate: &Certificate| {
        stored.current.as_ref().map(|current| current.authority.certificate()) == Some(certificate)
            || stored.next.as_ref().map(|next| next.authority.certificate()) == Some(certificate)
            || stored.retired.iter().any(|retired| retired.certificate == *certificate)
    };
    let mut others: Vec<Certificate> = Vec::new();
    for certificate in bundles.iter().flat_map(|bundle| &bundle.certificates) {
        if certificate.is_valid_at(now) && !known(certificate) && !others.contains(certificate) {
            others.push(certificate.clone());
        }
    }
    others
}
