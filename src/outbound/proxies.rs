//! Which proxy stands before a server. What is named and can't be used is an error: a request that
//! went straight instead would take its login where nobody wanted it.

use std::{env, ffi::OsString, net::IpAddr};

use hyper_util::client::proxy::matcher::{Intercept, Matcher};

use super::{Failure, Place};

/// Which proxies stand before which servers.
pub(crate) enum Proxies {
    /// Every server is asked straight.
    None,
    /// One before every server.
    One(Named),
    /// Those of the environment, as Go's programs find them, and curl's `ALL_PROXY`.
    Environment {
        /// Before what is not encrypted.
        http: Option<Named>,
        /// Before what is.
        https: Option<Named>,
        /// What is asked straight all the same.
        no: String,
    },
}

/// A proxy, and who names it. Its text may hold a password.
pub(crate) struct Named {
    by: &'static str,
    text: String,
}

impl Proxies {
    /// One before every server, which `by` names.
    pub(crate) fn one(by: &'static str, text: &str) -> Self {
        Self::One(Named { by, text: text.to_owned() })
    }

    pub(crate) fn of_environment() -> Self {
        Self::by(|name| env::var_os(name))
    }

    fn by(variable: impl Fn(&str) -> Option<OsString>) -> Self {
        let first = |names: [&'static str; 4]| {
            names.into_iter().find_map(|by| {
                let text = variable(by).filter(|text| !text.is_empty())?;
                Some(Named { by, text: text.to_string_lossy().into_owned() })
            })
        };
        let no = ["NO_PROXY", "no_proxy"].into_iter().filter_map(&variable).find(|no| !no.is_empty());
        Self::Environment {
            http: first(["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"]),
            https: first(["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"]),
            no: no.unwrap_or_default().to_string_lossy().into_owned(),
        }
    }

    /// The one that stands before this server.
    pub(super) fn before(&self, server: &Place) -> Result<Option<Intercept>, Failure> {
        let named = match self {
            Self::None => None,
            Self::One(named) => Some(named),
            Self::Environment { no, .. } if is_local(server) || is_excepted(server, no) => None,
            Self::Environment { http, https, .. } => if server.is_encrypted() { https } else { http }.as_ref(),
        };
        named.map(Named::read).transpose()
    }
}

impl Named {
    fn read(&self) -> Result<Intercept, Failure> {
        let by = self.by;
        let unusable = |why: &str| Failure::Proxy(format!("the proxy that {by} names can't be used: {why}"));
        let found = anywhere(&Matcher::builder().all(self.text.as_str()).build());
        let found = found.ok_or_else(|| unusable("write `http://HOST:PORT`"))?;
        if let Some(scheme) = found.uri().scheme_str().filter(|scheme| scheme.starts_with("socks")) {
            return Err(unusable(&format!("{scheme} proxies are not supported, http and https ones are")));
        }
        // With a second `@`, or one behind the host, part of a password would be taken for a host.
        if self.text.matches('@').count() != usize::from(found.basic_auth().is_some()) {
            return Err(unusable("its name or password holds what must be percent-encoded"));
        }
        Place::of(found.uri()).map_err(|failure| unusable(&failure.innermost()))?;
        Ok(found)
    }
}

/// What a matcher without exceptions has before any server.
fn anywhere(matcher: &Matcher) -> Option<Intercept> {
    matcher.intercept(&http::Uri::from_static("https://anywhere"))
}

/// No proxy reaches what is meant by these.
fn is_local(server: &Place) -> bool {
    let host = server.bare_host();
    host == "localhost" || host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
}

fn is_excepted(server: &Place, no: &str) -> bool {
    let hosts: Vec<&str> = no.split(',').filter_map(|entry| host_of(entry.trim(), server.port())).collect();
    // The matcher knows networks and domains, and neither ports nor, for addresses, the star.
    let matcher = Matcher::builder().all("http://anything").no(hosts.join(",")).build();
    let Ok(address) = server.to_string().parse() else { return false };
    hosts.contains(&"*") || matcher.intercept(&address).is_none()
}

