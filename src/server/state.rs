//! What all requests share.

use std::sync::Arc;

use tokio::sync::watch;

use super::{
    body::Reader, log::DroppedLines, metrics::Metrics, policies::PolicyStore, routes::Review, seldom::Seldom,
    shutdown::Phase, tls::Tls,
};

/// What all requests share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) policies: PolicyStore,
    pub(super) tls: Arc<Tls>,
    pub(super) bodies: Reader,
    pub(super) metrics: Arc<Metrics>,
    pub(super) phase: watch::Receiver<Phase>,
    pub(super) dropped_lines: DroppedLines,
    /// The complaint about a registration that names too much.
    pub(super) wrong_registration: Seldom,
    pub(super) review: Review,
}
