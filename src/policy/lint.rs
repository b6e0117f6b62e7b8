//! Warnings: what is legal in a policy and probably not meant.

use super::{
    NamespaceAllow, Policy, Rewrite,
    diagnostic::{Diagnostic, Severity, Shown},
    entries::{Entry, EntryList, Matcher},
    file::{Endpoint, PolicyFile, Setup},
    glob::Glob,
    pattern::{Alternative, Step},
};
use crate::{
    reference::Domain,
    yaml::{Span, Stream},
};

/// Whether the file has errors. What they leave out would look like an omission.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Completeness {
    Whole,
    HasErrors,
}

/// Looks through a policy.
pub(super) fn lint(policy: &Policy, file: &PolicyFile, stream: &Stream<'_>, completeness: Completeness, diagnostics: &mut Vec<Diagnostic>) {
    let mut linter = Linter { policy, stream, diagnostics };
    linter.entries();
    linter.namespaces(file);
    for proxy in &file.proxies {
        if let Some(setup) = &proxy.setup {
            linter.setup(&proxy.registry.value, setup);
        }
    }
    if completeness == Completeness::Whole {
        linter.allowed_without_proxy();
        linter.proxies_that_nothing_allows();
    }
}

struct Linter<'l> {
    policy: &'l Policy,
    stream: &'l Stream<'l>,
    diagnostics: &'l mut Vec<Diagnostic>,
}

impl<'l> Linter<'l> {
    fn entries(&mut self) {
        let policy = self.policy;
        let deny = &policy.deny;
        for entry in &deny.entries {
            self.covered(entry, &[deny]);
            self.shape(entry);
        }
        for list in &policy.allow {
            for entry in &list.entries {
                self.allow_entry(entry, &[list], &[deny]);
            }
        }
        for namespace in &policy.namespaces.entries {
            for entry in &namespace.deny.entries {
                self.covered(entry, &[&namespace.deny, deny]);
                self.shape(entry);
            }
            let denies = [deny, &namespace.deny];
            match &namespace.allow {
                NamespaceAllow::Same => {}
                NamespaceAllow::Only(list) => list.entries.iter().for_each(|entry| self.allow_entry(entry, &[list], &denies)),
                NamespaceAllow::Added(list) => {
                    let lists: Vec<&EntryList> = std::iter::once(list).chain(&policy.allow).collect();
                    list.entries.iter().for_each(|entry| self.allow_entry(entry, &lists, &denies));
                }
            }
        }
    }

    fn allow_entry(&mut self, entry: &Entry, allows: &[&EntryList], denies: &[&EntryList]) {
        if let Some(deny) = denies.iter().find_map(|deny| covering_all(entry, deny, |_| true)) {
            let message = format!("`{}` in `deny` wins over this entry, so it allows nothing", deny.text);
            self.warn_with(entry.span, message, "delete one of the two", deny);
        } else {
            self.covered(entry, allows);
        }
        self.shape(entry);
        self.wide(entry, denies);
    }

    /// An entry that says nothing that another does not say.
    fn covered(&mut self, entry: &Entry, lists: &[&EntryList]) {
        if let Some(other) = lists.iter().find_map(|list| covering_all(entry, list, |other| other.force >= entry.force)) {
            // Of two equal entries the second is the one too many.
            let equal = other.text == entry.text && other.span.start > entry.span.start;
            if !equal {
                self.warn_with(entry.span, format!("`{}` covers this entry", other.text), "delete this entry, or narrow the other", other);
            }
        }
    }

    /// What a pattern looks as if it meant.
    fn shape(&mut self, entry: &Entry) {
        for alternative in entry.alternatives() {
            if let Some(Step::One(Glob::Wild(last))) = alternative.steps.get(1..).and_then(<[Step]>::last)
                && last.ends_with('*')
            {
                let name = alternative.name();
                let name = name.trim_end_matches('*');
                let message = format!("`*` does not cross `/`: this matches `{name}-x`, and nothing below `{name}/`");
                self.warn(entry.span, message, format!("write `{name}/**` if you mean what is below it, or name the repositories one by one"));
                break;
            }
        }
        for alternative in entry.alternatives() {
            let Some(domain) = alternative.literal_domain().filter(|domain| self.policy.proxies.is_harbor(domain)) else {
                continue;
            };
            if matches!(alternative.steps.get(1), Some(Step::Deep | Step::One(Glob::Every | Glob::Wild(_)))) {
                let message = format!("a wildcard in the project's place on `{domain}`: whoever may push to any project there is meant, and names in proxy projects are not");
                self.warn(entry.span, message, format!("name the project, such as `{domain}/platform/**`"));
                break;
            }
        }
    }

