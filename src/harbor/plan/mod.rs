//! What has to be done so that Harbor serves what the policy sends there: a function of the policy
//! and of what Harbor holds. Nothing is ever deleted.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

pub mod discover;
mod endpoint;
mod project;
pub mod provider;
pub mod settings;
mod show;
pub mod state;
#[cfg(test)]
mod tests;
pub mod url;
pub mod version;
mod wanted;

use std::collections::BTreeMap;

use serde::Serialize;
use sha2::{Digest as _, Sha256};

pub use self::show::{KIND, Made};
pub use self::wanted::{CaFiles, Name, Wanted, WantedEndpoint, WantedFilter, ca_files, wanted};
use self::{
    settings::Setting,
    state::{CertificateCheck, State},
    url::EndpointUrl,
};
use crate::policy::file::SecretSource;

/// Something to do, and why.
#[derive(Clone, Debug, Serialize)]
pub struct Step {
    /// What to do.
    #[serde(flatten)]
    pub action: Action,
    /// Why.
    pub reason: String,
    /// Where the policy says so.
    pub place: String,
}

/// What can be done to Harbor.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "action", rename_all = "kebab-case")]
pub enum Action {
    /// An endpoint is made.
    CreateEndpoint(NewEndpoint),
    /// An endpoint is changed.
    UpdateEndpoint(EndpointUpdate),
    /// A proxy-cache project is made.
    CreateProject(NewProject),
    /// Settings of a project are changed.
    UpdateProject(ProjectUpdate),
    /// A project's quota is changed.
    UpdateQuota(QuotaUpdate),
}

/// An endpoint to make.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NewEndpoint {
    /// What Harbor is to call it.
    pub endpoint: String,
    /// Where the registry answers.
    pub url: EndpointUrl,
    /// The kind of registry.
    pub provider: String,
    /// The account that Harbor pulls with, if any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access: Option<Access>,
    /// Whether the registry's certificate is checked.
    pub certificate_check: CertificateCheck,
    /// The CA's certificate, as PEM.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca_certificate: Option<String>,
}

/// An account, and where its password is to be found: never the password.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Access {
    /// The account's name.
    pub id: String,
    /// Where the password is.
    #[serde(serialize_with = "source")]
    pub secret: SecretSource,
}

/// What is to change of an endpoint: each member that is there.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EndpointUpdate {
    /// Harbor's number for it.
    pub id: i64,
    /// Its name.
    pub endpoint: String,
    /// The kind of registry, which never changes.
    pub provider: String,
    /// Where the registry answers, changed or not.
    pub url: EndpointUrl,
    /// From which URL it changes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old_url: Option<String>,
    /// From which account it changes; empty for none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old_access_id: Option<String>,
    /// The account, to be sent whenever something changes that could make Harbor forget it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access: Option<Access>,
    /// The certificate check that is to hold.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certificate_check: Option<CertificateCheck>,
    /// The CA's certificate that is to hold.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca_certificate: Option<String>,
}

/// A proxy-cache project to make.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NewProject {
    /// Its name.
    pub project: String,
    /// The endpoint behind it, which can't be changed later.
    pub endpoint: EndpointRef,
    /// Bytes; -1 is no limit.
    pub quota: i64,
    /// Its settings.
    pub settings: BTreeMap<Setting, String>,
}

/// The endpoint behind a new project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum EndpointRef {
    /// One that is there.
    Existing {
        /// Harbor's number for it.
        id: i64,
        /// Its name.
        name: String,
    },
    /// One that an earlier step makes.
    New {
        /// Its name.
        name: String,
    },
}

impl EndpointRef {
    /// The endpoint's name.
    pub fn name(&self) -> &str {
        match self {
            Self::Existing { name, .. } | Self::New { name } => name,
        }
    }
}

/// Settings of a project to change.
#[derive(Clone, Debug, Serialize)]
pub struct ProjectUpdate {
    /// Its name.
    pub project: String,
    /// What is to change.
    pub changes: Vec<SettingChange>,
}

/// A setting's old and new value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SettingChange {
    /// Which.
    pub setting: Setting,
    /// What holds now.
    pub from: String,
    /// What is to hold.
    pub to: String,
}

/// A quota to change.
#[derive(Clone, Debug, Serialize)]
pub struct QuotaUpdate {
    /// Harbor's number for the quota.
    pub quota: i64,
    /// The project's name.
    pub project: String,
    /// Bytes now.
    pub from: i64,
    /// Bytes to be.
    pub to: i64,
}

/// What can't be done by a program: why, and the way out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The endpoint or project.
    pub about: String,
    /// What is wrong.
    pub what: String,
    /// What to do.
    pub help: String,
    /// Where the policy names it.
    pub place: String,
}

