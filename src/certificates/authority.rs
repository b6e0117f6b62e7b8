//! A CA: its certificate, and the key by which it signs.

use rcgen::{
    BasicConstraints, CertificateParams, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    PKCS_ECDSA_P256_SHA256, PublicKeyData as _,
};

use super::{AUTHORITY_VALID_FOR, Certificate, Key, LEAF_VALID_FOR, Leaf, Moment, NotMade, describe};

/// A CA of our own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authority {
    pub(crate) certificate: Certificate,
    pub(crate) key: Key,
}

impl Authority {
    /// A new one.
    pub fn make(now: Moment) -> Result<Self, NotMade> {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let mut params = CertificateParams::default();
        // Two CAs of one name in a bundle, with keys of their own, would be hard to tell apart.
        let name = format!("harbor-pilot CA {}", now.seconds());
        describe(&mut params, &name, now, AUTHORITY_VALID_FOR)?;
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let certificate = params.self_signed(&key)?.der().clone();
        let certificate = Certificate::parse(certificate).ok_or_else(|| NotMade("it can't be read".to_owned()))?;
        Ok(Self { certificate, key: Key(key.serialize_pem()) })
    }

    /// Reads one; the key must belong to the certificate, and that to a CA.
    pub fn read(certificate: &[u8], key: &[u8]) -> Option<Self> {
        let certificate = Certificate::read(certificate)?;
        let pem = std::str::from_utf8(key).ok()?;
        let key = KeyPair::from_pem(pem).ok()?;
        let (_, parsed) = x509_parser::parse_x509_certificate(&certificate.der).ok()?;
        let same_key = parsed.public_key().raw == key.subject_public_key_info();
        let is_ours = same_key && parsed.is_ca();
        is_ours.then(|| Self { certificate: certificate.clone(), key: Key(pem.to_owned()) })
    }

    /// Its certificate.
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// Its key.
    pub fn key(&self) -> &Key {
        &self.key
    }

    /// Whether a serving certificate that it signs then is valid to its own end.
    pub fn can_sign_at(&self, now: Moment) -> bool {
        self.certificate.is_valid_at(now) && self.certificate.ends > now.plus(LEAF_VALID_FOR)
    }

    /// A new serving certificate with a new key.
    pub fn sign(&self, names: &[String], now: Moment) -> Result<Leaf, NotMade> {
        let issuer = Issuer::from_ca_cert_der(&self.certificate.der, KeyPair::from_pem(self.key.pem())?)?;
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let mut params = CertificateParams::new(names.to_vec())?;
        describe(&mut params, "harbor-pilot", now, LEAF_VALID_FOR)?;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        let certificate = params.signed_by(&key, &issuer)?.der().clone();
        let certificate = Certificate::parse(certificate).ok_or_else(|| NotMade("it can't be read".to_owned()))?;
        Ok(Leaf { certificate, key: Key(key.serialize_pem()) })
    }
}
