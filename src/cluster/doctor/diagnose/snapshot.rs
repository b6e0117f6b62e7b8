//! What was seen of a cluster, at one time.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::IpAddr,
};

use serde_json::Value;

use super::{super::status::Status, calls::Calls, trial::Tried};
use crate::certificates::Moment;

/// What was seen of a cluster. What could not be seen is [`Seen::Unknown`], and says why in
/// `obstacles`.
#[derive(Debug)]
pub(crate) struct Snapshot {
    /// Where the program is installed.
    pub(crate) namespace: String,
    /// By the API server's clock.
    pub(crate) now: Moment,
    pub(crate) mutating: Seen<Vec<Webhook>>,
    pub(crate) validating: Seen<Vec<Webhook>>,
    /// The names of all namespaces.
    pub(crate) namespaces: Seen<BTreeSet<String>>,
    /// Those in which Harbor runs.
    pub(crate) harbors: Seen<BTreeSet<String>>,
    /// The policy's text; none under its key.
    pub(crate) policy: Seen<Option<String>>,
    /// The same of the last good one.
    pub(crate) last_good: Seen<Option<String>>,
    pub(crate) deployment: Seen<Deployment>,
    pub(crate) replicas: Seen<Vec<Replica>>,
    pub(crate) service: Seen<Value>,
    /// Pods that may be taken away now.
    pub(crate) budget: Seen<i64>,
    /// `spec` of each `NetworkPolicy`.
    pub(crate) networks: Seen<Vec<Value>>,
    pub(crate) api_servers: Seen<Vec<Endpoint>>,
    /// `spec` of the policy that holds the program's account to `caBundle`, and of its binding.
    pub(crate) guard: Seen<Value>,
    pub(crate) guard_binding: Seen<Value>,
    /// What the API server counted, when the look began and when it ended.
    pub(crate) calls: Seen<(Calls, Calls)>,
    pub(crate) tried: Option<Tried>,
    pub(crate) obstacles: Vec<Obstacle>,
}

impl Snapshot {
    /// The webhooks of both configurations.
    pub(crate) fn webhooks(&self) -> impl Iterator<Item = &Webhook> {
        [&self.mutating, &self.validating].into_iter().filter_map(Seen::there).flatten()
    }
}

/// What became of a look.
#[derive(Debug)]
pub(crate) enum Seen<T> {
    There(T),
    Missing,
    Unknown,
}

/// A webhook of ours, as it is registered.
#[derive(Debug)]
pub(crate) struct Webhook {
    pub(crate) name: String,
    /// In PEM.
    pub(crate) bundle: Vec<u8>,
    /// All but name and bundle, with the API server's defaults written out.
    pub(crate) fields: BTreeMap<String, Value>,
}

#[derive(Debug)]
pub(crate) struct Deployment {
    pub(crate) wanted: i64,
    pub(crate) image: String,
    pub(crate) certificates: CertificatesBy,
    pub(crate) installed_by: InstalledBy,
}

/// Who looks after the certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CertificatesBy {
    Replicas,
    Others,
}

/// What puts things back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum InstalledBy {
    Helm { release: String },
    Files,
}

/// A Pod of the program's.
#[derive(Debug)]
pub(crate) struct Replica {
    pub(crate) name: String,
    pub(crate) labels: BTreeMap<String, String>,
    /// Those of its containers' ports that have names.
    pub(crate) ports: BTreeMap<String, u64>,
    pub(crate) state: ReplicaState,
    pub(crate) said: Said,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum ReplicaState {
    Ready,
    /// With what its containers wait for.
    NotReady(String),
}

/// What came of asking a replica, by way of the API server.
#[derive(Debug)]
pub(crate) enum Said {
    /// On the port of the webhook, which the API server calls.
    Status(Box<Status>),
    /// On the other port alone; why not on the webhook's.
    ElsewhereAlone(Box<Status>, String),
    /// Nothing; why.
    Nothing(String),
    /// It was not asked: it does not run, or may not be.
    NotAsked,
}

impl Replica {
    /// Whether it has all of these labels.
    pub(crate) fn has(&self, labels: &Value) -> bool {
        let mut labels = labels.as_object().into_iter().flatten();
        labels.all(|(key, value)| self.labels.get(key).is_some_and(|own| value == own))
    }
}

impl Said {
    pub(crate) fn status(&self) -> Option<&Status> {
        match self {
            Self::Status(status) | Self::ElsewhereAlone(status, _) => Some(status),
            Self::Nothing(_) | Self::NotAsked => None,
        }
    }
}

/// Where an API server listens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Endpoint {
    pub(crate) address: IpAddr,
    pub(crate) port: u16,
}

/// Why something could not be seen.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Obstacle {
    /// A right is missing: to do what, and what the API server says.
    Forbidden { right: String, said: String },
    /// The right to create Pods in this namespace is missing, by which one would be tried.
    MayNotTry { namespace: String, said: String },
    /// Something else.
    Failed { asked: String, why: String },
}

impl<T> Seen<T> {
    pub(crate) fn there(&self) -> Option<&T> {
        match self {
            Self::There(value) => Some(value),
            Self::Missing | Self::Unknown => None,
        }
    }

    pub(crate) fn map<U>(self, map: impl FnOnce(T) -> U) -> Seen<U> {
        match self {
            Self::There(value) => Seen::There(map(value)),
            Self::Missing => Seen::Missing,
            Self::Unknown => Seen::Unknown,
        }
    }

    pub(crate) fn is_missing(&self) -> bool {
        matches!(self, Self::Missing)
    }
}
