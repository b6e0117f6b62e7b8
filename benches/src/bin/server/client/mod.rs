//! Clients that never sleep: a thread of load looks at each of its connections in turn, whether something
//! has come or not. No server has to wake it up, as it has not to in a cluster either, where the API server
//! is on another machine; and what the load itself takes to wake up is in no figure.

mod http1;
mod http2;

use std::{
    fs,
    io::{ErrorKind, Read as _, Write},
    net::{SocketAddr, TcpStream},
    path::Path,
    sync::Arc,
    time::Duration,
};

use http1::Http1;
use http2::Http2;
use rustls::{ClientConfig, ClientConnection, RootCertStore, crypto::ring};
use rustls_pki_types::{CertificateDer, ServerName, pem::PemObject as _};

use super::{
    bench::Bench,
    load::{Load, Protocol},
    process::Process,
};

/// How long the server's part of a handshake may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// A connection over TLS, whose reads and writes never wait.
pub(crate) struct Connection {
    stream: TcpStream,
    tls: ClientConnection,
    /// Plain text of which the rest is to come.
    received: Vec<u8>,
    talk: Box<dyn Talk>,
}

/// What requests and answers look like, and which of them are under way. Whoever sends a request says
/// when it was due, and hears that again with its answer.
trait Talk {
    /// Says what comes before the first request.
    fn greet(&self, out: &mut dyn Write);

    /// Whether a request may be sent now.
    fn is_free(&self) -> bool;

    fn ask(&mut self, due: Duration, out: &mut dyn Write);

    /// Takes away what is complete of `received`. An answer that is not the one that is expected is the
    /// end of the measurement.
    fn hear(&mut self, received: &mut Vec<u8>, out: &mut dyn Write, answered: &mut Vec<Duration>);
}

/// Connections to a server, with their handshakes done.
pub(crate) fn open(load: Load, server: &Process, bench: &Bench) -> Vec<Connection> {
    let body = fs::read(&bench.body).expect("a body");
    let answer: Arc<[u8]> = fs::read(&bench.answer).expect("an answer").into();
    let talk = || -> Box<dyn Talk> {
        match load.protocol {
            Protocol::Http1 => Box::new(Http1::new(server.address, &body, Arc::clone(&answer))),
            Protocol::Http2(streams) => Box::new(Http2::new(server.address, &body, answer.len(), streams)),
        }
    };
    let name = match load.protocol {
        Protocol::Http1 => "http/1.1",
        Protocol::Http2(_) => "h2",
    };
    let tls = Arc::new(trusting(&bench.ca, name));
    (0..load.connections).map(|_| Connection::open(server.address, Arc::clone(&tls), talk())).collect()
}

/// One that trusts the servers' CA alone.
fn trusting(ca: &Path, protocol: &str) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(ca).expect("a certificate")).expect("a CA");
    let mut client = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    client.alpn_protocols = vec![protocol.into()];
    client
}

impl Connection {
    fn open(address: SocketAddr, client: Arc<ClientConfig>, talk: Box<dyn Talk>) -> Self {
        let mut stream = TcpStream::connect(address).expect("a connection");
        stream.set_nodelay(true).expect("an option");
        stream.set_read_timeout(Some(PATIENCE)).expect("an option");
        let protocol = client.alpn_protocols.clone();
        let server = ServerName::IpAddress(address.ip().into());
        let mut tls = ClientConnection::new(client, server).expect("a client");
        tls.set_buffer_limit(None);
        while tls.is_handshaking() {
            tls.complete_io(&mut stream).expect("a handshake");
        }
        assert_eq!(tls.alpn_protocol(), protocol.first().map(Vec::as_slice), "the server speaks something else");
        stream.set_nonblocking(true).expect("an option");
        talk.greet(&mut tls.writer());
        Self { stream, tls, received: Vec::new(), talk }
    }

    /// Whether a request may be sent now.
    pub(crate) fn is_free(&self) -> bool {
        self.talk.is_free()
    }

    /// Sends a request, some of it perhaps when this connection is looked at again.
    pub(crate) fn send(&mut self, due: Duration) {
        self.talk.ask(due, &mut self.tls.writer());
        self.flush();
    }

    /// Reads what has come, and tells whether anything has, and when the requests were due that are
    /// answered by it.
    pub(crate) fn receive(&mut self, answered: &mut Vec<Duration>) -> Came {
        self.flush();
        let mut came = Came::Nothing;
        let before = answered.len();
        while answered.len() == before {
            match self.tls.read_tls(&mut self.stream) {
                Ok(0) => panic!("the server closed a connection: {}", String::from_utf8_lossy(&self.received)),
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => panic!("an answer broke off: {error}"),
            }
            came = Came::Something;
            let state = self.tls.process_new_packets().expect("TLS");
            let have = self.received.len();
            self.received.resize(have + state.plaintext_bytes_to_read(), 0);
            self.tls.reader().read_exact(&mut self.received[have..]).expect("plain text");
            self.talk.hear(&mut self.received, &mut self.tls.writer(), answered);
        }
        came
    }

    /// Writes what the kernel takes.
    fn flush(&mut self) {
        while self.tls.wants_write() {
            match self.tls.write_tls(&mut self.stream) {
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => panic!("a request could not be sent: {error}"),
            }
        }
    }
}

/// What a look at a connection has brought.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Came {
    Nothing,
    Something,
}
