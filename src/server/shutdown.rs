//! From the first signal to the end.

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::{mpsc, watch},
    task::JoinHandle,
    time::{sleep, timeout},
};
use tracing::{info, warn};

use super::connections::Connections;

/// Where the server stands between its start and its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// Ready.
    Serving,
    /// Unready, deciding as usual; each answer closes its connection.
    Draining,
    /// Accepting nothing, finishing what is under way.
    Stopping,
}

/// How a server ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// After the drain. Normally nothing is left to cut.
    Drained {
        /// Connections that were still open when the time was up.
        cut: usize,
    },
    /// At once, by a second signal.
    Aborted,
}

/// How often the list of connections is looked at while the last ones finish.
const LOOK: Duration = Duration::from_millis(10);

/// The stages of a shutdown and how long they may take.
#[derive(Debug)]
pub(super) struct Shutdown {
    pub(super) phase: watch::Sender<Phase>,
    pub(super) drain: Duration,
    pub(super) finish: Duration,
    pub(super) connections: Arc<Connections>,
    /// Ends when the last connection of the queue is on the list.
    pub(super) accepting: JoinHandle<()>,
}

impl Shutdown {
    /// Waits for a signal and ends the server. Each message on `signals` is one; the second ends
    /// it at once.
    pub(super) async fn run(mut self, mut signals: mpsc::Receiver<()>) -> End {
        signal(&mut signals).await;
        tokio::select! {
            biased;
            () = signal(&mut signals) => {
                warn!("second signal: ending at once");
                End::Aborted
            }
            cut = self.drain() => End::Drained { cut },
        }
    }

    async fn drain(&mut self) -> usize {
        info!(drain = ?self.drain, "draining: unready, each answer closes its connection");
        self.phase.send_replace(Phase::Draining);
        sleep(self.drain).await;
        self.phase.send_replace(Phase::Stopping);
        let finished = async {
            let _ = (&mut self.accepting).await;
            while self.connections.len() > 0 {
                sleep(LOOK).await;
            }
        };
        let _ = timeout(self.finish, finished).await;
        let cut = self.connections.len();
        if cut == 0 {
            info!("drained");
        } else {
            warn!(connections = cut, "drained, but some connections had to be cut");
        }
        cut
    }
}

/// The next signal. Where none can come any more, none comes.
async fn signal(signals: &mut mpsc::Receiver<()>) {
    if signals.recv().await.is_none() {
        std::future::pending::<()>().await;
    }
}
