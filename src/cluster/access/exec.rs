//! Credential plugins: programs that say who asks, by `client.authentication.k8s.io`.

use std::{
    io::{self, IsTerminal as _},
    process::{Command, Stdio},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::Deserialize;
use serde_json::json;

use super::{
    Login,
    file::{Cluster, Exec, Interactive},
};
use crate::{
    escape::{fit, quoted},
    outbound::Identity,
};

/// Who asks.
pub(super) struct Credential {
    pub(super) login: Login,
    pub(super) identity: Option<Identity>,
}

#[derive(Deserialize)]
struct Answer {
    status: Status,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Status {
    token: Option<String>,
    client_certificate_data: Option<String>,
    client_key_data: Option<String>,
}

/// Asks the plugin, once: no command runs for as long as what it says holds.
pub(super) fn credential(plugin: &Exec, cluster: &Cluster, ca: Option<&[u8]>) -> Result<Credential, String> {
    let shown = quoted(&plugin.command);
    let interactive = match plugin.interactive_mode {
        Interactive::Never => false,
        Interactive::IfAvailable => io::stdin().is_terminal(),
        Interactive::Always if io::stdin().is_terminal() => true,
        Interactive::Always => {
            return Err(format!("the credential plugin {shown} asks for a terminal, and there is none"));
        }
    };
    let mut spec = json!({ "interactive": interactive });
    if plugin.provide_cluster_info {
        spec["cluster"] = json!({
            "server": cluster.server,
            "insecure-skip-tls-verify": cluster.insecure_skip_tls_verify,
            "certificate-authority-data": ca.map(|ca| STANDARD.encode(ca)),
            "tls-server-name": cluster.tls_server_name,
            "proxy-url": cluster.proxy_url,
        });
    }
    let asked = json!({ "apiVersion": plugin.api_version, "kind": "ExecCredential", "spec": spec });
    let output = Command::new(&plugin.command)
        .args(&plugin.args)
        .envs(plugin.env.iter().map(|variable| (&variable.name, &variable.value)))
        .env("KUBERNETES_EXEC_INFO", asked.to_string())
        .stdin(if interactive { Stdio::inherit() } else { Stdio::null() })
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| {
            let hint = fit(plugin.install_hint.trim(), 300);
            format!(
                "the credential plugin {shown} could not be started: {error}{}{hint}",
                if hint.is_empty() { "" } else { "; " }
            )
        })?;
    if !output.status.success() {
        return Err(format!("the credential plugin {shown} failed: {}", output.status));
    }
    // What it says is a secret, and an error would quote it.
    let answer: Answer = serde_json::from_slice(&output.stdout)
        .map_err(|_| format!("the credential plugin {shown} did not answer with an ExecCredential"))?;
    let login = match given(answer.status.token).as_deref() {
        Some(token) => Login::bearer(token)?,
        None => Login::None,
    };
    let identity = match (given(answer.status.client_certificate_data), given(answer.status.client_key_data)) {
        (Some(certificate), Some(key)) => Some(Identity { certificate: certificate.into(), key: key.into() }),
        _ => None,
    };
    if identity.is_none() && matches!(login, Login::None) {
        return Err(format!("the credential plugin {shown} gave neither a token nor a certificate with its key"));
    }
    Ok(Credential { login, identity })
}

/// What is empty is not given.
fn given(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}
