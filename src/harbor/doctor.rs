//! What is wrong with a Harbor, or will hurt: why, and what to do.

use std::{collections::BTreeMap, fmt::Write as _};

use serde::Serialize;

use super::{
    api::{GarbageCollection, Retention, Untagged},
    certificate::Certificate,
    plan::{
        Name, Wanted,
        provider::DOCKER_HUB,
        state::{CertificateCheck, Endpoint, Project, State},
        url::EndpointUrl,
        version::{DOCKER_HUB_BROKEN, DOCKER_HUB_MENDED, Version},
    },
};
use crate::policy::{Policy, is_endpoint_of};

/// Something to know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// How much it matters.
    pub level: Level,
    /// The project, endpoint, or what else it is about.
    pub about: String,
    /// What is so.
    pub what: String,
    /// Why that hurts.
    pub why: String,
    /// What to do.
    pub fix: String,
}

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Images do not come, or others than they should.
    Error,
    /// Something needs doing.
    Warning,
    /// Good to know.
    Note,
}

impl Level {
    /// As it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

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
    /// Seconds since 1970.
    pub now: i64,
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

    fn proxy(&mut self, wanted: &Wanted) {
        let about = format!("project {}", wanted.project);
        let Some(project) = self.facts.state.project(&wanted.project) else {
            self.find(
                Level::Error,
                &about,
                "Harbor has no such project, or this account does not see it",
                &format!("no image of {} can be pulled: its name is rewritten into that project", wanted.registry),
                "make it by `harbor-pilot harbor apply`",
            );
            return;
        };
        if project.endpoint.is_none() {
            self.find(
                Level::Error,
                &about,
                "it is an ordinary project and no proxy cache",
                &format!("allowed names of {} are served from whatever was pushed there", wanted.registry),
                "write another `project` in the policy, and make it by `harbor-pilot harbor apply`",
            );
            return;
        }
        let Some(endpoint) = self.facts.state.endpoint_of(project) else {
            self.find(
                Level::Error,
                &about,
                "this account does not see its endpoint",
                "it can't be told which registry it serves",
                "use an account that may list registries",
            );
            return;
        };
        if !is_of(endpoint, wanted) {
            self.find(
                Level::Error,
                &about,
                format!("it is a proxy cache of `{}`, and the policy has it for {}", Name(&endpoint.url), wanted.registry),
                "allowed names are served with images of another registry",
                "write another `project` in the policy, and make it by `harbor-pilot harbor apply`: Harbor can't move one",
            );
            return;
        }
        self.endpoint(wanted, &about, endpoint);
        self.access(wanted, &about, project, endpoint);
        self.retention(&about, project);
    }

    fn endpoint(&mut self, wanted: &Wanted, about: &str, endpoint: &Endpoint) {
        let name = Name(&endpoint.name);
        if !endpoint.is_healthy() {
            self.find(
                Level::Error,
                about,
                format!("Harbor finds its endpoint {name} {}", Name(&endpoint.health)),
                "only what is cached is served; everything else is not found",
                "test the connection on Harbor's page of registries: its account may have expired, or Harbor's way out is closed",
            );
        }
        if wanted.registry == "docker.io" && endpoint.provider != DOCKER_HUB {
            self.find(
                Level::Warning,
                about,
                format!("its endpoint {name} is a {}, and not a {DOCKER_HUB}", Name(&endpoint.provider)),
                "names without `library/` that reach Harbor past the webhook are not found",
                format!("make another endpoint with `provider: {DOCKER_HUB}`, and another project on it: Harbor can't change either"),
            );
        }
        let plain = endpoint.url.trim_start().to_ascii_lowercase().starts_with("http://");
        if plain || endpoint.check == CertificateCheck::Off {
            let what = if plain { "is not encrypted" } else { "takes any certificate" };
            self.find(
                Level::Warning,
                about,
                format!("its endpoint {name} {what}"),
                "whoever is between Harbor and the registry can serve any image",
                "write `https://` and `verifyCertificate: true` in the policy, and apply it",
            );
        }
    }

