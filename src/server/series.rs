//! The series of a metric that every request adds to.
//!
//! prometheus-client's `Family` hashes the labels, and of labels with text it wants a text of its own. There
//! are few, so to compare them is less work.

use std::{
    borrow::Borrow,
    collections::BTreeMap,
    fmt,
    sync::{Arc, PoisonError, RwLock, RwLockReadGuard},
};

use prometheus_client::{
    encoding::{EncodeLabelSet, EncodeMetric, MetricEncoder},
    metrics::{MetricType, TypedMetric},
};

/// Metrics by their labels. There is none before it is counted. Clones are the same series.
#[derive(Clone, Debug)]
pub(super) struct Series<L, M>(Arc<RwLock<BTreeMap<L, M>>>);

impl<L, M> Default for Series<L, M> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<L: Ord, M> Series<L, M> {
    /// Counts with the metric of these labels.
    pub(super) fn count<Q>(&self, labels: &Q, new: impl FnOnce() -> M, count: impl FnOnce(&M))
    where
        L: Borrow<Q>,
        Q: Ord + ToOwned<Owned = L> + ?Sized,
    {
        if let Some(metric) = self.read().get(labels) {
            return count(metric);
        }
        let mut series = self.0.write().unwrap_or_else(PoisonError::into_inner);
        count(series.entry(labels.to_owned()).or_insert_with(new));
    }

    /// All of them, in the order of their labels.
    pub(super) fn read(&self) -> RwLockReadGuard<'_, BTreeMap<L, M>> {
        // What is guarded is whole after each call, so a panic elsewhere spoils nothing.
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<L: EncodeLabelSet + Ord, M: EncodeMetric + TypedMetric> EncodeMetric for Series<L, M> {
    fn encode(&self, mut encoder: MetricEncoder<'_>) -> Result<(), fmt::Error> {
        for (labels, metric) in &*self.read() {
            metric.encode(encoder.encode_family(labels)?)?;
        }
        Ok(())
    }

    fn metric_type(&self) -> MetricType {
        M::TYPE
    }

    fn is_empty(&self) -> bool {
        self.read().is_empty()
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::Barrier, thread};

    use prometheus_client::metrics::counter::Counter;

    use super::Series;

    /// Labels that nobody counted before, from all sides at a time.
    #[test]
    fn nothing_is_lost_where_many_begin_at_once() {
        const THREADS: u64 = 4;
        for _ in 0..500 {
            let series = Series::<u8, Counter>::default();
            let together = Barrier::new(usize::try_from(THREADS).expect("a few"));
            thread::scope(|scope| {
                for _ in 0..THREADS {
                    scope.spawn(|| {
                        together.wait();
                        series.count(&7, Counter::default, |counter| {
                            counter.inc();
                        });
                    });
                }
            });
            assert_eq!(series.read()[&7].get(), THREADS);
        }
    }
}
