//! Whether `NetworkPolicies` let the API server in, and replicas out to it.

use std::net::IpAddr;

use serde_json::Value;

use super::{
    Doctor,
    snapshot::{CertificatesBy, Endpoint, Replica},
};
use crate::diagnosis::Level;

/// A way through `NetworkPolicies`.
#[derive(Clone, Copy)]
enum Way {
    In,
    Out,
}

/// A port of a Pod.
#[derive(Clone, Copy)]
pub(super) struct Port {
    name: &'static str,
    pub(super) number: u64,
}

/// The port that the API server calls, behind the Service.
pub(super) const WEBHOOK: Port = Port { name: "https", number: 8443 };

impl Way {
    const fn keys(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::In => ("Ingress", "ingress", "from"),
            Self::Out => ("Egress", "egress", "to"),
        }
    }
}

impl Doctor<'_> {
    pub(super) fn network(&mut self) {
        let snapshot = self.snapshot;
        let (Some(policies), Some(replicas), Some(servers)) =
            (snapshot.networks.there(), snapshot.replicas.there(), snapshot.api_servers.there())
        else {
            return;
        };
        let Some(replica) = replicas.first() else { return };
        let about = "network";
        let kept_out = addresses(servers, |server| !lets(policies, replica, Way::In, server.address, WEBHOOK));
        if !kept_out.is_empty() {
            self.find(
                Level::Warning,
                about,
                format!("no NetworkPolicy lets the API servers at {kept_out} in to port 8443"),
                "their calls end in `context deadline exceeded`, unless they come from another address",
                self.set("networkPolicy.controlPlane={NETWORK/BITS}"),
            );
        }
        let by_replicas =
            snapshot.deployment.there().is_some_and(|deployment| deployment.certificates == CertificatesBy::Replicas);
        let unreached = addresses(servers, |server| {
            let port = Port { name: "", number: server.port.into() };
            !lets(policies, replica, Way::Out, server.address, port)
        });
        if by_replicas && !unreached.is_empty() {
            self.find(
                Level::Warning,
                about,
                format!("no NetworkPolicy lets replicas out to the API servers at {unreached}"),
                "they can't look after their certificate: `no answer within 10 s` in the log",
                self.set("networkPolicy.apiServerPorts={PORT}"),
            );
        }
    }
}

fn addresses(servers: &[Endpoint], filter: impl Fn(&Endpoint) -> bool) -> String {
    let some: Vec<String> = servers
        .iter()
        .filter(|server| filter(server))
        .map(|server| format!("{} port {}", server.address, server.port))
        .collect();
    some.join(", ")
}

/// Whether the policies let a replica and an address speak. A policy that selects Pods by more than
/// labels is not asked.
fn lets(policies: &[Value], replica: &Replica, way: Way, address: IpAddr, port: Port) -> bool {
    let (kind, rules, peers) = way.keys();
    let mut holding = policies
        .iter()
        .filter(|policy| selects(&policy["podSelector"], replica))
        .filter(|policy| policy["policyTypes"].as_array().into_iter().flatten().any(|of| of == kind))
        .peekable();
    holding.peek().is_none()
        || holding.any(|policy| {
            let mut rules = policy[rules].as_array().into_iter().flatten();
            rules.any(|rule| has_port(&rule["ports"], port) && has_peer(&rule[peers], address))
        })
}

fn selects(selector: &Value, replica: &Replica) -> bool {
    selector["matchExpressions"].as_array().is_none_or(Vec::is_empty) && replica.has(&selector["matchLabels"])
}

fn has_port(ports: &Value, port: Port) -> bool {
    let Some(ports) = ports.as_array().filter(|ports| !ports.is_empty()) else { return true };
    ports.iter().any(|entry| match &entry["port"] {
        Value::Null => true,
        Value::String(name) => name == port.name,
        number => {
            let first = number.as_u64().unwrap_or(0);
            (first..=entry["endPort"].as_u64().unwrap_or(first)).contains(&port.number)
        }
    })
}

/// A peer that is chosen by labels is a Pod, and an API server that has one is on its node's network.
fn has_peer(peers: &Value, address: IpAddr) -> bool {
    let Some(peers) = peers.as_array().filter(|peers| !peers.is_empty()) else { return true };
    peers.iter().any(|peer| {
        let block = &peer["ipBlock"];
        let mut except = block["except"].as_array().into_iter().flatten();
        is_in(&block["cidr"], address) && !except.any(|network| is_in(network, address))
    })
}

fn is_in(network: &Value, address: IpAddr) -> bool {
    let Some((base, bits)) = network.as_str().and_then(|network| network.split_once('/')) else { return false };
    let (Ok(base), Ok(bits)) = (base.parse::<IpAddr>(), bits.parse::<u32>()) else { return false };
    let (base, address, width): (u128, u128, u32) = match (base, address) {
        (IpAddr::V4(base), IpAddr::V4(address)) => (base.to_bits().into(), address.to_bits().into(), 32),
        (IpAddr::V6(base), IpAddr::V6(address)) => (base.to_bits(), address.to_bits(), 128),
        _ => return false,
    };
    let Some(rest) = width.checked_sub(bits) else { return false };
    base.checked_shr(rest).unwrap_or(0) == address.checked_shr(rest).unwrap_or(0)
}
