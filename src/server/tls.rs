//! TLS: PEM files to what a handshake needs.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

use arc_swap::ArcSwapOption;
use rustls::{
    RootCertStore, ServerConfig,
    crypto::{CryptoProvider, ring},
    server::{WebPkiClientVerifier, danger::ClientCertVerifier},
    version::{TLS12, TLS13},
};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _};
use x509_parser::time::ASN1Time;

use super::follow::{Build, Contents, Standing};
use crate::{
    certificates::{self, Leaf, Moment},
    cluster::certificates::Trust,
};

/// What the handshakes of a listener go by.
#[derive(Debug)]
pub(super) struct Tls {
    in_force: ArcSwapOption<Credentials>,
    pub(super) standing: Standing,
    trust: Mutex<Trust>,
}

/// A certificate with its key, and whom it trusts in turn.
#[derive(Debug)]
pub(super) struct Credentials {
    config: Arc<ServerConfig>,
    /// In PEM: the leaf, then what is sent with it.
    chain: String,
    /// When the serving certificate ends.
    pub(super) not_after: Moment,
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
    /// With a certificate; that it is trusted is the matter of whoever brought it.
    pub(super) fn of(credentials: Credentials) -> Self {
        Self {
            in_force: ArcSwapOption::from_pointee(credentials),
            standing: Standing::following(Instant::now()),
            trust: Mutex::new(Trust::Everywhere),
        }
    }

    /// With a certificate to come. Until then no handshake succeeds.
    pub(super) fn to_come() -> Self {
        Self {
            in_force: ArcSwapOption::empty(),
            standing: Standing::following(Instant::now()),
            trust: Mutex::new(Trust::Awaited("there is no certificate yet".to_owned())),
        }
    }

    /// What the next handshake goes by.
    pub(super) fn config(&self) -> Option<Arc<ServerConfig>> {
        self.in_force.load().as_ref().map(|credentials| Arc::clone(&credentials.config))
    }

    /// When the serving certificate ends.
    pub(super) fn not_after(&self) -> Option<Moment> {
        self.in_force.load().as_ref().map(|credentials| credentials.not_after)
    }

    /// What is served, in PEM; nothing where there is none yet.
    pub(super) fn served(&self) -> String {
        self.in_force.load().as_ref().map(|credentials| credentials.chain.clone()).unwrap_or_default()
    }

    pub(super) fn replace(&self, credentials: Credentials) {
        self.in_force.store(Some(Arc::new(credentials)));
    }

    /// Whether the API server trusts what is served.
    pub(super) fn trust(&self) -> Trust {
        self.trust.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn note_trust(&self, trust: Trust) {
        *self.trust.lock().unwrap_or_else(PoisonError::into_inner) = trust;
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
        let chain = chain_of(pem(0)).map_err(|why| format!("`{name}`: {why}"))?;
        let leaf = chain.first().ok_or_else(|| format!("`{name}`: expected a PEM certificate, but found none"))?;
        let not_after = not_after(leaf).map_err(|why| format!("`{name}`: {why}"))?;
        if not_after.seconds() <= ASN1Time::now().timestamp() {
            return Err(format!(
                "`{name}`: expected a certificate that is still valid, but this one ended on {not_after}"
            ));
        }
        let key = PrivateKeyDer::from_pem_slice(pem(1)).map_err(|error| {
            format!("`{}`: expected a PEM private key, but found none: {error}", self.key.display())
        })?;
        let client_ca = self
            .client_ca
            .as_ref()
            .map(|path| client_verifier(pem(2)).map_err(|why| format!("`{}`: {why}", path.display())));
        let text = chain.iter().map(|certificate| certificates::pem(certificate)).collect();
        let config = server_config(chain, key, client_ca.transpose()?)
            .map_err(|error| format!("`{name}` and `{}` can't serve together: {error}", self.key.display()))?;
        Ok(Credentials { config, chain: text, not_after })
    }
}

impl Credentials {
    /// Of a certificate that was read and checked already.
    pub(super) fn of(leaf: &Leaf) -> Result<Self, String> {
        let key = PrivateKeyDer::from_pem_slice(leaf.key().pem().as_bytes()).map_err(|error| error.to_string())?;
        let config =
            server_config(vec![leaf.certificate().der().clone()], key, None).map_err(|error| error.to_string())?;
        Ok(Self { config, chain: leaf.certificate().pem(), not_after: leaf.certificate().ends() })
    }
}

fn server_config(
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
    clients: Option<Arc<dyn ClientCertVerifier>>,
) -> Result<Arc<ServerConfig>, rustls::Error> {
    let config = ServerConfig::builder_with_provider(provider()).with_protocol_versions(&[&TLS13, &TLS12])?;
    let config = match clients {
        Some(verifier) => config.with_client_cert_verifier(verifier),
        None => config.with_no_client_auth(),
    };
    let mut config = config.with_single_cert(chain, key)?;
    config.alpn_protocols = vec![ALPN_HTTP2.to_vec(), ALPN_HTTP1.to_vec()];
    Ok(Arc::new(config))
}

fn chain_of(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, String> {
    CertificateDer::pem_slice_iter(pem)
        .collect::<Result<_, _>>()
        .map_err(|error| format!("expected PEM certificates, but found something else: {error}"))
}

fn not_after(certificate: &CertificateDer<'_>) -> Result<Moment, String> {
    x509_parser::parse_x509_certificate(certificate)
        .map(|(_, certificate)| Moment::since_1970(certificate.validity().not_after.timestamp()))
        .map_err(|error| format!("expected an X.509 certificate, but found something else: {error}"))
}

fn client_verifier(pem: &[u8]) -> Result<Arc<dyn ClientCertVerifier>, String> {
    let mut roots = RootCertStore::empty();
    for certificate in chain_of(pem)? {
        roots.add(certificate).map_err(|error| error.to_string())?;
    }
    WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider())
        .build()
        .map_err(|error| format!("expected the certificates of a CA: {error}"))
}
