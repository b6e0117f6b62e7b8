//! Asks the API server. What it will not tell is noted, and the rest is asked for all the same.

use std::collections::BTreeSet;

use http::{
    HeaderValue, Method, Request,
    header::{ACCEPT, CONTENT_TYPE},
};
use serde_json::Value;

use super::{
    Asked, Namespace,
    diagnose::{
        calls::Calls,
        place::Place,
        reading, rights,
        snapshot::{Obstacle, Replica, ReplicaState, Said, Seen, Snapshot},
        trial::{self, Outcome, ToTry, Tried},
    },
    status::{self, Status},
};
use crate::{
    certificates::Moment,
    cluster::{
        registration::NAME,
        running::{Answer, Cluster, ClusterError},
    },
};

const REGISTRATIONS: &str = "/apis/admissionregistration.k8s.io/v1";
/// Where the chart puts it, unless told otherwise.
const NAMESPACE: &str = "harbor-pilot";
/// Names and labels are enough.
const NAMES_ALONE: &str = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";
/// Where replicas listen for the API server, and for whoever looks after them.
const WEBHOOK_PORT: u16 = 8443;
const OPS_PORT: u16 = 8080;

/// Looks at all that a doctor wants to know.
pub(super) fn snapshot(cluster: &Cluster, asked: &Asked) -> Result<Snapshot, ClusterError> {
    let (mut eyes, first) = Eyes::open(cluster)?;
    let validating = eyes.get("get validatingwebhookconfigurations", &registration("validatingwebhookconfigurations"));
    let namespace = asked.namespace.clone().or_else(|| named_by(&first)).or_else(|| named_by(&validating));
    let namespace = namespace.map_or_else(|| NAMESPACE.to_owned(), |namespace| namespace.to_string());
    let before = eyes.calls();
    let core = format!("/api/v1/namespaces/{namespace}");
    let get = |of: &str| format!("get {of} in namespace {namespace}");
    let list = |of: &str| format!("list {of} in namespace {namespace}");
    let policy = |seen: Seen<Value>| seen.map(|value| value["data"]["policies.yaml"].as_str().map(str::to_owned));
    let pods = eyes.get(&list("pods"), &format!("{core}/pods?labelSelector=app.kubernetes.io/name%3D{NAME}"));
    let mut snapshot = Snapshot {
        now: eyes.now,
        mutating: first.map(|value| reading::webhooks(&value)),
        validating: validating.map(|value| reading::webhooks(&value)),
        namespaces: eyes.names("list namespaces", "/api/v1/namespaces").map(|list| reading::names(&list)),
        harbors: eyes.harbors(),
        policy: policy(eyes.get(&get("configmaps"), &format!("{core}/configmaps/{NAME}-policy"))),
        last_good: policy(eyes.get(&get("configmaps"), &format!("{core}/configmaps/{NAME}-last-good-policy"))),
        deployment: eyes
            .get(&get("deployments"), &format!("/apis/apps/v1/namespaces/{namespace}/deployments/{NAME}"))
            .map(|value| reading::deployment(&value)),
        replicas: pods.map(|list| eyes.replicas(&namespace, &list)),
        service: eyes.get(&get("services"), &format!("{core}/services/{NAME}")),
        budget: eyes
            .get(
                &get("poddisruptionbudgets"),
                &format!("/apis/policy/v1/namespaces/{namespace}/poddisruptionbudgets/{NAME}"),
            )
            .map(|value| value["status"]["disruptionsAllowed"].as_i64().unwrap_or(0)),
        networks: eyes
            .get(
                &list("networkpolicies"),
                &format!("/apis/networking.k8s.io/v1/namespaces/{namespace}/networkpolicies"),
            )
            .map(|list| reading::items(&list).iter().map(|policy| policy["spec"].clone()).collect()),
        api_servers: eyes
            .get(
                "get endpointslices in namespace default",
                "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices/kubernetes",
            )
            .map(|slice| reading::endpoints(&slice)),
        guard: eyes
            .get("get validatingadmissionpolicies", &registration("validatingadmissionpolicies"))
            .map(|value| value["spec"].clone()),
        guard_binding: eyes
            .get("get validatingadmissionpolicybindings", &registration("validatingadmissionpolicybindings"))
            .map(|value| value["spec"].clone()),
        calls: Seen::Unknown,
        tried: None,
        obstacles: Vec::new(),
        namespace,
    };
    if let Some(try_in) = &asked.try_in
        && Place::of(&snapshot) == Place::Here
    {
        snapshot.tried = eyes.trial(&snapshot, try_in);
    }
    if let Some(before) = before {
        snapshot.calls = eyes.calls().map_or(Seen::Unknown, |after| Seen::There((before, after)));
    }
    snapshot.obstacles = eyes.obstacles;
    Ok(snapshot)
}

