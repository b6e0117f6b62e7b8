//! A CA of our own and the serving certificates that it signs: made, read, and held against each
//! other. Where they are kept is the caller's matter, and so is the clock.

mod authority;
mod leaf;
mod moment;
mod served;
#[cfg(test)]
mod tests;

use std::{fmt, time::Duration};

use rcgen::{CertificateParams, DistinguishedName, DnType};
use rustls_pki_types::{CertificateDer, pem::PemObject as _};
use x509_parser::time::ASN1Time;

pub use self::{
    authority::Authority,
    leaf::Leaf,
    moment::Moment,
    served::{Objection, Served},
};

/// How long a CA is valid.
pub const AUTHORITY_VALID_FOR: Duration = Duration::from_hours(10 * 365 * 24);
/// How long a serving certificate is valid.
pub const LEAF_VALID_FOR: Duration = Duration::from_hours(365 * 24);

/// A client whose clock is behind ours must not think that a certificate has not begun.
const BACKDATED: Duration = Duration::from_hours(24);

/// An X.509 certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    pub(crate) der: CertificateDer<'static>,
    pub(crate) begins: Moment,
    pub(crate) ends: Moment,
}

/// A private key, in PEM. It shows itself to nobody by accident.
#[derive(Clone, PartialEq, Eq)]
pub struct Key(String);

/// Why a key or a certificate could not be made.
#[derive(Debug)]
pub struct NotMade(String);

impl Certificate {
    /// The only certificate of a text in PEM.
    pub fn read(pem: &[u8]) -> Option<Self> {
        let (mut all, rest) = Self::read_all(pem);
        if rest == Rest::Nothing && all.len() == 1 { all.pop() } else { None }
    }

    /// The certificates of a text in PEM, and whether there is something in it that is none.
    pub fn read_all(pem: &[u8]) -> (Vec<Self>, Rest) {
        let mut rest = Rest::Nothing;
        let mut all = Vec::new();
        for der in CertificateDer::pem_slice_iter(pem) {
            match der.ok().and_then(Self::parse) {
                Some(certificate) => all.push(certificate),
                None => rest = Rest::Rubbish,
            }
        }
        if all.is_empty() && !pem.trim_ascii().is_empty() {
            rest = Rest::Rubbish;
        }
        (all, rest)
    }

    fn parse(der: CertificateDer<'static>) -> Option<Self> {
        let (_, parsed) = x509_parser::parse_x509_certificate(&der).ok()?;
        let validity = parsed.validity();
        let begins = Moment::since_1970(validity.not_before.timestamp());
        let ends = Moment::since_1970(validity.not_after.timestamp());
        Some(Self { der, begins, ends })
    }

    /// Its bytes.
    pub fn der(&self) -> &CertificateDer<'static> {
        &self.der
    }

    /// Its text in PEM.
    pub fn pem(&self) -> String {
        pem(&self.der)
    }

    /// Whether it is valid then.
    pub fn is_valid_at(&self, moment: Moment) -> bool {
        self.begins <= moment && moment < self.ends
    }

    /// When it ends.
    pub fn ends(&self) -> Moment {
        self.ends
    }
}

/// A certificate's text in PEM.
pub fn pem(der: &[u8]) -> String {
    pem::encode_config(
        &pem::Pem::new("CERTIFICATE", der),
        pem::EncodeConfig::new().set_line_ending(pem::LineEnding::LF),
    )
}

/// What a text in PEM holds beside certificates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rest {
    /// Nothing that counts.
    Nothing,
    /// Something that is no certificate.
    Rubbish,
}

impl Key {
    /// Its text in PEM.
    pub fn pem(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}

impl fmt::Display for NotMade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "could not make a certificate: {}", self.0)
    }
}

impl std::error::Error for NotMade {}

impl From<rcgen::Error> for NotMade {
    fn from(error: rcgen::Error) -> Self {
        Self(error.to_string())
    }
}

/// Names what `params` are for, and makes them valid from `now`.
fn describe(params: &mut CertificateParams, name: &str, now: Moment, duration: Duration) -> Result<(), NotMade> {
    let mut distinguished = DistinguishedName::new();
    distinguished.push(DnType::CommonName, name);
    params.distinguished_name = distinguished;
    let date = |moment: Moment| {
        ASN1Time::from_timestamp(moment.seconds())
            .map(|time| time.to_datetime())
            .map_err(|_| NotMade(format!("no certificate can say {moment}")))
    };
    params.not_before = date(now.minus(BACKDATED))?;
    params.not_after = date(now.plus(duration))?;
    Ok(())
}
