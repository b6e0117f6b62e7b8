//! A CA and a serving certificate of our own making, for who tries the program or has no other.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, PublicKeyData as _,
};
use rustls::{
    RootCertStore,
    client::{WebPkiServerVerifier, danger::ServerCertVerifier as _},
};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime, pem::PemObject as _};
use x509_parser::time::ASN1Time;

use super::{options::HostName, tls::provider};

/// Where the files of a self-made certificate are.
#[derive(Clone, Debug)]
pub(super) struct SelfMade {
    directory: PathBuf,
    /// All the names that the certificate must have.
    names: Vec<String>,
}

/// Names that every self-made certificate has.
const LOCAL_NAMES: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

const DAY: Duration = Duration::from_hours(24);
const CA_VALID_FOR: Duration = Duration::from_hours(10 * 365 * 24);
const CERTIFICATE_VALID_FOR: Duration = Duration::from_hours(365 * 24);
/// A certificate that ends sooner is made again.
const RENEW_BEFORE_END: Duration = Duration::from_hours(30 * 24);

impl SelfMade {
    pub(super) fn new(directory: &Path, names: &[HostName]) -> Self {
        let names = LOCAL_NAMES.into_iter().chain(names.iter().map(HostName::as_str)).map(str::to_owned).collect();
        Self { directory: directory.to_owned(), names }
    }

    pub(super) fn ca(&self) -> PathBuf {
        self.directory.join("ca.crt")
    }

    pub(super) fn certificate(&self) -> PathBuf {
        self.directory.join("tls.crt")
    }

    pub(super) fn key(&self) -> PathBuf {
        self.directory.join("tls.key")
    }

    fn ca_key(&self) -> PathBuf {
        self.directory.join("ca.key")
    }

    /// Makes what is not there, does not fit or ends soon. What fits is left alone.
    pub(super) fn ensure(&self) -> Result<(), String> {
        let failed = |what: &str, error: &dyn std::fmt::Display| {
            format!("could not {what} `{}`: {error}; name another with `--cert-dir`", self.directory.display())
        };
        fs::create_dir_all(&self.directory).map_err(|error| failed("make the directory", &error))?;
        // Two servers that start at a time must not mix their files.
        let lock = File::open(&self.directory).and_then(|directory| directory.lock().map(|()| directory));
        let _lock = lock.map_err(|error| failed("lock the directory", &error))?;
        if self.fits() {
            return Ok(());
        }
        self.make().map_err(|error| failed("make certificates in", &error))
    }

    /// Whether the certificate has all the names, chains to the CA, belongs to its key, and does
    /// not end soon.
    fn fits(&self) -> bool {
        let read = |path: PathBuf| fs::read(path).ok();
        let (Some(ca), Some(certificate), Some(key)) = (read(self.ca()), read(self.certificate()), read(self.key()))
        else {
            return false;
        };
        fits(&ca, &certificate, &key, &self.names).is_some()
    }

    fn make(&self) -> Result<(), Box<dyn std::error::Error>> {
        let issuer = match self.issuer_on_disk() {
            Some(issuer) => issuer,
            None => self.make_issuer()?,
        };
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let mut params = CertificateParams::new(self.names.clone())?;
        params.distinguished_name = name("harbor-pilot");
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        valid_for(&mut params, CERTIFICATE_VALID_FOR)?;
        let certificate = params.signed_by(&key, &issuer)?;
        write(&self.key(), key.serialize_pem().as_bytes(), Secrecy::Secret)?;
        write(&self.certificate(), certificate.pem().as_bytes(), Secrecy::Public)?;
        Ok(())
    }

    /// The CA of an earlier start, if it can still sign.
    fn issuer_on_disk(&self) -> Option<Issuer<'static, KeyPair>> {
        let ca = fs::read_to_string(self.ca()).ok()?;
        let key = KeyPair::from_pem(&fs::read_to_string(self.ca_key()).ok()?).ok()?;
        let der = CertificateDer::from_pem_slice(ca.as_bytes()).ok()?;
        let (_, certificate) = x509_parser::parse_x509_certificate(&der).ok()?;
        let lasts = certificate.validity().not_after.timestamp() - ASN1Time::now().timestamp();
        let long_enough = u64::try_from(lasts).is_ok_and(|lasts| lasts > CERTIFICATE_VALID_FOR.as_secs());
        let same_key = certificate.public_key().raw == key.subject_public_key_info();
        if !(long_enough && same_key && certificate.is_ca()) {
            return None;
        }
        Issuer::from_ca_cert_pem(&ca, key).ok()
    }

    fn make_issuer(&self) -> Result<Issuer<'static, KeyPair>, Box<dyn std::error::Error>> {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let mut params = CertificateParams::default();
        params.distinguished_name = name("harbor-pilot CA");
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        valid_for(&mut params, CA_VALID_FOR)?;
        let certificate = params.self_signed(&key)?;
        write(&self.ca_key(), key.serialize_pem().as_bytes(), Secrecy::Secret)?;
        write(&self.ca(), certificate.pem().as_bytes(), Secrecy::Public)?;
        Ok(Issuer::new(params, key))
    }
}

/// Whether a file is for its owner alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Secrecy {
    Public,
    Secret,
}

fn name(common_name: &str) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, common_name);
    name
}

fn valid_for(params: &mut CertificateParams, duration: Duration) -> Result<(), Box<dyn std::error::Error>> {
    let now = ASN1Time::now().timestamp();
    // A client whose clock is behind ours must not think that it has not begun.
    params.not_before = ASN1Time::from_timestamp(now - i64::try_from(DAY.as_secs())?)?.to_datetime();
    params.not_after = ASN1Time::from_timestamp(now + i64::try_from(duration.as_secs())?)?.to_datetime();
    Ok(())
}

fn fits(ca: &[u8], certificate: &[u8], key: &[u8], names: &[String]) -> Option<()> {
    let ca = CertificateDer::from_pem_slice(ca).ok()?;
    let certificate = CertificateDer::from_pem_slice(certificate).ok()?;
    let key = PrivateKeyDer::from_pem_slice(key).ok()?;
    let provider = provider();
    rustls::sign::CertifiedKey::from_der(vec![certificate.clone()], key, &provider).ok()?;
    let mut roots = RootCertStore::empty();
    roots.add(ca).ok()?;
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider).build().ok()?;
    let then = UnixTime::since_unix_epoch(Duration::from_secs(UnixTime::now().as_secs()) + RENEW_BEFORE_END);
    for name in names {
        let name = ServerName::try_from(name.as_str()).ok()?;
        verifier.verify_server_cert(&certificate, &[], &name, &[], then).ok()?;
    }
    Some(())
}

/// Writes a file so that a reader sees all of it or what was there before.
fn write(path: &Path, bytes: &[u8], secrecy: Secrecy) -> io::Result<()> {
    let mode = match secrecy {
        Secrecy::Public => 0o644,
        Secrecy::Secret => 0o600,
    };
    let new = path.with_added_extension("new");
    // What a start that was cut short has left.
    match fs::remove_file(&new) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(&new)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&new, path)
}
