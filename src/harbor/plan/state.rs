//! What Harbor holds, as far as it tells the account that asks.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{settings::Setting, version::Version};

/// All that a plan goes by.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// `None` where Harbor does not tell.
    pub version: Option<Version>,
    /// The providers on offer; `None` where the account may not list them.
    pub adapters: Option<Vec<String>>,
    /// The registry endpoints.
    pub endpoints: Vec<Endpoint>,
    /// The projects that the account sees.
    pub projects: Vec<Project>,
    /// Projects' quotas; `None` where the account may not list them.
    pub quotas: Option<Vec<Quota>>,
}

/// A registry endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Endpoint {
    /// Harbor's number for it.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// As Harbor shows it.
    pub url: String,
    /// The kind of registry.
    pub provider: String,
    /// The account that Harbor pulls with; empty for none.
    pub access_id: String,
    /// Whether the registry's certificate is checked.
    pub check: CertificateCheck,
    /// The CA's certificate; empty for none.
    pub ca_certificate: String,
    /// What Harbor's last health check found. It changes by itself, so no plan rests on it.
    #[serde(skip)]
    pub health: String,
}

impl Endpoint {
    /// Whether Harbor's last health check reached it. Otherwise its projects serve only what is cached.
    pub fn is_healthy(&self) -> bool {
        self.health == "healthy"
    }
}

/// Whether Harbor checks an endpoint's certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CertificateCheck {
    /// It does.
    On,
    /// It takes any.
    Off,
}

/// A project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Project {
    /// Harbor's number for it.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// The endpoint behind it; `None` for an ordinary project.
    pub endpoint: Option<i64>,
    /// Harbor's settings for it, all of them.
    pub metadata: BTreeMap<String, String>,
}

impl Project {
    /// What holds of a setting, said or not.
    pub fn setting(&self, setting: Setting) -> &str {
        match self.metadata.get(setting.harbor_name()) {
            Some(value) if !value.is_empty() => value,
            _ => setting.default(),
        }
    }

    /// Whether everyone may pull.
    pub fn is_public(&self) -> bool {
        self.setting(Setting::Public) == "true"
    }
}

/// A project's quota.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Quota {
    /// Harbor's number for it.
    pub id: i64,
    /// The project's number.
    pub project: i64,
    /// Bytes; -1 is no limit.
    pub storage: i64,
}

impl State {
    /// The endpoint of this name, to the letter.
    pub fn endpoint_named(&self, name: &str) -> Option<&Endpoint> {
        self.endpoints.iter().find(|endpoint| endpoint.name == name)
    }

    /// The project of this name.
    pub fn project(&self, name: &str) -> Option<&Project> {
        self.projects.iter().find(|project| project.name == name)
    }

    /// The endpoint behind a project. `None` for an ordinary one, and where the account does not
    /// see it.
    pub fn endpoint_of(&self, project: &Project) -> Option<&Endpoint> {
        self.endpoints.iter().find(|endpoint| Some(endpoint.id) == project.endpoint)
    }

    /// Whether this Harbor has a setting; `None` where its version is not known.
    pub fn has(&self, setting: Setting) -> Option<bool> {
        self.version.map(|version| version >= setting.since())
    }
}
