use std::{
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpListener},
    sync::mpsc::{Receiver, channel},
    thread,
    time::Duration,
};

use http::Request;
use hyper::body::Bytes;

use super::{Failure, Limits, Outbound, Proxies, Routes, Trust};

const LIMITS: Limits = Limits { connect: Duration::from_secs(10), silence: Duration::from_secs(10), answer: 1 << 20 };

fn outbound(proxies: Proxies, limits: Limits) -> Outbound {
    let (tls, _) = Trust::Anything.tls(None).expect("TLS");
    Outbound::new(Routes::new(proxies, tls, None), limits)
}

fn straight(limits: Limits) -> Outbound {
    outbound(Proxies::None, limits)
}

fn get(address: &str) -> Request<Bytes> {
    Request::get(address).body(Bytes::new()).expect("a request")
}

/// A server that gives each connection as many of these answers as there are for it, closes it, and
/// tells what it was asked, with the number of the connection.
fn server(answers: &'static [&'static [&'static str]]) -> (SocketAddr, Receiver<(usize, String)>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("bound");
    let (tell, asked) = channel();
    thread::spawn(move || {
        for (number, answers) in answers.iter().enumerate() {
            let (mut stream, _) = listener.accept().expect("a client");
            for answer in *answers {
                let mut request = Vec::new();
                while !request.ends_with(b"\r\n\r\n") {
                    let mut byte = [0];
                    if stream.read(&mut byte).expect("a request") == 0 {
                        return;
                    }
                    request.push(byte[0]);
                }
                tell.send((number, String::from_utf8(request).expect("text"))).expect("a listener");
                stream.write_all(answer.as_bytes()).expect("sent");
            }
        }
    });
    (address, asked)
}

const SHORT: &str = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nshort";

#[tokio::test]
async fn one_connection_serves_one_request_after_another() {
    let (address, asked) = server(&[&[SHORT, SHORT]]);
    let outbound = straight(LIMITS);
    for path in ["/a?b=c", "/d"] {
        let answer = outbound.exchange(get(&format!("http://{address}{path}"))).await.expect("an answer");
        assert_eq!(&answer.body()[..], b"short");
        let (connection, request) = asked.recv().expect("a request");
        assert_eq!(connection, 0);
        assert!(request.starts_with(&format!("GET {path} HTTP/1.1\r\n")), "{request}");
        assert!(request.contains(&format!("host: {address}\r\n")), "{request}");
    }
}

#[tokio::test]
async fn a_connection_that_the_server_has_closed_is_replaced() {
    let (address, asked) = server(&[&[SHORT], &[SHORT]]);
    let outbound = straight(LIMITS);
    for expected in [0, 1] {
        outbound.exchange(get(&format!("http://{address}/"))).await.expect("an answer");
        assert_eq!(asked.recv().expect("a request").0, expected);
    }
}

#[tokio::test]
async fn nothing_is_kept_that_leads_elsewhere() {
    let (one, asked_one) = server(&[&[SHORT, SHORT]]);
    let (other, asked_other) = server(&[&[SHORT]]);
    let outbound = straight(LIMITS);
    for address in [one, other] {
        outbound.exchange(get(&format!("http://{address}/"))).await.expect("an answer");
    }
    assert_eq!((asked_one.recv().expect("asked").0, asked_other.recv().expect("asked").0), (0, 0));
}

#[tokio::test]
async fn an_answer_has_its_limits() {
    let (address, _asked) = server(&[&[SHORT]]);
    let outbound = straight(Limits { answer: 4, ..LIMITS });
    let failure = outbound.exchange(get(&format!("http://{address}/"))).await.expect_err("too long");
    assert!(matches!(failure, Failure::TooLong(4)), "{failure}");

    let (address, _asked) = server(&[&["HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nsho"]]);
    let failure = straight(LIMITS).exchange(get(&format!("http://{address}/"))).await.expect_err("broken off");
    assert!(matches!(failure, Failure::Broken(_)), "{failure}");

    // Accepts nobody: what is sent is heard by the backlog alone.
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("bound");
    let silence = Duration::from_millis(50);
    let outbound = straight(Limits { silence, ..LIMITS });
    let failure = outbound.exchange(get(&format!("http://{address}/"))).await.expect_err("silence");
    assert!(matches!(failure, Failure::Silence(_)), "{failure}");
    drop(listener);
    let failure = outbound.exchange(get(&format!("http://{address}/"))).await.expect_err("nobody there");
    assert!(matches!(failure, Failure::Connection(_)), "{failure}");
    assert!(failure.innermost().contains("refused"), "{}", failure.innermost());
}

#[tokio::test]
async fn a_proxy_sees_where_a_request_in_the_clear_goes_and_who_asks() {
    let (address, asked) = server(&[&[SHORT]]);
    let outbound = outbound(Proxies::one("a test", &format!("http://me:word@{address}")), LIMITS);
    outbound.exchange(get("http://harbor.example/a")).await.expect("an answer");
    let (_, request) = asked.recv().expect("a request");
    assert!(request.starts_with("GET http://harbor.example/a HTTP/1.1\r\n"), "{request}");
    assert!(request.contains("host: harbor.example\r\n"), "{request}");
    assert!(request.contains("proxy-authorization: Basic bWU6d29yZA==\r\n"), "{request}");
}

#[tokio::test]
async fn a_proxy_gives_a_tunnel_to_what_is_encrypted_and_learns_no_more() {
    let (address, asked) = server(&[&["HTTP/1.1 200 OK\r\n\r\n"]]);
    let outbound = outbound(Proxies::one("a test", &format!("http://me:word@{address}")), LIMITS);
    // Nobody is at the end of this tunnel.
    let failure = outbound.exchange(get("https://harbor.example/secret")).await.expect_err("no TLS");
    assert!(matches!(failure, Failure::Connection(_)), "{failure}");
    let (_, request) = asked.recv().expect("a request");
    assert!(request.starts_with("CONNECT harbor.example:443 HTTP/1.1\r\n"), "{request}");
    assert!(request.contains("Proxy-Authorization: Basic bWU6d29yZA==\r\n"), "{request}");
    assert!(!request.contains("secret"), "{request}");
}
