//! Harbor's version, and what came with which.

use std::fmt;

/// A release: `v2.14.3-0a1b2c3d` is 2.14.3.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    major: u32,
    minor: u32,
    patch: u32,
}

impl Version {
    /// This release.
    pub const fn new(major: u32, minor: u32, patch: u32) -> Self {
        Self { major, minor, patch }
    }

    /// Reads what `/systeminfo` says. `None` where that is no version.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.strip_prefix('v').unwrap_or(text);
        let numbers = text.split(|c: char| c != '.' && !c.is_ascii_digit()).next()?;
        let mut numbers = numbers.split('.').map(str::parse);
        let mut next = || numbers.next()?.ok();
        Some(Self { major: next()?, minor: next()?, patch: next().unwrap_or_default() })
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)?;
        if self.patch == 0 { Ok(()) } else { write!(f, ".{}", self.patch) }
    }
}

/// What a registry endpoint can hold since this version: the certificate of its CA.
pub const CA_CERTIFICATE: Version = Version::new(2, 15, 0);
/// `quay` is no provider any more since this version.
pub const QUAY_GONE: Version = Version::new(2, 14, 0);
/// The release whose proxy caches of Docker Hub all fail.
pub const DOCKER_HUB_BROKEN: Version = Version::new(2, 15, 0);
/// The release that mends them.
pub const DOCKER_HUB_MENDED: Version = Version::new(2, 15, 1);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_as_harbor_writes_them() {
        let cases = [
            ("v2.14.3-0a1b2c3d", Some(Version::new(2, 14, 3))),
            ("v2.16.0", Some(Version::new(2, 16, 0))),
            ("2.13", Some(Version::new(2, 13, 0))),
            ("v2.15.0-rc1", Some(Version::new(2, 15, 0))),
            ("dev", None),
            ("", None),
            ("v2", None),
            ("v99999999999.1.1", None),
        ];
        for (text, expected) in cases {
            assert_eq!(Version::parse(text), expected, "{text}");
        }
        assert!(Version::new(2, 9, 10) < Version::new(2, 10, 0));
        assert_eq!([Version::new(2, 16, 0), Version::new(2, 15, 1)].map(|v| v.to_string()), ["2.16", "2.15.1"]);
    }
}
