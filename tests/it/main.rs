//! The outer tests: the library and the program as others use them. One binary, so that it is
//! linked once.
#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a test that fails panics; clippy knows only `#[test]` functions"
)]

mod cli;
mod limits;
mod log;
mod oracle;
mod reload;
mod serve;
mod shutdown;
mod support;
