//! Asking Harbor: one request at a time, patient within bounds, and never elsewhere.

use std::{fmt, time::Duration};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{
    HeaderMap, Method, Request, Response,
    header::{AUTHORIZATION, CONTENT_TYPE, LINK, LOCATION, RETRY_AFTER, USER_AGENT},
};
use hyper::body::Bytes;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;
use tokio::{
    runtime::{Builder, Runtime},
    time::timeout,
};

use super::{
    error::{ApiError, ErrorKind, Refusal, Right},
    trace::{Sink, Trace},
    wire,
};
use crate::{
    escape::fit,
    harbor::secret::Secret,
    outbound::{BadTrust, Failure, LastShown, Limits, NAME, Outbound, Proxies, Routes, Trust},
};

/// How often a request is sent at most.
const ATTEMPTS: u32 = 4;
/// Before the second time; twice as long before each further one.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// The longest that Harbor may have it wait by `Retry-After`.
const LONGEST_PAUSE: Duration = Duration::from_secs(15);
const CONNECT: Duration = Duration::from_secs(10);
/// More than this of an answer is not read.
const LONGEST_ANSWER: usize = 16 << 20;
/// As much of what it says as a message quotes, in characters.
pub(super) const SHOWN: usize = 300;
/// The most that Harbor gives at once.
const PAGE: usize = 100;
/// More pages than any Harbor has.
const PAGES: usize = 1_000;
/// More of a list, in bytes, than any Harbor has.
const LONGEST_LIST: usize = 64 << 20;

/// Where Harbor is, who asks, and what is trusted.
pub struct Connection {
    /// `https://host[:port]`, without a slash at the end.
    pub url: String,
    /// Who asks; nobody, for what everyone may see.
    pub account: Account,
    /// Which certificates are Harbor's.
    pub trust: Trust,
    /// How long an answer may take.
    pub timeout: Duration,
    /// Where requests and answers are shown.
    pub trace: Option<Sink>,
}

/// Who asks.
#[derive(Clone, Debug)]
pub struct Account {
    /// A user's or a robot's name.
    pub name: String,
    /// Its password.
    pub password: Secret,
}

/// Why there can be no connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadConnection(pub String);

/// What happens if a request is carried out twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Twice {
    /// It does no harm: the second time finds what the first has done.
    Harmless,
    /// What the first has answered is lost: it is sent again only where it surely was not carried out.
    Lossy,
}

/// Whether the account goes along.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Login {
    Given,
    None,
}

/// A request.
pub(super) struct Call<'c> {
    pub(super) method: Method,
    /// Behind Harbor's address.
    pub(super) path: &'c str,
    pub(super) body: Option<Json>,
    pub(super) right: Right,
    pub(super) twice: Twice,
}

/// An answer that is no refusal.
pub(super) struct Answer {
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

/// Asks Harbor.
pub struct Client {
    runtime: Runtime,
    outbound: Outbound,
    shown: LastShown,
    /// How long an answer may take.
    timeout: Duration,
    url: String,
    account: Account,
    pub(super) trace: Trace,
}

impl Client {
    /// Gets ready; nothing is asked yet.
    pub fn new(connection: Connection) -> Result<Self, BadConnection> {
        let (tls, shown) = connection.trust.tls(None).map_err(|bad| {
            BadConnection(match bad {
                BadTrust::NoCertificate => "the CA file holds no certificate in PEM".to_owned(),
                BadTrust::Unusable(why) => {
                    format!("TLS could not be set up ({}); `--ca-file` needs no CAs of the system", fit(&why, 200))
                }
            })
        })?;
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| BadConnection(format!("nothing can be asked: {error}")))?;
        let limits = Limits { connect: CONNECT, silence: connection.timeout, answer: LONGEST_ANSWER };
        let outbound = Outbound::new(Routes::new(Proxies::of_environment(), tls, None), limits);
        let trace = Trace::new(connection.trace, &connection.account);
        let Connection { url, account, timeout, .. } = connection;
        Ok(Self { runtime, outbound, shown, timeout, url, account, trace })
    }

