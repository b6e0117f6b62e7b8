//! A client that does exactly what it is told, byte by byte.

use std::{
    io::{self, Read as _, Write as _},
    net::{IpAddr, Shutdown, SocketAddr, TcpStream},
    sync::Arc,
    time::Duration,
};

use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned, crypto::ring};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName, pem::PemObject as _};

use super::pem::Pair;

/// A TLS connection.
pub(crate) struct Client {
    stream: StreamOwned<ClientConnection, TcpStream>,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Client {
    pub(crate) fn connect(to: SocketAddr, ca: &str, alpn: &[&[u8]]) -> Self {
        Self::try_connect(to, ca, alpn, None).expect("connecting")
    }

    /// Connects, with a certificate of its own if there is one.
    pub(crate) fn try_connect(to: SocketAddr, ca: &str, alpn: &[&[u8]], own: Option<&Pair>) -> io::Result<Self> {
        Self::shake_hands(TcpStream::connect(to)?, ca, alpn, own)
    }

    /// Speaks TLS on a connection that is there.
    pub(crate) fn over(socket: TcpStream, ca: &str) -> io::Result<Self> {
        Self::shake_hands(socket, ca, &[], None)
    }

    fn shake_hands(socket: TcpStream, ca: &str, alpn: &[&[u8]], own: Option<&Pair>) -> io::Result<Self> {
        socket.set_read_timeout(Some(super::SOON))?;
        socket.set_nodelay(true)?;
        let name = ServerName::try_from("localhost").expect("a name");
        let connection = ClientConnection::new(Arc::new(config(ca, alpn, own)), name).map_err(io::Error::other)?;
        let mut stream = StreamOwned::new(connection, socket);
        while stream.conn.is_handshaking() {
            stream.conn.complete_io(&mut stream.sock)?;
        }
        Ok(Self { stream })
    }

    pub(crate) fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes)?;
        self.stream.flush()
    }

    /// Says by TLS that nothing more will be sent, and then by TCP.
    pub(crate) fn finish_sending(&mut self) -> io::Result<()> {
        self.stream.conn.send_close_notify();
        self.stream.flush()?;
        self.end_socket()
    }

    /// Ends what is sent by TCP alone, as a peer does that ends without a word of TLS.
    pub(crate) fn end_socket(&self) -> io::Result<()> {
        self.stream.sock.shutdown(Shutdown::Write)
    }

    pub(crate) fn set_write_timeout(&mut self, timeout: Duration) {
        self.stream.sock.set_write_timeout(Some(timeout)).expect("a timeout");
    }

    /// A `POST` as the API server sends it, and the answer.
    pub(crate) fn post(&mut self, path: &str, body: &str) -> io::Result<Response> {
        self.send(&request(path, body))?;
        self.receive()
    }

    /// Reads one answer.
    pub(crate) fn receive(&mut self) -> io::Result<Response> {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            self.stream.read_exact(&mut byte)?;
            head.push(byte[0]);
        }
        let head = String::from_utf8_lossy(&head).to_lowercase();
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "))
            .map_or(0, |length| length.parse().expect("a length"));
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body)?;
        Ok(Response { status, head, body: String::from_utf8_lossy(&body).into_owned() })
    }

    /// Whether the server closes the connection within `wait`, without another word.
    pub(crate) fn closes_within(&mut self, wait: Duration) -> bool {
        self.stream.sock.set_read_timeout(Some(wait)).expect("a timeout");
        let closed = match self.stream.read(&mut [0]) {
            Ok(count) => count == 0,
            Err(error) => !matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut),
        };
        self.stream.sock.set_read_timeout(Some(super::SOON)).expect("a timeout");
        closed
    }

    /// The types of the HTTP/2 frames that come until the connection ends.
    pub(crate) fn frames(&mut self) -> Vec<u8> {
        let mut types = Vec::new();
        let mut head = [0; 9];
        while self.stream.read_exact(&mut head).is_ok() {
            let length = usize::from(head[0]) << 16 | usize::from(head[1]) << 8 | usize::from(head[2]);
            let mut payload = vec![0; length];
            if self.stream.read_exact(&mut payload).is_err() {
                break;
            }
            types.push(head[3]);
            // A PING that is no acknowledgement wants one.
            if head[3] == 6 && head[4] & 1 == 0 {
                head[4] |= 1;
                let _ = self.send(&[&head[..], &payload].concat());
            }
        }
        types
    }

    pub(crate) fn alpn(&self) -> Option<&[u8]> {
        self.stream.conn.alpn_protocol()
    }

    /// The server's certificate.
    pub(crate) fn certificate(&self) -> Vec<u8> {
        self.stream.conn.peer_certificates().expect("a handshake")[0].to_vec()
    }
}

impl Response {
    /// As JSON.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("expected JSON, but found {self:?}"))
    }

    pub(crate) fn allowed(&self) -> bool {
        self.json()["response"]["allowed"].as_bool().expect("a review")
    }

    pub(crate) fn closes(&self) -> bool {
        self.head.contains("\r\nconnection: close\r\n")
    }
}

/// A connection from an address of this machine.
pub(crate) fn from(own: IpAddr, to: SocketAddr) -> TcpStream {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let socket = runtime.block_on(async {
        let socket = tokio::net::TcpSocket::new_v4().expect("a socket");
        socket.bind(SocketAddr::new(own, 0)).expect("an address of this machine");
        socket.connect(to).await.expect("connecting").into_std().expect("a socket")
    });
    socket.set_nonblocking(false).expect("a socket that blocks");
    socket
}

/// The bytes of a `POST`.
pub(crate) fn request(path: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "POST {path}?timeout=10s HTTP/1.1\r\nHost: localhost\r\nUser-Agent: kube-apiserver-admission\r\n\
         Accept: application/json, */*\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}

/// A `GET` in plain HTTP: status and body.
pub(crate) fn get(from: SocketAddr, path: &str) -> (u16, String) {
    let mut socket = TcpStream::connect(from).expect("connecting");
    socket.set_read_timeout(Some(super::SOON)).expect("a timeout");
    write!(socket, "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").expect("writing");
    let mut answer = String::new();
    socket.read_to_string(&mut answer).expect("reading");
    let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
    let body = answer.split_once("\r\n\r\n").expect("a head").1.to_owned();
    (status, body)
}

fn config(ca: &str, alpn: &[&[u8]], own: Option<&Pair>) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(ca.as_bytes()).expect("PEM")).expect("a CA");
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots);
    let mut config = match own {
        None => config.with_no_client_auth(),
        Some(pair) => {
            let certificate = CertificateDer::from_pem_slice(pair.certificate.as_bytes()).expect("PEM");
            let key = PrivateKeyDer::from_pem_slice(pair.key.as_bytes()).expect("PEM");
            config.with_client_auth_cert(vec![certificate], key).expect("a pair")
        }
    };
    config.alpn_protocols = alpn.iter().map(|name| name.to_vec()).collect();
    config
}
