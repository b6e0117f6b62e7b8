//! YAML tree → [`PolicyFile`], by the table of keys, with all findings at once.

mod features;
mod fields;
pub(super) mod form;
mod found;
mod secrets;
mod suggest;
#[cfg(test)]
mod tests;

use std::collections::HashSet;

use self::{
    fields::{Fields, FromFields},
    form::{Form, Of},
    found::Found,
};
use super::{
    diagnostic::Diagnostic,
    file::{AllowChange, Endpoint, Entry, Namespace, PatternText, PolicyFile, Proxy, SecretSource, Setup, Spanned},
    keys,
};
use crate::yaml::{self, Content, Node, Span, Stream};

/// What a policy file may cost.
pub const LIMITS: yaml::Limits = yaml::Limits { bytes: 4 * 1024 * 1024, depth: 32, nodes: 250_000 };

/// Unknown keys for which a suggestion is looked for. Nobody reads more, and a hostile file has
/// 100,000.
const SUGGESTIONS: usize = 100;

/// Reads a policy file, and appends all that is wrong with it to `diagnostics`.
///
/// Where there are errors, what could not be read is missing from the result, so that the rest can
/// still be looked at; it must not come into force. `None` where there is no mapping to read.
pub fn read(stream: &Stream<'_>, diagnostics: &mut Vec<Diagnostic>) -> Option<PolicyFile> {
    let mut reader = Reader { diagnostics, secrets: HashSet::new(), suggestions: SUGGESTIONS };
    for document in &stream.documents {
        secrets::check(&document.root, &mut reader);
    }
    if let Some(second) = stream.documents.get(1) {
        let place = Span { start: second.span.start, end: second.span.start };
        let help = "keep one document: delete the `---` before the second, or move it to a file of its own";
        reader.report(Diagnostic::error(place, "a policy file is one document, but found a second").with_help(help));
    }
    let first = stream.documents.first();
    let Some(root) = first.map(|first| &first.root).filter(|root| !is_empty(root)) else {
        let place = first.map_or(0, |first| first.span.start);
        let message = "expected a policy, but found an empty file";
        let help = format!("start with `{}: {}`", keys::Top::API_VERSION.name, keys::Top::API_VERSION.form.example());
        reader.report(Diagnostic::error(Span { start: place, end: place }, message).with_help(help));
        return None;
    };
    features::check(root, &mut reader);
    Of::<keys::Top>::NEW.read(root, &mut reader)
}

/// Takes the findings while a file is read.
pub(super) struct Reader<'d> {
    diagnostics: &'d mut Vec<Diagnostic>,
    /// Where the secrets start that have been reported.
    secrets: HashSet<usize>,
    /// How many more may be made.
    suggestions: usize,
}

impl Reader<'_> {
    fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    fn remember_secret(&mut self, value: &Node<'_>) {
        self.secrets.insert(value.span.start);
    }

    fn is_secret(&self, value: &Node<'_>) -> bool {
        self.secrets.contains(&value.span.start)
    }

    fn may_suggest(&mut self) -> bool {
        let left = self.suggestions.checked_sub(1);
        self.suggestions = left.unwrap_or_default();
        left.is_some()
    }

    /// What there is to read of a value: `None` where all is said about it.
    fn content<'n, 't>(&self, node: &'n Node<'t>) -> Option<&'n Content<'t>> {
        let is_done = match &node.content {
            Content::Alias { .. } => true,
            Content::Scalar(_) => node.tag.is_some(),
            Content::Sequence(_) | Content::Mapping(_) => false,
        };
        (!is_done && !self.is_secret(node)).then_some(&node.content)
    }

    fn expected<T>(
        &mut self,
        expected: &str,
        found: &Found<'_>,
        node: &Node<'_>,
        help: impl Into<String>,
    ) -> Option<T> {
        self.refuse(node, format!("expected {expected}, but found {found}"), help)
    }

    fn refuse<T>(&mut self, node: &Node<'_>, message: String, help: impl Into<String>) -> Option<T> {
        self.report(Diagnostic::error(node.span, message).with_help(help));
        None
    }
}

impl FromFields for keys::Top {
    type Value = PolicyFile;

    fn from_fields(fields: &Fields<'_, '_, Self>, reader: &mut Reader<'_>) -> Option<PolicyFile> {
        fields.get(&Self::API_VERSION, reader);
        fields.get(&Self::KIND, reader);
        Some(PolicyFile {
            harbor: fields.get(&Self::HARBOR, reader).unwrap_or_default(),
            contact: fields.get(&Self::CONTACT, reader).map(value),
            proxies: fields.get(&Self::PROXIES, reader).map(value).unwrap_or_default(),
            allow: fields.get(&Self::ALLOW, reader).map(value),
            deny: fields.get(&Self::DENY, reader).map(value).unwrap_or_default(),
            enforcement: fields.get_or_default(&Self::ENFORCEMENT, reader),
            workload_enforcement: fields.get_or_default(&Self::WORKLOAD_ENFORCEMENT, reader),
            namespaces: fields.get(&Self::NAMESPACES, reader).map(value).unwrap_or_default(),
        })
    }
}

