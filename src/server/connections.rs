//! The open connections of a listener, and which one goes when there is no room.
//!
//! A new connection is never refused. At a limit one is closed for it: of those that never had an
//! answer and have had the time for one, if there are any, and else of all but those that were
//! served before and ask now. Among them the peer with the most gives one up, that which is worth least.
//! So an API server, which has a few, keeps them.

use std::{
    cmp::Reverse,
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

use super::{
    activity::Activity,
    labels::{ClosedBecause, Listener},
    metrics::Metrics,
    options::Limits,
};

/// The open connections of one listener.
#[derive(Debug)]
pub(super) struct Connections {
    listener: Listener,
    limits: Limits,
    slots: Arc<Semaphore>,
    table: Mutex<Table>,
    metrics: Arc<Metrics>,
}

#[derive(Debug, Default)]
struct Table {
    next: u64,
    peers: HashMap<IpAddr, OfPeer>,
}

/// One peer's connections. There is none without any.
type OfPeer = HashMap<u64, Arc<Connection>>;

/// One open connection.
#[derive(Debug)]
pub(super) struct Connection {
    peer: IpAddr,
    activity: Mutex<Activity>,
    closing: Notify,
}

/// Takes its connection off the list when it is dropped.
#[derive(Debug)]
pub(super) struct Registered {
    id: u64,
    connection: Arc<Connection>,
    connections: Arc<Connections>,
    _slot: OwnedSemaphorePermit,
}

/// A request under way: from its head to the end of its answer.
#[derive(Debug)]
pub(super) struct UnderWay(Arc<Connection>);

impl Connections {
    pub(super) fn new(listener: Listener, limits: Limits, metrics: Arc<Metrics>) -> Arc<Self> {
        let slots = limits.connections.min(Semaphore::MAX_PERMITS);
        Arc::new(Self { listener, limits, slots: Arc::new(Semaphore::new(slots)), table: Mutex::default(), metrics })
    }

    /// Puts a new connection on the list, and makes room for it where there is none.
    pub(super) async fn register(self: &Arc<Self>, peer: IpAddr) -> Registered {
        // `::ffff:10.0.0.1` is the client 10.0.0.1.
        let peer = peer.to_canonical();
        self.close_one_of(peer);
        let slot = match Arc::clone(&self.slots).try_acquire_owned() {
            Ok(slot) => slot,
            Err(_) => self.wait_for_slot().await,
        };
        let connection = Arc::new(Connection::new(peer));
        let mut table = lock(&self.table);
        let id = table.next;
        table.next += 1;
        table.peers.entry(peer).or_default().insert(id, Arc::clone(&connection));
        drop(table);
        self.metrics.connection_opened(self.listener);
        Registered { id, connection, connections: Arc::clone(self), _slot: slot }
    }

    /// How many are open.
    pub(super) fn len(&self) -> usize {
        lock(&self.table).peers.values().map(HashMap::len).sum()
    }

    /// Closes the one that can be spared most.
    pub(super) fn close_one(&self, because: ClosedBecause) {
        self.close_one_among(lock(&self.table).peers.values(), because);
    }

    /// Asks those to close that keep us waiting for too long. `idle` is how long a connection may
    /// rest between requests.
    pub(super) fn close_overdue(&self, now: Instant, idle: Duration) {
        for connection in lock(&self.table).peers.values().flat_map(HashMap::values) {
            let overdue = connection.lock().overdue(now, idle, &self.limits);
            if let Some(because) = overdue {
                connection.close(because);
            }
        }
    }

    fn close_one_of(&self, peer: IpAddr) {
        let table = lock(&self.table);
        let Some(of_peer) = table.peers.get(&peer) else { return };
        let limit = self.limits.connections_per_peer;
        // Most of the time a peer has far fewer.
        if of_peer.len() >= limit && of_peer.values().filter(|connection| !connection.is_closing()).count() >= limit {
            self.close_one_among([of_peer].into_iter(), ClosedBecause::PeerLimit);
        }
    }

    fn close_one_among<'c>(&self, peers: impl Iterator<Item = &'c OfPeer>, because: ClosedBecause) {
        let now = Instant::now();
        let least = peers
            .flat_map(|of_peer| of_peer.values().map(|connection| (of_peer.len(), connection, *connection.lock())))
            .filter(|(_, _, activity)| activity.closing.is_none())
            .min_by_key(|(of_peer, _, activity)| {
                (activity.standing(now, &self.limits), Reverse(*of_peer), activity.worth(now, &self.limits))
            });
        if let Some((_, connection, _)) = least {
            connection.close(because);
        }
    }

    async fn wait_for_slot(&self) -> OwnedSemaphorePermit {
        loop {
            self.close_one(ClosedBecause::Limit);
            // The one that was asked closes at once.
            match Arc::clone(&self.slots).acquire_owned().await {
                Ok(slot) => return slot,
                // Nobody closes this semaphore.
                Err(_) => tokio::task::yield_now().await,
            }
        }
    }
}

