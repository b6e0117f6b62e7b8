//! Where a connection leads.

use std::fmt;

use http::{Uri, uri::Scheme};

use super::Failure;

/// A scheme, a host and a port: two addresses of one place differ in their paths alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    scheme: Known,
    /// In lower case; an IPv6 address in brackets.
    host: String,
    port: u16,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Known {
    Http,
    Https,
}

impl Place {
    pub(crate) fn of(uri: &Uri) -> Result<Self, Failure> {
        let scheme = match uri.scheme() {
            Some(scheme) if *scheme == Scheme::HTTPS => Known::Https,
            Some(scheme) if *scheme == Scheme::HTTP => Known::Http,
            _ => return Err(Failure::Address("it begins with neither `https://` nor `http://`".into())),
        };
        let host = uri.host().filter(|host| !host.is_empty()).ok_or(Failure::Address("it names no host".into()))?;
        // What stands behind the host and is no port would go unseen.
        let is_bare = uri.authority().is_some_and(|authority| authority.as_str().ends_with(host));
        let port = match uri.port_u16() {
            Some(port) => port,
            None if is_bare => scheme.port(),
            None => return Err(Failure::Address("its port is no number below 65536".into())),
        };
        Ok(Self { scheme, host: host.to_ascii_lowercase(), port })
    }

    pub(crate) fn is_encrypted(&self) -> bool {
        self.scheme == Known::Https
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// The host without the brackets of an IPv6 address.
    pub(super) fn bare_host(&self) -> &str {
        let inside = self.host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
        inside.unwrap_or(&self.host)
    }

    /// The host, and the port where it is not the scheme's own.
    pub(super) fn authority(&self) -> String {
        if self.port == self.scheme.port() { self.host.clone() } else { format!("{}:{}", self.host, self.port) }
    }
}

impl Known {
    fn port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = match self.scheme {
            Known::Http => "http",
            Known::Https => "https",
        };
        write!(f, "{scheme}://{}", self.authority())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_one_place_are_one() {
        let cases = [
            ("https://h.example", "https://h.example"),
            ("HTTPS://H.Example:443/a?b", "https://h.example"),
            ("https://h.example:80", "https://h.example:80"),
            ("http://h.example:80", "http://h.example"),
            ("http://[2001:DB8::1]:8080/", "http://[2001:db8::1]:8080"),
            ("https://user@h.example", "https://h.example"),
        ];
        for (address, expected) in cases {
            let place = Place::of(&address.parse().expect(address)).expect(address);
            assert_eq!(place.to_string(), expected, "{address}");
        }
        assert_eq!(Place::of(&Uri::from_static("https://[::1]:443")).expect("a place").bare_host(), "::1");
    }

    #[test]
    fn what_is_no_place_is_refused() {
        for address in ["/path", "h.example", "ftp://h.example", "https://h.example:99999", "https://h.example:"] {
            let uri: Uri = address.parse().expect(address);
            assert!(matches!(Place::of(&uri), Err(Failure::Address(_))), "{address}");
        }
    }
}
