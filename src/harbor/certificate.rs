//! What a certificate says of itself.

use std::net::IpAddr;

use x509_parser::{
    extensions::GeneralName,
    prelude::{FromDer as _, X509Certificate},
};

/// What nodes look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// Who signed it.
    pub issuer: String,
    /// Seconds since 1970.
    pub not_after: i64,
    /// The names and addresses that it is for.
    pub names: Vec<String>,
}

impl Certificate {
    /// Reads one. `None` where it is none.
    pub fn read(der: &[u8]) -> Option<Self> {
        let (_, certificate) = X509Certificate::from_der(der).ok()?;
        let names = certificate.subject_alternative_name().ok().flatten();
        let names = names.map_or(&[][..], |names| &names.value.general_names);
        Some(Self {
            issuer: certificate.issuer().to_string(),
            not_after: certificate.validity().not_after.timestamp(),
            names: names.iter().filter_map(name).collect(),
        })
    }

    /// Whether it is for a host; `*.` in front stands for one label.
    pub fn is_for(&self, host: &str) -> bool {
        let host = host.trim_start_matches('[').trim_end_matches(']');
        self.names.iter().any(|name| {
            name.eq_ignore_ascii_case(host)
                || name.strip_prefix("*.").is_some_and(|parent| {
                    host.split_once('.').is_some_and(|(_, rest)| rest.eq_ignore_ascii_case(parent))
                })
        })
    }
}

fn name(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(name) => Some((*name).to_owned()),
        GeneralName::IPAddress(bytes) => {
            let four = <[u8; 4]>::try_from(*bytes).map(IpAddr::from);
            let sixteen = <[u8; 16]>::try_from(*bytes).map(IpAddr::from);
            four.or(sixteen).ok().map(|address| address.to_string())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn certificates_are_read() {
        let key = rcgen::KeyPair::generate().expect("a key");
        let names = ["harbor.test".to_owned(), "*.apps.test".to_owned(), "127.0.0.1".to_owned()];
        let made = rcgen::CertificateParams::new(names).expect("names").self_signed(&key).expect("a certificate");
        let certificate = Certificate::read(made.der()).expect("one");
        for host in ["harbor.test", "HARBOR.test", "x.apps.test", "127.0.0.1"] {
            assert!(certificate.is_for(host), "{host}");
        }
        for host in ["apps.test", "a.b.apps.test", "other.test", "harbor.test.evil", "127.0.0.2", ""] {
            assert!(!certificate.is_for(host), "{host}");
        }
        assert_eq!(Certificate::read(b"nothing"), None);
    }
}
