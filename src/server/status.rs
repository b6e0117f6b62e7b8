//! What a replica says of itself to `harbor-pilot doctor`, which reaches it by way of the API server.

use std::{sync::Arc, time::Instant};

use axum::{extract::State, response::Response};

use super::{labels::Path, routes::json, state::Shared};
use crate::cluster::{
    certificates::Trust,
    doctor::status::{PolicyFile, Status},
};

/// `GET /status`, on both listeners: on the webhook's it shows as well that the API server gets there.
pub(super) async fn status(State(shared): State<Arc<Shared>>) -> Response {
    let now = Instant::now();
    let paths = [Path::Mutate, Path::Validate, Path::Policy];
    let last_calls = paths.into_iter().filter_map(|path| {
        let ago = shared.metrics.since_last_request(path, now)?;
        Some((path.as_str().to_owned(), ago.as_secs()))
    });
    let in_force = shared.policies.load();
    let status = Status {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        policy: in_force.policy.short_hash().to_owned(),
        policy_file: if shared.policies.standing.state().is_good() { PolicyFile::Good } else { PolicyFile::Broken },
        names_as_before_for: in_force.names_change_in(now).map(|left| left.as_secs()),
        certificate: shared.tls.served(),
        awaited: match shared.tls.trust() {
            Trust::Everywhere => None,
            Trust::Awaited(why) => Some(why),
        },
        last_calls: last_calls.collect(),
        running_for: shared.metrics.running_for(now).as_secs(),
    };
    // Text and numbers: they always become JSON.
    let body = serde_json::to_vec(&status).unwrap_or_default();
    json(body)
}
