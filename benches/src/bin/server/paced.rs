//! Load of a given rate over HTTP/1.1 as it comes from clients that know nothing of each other: at
//! random times, whether the answers before have come or not.
//!
//! The thread never sleeps, so that the time it takes to wake up is not in what it measures.

use std::{
    collections::VecDeque,
    fs,
    io::{ErrorKind, Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use rustls::{ClientConfig, ClientConnection, RootCertStore, crypto::ring};
use rustls_pki_types::{CertificateDer, ServerName, pem::PemObject as _};

use super::{bench::Bench, load::Measured, process::Process};

/// How the load comes: so many requests a second in the mean.
#[derive(Clone, Copy)]
pub(crate) struct Pace {
    pub(crate) connections: usize,
    pub(crate) per_second: f64,
    pub(crate) requests: usize,
}

/// What one run came to.
pub(crate) struct Paced {
    /// A request takes from when it is due, sent then or later, to the last byte of its answer.
    pub(crate) measured: Measured,
    /// The share of requests for which no connection was free when they were due.
    pub(crate) waited: f64,
    /// What sending a request and reading its answer takes here. What is due meanwhile is late by it.
    pub(crate) own: Duration,
}

/// The same times in every run.
const SEED: u64 = 8;

/// How long the last answer may take.
const PATIENCE: Duration = Duration::from_secs(20);

impl Pace {
    pub(crate) fn run(&self, server: &Process, bench: &Bench) -> Paced {
        let request = request(server.address, &fs::read(&bench.body).expect("a body"));
        let tls = Arc::new(client(&bench.ca));
        let mut idle: VecDeque<_> =
            (0..self.connections).map(|_| Connection::open(server.address, Arc::clone(&tls))).collect();
        let mut busy: Vec<(Duration, Connection)> = Vec::with_capacity(self.connections);
        let due = self.times();
        let (mut next, mut seen, mut waited) = (0, 0, 0_u32);
        let mut own = Duration::ZERO;
        let mut took = Vec::with_capacity(self.requests);
        let before = server.cpu_time();
        let start = Instant::now();
        while took.len() < self.requests {
            while due.get(next).is_some_and(|due| *due <= start.elapsed()) {
                // The one that rested longest, so that all have their share.
                let Some(mut connection) = idle.pop_front() else { break };
                let began = Instant::now();
                connection.send(&request);
                own += began.elapsed();
                busy.push((due[next], connection));
                next += 1;
            }
            seen = seen.max(next);
            while idle.is_empty() && due.get(seen).is_some_and(|due| *due <= start.elapsed()) {
                waited += 1;
                seen += 1;
            }
            let mut index = 0;
            while let Some((due, connection)) = busy.get_mut(index) {
                let began = Instant::now();
                let progress = connection.receive();
                match progress {
                    Progress::None => index += 1,
                    Progress::Part => own += began.elapsed(),
                    Progress::Whole => {
                        took.push(start.elapsed().saturating_sub(*due));
                        own += began.elapsed();
                        idle.push_back(busy.swap_remove(index).1);
                    }
                }
            }
            let latest = due.last().map_or(PATIENCE, |last| *last + PATIENCE);
            assert!(start.elapsed() < latest, "{} answers are missing", self.requests - took.len());
        }
        let lasted = start.elapsed();
        let spent = server.cpu_time().saturating_sub(before);
        let requests = u32::try_from(self.requests).expect("not so many");
        Paced {
            measured: Measured::of(took, lasted, spent),
            waited: f64::from(waited) / f64::from(requests),
            own: own / requests,
        }
    }

    /// When the requests are due: a Poisson process, whose distances are exponentially distributed.
    fn times(&self) -> Vec<Duration> {
        let mut random = fastrand::Rng::with_seed(SEED);
        let mut time = 0.0;
        let mut next = || {
            time -= (1.0 - random.f64()).ln() / self.per_second;
            Duration::from_secs_f64(time)
        };
        (0..self.requests).map(|_| next()).collect()
    }
}

fn request(address: SocketAddr, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "POST /mutate HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

/// One that trusts the servers' CA alone.
fn client(ca: &Path) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(ca).expect("a certificate")).expect("a CA");
    let mut client = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    client.alpn_protocols = vec![b"http/1.1".to_vec()];
    client
}

struct Connection {
    stream: TcpStream,
    tls: ClientConnection,
    /// What has come of the answer.
    answer: Vec<u8>,
}

/// What a look at a connection has brought.
enum Progress {
    None,
    Part,
    /// The last byte of an answer.
    Whole,
}

impl Connection {
    /// With its handshake done.
    fn open(address: SocketAddr, client: Arc<ClientConfig>) -> Self {
        let mut stream = TcpStream::connect(address).expect("a connection");
        stream.set_nodelay(true).expect("an option");
        let server = ServerName::IpAddress(address.ip().into());
        let mut tls = ClientConnection::new(client, server).expect("a client");
        tls.set_buffer_limit(None);
        while tls.is_handshaking() {
            tls.complete_io(&mut stream).expect("a handshake");
        }
        stream.set_nonblocking(true).expect("an option");
        Self { stream, tls, answer: Vec::new() }
    }

    fn send(&mut self, request: &[u8]) {
        self.answer.clear();
        self.tls.writer().write_all(request).expect("memory");
        self.flush();
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

    fn receive(&mut self) -> Progress {
        self.flush();
        let mut progress = Progress::None;
        loop {
            match self.tls.read_tls(&mut self.stream) {
                Ok(0) => panic!("the server closed a connection: {}", String::from_utf8_lossy(&self.answer)),
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => return progress,
                Err(error) => panic!("an answer broke off: {error}"),
            }
            progress = Progress::Part;
            let state = self.tls.process_new_packets().expect("TLS");
            let have = self.answer.len();
            self.answer.resize(have + state.plaintext_bytes_to_read(), 0);
            self.tls.reader().read_exact(&mut self.answer[have..]).expect("plain text");
            if is_whole(&self.answer) {
                return Progress::Whole;
            }
        }
    }
}

/// Whether this is an answer of status 200 with all its body.
fn is_whole(answer: &[u8]) -> bool {
    let mut headers = [httparse::EMPTY_HEADER; 32];
    let mut head = httparse::Response::new(&mut headers);
    let httparse::Status::Complete(body) = head.parse(answer).expect("an answer of HTTP/1.1") else { return false };
    assert_eq!(head.code, Some(200), "a request failed: {}", String::from_utf8_lossy(answer));
    let length = head.headers.iter().find(|header| header.name.eq_ignore_ascii_case("content-length"));
    let length = length.and_then(|header| str::from_utf8(header.value).ok()?.parse::<usize>().ok());
    let whole = body + length.expect("the length of an answer");
    assert!(answer.len() <= whole, "an answer is longer than it says");
    answer.len() == whole
}
