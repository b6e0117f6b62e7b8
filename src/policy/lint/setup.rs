//! Warnings about `setup`.

use super::Linter;
use crate::policy::{
    file::{Endpoint, Setup},
    proxy::is_endpoint_of,
};

impl Linter<'_> {
    /// What an admin may not mean in `setup`.
    pub(super) fn setup(&mut self, registry: &str, setup: &Setup) {
        let credentials = setup
            .endpoint
            .as_ref()
            .is_some_and(|endpoint| endpoint.access_id.is_some() || endpoint.access_secret.is_some());
        if let Some(public) = setup.public.as_ref().filter(|public| public.value && credentials) {
            let message =
                "a public project with credentials: everyone who reaches Harbor may pull what the account can"
                    .to_owned();
            self.warn(public.span, message, "write `public: false` and give the entry a `pullSecret`");
        }
        if let Some(endpoint) = &setup.endpoint {
            self.endpoint(registry, endpoint);
        }
    }

    fn endpoint(&mut self, registry: &str, endpoint: &Endpoint) {
        if let Some(verify) = endpoint.verify_certificate.as_ref().filter(|verify| !verify.value) {
            let message =
                "Harbor will not check this endpoint's certificate: whoever is in between can serve any image"
                    .to_owned();
            self.warn(
                verify.span,
                message,
                "write `verifyCertificate: true`, and give Harbor the registry's CA if it has one of its own",
            );
        }
        let Some(url) = &endpoint.url else { return };
        let Some((scheme, rest)) = url.value.split_once("://") else {
            return;
        };
        if scheme.eq_ignore_ascii_case("http") {
            let message = "this endpoint is not encrypted: whoever is in between can serve any image".to_owned();
            self.warn(url.span, message, format!("write `https://{rest}`"));
        }
        let host = rest.split(['/', '?', '#']).next().unwrap_or(rest);
        let registry = registry.split('/').next().unwrap_or(registry);
        if !is_endpoint_of(host, registry) {
            let message = format!(
                "this endpoint is on `{host}`, and the entry is for `{registry}`: its names would be served from elsewhere"
            );
            self.warn(
                url.span,
                message,
                format!("write `https://{registry}`, or keep it if `{host}` is a mirror that you trust"),
            );
        }
    }
}
