//! harbor-pilot: a Kubernetes admission webhook that sends every image through Harbor.
//!
//! Everything the program does asks one pure core one question: *what does this policy say
//! about this image, in this namespace?*
//!
//! ```text
//! AdmissionReview bytes ──> image references ──> decision per image ──> JSONPatch | denial | warnings ──> bytes
//!                                 ▲                     ▲
//!                          reference grammar      compiled policy  <── policies.yaml
//! ```
//!
//! A room is a folder, and knows only the rooms below it in this list:
//!
//! | room | what it does | pure |
//! |---|---|---|
//! | [`commands`] | one file a command, its arguments beside it | |
//! | [`server`] | listener, TLS, routes, reload, shutdown, metrics; alone knows axum and rustls | |
//! | [`cluster`] | the API server: registrations and their `caBundle`, Secrets, what runs, what is wrong there; alone knows kube | |
//! | [`certificates`] | a CA and serving certificates: made and read; keeps nothing | |
//! | [`harbor`] | Harbor's side; alone speaks to Harbor; [`harbor::plan`] is pure | |
//! | `outbound` | requests that the program makes itself: what Harbor and the API server are asked with | |
//! | [`admission`] | `AdmissionReview` bytes → verdict → response bytes | yes |
//! | [`manifest`] | YAML text → the same text with the images changed, to the byte | yes |
//! | [`judge`] | the images of one object in one namespace → findings, with their text | yes |
//! | [`policy`] | policies.yaml → diagnostics or compiled policy → decision | yes |
//! | [`workload`] | where images live: kind → path patterns, one table for every walker | yes |
//! | [`yaml`] | YAML text → tree with byte spans; alone knows a YAML crate | yes |
//! | [`mod@reference`] | image reference grammar and forms; depends on nothing | yes |
//! | [`diagnosis`] | what a doctor finds: what is so, why it hurts, what to do; depends on nothing | yes |
//! | [`escape`] | text of others, made fit for a terminal, a log and a message; depends on nothing | yes |
//!
//! A pure room takes and returns values: no async, no clock, no environment, no I/O, no global
//! state. `tests/pure` compiles those rooms alone.

#![cfg_attr(
    test,
    allow(
        clippy::format_collect,
        clippy::format_push_string,
        clippy::needless_pass_by_value,
        clippy::type_complexity,
        reason = "tests are written to be read"
    )
)]

pub mod admission;
pub mod certificates;
pub mod cluster;
pub mod commands;
pub mod diagnosis;
pub mod escape;
pub mod harbor;
pub mod judge;
pub mod manifest;
mod outbound;
pub mod policy;
pub mod reference;
pub mod server;
pub mod workload;
pub mod yaml;
