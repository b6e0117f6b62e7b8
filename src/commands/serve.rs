//! `harbor-pilot serve`: the webhook.

use std::{net::SocketAddr, num::NonZeroUsize, path::PathBuf, time::Duration};

use clap::ValueEnum;
use tokio::{
    runtime,
    signal::unix::{Signal, SignalKind, signal},
    sync::mpsc,
};
use tracing::{level_filters::LevelFilter, warn};

use super::{
    Outcome,
    output::Output,
    policy_file::{HERE, PolicyArg},
    units::{interval, size, time},
};
use crate::server::{
    CertificateSource, End, HostName, Limits, Options, PolicySource, Server,
    log::{Format, Log},
};

/// Answer the API server: rewrite the images of Pods, and reject what the policy does not allow
///
/// Exit code 0: ended by SIGTERM or SIGINT, after the drain. 2: could not start. 130: ended at once
/// by a second signal.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  harbor-pilot serve\n  \
    harbor-pilot serve -p policies.yaml --listen 0.0.0.0:8443 --tls-cert tls.crt --tls-key tls.key")]
pub struct Args {
    #[command(flatten)]
    policy: PolicyArg,
    /// A `ConfigMap` of the Pod's own namespace, in which the last good policy is kept, to start from
    /// where the file is broken
    #[arg(long, value_name = "NAME", env = "HARBOR_PILOT_LAST_GOOD_POLICY")]
    last_good_policy: Option<String>,
    /// Where the API server calls, by TLS
    #[arg(long, value_name = "ADDRESS", env = "HARBOR_PILOT_LISTEN", default_value = "127.0.0.1:8443")]
    listen: SocketAddr,
    /// Where /healthz, /readyz and /metrics are asked for, in plain HTTP
    #[arg(long, value_name = "ADDRESS", env = "HARBOR_PILOT_OPS_LISTEN", default_value = "127.0.0.1:8080")]
    ops_listen: SocketAddr,
    /// How often policy and certificate are compared with their files
    #[arg(long, value_name = "TIME", env = "HARBOR_PILOT_RELOAD_INTERVAL", default_value = "2s", value_parser = interval)]
    reload_interval: Duration,
    /// How far apart replicas hear of a changed policy, at most. What it allows holds at once; names are
    /// written as before for as long, so that no replica meets one that it does not know. 0s where
    /// there is one replica, 2m where a kubelet brings the policy
    #[arg(long, value_name = "TIME", env = "HARBOR_PILOT_RELOAD_SPREAD", default_value = "0s", value_parser = time)]
    reload_spread: Duration,
    /// How long requests are still decided after SIGTERM, each answer closing its connection
    #[arg(long, value_name = "TIME", env = "HARBOR_PILOT_DRAIN", default_value = "5s", value_parser = time)]
    drain: Duration,
    /// How long what is under way may take after the drain
    #[arg(long, value_name = "TIME", env = "HARBOR_PILOT_SHUTDOWN_TIMEOUT", default_value = "20s", value_parser = time)]
    shutdown_timeout: Duration,
    /// Threads that answer; without it, as many as there are processors
    #[arg(long, value_name = "COUNT", env = "HARBOR_PILOT_WORKERS")]
    workers: Option<NonZeroUsize>,
    /// How the log on stderr looks
    #[arg(long, value_enum, env = "HARBOR_PILOT_LOG_FORMAT", default_value_t)]
    log_format: LogFormat,
    /// What is logged: this and worse. Requests that are allowed unchanged are debug
    #[arg(long, value_enum, env = "HARBOR_PILOT_LOG_LEVEL", default_value_t)]
    log_level: LogLevel,
    // Last, for their headings hold for what comes after them too.
    #[command(flatten)]
    tls: TlsArgs,
    #[command(flatten)]
    limits: LimitArgs,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "TLS")]
