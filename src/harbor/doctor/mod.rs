//! What is wrong with a Harbor, or will hurt: why, and what to do.

mod proxies;

use std::collections::{BTreeMap, BTreeSet};

use super::{
    api::{GarbageCollection, Retention, Untagged},
    certificate::Certificate,
    plan::{
        Name, Wanted,
        state::State,
        url::EndpointUrl,
        version::{DOCKER_HUB_BROKEN, DOCKER_HUB_MENDED, Version},
    },
};
use crate::{
    diagnosis::{Finding, Level},
    policy::Policy,
};

/// What was looked at.
#[derive(Debug)]
pub struct Facts<'f> {
    /// The policy.
    pub policy: &'f Policy,
    /// Its proxies.
    pub wanted: &'f [Wanted],
    /// What Harbor holds.
    pub state: &'f State,
    /// Projects' retentions, by project.
    pub retentions: &'f BTreeMap<String, Retention>,
    /// `None` where the account may not look.
    pub garbage: Option<&'f GarbageCollection>,
    /// What Harbor shows as its certificate.
    pub certificate: Option<&'f Certificate>,
    /// Whether nodes trust it without being told to.
    pub nodes: NodesTrust<'f>,
    /// Secrets that Pods need and namespaces lack.
    pub missing_secrets: &'f [MissingSecret],
    /// Seconds since 1970.
    pub now: i64,
}

/// A Secret that a namespace lacks, and that Pods there need to pull.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct MissingSecret {
    /// The namespace.
    pub namespace: String,
    /// The Secret's name.
    pub secret: String,
    /// The project that it logs in to.
    pub project: String,
}

/// Which Secrets the Pods of a cluster need by the policy: namespace, Secret and project.
pub fn needed_secrets(policy: &Policy, images: &BTreeMap<String, BTreeSet<String>>) -> BTreeSet<MissingSecret> {
    let mut needed = BTreeSet::new();
    for (namespace, images) in images {
        let scope = policy.scope(namespace);
        for image in images {
            let decision = scope.decide(image);
            if let Some((project, secret)) =
                decision.project.and_then(|project| Some((project, project.pull_secret()?)))
            {
                needed.insert(MissingSecret {
                    namespace: namespace.clone(),
                    secret: secret.to_owned(),
                    project: project.name().to_owned(),
                });
            }
        }
    }
    needed
}

/// Whether a node trusts Harbor's certificate as it comes.
#[derive(Clone, Copy, Debug)]
pub enum NodesTrust<'f> {
    /// A CA of the system signed it.
    Yes,
    /// None did; this is what TLS objects to.
    No(&'f str),
    /// It could not be found out.
    Unknown,
}

/// All findings, the worst first.
pub fn examine(facts: &Facts<'_>) -> Vec<Finding> {
    let mut doctor = Doctor { facts, findings: Vec::new() };
    doctor.version();
    for wanted in facts.wanted {
        doctor.proxy(wanted);
    }
    doctor.strangers();
    doctor.garbage();
    doctor.certificate();
    doctor.secrets();
    doctor.findings.sort_by_key(|finding| finding.level);
    doctor.findings
}

struct Doctor<'d> {
    facts: &'d Facts<'d>,
    findings: Vec<Finding>,
}

