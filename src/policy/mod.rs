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
mod entries;
pub mod file;
mod glob;
mod index;
mod instead;
mod keys;
mod lint;
mod odd;
mod pattern;
mod proxy;
pub mod read;
mod reading;
mod repositories;
pub mod schema;
mod secret;
#[cfg(test)]
mod tests;

use std::{borrow::Cow, fmt::Write as _};

use sha2::{Digest as _, Sha256};

pub use self::{
    decision::{Decision, Force, List, NotAllowed, Outcome, Parsed, Reason, Rule, Ruling},
    file::{Enforcement, WorkloadEnforcement},
    instead::Instead,
    proxy::{DOCKER_HUB_ENDPOINT, Project, RewriteTooLong, is_endpoint_of},
    reading::Reading,
    repositories::{Repositories, Unsayable},
};
use self::{
    entries::{Entry, EntryList},
    glob::{Choices, Glob},
    index::{AskedDigest, End, Question},
    proxy::Proxies,
};
use crate::{
    reference::{ComparisonForm, Domain, Reference},
    yaml::Span,
};

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

/// What a policy says in one namespace.
#[derive(Clone, Copy, Debug)]
pub struct Scope<'p> {
    policy: &'p Policy,
    namespace: Option<&'p Namespace>,
}

/// An entry of `namespaces`.
#[derive(Debug)]
struct Namespace {
    matches: Vec<Glob>,
    span: Span,
    enforcement: Option<Enforcement>,
    workload_enforcement: Option<WorkloadEnforcement>,
    rewrite: Rewrite,
    allow: NamespaceAllow,
    deny: EntryList,
}

/// Whether names are rewritten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rewrite {
    On,
    Off,
}

/// What a namespace does to `allow`.
#[derive(Debug)]
enum NamespaceAllow {
    Same,
    Added(EntryList),
    Only(EntryList),
}

/// The entries of `namespaces`, found by name.
#[derive(Debug)]
struct Namespaces {
    entries: Vec<Namespace>,
    /// The first entry under each glob.
    by_name: Choices<Option<usize>>,
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
        Scope { policy: self, namespace: self.namespaces.first(namespace) }
    }
}

impl<'p> Scope<'p> {
    /// What happens here to what is not allowed.
    pub fn enforcement(&self) -> Enforcement {
        self.namespace.and_then(|namespace| namespace.enforcement).unwrap_or(self.policy.enforcement)
    }

    /// How loudly objects with a Pod template are judged here.
    pub fn workload_enforcement(&self) -> WorkloadEnforcement {
        self.namespace.and_then(|namespace| namespace.workload_enforcement).unwrap_or(self.policy.workload_enforcement)
    }