struct TlsArgs {
    /// The serving certificate, with the intermediate ones after it, in PEM; without it, one is made
    #[arg(long, value_name = "FILE", env = "HARBOR_PILOT_TLS_CERT", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// Its private key, in PEM
    #[arg(long, value_name = "FILE", env = "HARBOR_PILOT_TLS_KEY", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// A Secret of the Pod's own namespace, through which all replicas make and renew one
    /// certificate, and have the API server trust it; for the names of `--tls-san`. Needs the
    /// rights that deploy/chart gives it
    #[arg(long, value_name = "NAME", env = "HARBOR_PILOT_TLS_SECRET", requires = "tls_san",
        conflicts_with_all = ["tls_cert", "client_ca"])]
    tls_secret: Option<String>,
    /// A DNS name or address for the certificate that is made, beside localhost's; may be repeated
    #[arg(long, value_name = "NAME", env = "HARBOR_PILOT_TLS_SAN", value_delimiter = ',')]
    tls_san: Vec<HostName>,
    /// Where the certificate that is made is kept, with its CA
    #[arg(long, value_name = "DIRECTORY", env = "HARBOR_PILOT_CERT_DIR", default_value = "certs")]
    cert_dir: PathBuf,
    /// Certificates, in PEM, one of which must have signed the client's; without it, no client needs one.
    /// Not with `--tls-secret`
    #[arg(long, value_name = "FILE", env = "HARBOR_PILOT_CLIENT_CA")]
    client_ca: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Limits")]