fn registration(kind: &str) -> String {
    format!("{REGISTRATIONS}/{kind}/{NAME}")
}

/// The namespace whose Service is called.
fn named_by(configuration: &Seen<Value>) -> Option<Namespace> {
    let webhooks = configuration.there()?["webhooks"].as_array()?;
    webhooks.iter().find_map(|webhook| webhook["clientConfig"]["service"]["namespace"].as_str()?.parse().ok())
}

/// Who asks, and what could not be had.
struct Eyes<'c> {
    cluster: &'c Cluster,
    obstacles: Vec<Obstacle>,
    now: Moment,
}

impl<'c> Eyes<'c> {
    /// With the answer to the first question. Where there is none, there is no use in others.
    fn open(cluster: &'c Cluster) -> Result<(Self, Seen<Value>), ClusterError> {
        let path = registration("mutatingwebhookconfigurations");
        let asked = "MutatingWebhookConfiguration `harbor-pilot`";
        let answer = cluster.ask(&asking(&path), asked)?;
        if answer.status == 401 || rights::user(&answer.message()) == Some("system:anonymous") {
            let why = format!(
                "the kubeconfig has no credentials that the API server accepts (`kubectl auth whoami` says who it \
                 takes you for): {}",
                answer.message()
            );
            return Err(ClusterError::saying(asked, &why));
        }
        let mut eyes = Self { cluster, obstacles: Vec::new(), now: answer.at };
        let seen = eyes.read("get mutatingwebhookconfigurations", &answer);
        Ok((eyes, seen))
    }

    fn get(&mut self, right: &str, path: &str) -> Seen<Value> {
        self.send(right, &asking(path))
    }

    /// A list of which only names and labels are wanted.
    fn names(&mut self, right: &str, path: &str) -> Seen<Value> {
        let mut request = asking(path);
        request.headers_mut().insert(ACCEPT, HeaderValue::from_static(NAMES_ALONE));
        self.send(right, &request)
    }

    fn send(&mut self, right: &str, request: &Request<Vec<u8>>) -> Seen<Value> {
        match self.cluster.ask(request, right) {
            Ok(answer) => self.read(right, &answer),
            Err(error) => {
                self.fail(right, error.why());
                Seen::Unknown
            }
        }
    }

    fn read(&mut self, right: &str, answer: &Answer) -> Seen<Value> {
        match (answer.status, serde_json::from_slice(&answer.body)) {
            (200 | 201, Ok(value)) => return Seen::There(value),
            (200 | 201, Err(error)) => self.fail(right, &error.to_string()),
            (404, _) => return Seen::Missing,
            (403, _) => self.forbid(right, answer.message()),
            _ => self.fail(right, &answer.message()),
        }
        Seen::Unknown
    }

    fn fail(&mut self, asked: &str, why: &str) {
        self.obstacles.push(Obstacle::Failed { asked: asked.to_owned(), why: why.to_owned() });
    }

    /// One right may be asked for by several questions.
    fn forbid(&mut self, right: &str, said: String) {
        let known =
            |obstacle: &Obstacle| matches!(obstacle, Obstacle::Forbidden { right: known, .. } if known == right);
        if !self.obstacles.iter().any(known) {
            self.obstacles.push(Obstacle::Forbidden { right: right.to_owned(), said });
        }
    }

    /// Where Harbor's chart, or another, has put a Service.
    fn harbors(&mut self) -> Seen<BTreeSet<String>> {
        let mut found = BTreeSet::new();
        for label in ["app%3Dharbor", "app.kubernetes.io/name%3Dharbor"] {
            match self.names("list services", &format!("/api/v1/services?labelSelector={label}")) {
                Seen::There(list) => found.extend(reading::namespaces_of(&list)),
                Seen::Missing | Seen::Unknown => return Seen::Unknown,
            }
        }
        Seen::There(found)
    }

    fn calls(&mut self) -> Option<Calls> {
        let right = "get the path /metrics";
        match self.cluster.ask(&asking("/metrics"), right) {
            Ok(answer) if answer.status == 200 => return Some(Calls::read(&String::from_utf8_lossy(&answer.body))),
            Ok(answer) if answer.status == 403 => self.forbid(right, answer.message()),
            Ok(answer) => self.fail(right, &answer.message()),
            Err(error) => self.fail(right, error.why()),
        }
        None
    }

