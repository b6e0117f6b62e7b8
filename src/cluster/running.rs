//! What a cluster runs, and which Secrets it has. It only reads, and of a Secret no more than that it
//! is there.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    path::Path,
    time::Duration,
};

use http::Request;
use http_body_util::{BodyExt as _, Limited};

use kube::{
    Api, Client, Config,
    api::{ApiResource, DynamicObject, GroupVersionKind, ListParams},
    client::Body,
    config::{KubeConfigOptions, Kubeconfig},
};
use serde_json::Value as Json;
use tokio::{
    runtime::{Builder, Runtime},
    time::timeout,
};

use super::{api::date, with_causes};
use crate::{certificates::Moment, escape::fit, workload::List};

const CONNECT: Duration = Duration::from_secs(10);
const READ: Duration = Duration::from_mins(1);
/// How long one request may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// The metrics of an API server are the most that is asked for.
const MOST_BYTES: usize = 64 << 20;
/// Pods that are asked for at once.
const PAGE: u32 = 500;

/// A cluster, by a kubeconfig or from inside of it.
pub struct Cluster {
    client: Client,
    runtime: Runtime,
}

/// What the API server answered.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
    /// When, by its own clock.
    pub(super) at: Moment,
}

impl Answer {
    /// What it says where it does not do what was asked.
    pub(super) fn message(&self) -> String {
        let status: Option<Json> = serde_json::from_slice(&self.body).ok();
        let message = status.as_ref().and_then(|status| status["message"].as_str());
        let text = message.map_or_else(|| String::from_utf8_lossy(&self.body), Into::into);
        let text = fit(text.trim(), 600);
        if message.is_some() { text } else { format!("HTTP {}: {text}", self.status) }
    }
}

/// Why the cluster did not answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClusterError {
    asked: String,
    why: String,
}

impl fmt::Display for ClusterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the cluster could not be asked for {}: {}", self.asked, self.why)
    }
}

impl ClusterError {
    /// In the API server's own words.
    pub(super) fn saying(asked: &str, why: &str) -> Self {
        Self { asked: asked.to_owned(), why: fit(why, 300) }
    }

    /// Without what was asked for.
    pub(super) fn why(&self) -> &str {
        &self.why
    }

    fn new(asked: &str, error: &dyn std::error::Error) -> Self {
        Self { asked: asked.to_owned(), why: fit(&with_causes(error), 300) }
    }
}

impl Cluster {
    /// Finds the cluster as kubectl does: KUBECONFIG, `~/.kube/config`, or a Pod's own account.
    /// A kubeconfig that is named, and a context of it, come first.
    pub fn connect(kubeconfig: Option<&Path>, context: Option<&str>) -> Result<Self, ClusterError> {
        // Another part of the program may have chosen one before: it is the same.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let failed = |error: &dyn std::error::Error| ClusterError::new("a connection", error);
        let runtime = Builder::new_current_thread().enable_all().build().map_err(|error| failed(&error))?;
        let client = runtime.block_on(async {
            let options = KubeConfigOptions { context: context.map(str::to_owned), ..Default::default() };
            let mut config = match (kubeconfig, context) {
                (None, None) => Config::infer().await.map_err(|error| failed(&error))?,
                (None, Some(_)) => Config::from_kubeconfig(&options).await.map_err(|error| failed(&error))?,
                (Some(file), _) => {
                    let kubeconfig = Kubeconfig::read_from(file).map_err(|error| failed(&error))?;
                    Config::from_custom_kubeconfig(kubeconfig, &options).await.map_err(|error| failed(&error))?
                }
            };
            config.connect_timeout = Some(CONNECT);
            config.read_timeout = Some(READ);
            Client::try_from(config).map_err(|error| failed(&error))
        })?;
        Ok(Self { client, runtime })
    }

    /// Sends one request; `asked` is what it is for.
    pub(super) fn ask(&self, request: &Request<Vec<u8>>, asked: &str) -> Result<Answer, ClusterError> {
        let request = request.clone().map(Body::from);
        let exchange = async {
            let response = self.client.send(request).await.map_err(|error| ClusterError::new(asked, &error))?;
            let (head, body) = response.into_parts();
            let body = Limited::new(body, MOST_BYTES).collect().await;
            let body = body.map_err(|error| ClusterError::new(asked, &*error))?.to_bytes();
            Ok(Answer { status: head.status.as_u16(), at: date(&head.headers), body: body.to_vec() })
        };
        self.runtime.block_on(async { timeout(PATIENCE, exchange).await }).unwrap_or_else(|_| {
            Err(ClusterError { asked: asked.to_owned(), why: format!("no answer within {} s", PATIENCE.as_secs()) })
        })
    }

    /// The images of all Pods, by namespace.
    pub fn images(&self) -> Result<BTreeMap<String, BTreeSet<String>>, ClusterError> {
        let pods: Api<DynamicObject> = Api::all_with(self.client.clone(), &core("Pod"));
        let mut images: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut parameters = ListParams::default().limit(PAGE);
        loop {
            let page =
                self.runtime.block_on(pods.list(&parameters)).map_err(|error| ClusterError::new("its Pods", &error))?;
            for pod in page.items {
                let namespace = images.entry(pod.metadata.namespace.unwrap_or_default()).or_default();
                namespace.extend(images_of(&pod.data["spec"]));
            }
            match page.metadata.continue_ {
                Some(next) if !next.is_empty() => parameters = parameters.continue_token(&next),
                _ => return Ok(images),
            }
        }
    }

    /// Whether a namespace has a Secret of this name.
    pub fn has_secret(&self, namespace: &str, name: &str) -> Result<bool, ClusterError> {
        let secrets: Api<DynamicObject> = Api::namespaced_with(self.client.clone(), namespace, &core("Secret"));
        match self.runtime.block_on(secrets.get_metadata_opt(name)) {
            Ok(found) => Ok(found.is_some()),
            Err(error) => Err(ClusterError::new(&format!("Secret {name} in {namespace}"), &error)),
        }
    }
}

fn core(kind: &str) -> ApiResource {
    ApiResource::from_gvk(&GroupVersionKind::gvk("", "v1", kind))
}

fn images_of(spec: &Json) -> impl Iterator<Item = String> + '_ {
    List::ALL.into_iter().flat_map(|list| {
        spec[list.key()].as_array().into_iter().flatten().filter_map(move |entry| {
            let image = list.image_path().iter().fold(entry, |value, key| &value[*key]);
            image.as_str().map(str::to_owned)
        })
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn images_are_found_wherever_they_live() {
        let spec = json!({
            "containers": [{ "name": "a", "image": "one" }, { "name": "b" }],
            "initContainers": [{ "name": "c", "image": "two" }],
            "ephemeralContainers": null,
            "volumes": [{ "name": "v", "image": { "reference": "three" } }, { "name": "w", "emptyDir": {} }],
        });
        let mut images: Vec<String> = images_of(&spec).collect();
        images.sort();
        assert_eq!(images, ["one", "three", "two"]);
        assert_eq!(images_of(&Json::Null).count(), 0);
    }
}
