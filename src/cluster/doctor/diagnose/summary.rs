//! What there is, in a line.

use std::{collections::BTreeSet, fmt};

use serde::Serialize;

use super::snapshot::{ReplicaState, Snapshot};
use crate::{certificates::Served, escape::Shown};

/// What there is, whether it is well or not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    namespace: String,
    replicas_ready: usize,
    /// How many there ought to be; none where it is not known.
    replicas_wanted: Option<i64>,
    /// The short hashes of the policies in force.
    policies: BTreeSet<String>,
    /// Since a Pod was last asked about.
    seconds_since_last_call: Option<u64>,
    /// Of the certificate that ends first.
    certificate_days_left: Option<i64>,
}

impl Summary {
    pub(crate) fn of(snapshot: &Snapshot) -> Self {
        let replicas = snapshot.replicas.there().map_or(&[][..], Vec::as_slice);
        let said: Vec<_> = replicas.iter().filter_map(|replica| replica.said.status()).collect();
        let ends = said.iter().filter_map(|status| Served::read(status.certificate.as_bytes()));
        let days = ends.map(|served| (served.leaf().ends().seconds() - snapshot.now.seconds()).div_euclid(24 * 3_600));
        Self {
            namespace: snapshot.namespace.clone(),
            replicas_ready: replicas.iter().filter(|replica| replica.state == ReplicaState::Ready).count(),
            replicas_wanted: snapshot.deployment.there().map(|deployment| deployment.wanted),
            policies: said.iter().map(|status| status.policy.clone()).collect(),
            seconds_since_last_call: said.iter().filter_map(|status| status.last_calls.get("mutate")).min().copied(),
            certificate_days_left: days.min(),
        }
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "harbor-pilot in {}: {}", Shown::new(&self.namespace), self.replicas_ready)?;
        if let Some(wanted) = self.replicas_wanted {
            write!(f, " of {wanted}")?;
        }
        f.write_str(" replicas ready")?;
        for policy in &self.policies {
            write!(f, ", policy {}", Shown::cut(policy, 12))?;
        }
        if let Some(seconds) = self.seconds_since_last_call {
            write!(f, ", last asked about a Pod {seconds} s ago")?;
        }
        if let Some(days) = self.certificate_days_left {
            write!(f, ", certificate valid for {days} days")?;
        }
        Ok(())
    }
}
