//! A pull as a node does it, as far as the manifest: by Harbor's registry and its token service.

use std::fmt;

use form_urlencoded::Serializer;
use http::{
    HeaderMap, HeaderValue, Uri,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, WWW_AUTHENTICATE},
};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use super::{
    client::{Client, Login, Plain, SHOWN},
    error::ApiError,
    wire,
};
use crate::{harbor::secret::Secret, outbound::Place};

/// What nodes take for a manifest.
const MANIFESTS: &str = "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, \
     application/vnd.docker.distribution.manifest.list.v2+json, application/vnd.docker.distribution.manifest.v2+json";

/// A manifest that came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pulled {
    /// Its digest, counted here.
    pub digest: String,
    /// What kind of manifest it is.
    pub media_type: String,
}

/// Why no manifest came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PullError {
    /// Harbor could not be asked.
    Api(ApiError),
    /// Harbor says no: to what, the status, and its words.
    Refused(&'static str, u16, String),
    /// It asks for a login, and not by a token.
    NoChallenge,
    /// Its token service is on another host, which must not get the password.
    Elsewhere(String),
    /// What came is not what was asked for.
    WrongDigest(String),
}

impl fmt::Display for PullError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Api(error) => error.fmt(f),
            Self::Refused(what, status, message) if message.is_empty() => write!(f, "{what}: Harbor answers {status}"),
            Self::Refused(what, status, message) => write!(f, "{what}: Harbor answers {status}: {message}"),
            Self::NoChallenge => f.write_str("Harbor asks for a login, and names no token service"),
            Self::Elsewhere(realm) => write!(f, "Harbor's token service is at {realm}, which is not where Harbor is"),
            Self::WrongDigest(digest) => write!(f, "the manifest that came has the digest {digest}"),
        }
    }
}

impl From<ApiError> for PullError {
    fn from(error: ApiError) -> Self {
        Self::Api(error)
    }
}

impl Client {
    /// Gets the manifest of a tag or a digest. It is asked for without a login first, as nodes do.
    pub fn pull(&self, repository: &str, reference: &str) -> Result<Pulled, PullError> {
        let url = format!("{}/v2/{repository}/manifests/{reference}", self.url());
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static(MANIFESTS));
        let mut answer = self.plain(&url, headers.clone(), Login::None)?;
        if answer.status == 401 {
            let token = self.token(&answer, repository)?;
            self.hide(&Secret::new(token.as_str()));
            let mut value = HeaderValue::from_str(&format!("Bearer {token}")).map_err(|_| PullError::NoChallenge)?;
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
            answer = self.plain(&url, headers, Login::None)?;
        }
        if answer.status != 200 {
            let message = self.trace.clean_cut(&wire::message(&answer.body), SHOWN);
            return Err(PullError::Refused("the manifest", answer.status, message));
        }
        let digest = format!("sha256:{:x}", Sha256::digest(&answer.body));
        if reference.starts_with("sha256:") && reference != digest {
            return Err(PullError::WrongDigest(digest));
        }
        let media_type = answer.headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        Ok(Pulled { digest, media_type: self.trace.clean_cut(media_type, 100) })
    }

    fn token(&self, answer: &Plain, repository: &str) -> Result<String, PullError> {
        let mut challenge = answer.headers.get_all(WWW_AUTHENTICATE).iter().filter_map(|value| value.to_str().ok());
        let challenge = challenge.find_map(|value| value.strip_prefix("Bearer "));
        let challenge = challenge.ok_or(PullError::NoChallenge)?;
        let realm = parameter(challenge, "realm").ok_or(PullError::NoChallenge)?;
        let at: Uri = realm.parse().map_err(|_| PullError::NoChallenge)?;
        let place = Place::of(&at).map_err(|_| PullError::NoChallenge)?;
        let here = self.url().parse().ok().and_then(|here| Place::of(&here).ok());
        if here.as_ref() != Some(&place) {
            return Err(PullError::Elsewhere(self.trace.clean_cut(realm, 200)));
        }
        let path = at.path_and_query().map_or("/", |path| path.as_str());
        let between = if at.query().is_some() { '&' } else { '?' };
        let mut query = Serializer::new(format!("{place}{path}{between}"));
        if let Some(service) = parameter(challenge, "service") {
            query.append_pair("service", service);
        }
        query.append_pair("scope", &format!("repository:{repository}:pull"));
        let answer = self.plain(&query.finish(), HeaderMap::new(), Login::Given)?;
        if answer.status != 200 {
            let message = self.trace.clean_cut(&wire::message(&answer.body), SHOWN);
            return Err(PullError::Refused("the token", answer.status, message));
        }
        let token: Token = serde_json::from_slice(&answer.body).map_err(|_| PullError::NoChallenge)?;
        Ok(if token.token.is_empty() { token.access_token } else { token.token })
    }

    /// The certificate that Harbor shows, as DER. `None` without encryption.
    pub fn certificate(&self) -> Result<Option<Vec<u8>>, ApiError> {
        let url = format!("{}/api/v2.0/ping", self.url());
        Ok(self.plain(&url, HeaderMap::new(), Login::None)?.certificate)
    }
}

/// What a token service answers; old ones use the one name, new ones the other.
#[derive(Deserialize)]
struct Token {
    #[serde(default)]
    token: String,
    #[serde(default)]
    access_token: String,
}

/// A parameter of a challenge: `name="value"`.
fn parameter<'c>(challenge: &'c str, name: &str) -> Option<&'c str> {
    let mut rest = challenge;
    loop {
        let (found, behind) = rest.split_once("=\"")?;
        let (value, behind) = behind.split_once('"')?;
        if found.trim_start_matches([',', ' ']).eq_ignore_ascii_case(name) {
            return Some(value);
        }
        rest = behind;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn challenges_are_read() {
        let challenge =
            r#"realm="https://h/service/token",service="harbor-registry", scope="repository:a/b:pull,push""#;
        assert_eq!(parameter(challenge, "realm"), Some("https://h/service/token"));
        assert_eq!(parameter(challenge, "Service"), Some("harbor-registry"));
        assert_eq!(parameter(challenge, "scope"), Some("repository:a/b:pull,push"));
        assert_eq!(parameter(challenge, "error"), None);
        assert_eq!(parameter("realm=\"open", "realm"), None);
    }
}
