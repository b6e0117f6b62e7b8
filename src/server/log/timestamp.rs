//! A moment as RFC 3339 writes it, in UTC, to the microsecond.

use std::time::{SystemTime, UNIX_EPOCH};

/// The last second that has four digits of a year.
const LAST: u64 = 253_402_300_799;

/// Appends a moment. One before 1970 or after 9999, which no clock that is set shows, is the first or
/// the last of those years.
pub(super) fn push(text: &mut String, moment: SystemTime) {
    let since = moment.duration_since(UNIX_EPOCH).unwrap_or_default();
    let seconds = since.as_secs().min(LAST);
    let (year, month, day) = date(seconds / 86_400);
    let of_day = seconds % 86_400;
    let micros = u64::from(since.subsec_micros());
    let mut moment = *b"0000-00-00T00:00:00.000000Z";
    for (at, pair) in [
        (0, year / 100),
        (2, year % 100),
        (5, month),
        (8, day),
        (11, of_day / 3_600),
        (14, of_day / 60 % 60),
        (17, of_day % 60),
        (20, micros / 10_000),
        (22, micros / 100 % 100),
        (24, micros % 100),
    ] {
        moment[at] += digit(pair / 10);
        moment[at + 1] += digit(pair % 10);
    }
    // All of it is ASCII.
    text.push_str(str::from_utf8(&moment).unwrap_or_default());
}

fn digit(number: u64) -> u8 {
    u8::try_from(number).unwrap_or_default()
}

/// Year, month and day, so many days after 1 January 1970: <https://howardhinnant.github.io/date_algorithms.html#civil_from_days>.
///
/// Years begin in March here, so that a leap day is the last of its year.
fn date(days: u64) -> (u64, u64, u64) {
    const DAYS_OF_400_YEARS: u64 = 146_097;
    // From 1 March of the year 0.
    let days = days + 719_468;
    let (era, of_era) = (days / DAYS_OF_400_YEARS, days % DAYS_OF_400_YEARS);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let (month, next) = if from_march < 10 { (from_march + 3, 0) } else { (from_march - 9, 1) };
    (400 * era + year_of_era + next, month, day)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;

    fn shown(moment: SystemTime) -> String {
        let mut text = String::new();
        push(&mut text, moment);
        text
    }

    #[test]
    fn moments_are_written_as_rfc_3339_has_them() {
        for (seconds, expected) in [
            (0, "1970-01-01T00:00:00.000001Z"),
            (951_782_399, "2000-02-28T23:59:59.000001Z"),
            (951_782_400, "2000-02-29T00:00:00.000001Z"),
            (4_107_542_400, "2100-03-01T00:00:00.000001Z"),
            (LAST, "9999-12-31T23:59:59.000001Z"),
            (LAST + 1, "9999-12-31T23:59:59.000001Z"),
        ] {
            assert_eq!(shown(UNIX_EPOCH + Duration::new(seconds, 1_999)), expected);
        }
        assert_eq!(shown(UNIX_EPOCH - Duration::from_secs(1)), "1970-01-01T00:00:00.000000Z");
    }

    proptest! {
        #[test]
        fn any_second_is_the_one_that_http_has(seconds in 0..=LAST, micros in 0..1_000_000_u32) {
            let moment = UNIX_EPOCH + Duration::new(seconds, micros * 1_000);
            let http = httpdate::fmt_http_date(moment);
            let [_, day, month, year, time, _] = http.split(' ').collect::<Vec<_>>()[..] else { panic!("{http}") };
            let month = "JanFebMarAprMayJunJulAugSepOctNovDec".find(month).expect("a month") / 3 + 1;
            prop_assert_eq!(shown(moment), format!("{year}-{month:02}-{day}T{time}.{micros:06}Z"));
        }
    }
}
