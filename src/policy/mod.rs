//! policies.yaml → diagnostics or a compiled policy → decisions.
//!
//! [`Policy::read`] reads a file ([`mod@file`]: exactly what it says), compiles it (what it means) and
//! reports everything that is wrong with it at once. [`Policy::scope`] narrows a policy to a
//! namespace, and [`Scope::decide`] answers for one image:
//!
//! 1. the name is parsed ([`crate::reference`]);
//! 2. it is turned back into its origin: the upstream name that a name in one of Harbor's
//!    proxy-cache projects stands for;
//! 3. `deny`, then `allow`, are asked about the origin in comparison form;
//! 4. the result is the origin through its proxy, or the name as written where it has none.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

mod by_domain;
mod by_text;
mod compile;
mod decision;
pub mod diagnostic;
mod earlier;
mod entries;
pub mod file;
mod glob;
mod index;
mod instead;
mod keys;
mod lint;
mod namespaces;
mod odd;
mod pattern;
mod proxy;
pub mod read;
mod reading;
mod repositories;
pub mod schema;
mod scope;
mod secret;
#[cfg(test)]
mod tests;

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

pub use self::{
    decision::{Decision, Force, List, NotAllowed, Outcome, Parsed, Reason, Rule, Ruling},
    earlier::{Earlier, KNOWN_AT_MOST},
    file::{Enforcement, WorkloadEnforcement},
    instead::Instead,
    proxy::{DOCKER_HUB_ENDPOINT, Project, RewriteTooLong, is_endpoint_of},
    reading::Reading,
    repositories::{Repositories, Unsayable},
    scope::Scope,
};
use self::{
    entries::EntryList,
    namespaces::{Namespace, NamespaceAllow, Namespaces, Rewrite},
    proxy::Proxies,
    scope::Shared,
};
use crate::reference::Domain;

/// What a policy file has under `apiVersion`.
pub const API_VERSION: &str = "harbor-pilot.io/v1";

/// What a policy file has under `kind`.
pub const KIND: &str = "Policy";

/// The largest policy file, in bytes. A shell need not read more than one byte beyond it: the
/// reader objects then.
pub const MAX_BYTES: usize = read::LIMITS.bytes;

/// The policy that stands at the top of the project: default, example and documentation in one.
pub const DEFAULT: &str = include_str!("../../policies.yaml");

/// A policy that has been read without errors. It never changes.
#[derive(Debug)]
pub struct Policy {
    name: String,
    hash: String,
    contact: Option<String>,
    proxies: Proxies,
    /// `None`: what has a proxy is allowed.
    allow: Option<EntryList>,
    deny: EntryList,
    enforcement: Enforcement,
    workload_enforcement: WorkloadEnforcement,
    namespaces: Namespaces,
}

impl Policy {
    /// The name of the file that it was read from.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The first 12 hexadecimal digits of the text's SHA-256, as `sha256sum` prints it.
    pub fn short_hash(&self) -> &str {
        &self.hash
    }

    /// Whom a developer asks about a denial.
    pub fn contact(&self) -> Option<&str> {
        self.contact.as_deref()
    }

    /// Harbor's host name as it is written into Pods.
    pub fn harbor(&self) -> &str {
        self.proxies.written()
    }

    /// All of Harbor's host names, in comparison form.
    pub fn harbor_hosts(&self) -> &[Domain] {
        self.proxies.hosts()
    }

    /// The proxy-cache projects, in the file's order.
    pub fn projects(&self) -> &[Project] {
        self.proxies.entries()
    }

    /// What holds in `namespace`: the first entry that matches it changes the policy.
    pub fn scope(&self, namespace: &str) -> Scope<'_> {
        Scope::new(self, self.namespaces.first(namespace))
    }
}

/// The first 12 digits of what `sha256sum` says of a policy's text.
pub fn short_hash(text: &[u8]) -> String {
    Sha256::digest(text).iter().take(6).fold(String::with_capacity(12), |mut hex, byte| {
        // Writing to a String can't fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
