use std::{
    net::IpAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use crate::server::{
    Limits,
    connections::{Connections, Registered},
    labels::{ClosedBecause, Listener},
    metrics::Metrics,
};

const LIMITS: Limits = Limits {
    handshake: Duration::from_secs(10),
    header: Duration::from_secs(10),
    body: Duration::from_secs(30),
    idle: Duration::from_mins(5),
    body_size: 1,
    body_memory: 1,
    connections: 3,
    connections_per_peer: 2,
};

fn connections(limits: Limits) -> Arc<Connections> {
    Connections::new(Listener::Webhook, limits, Arc::new(Metrics::new()))
}

async fn from(connections: &Arc<Connections>, peer: &str) -> Registered {
    connections.register(peer.parse::<IpAddr>().expect("an address")).await
}

/// Why it was asked to close, if it was.
async fn asked(registered: &Registered) -> Option<ClosedBecause> {
    tokio::time::timeout(Duration::ZERO, registered.connection().closing()).await.ok()
}

#[tokio::test]
async fn a_peer_at_its_limit_gives_up_its_own_idlest() {
    let connections = connections(LIMITS);
    let other = from(&connections, "10.0.0.2").await;
    let first = from(&connections, "10.0.0.1").await;
    // The same peer through an IPv6 socket.
    let second = from(&connections, "::ffff:10.0.0.1").await;
    drop(first.connection().begin());
    drop(other);
    let third = from(&connections, "10.0.0.1").await;
    assert_eq!(asked(&second).await, Some(ClosedBecause::PeerLimit), "the first had a request since");
    assert_eq!((asked(&first).await, asked(&third).await), (None, None));
}

#[tokio::test]
async fn a_new_connection_waits_for_the_one_that_makes_room() {
    let connections = connections(Limits { connections: 1, ..LIMITS });
    let first = from(&connections, "10.0.0.1").await;
    let closer = tokio::spawn(async move {
        let because = first.connection().closing().await;
        first.closed(because);
        because
    });
    let second = from(&connections, "10.0.0.2").await;
    assert_eq!(closer.await.expect("no panic"), ClosedBecause::Limit);
    assert_eq!(connections.len(), 1);
    drop(second);
    assert_eq!(connections.len(), 0);
}

#[tokio::test]
async fn a_request_under_way_is_closed_only_where_nothing_else_is_left() {
    let connections = connections(LIMITS);
    let (busy, idle) = (from(&connections, "10.0.0.1").await, from(&connections, "10.0.0.2").await);
    let under_way = busy.connection().begin();
    connections.close_one(ClosedBecause::Limit);
    assert_eq!((asked(&busy).await, asked(&idle).await), (None, Some(ClosedBecause::Limit)));
    connections.close_one(ClosedBecause::Limit);
    assert_eq!(asked(&busy).await, Some(ClosedBecause::Limit));
    drop(under_way);
}

#[tokio::test]
async fn the_peer_with_the_most_makes_room_whatever_its_connections_do() {
    let connections = connections(Limits { connections: 10, connections_per_peer: 10, ..LIMITS });
    let few = [from(&connections, "10.0.0.2").await, from(&connections, "10.0.0.2").await];
    let mut many = Vec::new();
    for _ in 0..3 {
        let registered = from(&connections, "10.0.0.1").await;
        std::mem::forget(registered.connection().begin());
        many.push(registered);
    }
    connections.close_one(ClosedBecause::Limit);
    assert_eq!(asked(&many[0]).await, Some(ClosedBecause::Limit));
    assert_eq!((asked(&few[0]).await, asked(&few[1]).await), (None, None));
}

#[tokio::test]
async fn who_was_served_and_asks_now_stays_whoever_else_comes() {
    let body = Duration::from_millis(100);
    let connections = connections(Limits { connections: 10, connections_per_peer: 10, body, ..LIMITS });
    let served = [from(&connections, "10.0.0.1").await, from(&connections, "10.0.0.1").await];
    drop(served[0].connection().begin());
    drop(served[1].connection().begin());
    let mut strangers = Vec::new();
    for last in 2..5 {
        strangers.push(from(&connections, &format!("10.0.0.{last}")).await);
    }
    // They asked for something, and do not come to its end.
    std::mem::forget(strangers[1].connection().begin());
    tokio::time::sleep(body / 5).await;
    let fresh = from(&connections, "10.0.0.9").await;
    let asking = served.each_ref().map(|registered| registered.connection().begin());
    for expected in [&strangers[0], &strangers[2], &strangers[1], &fresh] {
        assert_eq!(asked(expected).await, None);
        connections.close_one(ClosedBecause::Limit);
        assert_eq!(asked(expected).await, Some(ClosedBecause::Limit));
    }
    assert_eq!((asked(&served[0]).await, asked(&served[1]).await), (None, None));
    drop(asking);
}

#[tokio::test]
async fn what_asked_for_nothing_or_for_too_long_is_worth_less_than_what_rests() {
    let body = Duration::from_millis(100);
    let connections = connections(Limits { connections: 10, connections_per_peer: 10, body, ..LIMITS });
    let rests = from(&connections, "10.0.0.1").await;
    drop(rests.connection().begin());
    let (slow, silent) = (from(&connections, "10.0.0.1").await, from(&connections, "10.0.0.1").await);
    std::mem::forget(slow.connection().begin());
    tokio::time::sleep(body / 5).await;
    let fresh = from(&connections, "10.0.0.1").await;
    for expected in [&silent, &slow, &fresh, &rests] {
        assert_eq!(asked(expected).await, None);
        connections.close_one(ClosedBecause::Limit);
        assert_eq!(asked(expected).await, Some(ClosedBecause::Limit));
    }
}

#[tokio::test]
async fn each_kind_of_waiting_has_its_own_time() {
    let at = |seconds| Instant::now() + Duration::from_secs(seconds);
    let overdue = async |what: fn(&Registered), seconds| {
        let connections = connections(LIMITS);
        let connection = from(&connections, "10.0.0.1").await;
        what(&connection);
        connections.close_overdue(at(seconds), LIMITS.idle);
        asked(&connection).await
    };
    let nothing: fn(&Registered) = |_| {};
    let head: fn(&Registered) = |registered| registered.connection().received();
    let blocked: fn(&Registered) = |registered| registered.connection().blocked();
    let request: fn(&Registered) = |registered| std::mem::forget(registered.connection().begin());
    let answered: fn(&Registered) = |registered| {
        registered.connection().received();
        registered.connection().blocked();
        drop(registered.connection().begin());
        registered.connection().unblocked();
    };
    for (what, seconds, because) in [
        (nothing, 290, None),
        (nothing, 310, Some(ClosedBecause::Idle)),
        (head, 9, None),
        (head, 11, Some(ClosedBecause::HeaderTimeout)),
        (blocked, 29, None),
        (blocked, 31, Some(ClosedBecause::NotReading)),
        (request, 59, None),
        (request, 61, Some(ClosedBecause::NotReading)),
        (answered, 290, None),
    ] {
        assert_eq!(overdue(what, seconds).await, because, "{seconds} s, {because:?}");
    }
}
