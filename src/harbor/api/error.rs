//! Why Harbor did not do what was asked, and what to do about it.

use std::fmt;

/// A right that a request needs, as Harbor's robots have it: a resource and an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Right(pub &'static str);

impl Right {
    /// Everybody may ask.
    pub const NONE: Self = Self("");
}

/// A request that came to nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiError {
    /// What was asked: the method and the path.
    pub request: String,
    /// What went wrong.
    pub kind: ErrorKind,
}

/// What went wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// Where nobody answers, and why.
    Unreachable(String),
    /// The certificate is not trusted.
    Certificate(String),
    /// No answer in time.
    Timeout,
    /// An answer that is none of Harbor's.
    Unreadable(String),
    /// It wants to be asked elsewhere.
    Redirect(String),
    /// Harbor refuses.
    Refused(Refusal),
}

/// An answer of Harbor's that says no.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The HTTP status.
    pub status: u16,
    /// Harbor's own words, fit to be shown; empty where it gives none.
    pub message: String,
    /// What the request needs.
    pub right: Right,
}

impl ApiError {
    /// The HTTP status, where Harbor refuses.
    pub fn status(&self) -> Option<u16> {
        match &self.kind {
            ErrorKind::Refused(refusal) => Some(refusal.status),
            _ => None,
        }
    }

    /// Whether this account may not do it, which others may.
    pub fn is_forbidden(&self) -> bool {
        self.status() == Some(403)
    }

    /// Whether there is something of that name already.
    pub fn is_conflict(&self) -> bool {
        self.status() == Some(409)
    }

    /// Whether Harbor can't reach a registry, or log in there.
    pub fn is_unhealthy(&self) -> bool {
        matches!(&self.kind, ErrorKind::Refused(refusal) if refusal.is_unhealthy())
    }

    /// What to do.
    pub fn help(&self) -> String {
        match &self.kind {
            ErrorKind::Unreachable(_) => {
                "check the address; `--harbor-url` names it where it differs from the policy's `harbor`, and a proxy \
                 of the environment (HTTPS_PROXY, NO_PROXY) is used"
                    .to_owned()
            }
            ErrorKind::Certificate(_) => {
                "name the CA that signed Harbor's certificate by `--ca-file`; `--insecure` trusts any".to_owned()
            }
            ErrorKind::Timeout => "try again; `--timeout` gives it longer".to_owned(),
            ErrorKind::Unreadable(_) => "check that the address is Harbor's, and `-v` shows what it said".to_owned(),
            ErrorKind::Redirect(_) => {
                "redirects are not followed, for they would take the password along: name the right address by \
                 `--harbor-url`"
                    .to_owned()
            }
            ErrorKind::Refused(refusal) => refusal.help(),
        }
    }
}

impl Refusal {
    pub(super) fn is_unhealthy(&self) -> bool {
        self.status == 400 && self.message.contains("unhealthy")
    }

    fn help(&self) -> String {
        match self.status {
            401 => "the user or the password is wrong, or the robot has expired: set HARBOR_USERNAME and \
                    HARBOR_PASSWORD, or use `--credentials FILE`; a robot's name has a `$`, so write it in single \
                    quotes"
                .to_owned(),
            403 if self.right == Right::NONE => {
                "Harbor lets everybody ask this: look for a proxy or firewall before it, and check the address"
                    .to_owned()
            }
            403 => format!(
                "this account lacks the right `{}`: use a system admin, or a robot that `harbor-pilot harbor robot \
                 manager` makes",
                self.right.0
            ),
            400 if self.is_unhealthy() => {
                "Harbor could not reach the registry, or not log in there: check `url`, `accessId` and the secret, \
                 and whether Harbor's own network lets it out"
                    .to_owned()
            }
            404 => "it is not there, or this account may not see it".to_owned(),
            409 => "something of that name exists; if it does not show, this account may not see it".to_owned(),
            412 => "Harbor's own rules stand against it".to_owned(),
            429 => "Harbor or a proxy before it is asked too often: try again later".to_owned(),
            500..=599 => "Harbor does not say why: the log of its core does; where an endpoint is saved, often the \
                          registry can't be reached or refuses the login"
                .to_owned(),
            _ => "`-v` shows what was said".to_owned(),
        }
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.request)?;
        match &self.kind {
            ErrorKind::Unreachable(why) => write!(f, "Harbor can't be reached at {why}"),
            ErrorKind::Certificate(why) => write!(f, "Harbor's certificate is not trusted: {why}"),
            ErrorKind::Timeout => f.write_str("no answer in time"),
            ErrorKind::Unreadable(why) => write!(f, "the answer is none of Harbor's: {why}"),
            ErrorKind::Redirect(to) => write!(f, "it answers with a redirect to {to}"),
            ErrorKind::Refused(refusal) if refusal.message.is_empty() => {
                write!(f, "Harbor answers {}", refusal.status)
            }
            ErrorKind::Refused(refusal) => write!(f, "Harbor answers {}: {}", refusal.status, refusal.message),
        }
    }
}

impl std::error::Error for ApiError {}
