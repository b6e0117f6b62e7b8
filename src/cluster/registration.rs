//! The webhook configurations by which the API server calls us.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::api::{ApiServer, Found, Kind, Object, Trouble};

/// One of our webhook configurations, as it was read.
#[derive(Debug)]
pub(super) struct Registration {
    object: Object,
    version: Value,
    /// Those of its webhooks that are ours.
    pub(super) webhooks: Vec<Webhook>,
}

/// One webhook of ours.
#[derive(Debug)]
pub(super) struct Webhook {
    pub(super) name: String,
    /// What the API server trusts when it calls it, in PEM.
    pub(super) bundle: Vec<u8>,
}

/// What both configurations are called.
pub(super) const NAME: &str = "harbor-pilot";
/// What the names of our webhooks end with. Who adds one of another name looks after it, too.
pub(super) const OURS: &str = ".harbor-pilot.io";

/// Reads those that there are.
pub(super) async fn all(api: &ApiServer) -> Result<Vec<Registration>, Trouble> {
    let mut all = Vec::new();
    for kind in [Kind::MutatingWebhookConfiguration, Kind::ValidatingWebhookConfiguration] {
        let object = Object::new(kind, NAME);
        match api.get(&object).await {
            Ok(found) => all.push(Registration::read(object, &found)),
            Err(Trouble::Missing(_)) => {}
            Err(trouble) => return Err(trouble),
        }
    }
    Ok(all)
}

impl Registration {
    fn read(object: Object, found: &Found) -> Self {
        let webhooks = found.value["webhooks"].as_array().map_or(&[][..], Vec::as_slice);
        let webhooks = webhooks.iter().filter_map(|webhook| {
            let name = webhook["name"].as_str().filter(|name| name.ends_with(OURS))?.to_owned();
            let bundle = webhook["clientConfig"]["caBundle"].as_str().unwrap_or_default();
            // The API server stores nothing else than base64.
            Some(Webhook { name, bundle: STANDARD.decode(bundle).unwrap_or_default() })
        });
        let webhooks = webhooks.collect();
        Self { object, version: found.value["metadata"]["resourceVersion"].clone(), webhooks }
    }

    /// Has the API server trust the certificates of `pem` when it calls our webhooks. Fails where
    /// the configuration was changed since it was read.
    pub(super) async fn trust(&self, api: &ApiServer, pem: &str) -> Result<(), Trouble> {
        let bundle = STANDARD.encode(pem);
        let webhooks = self.webhooks.iter();
        let webhooks: Vec<Value> =
            webhooks.map(|webhook| json!({"name": webhook.name, "clientConfig": {"caBundle": bundle}})).collect();
        let fields = json!({"metadata": {"resourceVersion": self.version}, "webhooks": webhooks});
        api.apply(&self.object, fields).await.map(|_| ())
    }

    pub(super) fn object(&self) -> &Object {
        &self.object
    }
}