    /// Where Harbor is.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Keeps a secret out of all that is shown.
    pub fn hide(&self, secret: &Secret) {
        self.trace.hide(secret);
    }

    /// Asks, more than once where that may help.
    pub(super) fn send(&self, call: &Call<'_>) -> Result<Answer, ApiError> {
        let mut pause = FIRST_PAUSE;
        let mut attempt = 1;
        loop {
            let (error, wait) = match self.once(call) {
                Ok(answer) => return Ok(answer),
                Err(Failed { error, wait }) => (error, wait),
            };
            let Some(asked) = wait.filter(|_| attempt < ATTEMPTS) else { return Err(error) };
            let wait = asked.max(pause);
            self.trace.remark(&format!("{error}; again in {} ms", wait.as_millis()));
            std::thread::sleep(wait);
            pause *= 2;
            attempt += 1;
        }
    }

    pub(super) fn json<T: DeserializeOwned>(&self, call: &Call<'_>) -> Result<T, ApiError> {
        let answer = self.send(call)?;
        serde_json::from_slice(&answer.body).map_err(|error| self.unreadable(call, &error))
    }

    /// All of a list, page by page.
    pub(super) fn list<T: DeserializeOwned>(&self, path: &str, right: Right) -> Result<Vec<T>, ApiError> {
        let mut all = Vec::new();
        let mut read = 0;
        let between = if path.contains('?') { '&' } else { '?' };
        let mut page = 1;
        loop {
            let path = format!("{path}{between}page={page}&page_size={PAGE}");
            let call = Call { method: Method::GET, path: &path, body: None, right, twice: Twice::Harmless };
            let answer = self.send(&call)?;
            // An empty list is `null` where Harbor is written so.
            let items: Option<Vec<T>> =
                serde_json::from_slice(&answer.body).map_err(|error| self.unreadable(&call, &error))?;
            let items = items.unwrap_or_default();
            let is_empty = items.is_empty();
            all.extend(items);
            read += answer.body.len();
            let links = answer.headers.get_all(LINK).iter();
            if is_empty || !links.filter_map(|link| link.to_str().ok()).any(|link| link.contains("rel=\"next\"")) {
                return Ok(all);
            }
            if page == PAGES || read > LONGEST_LIST {
                return Err(self.unreadable(&call, &"the list has no end"));
            }
            page += 1;
        }
    }

    fn once(&self, call: &Call<'_>) -> Result<Answer, Failed> {
        self.trace.request(call.method.as_str(), call.path, call.body.as_ref());
        let mut request = Request::builder()
            .method(call.method.clone())
            .uri(format!("{}{}", self.url, call.path))
            .header(AUTHORIZATION, self.login())
            // Names of digits alone would be taken for numbers.
            .header("X-Is-Resource-Name", "true");
        if call.body.is_some() {
            request = request.header(CONTENT_TYPE, "application/json");
        }
        let body = call.body.as_ref().map(Json::to_string).unwrap_or_default();
        let request = request.body(body.into());
        let response = self.exchange(request).map_err(|failure| self.failed(call, &failure))?;
        self.answered(call, response)
    }

    /// Sends a request and waits for the answer. A redirect would take the password along, so none
    /// is followed; nor is a cookie kept: with a session's cookie Harbor would ask for a CSRF token.
    fn exchange(&self, request: http::Result<Request<Bytes>>) -> Result<Response<Bytes>, Failure> {
        let mut request = request.map_err(|error| Failure::Address(error.into()))?;
        request.headers_mut().insert(USER_AGENT, NAME);
        let answer = async { timeout(self.timeout, self.outbound.exchange(request)).await };
        self.runtime.block_on(answer).unwrap_or(Err(Failure::Silence(self.timeout)))
    }

    fn login(&self) -> String {
        let Account { name, password } = &self.account;
        format!("Basic {}", STANDARD.encode(format!("{name}:{}", password.expose())))
    }

