//! What is counted. No label holds text that came with a request.

use std::{
    fmt,
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode},
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram, info::Info},
    registry::{Registry, Unit},
};

use super::{
    decisions::Decisions,
    labels::{ClosedBecause, DryRun, Followed, Listener, Operation, Path, RequestOutcome},
    series::Series,
};

/// All metrics of a server.
#[derive(Debug)]
pub(super) struct Metrics {
    registry: Registry,
    requests: Series<RequestLabels, Counter>,
    pub(super) decisions: Decisions,
    durations: Series<DurationLabels, Histogram>,
    unknown_image_fields: Counter,
    wrong_registrations: Counter,
    panics: Counter,
    connections: Family<ListenerLabels, Gauge>,
    connections_closed: Family<ClosedLabels, Counter>,
    accept_errors: Counter,
    log_lines_dropped: Counter,
    body_memory: Gauge,
    policy: Family<PolicyLabels, Gauge>,
    reload_age: Family<FileLabels, Gauge<f64, std::sync::atomic::AtomicU64>>,
    reload_successful: Family<FileLabels, Gauge>,
    certificate_not_after: Gauge,
    began: Instant,
    /// When each path was last asked, in milliseconds since it began and one more; 0 is never.
    last_requests: [AtomicU64; 3],
}

/// What is only known at the time of asking.
#[derive(Debug)]
pub(super) struct Now<'s> {
    pub(super) policy_hash: &'s str,
    pub(super) policy: FileNow,
    pub(super) certificate: FileNow,
    /// In seconds since 1970.
    pub(super) certificate_not_after: i64,
    pub(super) log_lines_dropped: u64,
    pub(super) body_memory: usize,
}

/// How something in force stands to its files.
#[derive(Debug)]
pub(super) struct FileNow {
    pub(super) age: Duration,
    pub(super) good: bool,
}

/// How the page is to be read.
pub(super) const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// What a request was and what came of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, EncodeLabelSet)]
pub(super) struct RequestLabels {
    pub(super) webhook: Path,
    pub(super) operation: Operation,
    pub(super) outcome: RequestOutcome,
    pub(super) dry_run: DryRun,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, EncodeLabelSet)]
