//! Asks the API server: kube knows how a request looks, and this sends it.

use std::{error::Error, sync::Arc, time::Duration};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{
    HeaderMap, HeaderValue, Request, Response, StatusCode, Uri,
    header::{AUTHORIZATION, LOCATION, RETRY_AFTER, USER_AGENT},
};
use hyper::body::Bytes;
use tokio::time::sleep;

use super::{
    access::{Access, Login},
    with_causes,
};
use crate::outbound::{Limits, Masks, Outbound, Place, Routes};

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
        let mut masks = Masks::default();
        if let Some(login) = self.0.login.header()? {
            hide(&mut masks, &login);
            head.headers.insert(AUTHORIZATION, login);
        }
        let way = self.0.outbound.way(&head.uri);
        let answer = self.0.outbound.exchange(Request::from_parts(head, body)).await;
        let answer = answer.map_err(|failure| format!("{way}: {}", masks.clean(&with_causes(&failure))))?;
        let status = answer.status();
        if status.is_redirection() {
            let to = elsewhere(answer.headers(), &masks);
            return Err(format!("{way} answers with a redirect to {to} ({status}), so it is no API server").into());
        }
        // It may repeat what it was sent. Objects are left as they are.
        Ok(if status.is_success() {
            answer
        } else {
            answer.map(|body| masks.clean(&String::from_utf8_lossy(&body)).into())
        })
    }

    /// Why there is no answer after so long.
    pub(super) fn silent(&self, patience: Duration) -> String {
        format!("{}: no answer within {} s", self.0.outbound.way(&self.0.server), patience.as_secs())
    }
}

fn hide(masks: &mut Masks, login: &HeaderValue) {
    let Some((scheme, secret)) = login.to_str().ok().and_then(|login| login.split_once(' ')) else { return };
    let basic = (scheme == "Basic").then(|| STANDARD.decode(secret).ok()).flatten();
    match basic.and_then(|login| String::from_utf8(login).ok()) {
        Some(login) => {
            let (name, password) = login.split_once(':').unwrap_or(("", &login));
            masks.hide_login(name, password);
        }
        None => masks.hide(secret),
    }
}

/// Where a redirect leads; its path is nobody's concern.
fn elsewhere(headers: &HeaderMap, masks: &Masks) -> String {
    let to = headers.get(LOCATION).and_then(|to| masks.clean(to.to_str().ok()?).parse::<Uri>().ok());
    match to.map(|to| Place::of(&to)) {
        Some(Ok(place)) => place.to_string(),
        Some(Err(_)) => "another path of its own".to_owned(),
        None => "nowhere".to_owned(),
    }
}

fn is_busy(status: StatusCode) -> bool {
    matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT)
}

#[cfg(test)]
mod tests {
    use std::{
        io::{Read as _, Write as _},
        net::TcpListener,
        thread,
    };

    use super::*;
    use crate::outbound::{Proxies, Trust};

    const LIMITS: Limits =
        Limits { connect: Duration::from_secs(10), silence: Duration::from_secs(10), answer: 1 << 20 };

    /// What a server that answers so is taken to say to this login.
    async fn said(login: &str, proxies: Proxies, answer: String) -> Result<String, String> {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let server = format!("http://{}", listener.local_addr().expect("bound"));
        thread::spawn(move || {
            let (mut stream, _) = listener.accept().expect("a client");
            let _ = stream.read(&mut [0; 4096]).and_then(|_| stream.write_all(answer.as_bytes()));
        });
        let access = Access {
            server: server.parse().expect("an address"),
            namespace: "default".to_owned(),
            trust: Trust::Anything,
            identity: None,
            server_name: None,
            proxies,
            login: Login::Header(login.parse().expect("a header")),
            impersonation: HeaderMap::new(),
        };
        let client = Client::new(access, LIMITS).expect("a client");
        let answer = client.send(Request::get("/version").body(Vec::new()).expect("a request")).await;
        let text = |text: &str| text.replace(&server, "SERVER");
        answer.map(|answer| text(&String::from_utf8_lossy(answer.body()))).map_err(|error| text(&error.to_string()))
    }

    fn answer(head: &str, body: &str) -> String {
        format!("HTTP/1.1 {head}\r\nContent-Length: {}\r\n\r\n{body}", body.len())
    }

    #[tokio::test]
    async fn what_was_sent_is_masked_in_a_refusal() {
        for (login, echo) in [
            ("Bearer token.of-one", "token.of-one"),
            ("Basic bWU6aHVudGVyMg==", "Basic bWU6aHVudGVyMg=="),
            ("Basic bWU6aHVudGVyMg==", "hunter2"),
        ] {
            let body =
                said(login, Proxies::None, answer("403 Forbidden", &format!("{{\"message\":\"no, {echo}\"}}"))).await;
            let body = body.expect("an answer");
            assert!(body.contains("no, ") && body.contains("*****") && !body.contains(echo), "{body}");
        }
    }

    #[tokio::test]
    async fn a_redirect_tells_where_it_leads() {
        for (location, expected) in [
            ("https://login.example/?next=token.of-one", "https://login.example"),
            ("https://Token.of-one/", "https://*****"),
            ("/elsewhere", "another path of its own"),
        ] {
            let why =
                said("Bearer Token.of-one", Proxies::None, answer(&format!("302 Found\r\nLocation: {location}"), ""));
            let expected = format!("SERVER answers with a redirect to {expected} (302 Found), so it is no API server");
            assert_eq!(why.await, Err(expected));
        }
    }

    #[tokio::test]
    async fn an_error_names_the_server_and_the_proxy() {
        let why = said("Bearer token", Proxies::None, "nonsense".to_owned()).await.expect_err("no answer");
        assert!(why.starts_with("SERVER: no answer: "), "{why}");
        let proxy = Proxies::one("`proxy-url`", "http://me:hunter2@127.0.0.1:1");
        let why = said("Bearer token", proxy, String::new()).await.expect_err("no connection");
        assert!(why.starts_with("SERVER by the proxy http://127.0.0.1:1: no connection: "), "{why}");
        let proxy = Proxies::one("`proxy-url`", "socks5://me:hunter2@127.0.0.1:1");
        let why = said("Bearer token", proxy, String::new()).await.expect_err("no proxy");
        let expected = "SERVER: the proxy that `proxy-url` names can't be used: socks5 proxies are not supported, http and https ones are";
        assert_eq!(why, expected);
    }
}
