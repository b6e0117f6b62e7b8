//! The floor: hyper and rustls, a body read to its end, an answer that never changes. No limits, no
//! metrics, no log, no drain: nothing that a server needs beside. The same below axum, which finds the
//! webhook's paths, is the floor of the whole stack.

use std::{convert::Infallible, fs, net::SocketAddr, path::Path, sync::Arc};

use axum::{Router, routing::post};
use http_body_util::{BodyExt as _, Full};
use hyper::{
    Request, Response,
    body::{Bytes, Incoming},
    header::{CONTENT_TYPE, HeaderValue},
    service::service_fn,
};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto,
    service::TowerToHyperService,
};
use rustls::{ServerConfig, crypto::ring};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _};
use tokio::{net::TcpListener, runtime};
use tokio_rustls::TlsAcceptor;

/// What stands between hyper and the answer.
#[derive(Clone, Copy)]
pub(crate) enum Floor {
    /// Nothing.
    Bare,
    /// axum's router.
    Axum,
}

impl Floor {
    /// The argument that makes this program one.
    pub(crate) fn argument(self) -> &'static str {
        match self {
            Self::Bare => "--floor",
            Self::Axum => "--floor-with-axum",
        }
    }

    pub(crate) fn of(argument: &str) -> Option<Self> {
        [Self::Bare, Self::Axum].into_iter().find(|floor| floor.argument() == argument)
    }
}

/// Serves for ever.
pub(crate) fn serve(floor: Floor, address: SocketAddr, certificate: &Path, key: &Path, answer: &Path) -> ! {
    let answer = Bytes::from(fs::read(answer).expect("the answer"));
    let chain = CertificateDer::pem_file_iter(certificate).expect("a certificate").collect::<Result<_, _>>();
    let key = PrivateKeyDer::from_pem_file(key).expect("a key");
    let mut tls = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(chain.expect("certificates"), key)
        .expect("a certificate and its key");
    tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let constant_answer = answer.clone();
    let axum = Router::new()
        .route("/mutate", post(|_: Bytes| async { ([(CONTENT_TYPE, "application/json")], constant_answer) }));
    let acceptor = TlsAcceptor::from(Arc::new(tls));
    let runtime = runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let listener = TcpListener::bind(address).await.expect("a socket");
        loop {
            let (stream, _) = listener.accept().await.expect("a connection");
            stream.set_nodelay(true).expect("an option");
            let (acceptor, answer, axum) = (acceptor.clone(), answer.clone(), axum.clone());
            tokio::spawn(async move {
                let Ok(stream) = acceptor.accept(stream).await else { return };
                let (http, io) = (auto::Builder::new(TokioExecutor::new()), TokioIo::new(stream));
                let service = service_fn(move |request| constant(request, answer.clone()));
                let _ = match floor {
                    Floor::Bare => http.serve_connection(io, service).await,
                    Floor::Axum => http.serve_connection(io, TowerToHyperService::new(axum)).await,
                };
            });
        }
    })
}

async fn constant(request: Request<Incoming>, answer: Bytes) -> Result<Response<Full<Bytes>>, Infallible> {
    // A body that breaks off has nobody left who waits for an answer.
    let _ = request.into_body().collect().await;
    let mut response = Response::new(Full::new(answer));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(response)
}
