//! `harbor-pilot harbor discover`: what Harbor has, as a policy.

use super::{ConnectionArgs, Outcome, Output, failed, policy_file::PolicyArg};
use crate::harbor::{observe::observe, plan::discover};

/// Print Harbor's proxy-cache projects as the `proxies:` of a policy
///
/// It needs no policy where `--harbor-url` names Harbor.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  harbor-pilot harbor discover --harbor-url https://harbor.example.com --new > policies.yaml"
)]
pub(in crate::commands) struct Args {
    #[command(flatten)]
    policy: PolicyArg,
    /// Print a whole policy to start with
    #[arg(long)]
    new: bool,
    #[command(flatten)]
    connection: ConnectionArgs,
}

pub(super) fn run(args: &Args, output: &mut Output) -> Outcome {
    let policy = if args.connection.harbor_url.is_some() {
        None
    } else {
        let Some(policy) = args.policy.load(output) else {
            output.talk("hint: `--harbor-url` names Harbor where there is no policy yet");
            return Outcome::Failed;
        };
        Some(policy)
    };
    let host = policy.as_ref().map(crate::policy::Policy::harbor);
    let Some(client) = args.connection.connect(host, output) else {
        return Outcome::Failed;
    };
    let state = match observe(&client) {
        Ok(state) => state,
        Err(error) => return failed(&error, output),
    };
    let harbor = client.url().split_once("://").map_or(client.url(), |(_, host)| host);
    let harbor = harbor.split('/').next().unwrap_or(harbor);
    if args.new {
        output.data(&discover::policy(&state, harbor, client.url()));
    } else {
        output.data(&discover::proxies(&state, harbor));
    }
    Outcome::Fine
}
