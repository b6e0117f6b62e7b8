//! Which registry comes through which Harbor project, and the way back.

use super::{by_domain::ByDomain, by_text::ByText, file::Setup};
use crate::{
    reference::{self, ComparisonForm, Domain, split_component},
    yaml::{Position, Span},
};

/// A Harbor proxy-cache project and the registry behind it.
#[derive(Clone, Debug)]
pub struct Project {
    name: String,
    registry: String,
    pull_secret: Option<String>,
    setup: Option<Setup>,
    position: Position,
    span: Span,
}

impl Project {
    /// The project's name in Harbor: the first component of an image's path.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The registry, with its path prefix if it has one, that an entry of `proxies` maps here. In
    /// comparison form.
    pub fn registry(&self) -> &str {
        &self.registry
    }

    /// The Secret that Pods need to pull from this project, if it is private.
    pub fn pull_secret(&self) -> Option<&str> {
        self.pull_secret.as_deref()
    }

    /// How Harbor is to be set up for it.
    pub fn setup(&self) -> Option<&Setup> {
        self.setup.as_ref()
    }

    /// Where the policy file names the registry.
    pub fn position(&self) -> Position {
        self.position
    }

    pub(super) fn span(&self) -> Span {
        self.span
    }
}

/// Harbor's host names and its proxy-cache projects.
#[derive(Debug)]
pub(super) struct Proxies {
    /// The first of Harbor's names, as the policy writes it.
    written: String,
    /// All of Harbor's names.
    hosts: Vec<Domain>,
    entries: Vec<Project>,
    by_domain: ByDomain,
    by_registry: ByText<Registry>,
    /// A project's name to the registry behind it, whole: a proxy cache's endpoint is a registry,
    /// so a name can reach past a prefix.
    by_project: ByText<(Domain, usize)>,
}

/// The entries that map a registry or a part of it.
#[derive(Debug, Default)]
struct Registry {
    whole: Option<usize>,
    /// By their prefix.
    parts: ByText<usize>,
}

/// What most tags need, to set room aside.
const SUFFIX: usize = 32;

/// An entry of `proxies`, read.
pub(super) struct Proxy {
    pub(super) registry: Domain,
    /// Components with `/` between them; empty for a whole registry.
    pub(super) prefix: String,
    pub(super) project: String,
    pub(super) pull_secret: Option<String>,
    pub(super) setup: Option<Setup>,
    /// Where the registry is named.
    pub(super) position: Position,
    pub(super) span: Span,
}

/// Why a name can't be written through its project.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RewriteTooLong {
    /// Bytes that the path would have, project included. The limit is [`reference::PATH_MAX`].
    pub path_length: usize,
}

impl Proxies {
    /// `proxies` are distinct, and each project stands for one registry: the compiler has seen to it.
    pub(super) fn new(written: String, hosts: Vec<Domain>, proxies: Vec<Proxy>) -> Self {
        let mut new = Self {
            written,
            hosts,
            entries: Vec::with_capacity(proxies.len()),
            by_domain: ByDomain::new(std::iter::empty()),
            by_registry: ByText::default(),
            by_project: ByText::default(),
        };
        for proxy in proxies {
            let index = new.entries.len();
            let mut registry = proxy.registry.as_str().to_owned();
            let mapped = new.by_registry.entry(registry.as_str().into()).or_default();
            if proxy.prefix.is_empty() {
                mapped.whole = Some(index);
            } else {
                registry.push('/');
                registry.push_str(&proxy.prefix);
                mapped.parts.insert(proxy.prefix.into(), index);
            }
            new.by_project.entry(proxy.project.as_str().into()).or_insert((proxy.registry, index));
            new.entries.push(Project {
                name: proxy.project,
                registry,
                pull_secret: proxy.pull_secret,
                setup: proxy.setup,
                position: proxy.position,
                span: proxy.span,
            });
        }
        new.by_domain = ByDomain::new(new.entries.iter().map(Project::registry));
        new
    }

    /// All entries, in the file's order.
    pub(super) fn entries(&self) -> &[Project] {
        &self.entries
    }

    /// The entries by the domain of their registry.
    pub(super) fn by_domain(&self) -> &ByDomain {
        &self.by_domain
    }

    /// The first of Harbor's names, as the policy writes it.
    pub(super) fn written(&self) -> &str {
        &self.written
    }

    pub(super) fn hosts(&self) -> &[Domain] {
        &self.hosts
    }

    pub(super) fn is_harbor(&self, domain: &str) -> bool {
        self.hosts.iter().any(|host| host.as_str() == domain)
    }

    /// The registry behind a project of this policy.
    pub(super) fn registry_of(&self, project: &str) -> Option<&Domain> {
        self.by_project.get(project).map(|(registry, _)| registry)
    }

    /// The upstream name that `name` stands for, and the project that it names to say so.
    pub(super) fn origin<'a>(&self, name: ComparisonForm<'a>) -> (ComparisonForm<'a>, Option<&Project>) {
        if !self.is_harbor(name.domain()) {
            return (name, None);
        }
        let Some((project, path)) = split_component(name.path()) else {
            return (name, None);
        };
        match self.by_project.get(project) {
            Some((registry, index)) => (name.at(registry, path), Some(&self.entries[*index])),
            None => (name, None),
        }
    }

    /// The entry with the longest prefix that covers `domain/path`; a prefix covers the path equal
    /// to it.
    pub(super) fn serving(&self, domain: &str, path: &str) -> Option<&Project> {
        let registry = self.by_registry.get(domain)?;
        self.entries.get(registry.serving(path)?)
    }

    /// What a Pod pulls in place of `origin` through `project`.
    pub(super) fn rewrite(&self, origin: &ComparisonForm<'_>, project: &Project) -> Result<String, RewriteTooLong> {
        let path_length = project.name.len() + 1 + origin.path().len();
        if path_length > reference::PATH_MAX {
            return Err(RewriteTooLong { path_length });
        }
        let mut written = String::with_capacity(self.written.len() + 1 + path_length + SUFFIX);
        written.push_str(&self.written);
        for part in [&project.name, origin.path()] {
            written.push('/');
            written.push_str(part);
        }
        if let Some(tag) = origin.tag() {
            written.push(':');
            written.push_str(tag);
        }
        if let Some(digest) = origin.digest() {
            written.push('@');
            written.push_str(digest);
        }
        Ok(written)
    }
}

impl Registry {
    fn serving(&self, path: &str) -> Option<usize> {
        let mut prefix = path;
        while !self.parts.is_empty() {
            if let Some(index) = self.parts.get(prefix) {
                return Some(*index);
            }
            match prefix.rsplit_once('/') {
                Some((shorter, _)) => prefix = shorter,
                None => break,
            }
        }
        self.whole
    }
}

/// The address that Harbor's own provider takes for Docker Hub: its website.
pub const DOCKER_HUB_ENDPOINT: &str = "hub.docker.com";

/// Whether an endpoint on `host` is the registry itself. A registry that is no domain is reported
/// elsewhere.
pub fn is_endpoint_of(host: &str, registry: &str) -> bool {
    match (Domain::parse(host), Domain::parse(registry)) {
        (Ok(host), Ok(registry)) => {
            host == registry || (registry.as_str() == "docker.io" && host.as_str() == DOCKER_HUB_ENDPOINT)
        }
        (_, Err(_)) => true,
        (Err(_), Ok(_)) => false,
    }
}
