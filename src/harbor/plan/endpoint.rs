//! What has to be done to an endpoint.

use super::{
    Access, Action, EndpointRef, EndpointUpdate, Name, NewEndpoint, Planner, Secrets, Wanted, WantedEndpoint,
    provider::{self, Objection},
    state::{CertificateCheck, Endpoint},
    url::{EndpointUrl, Scheme},
    version::CA_CERTIFICATE,
};
use crate::policy::{DOCKER_HUB_ENDPOINT, is_endpoint_of};

/// What the policy calls the endpoint, or what it is called where the policy does not say.
pub(super) fn name_of(wanted: &Wanted) -> &str {
    wanted.endpoint.name.as_deref().unwrap_or(&wanted.registry)
}

/// Where the registry answers, where the policy does not say.
fn default_url(registry: &str) -> EndpointUrl {
    EndpointUrl::https(if registry == "docker.io" { DOCKER_HUB_ENDPOINT } else { registry })
}

/// Whether an endpoint of Harbor's is the one that the policy wants for its registry.
pub(super) fn is_for(endpoint: &Endpoint, wanted: &Wanted) -> bool {
    match (&wanted.endpoint.url, EndpointUrl::parse(&endpoint.url)) {
        (Some(wanted), Ok(url)) => *wanted == url,
        (None, Ok(url)) => is_endpoint_of(url.host(), &wanted.registry),
        (_, Err(_)) => false,
    }
}

impl<'s> Planner<'s> {
    /// The endpoint for a project, with what has to be done to it. `None` where there is a problem.
    pub(super) fn endpoint(&mut self, wanted: &Wanted) -> Option<EndpointRef> {
        let found = self.find(wanted);
        let name = found.map_or_else(|| name_of(wanted).to_owned(), |endpoint| endpoint.name.clone());
        if let Some((_, known)) = self.endpoints.iter().find(|(known, _)| *known == name) {
            return known.clone();
        }
        // A project that exists stays on the endpoint that it has; `project` says what is wrong.
        if found.is_none() && self.state.project(&wanted.project).is_some() {
            return Some(EndpointRef::New { name });
        }
        let result = match found {
            Some(endpoint) => self.compare(wanted, endpoint),
            None => self.create(wanted, name.clone()),
        };
        self.endpoints.push((name, result.clone()));
        result
    }