impl FromFields for keys::Proxy {
    type Value = Proxy;

    fn from_fields(fields: &Fields<'_, '_, Self>, reader: &mut Reader<'_>) -> Option<Proxy> {
        let registry = fields.get(&Self::REGISTRY, reader);
        let project = fields.get(&Self::PROJECT, reader);
        let pull_secret = fields.get(&Self::PULL_SECRET, reader);
        let setup = fields.get(&Self::SETUP, reader);
        Some(Proxy { registry: registry?, project: project?, pull_secret, setup })
    }
}

impl FromFields for keys::Setup {
    type Value = Setup;

    fn from_fields(fields: &Fields<'_, '_, Self>, reader: &mut Reader<'_>) -> Option<Setup> {
        Some(Setup {
            endpoint: fields.get(&Self::ENDPOINT, reader),
            public: fields.get(&Self::PUBLIC, reader),
            quota: fields.get(&Self::QUOTA, reader),
            proxy_speed: fields.get(&Self::PROXY_SPEED, reader),
            upstream_connections: fields.get(&Self::UPSTREAM_CONNECTIONS, reader),
            serve_when_gone: fields.get(&Self::SERVE_WHEN_GONE, reader),
            filter: fields.get(&Self::FILTER, reader),
        })
    }
}

impl FromFields for keys::Endpoint {
    type Value = Endpoint;

    fn from_fields(fields: &Fields<'_, '_, Self>, reader: &mut Reader<'_>) -> Option<Endpoint> {
        Some(Endpoint {
            name: fields.get(&Self::NAME, reader),
            url: fields.get(&Self::URL, reader),
            provider: fields.get(&Self::PROVIDER, reader),
            access_id: fields.get(&Self::ACCESS_ID, reader),
            access_secret: fields.get(&Self::ACCESS_SECRET, reader),
            verify_certificate: fields.get(&Self::VERIFY_CERTIFICATE, reader),
            ca_file: fields.get(&Self::CA_FILE, reader),
        })
    }
}

impl FromFields for keys::AccessSecret {
    type Value = Spanned<SecretSource>;

    fn from_fields(fields: &Fields<'_, '_, Self>, reader: &mut Reader<'_>) -> Option<Self::Value> {
        let env = fields.get(&Self::ENV, reader).map(|name| SecretSource::Env(name.value));
        let file = fields.get(&Self::FILE, reader).map(|path| SecretSource::File(path.value));
        Some(Spanned { value: env.or(file)?, span: fields.span })
    }
}

impl FromFields for keys::AllowEntry {
    type Value = Entry;

    fn from_fields(fields: &Fields<'_, '_, Self>, reader: &mut Reader<'_>) -> Option<Entry> {
        let image = fields.get(&Self::IMAGE, reader);
        let regex = fields.get(&Self::REGEX, reader);
        let tag = fields.get(&Self::TAG, reader);
        let reason = fields.get(&Self::REASON, reader).map(value);
        Some(Entry { span: fields.span, pattern: pattern(image, regex)?, tag, reason, always: false })
    }
}

impl FromFields for keys::DenyEntry {
    type Value = Entry;

    fn from_fields(fields: &Fields<'_, '_, Self>, reader: &mut Reader<'_>) -> Option<Entry> {
        let image = fields.get(&Self::IMAGE, reader);
        let regex = fields.get(&Self::REGEX, reader);
        let tag = fields.get(&Self::TAG, reader);
        let reason = fields.get(&Self::REASON, reader).map(value);
        let always = fields.get_or_default(&Self::ALWAYS, reader);
        Some(Entry { span: fields.span, pattern: pattern(image, regex)?, tag, reason, always })
    }
}

impl FromFields for keys::NamespaceEntry {
    type Value = Namespace;

    fn from_fields(fields: &Fields<'_, '_, Self>, reader: &mut Reader<'_>) -> Option<Namespace> {
        let added = fields.get(&Self::ALLOW, reader);
        let only = fields.get(&Self::ALLOW_ONLY, reader);
        Some(Namespace {
            span: fields.span,
            matches: fields.get(&Self::MATCH, reader).map(value).unwrap_or_default(),
            enforcement: fields.get(&Self::ENFORCEMENT, reader),
            workload_enforcement: fields.get(&Self::WORKLOAD_ENFORCEMENT, reader),
            rewrite: fields.get(&Self::REWRITE, reader),
            allow: match (added, only) {
                (_, Some(only)) => AllowChange::Only(only),
                (Some(added), None) => AllowChange::Added(added.value),
                (None, None) => AllowChange::Same,
            },
            deny: fields.get(&Self::DENY, reader).map(value).unwrap_or_default(),
        })
    }
}

/// Whether a document says nothing. (An alias would need an anchor before it.)
fn is_empty(root: &Node<'_>) -> bool {
    matches!(Found::of(&root.content), Found::Nothing)
}

/// Both would be an error, and so would neither.
fn pattern(image: Option<Spanned<String>>, regex: Option<Spanned<String>>) -> Option<PatternText> {
    image.map(PatternText::Glob).or(regex.map(PatternText::Regex))
}

fn value<T>(spanned: Spanned<T>) -> T {
    spanned.value
}
