//! Harbor's API, as far as it is needed.

mod client;
mod error;
mod pull;
mod robots;
mod trace;
mod wire;

use http::{Method, header::LOCATION};
use serde_json::{Value as Json, json};

use self::client::{Call, Twice};
pub use self::{
    client::{Account, BadConnection, Client, Connection},
    error::{ApiError, ErrorKind, Refusal, Right},
    pull::{PullError, Pulled},
    robots::{Access as RobotAccess, NewRobot, Permission, RobotAccount, RobotLevel},
    trace::Sink,
    wire::{Retention, RetentionRule},
};
use super::{
    plan::{
        EndpointUpdate, NewEndpoint, NewProject, ProjectUpdate, QuotaUpdate,
        state::{CertificateCheck, Endpoint, Project, Quota},
        version::Version,
    },
    secret::Secret,
};
pub use crate::outbound::Trust;

const REGISTRY_READ: Right = Right("registry: read");
const REGISTRY_LIST: Right = Right("registry: list");
const REGISTRY_CREATE: Right = Right("registry: create");
const REGISTRY_UPDATE: Right = Right("registry: update");
const ADAPTERS: Right = Right("replication-adapter: list");
const PROJECT_LIST: Right = Right("project: list");
const PROJECT_CREATE: Right = Right("project: create");
const PROJECT_UPDATE: Right = Right("project: update` in every project");
const QUOTA_LIST: Right = Right("quota: list");
const QUOTA_UPDATE: Right = Right("quota: update");
const RETENTION_READ: Right = Right("tag-retention: read` in every project");
const GARBAGE_READ: Right = Right("garbage-collection: read");

/// When garbage is collected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GarbageCollection {
    /// Only by hand.
    Never,
    /// By a schedule.
    Scheduled(Untagged),
}

/// What becomes of artifacts without a tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Untagged {
    /// They are garbage.
    Deleted,
    /// They stay.
    Kept,
}

impl Client {
    /// Harbor's version; `None` where it does not tell.
    pub fn version(&self) -> Result<Option<Version>, ApiError> {
        let info: wire::SystemInfo = self.json(&get("/api/v2.0/systeminfo", Right::NONE))?;
        Ok(Version::parse(&info.harbor_version))
    }

    /// The providers on offer.
    pub fn adapters(&self) -> Result<Vec<String>, ApiError> {
        let adapters: Option<Vec<String>> = self.json(&get("/api/v2.0/replication/adapters", ADAPTERS))?;
        Ok(adapters.unwrap_or_default())
    }

    /// All endpoints.
    pub fn endpoints(&self) -> Result<Vec<Endpoint>, ApiError> {
        let registries: Vec<wire::Registry> = self.list("/api/v2.0/registries", REGISTRY_LIST)?;
        Ok(registries.into_iter().map(Endpoint::from).collect())
    }

    /// All projects that the account sees.
    pub fn projects(&self) -> Result<Vec<Project>, ApiError> {
        let projects: Vec<wire::Project> = self.list("/api/v2.0/projects", PROJECT_LIST)?;
        Ok(projects.into_iter().map(Project::from).collect())
    }

    /// Projects' quotas.
    pub fn quotas(&self) -> Result<Vec<Quota>, ApiError> {
        let quotas: Vec<wire::Quota> = self.list("/api/v2.0/quotas?reference=project", QUOTA_LIST)?;
        Ok(quotas.into_iter().map(Quota::from).collect())
    }

    /// Has Harbor test a connection that is not saved yet: its button *Test Connection*.
    pub fn ping(&self, endpoint: &NewEndpoint, secret: Option<&Secret>) -> Result<(), ApiError> {
        let mut body = json!({
            "type": endpoint.provider,
            "url": endpoint.url,
            "insecure": endpoint.certificate_check == CertificateCheck::Off,
        });
        if let (Some(access), Some(secret)) = (&endpoint.access, secret) {
            body["credential_type"] = "basic".into();
            body["access_key"] = access.id.clone().into();
            body["access_secret"] = secret.expose().into();
        }
        if let Some(certificate) = &endpoint.ca_certificate {
            body["ca_certificate"] = certificate.clone().into();
        }
        self.send(&call(Method::POST, "/api/v2.0/registries/ping", body, REGISTRY_READ)).map(drop)
    }

