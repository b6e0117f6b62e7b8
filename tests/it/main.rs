//! The outer tests: the library and the program as others use them. One binary, so that it is
//! linked once.

mod cli;
mod oracle;
mod policy_schema;
