//! One connection, from the TLS handshake to its end.

use std::{
    convert::Infallible,
    net::SocketAddr,
    pin::{Pin, pin},
    sync::Arc,
    time::Duration,
};

use axum::{
    Router,
    body::Body,
    http::{HeaderValue, Request, Response, header::CONNECTION},
};
use hyper::{
    body::Incoming,
    server::conn::{http1, http2},
    service::{Service, service_fn},
};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    sync::watch,
    time::timeout,
};
use tokio_rustls::TlsAcceptor;
use tower_service::Service as _;
use tracing::debug;

use super::{
    connections::{Connection, Registered, UnderWay},
    labels::ClosedBecause,
    read_ahead::ReadAhead,
    shutdown::Phase,
    tls::{ALPN_HTTP2, Tls},
    watched::Watched,
};

/// How a listener's connections are served.
#[derive(Clone, Debug)]
pub(super) struct Serving {
    pub(super) transport: Transport,
    pub(super) router: Router,
    pub(super) phase: watch::Receiver<Phase>,
    pub(super) handshake: Duration,
}

/// What a listener's connections speak below HTTP.
#[derive(Clone, Debug)]
pub(super) enum Transport {
    /// Nothing.
    Plain,
    /// TLS.
    Tls(Arc<Tls>),
}

/// What was agreed on by ALPN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Protocol {
    Http1,
    Http2,
}

/// How long an idle connection has to say goodbye when it is closed.
const LAST_WORDS: Duration = Duration::from_millis(100);

/// The same where a new one waits for its place: what can be said at once, and no more.
const LAST_WORDS_AT_A_LIMIT: Duration = Duration::ZERO;

/// Largest head of a request, and what is read at once of a body.
const BUFFER_SIZE: usize = 32 << 10;

/// Streams that a client may have open at a time on one HTTP/2 connection.
const STREAMS: u32 = 128;

impl Serving {
    /// Serves a connection to its end.
    pub(super) async fn serve(self, stream: TcpStream, peer: SocketAddr, registered: Registered) {
        let connection = Arc::clone(registered.connection());
        // An answer is one write: there is nothing to wait for.
        let _ = stream.set_nodelay(true);
        let because = match &self.transport {
            Transport::Plain => self.serve_http(stream, Protocol::Http1, &connection).await,
            Transport::Tls(tls) => {
                let Some(config) = tls.config() else {
                    debug!(%peer, "there is no certificate to answer with yet");
                    return registered.closed(ClosedBecause::HandshakeFailed);
                };
                let handshake = TlsAcceptor::from(config).accept(ReadAhead::new(stream));
                tokio::select! {
                    biased;
                    because = connection.closing() => because,
                    shaken = timeout(self.handshake, handshake) => match shaken {
                        Err(_) => ClosedBecause::HandshakeTimeout,
                        Ok(Err(error)) => {
                            debug!(%peer, %error, "TLS handshake failed");
                            ClosedBecause::HandshakeFailed
                        }
                        Ok(Ok(stream)) => {
                            connection.shook_hands();
                            let http2 = stream.get_ref().1.alpn_protocol() == Some(ALPN_HTTP2);
                            let protocol = if http2 { Protocol::Http2 } else { Protocol::Http1 };
                            self.serve_http(stream, protocol, &connection).await
                        }
                    },
                }
            }
        };
        registered.closed(because);
    }

