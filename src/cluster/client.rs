//! Asks the API server: kube knows how a request looks, and this sends it.

use std::{error::Error, sync::Arc, time::Duration};

use http::{
    HeaderMap, Request, Response, StatusCode, Uri,
    header::{AUTHORIZATION, RETRY_AFTER, USER_AGENT},
};
use hyper::body::Bytes;
use tokio::time::sleep;

use super::access::{Access, Login};
use crate::outbound::{Limits, Outbound, Routes};

/// Sends requests to one API server.
#[derive(Clone)]
pub(super) struct Client(Arc<Inner>);

struct Inner {
    outbound: Outbound,
    server: Uri,
    login: Login,
    impersonation: HeaderMap,
}

/// How often a request is sent at most: an API server that has too much to do says so.
const ATTEMPTS: u32 = 4;
/// Before the second time, where it does not say; twice as long before each further one.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
/// The longest that it may have us wait.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

impl Client {
    pub(super) fn new(access: Access, limits: Limits) -> Result<Self, String> {
        let Access { server, trust, identity, server_name, proxies, login, impersonation, .. } = access;
        let (tls, _) = trust.tls(identity.as_ref()).map_err(|bad| format!("TLS could not be set up: {bad}"))?;
        let outbound = Outbound::new(Routes::new(proxies, tls, server_name), limits);
        Ok(Self(Arc::new(Inner { outbound, server, login, impersonation })))
    }

    /// Sends a request to its path, and reads the whole answer.
    pub(super) async fn send(
        &self,
        request: Request<Vec<u8>>,
    ) -> Result<Response<Bytes>, Box<dyn Error + Send + Sync>> {
        let (mut head, body) = request.into_parts();
        let body = Bytes::from(body);
        let base = self.0.server.to_string();
        let path = head.uri.path_and_query().map_or("/", |path| path.as_str());
        head.uri = format!("{}{path}", base.trim_end_matches('/')).parse()?;
        head.headers.extend(self.0.impersonation.clone());
        head.headers.insert(USER_AGENT, crate::outbound::NAME);
        let mut pause = FIRST_PAUSE;
        for _ in 1..ATTEMPTS {
            let answer = self.once(head.clone(), body.clone()).await?;
            if !is_busy(answer.status()) {
                return Ok(answer);
            }
            let asked = answer.headers().get(RETRY_AFTER).and_then(|after| after.to_str().ok()?.parse().ok());
            sleep(asked.map_or(pause, Duration::from_secs).min(LONGEST_PAUSE)).await;
            pause *= 2;
        }
        self.once(head, body).await
    }

    async fn once(
        &self,
        mut head: http::request::Parts,
        body: Bytes,
    ) -> Result<Response<Bytes>, Box<dyn Error + Send + Sync>> {
        if let Some(login) = self.0.login.header()? {
            head.headers.insert(AUTHORIZATION, login);
        }
        Ok(self.0.outbound.exchange(Request::from_parts(head, body)).await?)
    }
}

fn is_busy(status: StatusCode) -> bool {
    matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT)
}