    fn replicas(&mut self, namespace: &str, pods: &Value) -> Vec<Replica> {
        let pods = reading::items(pods).iter().filter(|pod| !reading::goes(pod));
        pods.map(|pod| {
            let name = pod["metadata"]["name"].as_str().unwrap_or_default().to_owned();
            let state = reading::state(pod);
            let has_address = pod["status"]["podIP"].as_str().is_some_and(|address| !address.is_empty());
            let said = if has_address { self.hear(namespace, &name, &state) } else { Said::NotAsked };
            Replica { labels: reading::labels(pod), ports: reading::ports(pod), state, said, name }
        })
        .collect()
    }

    /// By way of the API server, to the port that it calls: so it is seen as well whether it gets there.
    fn hear(&mut self, namespace: &str, name: &str, state: &ReplicaState) -> Said {
        let why = match self.status_of(namespace, &format!("https:{name}:{WEBHOOK_PORT}")) {
            Heard::Status(status) => return Said::Status(status),
            Heard::Forbidden => return Said::NotAsked,
            Heard::Nothing(why) => why,
        };
        match self.status_of(namespace, &format!("{name}:{OPS_PORT}")) {
            // It takes no calls before it has a certificate.
            Heard::Status(status) if *state != ReplicaState::Ready => Said::Status(status),
            Heard::Status(status) => Said::ElsewhereAlone(status, why),
            Heard::Forbidden => Said::NotAsked,
            Heard::Nothing(_) => Said::Nothing(why),
        }
    }

    fn status_of(&mut self, namespace: &str, pod: &str) -> Heard {
        let right = format!("get pods/proxy in namespace {namespace}");
        let path = format!("/api/v1/namespaces/{namespace}/pods/{pod}/proxy{}", status::PATH);
        match self.cluster.ask(&asking(&path), &right) {
            Ok(answer) if answer.status == 200 => match serde_json::from_slice(&answer.body) {
                Ok(status) => Heard::Status(Box::new(status)),
                Err(error) => Heard::Nothing(format!("what it says can't be read: {error}")),
            },
            Ok(answer) if answer.status == 403 => {
                self.forbid(&right, answer.message());
                Heard::Forbidden
            }
            Ok(answer) => Heard::Nothing(answer.message()),
            Err(error) => Heard::Nothing(error.why().to_owned()),
        }
    }

    fn trial(&mut self, snapshot: &Snapshot, namespace: &Namespace) -> Option<Tried> {
        let asked = "a Pod to try";
        let image = match ToTry::of(snapshot, namespace.as_str()) {
            ToTry::Image(image) => image,
            ToTry::LeftOut => return Some(Tried::LeftOut { namespace: namespace.to_string() }),
            ToTry::Nothing => {
                self.fail(asked, "the policy changes no image there, as far as it can be read: name another namespace");
                return None;
            }
        };
        let right = format!("create pods in namespace {namespace}");
        let path = format!("/api/v1/namespaces/{namespace}/pods?dryRun=All");
        let mut request = asking(&path);
        *request.method_mut() = Method::POST;
        request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        *request.body_mut() = trial::pod(&image).to_string().into_bytes();
        let outcome = match self.cluster.ask(&request, &right) {
            Ok(answer) if matches!(answer.status, 200 | 201) => {
                let pod: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
                Outcome::Admitted(pod["spec"]["containers"][0]["image"].as_str().unwrap_or_default().to_owned())
            }
            Ok(answer) if answer.status == 403 && answer.message().contains("cannot create resource \"pods\"") => {
                let namespace = namespace.to_string();
                self.obstacles.push(Obstacle::MayNotTry { namespace, said: answer.message() });
                return None;
            }
            Ok(answer) => Outcome::Refused(answer.message()),
            Err(error) => {
                self.fail(asked, error.why());
                return None;
            }
        };
        Some(Tried::Pod { namespace: namespace.to_string(), image, outcome })
    }
}

enum Heard {
    Status(Box<Status>),
    Forbidden,
    Nothing(String),
}

fn asking(path: &str) -> Request<Vec<u8>> {
    let mut request = Request::new(Vec::new());
    // Made of names that Kubernetes takes, so it is one.
    if let Ok(uri) = path.parse() {
        *request.uri_mut() = uri;
    }
    request
}
