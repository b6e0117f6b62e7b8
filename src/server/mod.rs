//! The webhook's server: listener, TLS, routes, reload, shutdown, metrics and log. The only room
//! that knows axum and rustls.
//!
//! ```text
//! Options ── Server::bind ──> Server ── run(signals) ──> End
//!            (policy, certificate,       (serve, drain,
//!             then the sockets)           finish)
//! ```
//!
//! Everything that can fail at a start happens in [`Server::bind`], before the first connection.

mod activity;
mod body;
mod certificates;
mod connection;
mod connections;
mod decisions;
mod follow;
mod labels;
mod listener;
pub mod log;
mod memory;
mod metrics;
mod ops;
mod options;
mod policies;
mod read_ahead;
mod record;
mod reload;
mod routes;
mod seldom;
mod series;
mod shutdown;
mod state;
mod status;
#[cfg(test)]
mod tests;
mod tls;
mod trial;
mod watched;

use std::{
    fmt, io,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use axum::Router;
use tokio::{
    net::TcpListener,
    sync::{mpsc, watch},
    task::JoinSet,
};
use tracing::{error, info, warn};

use self::{
    body::Reader,
    certificates::SelfMade,
    connection::{Serving, Transport},
    connections::Connections,
    follow::Follower,
    labels::Listener,
    listener::Listening,
    metrics::Metrics,
    policies::PolicyStore,
    routes::Review,
    seldom::Seldom,
    shutdown::{Phase, Shutdown},
    state::Shared,
    tls::{Credentials, Files, Tls},
};
pub use self::{
    options::{CertificateSource, HostName, Limits, NotAHostName, Options, PolicySource},
    shutdown::End,
};
use crate::{
    admission,
    cluster::{
        certificates::Keeper,
        last_good::{Kept, LastGood},
    },
    policy::Policy,
};

/// Often enough for a certificate that is made again a month before it ends.
const RENEW_EVERY: Duration = Duration::from_hours(24);

/// A server whose sockets are open, with its policy and certificate.
#[derive(Debug)]
pub struct Server {
    options: Options,
    shared: Arc<Shared>,
    phase: watch::Sender<Phase>,
    webhook: TcpListener,
    ops: TcpListener,
    addresses: Addresses,
    policy: Option<Follower<Policy>>,
    certificate: Certificate,
    last_good: Option<(LastGood, PathBuf)>,
}

/// Who looks after the certificate.
#[derive(Debug)]
enum Certificate {
    Files(Follower<Credentials>),
    SelfMade(Follower<Credentials>, SelfMade),
    Cluster(Keeper),
}

#[derive(Clone, Copy, Debug)]
struct Addresses {
    webhook: SocketAddr,
    ops: SocketAddr,
}

/// Why a server could not start.
#[derive(Debug)]
pub enum StartError {
    /// The policy could not be read, or is broken: all that is wrong with it.
    Policy(String),
    /// The certificate could not be read or made, or is broken.
    Certificate(String),
    /// A socket could not be opened.
    Listen {
        /// The flag that names the address.
        flag: &'static str,
        /// The address.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
}

impl Server {
    /// Reads policy and certificate, then opens the sockets.
    pub async fn bind(options: Options) -> Result<Self, StartError> {
        Self::bind_with(options, admission::review).await
    }

    async fn bind_with(options: Options, review: Review) -> Result<Self, StartError> {
        let (last_good, started) = match &options.policy {
            PolicySource::FileWithLastGood { file, last_good } => {
                let last_good = LastGood::new(last_good).map_err(StartError::Policy)?;
                let started = start_from_either(&options, file, &last_good).await;
                (Some((last_good, file.clone())), started)
            }
            PolicySource::File(_) | PolicySource::BuiltIn => (None, PolicyStore::start(&options.policy)),
        };
        let (policies, policy) = started.map_err(StartError::Policy)?;
        let (tls, certificate) = certificate(&options).map_err(StartError::Certificate)?;
        let tls = Arc::new(tls);
        let webhook = listen("--listen", options.listen).await?;
        let ops = listen("--ops-listen", options.ops_listen).await?;
        let addresses = Addresses {
            webhook: webhook.local_addr().unwrap_or(options.listen),
            ops: ops.local_addr().unwrap_or(options.ops_listen),
        };
        let (phase, phases) = watch::channel(Phase::Serving);
        let shared = Arc::new(Shared {
            policies,
            tls,
            bodies: Reader::new(&options.limits),
            metrics: Arc::new(Metrics::new()),
            phase: phases,
            dropped_lines: options.dropped_lines.clone(),
            wrong_registration: Seldom::default(),
            review,
        });
        Ok(Self { options, shared, phase, webhook, ops, addresses, policy, certificate, last_good })
    }

    /// Where the webhook listens: the port that was free where the options name port 0.
    pub fn webhook_address(&self) -> SocketAddr {
        self.addresses.webhook
    }

    /// Where health and metrics are asked for.
    pub fn ops_address(&self) -> SocketAddr {
        self.addresses.ops
    }

    /// How a person tries the webhook with `curl`, where the certificate is of our own making and
    /// clients need none.
    pub fn trial(&self) -> Option<String> {
        match &self.certificate {
            Certificate::SelfMade(_, own) if self.options.client_ca.is_none() => {
                Some(trial::command(&own.ca(), self.addresses.webhook))
            }
            Certificate::SelfMade(..) | Certificate::Files(_) | Certificate::Cluster(_) => None,
        }
    }

    /// Serves until `signals` says so. Its first message begins the drain, the second ends it at
    /// once.
    pub async fn run(self, signals: mpsc::Receiver<()>) -> End {
        let Addresses { webhook, ops } = self.addresses;
        let hash = self.shared.policies.load().policy.short_hash().to_owned();
        let certificate_not_after = self.shared.tls.not_after().map(|end| end.to_string());
        info!(%webhook, %ops, policy = self.shared.policies.source, hash, certificate_not_after, "listening");
        let every = self.options.reload_interval;
        // Dropping the set ends what is in it.
        let mut tasks = JoinSet::new();
        if let Some(policy) = self.policy {
            tasks.spawn(reload::follow_policy(Arc::clone(&self.shared), policy, every, self.options.reload_spread));
        }
        let shared = Arc::clone(&self.shared);
        if let Some((last_good, file)) = self.last_good {
            tasks.spawn(reload::keep_policy(Arc::clone(&shared), last_good, file, every, self.options.reload_spread));
        }
        match self.certificate {
            Certificate::Files(files) => {
                tasks.spawn(reload::follow_certificate(shared, files, every));
            }
            Certificate::SelfMade(files, own) => {
                tasks.spawn(reload::follow_certificate(shared, files, every));
                tasks.spawn(reload::renew(own, RENEW_EVERY));
            }
            Certificate::Cluster(keeper) => {
                tasks.spawn(reload::keep_certificate(shared, keeper, every));
            }
        }
        let common = Common { shared: &self.shared, options: &self.options };
        let webhook = common.listening(
            self.webhook,
            Listener::Webhook,
            Transport::Tls(Arc::clone(&self.shared.tls)),
            routes::router(Arc::clone(&self.shared)),
        );
        let ops = common.listening(self.ops, Listener::Ops, Transport::Plain, ops::router(Arc::clone(&self.shared)));
        for listening in [&webhook, &ops] {
            let connections = Arc::clone(&listening.connections);
            tasks.spawn(listener::close_overdue(connections, self.options.limits, self.shared.phase.clone()));
        }
        let connections = Arc::clone(&webhook.connections);
        let accepting = tokio::spawn(webhook.accept());
        tasks.spawn(ops.accept());
        let (drain, finish) = (self.options.drain, self.options.shutdown_timeout);
        Shutdown { phase: self.phase, drain, finish, connections, accepting }.run(signals).await
    }
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Policy(why) => write!(f, "the policy can't be used\n{why}"),
            Self::Certificate(why) => write!(f, "the certificate can't be used: {why}"),
            Self::Listen { flag, address, .. } => write!(f, "could not listen on `{address}` (`{flag}`)"),
        }
    }
}

