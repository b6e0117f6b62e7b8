//! What the kubelet tells every Pod of the API server.

use std::{env, net::IpAddr, path::PathBuf};

use http::HeaderMap;

use super::{Access, Login, text_of};
use crate::outbound::{Proxies, Trust};

const ACCOUNT: &str = "/var/run/secrets/kubernetes.io/serviceaccount";

impl Access {
    /// As a Pod with its service account.
    pub(in super::super) fn of_this_pod() -> Result<Self, String> {
        let host = variable("KUBERNETES_SERVICE_HOST")?;
        let port = variable("KUBERNETES_SERVICE_PORT")?;
        let host = if host.parse::<IpAddr>().is_ok_and(|ip| ip.is_ipv6()) { format!("[{host}]") } else { host };
        let address = format!("https://{host}:{port}");
        let in_account = |file: &str| PathBuf::from(ACCOUNT).join(file);
        let login = Login::TokenFile(in_account("token"));
        // What is missing is said now, and not with the first request.
        login.header()?;
        Ok(Self {
            server: address.parse().map_err(|error| format!("`{address}` is no address: {error}"))?,
            namespace: text_of(&in_account("namespace"))?.trim().to_owned(),
            trust: Trust::File(in_account("ca.crt")),
            identity: None,
            server_name: None,
            proxies: Proxies::None,
            login,
            impersonation: HeaderMap::new(),
        })
    }
}

fn variable(name: &str) -> Result<String, String> {
    env::var(name).map_err(|_| format!("{name} is not set"))
}
