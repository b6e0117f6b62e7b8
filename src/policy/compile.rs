//! From what a policy file says to what it means. Every contradiction is a diagnostic.

use std::collections::HashMap;

use super::{
    Namespace, NamespaceAllow, Namespaces, Policy,
    decision::List,
    diagnostic::Diagnostic,
    entries::{Entry, EntryList},
    file::{self, AllowChange, PolicyFile, Spanned},
    glob::Glob,
    odd,
    pattern::Side,
    proxy::{Proxies, Proxy},
};
use crate::{
    escape::quoted,
    reference::{self, Domain},
    yaml::{Span, Stream},
};

/// Compiles a file that was read. Where there are errors among `diagnostics` the result must not
/// come into force: what could not be read is missing from it.
pub(super) fn compile(name: &str, file: &PolicyFile, stream: &Stream<'_>, diagnostics: &mut Vec<Diagnostic>) -> Policy {
    let mut compiler = Compiler { stream, diagnostics };
    let proxies = compiler.proxies(file);
    let allow = file.allow.as_ref().map(|allow| compiler.list(List::Allow, allow, &proxies));
    let deny = compiler.list(List::Deny, &file.deny, &proxies);
    let namespaces: Vec<Namespace> =
        file.namespaces.iter().map(|namespace| compiler.namespace(namespace, &proxies)).collect();
    compiler.count_odd(allow.iter().chain([&deny]).chain(namespaces.iter().flat_map(Namespace::lists)));
    Policy {
        name: name.to_owned(),
        hash: super::short_hash(stream.text.as_bytes()),
        contact: file.contact.clone(),
        proxies,
        allow,
        deny,
        enforcement: file.enforcement,
        workload_enforcement: file.workload_enforcement,
        namespaces: Namespaces::new(namespaces),
    }
}

struct Compiler<'c> {
    stream: &'c Stream<'c>,
    diagnostics: &'c mut Vec<Diagnostic>,
}

