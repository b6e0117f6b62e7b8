//! What a cluster runs, and which Secrets it has. It only reads, and of a Secret no more than that it
//! is there.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    path::Path,
    time::Duration,
};

use hyper::body::Bytes;
use kube::core::{
    Request,
    params::{GetParams, ListParams},
    request::Error as BadRequest,
};
use serde_json::Value as Json;
use tokio::{
    runtime::{Builder, Runtime},
    time::timeout,
};

use super::{access::Access, api::date, client::Client, with_causes};
use crate::{certificates::Moment, escape::fit, outbound::Limits, workload::List};

const CONNECT: Duration = Duration::from_secs(10);
const READ: Duration = Duration::from_mins(1);
/// How long one request may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// Pods that are asked for at once.
const PAGE: u32 = 500;
/// As many Pods as are asked for at once, each as large as etcd stores.
const MOST_BYTES: usize = 768 << 20;

/// A cluster, by a kubeconfig or from inside of it.
pub struct Cluster {
    client: Client,
    runtime: Runtime,
}

/// What the API server answered.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Bytes,
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

    fn refusal(&self, asked: &str) -> ClusterError {
        ClusterError { asked: asked.to_owned(), why: fit(&self.message(), 300) }
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
        let asked = "a connection";
        let failed = |why: &str| ClusterError { asked: asked.to_owned(), why: fit(why, 300) };
        let access = Access::find(kubeconfig, context).map_err(|why| failed(&why))?;
        let limits = Limits { connect: CONNECT, silence: READ, answer: MOST_BYTES };
        let client = Client::new(access, limits).map_err(|why| failed(&why))?;
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| ClusterError::new(asked, &error))?;
        Ok(Self { client, runtime })
    }

    /// Sends one request, and waits no longer than for a short answer; `asked` is what it is for.
    pub(super) fn ask(&self, request: &http::Request<Vec<u8>>, asked: &str) -> Result<Answer, ClusterError> {
        let answer = async { timeout(PATIENCE, self.send(request.clone(), asked)).await };
        self.runtime
            .block_on(answer)
            .unwrap_or_else(|_| Err(ClusterError { asked: asked.to_owned(), why: self.client.silent(PATIENCE) }))
    }

    /// The images of all Pods, by namespace.
    pub fn images(&self) -> Result<BTreeMap<String, BTreeSet<String>>, ClusterError> {
        let asked = "its Pods";
        let pods = Request::new("/api/v1/pods");
        let mut images: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut parameters = ListParams::default().limit(PAGE);
        loop {
            let answer = self.ask_at_length(pods.list(&parameters), asked)?;
            if answer.status != 200 {
                return Err(answer.refusal(asked));
            }
            let page: Json = serde_json::from_slice(&answer.body).map_err(|error| ClusterError::new(asked, &error))?;
            for pod in page["items"].as_array().into_iter().flatten() {
                let namespace = pod["metadata"]["namespace"].as_str().unwrap_or_default();
                images.entry(namespace.to_owned()).or_default().extend(images_of(&pod["spec"]));
            }
            match page["metadata"]["continue"].as_str() {
                Some(next) if !next.is_empty() => parameters = parameters.continue_token(next),
                _ => return Ok(images),
            }
        }
    }

    /// Whether a namespace has a Secret of this name.
    pub fn has_secret(&self, namespace: &str, name: &str) -> Result<bool, ClusterError> {
        let asked = format!("Secret {name} in {namespace}");
        let secrets = Request::new(format!("/api/v1/namespaces/{namespace}/secrets"));
        let answer = self.ask_at_length(secrets.get_metadata(name, &GetParams::default()), &asked)?;
        match answer.status {
            200 => Ok(true),
            404 => Ok(false),
            _ => Err(answer.refusal(&asked)),
        }
    }

    /// Waits as long as something comes.
    fn ask_at_length(
        &self,
        request: Result<http::Request<Vec<u8>>, BadRequest>,
        asked: &str,
    ) -> Result<Answer, ClusterError> {
        let request = request.map_err(|error| ClusterError::new(asked, &error))?;
        self.runtime.block_on(self.send(request, asked))
    }

    async fn send(&self, request: http::Request<Vec<u8>>, asked: &str) -> Result<Answer, ClusterError> {
        let answer = self.client.send(request).await.map_err(|error| ClusterError::new(asked, &*error))?;
        let (head, body) = answer.into_parts();
        Ok(Answer { status: head.status.as_u16(), at: date(&head.headers), body })
    }
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