/// The host of an entry of `NO_PROXY`, if the entry is for this port.
fn host_of(entry: &str, port: u16) -> Option<&str> {
    let entry = entry.strip_prefix('*').filter(|domain| domain.starts_with('.')).unwrap_or(entry);
    let host = match entry.rsplit_once(':') {
        // Colons within are those of an IPv6 address.
        Some((host, end)) if !host.contains(':') || host.ends_with(']') => {
            if end.parse() != Ok(port) {
                return None;
            }
            host
        }
        _ => entry,
    };
    Some(host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn before(variables: &[(&str, &str)], server: &str) -> Result<Option<String>, String> {
        let proxies = Proxies::by(|name| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, text)| text.into())
        });
        let found = proxies.before(&Place::of(&server.parse().expect("a URI")).expect("a place"));
        found.map(|found| found.map(|found| found.uri().to_string())).map_err(|failure| failure.to_string())
    }

    #[test]
    fn the_first_variable_that_says_something_counts() {
        let all = [
            ("HTTPS_PROXY", ""),
            ("https_proxy", "one:3128"),
            ("ALL_PROXY", "socks5://two"),
            ("HTTP_PROXY", "http://three"),
        ];
        assert_eq!(before(&all, "https://a.example"), Ok(Some("http://one:3128/".to_owned())));
        assert_eq!(before(&all, "http://a.example"), Ok(Some("http://three/".to_owned())));
        assert_eq!(before(&[], "https://a.example"), Ok(None));
        let login = before(&[("ALL_PROXY", "me:word@one:3128")], "https://a.example");
        assert_eq!(login, Ok(Some("http://one:3128/".to_owned())));
    }

    #[test]
    fn what_is_no_proxy_is_an_error_that_keeps_its_password() {
        for text in [
            "http//proxy:3128",
            "::::",
            "http://user:hunter2@[",
            "ftp://user:hunter2@proxy",
            "socks5://user:hunter2@proxy",
            "http://proxy:99999",
            "http://user:1/hunter2@proxy",
            "http://user:hunt@er2@proxy",
            " http://proxy",
        ] {
            let why = before(&[("HTTPS_PROXY", text)], "https://a.example").expect_err(text);
            assert!(why.starts_with("the proxy that HTTPS_PROXY names can't be used: "), "{why}");
            assert!(!why.contains("hunt") && !why.contains("er2"), "{why}");
            assert_eq!(why.contains("socks5 proxies are not supported"), text.starts_with("socks5"), "{why}");
            assert_eq!(before(&[("HTTPS_PROXY", text)], "http://a.example"), Ok(None), "not asked for");
        }
    }

    #[test]
    fn what_is_near_or_excepted_is_asked_straight() {
        let is_straight = |no: &str, server: &str| {
            let found = before(&[("ALL_PROXY", "http://proxy:3128"), ("no_proxy", no)], server);
            found.expect("a proxy").is_none()
        };
        for (no, server, expected) in [
            ("", "https://127.0.0.1:40681", true),
            ("", "https://127.9.9.9", true),
            ("", "https://[::1]:6443", true),
            ("", "https://LOCALHOST", true),
            ("", "https://localhost.example", false),
            ("", "https://10.0.0.1", false),
            ("*", "https://10.0.0.1", true),
            ("a.example, *", "https://b.example", true),
            ("a.example:6443", "https://a.example:6443", true),
            ("a.example:6443", "https://a.example", false),
            ("a.example:443", "https://a.example", true),
            ("10.0.0.1:6443", "https://10.0.0.1:6443", true),
            ("[2001:db8::1]:6443", "https://[2001:db8::1]:6443", true),
            ("[2001:db8::1]:6443", "https://[2001:db8::1]", false),
            ("2001:db8::1", "https://[2001:db8::1]:6443", true),
            ("2001:db8::/32", "https://[2001:db8::1]", true),
            ("10.0.0.0/8", "https://10.0.0.1:6443", true),
            ("*.example", "https://a.example", true),
            ("a.example", "https://b.a.example", true),
            ("a.example", "https://ba.example", false),
        ] {
            assert_eq!(is_straight(no, server), expected, "{no} {server}");
        }
    }

    #[test]
    fn one_that_is_named_for_a_server_knows_no_exception() {
        let place = Place::of(&http::Uri::from_static("https://127.0.0.1:6443")).expect("a place");
        assert!(Proxies::one("`proxy-url`", "http://proxy").before(&place).is_ok_and(|proxy| proxy.is_some()));
        assert!(Proxies::None.before(&place).is_ok_and(|proxy| proxy.is_none()));
    }
}
