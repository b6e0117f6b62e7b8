//! What a server is started with. All of it is checked before a socket is opened.

use std::{fmt, net::SocketAddr, path::PathBuf, str::FromStr, time::Duration};

use rustls_pki_types::ServerName;

use super::log::DroppedLines;

/// Everything that a server needs to know.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where the policy comes from.
    pub policy: PolicySource,
    /// Where the API server calls `/mutate` and `/validate`, by TLS.
    pub listen: SocketAddr,
    /// Where `/healthz`, `/readyz` and `/metrics` are asked for, in plain HTTP.
    pub ops_listen: SocketAddr,
    /// Where the serving certificate comes from.
    pub certificate: CertificateSource,
    /// A file with the certificates that a client's must chain to. Without it no client needs one.
    pub client_ca: Option<PathBuf>,
    /// What one client, and all of them together, may take.
    pub limits: Limits,
    /// How often policy and certificate are compared with their files.
    pub reload_interval: Duration,
    /// How far apart replicas may hear of a changed policy.
    pub reload_spread: Duration,
    /// How long requests are decided after the first signal, each answer closing its connection.
    pub drain: Duration,
    /// How long what is under way may still take after the drain.
    pub shutdown_timeout: Duration,
    /// The log's count of the lines that it could not hold.
    pub dropped_lines: DroppedLines,
}

/// Where the policy comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PolicySource {
    /// A file, followed when it changes.
    File(PathBuf),
    /// The same; what was good last is kept in a `ConfigMap` of the program's own namespace, and
    /// started from where the file is broken.
    FileWithLastGood {
        /// The file.
        file: PathBuf,
        /// What the `ConfigMap` is called.
        last_good: String,
    },
    /// The policy that the program carries.
    BuiltIn,
}

/// Where the serving certificate comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CertificateSource {
    /// PEM files, followed when they change.
    Files {
        /// The certificate, and the intermediate ones after it.
        certificate: PathBuf,
        /// Its private key.
        key: PathBuf,
    },
    /// A Secret of the program's own namespace, by which the replicas agree on a CA and a
    /// certificate of their own making.
    Cluster {
        /// What the Secret is called.
        secret: String,
        /// The names by which the API server calls.
        names: Vec<HostName>,
    },
    /// A certificate of our own making, by a CA of our own making.
    SelfMade {
        /// Where both are kept.
        directory: PathBuf,
        /// DNS names and addresses beside localhost's.
        names: Vec<HostName>,
    },
}

/// A DNS name or an IP address, as a certificate has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostName(String);

/// What is neither a DNS name nor an IP address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotAHostName;

impl HostName {
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for HostName {
    type Err = NotAHostName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        ServerName::try_from(text).map(|_| Self(text.to_owned())).map_err(|_| NotAHostName)
    }
}

impl fmt::Display for NotAHostName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("expected a DNS name without wildcards or an IP address")
    }
}

impl std::error::Error for NotAHostName {}

/// What one client, and all of them together, may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// From the accepted connection to the end of the TLS handshake.
    pub handshake: Duration,
    /// From a request's first byte to the end of its head.
    pub header: Duration,
    /// From a request's head to the end of its body; and how long an answer may wait for its reader.
    pub body: Duration,
    /// How long a connection may rest between requests.
    pub idle: Duration,
    /// Bytes of a request's body.
    pub body_size: usize,
    /// Bytes of all the bodies that are held at one time.
    pub body_memory: usize,
    /// Connections in all.
    pub connections: usize,
    /// Connections from one address.
    pub connections_per_peer: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            handshake: Duration::from_secs(10),
            header: Duration::from_secs(10),
            // The longest timeoutSeconds of a webhook configuration.
            body: Duration::from_secs(30),
            // The API server closes its idle connections after 90 s, and must be the first to close.
            idle: Duration::from_mins(5),
            // Twice the 3 MiB that the API server takes, old and new object, with all to spare.
            body_size: 16 << 20,
            body_memory: 128 << 20,
            connections: 4096,
            connections_per_peer: 1024,
        }
    }
}