    fn answered(&self, call: &Call<'_>, response: Response<Bytes>) -> Result<Answer, Failed> {
        let (head, body) = response.into_parts();
        let (status, headers) = (head.status, head.headers);
        self.trace.answer(status.as_u16(), &body);
        if status.is_success() {
            return Ok(Answer { headers, body });
        }
        if status.is_redirection() {
            let to = headers.get(LOCATION).and_then(|to| to.to_str().ok()).unwrap_or("nowhere");
            return Err(Failed::for_good(self.error(call, ErrorKind::Redirect(self.trace.clean_cut(to, SHOWN)))));
        }
        let message = self.trace.clean_cut(&wire::message(&body), SHOWN);
        let refusal = Refusal { status: status.as_u16(), message, right: call.right };
        let again = match refusal.status {
            429 => true,
            500..=599 => call.twice == Twice::Harmless,
            _ => refusal.is_unhealthy(),
        };
        let wait = again.then(|| {
            let seconds = headers.get(RETRY_AFTER).and_then(|after| after.to_str().ok()?.parse().ok());
            seconds.map_or(Duration::ZERO, Duration::from_secs).min(LONGEST_PAUSE)
        });
        Err(Failed { error: self.error(call, ErrorKind::Refused(refusal)), wait })
    }

    fn failed(&self, call: &Call<'_>, failure: &Failure) -> Failed {
        let harmless = call.twice == Twice::Harmless;
        let why = self.trace.clean_cut(&failure.innermost(), 200);
        let unreachable = |why: &str| {
            let way = self.outbound.way(&self.url.parse().unwrap_or_default());
            ErrorKind::Unreachable(format!("{way}: {why}"))
        };
        let (kind, again) = match failure {
            Failure::Silence(_) => (ErrorKind::Timeout, false),
            Failure::TooLong(_) => (ErrorKind::Unreadable(why), false),
            Failure::Broken(_) => (ErrorKind::Unreadable(why), harmless),
            _ if let Some(untrusted) = failure.tls() => {
                (ErrorKind::Certificate(self.trace.clean_cut(&untrusted.to_string(), 200)), false)
            }
            Failure::Address(_) | Failure::Proxy(_) => (unreachable(&why), false),
            Failure::Connection(_) | Failure::NoConnection(_) => (unreachable(&why), true),
            Failure::Lost(_) => (unreachable(&why), harmless),
        };
        Failed { error: self.error(call, kind), wait: again.then_some(Duration::ZERO) }
    }

    pub(super) fn error(&self, call: &Call<'_>, kind: ErrorKind) -> ApiError {
        ApiError { request: self.trace.clean(&format!("{} {}", call.method, call.path)), kind }
    }

    /// What is wrong with an answer may quote it.
    pub(super) fn unreadable(&self, call: &Call<'_>, why: &dyn fmt::Display) -> ApiError {
        self.error(call, ErrorKind::Unreadable(self.trace.clean_cut(&why.to_string(), SHOWN)))
    }

    /// A request beside Harbor's API, to its registry, with no more than what is given; not repeated.
    pub(super) fn plain(&self, url: &str, headers: HeaderMap, login: Login) -> Result<Plain, ApiError> {
        let call = Call { method: Method::GET, path: url, body: None, right: Right::NONE, twice: Twice::Lossy };
        self.trace.request("GET", url, None);
        let mut request = Request::get(url);
        if let Some(all) = request.headers_mut() {
            *all = headers;
        }
        if login == Login::Given {
            request = request.header(AUTHORIZATION, self.login());
        }
        let request = request.body(Bytes::new());
        let response = self.exchange(request).map_err(|failure| self.failed(&call, &failure).error)?;
        let (head, body) = response.into_parts();
        self.trace.answer(head.status.as_u16(), &body);
        Ok(Plain { status: head.status.as_u16(), headers: head.headers, body, certificate: self.shown.der() })
    }
}

/// An answer to a request beside Harbor's API, whatever it says.
pub(super) struct Plain {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    /// The certificate that Harbor showed, as DER.
    pub(super) certificate: Option<Vec<u8>>,
}

/// A request that failed, and how long to wait at least before it is sent again, if that may help.
struct Failed {
    error: ApiError,
    wait: Option<Duration>,
}

impl Failed {
    fn for_good(error: ApiError) -> Self {
        Self { error, wait: None }
    }
}
