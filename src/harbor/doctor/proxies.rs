//! What is wrong with the proxy-cache projects.

use super::{Doctor, Level};
use crate::{
    harbor::plan::{
        Name, Wanted,
        provider::DOCKER_HUB,
        state::{CertificateCheck, Endpoint, Project},
        url::EndpointUrl,
    },
    policy::is_endpoint_of,
};

/// A retention rule that keeps what was pulled lately.
const LAST_PULL: &str = "nDaysSinceLastPull";

impl Doctor<'_> {
    pub(super) fn proxy(&mut self, wanted: &Wanted) {
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
    pub(super) fn strangers(&mut self) {
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
}

/// Whether an endpoint serves the registry: the one that the policy gives the URL of, or the registry itself.
fn is_of(endpoint: &Endpoint, wanted: &Wanted) -> bool {
    match (&wanted.endpoint.url, EndpointUrl::parse(&endpoint.url)) {
        (Some(url), Ok(there)) => url.host() == there.host(),
        (None, Ok(there)) => is_endpoint_of(there.host(), &wanted.registry),
        (_, Err(_)) => false,
    }
}
