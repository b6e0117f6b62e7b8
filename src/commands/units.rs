//! Times and sizes as arguments say them.

use std::time::Duration;

/// A time that may be none: `0s`.
pub(super) fn time(text: &str) -> Result<Duration, String> {
    let (number, unit) = number_and_unit(text);
    let milliseconds: u64 = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        _ => return Err("expected a number with a unit, such as `500ms`, `30s` or `5m`".to_owned()),
    };
    let number: u64 = number.parse().map_err(|_| "expected a whole number before the unit".to_owned())?;
    // Beyond a day nothing here makes sense, and clocks could overflow.
    number
        .checked_mul(milliseconds)
        .filter(|total| *total <= 24 * 3_600_000)
        .map(Duration::from_millis)
        .ok_or_else(|| "expected at most a day, `24h`".to_owned())
}

/// A time that must be some.
pub(super) fn interval(text: &str) -> Result<Duration, String> {
    let time = time(text)?;
    if time.is_zero() { Err("expected more than no time".to_owned()) } else { Ok(time) }
}

/// Bytes, at least one.
pub(super) fn size(text: &str) -> Result<usize, String> {
    let (number, unit) = number_and_unit(text);
    let factor = match unit {
        "" | "B" => 1,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        _ => return Err("expected bytes, or a number with `KiB`, `MiB` or `GiB`".to_owned()),
    };
    let number: usize = number.parse().map_err(|_| "expected a whole number".to_owned())?;
    match number.checked_mul(factor) {
        Some(0) => Err("expected more than no bytes".to_owned()),
        Some(bytes) => Ok(bytes),
        None => Err("expected a size that memory can have".to_owned()),
    }
}

fn number_and_unit(text: &str) -> (&str, &str) {
    text.split_at(text.find(|char: char| !char.is_ascii_digit()).unwrap_or(text.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_a_unit() {
        for (text, milliseconds) in [("0s", 0), ("500ms", 500), ("5s", 5_000), ("2m", 120_000), ("24h", 86_400_000)] {
            assert_eq!(time(text), Ok(Duration::from_millis(milliseconds)), "{text}");
        }
        for text in ["", "5", "s", "-1s", "1.5s", "5 s", "25h", "99999999999999999999s", "18446744073709551615h"] {
            time(text).expect_err(text);
        }
        interval("0ms").expect_err("no time");
    }

    #[test]
    fn sizes_are_binary() {
        for (text, bytes) in [("1", 1), ("10B", 10), ("64KiB", 65_536), ("16MiB", 16 << 20), ("1GiB", 1 << 30)] {
            assert_eq!(size(text), Ok(bytes), "{text}");
        }
        for text in ["", "0", "MiB", "16MB", "-1", "1.5MiB", "18446744073709551615GiB"] {
            size(text).expect_err(text);
        }
    }
}
