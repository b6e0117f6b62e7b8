//! policies.yaml → diagnostics or a compiled policy → decisions.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

pub mod diagnostic;
pub mod file;
