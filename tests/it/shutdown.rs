//! SIGTERM: nothing is lost.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    },
    time::{Duration, Instant},
};

use crate::support::{
    IMAGE,
    client::{Client, request},
    eventually, review,
    server::Server,
};

#[test]
fn while_draining_it_decides_and_closes_and_then_ends_with_0() {
    let mut server = Server::start(&["--drain", "1500ms"]);
    let (mut early, mut idle) = (server.connect(), server.connect());
    early.post("/validate", &review("uid", IMAGE)).expect("an answer");
    idle.post("/validate", &review("uid", IMAGE)).expect("an answer");
    let began = Instant::now();
    server.signal("TERM");
    eventually("unready", || (server.ops("/readyz") == (503, "draining\n".to_owned())).then_some(()));
    assert_eq!(server.ops("/healthz").0, 200);

    let answer = early.post("/validate", &review("uid", IMAGE)).expect("an answer");
    assert!(answer.allowed() && answer.closes(), "{answer:?}");
    assert!(early.closes_within(Duration::from_secs(10)));
    let answer = server.connect().post("/validate", &review("uid", IMAGE)).expect("an answer");
    assert!(answer.allowed() && answer.closes(), "a new connection is served: {answer:?}");
    assert!(!idle.closes_within(Duration::from_millis(200)), "an idle connection is not cut");
    let answer = idle.post("/validate", &review("uid", IMAGE)).expect("an answer");
    assert!(answer.allowed() && answer.closes());

    assert_eq!(server.wait().code(), Some(0));
    assert!(began.elapsed() >= Duration::from_millis(1500));
}

#[test]
fn sigint_drains_too_and_a_second_signal_ends_at_once() {
    let mut server = Server::start(&["--drain", "1h"]);
    let _idle = server.connect();
    server.signal("INT");
    eventually("the drain", || server.event("draining"));
    assert!(server.is_running());
    server.signal("TERM");
    assert_eq!(server.wait().code(), Some(130));
}

#[test]
fn what_is_under_way_is_finished_after_the_drain() {
    let mut server = Server::start(&["--drain", "0s"]);
    let mut client = server.connect();
    let bytes = request("/validate", &review("uid", IMAGE));
    let (first, rest) = bytes.split_at(bytes.len() - 10);
    client.send(first).expect("sending");
    let mut other = server.connect();
    other.post("/validate", &review("uid", IMAGE)).expect("an answer");
    server.signal("TERM");
    assert!(other.closes_within(Duration::from_secs(10)), "an idle connection is closed in the end");
    assert!(server.is_running());
    client.send(rest).expect("sending");
    let answer = client.receive().expect("an answer");
    assert!(answer.allowed() && answer.closes());
    assert_eq!(server.wait().code(), Some(0));
}

#[test]
fn what_never_finishes_is_cut() {
    let mut server = Server::start(&["--drain", "0s", "--shutdown-timeout", "300ms"]);
    let mut client = server.connect();
    client.send(&request("/validate", &review("uid", IMAGE))[..300]).expect("sending");
    eventually("the connection", || {
        (server.metric("harbor_pilot_connections{listener=\"webhook\"}") > 0.5).then_some(())
    });
    server.signal("TERM");
    assert_eq!(server.wait().code(), Some(0));
    assert!(server.stderr().contains("had to be cut"), "{}", server.stderr());
}

#[test]
fn an_http2_connection_is_told_to_go_away_and_loses_nothing() {
    let mut server = Server::start(&["--drain", "1s"]);
    let mut client = Client::connect(server.webhook, &server.ca.pem, &[b"h2"]);
    // The preface and empty SETTINGS.
    client.send(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").expect("sending");
    server.signal("TERM");
    let frames = client.frames();
    assert!(frames.contains(&7), "expected GOAWAY among {frames:?}");
    assert_eq!(server.wait().code(), Some(0));
}

/// Clients that reuse a connection until they are told otherwise, as the API server does, see no
/// failure; what fails to connect is the end.
#[test]
fn under_load_no_request_is_lost() {
    let mut server = Server::start(&["--drain", "1s"]);
    let (answered, over) = (AtomicUsize::new(0), AtomicBool::new(false));
    let lost = Arc::new(Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let mut open: Option<Client> = None;
                while !over.load(SeqCst) {
                    let mut client = match open.take() {
                        Some(client) => client,
                        None => match Client::try_connect(server.webhook, &server.ca.pem, &[], None) {
                            Ok(client) => client,
                            // The listener is closed: a Service sends nothing here any more.
                            Err(_) => return,
                        },
                    };
                    match client.post("/validate", &review("uid", IMAGE)) {
                        Ok(answer) => {
                            assert!(answer.allowed());
                            answered.fetch_add(1, SeqCst);
                            if !answer.closes() {
                                open = Some(client);
                            }
                        }
                        Err(error) => lost.lock().expect("no panic there").push(error.to_string()),
                    }
                }
            });
        }
        eventually("some load", || (answered.load(SeqCst) > 500).then_some(()));
        server.signal("TERM");
        eventually("unready", || server.event("draining"));
        std::thread::sleep(Duration::from_millis(800));
        // Endpoints are updated before the drain is over.
        over.store(true, SeqCst);
    });
    assert_eq!(server.wait().code(), Some(0));
    assert_eq!(*lost.lock().expect("no panic there"), Vec::<String>::new());
}