impl Connection {
    fn new(peer: IpAddr) -> Self {
        Self { peer, activity: Mutex::new(Activity::since(Instant::now())), closing: Notify::new() }
    }

    /// A request's head is complete.
    pub(super) fn begin(self: &Arc<Self>) -> UnderWay {
        let mut activity = self.lock();
        activity.requests += 1;
        activity.since = Instant::now();
        activity.head_since = None;
        drop(activity);
        UnderWay(Arc::clone(self))
    }

    /// The TLS handshake is done.
    pub(super) fn shook_hands(&self) {
        self.lock().since = Instant::now();
    }

    /// Bytes came in. Between requests they are the beginning of a head.
    pub(super) fn received(&self) {
        let mut activity = self.lock();
        if activity.requests == 0 && activity.head_since.is_none() {
            activity.head_since = Some(Instant::now());
        }
    }

    /// The peer does not take what we have for it.
    pub(super) fn blocked(&self) {
        self.lock().blocked_since.get_or_insert_with(Instant::now);
    }

    /// The peer takes what we have for it.
    pub(super) fn unblocked(&self) {
        self.lock().blocked_since = None;
    }

    pub(super) fn is_under_way(&self) -> bool {
        self.lock().is_under_way()
    }

    fn is_closing(&self) -> bool {
        self.lock().closing.is_some()
    }

    /// Asks the connection's task to close it. The first reason stays.
    pub(super) fn close(&self, because: ClosedBecause) {
        let mut activity = self.lock();
        if activity.closing.is_none() {
            activity.closing = Some(because);
            self.closing.notify_one();
        }
    }

    /// Waits until it is asked to close, for its one task.
    pub(super) async fn closing(&self) -> ClosedBecause {
        loop {
            if let Some(because) = self.lock().closing {
                return because;
            }
            self.closing.notified().await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Activity> {
        lock(&self.activity)
    }
}

impl Registered {
    pub(super) fn connection(&self) -> &Arc<Connection> {
        &self.connection
    }

    fn leave_table(&self) {
        let peer = self.connection.peer;
        let mut table = lock(&self.connections.table);
        if let Some(of_peer) = table.peers.get_mut(&peer) {
            of_peer.remove(&self.id);
            if of_peer.is_empty() {
                table.peers.remove(&peer);
            }
        }
    }

    /// The connection is over.
    pub(super) fn closed(self, because: ClosedBecause) {
        self.connections.metrics.connection_closed(self.connections.listener, because);
    }
}

impl Drop for Registered {
    fn drop(&mut self) {
        self.leave_table();
        self.connections.metrics.connection_gone(self.connections.listener);
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        let mut activity = self.0.lock();
        activity.requests -= 1;
        activity.answered = true;
        activity.since = Instant::now();
    }
}

/// What is guarded here is whole after each assignment, so a panic elsewhere spoils nothing.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
