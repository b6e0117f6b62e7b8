//! Why a request came to nothing.

use std::{error::Error, fmt, io, time::Duration};

type Cause = Box<dyn Error + Send + Sync>;

/// Why a request came to nothing.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The address is none, so nothing was sent.
    Address(Cause),
    /// The proxy before it can't be used, so nothing was sent.
    Proxy(String),
    /// There was no connection, so nothing was sent.
    Connection(Cause),
    /// There was no connection in this time, so nothing was sent.
    NoConnection(Duration),
    /// No answer: whether the request was carried out is not known.
    Lost(hyper::Error),
    /// The answer ended before its end.
    Broken(hyper::Error),
    /// The server said nothing for so long.
    Silence(Duration),
    /// The answer is longer than this.
    TooLong(usize),
}

impl Failure {
    /// What TLS objects to, where that is why. An `io::Error` hides what it holds from `source`, and
    /// may hold another.
    pub(crate) fn tls(&self) -> Option<&rustls::Error> {
        let mut cause = self.source();
        while let Some(error) = cause {
            if let Some(found) = error.downcast_ref() {
                return Some(found);
            }
            let held = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
            cause = held.map(|held| held as &(dyn Error + 'static)).or_else(|| error.source());
        }
        None
    }

    /// What happened, without where: the innermost cause says it.
    pub(crate) fn innermost(&self) -> String {
        let mut innermost: &dyn Error = self;
        while let Some(cause) = innermost.source() {
            innermost = cause;
        }
        innermost.to_string()
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(_) => f.write_str("the address can't be used"),
            Self::Proxy(why) => f.write_str(why),
            Self::Connection(_) => f.write_str("no connection"),
            Self::NoConnection(limit) => write!(f, "no connection within {} s", limit.as_secs()),
            Self::Lost(_) => f.write_str("no answer"),
            Self::Broken(_) => f.write_str("the answer broke off"),
            Self::Silence(limit) => write!(f, "silent for {} s", limit.as_secs()),
            Self::TooLong(most) => write!(f, "the answer is longer than {most} bytes"),
        }
    }
}

impl Error for Failure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Address(cause) | Self::Connection(cause) => Some(&**cause),
            Self::Lost(cause) | Self::Broken(cause) => Some(cause),
            Self::Proxy(_) | Self::NoConnection(_) | Self::Silence(_) | Self::TooLong(_) => None,
        }
    }
}
