//! The outer tests: the library and the program as others use them, over real TLS where they do.
//! One binary, so that it is linked once.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::format_push_string,
    clippy::needless_pass_by_value,
    clippy::type_complexity,
    clippy::print_stderr,
    unreachable_pub,
    reason = "a test that can't go on fails, and nobody else uses what is in here"
)]

mod cli;
mod harbor;
mod laws;
mod limits;
mod log;
mod manifests;
mod oracle;
mod policy_edits;
mod policy_schema;
mod real_reviews;
mod reload;
mod serve;
mod shutdown;
mod support;
