//! Warnings: what is legal in a policy and probably not meant.

mod namespaces;
mod proxies;
mod setup;

use super::{
    NamespaceAllow, Policy,
    diagnostic::Diagnostic,
    entries::{Entry, EntryList, Matcher},
    file::PolicyFile,
    glob::Glob,
    pattern::{Alternative, Step},
};
use crate::yaml::{Span, Stream};

/// Whether the file has errors. What they leave out would look like an omission.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Completeness {
    Whole,
    HasErrors,
}

/// Looks through a policy.
pub(super) fn lint(
    policy: &Policy,
    file: &PolicyFile,
    stream: &Stream<'_>,
    completeness: Completeness,
    diagnostics: &mut Vec<Diagnostic>,
) {
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
        if let Some(list) = &policy.allow {
            let elsewhere = policy.namespaces.entries.iter().filter_map(|namespace| match namespace.allow {
                NamespaceAllow::Same | NamespaceAllow::Added(_) => Some(&namespace.deny),
                NamespaceAllow::Only(_) => None,
            });
            let beside: Vec<&EntryList> = std::iter::once(deny).chain(elsewhere).collect();
            self.allow_list(list, &[list], &[deny], &beside);
        }
        for namespace in &policy.namespaces.entries {
            for entry in &namespace.deny.entries {
                self.covered(entry, &[&namespace.deny, deny]);
                self.shape(entry);
            }
            let denies = [deny, &namespace.deny];
            match &namespace.allow {
                NamespaceAllow::Same => {}
                NamespaceAllow::Only(list) => self.allow_list(list, &[list], &denies, &denies),
                NamespaceAllow::Added(list) => {
                    let lists: Vec<&EntryList> = std::iter::once(list).chain(&policy.allow).collect();
                    self.allow_list(list, &lists, &denies, &denies);
                }
            }
        }
    }

    /// The entries of a list that allows, with the lists that hold wherever it does, and those of
    /// `deny` that stand `beside` it somewhere.
    fn allow_list(&mut self, list: &EntryList, allows: &[&EntryList], denies: &[&EntryList], beside: &[&EntryList]) {
        for entry in &list.entries {
            if let Some(deny) = denies.iter().find_map(|deny| covering_all(entry, deny, |_| true)) {
                let message = format!("`{}` in `deny` wins over this entry, so it allows nothing", deny.text);
                self.warn_with(entry.span, message, "delete one of the two", deny);
            } else {
                self.covered(entry, allows);
            }
            self.shape(entry);
            self.wide(entry, beside);
        }
    }

    /// An entry that says nothing that another does not say.
    fn covered(&mut self, entry: &Entry, lists: &[&EntryList]) {
        if let Some(other) = lists.iter().find_map(|list| covering_all(entry, list, |other| other.force >= entry.force))
        {
            // Of two equal entries the second is the one too many.
            let equal = other.text == entry.text && other.span.start > entry.span.start;
            if !equal {
                self.warn_with(
                    entry.span,
                    format!("`{}` covers this entry", other.text),
                    "delete this entry, or narrow the other",
                    other,
                );
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
                self.warn(
                    entry.span,
                    message,
                    format!("write `{name}/**` if you mean what is below it, or name the repositories one by one"),
                );
                break;
            }
        }
        for alternative in entry.alternatives() {
            let Some(domain) = alternative.literal_domain().filter(|domain| self.policy.proxies.is_harbor(domain))
            else {
                continue;
            };
            if matches!(alternative.steps.get(1), Some(Step::Deep | Step::One(Glob::Every | Glob::Wild(_)))) {
                let message = format!(
                    "a wildcard in the project's place on `{domain}`: whoever may push to any project there is meant, and names in proxy projects are not"
                );
                self.warn(entry.span, message, format!("name the project, such as `{domain}/platform/**`"));
                break;
            }
        }
    }

    /// Entries of `allow` that reach further than a list of names can be overseen.
    fn wide(&mut self, entry: &Entry, beside: &[&EntryList]) {
        let alternatives = entry.alternatives();
        if let Some(domain) = alternatives.iter().find_map(domain_open_at_its_end) {
            let message = format!(
                "`*` at the end of a domain: `{domain}` admits `{}.evil.example`",
                domain.trim_end_matches('*')
            );
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
        if alternatives.iter().any(open) && beside.iter().any(|deny| !deny.entries.is_empty()) {
            let message = "this allows registries that nobody has named, beside a `deny`: the same image from a mirror is not denied";
            self.warn(entry.span, message.to_owned(), "write the registries that you mean");
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
        self.diagnostics.push_mut(Diagnostic::warning(span, message).with_help(help))
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
            matches!(other.matcher, Matcher::Expression { .. })
                && other.text == entry.text
                && other.suffixes() == entry.suffixes()
                && counts(other)
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