impl std::error::Error for StartError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Listen { source, .. } => Some(source),
            Self::Policy(_) | Self::Certificate(_) => None,
        }
    }
}

struct Common<'s> {
    shared: &'s Arc<Shared>,
    options: &'s Options,
}

impl Common<'_> {
    fn listening(&self, socket: TcpListener, listener: Listener, transport: Transport, router: Router) -> Listening {
        let limits = self.options.limits;
        let metrics = Arc::clone(&self.shared.metrics);
        let serving = Serving { transport, router, phase: self.shared.phase.clone(), handshake: limits.handshake };
        let connections = Connections::new(listener, limits, Arc::clone(&metrics));
        Listening { socket, serving, connections, metrics }
    }
}

/// From the file, or else from what was good last.
async fn start_from_either(
    options: &Options,
    file: &Path,
    last_good: &LastGood,
) -> Result<(PolicyStore, Option<Follower<Policy>>), String> {
    let kept = last_good.read().await;
    let go_on = |policies: &PolicyStore, kept: &Kept| policies.go_on(kept, Instant::now(), options.reload_spread);
    let why = match PolicyStore::start(&options.policy) {
        Ok((policies, follower)) => {
            match kept {
                Ok(Some(kept)) => go_on(&policies, &kept),
                Ok(None) => {}
                Err(trouble) => warn!("what the policy was before can't be read\n{trouble}"),
            }
            return Ok((policies, follower));
        }
        Err(why) => why,
    };
    match kept {
        Ok(Some(kept)) => {
            let (policies, follower) = PolicyStore::start_from(kept.text.clone(), file)
                .map_err(|kept| format!("{why}\nand what was kept as good last is broken too\n{kept}"))?;
            go_on(&policies, &kept);
            let hash = policies.load().policy.short_hash().to_owned();
            error!(hash, "the policy can't be used; starting from the last good one\n{why}");
            Ok((policies, Some(follower)))
        }
        Ok(None) => Err(format!("{why}\nand no policy was ever kept as the last good one")),
        Err(trouble) => Err(format!("{why}\nand the last good policy can't be read: {trouble}")),
    }
}