    /// Entries of `allow` that reach further than a list of names can be overseen.
    fn wide(&mut self, entry: &Entry, denies: &[&EntryList]) {
        let alternatives = entry.alternatives();
        if let Some(domain) = alternatives.iter().find_map(domain_open_at_its_end) {
            let message = format!("`*` at the end of a domain: `{domain}` admits `{}.evil.example`", domain.trim_end_matches('*'));
            self.warn(entry.span, message, "write the whole domain; `*` belongs in front, as in `*.example.com`");
            return;
        }
        let front = |alternative: &Alternative| matches!(alternative.steps.as_slice(), [Step::Deep, _, ..]);
        if alternatives.iter().any(front) {
            let message = "`**` in front allows this name from every registry there is";
            self.warn(entry.span, message.to_owned(), "write the registries that you mean");
            return;
        }
        let open = |alternative: &Alternative| !matches!(alternative.steps.first(), Some(Step::One(Glob::Literal(_))));
        if alternatives.iter().any(open) && denies.iter().any(|deny| !deny.entries.is_empty()) {
            let message = "this allows registries that nobody has named, beside a `deny`: the same image from a mirror is not denied";
            self.warn(entry.span, message.to_owned(), "write the registries that you mean");
        }
    }

    fn allowed_without_proxy(&mut self) {
        let policy = self.policy;
        for entry in self.allow_lists().into_iter().flat_map(|list| &list.entries) {
            let unserved = entry.alternatives().iter().find_map(|alternative| {
                let domain = alternative.literal_domain()?;
                let served = policy.proxies.is_harbor(domain) || policy.projects().iter().any(|project| reaches(alternative, project.registry()));
                (!served).then_some(domain)
            });
            if let Some(domain) = unserved {
                let message = format!("no proxy serves this: nodes will pull from `{domain}` themselves");
                self.warn(entry.span, message, format!("add `{domain}` to `proxies`, or keep it if nodes can reach it"));
            }
        }
    }

    fn proxies_that_nothing_allows(&mut self) {
        let policy = self.policy;
        if policy.allow.is_none() {
            return;
        }
        let lists = self.allow_lists();
        for project in policy.projects() {
            let reached = lists.iter().flat_map(|list| &list.entries).any(|entry| match &entry.matcher {
                Matcher::Pattern(alternatives) => alternatives.iter().any(|alternative| reaches(alternative, project.registry())),
                // An expression may reach anything: better no warning than a wrong one.
                Matcher::Expression { .. } => true,
            });
            if !reached {
                let message = format!("nothing in `allow` lets `{}` be used", project.registry());
                self.warn(project.span(), message, format!("add `{}/**` to `allow`, or delete this proxy", project.registry()));
            }
        }
    }

    fn namespaces(&mut self, file: &PolicyFile) {
        let policy = self.policy;
        for (index, namespace) in policy.namespaces.entries.iter().enumerate() {
            let (earlier, _) = policy.namespaces.entries.split_at(index);
            let covers = |name: &Glob| earlier.iter().find(|earlier| earlier.matches.iter().any(|glob| glob.covers(name.text())));
            if let Some(first) = namespace.matches.first().and_then(covers)
                && namespace.matches.iter().all(|name| covers(name).is_some())
            {
                let message = "an earlier entry matches all of these namespaces, so this one changes nothing".to_owned();
                self.warn(namespace.span, message, "the first entry that matches decides: put this one above it").other =
                    Some((first.span, "the earlier entry".to_owned()));
            }
            let weaker = namespace.enforcement.is_some_and(|enforcement| enforcement < policy.enforcement);
            let adds = matches!(&namespace.allow, NamespaceAllow::Added(list) if !list.entries.is_empty());
            if !(weaker || adds || namespace.rewrite == Rewrite::Off) {
                continue;
            }
            let globs = file.namespaces.get(index).into_iter().flat_map(|namespace| &namespace.matches);
            if let Some(glob) = globs.into_iter().find(|name| name.value.contains(['*', '?'])) {
                let message = format!("`{}` loosens the policy for every namespace of such a name, whoever creates it", glob.value);
                self.warn(glob.span, message, "name the namespaces, or make sure that only admins can create such ones");
            }
        }
    }

    fn setup(&mut self, registry: &str, setup: &Setup) {
        let credentials = setup.endpoint.as_ref().is_some_and(|endpoint| endpoint.access_id.is_some() || endpoint.access_secret.is_some());
        if let Some(public) = setup.public.as_ref().filter(|public| public.value && credentials) {
            let message = "a public project with credentials: everyone who reaches Harbor may pull what the account can".to_owned();
            self.warn(public.span, message, "write `public: false` and give the entry a `pullSecret`");
        }
        if let Some(endpoint) = &setup.endpoint {
            self.endpoint(registry, endpoint);
        }
    }

