//! Images judged, counted by what came of them.

use std::fmt;

use prometheus_client::{
    encoding::{EncodeMetric, MetricEncoder},
    metrics::{MetricType, TypedMetric as _, counter::Counter},
};

use super::{labels::DryRun, series::Series};
use crate::policy::{Enforcement, Outcome};

/// The counters, by a registry of the policy's `proxies` or `other`, and then by the rest.
#[derive(Clone, Debug, Default)]
pub(super) struct Decisions(Series<String, Series<Judged, Counter>>);

/// What came of an image.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Judged {
    pub(super) outcome: Outcome,
    pub(super) enforcement: Enforcement,
    pub(super) dry_run: DryRun,
}

impl Decisions {
    /// So many images were judged alike. `registry` is a proxy's, or none.
    pub(super) fn count(&self, registry: Option<&str>, judged: &Judged, images: usize) {
        let images = images.try_into().unwrap_or(u64::MAX);
        self.0.count(registry.unwrap_or("other"), Series::default, |of_registry| {
            of_registry.count(judged, Counter::default, |counter| {
                counter.inc_by(images);
            });
        });
    }
}

impl EncodeMetric for Decisions {
    fn encode(&self, mut encoder: MetricEncoder<'_>) -> Result<(), fmt::Error> {
        for (registry, of_registry) in &*self.0.read() {
            for (judged, counter) in &*of_registry.read() {
                let labels = [
                    ("outcome", judged.outcome.as_str()),
                    ("enforcement", Outcome::from(judged.enforcement).as_str()),
                    ("registry", registry.as_str()),
                    ("dry_run", judged.dry_run.as_str()),
                ];
                counter.encode(encoder.encode_family(&labels)?)?;
            }
        }
        Ok(())
    }

    fn metric_type(&self) -> MetricType {
        Counter::<u64>::TYPE
    }

    fn is_empty(&self) -> bool {
        self.0.read().is_empty()
    }
}
