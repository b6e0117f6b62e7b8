//! Whether the Service finds the replicas, on the port that they listen on.

use serde_json::Value;

use super::{
    Doctor,
    network::WEBHOOK,
    snapshot::{Replica, ReplicaState},
};
use crate::{diagnosis::Level, escape::fit};

/// The Service's port, which the registrations name.
const CALLED: u64 = 443;

impl Doctor<'_> {
    pub(super) fn service(&mut self) {
        let (Some(service), Some(replicas)) = (self.snapshot.service.there(), self.snapshot.replicas.there()) else {
            return;
        };
        let (selector, ports) = (&service["spec"]["selector"], &service["spec"]["ports"]);
        let mut wrong = Vec::new();
        if !replicas.is_empty() && !replicas.iter().any(|replica| is_selected(replica, selector)) {
            wrong.push((
                format!("its selector is {}, and no replica has those labels", shown(selector)),
                "calls fail with `no endpoints available`, and no Pod can be created",
            ));
        }
        let port = ports.as_array().into_iter().flatten().find(|port| port["port"] == CALLED);
        match port.map(|port| &port["targetPort"]) {
            None => wrong.push((
                format!("it has no port {CALLED}"),
                "the API server calls that port, and no Pod can be created",
            )),
            Some(target) if replicas.iter().any(|replica| !leads_to_webhook(replica, target)) => wrong.push((
                format!("its port {CALLED} leads to {}, and replicas listen on {}", shown(target), WEBHOOK.number),
                "calls fail with `no endpoints available` or `connection refused`, and no Pod can be created",
            )),
            Some(_) => {}
        }
        for (what, why) in wrong {
            self.find(Level::Error, "the Service", what, why, self.put_back());
        }
    }

    /// Whether somebody could answer, if the Service found them.
    pub(super) fn has_ready_replicas(&self) -> bool {
        let mut replicas = self.snapshot.replicas.there().into_iter().flatten();
        replicas.any(|replica| replica.state == ReplicaState::Ready)
    }
}

/// A Service without a selector finds no Pod.
fn is_selected(replica: &Replica, selector: &Value) -> bool {
    selector.as_object().is_some_and(|labels| !labels.is_empty()) && replica.has(selector)
}

fn leads_to_webhook(replica: &Replica, target: &Value) -> bool {
    let number = match target {
        Value::Null => Some(CALLED),
        Value::String(name) => replica.ports.get(name).copied(),
        number => number.as_u64(),
    };
    number == Some(WEBHOOK.number)
}

fn shown(value: &Value) -> String {
    fit(&value.to_string(), 300)
}
