//! The webhook's own routes: read the body, ask the core, write the answer.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::Instant,
};

use axum::{
    Router,
    extract::{Request, State},
    http::{
        HeaderValue, StatusCode,
        header::{CONNECTION, CONTENT_TYPE, RETRY_AFTER},
    },
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use tracing::warn;

use super::{
    body::Refusal,
    labels::{Path, RequestOutcome},
    record,
    state::Shared,
    status::status,
};
use crate::{
    admission::{self, Answer, EditAnswer, Policies, Unreadable, Webhook},
    cluster::doctor::status::PATH as STATUS,
};

/// The core's question, as [`crate::admission::review`] answers it.
pub(super) type Review = for<'b> fn(Webhook, &'b [u8], Policies<'b>) -> Result<Answer<'b>, Unreadable>;

/// `POST /mutate` and `POST /validate`; and `POST /policy`, about the policy itself;
/// and `GET /status`.
pub(super) fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/mutate", post(mutate))
        .route("/validate", post(validate))
        .route("/policy", post(edit))
        .route(STATUS, get(status))
        .fallback(not_found)
        .method_not_allowed_fallback(not_allowed)
        .with_state(shared)
}

async fn mutate(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    review(&shared, Webhook::Mutate, Path::Mutate, request).await
}

async fn validate(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    review(&shared, Webhook::Validate, Path::Validate, request).await
}

async fn edit(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let began = Instant::now();
    let (head, body) = request.into_parts();
    let body = match shared.bodies.read(&head.headers, body, began).await {
        Ok(body) => body,
        Err(refusal) => return refuse(&shared, Path::Policy, refusal, began),
    };
    match catch_unwind(|| admission::review_edit(&body.bytes)) {
        Ok(Ok(EditAnswer { body, refused })) => {
            let outcome = match refused {
                Some(why) => {
                    warn!("an edit of the policy was refused\n{why}");
                    RequestOutcome::Denied
                }
                None => RequestOutcome::Allowed,
            };
            shared.metrics.request(&record::unread(Path::Policy, outcome), began, Instant::now());
            json(body)
        }
        Ok(Err(why)) => {
            record::failed(&shared, Path::Policy, RequestOutcome::BadRequest, &why, began);
            text(StatusCode::BAD_REQUEST, &why)
        }
        Err(_) => panicked(&shared, Path::Policy, began),
    }
}

async fn not_found(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    shared.bodies.discard(request.into_body()).await;
    text(StatusCode::NOT_FOUND, "expected the path `/mutate`, `/validate` or `/policy`, but found another")
}

async fn not_allowed(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    shared.bodies.discard(request.into_body()).await;
    text(StatusCode::METHOD_NOT_ALLOWED, "expected a method of the header `Allow`, but found another")
}

async fn review(shared: &Shared, webhook: Webhook, path: Path, request: Request) -> Response {
    let began = Instant::now();
    let (head, body) = request.into_parts();
    let body = match shared.bodies.read(&head.headers, body, began).await {
        Ok(body) => body,
        Err(refusal) => return refuse(shared, path, refusal, began),
    };
    let in_force = shared.policies.load();
    let policies = in_force.policies(began);
    // What panics holds nothing that outlives this call.
    match catch_unwind(AssertUnwindSafe(|| (shared.review)(webhook, &body.bytes, policies))) {
        Ok(Ok(answer)) => {
            record::answered(shared, path, &answer.record, began);
            json(answer.body)
        }
        Ok(Err(unreadable)) => {
            let why = unreadable.to_string();
            record::failed(shared, path, RequestOutcome::BadRequest, &why, began);
            text(StatusCode::BAD_REQUEST, &why)
        }
        Err(_) => panicked(shared, path, began),
    }
}

fn panicked(shared: &Shared, path: Path, began: Instant) -> Response {
    shared.metrics.panicked();
    let why = "judging the request failed inside: this is a bug of harbor-pilot";
    record::failed(shared, path, RequestOutcome::Panic, why, began);
    text(StatusCode::INTERNAL_SERVER_ERROR, why)
}

fn refuse(shared: &Shared, path: Path, refusal: Refusal, began: Instant) -> Response {
    let (outcome, status, why) = match refusal {
        Refusal::TooLarge => (
            RequestOutcome::TooLarge,
            StatusCode::PAYLOAD_TOO_LARGE,
            "the body is larger than `--max-body-size` allows".to_owned(),
        ),
        Refusal::Overload => (
            RequestOutcome::Overload,
            StatusCode::SERVICE_UNAVAILABLE,
            "all bodies together are larger than `--max-body-memory` allows: try again".to_owned(),
        ),
        Refusal::TooSlow => (
            RequestOutcome::TooSlow,
            StatusCode::REQUEST_TIMEOUT,
            "the body took longer than `--body-timeout` allows".to_owned(),
        ),
        Refusal::Broken(why) => {
            (RequestOutcome::BadRequest, StatusCode::BAD_REQUEST, format!("the body could not be read: {why}"))
        }
    };
    record::failed(shared, path, outcome, &why, began);
    let mut response = text(status, &why);
    let headers = response.headers_mut();
    if status == StatusCode::SERVICE_UNAVAILABLE {
        headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
    }
    headers.insert(CONNECTION, HeaderValue::from_static("close"));
    response
}

pub(super) fn json(body: Vec<u8>) -> Response {
    let mut response = Response::new(body.into());
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

fn text(status: StatusCode, text: &str) -> Response {
    (status, [(CONTENT_TYPE, "text/plain; charset=utf-8")], format!("{text}\n")).into_response()
}
