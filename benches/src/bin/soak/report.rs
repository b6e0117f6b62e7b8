//! What is printed, and what is too much.

#![expect(clippy::cast_precision_loss, reason = "figures for a person")]

use super::server::Sample;

/// Bytes by which resident memory may be larger after the last part than after the second, by when
/// everything has been done at least once. One byte that each request leaves behind is 800,000.
const GROWTH_MOST: u64 = 2 << 20;

pub(crate) fn head() {
    println!("{:>12}{:>16}{:>8}{:>10}", "requests", "resident", "files", "threads");
}

pub(crate) fn line(requests: usize, sample: &Sample) {
    let Sample { resident, files, threads } = sample;
    println!("{requests:>12}{:>12} KiB{files:>8}{threads:>10}", resident >> 10);
}

/// Fails where the server holds more and more. The first part warms it up.
pub(crate) fn judge(samples: &[Sample], requests: usize) {
    let [_, warm @ ..] = samples else { panic!("expected samples") };
    let (early, late) = warm.split_at(warm.len() / 2);
    let (Some(second), Some(last)) = (warm.first(), late.last()) else { panic!("expected samples") };
    println!("slope: {:+.1} KiB resident in 100,000 requests", slope(warm) / 1024.0 * 100_000.0 / requests as f64);
    let growth = last.resident.saturating_sub(second.resident);
    println!("from the second part to the last: {} KiB (at most {})", growth >> 10, GROWTH_MOST >> 10);
    assert!(growth <= GROWTH_MOST, "resident memory grows");
    let most = |of: fn(&Sample) -> usize| early.iter().map(of).max();
    assert!(Some(last.files) <= most(|sample| sample.files), "more and more open files");
    assert!(Some(last.threads) <= most(|sample| sample.threads), "more and more threads");
}

/// Bytes from one sample to the next, by least squares.
fn slope(samples: &[Sample]) -> f64 {
    let middle = (samples.len() - 1) as f64 / 2.0;
    let (mut above, mut below) = (0.0, 0.0);
    for (index, sample) in samples.iter().enumerate() {
        let from_middle = index as f64 - middle;
        above += from_middle * sample.resident as f64;
        below += from_middle * from_middle;
    }
    above / below
}
