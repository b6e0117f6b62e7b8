//! The listener of those who run the program: is it alive, is it ready, what does it count.

use std::{fmt::Write as _, sync::Arc, time::Instant};

use axum::{
    Router,
    extract::{RawQuery, State},
    http::{StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse as _, Response},
    routing::get,
};

use super::{
    follow,
    metrics::{self, FileNow, Now},
    shutdown::Phase,
    state::Shared,
    status::status,
};
use crate::{
    certificates::Moment,
    cluster::{certificates::Trust, doctor::status::PATH as STATUS},
};

/// `GET /healthz`, `/readyz`, `/metrics` and `/status`.
pub(super) fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(ready))
        .route("/metrics", get(page))
        .route(STATUS, get(status))
        .with_state(shared)
}

/// 200 while the webhook is to be called: it can decide, and the API server trusts its certificate.
/// A policy or certificate that could not be read again changes nothing in that: the last good one
/// is in force.
async fn ready(State(shared): State<Arc<Shared>>, RawQuery(query): RawQuery) -> Response {
    let (status, last) = match (*shared.phase.borrow(), shared.tls.trust()) {
        (Phase::Serving, Trust::Everywhere) => (StatusCode::OK, "ready\n".to_owned()),
        (Phase::Serving, Trust::Awaited(why)) => {
            (StatusCode::SERVICE_UNAVAILABLE, format!("not ready: the certificate: {why}\n"))
        }
        (Phase::Draining | Phase::Stopping, _) => (StatusCode::SERVICE_UNAVAILABLE, "draining\n".to_owned()),
    };
    let verbose =
        query.is_some_and(|query| query.split('&').any(|key| key == "verbose" || key.starts_with("verbose=")));
    let mut text = if verbose { checks(&shared, Instant::now()) } else { String::new() };
    text.push_str(&last);
    (status, [(CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response()
}

async fn page(State(shared): State<Arc<Shared>>) -> Response {
    let now = Instant::now();
    let in_force = shared.policies.load();
    let page = shared.metrics.page(&Now {
        policy_hash: in_force.policy.short_hash(),
        policy: file_now(&shared.policies.standing.state(), now),
        certificate: file_now(&shared.tls.standing.state(), now),
        certificate_not_after: shared.tls.not_after().map_or(0, Moment::seconds),
        log_lines_dropped: shared.dropped_lines.count(),
        body_memory: shared.bodies.held(),
    });
    match page {
        Ok(page) => ([(CONTENT_TYPE, metrics::CONTENT_TYPE)], page).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

fn file_now(state: &follow::State, now: Instant) -> FileNow {
    FileNow { age: state.age(now), good: state.is_good() }
}

fn checks(shared: &Shared, now: Instant) -> String {
    let mut text = String::new();
    let policy = shared.policies.load();
    let hash = policy.policy.short_hash();
    let names =
        policy.names_change_in(now).map(|left| format!("; names are written as before for {} s", left.as_secs()));
    let about = format!("{} (hash {hash}{})", shared.policies.source, names.unwrap_or_default());
    check(&mut text, "policy", &about, &shared.policies.standing.state(), now);
    let about = match shared.tls.not_after() {
        Some(end) => format!("valid until {end}"),
        None => "none yet".to_owned(),
    };
    check(&mut text, "certificate", &about, &shared.tls.standing.state(), now);
    text
}

/// `[+]` where all is well, `[!]` where an older state than the files' is in force.
fn check(text: &mut String, what: &str, about: &str, state: &follow::State, now: Instant) {
    let mark = if state.is_good() { '+' } else { '!' };
    let since = now.saturating_duration_since(state.since).as_secs();
    // Writing to a String can't fail.
    let _ = write!(text, "[{mark}] {what}: {about}, in force for {since} s");
    if state.in_step.is_some() {
        let _ = write!(text, ", last in step with its files {} s ago", state.age(now).as_secs());
    }
    text.push('\n');
    if let Some(failure) = &state.failure {
        for line in failure.lines() {
            let _ = writeln!(text, "    {line}");
        }
    }
}
