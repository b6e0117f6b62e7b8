//! A serving certificate with its key.

use std::time::Duration;

use rcgen::{KeyPair, PublicKeyData as _};
use rustls_pki_types::{ServerName, UnixTime};
use webpki::{EndEntityCert, KeyUsage, anchor_from_trusted_cert, ring::ECDSA_P256_SHA256};

use super::{Certificate, Key, Moment};

/// A serving certificate with its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaf {
    pub(crate) certificate: Certificate,
    pub(crate) key: Key,
}

impl Leaf {
    /// Reads one. The key must belong to it, `issuer` must have signed it, and it must have all the
    /// names. Whether it is still valid is asked later.
    pub fn read(certificate: &[u8], key: &[u8], issuer: &Certificate, names: &[String]) -> Option<Self> {
        let certificate = Certificate::read(certificate)?;
        let pem = std::str::from_utf8(key).ok()?;
        let pair = KeyPair::from_pem(pem).ok()?;
        let (_, parsed) = x509_parser::parse_x509_certificate(&certificate.der).ok()?;
        if parsed.public_key().raw != pair.subject_public_key_info() {
            return None;
        }
        let leaf = Self { certificate, key: Key(pem.to_owned()) };
        leaf.chains_to(issuer, names).then_some(leaf)
    }

    fn chains_to(&self, issuer: &Certificate, names: &[String]) -> bool {
        let (Ok(leaf), Ok(anchor)) =
            (EndEntityCert::try_from(&self.certificate.der), anchor_from_trusted_cert(&issuer.der))
        else {
            return false;
        };
        // Both are valid from the later of their beginnings.
        let when = self.certificate.begins.max(issuer.begins);
        let when = UnixTime::since_unix_epoch(Duration::from_secs(when.seconds().try_into().unwrap_or(0)));
        let usage = KeyUsage::server_auth();
        let signed = leaf.verify_for_usage(&[ECDSA_P256_SHA256], &[anchor], &[], when, usage, None, None).is_ok();
        signed
            && names.iter().all(|name| {
                ServerName::try_from(name.as_str())
                    .is_ok_and(|name| leaf.verify_is_valid_for_subject_name(&name).is_ok())
            })
    }

    /// The certificate.
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// Its key.
    pub fn key(&self) -> &Key {
        &self.key
    }

    /// Whether it is valid then, with that much of its time left.
    pub fn has_left(&self, now: Moment, duration: Duration) -> bool {
        self.certificate.is_valid_at(now) && self.certificate.ends > now.plus(duration)
    }
}
