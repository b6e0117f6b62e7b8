//! `harbor-pilot harbor`: Harbor as the policy needs it.

mod apply;
mod connection;
mod discover;
mod doctor;
mod plan;
mod planned;
mod robot;

use clap::Subcommand;

use self::connection::ConnectionArgs;
use super::{
    Outcome,
    output::{self, Output},
    policy_file, units,
};
use crate::harbor::api::ApiError;

/// Set up Harbor as the policy needs it: endpoints, proxy-cache projects, robots
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    Plan(Box<plan::Args>),
    Apply(Box<apply::Args>),
    Discover(Box<discover::Args>),
    Doctor(Box<doctor::Args>),
    #[command(subcommand)]
    Robot(robot::Command),
}

pub(super) fn run(command: &Command, output: &mut Output) -> Outcome {
    match command {
        Command::Plan(args) => plan::run(args, output),
        Command::Apply(args) => apply::run(args, output),
        Command::Discover(args) => discover::run(args, output),
        Command::Doctor(args) => doctor::run(args, output),
        Command::Robot(command) => robot::run(command, output),
    }
}

/// Says why Harbor did not do something, and what to do.
fn failed(error: &ApiError, output: &mut Output) -> Outcome {
    output.failed(format_args!("{error}\nhelp: {}", error.help()))
}
