//! How a server is reached: straight or by a proxy, in the clear or by TLS.

use std::sync::Arc;

use http::Uri;
use hyper_util::{
    client::{
        legacy::connect::{HttpConnector, proxy::Tunnel},
        proxy::matcher::Intercept,
    },
    rt::TokioIo,
};
use rustls::{ClientConfig, pki_types::ServerName};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsConnector;
use tower::{Service as _, service_fn};

use super::{Failure, Place, Proxies};

/// Bytes to and from a server.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// How servers are reached.
pub(crate) struct Routes {
    proxies: Proxies,
    tls: Tls,
    tcp: HttpConnector,
}

#[derive(Clone)]
struct Tls {
    connector: TlsConnector,
    /// Whose certificate is expected, where that is not the host's.
    name: Option<ServerName<'static>>,
}

impl Routes {
    pub(crate) fn new(proxies: Proxies, tls: ClientConfig, name: Option<ServerName<'static>>) -> Self {
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        Self { proxies, tls: Tls { connector: TlsConnector::from(Arc::new(tls)), name }, tcp }
    }

    /// The proxy that stands before this server.
    pub(super) fn proxy(&self, server: &Place) -> Result<Option<Intercept>, Failure> {
        self.proxies.before(server)
    }

    /// Where this address leads, and by which proxy, for an error.
    pub(super) fn way(&self, to: &Uri) -> String {
        let Ok(place) = Place::of(to) else { return "its address".to_owned() };
        match self.proxy(&place).map(|proxy| proxy.map(|proxy| Place::of(proxy.uri()))) {
            Ok(Some(Ok(proxy))) => format!("{place} by the proxy {proxy}"),
            _ => place.to_string(),
        }
    }

    pub(super) async fn connect(&self, to: &Uri, place: &Place) -> Result<Box<dyn Stream>, Failure> {
        let Some(proxy) = self.proxy(place)? else {
            let stream = self.reach(to).await?;
            return if place.is_encrypted() { self.tls.to_server(place, stream).await } else { Ok(stream) };
        };
        let before = Place::of(proxy.uri())?;
        let stream = self.reach(proxy.uri()).await?;
        let stream = if before.is_encrypted() { self.tls.to_proxy(&before, stream).await? } else { stream };
        if !place.is_encrypted() {
            return Ok(stream);
        }
        let mut stream = Some(TokioIo::new(stream));
        let reached = service_fn(move |_| std::future::ready(stream.take().ok_or("it was asked for twice")));
        let mut tunnel = Tunnel::new(proxy.uri().clone(), reached);
        if let Some(login) = proxy.basic_auth() {
            tunnel = tunnel.with_auth(login.clone());
        }
        let stream = tunnel.call(to.clone()).await.map_err(|error| Failure::Connection(error.into()))?;
        self.tls.to_server(place, stream.into_inner()).await
    }

    async fn reach(&self, to: &Uri) -> Result<Box<dyn Stream>, Failure> {
        let stream = self.tcp.clone().call(to.clone()).await.map_err(|error| Failure::Connection(error.into()))?;
        Ok(Box::new(stream.into_inner()))
    }
}

impl Tls {
    async fn to_server(&self, server: &Place, stream: Box<dyn Stream>) -> Result<Box<dyn Stream>, Failure> {
        match &self.name {
            Some(name) => self.handshake(name.clone(), stream).await,
            None => self.handshake(name_of(server)?, stream).await,
        }
    }

    async fn to_proxy(&self, proxy: &Place, stream: Box<dyn Stream>) -> Result<Box<dyn Stream>, Failure> {
        self.handshake(name_of(proxy)?, stream).await
    }

    async fn handshake(&self, name: ServerName<'static>, stream: Box<dyn Stream>) -> Result<Box<dyn Stream>, Failure> {
        let stream = self.connector.connect(name, stream).await.map_err(|error| Failure::Connection(error.into()))?;
        Ok(Box::new(stream))
    }
}

fn name_of(place: &Place) -> Result<ServerName<'static>, Failure> {
    ServerName::try_from(place.bare_host().to_owned()).map_err(|error| Failure::Address(error.into()))
}
