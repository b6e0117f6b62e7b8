//! The plan that `plan` shows and `apply` carries out: made here for both.

use std::path::{Path, PathBuf};

use super::{ConnectionArgs, Output, failed, policy_file::PolicyArg};
use crate::{
    escape::quoted,
    harbor::{
        api::Client,
        observe::observe,
        plan::{self, CaFiles, Made, Plan, Secrets, state::State},
        secret,
    },
    policy::Policy,
};

/// What a plan is asked for.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct PlanArgs {
    #[command(flatten)]
    pub(super) policy: PolicyArg,
    /// Only this project of the policy's; may be given more than once
    #[arg(long = "project", value_name = "NAME")]
    pub(super) projects: Vec<String>,
    /// Send secrets again that Harbor holds already: they were changed at the registry
    #[arg(long)]
    pub(super) renew_secrets: bool,
    #[command(flatten)]
    pub(super) connection: ConnectionArgs,
}

/// A plan, and what it was made of.
pub(super) struct Planned {
    pub(super) plan: Plan,
    pub(super) client: Client,
    pub(super) policy_path: PathBuf,
    projects: Vec<String>,
    secrets: Secrets,
    version: String,
    policy_hash: String,
}

impl Planned {
    /// Reads the policy, looks at Harbor, and compares. `None`, and a message, where it can't.
    pub(super) fn make(args: &PlanArgs, output: &mut Output) -> Option<Self> {
        let policy = args.policy.load(output)?;
        let policy_path = args.policy.path();
        let (mut wanted, problems) = plan::wanted(&policy, &ca_files(&policy, &policy_path));
        for project in &args.projects {
            if !policy.projects().iter().any(|known| known.name() == project) {
                let known: Vec<&str> = policy.projects().iter().map(crate::policy::Project::name).collect();
                output.failed(format_args!(
                    "the policy has no project {}: it has {}",
                    quoted(project),
                    known.join(", ")
                ));
                return None;
            }
        }
        if !args.projects.is_empty() {
            wanted.retain(|wanted| args.projects.contains(&wanted.project));
        }
        let client = args.connection.connect(Some(policy.harbor()), output)?;
        let state = match observe(&client) {
            Ok(state) => state,
            Err(error) => {
                failed(&error, output);
                return None;
            }
        };
        let secrets = if args.renew_secrets { Secrets::SendAgain } else { Secrets::Keep };
        Some(Self {
            plan: plan::plan(&wanted, problems, &state, secrets),
            client,
            policy_path,
            projects: args.projects.clone(),
            secrets,
            version: version(&state),
            policy_hash: policy.short_hash().to_owned(),
        })
    }

    /// The plan as a program reads it.
    pub(super) fn json(&self) -> String {
        self.plan.json(Made {
            harbor: self.client.url(),
            version: &self.version,
            policy: &self.policy_hash,
            secrets: self.secrets,
            projects: &self.projects,
        })
    }

    /// What was looked at, in a line.
    pub(super) fn heading(&self) -> String {
        let version = if self.version.is_empty() { String::new() } else { format!(" {}", self.version) };
        format!("Harbor{version} at {}", self.client.url())
    }
}

/// The CA certificates that the policy names.
pub(super) fn ca_files(policy: &Policy, policy_path: &Path) -> CaFiles {
    plan::ca_files(policy)
        .map(|path| (path.to_owned(), secret::read(path, policy_path).map_err(|error| error.to_string())))
        .collect()
}

fn version(state: &State) -> String {
    state.version.map(|version| version.to_string()).unwrap_or_default()
}