    /// What the policy says of an image.
    pub fn decide<'a>(&self, image: &'a str) -> Decision<'p, 'a> {
        let reference = match Reference::parse(image) {
            Ok(reference) => reference,
            Err(error) => {
                return Decision::new(
                    image,
                    Err(error),
                    Ruling::NotAllowed(NotAllowed::Unparsable),
                    self.enforcement(),
                );
            }
        };
        let (origin, named) = self.policy.proxies.origin(reference.comparison());
        let serving = self.policy.proxies.serving(origin.domain(), origin.path());
        let rewritten = match (self.rewrite(), serving) {
            (Rewrite::On, Some(project)) => Some(self.policy.proxies.rewrite(&origin, project)),
            _ => None,
        };
        let ruling = self.rule(&reference, &origin, rewritten.as_ref().and_then(|rewritten| rewritten.as_ref().err()));
        let mut decision = Decision::new(image, Ok(Parsed { reference, origin }), ruling, self.enforcement());
        decision.registry = serving.map(Project::registry);
        decision.project = named;
        if let Some(Ok(rewritten)) = rewritten {
            decision.project = serving;
            if rewritten != image {
                decision.result = Cow::Owned(rewritten);
            }
        }
        decision
    }

    /// What is allowed or not, and by what. `deny` is asked first, so that its `always` holds for
    /// every name.
    fn rule(
        &self,
        reference: &Reference<'_>,
        origin: &ComparisonForm<'_>,
        too_long: Option<&RewriteTooLong>,
    ) -> Ruling<'p> {
        if let Some(rule) = self.denied(origin) {
            return Ruling::NotAllowed(NotAllowed::Denied(rule));
        }
        if let Some(why) = reference.never_allowed() {
            return Ruling::NotAllowed(NotAllowed::Never(why));
        }
        if let Some(too_long) = too_long {
            return Ruling::NotAllowed(NotAllowed::RewriteTooLong(*too_long));
        }
        match self.allowed(origin) {
            Some(rule) => Ruling::Allowed(rule),
            None => Ruling::NotAllowed(NotAllowed::NothingAllows),
        }
    }

    /// The hardest entry of `deny` that matches. A name under one of Harbor's hosts is asked under
    /// all of them, for they are the same place.
    fn denied(&self, origin: &ComparisonForm<'_>) -> Option<Rule<'p>> {
        let proxies = &self.policy.proxies;
        let question = question(origin);
        let hosts = if proxies.is_harbor(origin.domain()) { proxies.hosts() } else { &[] };
        let others = hosts.iter().map(Domain::as_str).filter(|host| *host != origin.domain());
        std::iter::once(question)
            .chain(others.map(|domain| Question { domain, ..question }))
            .filter_map(|question| self.denied_as(&question))
            .max_by_key(|rule| (rule.force, std::cmp::Reverse(rule.position)))
    }

    fn denied_as(&self, question: &Question<'_>) -> Option<Rule<'p>> {
        let own = self.namespace.map(|namespace| &namespace.deny);
        std::iter::once(&self.policy.deny)
            .chain(own)
            .filter_map(|list| list.first(question).map(|entry| self.entry_rule(list.list, entry)))
            .max_by_key(|rule| (rule.force, std::cmp::Reverse(rule.position)))
    }

    fn allowed(&self, origin: &ComparisonForm<'_>) -> Option<Rule<'p>> {
        let question = question(origin);
        let (own, shared) = self.allow_lists();
        let own = own.and_then(|list| list.first(&question).map(|entry| self.entry_rule(list.list, entry)));
        let shared = match shared {
            Shared::Replaced => None,
            Shared::List(list) => list.first(&question).map(|entry| self.entry_rule(list.list, entry)),
            Shared::Default => self.proxy_rule(origin),
        };
        own.into_iter().chain(shared).min_by_key(|rule| rule.position)
    }

    /// The namespace's own list, and what holds beside it.
    fn allow_lists(&self) -> (Option<&'p EntryList>, Shared<'p>) {
        let shared = self.policy.allow.as_ref().map_or(Shared::Default, Shared::List);
        match self.namespace.map(|namespace| &namespace.allow) {
            None | Some(NamespaceAllow::Same) => (None, shared),
            Some(NamespaceAllow::Added(list)) => (Some(list), shared),
            Some(NamespaceAllow::Only(list)) => (Some(list), Shared::Replaced),
        }
    }

    fn entry_rule(&self, list: List, entry: &'p Entry) -> Rule<'p> {
        Rule {
            list,
            file: &self.policy.name,
            position: entry.position,
            text: &entry.text,
            reason: entry.reason.as_deref(),
            force: entry.force,
        }
    }

    /// Where `allow` is left out, what has a proxy is allowed.
    fn proxy_rule(&self, origin: &ComparisonForm<'_>) -> Option<Rule<'p>> {
        let project = self.policy.proxies.serving(origin.domain(), origin.path())?;
        Some(Rule {
            list: List::Proxies,
            file: &self.policy.name,
            position: project.position(),
            text: project.registry(),
            reason: None,
            force: Force::Enforcement,
        })
    }

    fn rewrite(&self) -> Rewrite {
        self.namespace.map_or(Rewrite::On, |namespace| namespace.rewrite)
    }
}

/// What is allowed beside a namespace's own list.
#[derive(Clone, Copy)]
enum Shared<'p> {
    /// The policy's `allow`.
    List(&'p EntryList),
    /// What has a proxy: `allow` is left out.
    Default,
    /// Nothing: the namespace has `allowOnly`.
    Replaced,
}

impl Namespace {
    fn allow_list(&self) -> Option<&EntryList> {
        match &self.allow {
            NamespaceAllow::Same => None,
            NamespaceAllow::Added(list) | NamespaceAllow::Only(list) => Some(list),
        }
    }

    fn lists(&self) -> impl Iterator<Item = &EntryList> {
        self.allow_list().into_iter().chain([&self.deny])
    }
}

impl Namespaces {
    fn new(entries: Vec<Namespace>) -> Self {
        let mut by_name = Choices::<Option<usize>>::default();
        for (index, entry) in entries.iter().enumerate() {
            for glob in &entry.matches {
                by_name.at(glob).get_or_insert(index);
            }
        }
        Self { entries, by_name }
    }

    fn first(&self, name: &str) -> Option<&Namespace> {
        let mut first: Option<usize> = None;
        self.by_name.each(name, &mut |index| first = first.into_iter().chain(*index).min());
        first.map(|index| &self.entries[index])
    }
}

/// A name as a question to the lists.
fn question<'q>(name: &'q ComparisonForm<'_>) -> Question<'q> {
    Question {
        domain: name.domain(),
        path: name.path(),
        end: End::Here,
        tag: name.pulled_tag(),
        digest: name.digest().map_or(AskedDigest::Absent, AskedDigest::Is),
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