/// What an admin should know, and nothing has to be done about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Note {
    /// The endpoint or project.
    pub about: String,
    /// What there is to know.
    pub text: String,
}

/// Whether secrets that Harbor holds are sent again. It shows none, so they can't be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Secrets {
    /// Only with something else that changes.
    Keep,
    /// Always: they were changed at the registry.
    SendAgain,
}

/// All that is to be done.
#[derive(Clone, Debug)]
pub struct Plan {
    /// In the order in which they must be done.
    pub steps: Vec<Step>,
    /// What is there as the policy wants it.
    pub in_place: Vec<String>,
    /// What can't be done.
    pub problems: Vec<Problem>,
    /// What else there is to know.
    pub notes: Vec<Note>,
    /// A digest of what the plan rests on.
    pub observed: String,
}

/// Compares what is wanted with what is there.
pub fn plan(wanted: &[Wanted], problems: Vec<Problem>, state: &State, secrets: Secrets) -> Plan {
    let mut planner = Planner {
        state,
        secrets,
        endpoints: Vec::new(),
        plan: Plan {
            steps: Vec::new(),
            in_place: Vec::new(),
            problems,
            notes: Vec::new(),
            observed: observed(wanted, state),
        },
    };
    planner.general_notes(wanted);
    for wanted in wanted {
        if let Some(endpoint) = planner.endpoint(wanted) {
            planner.project(wanted, &endpoint);
        }
    }
    planner.plan
}

struct Planner<'s> {
    state: &'s State,
    secrets: Secrets,
    /// Those looked at, by name; `None` where there is a problem with it.
    endpoints: Vec<(String, Option<EndpointRef>)>,
    plan: Plan,
}

impl Planner<'_> {
    fn problem(&mut self, wanted: &Wanted, about: String, what: impl Into<String>, help: impl Into<String>) {
        self.plan.problems.push(Problem { about, what: what.into(), help: help.into(), place: wanted.place.clone() });
    }

    fn note(&mut self, about: String, text: impl Into<String>) {
        self.plan.notes.push(Note { about, text: text.into() });
    }

    fn step(&mut self, wanted: &Wanted, action: Action, reason: impl Into<String>) {
        self.plan.steps.push(Step { action, reason: reason.into(), place: wanted.place.clone() });
    }

    /// What holds for all of Harbor is said once.
    fn general_notes(&mut self, wanted: &[Wanted]) {
        if self.state.version.is_none() {
            self.note(
                "Harbor".to_owned(),
                "it does not tell this account its version: what only some versions have is left out",
            );
        }
        if self.state.adapters.is_none() {
            self.note("Harbor".to_owned(), "this account may not list providers, so they were not checked");
        }
        if self.state.quotas.is_none() && wanted.iter().any(|wanted| wanted.quota.is_some()) {
            self.note("Harbor".to_owned(), "this account may not list quotas, so they were not compared");
        }
        let filters = wanted.iter().any(|wanted| matches!(wanted.filter, WantedFilter::Regex(_)));
        if let (true, Some(false), Some(version)) =
            (filters, self.state.has(Setting::FilterPattern), self.state.version)
        {
            let since = Setting::FilterPattern.since();
            self.note(
                "Harbor".to_owned(),
                format!(
                    "{version} has no filter for proxy caches, which {since} has: `allow` holds in the cluster alone"
                ),
            );
        }
    }
}

/// A digest of all that the plan depends on: what else changes in Harbor leaves it as it is.
fn observed(wanted: &[Wanted], state: &State) -> String {
    let projects: Vec<_> = wanted.iter().filter_map(|wanted| state.project(&wanted.project)).collect();
    let named = |endpoint: &&state::Endpoint| {
        wanted.iter().any(|wanted| endpoint::name_of(wanted) == endpoint.name)
            || projects.iter().any(|project| project.endpoint == Some(endpoint.id))
    };
    let endpoints: Vec<_> = state.endpoints.iter().filter(named).collect();
    let quotas: Option<Vec<_>> = state.quotas.as_ref().map(|quotas| {
        quotas.iter().filter(|quota| projects.iter().any(|project| project.id == quota.project)).collect()
    });
    let version = state.version.map(|version| version.to_string());
    // Text and numbers alone: there is nothing in it that JSON could not hold.
    let text = serde_json::to_string(&(version, &state.adapters, endpoints, projects, quotas)).unwrap_or_default();
    format!("sha256:{:x}", Sha256::digest(text))
}

fn source<S: serde::Serializer>(source: &SecretSource, serializer: S) -> Result<S::Ok, S::Error> {
    let (key, value) = match source {
        SecretSource::Env(name) => ("env", name),
        SecretSource::File(path) => ("file", path),
    };
    serializer.collect_map([(key, value)])
}
