//! Exactly what a policy file says, each value with its place. What it means is `compile`'s.
//!
//! Where reading found an error, what could not be read is missing: the proxy, the entry, or the
//! optional value. `super::keys` says what each key is for.

use crate::yaml::Span;

/// A value and the bytes of the file that say it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spanned<T> {
    /// The value as the program knows it.
    pub value: T,
    /// Where the value stands, without its key.
    pub span: Span,
}

/// The whole file.
#[derive(Clone, Debug)]
pub struct PolicyFile {
    /// Harbor's host names. The first is the one written; none only where reading found an error.
    pub harbor: Vec<Spanned<String>>,
    /// Ends every denial; one line.
    pub contact: Option<String>,
    /// Which registry comes through which project.
    pub proxies: Vec<Proxy>,
    /// `None`: what has a proxy is allowed.
    pub allow: Option<Vec<Entry>>,
    /// What may not run.
    pub deny: Vec<Entry>,
    /// What happens to what is not allowed.
    pub enforcement: Enforcement,
    /// How loudly objects with a Pod template are judged.
    pub workload_enforcement: WorkloadEnforcement,
    /// In order: the first that matches counts.
    pub namespaces: Vec<Namespace>,
}

/// A registry, and the Harbor proxy-cache project that it comes through.
#[derive(Clone, Debug)]
pub struct Proxy {
    /// As written: `nvcr.io`, or `nvcr.io/nvidia`.
    pub registry: Spanned<String>,
    /// The name of the project in Harbor.
    pub project: Spanned<String>,
    /// The Secret to add to Pods that use this project.
    pub pull_secret: Option<Spanned<String>>,
    /// How Harbor is to be set up for it.
    pub setup: Option<Setup>,
}

/// What `harbor-pilot harbor` alone reads.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The registry as Harbor reaches it.
    pub endpoint: Option<Endpoint>,
    /// Whether everyone may pull from the project.
    pub public: Option<Spanned<bool>>,
    /// Bytes; -1 is no limit.
    pub quota: Option<Spanned<i64>>,
    /// KB a second that Harbor pulls with; -1 is no limit.
    pub proxy_speed: Option<Spanned<i64>>,
    /// Connections that Harbor opens to the registry at once; -1 is no limit.
    pub upstream_connections: Option<Spanned<i64>>,
    /// Whether Harbor serves what the registry no longer has.
    pub serve_when_gone: Option<Spanned<bool>>,
    /// Whether Harbor itself refuses what `allow` does not name.
    pub filter: Option<Spanned<bool>>,
}

/// A registry endpoint of Harbor.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// What Harbor calls it.
    pub name: Option<Spanned<String>>,
    /// Where the registry's API answers.
    pub url: Option<Spanned<String>>,
    /// The kind of registry, by Harbor's own names.
    pub provider: Option<Spanned<String>>,
    /// The account that Harbor pulls with.
    pub access_id: Option<Spanned<String>>,
    /// Where the account's password is to be found.
    pub access_secret: Option<Spanned<SecretSource>>,
    /// Whether Harbor checks the registry's certificate.
    pub verify_certificate: Option<Spanned<bool>>,
    /// The file with the CA's certificate that Harbor checks it against.
    pub ca_file: Option<Spanned<String>>,
}

/// Where a secret is to be found. It never stands in the file itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretSource {
    /// The environment variable of this name.
    Env(String),
    /// The file at this path.
    File(String),
}

/// One line of `allow`, `allowOnly` or `deny`.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The whole entry.
    pub span: Span,
    /// Which images it is about.
    pub pattern: PatternText,
    /// A glob for the tag.
    pub tag: Option<Spanned<String>>,
    /// Why; one line.
    pub reason: Option<String>,
    /// In deny alone: whatever the enforcement, in every namespace.
    pub always: bool,
}

/// The images of an entry, as written.
#[derive(Clone, Debug)]
pub enum PatternText {
    /// `domain/path[:tag][@digest]` with wildcards.
    Glob(Spanned<String>),
    /// A regular expression for the whole `domain/path`.
    Regex(Spanned<String>),
}

/// What happens to what is not allowed, weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Enforcement {
    /// It is admitted and logged.
    Audit,
    /// It is admitted with a warning.
    Warn,
    /// The request is rejected.
    Deny,
}

/// How loudly objects with a Pod template are judged, weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum WorkloadEnforcement {
    /// Not at all.
    Off,
    /// With a warning.
    Warn,
    /// The request is rejected.
    Deny,
}

/// What an entry of `namespaces` changes for the namespaces that it matches.
#[derive(Clone, Debug)]
pub struct Namespace {
    /// The whole entry.
    pub span: Span,
    /// Exact names or globs; none only where reading found an error.
    pub matches: Vec<Spanned<String>>,
    /// Instead of the policy's.
    pub enforcement: Option<Spanned<Enforcement>>,
    /// Instead of the policy's.
    pub workload_enforcement: Option<Spanned<WorkloadEnforcement>>,
    /// Whether names are rewritten here.
    pub rewrite: Option<Spanned<bool>>,
    /// What becomes of `allow`.
    pub allow: AllowChange,
    /// Added to `deny`.
    pub deny: Vec<Entry>,
}

/// What a namespace does to `allow`.
#[derive(Clone, Debug)]
pub enum AllowChange {
    /// It holds as it is.
    Same,
    /// These are allowed beside it.
    Added(Vec<Entry>),
    /// These are allowed instead of it.
    Only(Spanned<Vec<Entry>>),
}
