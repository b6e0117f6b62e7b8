//! The keys of a policy file: one table. The reader can ask for no other key, `did you mean`
//! offers no other, and the JSON Schema is made of it.

use std::marker::PhantomData;

use serde_json::Value as Json;

use super::{
    file::{Enforcement, WorkloadEnforcement},
    read::form::{Choice, Constant, EntryOf, Form, Integer, List, Name, NonEmpty, Of, OneOrMany, Switch, Text, Words},
};

/// A key whose value has the form `F`, in the mapping `M`. `P` is its [`Presence`].
pub(super) struct Key<M, F, P> {
    pub(super) name: &'static str,
    pub(super) doc: &'static str,
    pub(super) form: F,
    pub(super) presence: P,
    mapping: PhantomData<fn() -> M>,
}

/// Whether a key may be left out, and what holds then.
pub(super) trait Presence {
    const REQUIRED: bool = false;
    fn default(&self) -> Option<Json> {
        None
    }
}

/// The key must be there.
pub(super) struct Required;
/// The key may be left out; its doc says what holds then.
pub(super) struct Optional;
/// The key may be left out, and this value holds then.
pub(super) struct Default<T>(pub(super) T);
/// The default of a list.
#[derive(Clone, Copy)]
pub(super) struct Nothing;

/// A kind of mapping: a row of keys.
pub(super) trait Mapping: 'static {
    const TABLE: Table;
}

/// What is known of a kind of mapping.
#[derive(Clone, Copy)]
pub(super) struct Table {
    /// What the schema calls it.
    pub(super) id: &'static str,
    /// Where it stands, as a message says it.
    pub(super) place: &'static str,
    pub(super) doc: &'static str,
    pub(super) keys: &'static [&'static dyn Described],
    pub(super) rules: &'static [Rule],
}