struct DurationLabels {
    webhook: Path,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ListenerLabels {
    listener: Listener,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ClosedLabels {
    listener: Listener,
    reason: ClosedBecause,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct PolicyLabels {
    hash: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct FileLabels {
    file: Followed,
}

/// Upper bounds in seconds. A decision takes some 10 µs; what is above a millisecond is waiting.
const DURATIONS: [f64; 14] =
    [50e-6, 100e-6, 250e-6, 500e-6, 1e-3, 2.5e-3, 5e-3, 10e-3, 25e-3, 50e-3, 100e-3, 250e-3, 1.0, 5.0];

impl Metrics {
    pub(super) fn new() -> Self {
        let mut metrics = Self {
            registry: Registry::with_prefix("harbor_pilot"),
            requests: Series::default(),
            decisions: Decisions::default(),
            durations: Series::default(),
            unknown_image_fields: Counter::default(),
            wrong_registrations: Counter::default(),
            panics: Counter::default(),
            connections: Family::default(),
            connections_closed: Family::default(),
            accept_errors: Counter::default(),
            log_lines_dropped: Counter::default(),
            body_memory: Gauge::default(),
            policy: Family::default(),
            reload_age: Family::default(),
            reload_successful: Family::default(),
            certificate_not_after: Gauge::default(),
            began: Instant::now(),
            last_requests: Default::default(),
        };
        metrics.register();
        metrics
    }

    fn register(&mut self) {
        let registry = &mut self.registry;
        registry.register("build", "The program that runs", Info::new([("version", env!("CARGO_PKG_VERSION"))]));
        registry.register(
            "requests",
            "Requests by what came of them; `warned` and `audited` are admitted though the policy objects",
            self.requests.clone(),
        );
        registry.register(
            "decisions",
            "Images judged, by what came of them, the enforcement of their namespace, and the registry of \
             the policy's `proxies` that they come from",
            self.decisions.clone(),
        );
        registry.register_with_unit(
            "request_duration",
            "Time from a request's head to its answer",
            Unit::Seconds,
            self.durations.clone(),
        );
        registry.register(
            "unknown_image_fields",
            "Strings under a key named like an image's outside the known places of a Pod",
            self.unknown_image_fields.clone(),
        );
        registry.register(
            "wrong_registrations",
            "Requests for kinds that have no images: the webhook configuration names too much",
            self.wrong_registrations.clone(),
        );
        registry.register("panics", "Requests whose judging failed inside: a bug", self.panics.clone());
        registry.register("connections", "Open connections", self.connections.clone());
        registry.register("connections_closed", "Closed connections, by why", self.connections_closed.clone());
        registry.register(
            "accept_errors",
            "Connections that could not be accepted, such as for want of file descriptors",
            self.accept_errors.clone(),
        );
        registry.register(
            "log_lines_dropped",
            "Lines that were lost because the log's reader was too slow",
            self.log_lines_dropped.clone(),
        );
        registry.register_with_unit("body_memory", "Request bodies held now", Unit::Bytes, self.body_memory.clone());
        registry.register("policy_info", "The policy in force, by the short hash of its text", self.policy.clone());
        registry.register_with_unit(
            "reload_age",
            "Time since what is in force was last what its files say; it grows while they are broken",
            Unit::Seconds,
            self.reload_age.clone(),
        );
        registry.register(
            "reload_successful",
            "1 where the last look at the files found nothing wrong, else 0",
            self.reload_successful.clone(),
        );
        registry.register_with_unit(
            "certificate_not_after_timestamp",
            "End of the serving certificate, since 1970",
            Unit::Seconds,
            self.certificate_not_after.clone(),
        );
    }

    /// A request on a path of a webhook was answered now.
    pub(super) fn request(&self, labels: &RequestLabels, began: Instant, now: Instant) {
        self.requests.count(labels, Counter::default, |requests| {
            requests.inc();
        });
        let webhook = labels.webhook;
        let running_for = u64::try_from(self.running_for(now).as_millis()).unwrap_or(u64::MAX);
        self.last_request(webhook).store(running_for.saturating_add(1), Ordering::Relaxed);
        let took = now.saturating_duration_since(began).as_secs_f64();
        self.durations.count(
            &DurationLabels { webhook },
            || Histogram::new(DURATIONS),
            |durations| durations.observe(took),
        );
    }

    fn last_request(&self, webhook: Path) -> &AtomicU64 {
        let [mutate, validate, policy] = &self.last_requests;
        match webhook {
            Path::Mutate => mutate,
            Path::Validate => validate,
            Path::Policy => policy,
        }
    }

    /// How long ago a path was last asked, where it was.
    pub(super) fn since_last_request(&self, webhook: Path, now: Instant) -> Option<Duration> {
        let last = self.last_request(webhook).load(Ordering::Relaxed).checked_sub(1)?;
        Some(self.running_for(now).saturating_sub(Duration::from_millis(last)))
    }

    /// For how long there is something to count.
    pub(super) fn running_for(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.began)
    }

    pub(super) fn unknown_image_fields(&self, count: usize) {
        self.unknown_image_fields.inc_by(count.try_into().unwrap_or(u64::MAX));
    }

    pub(super) fn wrong_registration(&self) {
        self.wrong_registrations.inc();
    }

    pub(super) fn panicked(&self) {
        self.panics.inc();
    }

    pub(super) fn connection_opened(&self, listener: Listener) {
        self.connections.get_or_create(&ListenerLabels { listener }).inc();
    }

    pub(super) fn connection_gone(&self, listener: Listener) {
        self.connections.get_or_create(&ListenerLabels { listener }).dec();
    }

    pub(super) fn connection_closed(&self, listener: Listener, reason: ClosedBecause) {
        self.connections_closed.get_or_create(&ClosedLabels { listener, reason }).inc();
    }

    pub(super) fn accept_failed(&self) {
        self.accept_errors.inc();
    }

    /// The page, in the `OpenMetrics` text format.
    pub(super) fn page(&self, now: &Now<'_>) -> Result<String, fmt::Error> {
        let policy = PolicyLabels { hash: now.policy_hash.to_owned() };
        self.policy.clear();
        self.policy.get_or_create(&policy).set(1);
        for (file, state) in [(Followed::Policy, &now.policy), (Followed::Certificate, &now.certificate)] {
            self.reload_age.get_or_create(&FileLabels { file }).set(state.age.as_secs_f64());
            self.reload_successful.get_or_create(&FileLabels { file }).set(state.good.into());
        }
        self.certificate_not_after.set(now.certificate_not_after);
        self.log_lines_dropped.inner().store(now.log_lines_dropped, Ordering::Relaxed);
        self.body_memory.set(now.body_memory.try_into().unwrap_or(i64::MAX));
        let mut page = String::with_capacity(8 << 10);
        encode(&mut page, &self.registry)?;
        Ok(page)
    }
}
