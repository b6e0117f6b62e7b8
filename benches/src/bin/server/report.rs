//! Figures as a person reads them.

use std::time::Duration;

use super::{load::Measured, paced::Paced};

/// One line for each server, the first of which is what the others are compared with, each
/// round with its round of the same turn: a machine that others share is faster now than later.
pub(crate) fn table(names: &[&str], measured: &[Vec<Measured>]) {
    println!(
        "{:<20}{:>16}{:>7}{:>10}{:>7}{:>16}{:>17}",
        "", "CPU a request", "times", "a second", "busy", "p50", "p99"
    );
    for (name, rounds) in names.iter().zip(measured) {
        let times = |figure: fn(&Measured) -> Duration| quartiles(ratios(rounds, &measured[0], figure))[1];
        println!(
            "{name:<20}{:>13.1} µs{:>7.2}{:>10.0}{:>5.0} %{:>9.0} µs{:>5.2}{:>9.0} µs{:>5.2}",
            micros(rounds, |one| one.cpu),
            times(|one| one.cpu),
            median(rounds, |one| one.per_second),
            median(rounds, |one| one.per_second * one.cpu.as_secs_f64()) * 100.0,
            micros(rounds, |one| one.p50),
            times(|one| one.p50),
            micros(rounds, |one| one.p99),
            times(|one| one.p99),
        );
    }
}

/// The same for rounds of a given rate. What is between the quartiles of the rounds is half of them.
pub(crate) fn paced(names: &[&str], paced: &[Vec<Paced>]) {
    println!(
        "{:<20}{:>16}{:>7}{:>10}{:>7}{:>10}{:>16}{:>7}{:>16}{:>9}{:>7}",
        "", "CPU a request", "times", "p50", "times", "p99", "quartiles", "times", "quartiles", "waited", "own"
    );
    for (name, rounds) in names.iter().zip(paced) {
        let times = |figure: fn(&Paced) -> Duration| quartiles(ratios(rounds, &paced[0], figure));
        let p99 = quartiles(rounds.iter().map(|one| one.p99.as_secs_f64() * 1e6).collect());
        let p99_times = times(|one| one.p99);
        println!(
            "{name:<20}{:>13.1} µs{:>7.2}{:>7.0} µs{:>7.2}{:>7.0} µs{:>16}{:>7.2}{:>16}{:>7.2} %{:>5.0} %",
            micros(rounds, |one| one.cpu),
            times(|one| one.cpu)[1],
            micros(rounds, |one| one.p50),
            times(|one| one.p50)[1],
            p99[1],
            format!("{:.0} to {:.0}", p99[0], p99[2]),
            p99_times[1],
            format!("{:.2} to {:.2}", p99_times[0], p99_times[2]),
            median(rounds, |one| one.waited) * 100.0,
            median(rounds, |one| one.own) * 100.0,
        );
    }
}

fn micros<T>(rounds: &[T], figure: impl Fn(&T) -> Duration) -> f64 {
    median(rounds, |one| figure(one).as_secs_f64()) * 1e6
}

/// Each round beside the floor's in the same turn.
fn ratios<T>(rounds: &[T], floor: &[T], figure: fn(&T) -> Duration) -> Vec<f64> {
    rounds.iter().zip(floor).map(|(one, floor)| figure(one).as_secs_f64() / figure(floor).as_secs_f64()).collect()
}

/// The figures at a quarter, the half and three quarters of them.
fn quartiles(mut figures: Vec<f64>) -> [f64; 3] {
    figures.sort_by(f64::total_cmp);
    [1, 2, 3].map(|quarter| figures[(figures.len() - 1) * quarter / 4])
}

/// The middle one of an odd number of figures.
pub(crate) fn median<T>(measured: &[T], figure: impl Fn(&T) -> f64) -> f64 {
    quartiles(measured.iter().map(figure).collect())[1]
}

pub(crate) fn megabytes(bytes: u64) -> String {
    let tenths = bytes * 10 / (1 << 20);
    format!("{}.{} MiB", tenths / 10, tenths % 10)
}

pub(crate) fn millis(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1e3)
}
