//! TLS: PEM files to what a handshake needs.

use std::{path::PathBuf, sync::Arc};

use arc_swap::ArcSwap;
use rustls::{
    RootCertStore, ServerConfig,
    crypto::{CryptoProvider, ring},
    server::{WebPkiClientVerifier, danger::ClientCertVerifier},
    version::{TLS12, TLS13},
};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _};
use x509_parser::time::ASN1Time;

use super::follow::{Build, Contents, Standing};

/// What the handshakes of a listener go by.
#[derive(Debug)]
pub(super) struct Tls {
    in_force: ArcSwap<Credentials>,
    pub(super) standing: Standing,
}

/// A certificate with its key, and whom it trusts in turn.
#[derive(Debug)]
pub(super) struct Credentials {
    config: Arc<ServerConfig>,
    /// When the serving certificate ends, in seconds since 1970.
    pub(super) not_after: i64,
}

/// The files of [`Credentials`].
#[derive(Clone, Debug)]
pub(super) struct Files {
    pub(super) certificate: PathBuf,
    pub(super) key: PathBuf,
    pub(super) client_ca: Option<PathBuf>,
}

/// HTTP/2 in ALPN.
pub(super) const ALPN_HTTP2: &[u8] = b"h2";
const ALPN_HTTP1: &[u8] = b"http/1.1";

/// Bytes that are read of a PEM file; a chain has some thousand.
pub(super) const MOST_BYTES: u64 = 1 << 20;

/// The provider of TLS 1.3 and 1.2 with AES-GCM and ECDHE on P-256 and P-384, all that an API
/// server in FIPS mode can speak, beside `X25519` and `ChaCha20`.
pub(super) fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

impl Tls {
    pub(super) fn new(credentials: Credentials, standing: Standing) -> Self {
        Self { in_force: ArcSwap::from_pointee(credentials), standing }
    }

    /// What the next handshake goes by.
    pub(super) fn config(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.in_force.load().config)
    }

    /// When the serving certificate ends, in seconds since 1970.
    pub(super) fn not_after(&self) -> i64 {
        self.in_force.load().not_after
    }

    pub(super) fn replace(&self, credentials: Credentials) {
        self.in_force.store(Arc::new(credentials));
    }
}

impl Files {
    /// In the order that [`Files::build`] expects.
    pub(super) fn paths(&self) -> Vec<PathBuf> {
        [&self.certificate, &self.key].into_iter().chain(&self.client_ca).cloned().collect()
    }

    /// Makes credentials of what the files hold.
    pub(super) fn build(&self) -> Build<Credentials> {
        let files = self.clone();
        Box::new(move |contents| files.read(contents))
    }

    fn read(&self, contents: &Contents) -> Result<Credentials, String> {
        let pem = |index: usize| contents.get(index).map_or(&[][..], Vec::as_slice);
        let name = self.certificate.display();
        let chain = certificates(pem(0)).map_err(|why| format!("`{name}`: {why}"))?;
        let leaf = chain.first().ok_or_else(|| format!("`{name}`: expected a PEM certificate, but found none"))?;
        let not_after = not_after(leaf).map_err(|why| format!("`{name}`: {why}"))?;
        if not_after <= ASN1Time::now().timestamp() {
            return Err(format!(
                "`{name}`: expected a certificate that is still valid, but this one ended on {}",
                date(not_after)
            ));
        }
        let key = PrivateKeyDer::from_pem_slice(pem(1)).map_err(|error| {
            format!("`{}`: expected a PEM private key, but found none: {error}", self.key.display())
        })?;
        let client_ca = self
            .client_ca
            .as_ref()
            .map(|path| client_verifier(pem(2)).map_err(|why| format!("`{}`: {why}", path.display())));
        let config = ServerConfig::builder_with_provider(provider())
            .with_protocol_versions(&[&TLS13, &TLS12])
            .map_err(|error| error.to_string())?;
        let config = match client_ca.transpose()? {
            Some(verifier) => config.with_client_cert_verifier(verifier),
            None => config.with_no_client_auth(),
        };
        let mut config = config
            .with_single_cert(chain, key)
            .map_err(|error| format!("`{name}` and `{}` can't serve together: {error}", self.key.display()))?;
        config.alpn_protocols = vec![ALPN_HTTP2.to_vec(), ALPN_HTTP1.to_vec()];
        Ok(Credentials { config: Arc::new(config), not_after })
    }
}

/// A time in seconds since 1970, for people.
pub(super) fn date(seconds: i64) -> String {
    let time = ASN1Time::from_timestamp(seconds)
        .and_then(|time| time.to_rfc2822().map_err(|_| x509_parser::error::X509Error::InvalidDate));
    time.unwrap_or_else(|_| seconds.to_string())
}

fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, String> {
    CertificateDer::pem_slice_iter(pem)
        .collect::<Result<_, _>>()
        .map_err(|error| format!("expected PEM certificates, but found something else: {error}"))
}

fn not_after(certificate: &CertificateDer<'_>) -> Result<i64, String> {
    x509_parser::parse_x509_certificate(certificate)
        .map(|(_, certificate)| certificate.validity().not_after.timestamp())
        .map_err(|error| format!("expected an X.509 certificate, but found something else: {error}"))
}

fn client_verifier(pem: &[u8]) -> Result<Arc<dyn ClientCertVerifier>, String> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(pem)? {
        roots.add(certificate).map_err(|error| error.to_string())?;
    }
    WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider())
        .build()
        .map_err(|error| format!("expected the certificates of a CA: {error}"))
}
