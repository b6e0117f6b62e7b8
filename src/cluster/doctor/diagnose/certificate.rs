//! Whether the API server takes what replicas serve, and for how long.

use std::collections::BTreeMap;

use super::{
    Doctor, listed,
    snapshot::{CertificatesBy, Seen},
};
use crate::{
    certificates::{Certificate, Objection, Served},
    diagnosis::Level,
};

const DAY: i64 = 24 * 3_600;
/// Days. Replicas renew theirs with a third of a year left, and cert-manager a month before the end.
const SOON: i64 = 14;

impl Doctor<'_> {
    pub(super) fn certificates(&mut self) {
        let snapshot = self.snapshot;
        // By what is served: replicas serve the same, as a rule.
        let mut served: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for replica in snapshot.replicas.there().into_iter().flatten() {
            if let Some(status) = replica.said.status().filter(|status| !status.certificate.is_empty()) {
                served.entry(&status.certificate).or_default().push(&replica.name);
            }
        }
        for (pem, replicas) in &served {
            let about = format!("the certificate of {}", listed(replicas.iter().copied()));
            match Served::read(pem.as_bytes()) {
                Some(served) => self.certificate(&about, &served),
                None => self.find(
                    Level::Error,
                    &about,
                    "it can't be read",
                    "the API server can't read it either",
                    self.renew(),
                ),
            }
        }
        if served.len() > 1 {
            let why = "one that is left behind serves on what may end sooner";
            let fix = "wait for two minutes, which a kubelet takes; if it stays, read the log of the replica whose ends sooner";
            self.find(Level::Note, "certificates", format!("replicas serve {} of them", served.len()), why, fix);
        }
    }

    fn certificate(&mut self, about: &str, served: &Served) {
        let snapshot = self.snapshot;
        let name = format!("harbor-pilot.{}.svc", snapshot.namespace);
        let mut objections: Vec<(Objection, Vec<&str>)> = Vec::new();
        for webhook in self.webhooks() {
            let (bundle, _) = Certificate::read_all(&webhook.bundle);
            if let Some(objection) = served.objection(&bundle, &name, snapshot.now) {
                match objections.iter_mut().find(|(same, _)| *same == objection) {
                    Some((_, webhooks)) => webhooks.push(&webhook.name),
                    None => objections.push((objection, vec![&webhook.name])),
                }
            }
        }
        let days = (served.leaf().ends().seconds() - snapshot.now.seconds()).div_euclid(DAY);
        if objections.is_empty() && days < SOON {
            self.find(
                Level::Warning,
                about,
                format!("it ends in {days} days, on {}", served.leaf().ends()),
                "from then on no call succeeds, and no Pod can be created",
                self.renew(),
            );
        }
        for (objection, webhooks) in objections {
            let webhooks = listed(webhooks);
            let (what, fix) = match objection {
                Objection::Untrusted => {
                    (format!("`caBundle` of {webhooks} does not have the CA that signed it"), self.trust())
                }
                Objection::AuthorityEnded => {
                    (format!("the CA that signed it, in `caBundle` of {webhooks}, has ended"), self.trust())
                }
                Objection::OtherName => (
                    format!("it is not for {name}, which the API server calls"),
                    format!("make one with that subject alternative name; {}", self.renew()),
                ),
                Objection::Ended => (format!("it ended on {}", served.leaf().ends()), self.renew()),
                Objection::NotBegun => {
                    ("it is not valid yet".to_owned(), "see that the clocks of the nodes are right".to_owned())
                }
                Objection::Other(why) => (format!("the API server can't take it: {why}"), self.renew()),
            };
            self.find(Level::Error, about, what, "calls fail with an `x509` error, and no Pod can be created", fix);
        }
    }

    /// What makes a new certificate.
    fn renew(&self) -> String {
        let namespace = &self.snapshot.namespace;
        match self.made_by() {
            Some(CertificatesBy::Replicas) => format!(
                "kubectl patch secret -n {namespace} harbor-pilot-certificates -p '{{\"data\":{{\"tls.crt\":null}}}}'"
            ),
            _ => format!(
                "have cert-manager renew it (kubectl describe certificate -n {namespace} harbor-pilot), or write your \
                 own into the Secret"
            ),
        }
    }

    /// What has the API server trust it.
    fn trust(&self) -> String {
        match self.made_by() {
            Some(CertificatesBy::Replicas) => format!(
                "wait for two minutes: replicas write it themselves; if it stays: {}",
                super::LOGS.replace("NAMESPACE", &self.snapshot.namespace)
            ),
            _ => format!(
                "# put the CA into `tls.caBundle`, and:\n{}\n# with cert-manager, look at its injector:\nkubectl logs -n \
                 cert-manager -l app.kubernetes.io/name=cainjector",
                self.put_back()
            ),
        }
    }

    fn made_by(&self) -> Option<CertificatesBy> {
        match &self.snapshot.deployment {
            Seen::There(deployment) => Some(deployment.certificates),
            Seen::Missing | Seen::Unknown => None,
        }
    }
}
