//! Accepting connections.

use std::{
    future::poll_fn,
    io,
    net::SocketAddr,
    sync::Arc,
    task::Poll,
    time::{Duration, Instant},
};

use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
    time::{MissedTickBehavior, interval, sleep},
};
use tracing::warn;

use super::{
    connection::Serving, connections::Connections, labels::ClosedBecause, metrics::Metrics, options::Limits,
    seldom::Seldom, shutdown::Phase,
};

/// A bound socket and what is served on it.
#[derive(Debug)]
pub(super) struct Listening {
    pub(super) socket: TcpListener,
    pub(super) serving: Serving,
    pub(super) connections: Arc<Connections>,
    pub(super) metrics: Arc<Metrics>,
}

/// The wait after the first `accept` that failed; it doubles up to [`LONGEST_BACK_OFF`].
const FIRST_BACK_OFF: Duration = Duration::from_millis(5);
const LONGEST_BACK_OFF: Duration = Duration::from_secs(1);

/// How long a connection may rest once the drain is over. A request may be on its way on one that
/// has just been opened.
const IDLE_WHILE_STOPPING: Duration = Duration::from_millis(500);

impl Listening {
    /// Accepts until the drain is over, and then what is in the queue already.
    pub(super) async fn accept(self) {
        let mut phase = self.serving.phase.clone();
        let mut back_off = FIRST_BACK_OFF;
        let complaint = Seldom::default();
        loop {
            let accepted = tokio::select! {
                biased;
                () = stopping(&mut phase) => break,
                accepted = self.socket.accept() => accepted,
            };
            match accepted {
                Ok((stream, peer)) => {
                    back_off = FIRST_BACK_OFF;
                    self.serve(stream, peer).await;
                }
                Err(error) if is_of_one_connection(&error) => {}
                Err(error) => {
                    self.metrics.accept_failed();
                    if let Some(unsaid) = complaint.say(Instant::now()) {
                        warn!(%error, unsaid, "could not accept a connection; trying again, and closing idle ones");
                    }
                    // Too many open files, most likely: an idle one is of less use than a new one.
                    self.connections.close_one(ClosedBecause::Limit);
                    sleep(back_off).await;
                    back_off = (back_off * 2).min(LONGEST_BACK_OFF);
                }
            }
        }
        while let Some((stream, peer)) = self.accept_queued().await {
            self.serve(stream, peer).await;
        }
    }

    async fn serve(&self, stream: TcpStream, peer: SocketAddr) {
        let registered = self.connections.register(peer.ip()).await;
        tokio::spawn(self.serving.clone().serve(stream, peer, registered));
    }

    /// A connection that waits already.
    async fn accept_queued(&self) -> Option<(TcpStream, SocketAddr)> {
        poll_fn(|cx| match self.socket.poll_accept(cx) {
            Poll::Ready(accepted) => Poll::Ready(accepted.ok()),
            Poll::Pending => Poll::Ready(None),
        })
        .await
    }
}

/// Waits for the drain to be over.
async fn stopping(phase: &mut watch::Receiver<Phase>) {
    // Where the sender is gone, the runtime is ending.
    let _ = phase.wait_for(|phase| *phase == Phase::Stopping).await;
}

/// Closes connections that keep us waiting for too long, for ever.
pub(super) async fn close_overdue(connections: Arc<Connections>, limits: Limits, mut phase: watch::Receiver<Phase>) {
    let shortest = limits.header.min(limits.body).min(limits.idle).min(IDLE_WHILE_STOPPING);
    let mut ticks = interval((shortest / 4).max(Duration::from_millis(5)));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let idle = match *phase.borrow_and_update() {
            Phase::Serving | Phase::Draining => limits.idle,
            Phase::Stopping => limits.idle.min(IDLE_WHILE_STOPPING),
        };
        connections.close_overdue(Instant::now(), idle);
    }
}

/// Whether a failed `accept` concerns one connection alone, so that the next may be tried at once.
fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted)
}
