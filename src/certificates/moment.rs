//! Points in time, as certificates have them.

use std::{fmt, time::Duration};

use x509_parser::{error::X509Error, time::ASN1Time};

/// A second of the calendar. Whose clock says it is the caller's to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(i64);

impl Moment {
    /// Seconds since 1970.
    pub const fn since_1970(seconds: i64) -> Self {
        Self(seconds)
    }

    /// Seconds since 1970.
    pub const fn seconds(self) -> i64 {
        self.0
    }

    /// This much later.
    #[must_use]
    pub fn plus(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(seconds(duration)))
    }

    /// This much earlier.
    #[must_use]
    pub fn minus(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(seconds(duration)))
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let date =
            ASN1Time::from_timestamp(self.0).and_then(|time| time.to_rfc2822().map_err(|_| X509Error::InvalidDate));
        match date {
            Ok(date) => f.write_str(&date),
            Err(_) => write!(f, "{} s after 1970", self.0),
        }
    }
}

fn seconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_secs()).unwrap_or(i64::MAX)
}