    async fn serve_http<S>(&self, stream: S, protocol: Protocol, connection: &Arc<Connection>) -> ClosedBecause
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let io = TokioIo::new(Watched::new(stream, protocol, Arc::clone(connection)));
        let service = service_fn(|request: Request<Incoming>| self.answer(protocol, connection, request));
        match protocol {
            Protocol::Http1 => {
                let http = http1::Builder::new()
                    .timer(TokioTimer::new())
                    .header_read_timeout(None)
                    // A request is judged once its body is there: nobody looks for its sender's end meanwhile,
                    // which would take a second buffer.
                    .half_close(true)
                    .max_buf_size(BUFFER_SIZE)
                    .serve_connection(io, service);
                self.drive(http, protocol, connection).await
            }
            Protocol::Http2 => {
                let http = http2::Builder::new(TokioExecutor::new())
                    .timer(TokioTimer::new())
                    .max_concurrent_streams(STREAMS)
                    .serve_connection(io, service);
                self.drive(http, protocol, connection).await
            }
        }
    }

    /// Answers a request. While draining, an HTTP/1.1 answer closes its connection; HTTP/2 has
    /// GOAWAY for that.
    fn answer(
        &self,
        protocol: Protocol,
        connection: &Arc<Connection>,
        request: Request<Incoming>,
    ) -> impl Future<Output = Result<Response<Answer>, Infallible>> + Send + 'static {
        let under_way = connection.begin();
        let mut router = self.router.clone();
        let phase = self.phase.clone();
        async move {
            let Ok(mut response) = router.call(request.map(Body::new)).await;
            match protocol {
                Protocol::Http1 if *phase.borrow() != Phase::Serving => {
                    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
                }
                Protocol::Http1 => {}
                // What says `close` in HTTP/1.1 has no place in HTTP/2.
                Protocol::Http2 => drop(response.headers_mut().remove(CONNECTION)),
            }
            Ok(response.map(|body| Answer { body, _under_way: under_way }))
        }
    }

    async fn drive<C: Http>(&self, http: C, protocol: Protocol, connection: &Connection) -> ClosedBecause {
        let mut http = pin!(http);
        let mut phase = self.phase.clone();
        let mut told = false;
        loop {
            tokio::select! {
                biased;
                because = connection.closing() => {
                    if !connection.is_under_way() {
                        http.as_mut().graceful_shutdown();
                        let _ = timeout(last_words(because), http).await;
                    }
                    return because;
                }
                () = draining(&mut phase), if protocol == Protocol::Http2 && !told => {
                    http.as_mut().graceful_shutdown();
                    told = true;
                }
                ended = http.as_mut() => return match ended {
                    Ok(()) if *self.phase.borrow() == Phase::Serving => ClosedBecause::Done,
                    Ok(()) => ClosedBecause::Drained,
                    Err(error) => {
                        debug!(error = %Chain(&error), "connection failed");
                        ClosedBecause::Failed
                    }
                },
            }
        }
    }
}

fn last_words(because: ClosedBecause) -> Duration {
    match because {
        ClosedBecause::Limit | ClosedBecause::PeerLimit => LAST_WORDS_AT_A_LIMIT,
        _ => LAST_WORDS,
    }
}

/// Waits for the drain to begin.
async fn draining(phase: &mut watch::Receiver<Phase>) {
    // Where the sender is gone, the runtime is ending.
    let _ = phase.wait_for(|phase| *phase != Phase::Serving).await;
}

/// An answer's body. The request is under way until hyper has taken all of it.
struct Answer {
    body: Body,
    _under_way: UnderWay,
}

impl hyper::body::Body for Answer {
    type Data = <Body as hyper::body::Body>::Data;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<hyper::body::Frame<Self::Data>, Self::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> hyper::body::SizeHint {
        self.body.size_hint()
    }
}

/// A connection of either version.
trait Http: Future<Output = hyper::Result<()>> {
    /// Ends it when what is under way is answered.
    fn graceful_shutdown(self: Pin<&mut Self>);
}

impl<I, S> Http for http1::Connection<I, S>
where
    S: Service<Request<Incoming>, Response = Response<Answer>>,
    S::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    I: hyper::rt::Read + hyper::rt::Write + Unpin,
{
    fn graceful_shutdown(self: Pin<&mut Self>) {
        self.graceful_shutdown();
    }
}

impl<I, S> Http for http2::Connection<I, S, TokioExecutor>
where
    S: Service<Request<Incoming>, Response = Response<Answer>>,
    S::Future: Send + 'static,
    S::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    I: hyper::rt::Read + hyper::rt::Write + Unpin,
{
    fn graceful_shutdown(self: Pin<&mut Self>) {
        self.graceful_shutdown();
    }
}

/// An error and what caused it, in one line.
pub(super) struct Chain<'e>(pub(super) &'e dyn std::error::Error);

impl std::fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)?;
        let mut cause = self.0.source();
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}
