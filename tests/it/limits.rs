//! Clients that are slow, greedy or strange do not stop the others.

use std::{
    fs,
    io::{Read as _, Write as _},
    net::{IpAddr, TcpStream},
    process::Command,
    time::{Duration, Instant},
};

use crate::support::{
    IMAGE, OPEN,
    client::{Client, Response, from, request},
    eventually,
    pem::Ca,
    review,
    server::{Server, command, folder},
};

const NEVER: Duration = Duration::from_millis(600);
const IN_TIME: Duration = Duration::from_secs(20);

fn answers(client: &mut Client) {
    assert!(client.post("/validate", &review("uid", IMAGE)).expect("an answer").allowed());
}

fn closed(server: &Server, reason: &str) -> f64 {
    server.metric(&format!("harbor_pilot_connections_closed_total{{listener=\"webhook\",reason=\"{reason}\"}}"))
}

#[test]
fn a_slow_head_is_cut_and_an_idle_connection_is_not() {
    let server = Server::start(&["--header-timeout", "200ms"]);
    let (mut silent, mut idle, mut slow) = (server.connect(), server.connect(), server.connect());
    answers(&mut idle);
    answers(&mut slow);
    slow.send(b"POST /validate HTTP/1.1\r\nHost: loc").expect("sending");
    assert!(slow.closes_within(IN_TIME));
    assert!(!silent.closes_within(NEVER));
    assert!(!idle.closes_within(NEVER));
    answers(&mut silent);
    answers(&mut idle);
    eventually("the count", || (closed(&server, "header_timeout") > 0.5).then_some(()));
}

#[test]
fn an_idle_connection_is_closed_at_its_time() {
    let server = Server::start(&["--idle-timeout", "300ms"]);
    let mut client = server.connect();
    answers(&mut client);
    let began = Instant::now();
    assert!(client.closes_within(IN_TIME));
    assert!(began.elapsed() > Duration::from_millis(250));
    eventually("the count", || (closed(&server, "idle") > 0.5).then_some(()));
}

#[test]
fn a_slow_handshake_is_cut() {
    let server = Server::start(&["--handshake-timeout", "200ms"]);
    let mut socket = TcpStream::connect(server.webhook).expect("connecting");
    socket.set_read_timeout(Some(IN_TIME)).expect("a timeout");
    // The beginning of a ClientHello.
    socket.write_all(&[22, 3, 1, 2, 0, 1]).expect("sending");
    assert_eq!(socket.read(&mut [0]).unwrap_or(0), 0);
    eventually("the count", || (closed(&server, "handshake_timeout") > 0.5).then_some(()));
    answers(&mut server.connect());
}

#[test]
fn a_slow_body_is_answered_and_cut() {
    let server = Server::start(&["--body-timeout", "200ms"]);
    let mut client = server.connect();
    client.send(&request("/mutate", &review("uid", IMAGE))[..300]).expect("sending");
    let answer = client.receive().expect("an answer");
    assert_eq!(answer.status, 408);
    assert!(answer.closes() && answer.body.contains("--body-timeout"), "{answer:?}");
    assert!(client.closes_within(IN_TIME));
}

#[test]
fn a_body_beyond_the_limit_is_read_and_then_refused() {
    let server = Server::start(&["--max-body-size", "64KiB"]);
    let body = "x".repeat(200 << 10);
    let answer = server.connect().post("/mutate", &body).expect("an answer, not a reset");
    assert_eq!(answer.status, 413);
    assert!(answer.closes() && answer.body.contains("--max-body-size"), "{answer:?}");

    let mut client = server.connect();
    client.send(b"POST /mutate HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n").expect("sending");
    for _ in 0..10 {
        client.send(format!("5000\r\n{}\r\n", "x".repeat(0x5000)).as_bytes()).expect("sending");
    }
    client.send(b"0\r\n\r\n").expect("sending");
    assert_eq!(client.receive().expect("an answer, not a reset").status, 413);

    let fits = format!("{}{}", review("uid", IMAGE), " ".repeat(60 << 10));
    assert!(server.connect().post("/validate", &fits).expect("an answer").allowed());
}

#[test]
fn a_large_body_within_the_limit_is_judged() {
    let server = Server::start(&[]);
    let mut review: serde_json::Value = serde_json::from_str(&review("uid", IMAGE)).expect("JSON");
    review["request"]["object"]["metadata"]["annotations"] = serde_json::json!({"note": "x".repeat(15 << 20)});
    assert!(server.connect().post("/validate", &review.to_string()).expect("an answer").allowed());
}