struct LimitArgs {
    /// Time for a TLS handshake
    #[arg(long, value_name = "TIME", env = "HARBOR_PILOT_HANDSHAKE_TIMEOUT", default_value = "10s", value_parser = interval)]
    handshake_timeout: Duration,
    /// Time from the first byte of a request to the end of its head
    #[arg(long, value_name = "TIME", env = "HARBOR_PILOT_HEADER_TIMEOUT", default_value = "10s", value_parser = interval)]
    header_timeout: Duration,
    /// Time for a request's body, and for the client to take the answer
    #[arg(long, value_name = "TIME", env = "HARBOR_PILOT_BODY_TIMEOUT", default_value = "30s", value_parser = interval)]
    body_timeout: Duration,
    /// How long a connection may rest between requests. The API server closes its own after 90 s,
    /// and must be the first to
    #[arg(long, value_name = "TIME", env = "HARBOR_PILOT_IDLE_TIMEOUT", default_value = "5m", value_parser = interval)]
    idle_timeout: Duration,
    /// Largest body of a request
    #[arg(long, value_name = "SIZE", env = "HARBOR_PILOT_MAX_BODY_SIZE", default_value = "16MiB", value_parser = size)]
    max_body_size: usize,
    /// Memory for the bodies of all requests; beyond it the one that has been coming for the longest
    /// gives way, and its sender is asked to try again
    #[arg(long, value_name = "SIZE", env = "HARBOR_PILOT_MAX_BODY_MEMORY", default_value = "128MiB", value_parser = size)]
    max_body_memory: usize,
    /// Connections at a time; at this number the address with the most gives one up for a new one
    #[arg(long, value_name = "COUNT", env = "HARBOR_PILOT_MAX_CONNECTIONS", default_value = "4096")]
    max_connections: NonZeroUsize,
    /// Connections at a time from one address
    #[arg(long, value_name = "COUNT", env = "HARBOR_PILOT_MAX_CONNECTIONS_PER_PEER", default_value = "1024")]
    max_connections_per_peer: NonZeroUsize,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum LogFormat {
    /// Text on a terminal, JSON elsewhere
    #[default]
    Auto,
    /// For people
    Text,
    /// One JSON object a line
    Json,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum LogLevel {
    Error,
    Warn,
    #[default]
    Info,
    Debug,
    Trace,
}

/// Serves until a signal ends it.
pub(super) fn run(args: Args, output: &mut Output) -> Outcome {
    let policy = match policy_source(&args.policy, args.last_good_policy.as_deref()) {
        Ok(policy) => policy,
        Err(why) => return output.failed(why),
    };
    let log = match Log::start(args.log_format.into(), args.log_level.into()) {
        Ok(log) => log,
        Err(error) => return output.failed(format_args!("could not start the log: {error}")),
    };
    if policy == PolicySource::BuiltIn {
        warn!("no `--policy` and no ./{HERE}: the built-in policy is in force");
    }
    let mut runtime = runtime::Builder::new_multi_thread();
    if let Some(workers) = args.workers {
        runtime.worker_threads(workers.get());
    }
    let runtime = match runtime.enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return output.failed(format_args!("could not start threads: {error}")),
    };
    let options = args.into_options(policy, &log);
    let ended = runtime.block_on(serve(options, output));
    // A reader of files that hangs must not hold up the end.
    runtime.shutdown_background();
    drop(log);
    match ended {
        Ok(End::Drained { .. }) => Outcome::Fine,
        Ok(End::Aborted) => Outcome::Interrupted,
        Err(why) => output.failed(why),
    }
}

async fn serve(options: Options, output: &mut Output) -> Result<End, String> {
    let signals = signals().map_err(|error| format!("could not listen for signals: {error}"))?;
    let server = Server::bind(options).await.map_err(|error| match std::error::Error::source(&error) {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    })?;
    if let Some(trial) = server.trial() {
        output.talk(&format!("Try it:\n  {trial}"));
    }
    Ok(server.run(signals).await)
}

/// A message for each SIGTERM or SIGINT.
fn signals() -> std::io::Result<mpsc::Receiver<()>> {
    let (sender, receiver) = mpsc::channel(2);
    for kind in [SignalKind::terminate(), SignalKind::interrupt()] {
        let signal = signal(kind)?;
        tokio::spawn(forward(signal, sender.clone()));
    }
    Ok(receiver)
}

async fn forward(mut signal: Signal, to: mpsc::Sender<()>) {
    while signal.recv().await.is_some() {
        if to.send(()).await.is_err() {
            return;
        }
    }
}

/// The built-in policy is for trying the program, never for a cluster.
fn policy_source(arg: &PolicyArg, last_good: Option<&str>) -> Result<PolicySource, String> {
    let of_file = |file| match last_good {
        Some(last_good) => PolicySource::FileWithLastGood { file, last_good: last_good.to_owned() },
        None => PolicySource::File(file),
    };
    if let Some(path) = &arg.policy {
        return Ok(of_file(path.clone()));
    }
    let here = PathBuf::from(HERE);
    // A file that can't be read is an error of its own, not a reason to go by another policy.
    if here.symlink_metadata().is_ok() {
        return Ok(of_file(here));
    }
    if std::env::var_os("KUBERNETES_SERVICE_HOST").is_some() {
        return Err("expected a policy, but found none; in a cluster the built-in one is not used\n\n\
                    hint: name the policy with `--policy FILE` or in HARBOR_PILOT_POLICY"
            .to_owned());
    }
    Ok(PolicySource::BuiltIn)
}

impl Args {
    fn into_options(self, policy: PolicySource, log: &Log) -> Options {
        let TlsArgs { tls_cert, tls_key, tls_secret, tls_san, cert_dir, client_ca } = self.tls;
        let certificate = match (tls_secret, tls_cert, tls_key) {
            (Some(secret), ..) => CertificateSource::Cluster { secret, names: tls_san },
            (None, Some(certificate), Some(key)) => CertificateSource::Files { certificate, key },
            // clap lets neither stand alone.
            _ => CertificateSource::SelfMade { directory: cert_dir, names: tls_san },
        };
        Options {
            policy,
            listen: self.listen,
            ops_listen: self.ops_listen,
            certificate,
            client_ca,
            limits: self.limits.into(),
            reload_interval: self.reload_interval,
            reload_spread: self.reload_spread,
            drain: self.drain,
            shutdown_timeout: self.shutdown_timeout,
            dropped_lines: log.dropped(),
        }
    }
}

impl From<LimitArgs> for Limits {
    fn from(args: LimitArgs) -> Self {
        Self {
            handshake: args.handshake_timeout,
            header: args.header_timeout,
            body: args.body_timeout,
            idle: args.idle_timeout,
            body_size: args.max_body_size,
            body_memory: args.max_body_memory,
            connections: args.max_connections.get(),
            connections_per_peer: args.max_connections_per_peer.get(),
        }
    }
}

impl From<LogFormat> for Format {
    fn from(format: LogFormat) -> Self {
        match format {
            LogFormat::Auto => Self::Auto,
            LogFormat::Text => Self::Text,
            LogFormat::Json => Self::Json,
        }
    }
}

impl From<LogLevel> for LevelFilter {
    fn from(level: LogLevel) -> Self {
        match level {
            LogLevel::Error => Self::ERROR,
            LogLevel::Warn => Self::WARN,
            LogLevel::Info => Self::INFO,
            LogLevel::Debug => Self::DEBUG,
            LogLevel::Trace => Self::TRACE,
        }
    }
}
