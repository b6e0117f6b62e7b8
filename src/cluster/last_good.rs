//! The last good text of the policy, kept where a replica that starts finds it.

use serde_json::json;

use super::api::{ApiServer, Kind, Object, Trouble};

/// A `ConfigMap` of the program's own namespace, which was made for this and nothing else.
#[derive(Debug)]
pub struct LastGood {
    api: ApiServer,
    object: Object,
}

/// The key in it.
const KEY: &str = "policies.yaml";

impl LastGood {
    /// The one of that name.
    pub fn new(name: &str) -> Result<Self, String> {
        Ok(Self { api: ApiServer::of_this_pod()?, object: Object::new(Kind::ConfigMap, name) })
    }

    /// What was kept, if anything was.
    pub async fn read(&self) -> Result<Option<String>, String> {
        let found = self.api.get(&self.object).await.map_err(|trouble| trouble.to_string())?;
        Ok(found.value["data"][KEY].as_str().map(str::to_owned))
    }

    /// Keeps `text` instead of what was kept before.
    pub async fn keep(&self, text: &str) -> Result<(), String> {
        loop {
            let mut found = self.api.get(&self.object).await.map_err(|trouble| trouble.to_string())?;
            if found.value["data"][KEY] == text {
                return Ok(());
            }
            found.value["data"] = json!({KEY: text});
            match self.api.replace(&self.object, &found.value).await {
                Ok(_) => return Ok(()),
                // Another replica was faster.
                Err(Trouble::Conflict(_)) => {}
                Err(trouble) => return Err(trouble.to_string()),
            }
        }
    }
}