/// A body that does not come to its end gives way to one that does, and its sender is asked to try
/// again.
#[test]
fn when_bodies_take_too_much_memory_the_oldest_is_asked_for_a_retry() {
    let server = Server::start(&["--max-body-memory", "512KiB"]);
    let padded = |bytes: usize| format!("{}{}", review("uid", IMAGE), " ".repeat(bytes));
    let first = request("/validate", &padded(400 << 10));
    let mut holder = server.connect();
    holder.send(&first[..first.len() - 1]).expect("sending");
    eventually("the memory to be taken", || {
        (server.metric("harbor_pilot_body_memory_bytes") > 400_000.0).then_some(())
    });
    assert!(server.connect().post("/validate", &padded(300 << 10)).expect("an answer").allowed());
    holder.send(&first[first.len() - 1..]).expect("sending");
    asks_for_a_retry(&holder.receive().expect("an answer, not a reset"));
    // Nobody gives way to what would not fit in any case.
    asks_for_a_retry(&server.connect().post("/validate", &padded(600 << 10)).expect("an answer, not a reset"));
    answers(&mut server.connect());
    eventually("the memory to be free", || (server.metric("harbor_pilot_body_memory_bytes") < 0.5).then_some(()));
}

#[test]
fn who_goes_away_within_a_body_leaves_nothing_behind() {
    let server = Server::start(&[]);
    let begun = request("/validate", &format!("{}{}", review("uid", IMAGE), " ".repeat(400 << 10)));
    let ends: [fn(Client); 3] = [
        |mut client| {
            client.finish_sending().expect("ending");
            assert_eq!(client.receive().expect("an answer").status, 400);
            assert!(client.closes_within(IN_TIME));
        },
        |mut client| {
            client.end_socket().expect("ending");
            assert!(client.receive().is_err() || client.closes_within(IN_TIME));
        },
        drop,
    ];
    let held = || server.metric("harbor_pilot_body_memory_bytes");
    for end in ends {
        let mut client = server.connect();
        client.send(&begun[..begun.len() - 1]).expect("sending");
        eventually("the memory to be taken", || (held() > 400_000.0).then_some(()));
        end(client);
        eventually("the memory to be free", || (held() < 0.5).then_some(()));
        eventually("no connection", || {
            (server.metric("harbor_pilot_connections{listener=\"webhook\"}") < 0.5).then_some(())
        });
    }
    answers(&mut server.connect());
}

fn asks_for_a_retry(answer: &Response) {
    assert_eq!(answer.status, 503);
    assert!(answer.closes() && answer.head.contains("\r\nretry-after: 1\r\n"), "{answer:?}");
}

#[test]
fn at_the_limit_the_idlest_connection_makes_room() {
    let server = Server::start(&["--max-connections", "4"]);
    let mut clients: Vec<Client> = (0..4).map(|_| server.connect()).collect();
    // The first is the oldest connection, but the second is the idlest.
    for index in [1, 2, 3, 0] {
        answers(&mut clients[index]);
    }
    let mut fifth = server.connect();
    answers(&mut fifth);
    assert!(clients[1].closes_within(IN_TIME));
    for index in [0, 2, 3] {
        answers(&mut clients[index]);
    }
    assert!(closed(&server, "limit") > 0.5);
}

#[test]
fn a_request_under_way_is_not_cut_for_a_new_connection() {
    // A request is under way, and not slow, for a tenth of the time that a body may take.
    let server = Server::start(&["--max-connections", "3", "--body-timeout", "600s"]);
    let bytes = request("/validate", &review("uid", IMAGE));
    let (first, rest) = bytes.split_at(bytes.len() - 5);
    let mut busy = server.connect();
    busy.send(first).expect("sending");
    eventually("the request to be under way", || {
        (server.metric("harbor_pilot_body_memory_bytes") > 100.0).then_some(())
    });
    let mut others: Vec<Client> = (0..10).map(|_| server.connect()).collect();
    answers(&mut others[9]);
    busy.send(rest).expect("sending");
    assert!(busy.receive().expect("an answer").allowed());
    assert!(closed(&server, "limit") > 7.5);
}

/// Requests that never come to their end are of no more worth than a connection that rests.
#[test]
fn slow_bodies_of_many_peers_do_not_push_out_another() {
    let server = Server::start(&["--max-connections", "9"]);
    let peer = |last: u8| Client::over(from([127, 0, 0, last].into(), server.webhook), &server.ca.pem);
    let mut guest = peer(9).expect("connecting");
    answers(&mut guest);
    let slow = request("/validate", &review("uid", IMAGE));
    let mut attackers: Vec<Client> = Vec::new();
    for number in 0..40 {
        let mut attacker = peer(number % 4 + 2).expect("connecting");
        // The server may have closed it again.
        let _ = attacker.send(&slow[..slow.len() - 5]);
        attackers.push(attacker);
    }
    answers(&mut guest);
    answers(&mut peer(9).expect("connecting"));
    assert!(closed(&server, "limit") > 29.5);
}