    fn access(&mut self, wanted: &Wanted, about: &str, project: &Project, endpoint: &Endpoint) {
        if project.is_public() && !endpoint.access_id.is_empty() {
            self.find(
                Level::Error,
                about,
                format!("it is public, and Harbor pulls with the account {}", Name(&endpoint.access_id)),
                "everyone who reaches Harbor may pull whatever that account can",
                "write `public: false` and a `pullSecret`, and apply it; `harbor-pilot harbor robot pull` makes the Secret",
            );
        }
        let secret = self
            .facts
            .policy
            .projects()
            .iter()
            .any(|known| known.name() == wanted.project && known.pull_secret().is_some());
        if !project.is_public() && !secret {
            self.find(
                Level::Warning,
                about,
                "it is private, and the policy names no `pullSecret` for it",
                "nodes that hold no login of their own for Harbor can't pull from it",
                "make a Secret by `harbor-pilot harbor robot pull`, and name it by `pullSecret` in the policy",
            );
        }
    }

    fn retention(&mut self, about: &str, project: &Project) {
        let Some(retention) = self.facts.retentions.get(&project.name) else { return };
        let runs =
            retention.trigger.settings.get("cron").and_then(|cron| cron.as_str()).is_some_and(|cron| !cron.is_empty());
        let days = retention
            .rules
            .iter()
            .filter(|rule| !rule.disabled && rule.template == LAST_PULL)
            .find_map(|rule| rule.params.get(LAST_PULL)?.as_f64());
        if let (true, Some(days)) = (runs, days) {
            self.find(
                Level::Note,
                about,
                format!("tags that nobody pulled for {days} days are deleted from its cache"),
                "Harbor sets this up by itself; what is gone from the cache can't be pulled while the registry is down",
                "change the retention on the project's policy page, if the cache has to outlast the registry",
            );
        }
    }

    /// Proxy caches that the policy does not know, and that `allow` lets Pods use.
    fn strangers(&mut self) {
        let policy = self.facts.policy;
        for project in &self.facts.state.projects {
            let known = policy.projects().iter().any(|known| known.name() == project.name);
            if project.endpoint.is_none() || known {
                continue;
            }
            let entry = policy
                .harbor_hosts()
                .iter()
                .find_map(|host| policy.allow_reaching(&format!("{host}/{}", project.name)));
            if let Some(entry) = entry {
                let url = self.facts.state.endpoint_of(project).map_or("a registry", |endpoint| &endpoint.url);
                let what = format!(
                    "it is a proxy cache of `{}` that the policy lacks, and `{entry}` in `allow` reaches it",
                    Name(url)
                );
                self.find(
                    Level::Error,
                    &format!("project {}", Name(&project.name)),
                    what,
                    "any image of that registry may run under its name in Harbor, whatever `allow` says of the registry",
                    "add it to `proxies`, so that its images are judged by their origin; or narrow that entry",
                );
            }
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
/// A retention rule that keeps what was pulled lately.
const LAST_PULL: &str = "nDaysSinceLastPull";

/// Whether an endpoint serves the registry: the one that the policy gives the URL of, or the registry itself.
fn is_of(endpoint: &Endpoint, wanted: &Wanted) -> bool {
    match (&wanted.endpoint.url, EndpointUrl::parse(&endpoint.url)) {
        (Some(url), Ok(there)) => url.host() == there.host(),
        (None, Ok(there)) => is_endpoint_of(there.host(), &wanted.registry),
        (_, Err(_)) => false,
    }
}

/// Findings for people.
pub fn text(findings: &[Finding]) -> String {
    let mut text = String::new();
    for Finding { level, about, what, why, fix } in findings {
        // Writing to a String can't fail.
        let _ = writeln!(text, "{}: {about}: {what}\n  why: {why}\n  fix: {fix}", level.as_str());
    }
    text
}
