//! Asking Harbor: one request at a time, patient within bounds, and never elsewhere.

use std::{error::Error as _, fmt, io, io::Read as _, time::Duration};

use reqwest::{
    Method,
    blocking::{Client as Http, Response},
    header::{CONTENT_TYPE, HeaderMap, LINK, LOCATION, RETRY_AFTER},
    redirect::Policy as Redirects,
    tls::{Certificate, TlsInfo},
};
use serde::de::DeserializeOwned;
use serde_json::Value as Json;

use super::{
    error::{ApiError, ErrorKind, Refusal, Right},
    trace::{Sink, Trace},
    wire,
};
use crate::{escape::fit, harbor::secret::Secret};

/// How often a request is sent at most.
const ATTEMPTS: u32 = 4;
/// Before the second time; twice as long before each further one.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// The longest that Harbor may have it wait by `Retry-After`.
const LONGEST_PAUSE: Duration = Duration::from_secs(15);
const CONNECT: Duration = Duration::from_secs(10);
/// More than this of an answer is not read.
const LONGEST_ANSWER: u64 = 16 << 20;
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

/// Which certificates are taken for Harbor's.
#[derive(Clone, Debug)]
pub enum Trust {
    /// Those that the system's CAs signed.
    System,
    /// Those that these CAs signed, as PEM.
    Only(Vec<u8>),
    /// Any: whoever is in between reads the password.
    Anything,
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
    pub(super) body: Vec<u8>,
}

/// Asks Harbor.
pub struct Client {
    http: Http,
    url: String,
    account: Account,
    pub(super) trace: Trace,
}

impl Client {
    /// Gets ready; nothing is asked yet.
    pub fn new(connection: Connection) -> Result<Self, BadConnection> {
        // Another part of the program may have chosen one before: it is the same.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let builder = Http::builder()
            .user_agent(concat!("harbor-pilot/", env!("CARGO_PKG_VERSION")))
            .timeout(connection.timeout)
            .connect_timeout(CONNECT)
            .tls_info(true)
            // A redirect would take the password along. There is no cookie jar: with a session's
            // cookie Harbor would ask for a CSRF token.
            .redirect(Redirects::none());
        let builder = match &connection.trust {
            Trust::System => builder,
            Trust::Only(pem) => match Certificate::from_pem_bundle(pem) {
                Ok(certificates) if !certificates.is_empty() => builder.tls_certs_only(certificates),
                _ => return Err(BadConnection("the CA file holds no certificate in PEM".to_owned())),
            },
            Trust::Anything => builder.tls_danger_accept_invalid_certs(true),
        };
        let http = builder.build().map_err(|error| {
            BadConnection(format!(
                "TLS could not be set up ({}); `--ca-file` needs no CAs of the system",
                chain(&error)
            ))
        })?;
        let trace = Trace::new(connection.trace, &connection.account.password);
        Ok(Self { http, url: connection.url, account: connection.account, trace })
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
        let url = format!("{}{}", self.url, call.path);
        let mut request = self
            .http
            .request(call.method.clone(), url)
            .basic_auth(&self.account.name, Some(self.account.password.expose()))
            // Names of digits alone would be taken for numbers.
            .header("X-Is-Resource-Name", "true");
        if let Some(body) = &call.body {
            request = request.header(CONTENT_TYPE, "application/json").body(body.to_string());
        }
        let response = request.send().map_err(|error| self.unanswered(call, &error))?;
        self.answered(call, response)
    }

    fn answered(&self, call: &Call<'_>, response: Response) -> Result<Answer, Failed> {
        let status = response.status();
        let headers = response.headers().clone();
        let mut body = Vec::new();
        if let Err(error) = response.take(LONGEST_ANSWER).read_to_end(&mut body) {
            let error = self.unreadable(call, &error);
            return Err(Failed { error, wait: (call.twice == Twice::Harmless).then_some(Duration::ZERO) });
        }
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

    fn unanswered(&self, call: &Call<'_>, error: &reqwest::Error) -> Failed {
        let why = chain(error);
        let (kind, again) = if let Some(untrusted) = tls_error(error) {
            (ErrorKind::Certificate(untrusted), false)
        } else if error.is_connect() {
            (ErrorKind::Unreachable(why), true)
        } else if error.is_timeout() {
            (ErrorKind::Timeout, false)
        } else {
            (ErrorKind::Unreachable(why), call.twice == Twice::Harmless)
        };
        Failed { error: self.error(call, kind), wait: again.then_some(Duration::ZERO) }
    }

    pub(super) fn error(&self, call: &Call<'_>, kind: ErrorKind) -> ApiError {
        ApiError { request: self.trace.clean(&format!("{} {}", call.method, call.path)), kind }
    }

    /// What is wrong with an answer may quote it.
    fn unreadable(&self, call: &Call<'_>, why: &dyn fmt::Display) -> ApiError {
        self.error(call, ErrorKind::Unreadable(self.trace.clean_cut(&why.to_string(), SHOWN)))
    }

    /// A request beside Harbor's API, to its registry, with no more than what is given; not repeated.
    pub(super) fn plain(&self, url: &str, headers: HeaderMap, login: Login) -> Result<Plain, ApiError> {
        let call = Call { method: Method::GET, path: url, body: None, right: Right::NONE, twice: Twice::Lossy };
        self.trace.request("GET", url, None);
        let mut request = self.http.get(url).headers(headers);
        if login == Login::Given {
            request = request.basic_auth(&self.account.name, Some(self.account.password.expose()));
        }
        let response = request.send().map_err(|error| self.unanswered(&call, &error).error)?;
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let certificate =
            response.extensions().get::<TlsInfo>().and_then(TlsInfo::peer_certificate).map(<[u8]>::to_vec);
        let mut body = Vec::new();
        response.take(LONGEST_ANSWER).read_to_end(&mut body).map_err(|error| self.unreadable(&call, &error))?;
        self.trace.answer(status, &body);
        Ok(Plain { status, headers, body, certificate })
    }
}

/// An answer to a request beside Harbor's API, whatever it says.
pub(super) struct Plain {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
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

/// The innermost causes say what happened; the outermost repeats the address.
fn chain(error: &reqwest::Error) -> String {
    let mut causes = Vec::new();
    let mut cause = error.source();
    while let Some(error) = cause {
        causes.push(error.to_string());
        cause = error.source();
    }
    let whole = causes.pop().unwrap_or_else(|| error.to_string());
    fit(&whole, 200)
}

/// What TLS objects to. An `io::Error` hides what it holds from `source`, and may hold another.
fn tls_error(error: &reqwest::Error) -> Option<String> {
    let mut cause = error.source();
    while let Some(error) = cause {
        if let Some(found) = error.downcast_ref::<rustls::Error>() {
            return Some(fit(&found.to_string(), 200));
        }
        let held = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        cause = held.map(|held| held as &(dyn std::error::Error + 'static)).or_else(|| error.source());
    }
    None
}