impl Compiler<'_> {
    fn proxies(&mut self, file: &PolicyFile) -> Proxies {
        let hosts = self.hosts(&file.harbor);
        let mut proxies = Vec::new();
        let mut registries: HashMap<String, Span> = HashMap::new();
        let mut projects: HashMap<String, (Domain, Span)> = HashMap::new();
        for entry in &file.proxies {
            let registry = self.registry(&entry.registry, &hosts);
            let project = self.project(&entry.project);
            self.pull_secret(entry.pull_secret.as_ref());
            let (Some((registry, prefix)), Some(project)) = (registry, project) else {
                continue;
            };
            let key = if prefix.is_empty() { registry.as_str().to_owned() } else { format!("{registry}/{prefix}") };
            if let Some(first) = registries.insert(key.clone(), entry.registry.span) {
                self.error(entry.registry.span, format!("`{key}` has a proxy already"), "keep one of the two").other =
                    Some((first, "the first is here".to_owned()));
                continue;
            }
            match projects.get(&project) {
                Some((other, first)) if *other != registry => {
                    let message = format!(
                        "project `{project}` already stands for `{other}`: there would be no way back from its names"
                    );
                    let help = "give each registry a project of its own; only prefixes of one registry may share one";
                    let first = (*first, format!("`{other}` is here"));
                    self.error(entry.project.span, message, help).other = Some(first);
                    continue;
                }
                _ => projects.insert(project.clone(), (registry.clone(), entry.registry.span)),
            };
            proxies.push(Proxy {
                registry,
                prefix,
                project,
                pull_secret: entry.pull_secret.as_ref().map(|secret| secret.value.clone()),
                setup: entry.setup.clone(),
                position: self.stream.position(entry.registry.span.start),
                span: entry.registry.span,
            });
        }
        let written = file.harbor.first().map_or_else(String::new, |harbor| harbor.value.clone());
        Proxies::new(written, hosts, proxies)
    }

    fn hosts(&mut self, harbor: &[Spanned<String>]) -> Vec<Domain> {
        let mut hosts: Vec<Domain> = Vec::new();
        for host in harbor {
            match Domain::parse(&host.value) {
                Ok(domain) if hosts.contains(&domain) => {
                    self.error(host.span, format!("`{}` is in the list already", host.value), "delete it");
                }
                Ok(domain) => {
                    if let Err(why) = check_length(&host.value) {
                        let help = "write a name that DNS can hold, for nodes look it up there";
                        self.error(host.span, format!("{} is no host name: {why}", quoted(&host.value)), help);
                    }
                    hosts.push(domain);
                }
                Err(error) => {
                    let help = "write Harbor's host name as it stands in an image name: `harbor.example.com`, or `harbor.example.com:8443`";
                    self.error(host.span, format!("`{}` is no host name for image names: {error}", host.value), help);
                }
            }
        }
        hosts
    }

    /// A registry and a path prefix of whole components.
    fn registry(&mut self, registry: &Spanned<String>, hosts: &[Domain]) -> Option<(Domain, String)> {
        let text = registry.value.as_str();
        if let Some((_, rest)) = text.split_once("://") {
            self.error(
                registry.span,
                format!("`{text}` has a scheme, which no image name has"),
                format!("write `{}`", rest.trim_end_matches('/')),
            );
            return None;
        }
        if text.contains(['*', '?', '{']) {
            let help = "write one registry an entry, with a path prefix of whole components if need be";
            self.error(registry.span, format!("`{text}` has a wildcard, but a proxy is for one registry"), help);
            return None;
        }
        let (domain, prefix) = text.split_once('/').unwrap_or((text, ""));
        if text.ends_with('/') {
            self.error(
                registry.span,
                format!("`{text}` ends with `/`"),
                format!("write `{}`", text.trim_end_matches('/')),
            );
            return None;
        }
        let domain = match Domain::parse(domain) {
            Ok(domain) => domain,
            Err(error) => {
                let help = "write the registry's host name as it stands in image names, such as `nvcr.io`; images without one are `docker.io`'s";
                self.error(registry.span, format!("`{text}` is no registry: {error}"), help);
                return None;
            }
        };
        for component in prefix.split('/').filter(|_| !prefix.is_empty()) {
            if let Err(error) = reference::check_path_component(component) {
                let help = "a prefix is made of whole path components, in lower case, without tag or digest";
                self.error(registry.span, format!("`{prefix}` is no path prefix: {error}"), help);
                return None;
            }
        }
        if hosts.contains(&domain) {
            let message = format!("`{domain}` is Harbor itself, which can't be proxied");
            self.error(
                registry.span,
                message,
                "delete this entry; allow Harbor's own projects by name, such as `harbor.example.com/platform/**`",
            );
            return None;
        }
        Some((domain, prefix.to_owned()))
    }

    /// A name that Harbor takes for a project: `^[a-z0-9]+(?:[._-][a-z0-9]+)*$`, 255 characters at
    /// most (goharbor/harbor, src/pkg/project/manager.go).
    fn project(&mut self, project: &Spanned<String>) -> Option<String> {
        let name = project.value.as_str();
        let separated = name
            .split(['.', '_', '-'])
            .all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()));
        if separated && name.len() <= reference::PATH_MAX {
            return Some(name.to_owned());
        }
        let help = "write 1 to 255 lower-case letters and digits, with single `.` `_` or `-` between them";
        self.error(project.span, format!("Harbor takes no project named `{}`", name.escape_debug()), help);
        None
    }

    /// A DNS subdomain (<https://kubernetes.io/docs/concepts/overview/working-with-objects/names/>).
    fn pull_secret(&mut self, secret: Option<&Spanned<String>>) {
        let Some(secret) = secret else { return };
        let label = |part: &str| {
            part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
                && part.starts_with(|c: char| c.is_ascii_alphanumeric())
                && part.ends_with(|c: char| c.is_ascii_alphanumeric())
        };
        if secret.value.len() > 253 || !secret.value.split('.').all(label) {
            let help = "write the name of a Secret: lower-case letters, digits, `-` and `.`";
            self.error(secret.span, format!("`{}` is no name of a Secret", secret.value.escape_debug()), help);
        }
    }

    fn list(&mut self, list: List, entries: &[file::Entry], proxies: &Proxies) -> EntryList {
        let side = if list == List::Deny { Side::Deny } else { Side::Allow };
        let entries = entries
            .iter()
            .filter_map(|entry| Entry::read(entry, side, proxies, self.stream, self.diagnostics))
            .collect();
        EntryList::new(list, entries, self.diagnostics)
    }

    fn namespace(&mut self, namespace: &file::Namespace, proxies: &Proxies) -> Namespace {
        let matches = namespace.matches.iter().filter_map(|text| self.namespace_globs(text)).flatten().collect();
        Namespace {
            matches,
            span: namespace.span,
            enforcement: namespace.enforcement.as_ref().map(|enforcement| enforcement.value),
            workload_enforcement: namespace.workload_enforcement.as_ref().map(|enforcement| enforcement.value),
            rewrite: namespace.rewrite.as_ref().map_or(super::Rewrite::On, |rewrite| {
                if rewrite.value { super::Rewrite::On } else { super::Rewrite::Off }
            }),
            allow: match &namespace.allow {
                AllowChange::Same => NamespaceAllow::Same,
                AllowChange::Added(entries) => NamespaceAllow::Added(self.list(List::Allow, entries, proxies)),
                AllowChange::Only(entries) => NamespaceAllow::Only(self.list(List::AllowOnly, &entries.value, proxies)),
            },
            deny: self.list(List::Deny, &namespace.deny, proxies),
        }
    }

    /// Names of namespaces are DNS labels; `*`, `?` and `{a,b}` stand in them as in a component.
    fn namespace_globs(&mut self, text: &Spanned<String>) -> Option<Vec<Glob>> {
        let known = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-*?{},".contains(c);
        let help = "write a namespace's name, with `*` and `?` where it may vary";
        if text.value.is_empty() || !text.value.chars().all(known) {
            self.error(text.span, format!("`{}` is no namespace's name", text.value.escape_debug()), help);
            return None;
        }
        match super::pattern::write_out(&text.value) {
            Ok(texts) => Some(texts.iter().map(|text| Glob::new(text)).collect()),
            Err(error) => {
                self.error(text.span, error.message, error.help);
                None
            }
        }
    }

    fn count_odd<'e>(&mut self, lists: impl Iterator<Item = &'e EntryList>) {
        let mut odd: Vec<Span> =
            lists.flat_map(|list| &list.entries).filter(|entry| entry.is_odd()).map(|entry| entry.span).collect();
        odd.sort_by_key(|span| span.start);
        if let Some(span) = odd.get(odd::LIMIT) {
            let message = format!(
                "a policy has at most {} regular expressions and patterns with `**` before the end, and this has {}",
                odd::LIMIT,
                odd.len()
            );
            self.error(*span, message, "write the rest as patterns with `**` at the end alone, which are not limited");
        }
    }

    fn error(&mut self, span: Span, message: String, help: impl Into<String>) -> &mut Diagnostic {
        self.diagnostics.push_mut(Diagnostic::error(span, message).with_help(help))
    }
}

/// The longest name of a host, and the longest part of one between dots (RFC 1035, 2.3.4). With
/// them, a port and the limits of paths, tags and digests, every rewritten name is a name.
const LONGEST_HOST: usize = 253;
const LONGEST_LABEL: usize = 63;
const LONGEST_PORT: usize = "65535".len();

/// Whether Harbor's host, which has the form of one, is short enough for a host.
fn check_length(written: &str) -> Result<(), String> {
    let (host, port) = reference::split_port(written);
    if let Some(port) = port.filter(|port| port.len() > LONGEST_PORT) {
        return Err(format!("its port has {} digits, and {LONGEST_PORT} are the most", port.len()));
    }
    if host.len() > LONGEST_HOST {
        return Err(format!("it is {} bytes long, and {LONGEST_HOST} are the most", host.len()));
    }
    match host.split('.').find(|label| label.len() > LONGEST_LABEL) {
        Some(label) => Err(format!(
            "{} between dots is {} bytes long, and {LONGEST_LABEL} are the most",
            quoted(label),
            label.len()
        )),
        None => Ok(()),
    }
}
