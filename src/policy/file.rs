//! Exactly what a policy file says, each value with its place. What it means is `compile`'s.
#![allow(missing_docs)] // skeleton only

use crate::yaml::Span;

/// A value and the bytes of the file that say it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spanned<T> {
    pub value: T,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub struct PolicyFile {
    /// At least one; the first is the one written.
    pub harbor: Vec<Spanned<String>>,
    pub contact: Option<String>,
    pub proxies: Vec<Proxy>,
    pub allow: Option<Vec<Entry>>,
    pub deny: Vec<Entry>,
    pub enforcement: Enforcement,
    pub workload_enforcement: WorkloadEnforcement,
    pub namespaces: Vec<Namespace>,
}

#[derive(Clone, Debug)]
pub struct Proxy {
    /// As written: `nvcr.io`, or `nvcr.io/nvidia`.
    pub registry: Spanned<String>,
    pub project: Spanned<String>,
    pub pull_secret: Option<Spanned<String>>,
    pub setup: Option<Setup>,
}

/// What `harbor-pilot harbor` alone reads.
#[derive(Clone, Debug)]
pub struct Setup {
    pub endpoint: Option<Endpoint>,
    pub public: Option<Spanned<bool>>,
    /// Bytes; -1 is no limit.
    pub quota: Option<Spanned<i64>>,
}

#[derive(Clone, Debug)]
pub struct Endpoint {
    pub name: Option<Spanned<String>>,
    pub url: Option<Spanned<String>>,
    pub provider: Option<Spanned<String>>,
    pub access_id: Option<Spanned<String>>,
    pub access_secret: Option<Spanned<SecretSource>>,
    pub verify_certificate: Option<Spanned<bool>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretSource {
    Env(String),
    File(String),
}

/// One line of `allow`, `allowOnly` or `deny`.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The whole entry.
    pub span: Span,
    pub pattern: PatternText,
    pub tag: Option<Spanned<String>>,
    pub reason: Option<String>,
    /// In deny alone: whatever the enforcement, in every namespace.
    pub always: bool,
}

#[derive(Clone, Debug)]
pub enum PatternText {
    Glob(Spanned<String>),
    Regex(Spanned<String>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Enforcement {
    Audit,
    Warn,
    Deny,
}
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum WorkloadEnforcement {
    Off,
    Warn,
    Deny,
}

/// What an entry of `namespaces` changes for the namespaces that it matches.
#[derive(Clone, Debug)]
pub struct Namespace {
    pub span: Span,
    /// At least one: exact names or globs.
    pub matches: Vec<Spanned<String>>,
    pub enforcement: Option<Spanned<Enforcement>>,
    pub workload_enforcement: Option<Spanned<WorkloadEnforcement>>,
    pub rewrite: Option<Spanned<bool>>,
    pub allow: AllowChange,
    pub deny: Vec<Entry>,
}

#[derive(Clone, Debug)]
pub enum AllowChange {
    Same,
    Added(Vec<Entry>),
    Only(Spanned<Vec<Entry>>),
}