impl Doctor<'_> {
    fn find(&mut self, level: Level, about: &str, what: impl Into<String>, why: &str, fix: impl Into<String>) {
        self.findings.push(Finding {
            level,
            about: about.to_owned(),
            what: what.into(),
            why: why.to_owned(),
            fix: fix.into(),
        });
    }

    fn version(&mut self) {
        let Some(version) = self.facts.state.version else { return };
        let hub = self.facts.wanted.iter().any(|wanted| wanted.registry == "docker.io");
        if (DOCKER_HUB_BROKEN..DOCKER_HUB_MENDED).contains(&version) && hub {
            self.find(
                Level::Error,
                "Harbor",
                format!("version {version} can't serve proxy caches of Docker Hub"),
                "every pull from Docker Hub through it fails",
                format!("update it to {DOCKER_HUB_MENDED} or newer"),
            );
        }
        if version < OLDEST {
            self.find(
                Level::Note,
                "Harbor",
                format!("version {version} is older than what this program was tried with"),
                "some of what it says may be read wrongly",
                format!("update it to {OLDEST} or newer"),
            );
        }
    }

    fn secrets(&mut self) {
        for MissingSecret { namespace, secret, project } in self.facts.missing_secrets {
            self.find(
                Level::Error,
                &format!("namespace {}", Name(namespace)),
                format!("Pods there pull from project {project}, and its Secret `{secret}` is missing"),
                "nodes can't pull their images: ImagePullBackOff",
                format!(
                    "copy the Secret from a namespace that has it; or make another robot by `harbor-pilot harbor robot \
                     pull --project {project} -n {0} --name pull-{0} | kubectl apply -f -`",
                    Name(namespace)
                ),
            );
        }
    }

    fn garbage(&mut self) {
        match self.facts.garbage {
            Some(GarbageCollection::Scheduled(Untagged::Deleted)) => self.find(
                Level::Error,
                "garbage collection",
                "it deletes untagged artifacts, by a schedule",
                "nodes pull by digest, so what proxy caches hold has no tag: each run empties them",
                "switch off `delete untagged artifacts` on Harbor's page of garbage collection",
            ),
            Some(GarbageCollection::Scheduled(Untagged::Kept) | GarbageCollection::Never) => {}
            None => self.find(
                Level::Note,
                "garbage collection",
                "this account may not look at its schedule",
                "if it deletes untagged artifacts, each run empties the proxy caches",
                "look at it with a system admin's account",
            ),
        }
    }

    fn certificate(&mut self) {
        if let NodesTrust::No(why) = self.facts.nodes {
            self.find(
                Level::Note,
                "certificate",
                format!("a node that trusts public CAs alone does not trust Harbor: {why}"),
                "nodes can't pull until they trust the CA that signed it",
                format!(
                    "put the CA on each node, as /etc/containerd/certs.d/{0}/ca.crt or /etc/containers/certs.d/{0}/ca.crt",
                    self.facts.policy.harbor()
                ),
            );
        }
        let Some(certificate) = self.facts.certificate else { return };
        let left = (certificate.not_after - self.facts.now) / DAY;
        if left < SOON {
            let what = if left < 0 { "it has expired".to_owned() } else { format!("it expires in {left} days") };
            self.find(
                if left < 0 { Level::Error } else { Level::Warning },
                "certificate",
                format!("{what}; it was signed by {}", Name(&certificate.issuer)),
                "nodes can't pull any image after that",
                "renew Harbor's certificate",
            );
        }
        for host in self.facts.policy.harbor_hosts() {
            let name = EndpointUrl::https(host.as_str());
            let name = name
                .host()
                .rsplit_once(':')
                .filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit()))
                .map_or(name.host(), |(host, _)| host);
            if !certificate.is_for(name) {
                let level =
                    if Some(host) == self.facts.policy.harbor_hosts().first() { Level::Error } else { Level::Warning };
                self.find(
                    level,
                    "certificate",
                    format!("it is not for `{name}`, but for {}", Name(&certificate.names.join(", "))),
                    "nodes pull from the name in the policy's `harbor`, and refuse another's certificate",
                    "add the name to Harbor's certificate, or write in the policy the name that it has",
                );
            }
        }
    }
}

const OLDEST: Version = Version::new(2, 10, 0);
const DAY: i64 = 24 * 3_600;
/// Days.
const SOON: i64 = 30;

#[cfg(test)]
mod tests {
    use super::*;

    /// Names through Harbor and upstream ones, what is served otherwise, and what is not rewritten.
    #[test]
    fn a_secret_is_needed_where_pods_pull_from_its_project() {
        let text = "apiVersion: harbor-pilot.io/v1\nkind: Policy\nharbor: harbor.test\nproxies:\n  \
            - {registry: nvcr.io, project: nvidiaio, pullSecret: harbor-nvidiaio}\n  \
            - {registry: quay.io, project: quay}\nnamespaces:\n  - {match: [kube-system], enforcement: audit, rewrite: false}\n";
        let policy = Policy::read("policies.yaml", text.as_bytes()).policy.expect("a policy");
        let pods = [
            ("team-a", vec!["harbor.test/nvidiaio/nvidia/driver:550", "nvcr.io/nvidia/driver:550", "quay.io/a/b:1"]),
            ("team-b", vec!["quay.io/a/b:1", "harbor.test/quay/a/b:1", "not an image"]),
            ("kube-system", vec!["nvcr.io/nvidia/driver:550"]),
            ("empty", vec![]),
        ];
        let images =
            pods.map(|(namespace, images)| (namespace.to_owned(), images.into_iter().map(str::to_owned).collect()));
        let needed: Vec<_> = needed_secrets(&policy, &images.into()).into_iter().collect();
        let expected = MissingSecret {
            namespace: "team-a".to_owned(),
            secret: "harbor-nvidiaio".to_owned(),
            project: "nvidiaio".to_owned(),
        };
        assert_eq!(needed, [expected]);
    }
}
