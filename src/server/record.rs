//! The line of the log that a request leaves, and what is counted of it.

use std::{fmt, time::Instant};

use tracing::{
    debug, error,
    field::{DisplayValue, display},
    info, warn,
};

use super::{
    decisions::Judged,
    labels::{self, DryRun, Path, RequestOutcome},
    log::Outside,
    metrics::RequestLabels,
    state::Shared,
};
use crate::{
    admission::{ImageRecord, Operation, Outcome, Record},
    policy::{self, Enforcement},
};

/// Images of one request that the log names; the rest is a number.
const IMAGES: usize = 20;

/// Counts and logs a request that was answered.
pub(super) fn answered(shared: &Shared, path: Path, record: &Record<'_>, began: Instant) {
    let now = Instant::now();
    let took = now.saturating_duration_since(began);
    let metrics = &shared.metrics;
    let dry_run = if record.dry_run { DryRun::Yes } else { DryRun::No };
    let outcome = outcome(record.outcome);
    let labels = RequestLabels { webhook: path, operation: operation(record.operation), outcome, dry_run };
    metrics.request(&labels, began, now);
    // The images of a Pod mostly come to the same, and to find a counter costs more than to count.
    for alike in record.images.chunk_by(|one, next| labels_of(one) == labels_of(next)) {
        let (outcome, enforcement, registry) = labels_of(&alike[0]);
        metrics.decisions.count(registry, &Judged { outcome, enforcement, dry_run }, alike.len());
    }
    surprised(shared, path, record, now);
    // `event!` takes only a constant level.
    macro_rules! line {
        ($line:ident) => {
            $line!(
                webhook = path.as_str(),
                uid = %Outside(&record.uid),
                operation = record.operation.as_str(),
                kind = %Outside(&record.kind),
                namespace = some(&record.namespace),
                name = some(&record.name),
                subresource = some(&record.subresource),
                dryRun = record.dry_run,
                user = %Outside(&record.user),
                decision = outcome.as_str(),
                images = %Images(&record.images),
                duration_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
                "request"
            )
        };
    }
    match outcome {
        // Nearly all of them, on a busy cluster.
        RequestOutcome::Allowed | RequestOutcome::Ignored => line!(debug),
        _ => line!(info),
    }
}

fn labels_of<'a>(image: &ImageRecord<'a>) -> (policy::Outcome, Enforcement, Option<&'a str>) {
    (image.outcome, image.enforcement, image.registry)
}

/// Says what should not be: a registration that names too much, and what may be an image that
/// nobody looks at.
fn surprised(shared: &Shared, path: Path, record: &Record<'_>, now: Instant) {
    if let Outcome::Ignored(why) = record.outcome
        && why.is_wrong_registration()
    {
        shared.metrics.wrong_registration();
        if let Some(unsaid) = shared.wrong_registration.say(now) {
            error!(
                webhook = path.as_str(),
                uid = %Outside(&record.uid),
                kind = %Outside(&record.kind),
                operation = record.operation.as_str(),
                subresource = some(&record.subresource),
                unsaid,
                "the webhook configuration sends what holds no images: name only Pods and what has a Pod template"
            );
        }
    }
    if record.unknown_image_count > 0 {
        shared.metrics.unknown_image_fields(record.unknown_image_count);
        let first: Vec<String> = record.unknown_images.iter().map(|at| Outside(at).to_string()).collect();
        warn!(
            webhook = path.as_str(),
            uid = %Outside(&record.uid),
            namespace = some(&record.namespace),
            name = some(&record.name),
            count = record.unknown_image_count,
            fields = first.join(", "),
            "what may be an image stands where none is known to be, and was not judged"
        );
    }
}

/// A field, where there is something to say.
fn some(text: &str) -> Option<DisplayValue<Outside<'_>>> {
    (!text.is_empty()).then(|| display(Outside(text)))
}

/// Counts and logs a request that could not be judged.
pub(super) fn failed(shared: &Shared, path: Path, outcome: RequestOutcome, why: &str, began: Instant) {
    let now = Instant::now();
    shared.metrics.request(&unread(path, outcome), began, now);
    let duration_us = u64::try_from(now.saturating_duration_since(began).as_micros()).unwrap_or(u64::MAX);
    let (webhook, decision, why) = (path.as_str(), outcome.as_str(), Outside(why));
    if outcome == RequestOutcome::Panic {
        error!(webhook, decision, %why, duration_us, "request");
    } else {
        warn!(webhook, decision, %why, duration_us, "request");
    }
}

/// The labels of what is no review, or could not be read as one.
pub(super) fn unread(path: Path, outcome: RequestOutcome) -> RequestLabels {
    RequestLabels { webhook: path, operation: labels::Operation::Other, outcome, dry_run: DryRun::No }
}

/// Images before and after, `place: before -> after (outcome)`: piece by piece, for `write!` costs
/// as much as the pieces.
struct Images<'r, 'p>(&'r [ImageRecord<'p>]);

impl fmt::Display for Images<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, image) in self.0.iter().take(IMAGES).enumerate() {
            if index > 0 {
                f.write_str(", ")?;
            }
            f.write_str(image.list.key())?;
            f.write_str("/")?;
            Outside(&image.name).fmt(f)?;
            f.write_str(": ")?;
            Outside(&image.written).fmt(f)?;
            if let Some(rewritten) = &image.rewritten {
                f.write_str(" -> ")?;
                Outside(rewritten).fmt(f)?;
            }
            f.write_str(" (")?;
            f.write_str(image.outcome.as_str())?;
            f.write_str(")")?;
        }
        match self.0.len().checked_sub(IMAGES) {
            None | Some(0) => Ok(()),
            Some(more) => write!(f, " and {more} more"),
        }
    }
}

fn operation(operation: Operation) -> labels::Operation {
    match operation {
        Operation::Create => labels::Operation::Create,
        Operation::Update => labels::Operation::Update,
        Operation::Delete | Operation::Connect => labels::Operation::Other,
    }
}

fn outcome(outcome: Outcome) -> RequestOutcome {
    match outcome {
        Outcome::Allowed => RequestOutcome::Allowed,
        Outcome::Mutated => RequestOutcome::Mutated,
        Outcome::Warned => RequestOutcome::Warned,
        Outcome::Audited => RequestOutcome::Audited,
        Outcome::Denied => RequestOutcome::Denied,
        Outcome::Ignored(_) => RequestOutcome::Ignored,
    }
}
