//! What a replica says of itself, to whoever looks after it: nothing that a handshake or a denial
//! would not say as well.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The path on which a replica says it, on both of its listeners.
pub const PATH: &str = "/status";

/// What a replica says of itself. Members are added, never changed: replicas and doctors of
/// different versions meet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Status {
    /// The program's version.
    pub version: String,
    /// The short hash of the policy in force.
    pub policy: String,
    /// What the last look at the policy's file found.
    pub policy_file: PolicyFile,
    /// Seconds for which names are still written as before the last change of the policy, where they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub names_as_before_for: Option<u64>,
    /// What is served, in PEM: the leaf, then what signed it. Empty where there is nothing yet.
    pub certificate: String,
    /// Why the API server is not known to trust it, where it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub awaited: Option<String>,
    /// Seconds since the last request, by the path without `/`; no member where there was none.
    pub last_calls: BTreeMap<String, u64>,
    /// Seconds since it started.
    pub running_for: u64,
}

/// What the last look at a policy's file found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PolicyFile {
    /// What is in force, or will be.
    Good,
    /// Something broken: what was good last is in force.
    Broken,
}
