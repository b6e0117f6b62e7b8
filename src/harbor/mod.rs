//! Harbor's side: what has to be there so that Harbor serves what the webhook sends to it.
//!
//! The only room that speaks to Harbor. [`plan`] is pure: the policy and what Harbor holds, to what
//! has to be done.

pub mod plan;
