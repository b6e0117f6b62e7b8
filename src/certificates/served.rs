//! Whether a client that trusts a bundle takes what is served.

use std::time::Duration;

use rustls_pki_types::{ServerName, UnixTime};
use webpki::{ALL_VERIFICATION_ALGS, EndEntityCert, Error, KeyUsage, anchor_from_trusted_cert};

use super::{Certificate, Moment};

/// What is served: the leaf, and what else is sent with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Served {
    leaf: Certificate,
    more: Vec<Certificate>,
}

/// Why a client does not take it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Objection {
    /// Nothing that it trusts signed it.
    Untrusted,
    /// What signed it has ended.
    AuthorityEnded,
    /// It is not for that name.
    OtherName,
    /// It has ended.
    Ended,
    /// It has not begun.
    NotBegun,
    /// Something else.
    Other(String),
}

impl Served {
    /// Reads a chain in PEM, the leaf first.
    pub fn read(pem: &[u8]) -> Option<Self> {
        let (mut all, _) = Certificate::read_all(pem);
        (!all.is_empty()).then(|| Self { leaf: all.remove(0), more: all })
    }

    /// The serving certificate.
    pub fn leaf(&self) -> &Certificate {
        &self.leaf
    }

    /// What a client objects to that trusts `bundle` and calls `name`.
    pub fn objection(&self, bundle: &[Certificate], name: &str, now: Moment) -> Option<Objection> {
        if now < self.leaf.begins {
            return Some(Objection::NotBegun);
        }
        if self.leaf.ends <= now {
            return Some(Objection::Ended);
        }
        // webpki asks no CA how long it is valid, and Go does.
        let valid: Vec<Certificate> =
            bundle.iter().filter(|certificate| certificate.is_valid_at(now)).cloned().collect();
        match self.verified(&valid, name, now) {
            Err(Objection::Untrusted) if self.verified(bundle, name, now).is_ok() => Some(Objection::AuthorityEnded),
            verified => verified.err(),
        }
    }

    fn verified(&self, bundle: &[Certificate], name: &str, now: Moment) -> Result<(), Objection> {
        let leaf = EndEntityCert::try_from(&self.leaf.der).map_err(|error| other(&error))?;
        // Go takes a certificate that is trusted itself, too.
        if !bundle.contains(&self.leaf) {
            let anchors: Vec<_> =
                bundle.iter().filter_map(|certificate| anchor_from_trusted_cert(&certificate.der).ok()).collect();
            let more: Vec<_> = self.more.iter().map(|certificate| certificate.der.clone()).collect();
            let when = UnixTime::since_unix_epoch(Duration::from_secs(now.seconds().try_into().unwrap_or(0)));
            leaf.verify_for_usage(ALL_VERIFICATION_ALGS, &anchors, &more, when, KeyUsage::server_auth(), None, None)
                .map_err(|error| match error {
                    // Another CA of the same name is as good as none.
                    Error::UnknownIssuer | Error::InvalidSignatureForPublicKey => Objection::Untrusted,
                    error => other(&error),
                })?;
        }
        let server = ServerName::try_from(name).map_err(|error| Objection::Other(error.to_string()))?;
        leaf.verify_is_valid_for_subject_name(&server).map_err(|_| Objection::OtherName)
    }
}

fn other(error: &Error) -> Objection {
    Objection::Other(error.to_string())
}
