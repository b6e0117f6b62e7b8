//! policies.yaml → diagnostics or a compiled policy → decisions.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

pub mod diagnostic;
pub mod file;
mod keys;
pub mod read;
pub mod schema;
