//! The outer tests: the real binary, real TLS.

mod limits;
mod log;
mod reload;
mod serve;
mod shutdown;
mod support;