/// Behind a proxy all clients have one address.
#[test]
fn connections_that_ask_for_nothing_do_not_push_out_one_that_did() {
    let server = Server::start(&["--max-connections-per-peer", "4"]);
    let mut guest = server.connect();
    answers(&mut guest);
    let silent: Vec<Client> = (0..20).map(|_| server.connect()).collect();
    answers(&mut guest);
    drop(silent);
    assert!(closed(&server, "peer_limit") > 16.5);
}

#[test]
fn one_peer_at_its_limit_does_not_push_out_another() {
    let server = Server::start(&["--max-connections", "100", "--max-connections-per-peer", "3"]);
    let other: IpAddr = "127.0.0.9".parse().expect("an address");
    let mut guest = Client::over(from(other, server.webhook), &server.ca.pem).expect("connecting");
    answers(&mut guest);
    let mut clients: Vec<Client> = (0..8).map(|_| server.connect()).collect();
    answers(&mut guest);
    let mut last = clients.pop().expect("a client");
    answers(&mut last);
    assert!(clients[0].closes_within(IN_TIME));
    assert!(closed(&server, "peer_limit") > 4.5);
    eventually("the closed ones to be gone", || {
        (server.metric("harbor_pilot_connections{listener=\"webhook\"}") < 4.5).then_some(())
    });
}

#[test]
fn a_flood_of_garbage_and_half_open_handshakes_stops_nobody() {
    let server = Server::start(&["--max-connections", "32"]);
    let floods: Vec<TcpStream> = (0..300)
        .filter_map(|index| {
            let mut socket = TcpStream::connect(server.webhook).ok()?;
            let garbage: &[u8] = match index % 4 {
                0 => b"",
                1 => b"GET / HTTP/1.1\r\n\r\n",
                2 => &[22, 3, 1, 1, 0, 1, 0],
                _ => &[0xff; 4000],
            };
            let _ = socket.write_all(garbage);
            Some(socket)
        })
        .collect();
    for _ in 0..20 {
        answers(&mut server.connect());
    }
    drop(floods);
}

#[test]
fn a_client_that_does_not_read_its_answers_is_cut() {
    let server = Server::start(&["--body-timeout", "300ms"]);
    let mut client = server.connect();
    client.set_write_timeout(Duration::from_millis(200));
    let bytes = request("/validate", "no review").repeat(100);
    // Answers pile up until both sides wait for each other.
    while client.send(&bytes).is_ok() {}
    eventually("the cut", || (closed(&server, "not_reading") > 0.5).then_some(()));
    answers(&mut server.connect());
}

/// With every file descriptor in use, `accept` fails for as long as nothing is closed.
#[test]
fn out_of_file_descriptors_it_goes_on_without_spinning() {
    let folder = folder();
    let ca = Ca::new();
    ca.issue().write(folder.path());
    fs::write(folder.path().join("policies.yaml"), OPEN).expect("writing");
    let serve = command(folder.path(), &["--tls-cert", "tls.crt", "--tls-key", "tls.key", "--workers", "1"]);
    let mut limited = Command::new("/bin/sh");
    limited.args(["-c", "ulimit -n 48; exec \"$0\" \"$@\""]).arg(serve.get_program()).args(serve.get_args());
    limited.current_dir(folder.path()).env_clear();
    limited.envs(serve.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let server = Server::spawn(limited, folder, ca);
    let mut held: Vec<TcpStream> = Vec::new();
    for _ in 0..100 {
        held.push(TcpStream::connect(server.webhook).expect("the kernel accepts"));
    }
    eventually("the complaint", || server.event("could not accept a connection"));
    answers(&mut server.connect());
    let before = processor_ticks(server.id());
    std::thread::sleep(Duration::from_secs(1));
    let spent = processor_ticks(server.id()) - before;
    assert!(spent < 50, "{spent} ticks of 10 ms in a second");
    drop(held);
    answers(&mut server.connect());
    let told = |line: &serde_json::Value| {
        line["message"].as_str().is_some_and(|text| text.starts_with("could not accept a connection"))
    };
    assert_eq!(server.log().iter().filter(|line| told(line)).count(), 1, "once in a while, not for each try");
}

fn processor_ticks(id: u32) -> u64 {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).expect("Linux");
    let after_name = stat.rsplit_once(") ").expect("a name").1;
    after_name.split(' ').skip(11).take(2).map(|ticks| ticks.parse::<u64>().expect("a number")).sum()
}
