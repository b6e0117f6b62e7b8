//! What an API server counted of the calls of our webhooks.

use std::collections::BTreeMap;

use super::{Doctor, LOGS};
use crate::{cluster::registration::OURS, diagnosis::Level};

/// What one API server counted since it started, by webhook.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Calls {
    /// When it started: behind one address there may be several API servers.
    server: String,
    /// Calls that failed, by the webhook's name and the kind of failure.
    failed: BTreeMap<(String, String), u64>,
    /// Objects that were admitted unseen, because a call failed.
    unseen: BTreeMap<String, u64>,
}

const STARTED: &str = "process_start_time_seconds ";
const FAILED: &str = "apiserver_admission_webhook_rejection_count";
const UNSEEN: &str = "apiserver_admission_webhook_fail_open_count";

impl Calls {
    /// Reads the page of metrics.
    pub(crate) fn read(page: &str) -> Self {
        let mut calls = Self::default();
        for line in page.lines() {
            if let Some(started) = line.strip_prefix(STARTED) {
                started.trim().clone_into(&mut calls.server);
            }
            let Some((name, rest)) = line.split_once('{') else { continue };
            if name != FAILED && name != UNSEEN {
                continue;
            }
            let Some((labels, value)) = rest.rsplit_once("} ") else { continue };
            let label = |key: &str| {
                let (_, value) = labels.split_once(&format!("{key}=\""))?;
                Some(value.split_once('"')?.0.to_owned())
            };
            let Some(webhook) = label("name").filter(|name| name.ends_with(OURS)) else { continue };
            // Whole numbers, which may be written as 1e+06.
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count")]
            let count = value.trim().parse::<f64>().map_or(0, |count| count as u64);
            if name == UNSEEN {
                *calls.unseen.entry(webhook).or_default() += count;
            } else if let Some(error) = label("error_type").filter(|error| error != "no_error") {
                *calls.failed.entry((webhook, error)).or_default() += count;
            }
        }
        calls
    }

    fn failures(&self) -> u64 {
        self.failed.values().sum()
    }

    fn unseen(&self) -> u64 {
        self.unseen.values().sum()
    }
}

impl Doctor<'_> {
    pub(super) fn calls(&mut self) {
        let Some((before, after)) = self.snapshot.calls.there() else { return };
        let logs = LOGS.replace("NAMESPACE", &self.snapshot.namespace);
        let before = if before.server == after.server { before } else { after };
        let failed = after.failures().saturating_sub(before.failures());
        let unseen = after.unseen().saturating_sub(before.unseen());
        if failed > 0 || unseen > 0 {
            self.find(
                Level::Error,
                "the API server's calls",
                format!("while this was looked at, {failed} requests failed because a webhook of ours did, and {unseen} objects were admitted unseen"),
                "calls fail right now",
                format!("see what the API server says: harbor-pilot doctor --try; and what replicas say: {logs}"),
            );
            return;
        }
        let by: Vec<String> =
            after.failed.iter().map(|((webhook, error), count)| format!("{count} of {webhook} ({error})")).collect();
        if after.failures() > 0 {
            self.find(
                Level::Note,
                "the API server's calls",
                format!("since this API server started, requests failed because calls did: {}", by.join(", ")),
                "whoever sent them saw `failed calling webhook`; their controllers tried again",
                format!("nothing, if it was an outage that is over; else look at {logs}"),
            );
        }
        if after.unseen() > 0 {
            let by: Vec<String> = after.unseen.iter().map(|(webhook, count)| format!("{count} by {webhook}")).collect();
            self.find(
                Level::Note,
                "the API server's calls",
                format!("since this API server started, objects were admitted unseen: {}", by.join(", ")),
                "what those on failurePolicy Ignore let through, the policy may not allow",
                "kubectl get pods -A -o wide, and look for images that are not Harbor's",
            );
        }
    }
}
