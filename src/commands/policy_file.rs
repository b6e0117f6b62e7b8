//! Finding and reading the policy file, for every command.

use std::path::PathBuf;


/// Where a command looks for the policy when none is named.
pub const HERE: &str = "policies.yaml";

/// `-p`: the policy that a command goes by.
#[derive(Clone, Debug, clap::Args)]
pub struct PolicyArg {
    /// The policy file; without it, ./policies.yaml
    #[arg(short, long, value_name = "FILE", env = "HARBOR_PILOT_POLICY")]
    pub policy: Option<PathBuf>,
}