    /// Makes an endpoint; its number.
    pub fn create_endpoint(&self, endpoint: &NewEndpoint, secret: Option<&Secret>) -> Result<i64, ApiError> {
        let mut body = json!({
            "name": endpoint.endpoint,
            "type": endpoint.provider,
            "url": endpoint.url,
            "insecure": endpoint.certificate_check == CertificateCheck::Off,
        });
        if let (Some(access), Some(secret)) = (&endpoint.access, secret) {
            body["credential"] = json!({ "type": "basic", "access_key": access.id, "access_secret": secret.expose() });
        }
        if let Some(certificate) = &endpoint.ca_certificate {
            body["ca_certificate"] = certificate.clone().into();
        }
        let call = call(Method::POST, "/api/v2.0/registries", body, REGISTRY_CREATE);
        let answer = self.send(&call)?;
        let location = answer.headers.get(LOCATION).and_then(|location| location.to_str().ok());
        let id = location.and_then(|location| location.rsplit('/').next()?.parse().ok());
        id.ok_or_else(|| self.error(&call, ErrorKind::Unreadable("it does not say where the endpoint is".to_owned())))
    }

    /// Changes an endpoint. Its body is another than that which makes one: flat, and what is left out stays.
    pub fn update_endpoint(&self, update: &EndpointUpdate, secret: Option<&Secret>) -> Result<(), ApiError> {
        let mut body = json!({});
        if update.old_url.is_some() {
            body["url"] = update.url.to_string().into();
        }
        if let (Some(access), Some(secret)) = (&update.access, secret) {
            body["credential_type"] = "basic".into();
            body["access_key"] = access.id.clone().into();
            body["access_secret"] = secret.expose().into();
        }
        if let Some(check) = update.certificate_check {
            body["insecure"] = (check == CertificateCheck::Off).into();
        }
        if let Some(certificate) = &update.ca_certificate {
            body["ca_certificate"] = certificate.clone().into();
        }
        let path = format!("/api/v2.0/registries/{}", update.id);
        self.send(&call(Method::PUT, &path, body, REGISTRY_UPDATE)).map(drop)
    }

    /// Makes a proxy-cache project on an endpoint.
    pub fn create_project(&self, project: &NewProject, endpoint: i64) -> Result<(), ApiError> {
        let body = json!({
            "project_name": project.project,
            "registry_id": endpoint,
            "storage_limit": project.quota,
            "metadata": metadata(project.settings.iter().map(|(setting, value)| (setting.harbor_name(), value))),
        });
        self.send(&call(Method::POST, "/api/v2.0/projects", body, PROJECT_CREATE)).map(drop)
    }

    /// Changes settings of a project; those that are not named stay.
    pub fn update_project(&self, update: &ProjectUpdate) -> Result<(), ApiError> {
        let changes = update.changes.iter().map(|change| (change.setting.harbor_name(), &change.to));
        let body = json!({ "metadata": metadata(changes) });
        let path = format!("/api/v2.0/projects/{}", update.project);
        self.send(&call(Method::PUT, &path, body, PROJECT_UPDATE)).map(drop)
    }

    /// Changes a quota.
    pub fn update_quota(&self, update: &QuotaUpdate) -> Result<(), ApiError> {
        let path = format!("/api/v2.0/quotas/{}", update.quota);
        let body = json!({ "hard": { "storage": update.to } });
        self.send(&call(Method::PUT, &path, body, QUOTA_UPDATE)).map(drop)
    }

    /// A project's retention.
    pub fn retention(&self, id: &str) -> Result<Retention, ApiError> {
        self.json(&get(&format!("/api/v2.0/retentions/{id}"), RETENTION_READ))
    }

    /// When garbage is collected. Without a schedule Harbor answers nothing at all.
    pub fn garbage_collection(&self) -> Result<GarbageCollection, ApiError> {
        let call = get("/api/v2.0/system/gc/schedule", GARBAGE_READ);
        let answer = self.send(&call)?;
        if answer.body.iter().all(u8::is_ascii_whitespace) {
            return Ok(GarbageCollection::Never);
        }
        let schedule: Option<wire::GarbageCollection> =
            serde_json::from_slice(&answer.body).map_err(|error| self.unreadable(&call, &error))?;
        let schedule = schedule.unwrap_or_default();
        if schedule.schedule.is_none_or(|schedule| matches!(schedule.kind.as_str(), "" | "None" | "Manual")) {
            return Ok(GarbageCollection::Never);
        }
        let parameters: wire::GarbageParameters = serde_json::from_str(&schedule.job_parameters).unwrap_or_default();
        Ok(GarbageCollection::Scheduled(if parameters.delete_untagged { Untagged::Deleted } else { Untagged::Kept }))
    }
}

fn get(path: &str, right: Right) -> Call<'_> {
    Call { method: Method::GET, path, body: None, right, twice: Twice::Harmless }
}

fn call(method: Method, path: &str, body: Json, right: Right) -> Call<'_> {
    Call { method, path, body: Some(body), right, twice: Twice::Harmless }
}

fn metadata<'m>(settings: impl Iterator<Item = (&'static str, &'m String)>) -> Json {
    settings
        .map(|(name, value)| (name.to_owned(), Json::String(value.clone())))
        .collect::<serde_json::Map<_, _>>()
        .into()
}