    /// By the name that the policy gives; without one, what the project has, if that is right.
    fn find(&self, wanted: &Wanted) -> Option<&'s Endpoint> {
        let state = self.state;
        let of_project = || {
            let endpoint = state.endpoint_of(state.project(&wanted.project)?)?;
            is_for(endpoint, wanted).then_some(endpoint)
        };
        match &wanted.endpoint.name {
            Some(name) => state.endpoint_named(name),
            None => of_project().or_else(|| state.endpoint_named(name_of(wanted))),
        }
    }

    fn create(&mut self, wanted: &Wanted, name: String) -> Option<EndpointRef> {
        let WantedEndpoint { url, provider, check, ca_certificate, .. } = wanted.endpoint.clone();
        let about = format!("endpoint {}", Name(&name));
        let provider = provider.unwrap_or_else(|| provider::default_for(&wanted.registry).to_owned());
        self.provider(wanted, &about, &provider)?;
        self.ca_certificate(wanted, &about)?;
        let url = url.unwrap_or_else(|| default_url(&wanted.registry));
        self.encryption(&url, &about);
        self.step(
            wanted,
            Action::CreateEndpoint(NewEndpoint {
                endpoint: name.clone(),
                url,
                provider,
                access: access(&wanted.endpoint),
                certificate_check: check.unwrap_or(CertificateCheck::On),
                ca_certificate,
            }),
            format!(
                "project {} pulls from {}, and Harbor has no endpoint of this name",
                wanted.project, wanted.registry
            ),
        );
        Some(EndpointRef::New { name })
    }

    fn provider(&mut self, wanted: &Wanted, about: &str, provider: &str) -> Option<()> {
        match provider::check(provider, self.state.version, self.state.adapters.as_deref()) {
            Ok(()) => {}
            Err(Objection::Doubtful(why)) => self.note(about.to_owned(), why),
            Err(Objection::Refused(what, help)) => {
                self.problem(wanted, about.to_owned(), what, help);
                return None;
            }
        }
        if wanted.registry == "docker.io" && provider != provider::DOCKER_HUB {
            let text = format!(
                "it is a {provider}, which knows nothing of Docker Hub's `library/`; `{}` does",
                provider::DOCKER_HUB
            );
            self.note(about.to_owned(), text);
        }
        Some(())
    }

    fn encryption(&mut self, url: &EndpointUrl, about: &str) {
        if url.scheme() == Scheme::Http {
            let text = format!(
                "`{url}` is not encrypted: whoever is in between can serve any image, and reads an account's secret; \
                 write `url: {}` in the policy, if the registry answers there",
                url.encrypted()
            );
            self.note(about.to_owned(), text);
        }
    }

    /// Whether this Harbor can hold the certificate that the policy wants.
    fn ca_certificate(&mut self, wanted: &Wanted, about: &str) -> Option<()> {
        if wanted.endpoint.ca_certificate.is_none() || self.state.version >= Some(CA_CERTIFICATE) {
            return Some(());
        }
        let version =
            self.state.version.map_or_else(|| "of an unknown version".to_owned(), |version| version.to_string());
        self.problem(
            wanted,
            about.to_owned(),
            format!("Harbor {version} can't hold a CA for one endpoint, which {CA_CERTIFICATE} can"),
            "add the CA to those that all of Harbor trusts, and delete `caFile`; or update Harbor",
        );
        None
    }

    fn compare(&mut self, wanted: &Wanted, endpoint: &Endpoint) -> Option<EndpointRef> {
        let about = format!("endpoint {}", Name(&endpoint.name));
        let there = EndpointRef::Existing { id: endpoint.id, name: endpoint.name.clone() };
        let url = self.url(wanted, endpoint, &about)?;
        if let Some(provider) = wanted.endpoint.provider.as_ref().filter(|provider| **provider != endpoint.provider) {
            self.problem(
                wanted,
                about,
                format!("its provider is {}, and Harbor can't change that to {}", Name(&endpoint.provider), Name(provider)),
                "give the endpoint in the policy another name, and the proxy another project; or write the provider that it has",
            );
            return None;
        }
        self.encryption(&url, &about);
        if !endpoint.is_healthy() {
            let text = format!("Harbor finds it {}: its projects serve only what is cached", Name(&endpoint.health));
            self.note(about.clone(), text);
        }
        let access = access(&wanted.endpoint);
        let old_url = (url.to_string() != endpoint.url.trim_end_matches('/')
            && EndpointUrl::parse(&endpoint.url).as_ref() != Ok(&url))
        .then(|| endpoint.url.clone());
        let old_access_id =
            access.as_ref().filter(|access| access.id != endpoint.access_id).map(|_| endpoint.access_id.clone());
        let check = wanted.endpoint.check.filter(|check| *check != endpoint.check);
        let ca_certificate = wanted.endpoint.ca_certificate.clone();
        let ca_certificate = ca_certificate.filter(|certificate| *certificate != endpoint.ca_certificate.trim());
        if ca_certificate.is_some() {
            self.ca_certificate(wanted, &about)?;
        }
        if old_url.is_some() && access.is_none() && !endpoint.access_id.is_empty() {
            self.problem(
                wanted,
                about,
                "its URL is to change, and some versions of Harbor forget the account's secret then",
                "write `accessId` and `accessSecret`, so that they are sent with it",
            );
            return None;
        }
        let again = self.secrets == Secrets::SendAgain && access.is_some();
        let mut why = Vec::new();
        for (changes, what) in [
            (old_url.is_some(), "URL"),
            (old_access_id.is_some(), "access ID"),
            (check.is_some(), "certificate check"),
            (ca_certificate.is_some(), "CA certificate"),
        ] {
            if changes {
                why.push(what);
            }
        }
        if why.is_empty() && !again {
            if access.is_some() {
                let text =
                    "Harbor does not show its secret, so that was not compared; `--renew-secrets` sends it again";
                self.note(about.clone(), text);
            }
            self.plan.in_place.push(about);
            return Some(there);
        }
        let reason = if why.is_empty() {
            "its secret is to be sent again".to_owned()
        } else {
            format!("the policy says otherwise: {}", why.join(", "))
        };
        let update = EndpointUpdate {
            id: endpoint.id,
            endpoint: endpoint.name.clone(),
            provider: endpoint.provider.clone(),
            url,
            old_url,
            old_access_id,
            access,
            certificate_check: check,
            ca_certificate,
        };
        self.step(wanted, Action::UpdateEndpoint(update), reason);
        Some(there)
    }

    /// The URL that is to hold. Another host is another registry: what else uses the endpoint would
    /// be served from there.
    fn url(&mut self, wanted: &Wanted, endpoint: &Endpoint, about: &str) -> Option<EndpointUrl> {
        let there = EndpointUrl::parse(&endpoint.url);
        let (right, there_host) = match (&wanted.endpoint.url, &there) {
            (Some(url), Ok(there)) => (url.host() == there.host(), there.host()),
            (None, Ok(there)) => (is_endpoint_of(there.host(), &wanted.registry), there.host()),
            (_, Err(_)) => (false, ""),
        };
        if !right {
            let other = if there_host.is_empty() { &endpoint.url } else { there_host };
            let to = wanted.endpoint.url.clone().unwrap_or_else(|| default_url(&wanted.registry));
            self.problem(
                wanted,
                about.to_owned(),
                format!("the name is taken by an endpoint on `{}`, and the policy wants `{to}`", Name(other)),
                "give the endpoint in the policy another `name`; or change the URL in Harbor, if nothing else uses it",
            );
            return None;
        }
        wanted.endpoint.url.clone().or(there.ok())
    }
}

fn access(wanted: &WantedEndpoint) -> Option<Access> {
    Some(Access { id: wanted.access_id.clone()?, secret: wanted.access_secret.clone()? })
}
