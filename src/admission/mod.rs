//! `AdmissionReview` bytes → verdict → response bytes.
//!
//! One forward pass over the bytes finds the images (`json`, `request`, `object`); [`judge`] says
//! what the policy makes of them; `patch` and `response` write the answer as the API server
//! verifies it (k8s.io/apiserver, pkg/admission/plugin/webhook/request/admissionreview.go).
//!
//! [`judge`]: crate::judge
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

mod edit;
mod json;
mod locate;
mod members;
mod nesting;
mod object;
mod patch;
mod plain;
mod quoted;
mod record;
mod request;
mod response;
mod scan;
mod skip;
mod string;
#[cfg(test)]
mod tests;
mod unreadable;
mod verdict;

pub use self::{
    edit::{EditAnswer, review_edit},
    record::{Ignored, ImageRecord, Outcome, Record},
    request::Operation,
    string::{push_formatted, push_string},
    unreadable::Unreadable,
};
use crate::policy::{Earlier, Policy};

/// Which webhook is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Webhook {
    /// Rewrites and rejects.
    Mutate,
    /// The boundary: sees what all mutating webhooks left, and rejects.
    Validate,
}

/// The policies that a request is judged by.
#[derive(Clone, Copy, Debug)]
pub struct Policies<'p> {
    /// The one in force.
    pub current: &'p Policy,
    /// Those before it, for as long as other replicas may still go by them.
    pub earlier: Earlier<&'p Policy>,
}

impl<'p> Policies<'p> {
    /// One that has not changed for a while.
    pub fn only(current: &'p Policy) -> Self {
        Self { current, earlier: Earlier::NONE }
    }
}

/// What to answer, and what to log and count of it.
#[derive(Debug)]
pub struct Answer<'a> {
    /// An `AdmissionReview` with its response, as JSON.
    pub body: Vec<u8>,
    /// What came of the request.
    pub record: Record<'a>,
}

/// Answers a review.
///
/// # Errors
///
/// A body that is no `AdmissionReview` of `admission.k8s.io/v1`, or that has a key twice on the
/// way to an image.
pub fn review<'a>(webhook: Webhook, body: &'a [u8], policies: Policies<'a>) -> Result<Answer<'a>, Unreadable> {
    let request = request::read(body).map_err(|fault| Unreadable::new(body, fault))?;
    let verdict = verdict::of(webhook, &request, policies);
    let response = response::write(&request.uid, &verdict);
    Ok(Answer { body: response, record: record::of(body, &request, verdict) })
}
