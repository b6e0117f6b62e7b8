//! Figures as a person reads them.

use std::time::Duration;

use super::{load::Measured, paced::Paced};

/// One line for each server, the first of which is what the others are compared with.
pub(crate) fn table(names: &[&str], measured: &[Vec<Measured>]) {
    println!("{:<20}{:>16}{:>7}{:>10}{:>16}{:>17}", "", "CPU a request", "times", "a second", "p50", "p99");
    let of =
        |index: usize, figure: fn(&Measured) -> Duration| median(&measured[index], |one| figure(one).as_secs_f64());
    for (index, name) in names.iter().enumerate() {
        let times = |figure: fn(&Measured) -> Duration| of(index, figure) / of(0, figure);
        let micros = |figure: fn(&Measured) -> Duration| of(index, figure) * 1e6;
        println!(
            "{name:<20}{:>13.1} µs{:>7.2}{:>10.0}{:>9.0} µs{:>5.2}{:>9.0} µs{:>5.2}",
            micros(|one| one.cpu),
            times(|one| one.cpu),
            median(&measured[index], |one| one.per_second),
            micros(|one| one.p50),
            times(|one| one.p50),
            micros(|one| one.p99),
            times(|one| one.p99),
        );
    }
}

/// The middle one of an odd number of figures.
pub(crate) fn median<T>(measured: &[T], figure: impl Fn(&T) -> f64) -> f64 {
    let mut figures: Vec<f64> = measured.iter().map(figure).collect();
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

pub(crate) fn megabytes(bytes: u64) -> String {
    let tenths = bytes * 10 / (1 << 20);
    format!("{}.{} MiB", tenths / 10, tenths % 10)
}

pub(crate) fn millis(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1e3)
}

/// What the load itself did, which is in the times of all servers.
pub(crate) fn pacing(names: &[&str], paced: &[Vec<Paced>], per_second: f64) {
    for (name, rounds) in names.iter().zip(paced) {
        let (waited, own) = (median(rounds, |one| one.waited), median(rounds, |one| one.own.as_secs_f64()));
        println!(
            "{name:<20}{:>6.2} % waited for a connection; a request takes the load {:.1} µs, {:.0} % of its time",
            waited * 100.0,
            own * 1e6,
            own * per_second * 100.0
        );
    }
}
