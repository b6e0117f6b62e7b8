//! The server from inside: what a black box can't show.

mod body;
mod certificates;
mod connections;
mod follow;
mod page;
mod panics;
mod policies;
mod read_ahead;
