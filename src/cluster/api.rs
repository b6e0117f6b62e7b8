//! Requests to the API server, and what it answers. Objects stay JSON: what this program has never
//! heard of survives it.

use std::{fmt, time::Duration};

use kube::core::{
    Request,
    params::{GetParams, Patch, PatchParams, PostParams},
    request::Error as BadRequest,
};
use serde_json::Value;
use tokio::time::timeout;

use super::{access::Access, client::Client, with_causes};
use crate::{certificates::Moment, escape, outbound::Limits};

/// The API server of the cluster that the program runs in.
#[derive(Clone)]
pub(crate) struct ApiServer {
    client: Client,
    namespace: String,
}

/// One object of the API server's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Object {
    kind: Kind,
    name: String,
}

/// The kinds that the program asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    ConfigMap,
    Secret,
    MutatingWebhookConfiguration,
    ValidatingWebhookConfiguration,
}

/// An object as it is stored.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub(crate) value: Value,
    /// When, by the API server's clock. It is its clock that certificates are held against.
    pub(crate) at: Moment,
}

/// Why an answer is not what was asked for.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// There is no such object.
    Missing(Object),
    /// Somebody else was faster.
    Conflict(Object),
    /// The API server refused, with its reason.
    Refused { object: Object, status: u16, why: String },
    /// There was no answer, or none that can be read.
    NoAnswer(String),
}

/// How long one request may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// Larger than what etcd stores.
const MOST_BYTES: usize = 4 << 20;
/// Whose fields the API server notes as ours.
const FIELD_MANAGER: &str = "harbor-pilot";

impl ApiServer {
    /// The one whose address and token every Pod is given.
    pub(crate) fn of_this_pod() -> Result<Self, String> {
        let access = Access::of_this_pod().map_err(|why| {
            format!("could not find the API server as a Pod does: {why}; a Pod needs its ServiceAccount's token")
        })?;
        let namespace = access.namespace.clone();
        let limits = Limits { connect: PATIENCE, silence: PATIENCE, answer: MOST_BYTES };
        let client = Client::new(access, limits).map_err(|why| format!("could not speak to the API server: {why}"))?;
        Ok(Self { client, namespace })
    }

    pub(crate) async fn get(&self, object: &Object) -> Result<Found, Trouble> {
        let request = self.path(object.kind).get(&object.name, &GetParams::default());
        self.send(object, request).await
    }

    /// Stores `value` instead of what it was made of; fails where that was changed meanwhile.
    pub(crate) async fn replace(&self, object: &Object, value: &Value) -> Result<Found, Trouble> {
        let parameters = PostParams { field_manager: Some(FIELD_MANAGER.to_owned()), ..PostParams::default() };
        let request = self.path(object.kind).replace(&object.name, &parameters, value.to_string().into_bytes());
        self.send(object, request).await
    }

    /// Server-side apply of these fields, and of no other.
    pub(crate) async fn apply(&self, object: &Object, mut fields: Value) -> Result<Found, Trouble> {
        fields["apiVersion"] = object.kind.api_version().into();
        fields["kind"] = object.kind.as_str().into();
        fields["metadata"]["name"] = object.name.as_str().into();
        let parameters = PatchParams::apply(FIELD_MANAGER).force();
        let request = self.path(object.kind).patch(&object.name, &parameters, &Patch::Apply(fields));
        self.send(object, request).await
    }

    fn path(&self, kind: Kind) -> Request {
        let namespace = &self.namespace;
        Request::new(match kind {
            Kind::ConfigMap => format!("/api/v1/namespaces/{namespace}/configmaps"),
            Kind::Secret => format!("/api/v1/namespaces/{namespace}/secrets"),
            Kind::MutatingWebhookConfiguration => {
                "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations".to_owned()
            }
            Kind::ValidatingWebhookConfiguration => {
                "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations".to_owned()
            }
        })
    }

    async fn send(
        &self,
        object: &Object,
        request: Result<http::Request<Vec<u8>>, BadRequest>,
    ) -> Result<Found, Trouble> {
        let none = |why: String| Trouble::NoAnswer(format!("{object}: {}", escape::Shown::new(&why)));
        let request = request.map_err(|error| none(error.to_string()))?;
        let response = timeout(PATIENCE, self.client.send(request))
            .await
            .map_err(|_| none(self.client.silent(PATIENCE)))?
            .map_err(|error| none(with_causes(&*error)))?;
        let (head, bytes) = response.into_parts();
        match head.status.as_u16() {
            200 | 201 => {
                let value = serde_json::from_slice(&bytes).map_err(|error| none(error.to_string()))?;
                Ok(Found { value, at: date(&head.headers) })
            }
            404 => Err(Trouble::Missing(object.clone())),
            409 => Err(Trouble::Conflict(object.clone())),
            status => {
                let why = serde_json::from_slice::<Value>(&bytes).ok();
                let why = why.as_ref().and_then(|why| why["message"].as_str()).unwrap_or("no reason given");
                Err(Trouble::Refused { object: object.clone(), status, why: escape::fit(why, 400) })
            }
        }
    }
}

impl Object {
    pub(crate) fn new(kind: Kind, name: impl Into<String>) -> Self {
        Self { kind, name: name.into() }
    }
}

impl Kind {
    fn as_str(self) -> &'static str {
        match self {
            Self::ConfigMap => "ConfigMap",
            Self::Secret => "Secret",
            Self::MutatingWebhookConfiguration => "MutatingWebhookConfiguration",
            Self::ValidatingWebhookConfiguration => "ValidatingWebhookConfiguration",
        }
    }

    fn api_version(self) -> &'static str {
        match self {
            Self::ConfigMap | Self::Secret => "v1",
            Self::MutatingWebhookConfiguration | Self::ValidatingWebhookConfiguration => {
                "admissionregistration.k8s.io/v1"
            }
        }
    }
}

impl fmt::Debug for ApiServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiServer").field("namespace", &self.namespace).finish_non_exhaustive()
    }
}

impl fmt::Display for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} `{}`", self.kind.as_str(), self.name)
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(object) => write!(f, "there is no {object}"),
            Self::Conflict(object) => write!(f, "{object} was changed by another at the same time"),
            Self::Refused { object, status, why } => write!(f, "{object}: the API server says {status}: {why}"),
            Self::NoAnswer(why) => f.write_str(why),
        }
    }
}

/// When the API server answered, by its own clock; by ours, where it does not say.
pub(super) fn date(headers: &http::HeaderMap) -> Moment {
    let date = headers.get(http::header::DATE).and_then(|date| httpdate::parse_http_date(date.to_str().ok()?).ok());
    let date = date.unwrap_or_else(std::time::SystemTime::now);
    let since = date.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Moment::since_1970(since.as_secs().try_into().unwrap_or(i64::MAX))
}
