//! Where an endpoint's registry answers, in the form that Harbor keeps it in.

use std::fmt;

use serde::{Serialize, Serializer};

/// `scheme://host[:port][/path]`: scheme and host in lower case, the scheme's own port and the
/// slash at the end left out, no query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndpointUrl {
    scheme: Scheme,
    host: String,
    path: String,
}

/// How Harbor speaks to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// With encryption.
    Https,
    /// Without.
    Http,
}

impl Scheme {
    fn port(self) -> &'static str {
        match self {
            Self::Https => ":443",
            Self::Http => ":80",
        }
    }
}

/// Why a text is no URL of an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UrlError {
    /// Harbor would take it for `http://`.
    NoScheme,
    /// Neither `https` nor `http`.
    OtherScheme,
    /// Nothing between `//` and `/`, or what is no host.
    NoHost,
}

impl fmt::Display for UrlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoScheme => "it has no scheme, and Harbor would speak to it without encryption",
            Self::OtherScheme => "it is neither https nor http",
            Self::NoHost => "it names no host",
        })
    }
}

impl EndpointUrl {
    /// Reads a URL as an admin or Harbor writes it.
    pub fn parse(text: &str) -> Result<Self, UrlError> {
        let (scheme, rest) = text.trim().split_once("://").ok_or(UrlError::NoScheme)?;
        let scheme = match scheme.to_ascii_lowercase().as_str() {
            "https" => Scheme::Https,
            "http" => Scheme::Http,
            _ => return Err(UrlError::OtherScheme),
        };
        let rest = rest.split(['?', '#']).next().unwrap_or(rest);
        let (host, path) = rest.find('/').map_or((rest, ""), |slash| rest.split_at(slash));
        let host = host.to_ascii_lowercase();
        let host = host.strip_suffix(scheme.port()).unwrap_or(&host);
        if host.is_empty() || host.starts_with(':') || host.contains(|c: char| c.is_whitespace() || "@\\".contains(c)) {
            return Err(UrlError::NoHost);
        }
        Ok(Self { scheme, host: host.to_owned(), path: path.trim_end_matches('/').to_owned() })
    }

    /// The root of a host, with encryption.
    pub fn https(host: &str) -> Self {
        Self { scheme: Scheme::Https, host: host.to_ascii_lowercase(), path: String::new() }
    }

    /// How Harbor speaks to it.
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// The same with encryption.
    #[must_use]
    pub fn encrypted(&self) -> Self {
        Self { scheme: Scheme::Https, ..self.clone() }
    }

    /// The host, with its port where that is not the scheme's own.
    pub fn host(&self) -> &str {
        &self.host
    }
}

impl fmt::Display for EndpointUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = match self.scheme {
            Scheme::Https => "https",
            Scheme::Http => "http",
        };
        write!(f, "{scheme}://{}{}", self.host, self.path)
    }
}

impl Serialize for EndpointUrl {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_that_mean_one_endpoint_are_one() {
        let cases = [
            ("https://nvcr.io", "https://nvcr.io"),
            ("HTTPS://NVCR.io:443/", "https://nvcr.io"),
            (" https://nvcr.io// ", "https://nvcr.io"),
            ("https://nvcr.io?x=1#y", "https://nvcr.io"),
            ("http://r.example:80", "http://r.example"),
            ("http://r.example:443", "http://r.example:443"),
            ("https://r.example:5000/Path/", "https://r.example:5000/Path"),
            ("https://[2001:db8::1]:443", "https://[2001:db8::1]"),
        ];
        for (text, expected) in cases {
            assert_eq!(EndpointUrl::parse(text).expect(text).to_string(), expected);
        }
    }

    #[test]
    fn what_is_no_url_is_refused() {
        let cases = [
            ("nvcr.io", UrlError::NoScheme),
            ("", UrlError::NoScheme),
            ("ftp://nvcr.io", UrlError::OtherScheme),
            ("https://", UrlError::NoHost),
            ("https:///x", UrlError::NoHost),
            ("https://:443", UrlError::NoHost),
            ("https://user:word@nvcr.io", UrlError::NoHost),
            ("https://nv cr.io", UrlError::NoHost),
        ];
        for (text, expected) in cases {
            assert_eq!(EndpointUrl::parse(text), Err(expected), "{text}");
        }
    }
}
