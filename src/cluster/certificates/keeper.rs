//! Looks at the Secret and the registrations, and takes the steps that are due.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Map, Value};
use tracing::{info, warn};

use super::{
    plan::{Bundle, Change, SETTLES_IN, Step, plan},
    stored::{Data, Stored},
};
use crate::{
    certificates::{Certificate, Leaf, Moment},
    cluster::{
        api::{ApiServer, Kind, Object, Trouble},
        registration::{self, Registration},
    },
};

/// Looks after the certificate of one replica, and so after that of all.
#[derive(Debug)]
pub struct Keeper {
    api: ApiServer,
    secret: Object,
    names: Vec<String>,
    served: Option<Served>,
    trust: Trust,
    /// What could not be read of the Secret when it was last told.
    told: Vec<&'static str>,
}

/// What one look came to.
#[derive(Debug)]
pub struct Looked {
    /// What is to be served from now on, where that is another certificate than before.
    pub serve: Option<Leaf>,
    /// Whether the API server trusts what is served.
    pub trust: Trust,
    /// Why not all could be done that is due.
    pub trouble: Option<String>,
}

/// Whether the API server trusts what is served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trust {
    /// Every registration does.
    Everywhere,
    /// Not yet, or not any more, for this reason.
    Awaited(String),
}

#[derive(Debug)]
struct Served {
    leaf: Leaf,
    authority: Certificate,
}

enum Progress {
    Resting,
    /// Something is different now, and is to be looked at again.
    Moved,
}

/// Steps of one look; from an empty Secret it takes four. Replicas that are in each other's way go
/// on at their next look.
const MOST_STEPS: usize = 12;

impl Keeper {
    /// For the Secret of that name in the program's own namespace. The certificate has `names`.
    pub fn new(secret: &str, names: Vec<String>) -> Result<Self, String> {
        Ok(Self {
            api: ApiServer::of_this_pod()?,
            secret: Object::new(Kind::Secret, secret),
            names,
            served: None,
            trust: Trust::Awaited("the API server has not been asked yet".to_owned()),
            told: Vec::new(),
        })
    }

    /// Looks, and takes every step that is due.
    pub async fn look(&mut self) -> Looked {
        let before = self.served.as_ref().map(|served| served.leaf.clone());
        let mut trouble = None;
        for _ in 0..MOST_STEPS {
            match self.step().await {
                Ok(Progress::Moved) | Err(Failure::Cluster(Trouble::Conflict(_))) => {}
                Ok(Progress::Resting) => break,
                Err(failure) => {
                    trouble = Some(self.explained(&failure));
                    break;
                }
            }
        }
        let now = self.served.as_ref().map(|served| served.leaf.clone());
        Looked { serve: now.filter(|now| before.as_ref() != Some(now)), trust: self.trust.clone(), trouble }
    }

    async fn step(&mut self) -> Result<Progress, Failure> {
        // In this order: what a bundle has, the Secret has too, or did not need any more.
        let registrations = registration::all(&self.api).await?;
        let bundles = bundles(&registrations);
        let secret = self.api.get(&self.secret).await;
        let secret = match secret {
            Ok(secret) => secret,
            Err(trouble) => {
                self.judge(&bundles, None);
                return Err(trouble.into());
            }
        };
        let (stored, rubbish) = Stored::read(&data(&secret.value), &self.names);
        self.tell(rubbish);
        self.take(&stored, &bundles);
        self.judge(&bundles, Some((&stored, secret.at)));
        match plan(&stored, &bundles, secret.at) {
            Step::Rest => Ok(Progress::Resting),
            Step::Trust(wanted) => {
                let pem: String = wanted.iter().map(Certificate::pem).collect();
                for registration in registrations.iter().filter(|registration| !registration.webhooks.is_empty()) {
                    registration.trust(&self.api, &pem).await?;
                    info!(registration = %registration.object(), certificates = wanted.len(), "caBundle written");
                }
                Ok(Progress::Moved)
            }
            Step::Store(change) => {
                let what = told(&change);
                let stored = stored.changed(change, &self.names, secret.at).map_err(|error| error.to_string())?;
                self.api.replace(&self.secret, &with(secret.value, &stored.write())).await?;
                info!(secret = %self.secret, "{what}");
                Ok(Progress::Moved)
            }
        }
    }