/// What two keys of a mapping have to do with each other.
#[derive(Clone, Copy)]
pub(super) enum Rule {
    ExactlyOne([&'static str; 2]),
    NotBoth([&'static str; 2]),
}

/// A key, whatever its form.
pub(super) trait Described {
    fn name(&self) -> &'static str;
    fn is_required(&self) -> bool;
    /// What may stand after the key, for a message.
    fn example(&self) -> &'static str;
    fn schema(&self) -> Json;
}

macro_rules! keys {
    ($($(#[doc = $doc:literal])+ $mapping:ident = $id:literal, $place:literal {
        $($(#[doc = $key_doc:literal])+ $key:ident: $form:ty, $presence:ty = ($name:literal, $how:expr, $when:expr);)+
        $($rule:ident($one:ident, $two:ident);)*
    })+) => {
        $(
            $(#[doc = $doc])+
            pub(super) enum $mapping {}

            impl $mapping {
                $(
                    $(#[doc = $key_doc])+
                    pub(super) const $key: Key<Self, $form, $presence> = Key {
                        name: $name,
                        doc: concat!($($key_doc),+),
                        form: $how,
                        presence: $when,
                        mapping: PhantomData,
                    };
                )+
            }

            impl Mapping for $mapping {
                const TABLE: Table = Table {
                    id: $id,
                    place: $place,
                    doc: concat!($($doc),+),
                    keys: &[$(&Self::$key),+],
                    rules: &[$(Rule::$rule([Self::$one.name, Self::$two.name])),*],
                };
            }
        )+

        /// Every kind of mapping; the first is the file itself.
        pub(super) const MAPPINGS: &[Table] = &[$($mapping::TABLE),+];
    };
}

keys! {
    /// Which images may run, and through which Harbor proxy-cache projects they come.
    Top = "policy", "at the top of the file" {
        /// The version of the file's language.
        API_VERSION: Constant, Required = ("apiVersion", Constant(super::API_VERSION), Required);
        /// The kind of file.
        KIND: Constant, Required = ("kind", Constant(super::KIND), Required);
        /// Harbor's host name as it stands in image names, with its port if it has one; or a list
        /// of its host names, of which the first is written into Pods.
        HARBOR: OneOrMany<Text>, Required = ("harbor", OneOrMany(Text::ANY), Required);
        /// Whom a developer asks: one line that ends every denial.
        CONTACT: Text, Optional = ("contact", Text::LINE, Optional);
        /// Which registry comes through which Harbor proxy-cache project.
        PROXIES: List<Of<Proxy>>, Default<Nothing> = ("proxies", List(Of::NEW), Default(Nothing));
        /// What may run, in upstream names. Left out: every registry and prefix that has a proxy,
        /// and nothing else.
        ALLOW: List<EntryOf<AllowEntry>>, Optional = ("allow", List(EntryOf::NEW), Optional);
        /// What may not run. It wins over `allow`.
        DENY: List<EntryOf<DenyEntry>>, Default<Nothing> = ("deny", List(EntryOf::NEW), Default(Nothing));
        /// What happens to what is not allowed: `deny` rejects the request, `warn` admits it with a
        /// warning, `audit` admits and logs it.
        ENFORCEMENT: Choice<Enforcement>, Default<Enforcement> = ("enforcement", Choice::NEW, Default(Enforcement::Deny));
        /// How loudly Deployments and the like are judged when they are applied. Their Pods are
        /// judged in any case.
        WORKLOAD_ENFORCEMENT: Choice<WorkloadEnforcement>, Default<WorkloadEnforcement> =
            ("workloadEnforcement", Choice::NEW, Default(WorkloadEnforcement::Warn));
        /// What is different in some namespaces. The first entry that matches a namespace counts.
        NAMESPACES: List<Of<NamespaceEntry>>, Default<Nothing> = ("namespaces", List(Of::NEW), Default(Nothing));
    }

    /// A registry, and the Harbor proxy-cache project that it comes through.
    Proxy = "proxy", "in an entry of `proxies`" {
        /// The upstream registry, or a registry and a path prefix of whole components: the longest
        /// wins.
        REGISTRY: Text, Required = ("registry", Text::ANY, Required);
        /// The Harbor project that is a proxy cache of the registry.
        PROJECT: Text, Required = ("project", Text::ANY, Required);
        /// The Secret that is added to the imagePullSecrets of Pods that use this project.
        PULL_SECRET: Text, Optional = ("pullSecret", Text::ANY, Optional);
        /// How Harbor is to be set up; `harbor-pilot harbor` alone reads it.
        SETUP: Of<Setup>, Optional = ("setup", Of::NEW, Optional);
    }

    /// How Harbor is to be set up for a proxy.
    Setup = "setup", "in `setup`" {
        /// The registry as Harbor reaches it.
        ENDPOINT: Of<Endpoint>, Optional = ("endpoint", Of::NEW, Optional);
        /// Whether everyone may pull from the project.
        PUBLIC: Switch, Default<bool> = ("public", Switch, Default(false));
        /// The project's storage in bytes; -1 is no limit.
        QUOTA: Integer, Default<i64> = ("quota", Integer { least: -1 }, Default(-1));
        /// How fast Harbor pulls from the registry, in KB a second; -1 is no limit. Harbor 2.12 or
        /// newer.
        PROXY_SPEED: Integer, Optional = ("proxySpeed", Integer { least: -1 }, Optional);
        /// How many connections Harbor opens to the registry at once; -1 is no limit. Harbor 2.14.3
        /// or newer.
        UPSTREAM_CONNECTIONS: Integer, Optional = ("upstreamConnections", Integer { least: -1 }, Optional);
        /// Whether Harbor goes on to serve an image that the registry no longer has. Harbor 2.15.1
        /// or newer.
        SERVE_WHEN_GONE: Switch, Optional = ("serveWhenGone", Switch, Optional);
        /// Whether Harbor itself, for all that use it, refuses what `allow` does not name. Harbor
        /// 2.16 or newer.
        FILTER: Switch, Default<bool> = ("filter", Switch, Default(true));
    }

    /// A registry endpoint of Harbor.
    Endpoint = "endpoint", "in `endpoint`" {
        /// What Harbor calls the endpoint.
        NAME: Text, Optional = ("name", Text::LINE, Optional);
        /// Where the registry's API answers: `https://nvcr.io`.
        URL: Text, Optional = ("url", Text::ANY, Optional);
        /// The kind of registry, by Harbor's own names. Left out: `docker-hub` for docker.io,
        /// `docker-registry` for any other.
        PROVIDER: Text, Optional = ("provider", Text::ANY, Optional);
        /// The account that Harbor pulls with; `$oauthtoken` for an NGC API key.
        ACCESS_ID: Text, Optional = ("accessId", Text::ANY, Optional);
        /// Where the account's password or key is to be found. It never stands in the file itself.
        ACCESS_SECRET: Of<AccessSecret>, Optional = ("accessSecret", Of::NEW, Optional);
        /// Whether Harbor checks the registry's certificate.
        VERIFY_CERTIFICATE: Switch, Default<bool> = ("verifyCertificate", Switch, Default(true));
        /// The file with the CA's certificate that Harbor checks it against. Harbor 2.15 or newer.
        CA_FILE: Text, Optional = ("caFile", Text::ANY, Optional);
    }

    /// Where a secret is to be found.
    AccessSecret = "accessSecret", "in `accessSecret`" {
        /// The environment variable that holds the secret.
        ENV: Name, Optional = ("env", Name, Optional);
        /// The file that holds the secret.
        FILE: Text, Optional = ("file", Text::ANY, Optional);
        ExactlyOne(ENV, FILE);
    }

    /// Images that may run.
    AllowEntry = "allowEntry", "in an entry of `allow`" {
        /// `domain/path[:tag][@digest]` with wildcards: `*` within a component, `**` for whole
        /// components, `{a,b}` for either.
        IMAGE: Text, Optional = ("image", Text::ANY, Optional);
        /// A regular expression that must match the whole `domain/path`.
        REGEX: Text, Optional = ("regex", Text::ANY, Optional);
        /// The tag beside `regex`; it may hold `*`.
        TAG: Text, Optional = ("tag", Text::ANY, Optional);
        /// Why: one line.
        REASON: Text, Optional = ("reason", Text::LINE, Optional);
        ExactlyOne(IMAGE, REGEX);
    }

    /// Images that may not run.
    DenyEntry = "denyEntry", "in an entry of `deny`" {
        /// `domain/path[:tag][@digest]` with wildcards: `*` within a component, `**` for whole
        /// components, `{a,b}` for either.
        IMAGE: Text, Optional = ("image", Text::ANY, Optional);
        /// A regular expression that must match the whole `domain/path`.
        REGEX: Text, Optional = ("regex", Text::ANY, Optional);
        /// The tag beside `regex`; it may hold `*`.
        TAG: Text, Optional = ("tag", Text::ANY, Optional);
        /// Why: one line that the denial shows.
        REASON: Text, Optional = ("reason", Text::LINE, Optional);
        /// Whether it is rejected whatever the enforcement, in every namespace.
        ALWAYS: Switch, Default<bool> = ("always", Switch, Default(false));
        ExactlyOne(IMAGE, REGEX);
    }

    /// What is different in the namespaces that it matches.
    NamespaceEntry = "namespace", "in an entry of `namespaces`" {
        /// Names of namespaces: exact, or globs such as `team-*`.
        MATCH: NonEmpty<Text>, Required = ("match", NonEmpty(Text::ANY), Required);
        /// Instead of the policy's `enforcement`.
        ENFORCEMENT: Choice<Enforcement>, Optional = ("enforcement", Choice::NEW, Optional);
        /// Instead of the policy's `workloadEnforcement`.
        WORKLOAD_ENFORCEMENT: Choice<WorkloadEnforcement>, Optional = ("workloadEnforcement", Choice::NEW, Optional);
        /// Whether image names are rewritten.
        REWRITE: Switch, Default<bool> = ("rewrite", Switch, Default(true));
        /// Added to the policy's `allow`, or to what holds where that is left out.
        ALLOW: List<EntryOf<AllowEntry>>, Default<Nothing> = ("allow", List(EntryOf::NEW), Default(Nothing));
        /// Instead of the policy's `allow`.
        ALLOW_ONLY: List<EntryOf<AllowEntry>>, Optional = ("allowOnly", List(EntryOf::NEW), Optional);
        /// Added to the policy's `deny`.
        DENY: List<EntryOf<DenyEntry>>, Default<Nothing> = ("deny", List(EntryOf::NEW), Default(Nothing));
        NotBoth(ALLOW, ALLOW_ONLY);
    }
}

impl Words for Enforcement {
    const WORDS: &'static [(&'static str, Self)] =
        &[("deny", Self::Deny), ("warn", Self::Warn), ("audit", Self::Audit)];
}

impl Words for WorkloadEnforcement {
    const WORDS: &'static [(&'static str, Self)] = &[("deny", Self::Deny), ("warn", Self::Warn), ("off", Self::Off)];
}

impl Presence for Required {
    const REQUIRED: bool = true;
}

impl Presence for Optional {}

impl<T: Copy + IntoJson> Presence for Default<T> {
    fn default(&self) -> Option<Json> {
        Some(self.0.into_json())
    }
}

impl<M, F: Form, P: Presence> Described for Key<M, F, P> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn is_required(&self) -> bool {
        P::REQUIRED
    }

    fn example(&self) -> &'static str {
        self.form.example()
    }

    fn schema(&self) -> Json {
        let mut schema = self.form.schema();
        schema["description"] = self.doc.trim().into();
        if let Some(default) = self.presence.default() {
            schema["default"] = default;
        }
        schema
    }
}

/// A default as the schema shows it.
pub(super) trait IntoJson {
    fn into_json(self) -> Json;
}

impl IntoJson for bool {
    fn into_json(self) -> Json {
        self.into()
    }
}

impl IntoJson for i64 {
    fn into_json(self) -> Json {
        self.into()
    }
}

impl IntoJson for &str {
    fn into_json(self) -> Json {
        self.into()
    }
}

impl IntoJson for Nothing {
    fn into_json(self) -> Json {
        Json::Array(Vec::new())
    }
}

impl<T: Words> IntoJson for T {
    fn into_json(self) -> Json {
        self.word().into()
    }
}