fn certificate(options: &Options) -> Result<(Tls, Certificate), String> {
    let follow = |certificate, key| {
        let files = Files { certificate, key, client_ca: options.client_ca.clone() };
        let (follower, first) = Follower::start(files.paths(), tls::MOST_BYTES, files.build())?;
        Ok::<_, String>((Tls::of(first), follower))
    };
    match &options.certificate {
        CertificateSource::Files { certificate, key } => {
            let (tls, files) = follow(certificate.clone(), key.clone())?;
            Ok((tls, Certificate::Files(files)))
        }
        CertificateSource::SelfMade { directory, names } => {
            let own = SelfMade::new(directory, names);
            own.ensure()?;
            warn!(ca = %own.ca().display(), "no `--tls-cert`: serving with a certificate of my own making");
            let (tls, files) = follow(own.certificate(), own.key())?;
            Ok((tls, Certificate::SelfMade(files, own)))
        }
        CertificateSource::Cluster { secret, names } => {
            let names = names.iter().map(|name| name.as_str().to_owned()).collect();
            Ok((Tls::to_come(), Certificate::Cluster(Keeper::new(secret, names)?)))
        }
    }
}

async fn listen(flag: &'static str, address: SocketAddr) -> Result<TcpListener, StartError> {
    TcpListener::bind(address).await.map_err(|source| StartError::Listen { flag, address, source })
}