    /// Serves what the Secret has, once every registration trusts it. What is served already stays
    /// while there is nothing better.
    fn take(&mut self, stored: &Stored, bundles: &[Bundle]) {
        let Some(current) = &stored.current else { return };
        let Some(leaf) = &current.leaf else { return };
        let authority = current.authority.certificate();
        if bundles.iter().all(|bundle| bundle.has(authority)) {
            self.served = Some(Served { leaf: leaf.clone(), authority: authority.clone() });
        }
    }

    fn judge(&mut self, bundles: &[Bundle], secret: Option<(&Stored, Moment)>) {
        let missing = |served: &Served| bundles.iter().filter(|bundle| !bundle.has(&served.authority)).count();
        self.trust = match (&self.served, secret) {
            (Some(served), Some((_, now))) if !served.leaf.certificate().is_valid_at(now) => {
                Trust::Awaited(format!("the certificate ended on {}", served.leaf.certificate().ends()))
            }
            (Some(served), _) => match missing(served) {
                0 => Trust::Everywhere,
                count => Trust::Awaited(format!(
                    "{count} of {} webhooks do not have its CA in `caBundle` yet",
                    bundles.len()
                )),
            },
            (None, Some((stored, now))) => Trust::Awaited(awaited(stored, now)),
            (None, None) => Trust::Awaited(format!("{} can't be read", self.secret)),
        };
    }

    fn tell(&mut self, rubbish: Vec<&'static str>) {
        if rubbish != self.told {
            if !rubbish.is_empty() {
                let keys = rubbish.join("`, `");
                warn!(secret = %self.secret, "`{keys}` can't be used as it stands, and is made again where it is needed");
            }
            self.told = rubbish;
        }
    }

    fn explained(&self, failure: &Failure) -> String {
        match failure {
            Failure::Cluster(Trouble::Missing(object)) if *object == self.secret => format!(
                "there is no {object}: `helm upgrade` or `kubectl apply` puts it back, empty as it may be; \
                 until then what is served stays"
            ),
            Failure::Cluster(trouble) => trouble.to_string(),
            Failure::Inside(why) => why.clone(),
        }
    }
}

/// Why a step was not taken.
enum Failure {
    Cluster(Trouble),
    Inside(String),
}

impl From<Trouble> for Failure {
    fn from(trouble: Trouble) -> Self {
        Self::Cluster(trouble)
    }
}

impl From<String> for Failure {
    fn from(why: String) -> Self {
        Self::Inside(why)
    }
}

fn bundles(registrations: &[Registration]) -> Vec<Bundle> {
    let webhooks = registrations.iter().flat_map(|registration| &registration.webhooks);
    webhooks
        .map(|webhook| {
            let (certificates, rest) = Certificate::read_all(&webhook.bundle);
            Bundle { certificates, rest }
        })
        .collect()
}

/// What a replica without a certificate waits for.
fn awaited(stored: &Stored, now: Moment) -> String {
    match stored.next.as_ref().map(|next| next.trusted_since) {
        Some(Some(since)) => format!(
            "API servers have {} s to hear of the new CA, of which {} are over",
            SETTLES_IN.as_secs(),
            now.seconds().saturating_sub(since.seconds())
        ),
        Some(None) => "the new CA is not in every `caBundle` yet".to_owned(),
        None => "there is no certificate yet".to_owned(),
    }
}

fn told(change: &Change) -> &'static str {
    match change {
        Change::Adopt(_) => "certificates that others put into `caBundle` stay there for a day",
        Change::Introduce => "made a CA",
        Change::SeenEverywhere => "every `caBundle` has the new CA",
        Change::NotSeenEverywhere => "the new CA is not in every `caBundle` any more",
        Change::Promote => "made a certificate by the new CA",
        Change::Renew => "made a new certificate",
        Change::Forget => "forgot a CA that is out of use",
    }
}

/// The data of a Secret.
fn data(secret: &Value) -> Data {
    let values = secret["data"].as_object().into_iter().flatten();
    values.filter_map(|(key, value)| Some((key.clone(), STANDARD.decode(value.as_str()?).ok()?))).collect()
}

/// A Secret with other data.
fn with(mut secret: Value, data: &Data) -> Value {
    let values = data.iter().map(|(key, value)| (key.clone(), STANDARD.encode(value).into()));
    secret["data"] = Value::Object(values.collect::<Map<_, _>>());
    secret
}
