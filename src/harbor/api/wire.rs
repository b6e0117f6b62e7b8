//! What Harbor says and hears, in its own words. Members that nobody reads are left out.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};

use crate::harbor::plan::state;

#[derive(Deserialize)]
pub(super) struct SystemInfo {
    #[serde(default)]
    pub(super) harbor_version: String,
}

#[derive(Deserialize)]
pub(super) struct Registry {
    id: i64,
    #[serde(default)]
    name: String,
    #[serde(default)]
    url: String,
    #[serde(default, rename = "type")]
    provider: String,
    #[serde(default)]
    insecure: bool,
    #[serde(default)]
    credential: Option<Credential>,
    #[serde(default)]
    ca_certificate: Option<String>,
    #[serde(default)]
    status: String,
}

#[derive(Deserialize)]
struct Credential {
    #[serde(default)]
    access_key: String,
}

impl From<Registry> for state::Endpoint {
    fn from(registry: Registry) -> Self {
        Self {
            id: registry.id,
            name: registry.name,
            url: registry.url,
            provider: registry.provider,
            access_id: registry.credential.map(|credential| credential.access_key).unwrap_or_default(),
            check: if registry.insecure { state::CertificateCheck::Off } else { state::CertificateCheck::On },
            ca_certificate: registry.ca_certificate.unwrap_or_default(),
            health: registry.status,
        }
    }
}

#[derive(Deserialize)]
pub(super) struct Project {
    #[serde(rename = "project_id")]
    id: i64,
    #[serde(default)]
    name: String,
    #[serde(default)]
    registry_id: Option<i64>,
    #[serde(default, deserialize_with = "texts")]
    metadata: BTreeMap<String, String>,
}

impl From<Project> for state::Project {
    fn from(project: Project) -> Self {
        Self {
            id: project.id,
            name: project.name,
            // Some versions write 0 for none.
            endpoint: project.registry_id.filter(|id| *id > 0),
            metadata: project.metadata,
        }
    }
}

/// Go writes `null` for a list or map that nothing was put into.
fn or_empty<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(deserializer: D) -> Result<T, D::Error> {
    Option::<T>::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// Values are texts; what is none is no setting.
fn texts<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, String>, D::Error> {
    let values: Option<BTreeMap<String, serde_json::Value>> = Deserialize::deserialize(deserializer)?;
    let text = |(name, value): (String, serde_json::Value)| Some((name, value.as_str()?.to_owned()));
    Ok(values.unwrap_or_default().into_iter().filter_map(text).collect())
}

#[derive(Deserialize)]
pub(super) struct Quota {
    id: i64,
    #[serde(rename = "ref")]
    project: QuotaProject,
    #[serde(default, deserialize_with = "or_empty")]
    hard: BTreeMap<String, i64>,
}

#[derive(Deserialize)]
struct QuotaProject {
    id: i64,
}

impl From<Quota> for state::Quota {
    fn from(quota: Quota) -> Self {
        let storage = quota.hard.get("storage").copied().unwrap_or(-1);
        Self { id: quota.id, project: quota.project.id, storage }
    }
}

/// A retention policy: its rules say what is kept.
#[derive(Debug, Default, Deserialize)]
pub struct Retention {
    /// The rules.
    #[serde(default, deserialize_with = "or_empty")]
    pub rules: Vec<RetentionRule>,
    /// When it runs.
    #[serde(default, deserialize_with = "or_empty")]
    pub trigger: RetentionTrigger,
}

/// A rule: what it keeps.
#[derive(Debug, Deserialize)]
pub struct RetentionRule {
    /// Whether it is switched off.
    #[serde(default)]
    pub disabled: bool,
    /// The kind of rule.
    #[serde(default)]
    pub template: String,
    /// The kind's numbers.
    #[serde(default, deserialize_with = "or_empty")]
    pub params: BTreeMap<String, serde_json::Value>,
}

/// When a retention runs.
#[derive(Debug, Default, Deserialize)]
pub struct RetentionTrigger {
    /// What is set; a `cron` that is empty means never.
    #[serde(default, deserialize_with = "or_empty")]
    pub settings: BTreeMap<String, serde_json::Value>,
}

/// When garbage is collected, and how.
#[derive(Debug, Default, Deserialize)]
pub(super) struct GarbageCollection {
    #[serde(default)]
    pub(super) job_parameters: String,
    #[serde(default)]
    pub(super) schedule: Option<Schedule>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Schedule {
    #[serde(default, rename = "type")]
    pub(super) kind: String,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct GarbageParameters {
    #[serde(default)]
    pub(super) delete_untagged: bool,
}

#[derive(Deserialize)]
pub(super) struct Robot {
    pub(super) id: i64,
    #[serde(default)]
    pub(super) name: String,
}

/// A robot that was made. Its secret is shown this once.
#[derive(Deserialize)]
pub(super) struct RobotCreated {
    pub(super) name: String,
    pub(super) secret: String,
}

#[derive(Deserialize)]
pub(super) struct RobotSecret {
    #[serde(default)]
    pub(super) secret: String,
}

#[derive(Deserialize)]
struct Errors {
    #[serde(default, deserialize_with = "or_empty")]
    errors: Vec<Message>,
}

#[derive(Deserialize)]
struct Message {
    #[serde(default)]
    message: String,
}

/// What an error's body says, as it came; of what is not Harbor's, nothing.
pub(super) fn message(body: &[u8]) -> String {
    let errors: Errors = serde_json::from_slice(body).unwrap_or(Errors { errors: Vec::new() });
    let messages: Vec<String> = errors.errors.into_iter().map(|error| error.message).collect();
    messages.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_empty_may_be_null() {
        let quota = r#"{"id":1,"ref":{"id":2},"hard":null}"#;
        assert_eq!(state::Quota::from(serde_json::from_str::<Quota>(quota).expect("a quota")).storage, -1);
        let always = r#"{"rules":[{"template":"always","params":null}],"trigger":{"settings":null}}"#;
        assert_eq!(serde_json::from_str::<Retention>(always).expect("a retention").rules.len(), 1);
        let nothing = r#"{"rules":null,"trigger":null}"#;
        assert!(serde_json::from_str::<Retention>(nothing).expect("a retention").rules.is_empty());
        assert_eq!(message(br#"{"errors":null}"#), "");
    }
}
