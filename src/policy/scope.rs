//! A policy narrowed to a namespace, and what it says of an image there.

use std::borrow::Cow;

use super::{
    Policy,
    decision::{Decision, Force, List, NotAllowed, Parsed, Rule, Ruling},
    entries::{Entry, EntryList},
    file::{Enforcement, WorkloadEnforcement},
    index::{AskedDigest, End, Question},
    namespaces::{Namespace, NamespaceAllow, Rewrite},
    proxy::{Project, RewriteTooLong},
};
use crate::reference::{ComparisonForm, Domain, Reference};

/// What a policy says in one namespace.
#[derive(Clone, Copy, Debug)]
pub struct Scope<'p> {
    pub(super) policy: &'p Policy,
    namespace: Option<&'p Namespace>,
}

impl<'p> Scope<'p> {
    pub(super) fn new(policy: &'p Policy, namespace: Option<&'p Namespace>) -> Self {
        Self { policy, namespace }
    }

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
    pub(super) fn allow_lists(&self) -> (Option<&'p EntryList>, Shared<'p>) {
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
pub(super) enum Shared<'p> {
    /// The policy's `allow`.
    List(&'p EntryList),
    /// What has a proxy: `allow` is left out.
    Default,
    /// Nothing: the namespace has `allowOnly`.
    Replaced,
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
