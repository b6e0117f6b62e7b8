//! Requests that the program makes itself, by HTTP/1.1: what Harbor and the API server are asked
//! with. Knows neither of them.

mod failure;
mod masks;
mod place;
mod proxies;
mod route;
#[cfg(test)]
mod tests;
mod trust;

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use http::{
    HeaderValue, Request, Response, Uri,
    header::{HOST, PROXY_AUTHORIZATION},
};
use http_body_util::{BodyExt as _, Full};
use hyper::{
    body::{Body as _, Bytes, Incoming},
    client::conn::http1::{SendRequest, handshake},
};
use hyper_util::rt::TokioIo;
use tokio::time::timeout;

pub use self::trust::Trust;
pub(crate) use self::{
    failure::Failure,
    masks::Masks,
    place::Place,
    proxies::Proxies,
    route::Routes,
    trust::{BadTrust, Identity, LastShown},
};

/// Who asks, for the log of whoever is asked.
pub(crate) const NAME: HeaderValue = HeaderValue::from_static(concat!("harbor-pilot/", env!("CARGO_PKG_VERSION")));

/// A connection that has been idle for longer is not used again: what is in between may have
/// forgotten it.
const IDLE: Duration = Duration::from_mins(1);

/// Bytes that are set aside because a server announces them.
const AT_ONCE: usize = 1 << 20;

/// Sends requests. One connection is kept from one request to the next; requests at the same time
/// have their own.
pub(crate) struct Outbound {
    routes: Routes,
    limits: Limits,
    kept: Mutex<Option<Kept>>,
}

/// What is not waited for, or not read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Until there is a connection, its TLS included.
    pub(crate) connect: Duration,
    /// Until a server that was asked says something, and then something more.
    pub(crate) silence: Duration,
    /// Bytes of one answer.
    pub(crate) answer: usize,
}

/// A connection that waits for its next request.
struct Kept {
    to: Place,
    since: Instant,
    line: SendRequest<Full<Bytes>>,
}

/// A request that failed; with itself, if none of it was sent.
type Unsent = (Failure, Option<Request<Full<Bytes>>>);

impl Outbound {
    pub(crate) fn new(routes: Routes, limits: Limits) -> Self {
        Self { routes, limits, kept: Mutex::new(None) }
    }

    /// Sends a request to where its URI says, and reads the whole answer. Follows no redirect.
    pub(crate) async fn exchange(&self, request: Request<Bytes>) -> Result<Response<Bytes>, Failure> {
        let uri = request.uri().clone();
        let place = Place::of(&uri)?;
        let mut request = self.for_the_line(request.map(Full::new), &place)?;
        if let Some(line) = self.kept(&place).await {
            match self.ask(line, request, &place).await {
                // The server had closed it.
                Err((_, Some(unsent))) => request = unsent,
                answered => return answered.map_err(|(failure, _)| failure),
            }
        }
        let stream = timeout(self.limits.connect, self.routes.connect(&uri, &place))
            .await
            .map_err(|_| Failure::NoConnection(self.limits.connect))??;
        let (line, connection) = handshake(TokioIo::new(stream)).await.map_err(Failure::Lost)?;
        // Whoever waits for an answer hears how it ended.
        tokio::spawn(async move { drop(connection.await) });
        self.ask(line, request, &place).await.map_err(|(failure, _)| failure)
    }

    /// Where a request to this address goes, and by which proxy, for an error.
    pub(crate) fn way(&self, uri: &Uri) -> String {
        self.routes.way(uri)
    }

    /// The form that a request has on the line: a proxy that is no tunnel must see where it goes.
    fn for_the_line(&self, mut request: Request<Full<Bytes>>, place: &Place) -> Result<Request<Full<Bytes>>, Failure> {
        let host = HeaderValue::from_str(&place.authority()).map_err(|error| Failure::Address(error.into()))?;
        let proxy = self.routes.proxy(place)?.filter(|_| !place.is_encrypted());
        if let Some(proxy) = proxy {
            if let Some(login) = proxy.basic_auth() {
                request.headers_mut().insert(PROXY_AUTHORIZATION, login.clone());
            }
        } else {
            let path = request.uri().path_and_query().cloned();
            *request.uri_mut() = path.map_or_else(Uri::default, Uri::from);
        }
        request.headers_mut().insert(HOST, host);
        Ok(request)
    }

    /// The connection that was kept, if it leads there and still stands.
    async fn kept(&self, place: &Place) -> Option<SendRequest<Full<Bytes>>> {
        let kept = self.slot().take()?;
        let mut line = (kept.to == *place && kept.since.elapsed() < IDLE).then_some(kept.line)?;
        matches!(timeout(self.limits.connect, line.ready()).await, Ok(Ok(()))).then_some(line)
    }

    async fn ask(
        &self,
        mut line: SendRequest<Full<Bytes>>,
        request: Request<Full<Bytes>>,
        place: &Place,
    ) -> Result<Response<Bytes>, Unsent> {
        let silence = self.limits.silence;
        let answer =
            timeout(silence, line.try_send_request(request)).await.map_err(|_| (Failure::Silence(silence), None))?;
        let (head, body) = answer
            .map_err(|mut error| {
                let unsent = error.take_message();
                (Failure::Lost(error.into_error()), unsent)
            })?
            .into_parts();
        let body = self.collect(body).await.map_err(|failure| (failure, None))?;
        if !line.is_closed() {
            *self.slot() = Some(Kept { to: place.clone(), since: Instant::now(), line });
        }
        Ok(Response::from_parts(head, body))
    }

    async fn collect(&self, mut body: Incoming) -> Result<Bytes, Failure> {
        let Limits { silence, answer: most, .. } = self.limits;
        // No more at once than what a server says could be true of most answers.
        let told = usize::try_from(body.size_hint().lower()).unwrap_or(most);
        let mut all = Vec::with_capacity(told.min(most).min(AT_ONCE));
        while let Some(frame) = timeout(silence, body.frame()).await.map_err(|_| Failure::Silence(silence))? {
            let Ok(data) = frame.map_err(Failure::Broken)?.into_data() else { continue };
            if all.len() + data.len() > most {
                return Err(Failure::TooLong(most));
            }
            all.extend_from_slice(&data);
        }
        Ok(all.into())
    }

    fn slot(&self) -> std::sync::MutexGuard<'_, Option<Kept>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
