//! Harbor's side: what has to be there so that Harbor serves what the webhook sends to it.
//!
//! The only room that speaks to Harbor. [`plan`] is pure: the policy and what Harbor holds, to what
//! has to be done.

pub mod api;
pub mod apply;
pub mod certificate;
pub mod doctor;
pub mod observe;
pub mod plan;
pub mod robots;
pub mod secret;
