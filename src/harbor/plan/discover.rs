//! From what Harbor holds to a policy: the way back.

use std::{collections::BTreeSet, fmt::Write as _};

use super::{
    Name,
    settings::Setting,
    state::{CertificateCheck, Endpoint, Project, State},
    url::EndpointUrl,
};
use crate::{policy::DOCKER_HUB_ENDPOINT, reference::Domain};

/// Harbor's proxy-cache projects as the `proxies:` of a policy.
pub fn proxies(state: &State, harbor: &str) -> String {
    let mut text = String::from("proxies:\n");
    let mut registries = BTreeSet::new();
    let mut left_out = String::new();
    let harbor = Domain::parse(harbor).ok();
    for project in &state.projects {
        if project.endpoint.is_none() {
            continue;
        }
        let Some(endpoint) = state.endpoint_of(project) else {
            leave_out(&mut left_out, project, "this account does not see its endpoint");
            continue;
        };
        match registry(endpoint) {
            None => {
                let why = format!("`{}` of its endpoint names no registry", Name(&endpoint.url));
                leave_out(&mut left_out, project, &why);
            }
            Some(registry) if Some(&registry) == harbor.as_ref() => {
                leave_out(&mut left_out, project, "it is a proxy of this Harbor itself");
            }
            Some(registry) if !registries.insert(registry.as_str().to_owned()) => {
                let why = format!("{registry} has a proxy already; give one of them a path prefix");
                leave_out(&mut left_out, project, &why);
            }
            Some(registry) => proxy(&mut text, state, project, endpoint, &registry),
        }
    }
    if registries.is_empty() { format!("proxies: []\n{left_out}") } else { text + &left_out }
}

/// A whole policy to start with.
pub fn policy(state: &State, harbor: &str, address: &str) -> String {
    format!(
        "# Made from the proxy-cache projects of the Harbor at {address}.\n\
         apiVersion: harbor-pilot.io/v1\n\
         kind: Policy\n\
         harbor: {}\n\
         \n\
         {}\n\
         # Without `allow`, every registry above may be used, and nothing else.\n\
         # allow: []\n\
         \n\
         # Begin with audit, which only logs; then warn, which kubectl shows; then deny.\n\
         enforcement: audit\n\
         workloadEnforcement: warn\n\
         \n\
         namespaces:\n\
         \x20 - match: [kube-system]   # the control plane must start while Harbor is down\n\
         \x20   enforcement: audit\n\
         \x20   rewrite: false\n",
        scalar(harbor),
        proxies(state, harbor)
    )
}

/// The registry that an endpoint is of, as image names have it.
fn registry(endpoint: &Endpoint) -> Option<Domain> {
    let url = EndpointUrl::parse(&endpoint.url).ok()?;
    let host = if url.host() == DOCKER_HUB_ENDPOINT { "docker.io" } else { url.host() };
    Domain::parse(host).ok()
}

fn leave_out(text: &mut String, project: &Project, why: &str) {
    // Writing to a String can't fail.
    let _ = writeln!(text, "  # project {} is left out: {why}", Name(&project.name));
}

fn proxy(text: &mut String, state: &State, project: &Project, endpoint: &Endpoint, registry: &Domain) {
    let mut line = |indent: usize, key: &str, value: &str| {
        let _ = writeln!(text, "{:indent$}{key}: {value}", "");
    };
    line(2, "- registry", &scalar(registry.as_str()));
    line(4, "project", &scalar(&project.name));
    if !project.is_public() {
        line(4, "# pullSecret", &format!("{}   # private: nodes need it", scalar(&format!("harbor-{}", project.name))));
    }
    let _ = writeln!(text, "    setup:\n      endpoint:");
    let mut line = |indent: usize, key: &str, value: &str| {
        let _ = writeln!(text, "{:indent$}{key}: {value}", "");
    };
    line(8, "name", &scalar(&endpoint.name));
    line(8, "url", &scalar(&endpoint.url));
    line(8, "provider", &scalar(&endpoint.provider));
    if !endpoint.access_id.is_empty() {
        line(8, "accessId", &scalar(&endpoint.access_id));
        line(8, "accessSecret", &format!("{{env: {}}}   # Harbor does not show it", variable(&project.name)));
    }
    line(8, "verifyCertificate", if endpoint.check == CertificateCheck::On { "true" } else { "false" });
    line(6, "public", if project.is_public() { "true" } else { "false" });
    let quota = state.quotas.iter().flatten().find(|quota| quota.project == project.id);
    if let Some(quota) = quota {
        line(6, "quota", &quota.storage.to_string());
    }
    for setting in [Setting::ProxySpeed, Setting::UpstreamConnections, Setting::ServeWhenGone] {
        let value = project.setting(setting);
        if value != setting.default() {
            line(6, setting.policy_name(), &scalar_of_setting(value));
        }
    }
}

/// Numbers and booleans stand without quotes.
fn scalar_of_setting(value: &str) -> String {
    if value.parse::<i64>().is_ok() || matches!(value, "true" | "false") { value.to_owned() } else { scalar(value) }
}

/// The name of an environment variable for a project's secret.
fn variable(project: &str) -> String {
    let name: String =
        project.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' }).collect();
    let digit = name.starts_with(|first: char| first.is_ascii_digit());
    format!("{}{name}_SECRET", if digit { "P" } else { "" })
}

/// A text as YAML: plain where nobody could take it for something else.
fn scalar(text: &str) -> String {
    let word = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"]
        .iter()
        .any(|word| text.eq_ignore_ascii_case(word));
    let plain = text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '$')
        && !text.ends_with(':')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "._-/:$@+".contains(c));
    if plain && !word { text.to_owned() } else { serde_json::Value::from(text).to_string() }
}
