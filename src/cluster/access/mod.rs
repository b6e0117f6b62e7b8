//! Where the API server is, what is trusted there, and who asks: as kubectl finds it, or as a Pod.

mod exec;
mod file;
mod kubeconfig;
mod pod;

use std::path::PathBuf;

use http::{HeaderMap, HeaderValue, Uri};
use rustls::pki_types::ServerName;

use crate::outbound::{Identity, Proxies, Trust};

/// How the API server of a cluster is reached.
pub(super) struct Access {
    pub(super) server: Uri,
    pub(super) namespace: String,
    pub(super) trust: Trust,
    /// The certificate of who asks.
    pub(super) identity: Option<Identity>,
    /// Whose certificate is expected, where that is not the host's.
    pub(super) server_name: Option<ServerName<'static>>,
    pub(super) proxies: Proxies,
    pub(super) login: Login,
    /// As whom who asks wants to be taken.
    pub(super) impersonation: HeaderMap,
}

/// What every request says of who asks.
#[derive(Clone)]
pub(super) enum Login {
    /// Nothing, or a certificate does.
    None,
    Header(HeaderValue),
    /// A token that is replaced in its file before it expires.
    TokenFile(PathBuf),
}

impl Login {
    fn bearer(token: &str) -> Result<Self, String> {
        header(&format!("Bearer {}", token.trim())).map(Self::Header)
    }

    /// The header to send now.
    pub(super) fn header(&self) -> Result<Option<HeaderValue>, String> {
        match self {
            Self::None => Ok(None),
            Self::Header(value) => Ok(Some(value.clone())),
            Self::TokenFile(path) => header(&format!("Bearer {}", text_of(path)?.trim())).map(Some),
        }
    }
}

fn header(text: &str) -> Result<HeaderValue, String> {
    let mut value =
        HeaderValue::from_str(text).map_err(|_| "a token or password holds what can't be sent".to_owned())?;
    value.set_sensitive(true);
    Ok(value)
}

fn text_of(path: &std::path::Path) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|error| format!("could not read `{}`: {error}", path.display()))
}