    fn endpoint(&mut self, registry: &str, endpoint: &Endpoint) {
        if let Some(verify) = endpoint.verify_certificate.as_ref().filter(|verify| !verify.value) {
            let message = "Harbor will not check this endpoint's certificate: whoever is in between can serve any image".to_owned();
            self.warn(verify.span, message, "write `verifyCertificate: true`, and give Harbor the registry's CA if it has one of its own");
        }
        let Some(url) = &endpoint.url else { return };
        let Some((scheme, rest)) = url.value.split_once("://") else {
            return;
        };
        if scheme.eq_ignore_ascii_case("http") {
            let message = "this endpoint is not encrypted: whoever is in between can serve any image".to_owned();
            self.warn(url.span, message, format!("write `https://{rest}`"));
        }
        let host = rest.split(['/', '?', '#']).next().unwrap_or(rest);
        let registry = registry.split('/').next().unwrap_or(registry);
        if !same_registry(host, registry) {
            let message = format!("this endpoint is on `{host}`, and the entry is for `{registry}`: its names would be served from elsewhere");
            self.warn(url.span, message, format!("write `https://{registry}`, or keep it if `{host}` is a mirror that you trust"));
        }
    }

    fn allow_lists(&self) -> Vec<&'l EntryList> {
        let policy = self.policy;
        let own = policy.namespaces.entries.iter().filter_map(|namespace| match &namespace.allow {
            NamespaceAllow::Same => None,
            NamespaceAllow::Added(list) | NamespaceAllow::Only(list) => Some(list),
        });
        policy.allow.iter().chain(own).collect()
    }

    fn warn(&mut self, span: Span, message: String, help: impl Into<String>) -> &mut Diagnostic {
        self.diagnostics.push(Diagnostic { severity: Severity::Warning, span, message, help: Some(help.into()), other: None, shown: Shown::Text });
        let last = self.diagnostics.len() - 1;
        &mut self.diagnostics[last]
    }

    fn warn_with(&mut self, span: Span, message: String, help: &str, other: &Entry) {
        let place = self.stream.position(other.span.start);
        self.warn(span, message, help).other = Some((other.span, format!("`{}`, line {}", other.text, place.line)));
    }
}

/// The entry of `list` that covers `entry`, where each of its alternatives is covered by one that
/// `counts`. It may miss one.
fn covering_all<'e>(entry: &Entry, list: &'e EntryList, counts: impl Fn(&Entry) -> bool) -> Option<&'e Entry> {
    if let Matcher::Expression { .. } = entry.matcher {
        return list.entries.iter().take_while(|other| !std::ptr::eq(*other, entry)).find(|other| {
            matches!(other.matcher, Matcher::Expression { .. }) && other.text == entry.text && other.suffixes() == entry.suffixes() && counts(other)
        });
    }
    let mut covering = None;
    for alternative in entry.alternatives() {
        covering = Some(list.covering(alternative, Some(entry)).filter(|other| counts(other))?);
    }
    covering
}

/// The domain, where a `*` stands at its end: not behind a port's `:`, and not for a whole domain.
fn domain_open_at_its_end(alternative: &Alternative) -> Option<&str> {
    match alternative.steps.first() {
        Some(Step::One(Glob::Wild(domain))) if domain.ends_with('*') && !domain.contains(':') => Some(domain),
        _ => None,
    }
}

/// Whether a pattern matches any name at or below `registry`, a domain with a path prefix.
fn reaches(alternative: &Alternative, registry: &str) -> bool {
    fn from(steps: &[Step], mut components: std::str::Split<'_, char>) -> bool {
        let rest = components.clone();
        let Some(component) = components.next() else {
            return true;
        };
        match steps.split_first() {
            None => false,
            Some((Step::Deep, [])) => true,
            Some((Step::Deep, below)) => from(below, rest) || from(steps, components),
            Some((Step::One(glob), below)) => glob.covers(component) && from(below, components),
        }
    }
    from(&alternative.steps, registry.split('/'))
}

/// Docker Hub's website is the address that Harbor's own provider takes for it.
fn same_registry(host: &str, registry: &str) -> bool {
    match (Domain::parse(host), Domain::parse(registry)) {
        (Ok(host), Ok(registry)) => host == registry || (registry.as_str() == "docker.io" && host.as_str() == "hub.docker.com"),
        // A name that is no domain is reported elsewhere.
        (_, Err(_)) => true,
        (Err(_), Ok(_)) => false,
    }
}
