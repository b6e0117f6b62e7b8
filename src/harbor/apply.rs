//! Carrying out a plan: step by step, stopping at the first that fails.

use std::{collections::HashMap, fmt, path::Path};

use super::{
    api::{ApiError, Client},
    plan::{Action, EndpointRef, EndpointUpdate, Name, NewEndpoint, NewProject, Plan, state::Endpoint},
    secret::{self, Missing, Secret},
};
use crate::policy::file::SecretSource;

/// The secrets that a plan needs.
#[derive(Debug, Default)]
pub struct Secrets(Vec<(SecretSource, Secret)>);

impl Secrets {
    /// Fetches them all, before anything is changed. `policy` is the file that names them.
    pub fn fetch(plan: &Plan, policy: &Path) -> Result<Self, Vec<Missing>> {
        let mut secrets = Self::default();
        let mut missing = Vec::new();
        for source in plan.steps.iter().filter_map(|step| step.action.secret()) {
            if secrets.get(source).is_some() {
                continue;
            }
            match secret::fetch(source, policy) {
                Ok(secret) => secrets.0.push((source.clone(), secret)),
                Err(why) if missing.contains(&why) => {}
                Err(why) => missing.push(why),
            }
        }
        if missing.is_empty() { Ok(secrets) } else { Err(missing) }
    }

    fn get(&self, source: &SecretSource) -> Option<&Secret> {
        self.0.iter().find(|(known, _)| known == source).map(|(_, secret)| secret)
    }
}

/// Why a step could not be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StepError {
    /// Harbor did not do it.
    Api(ApiError),
    /// Something of that name was made since the plan, and it is another thing.
    Meanwhile(String),
}

impl From<ApiError> for StepError {
    fn from(error: ApiError) -> Self {
        Self::Api(error)
    }
}

impl StepError {
    /// What to do.
    pub fn help(&self) -> String {
        match self {
            Self::Api(error) => error.help(),
            Self::Meanwhile(_) => "look at what `harbor-pilot harbor plan` says now".to_owned(),
        }
    }
}

impl fmt::Display for StepError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Api(error) => error.fmt(f),
            Self::Meanwhile(what) => f.write_str(what),
        }
    }
}

/// Carries out a plan on one Harbor.
pub struct Applier<'a> {
    client: &'a Client,
    secrets: &'a Secrets,
    /// Those that were made here, by name.
    made: HashMap<String, i64>,
}

impl<'a> Applier<'a> {
    /// Gets ready; the secrets are kept out of all that is shown.
    pub fn new(client: &'a Client, secrets: &'a Secrets) -> Self {
        for (_, secret) in &secrets.0 {
            client.hide(secret);
        }
        Self { client, secrets, made: HashMap::new() }
    }

    /// Does one step.
    pub fn apply(&mut self, action: &Action) -> Result<(), StepError> {
        match action {
            Action::CreateEndpoint(endpoint) => self.create_endpoint(endpoint),
            Action::UpdateEndpoint(update) => self.update_endpoint(update),
            Action::CreateProject(project) => self.create_project(project),
            Action::UpdateProject(update) => Ok(self.client.update_project(update)?),
            Action::UpdateQuota(update) => Ok(self.client.update_quota(update)?),
        }
    }

    fn create_endpoint(&mut self, endpoint: &NewEndpoint) -> Result<(), StepError> {
        let secret = endpoint.access.as_ref().and_then(|access| self.secrets.get(&access.secret));
        self.client.ping(endpoint, secret)?;
        let id = match self.client.create_endpoint(endpoint, secret) {
            // It may be ours: an answer that was lost, a run that was broken off.
            Err(error) if error.is_conflict() => {
                let there = self.client.endpoints()?.into_iter().find(|there| there.name == endpoint.endpoint);
                match there {
                    Some(there) if is_same(&there, endpoint) => there.id,
                    Some(_) => {
                        let name = Name(&endpoint.endpoint);
                        return Err(StepError::Meanwhile(format!("another endpoint {name} was made meanwhile")));
                    }
                    None => return Err(error.into()),
                }
            }
            result => result?,
        };
        self.made.insert(endpoint.endpoint.clone(), id);
        Ok(())
    }

    /// Harbor tests the connection of what it saves, so a change needs no test before it.
    fn update_endpoint(&self, update: &EndpointUpdate) -> Result<(), StepError> {
        let secret = update.access.as_ref().and_then(|access| self.secrets.get(&access.secret));
        Ok(self.client.update_endpoint(update, secret)?)
    }

    fn create_project(&self, project: &NewProject) -> Result<(), StepError> {
        let endpoint = match &project.endpoint {
            EndpointRef::Existing { id, .. } => *id,
            EndpointRef::New { name } => *self
                .made
                .get(name)
                .ok_or_else(|| StepError::Meanwhile(format!("endpoint {} is not there", Name(name))))?,
        };
        match self.client.create_project(project, endpoint) {
            Err(error) if error.is_conflict() => {
                let there = self.client.projects()?.into_iter().find(|there| there.name == project.project);
                match there {
                    Some(there) if there.endpoint == Some(endpoint) => Ok(()),
                    Some(_) => {
                        Err(StepError::Meanwhile(format!("another project {} was made meanwhile", project.project)))
                    }
                    None => Err(error.into()),
                }
            }
            result => Ok(result?),
        }
    }
}

fn is_same(there: &Endpoint, wanted: &NewEndpoint) -> bool {
    let access_id = wanted.access.as_ref().map_or("", |access| access.id.as_str());
    super::plan::url::EndpointUrl::parse(&there.url).as_ref() == Ok(&wanted.url)
        && there.provider == wanted.provider
        && there.access_id == access_id
        && there.check == wanted.certificate_check
}
