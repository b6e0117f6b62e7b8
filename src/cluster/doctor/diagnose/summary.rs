//! What there is, in a line.

use std::{collections::BTreeSet, fmt};

use serde::Serialize;

use super::{
    snapshot::{ReplicaState, Snapshot},
    trial::Tried,
};
use crate::{certificates::Served, escape::Shown};

/// What there is, whether it is well or not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    namespace: String,
    /// None where it is not known.
    replicas_ready: Option<usize>,
    /// How many there ought to be; none where it is not known.
    replicas_wanted: Option<i64>,
    /// The short hashes of the policies in force.
    policies: BTreeSet<String>,
    /// Since a Pod was last asked about.
    seconds_since_last_call: Option<u64>,
    /// Of the certificate that ends first.
    certificate_days_left: Option<i64>,
    /// A Pod that was tried, and would run as the policy says.
    tried: Option<TriedPod>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct TriedPod {
    namespace: String,
    image: String,
}

impl Summary {
    pub(crate) fn of(snapshot: &Snapshot) -> Self {
        let replicas = snapshot.replicas.there().map_or(&[][..], Vec::as_slice);
        let said: Vec<_> = replicas.iter().filter_map(|replica| replica.said.status()).collect();
        let ends = said.iter().filter_map(|status| Served::read(status.certificate.as_bytes()));
        let days = ends.map(|served| (served.leaf().ends().seconds() - snapshot.now.seconds()).div_euclid(24 * 3_600));
        Self {
            namespace: snapshot.namespace.clone(),
            replicas_ready: snapshot
                .replicas
                .there()
                .map(|replicas| replicas.iter().filter(|replica| replica.state == ReplicaState::Ready).count()),
            replicas_wanted: snapshot.deployment.there().map(|deployment| deployment.wanted),
            policies: said.iter().map(|status| status.policy.clone()).collect(),
            seconds_since_last_call: said.iter().filter_map(|status| status.last_calls.get("mutate")).min().copied(),
            certificate_days_left: days.min(),
            tried: snapshot
                .tried
                .as_ref()
                .and_then(Tried::success)
                .map(|(namespace, image)| TriedPod { namespace: namespace.to_owned(), image: image.to_owned() }),
        }
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "harbor-pilot in {}: ", Shown::new(&self.namespace))?;
        match (self.replicas_ready, self.replicas_wanted) {
            (Some(ready), Some(wanted)) => write!(f, "{ready} of {wanted} replicas ready")?,
            (Some(ready), None) => write!(f, "{ready} replicas ready")?,
            (None, _) => f.write_str("how many replicas are ready is not known")?,
        }
        for policy in &self.policies {
            write!(f, ", policy {}", Shown::cut(policy, 12))?;
        }
        if let Some(seconds) = self.seconds_since_last_call {
            write!(f, ", last asked about a Pod {seconds} s ago")?;
        }
        if let Some(days) = self.certificate_days_left {
            write!(f, ", certificate valid for {days} days")?;
        }
        if let Some(TriedPod { namespace, image }) = &self.tried {
            write!(f, "; a Pod that was tried in {} would run {}", Shown::new(namespace), Shown::new(image))?;
        }
        Ok(())
    }
}
