//! A kubeconfig's text, and what of it is read.

use serde::Deserialize;
use serde_json::{Map, Value as Json};

use crate::yaml::{Content, Core, Limits, Node, Stream};

const LIMITS: Limits = Limits { bytes: 16 << 20, depth: 64, nodes: 250_000 };

/// One file. What is not read here is left out: kubectl keeps more in it than what a request needs.
#[derive(Default, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub(super) struct Kubeconfig {
    pub(super) current_context: String,
    pub(super) contexts: Vec<NamedContext>,
    pub(super) clusters: Vec<NamedCluster>,
    pub(super) users: Vec<NamedUser>,
}

#[derive(Deserialize)]
pub(super) struct NamedContext {
    pub(super) name: String,
    pub(super) context: Context,
}

#[derive(Deserialize)]
pub(super) struct NamedCluster {
    pub(super) name: String,
    pub(super) cluster: Cluster,
}

#[derive(Deserialize)]
pub(super) struct NamedUser {
    pub(super) name: String,
    pub(super) user: User,
}

#[derive(Deserialize)]
pub(super) struct Context {
    pub(super) cluster: String,
    #[serde(default)]
    pub(super) user: String,
    #[serde(default)]
    pub(super) namespace: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Cluster {
    pub(super) server: String,
    #[serde(default)]
    pub(super) insecure_skip_tls_verify: bool,
    pub(super) certificate_authority: Option<String>,
    pub(super) certificate_authority_data: Option<String>,
    pub(super) proxy_url: Option<String>,
    pub(super) tls_server_name: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub(super) struct User {
    pub(super) username: Option<String>,
    pub(super) password: Option<String>,
    pub(super) token: Option<String>,
    #[serde(rename = "tokenFile")]
    pub(super) token_file: Option<String>,
    pub(super) client_certificate: Option<String>,
    pub(super) client_certificate_data: Option<String>,
    pub(super) client_key: Option<String>,
    pub(super) client_key_data: Option<String>,
    #[serde(rename = "as")]
    pub(super) impersonate: Option<String>,
    pub(super) as_uid: Option<String>,
    pub(super) as_groups: Vec<String>,
    pub(super) as_user_extra: Option<Json>,
    pub(super) auth_provider: Option<Json>,
    pub(super) exec: Option<Exec>,
}

/// A program that says who asks.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Exec {
    pub(super) api_version: String,
    pub(super) command: String,
    #[serde(default)]
    pub(super) args: Vec<String>,
    #[serde(default)]
    pub(super) env: Vec<Variable>,
    #[serde(default)]
    pub(super) install_hint: String,
    #[serde(default)]
    pub(super) interactive_mode: Interactive,
    #[serde(default)]
    pub(super) provide_cluster_info: bool,
}

#[derive(Deserialize)]
pub(super) struct Variable {
    pub(super) name: String,
    pub(super) value: String,
}

/// Whether the program may ask its user.
#[derive(Clone, Copy, Default, Deserialize)]
pub(super) enum Interactive {
    Never,
    #[default]
    IfAvailable,
    Always,
}

impl Kubeconfig {
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, String> {
        let stream = Stream::parse(bytes, LIMITS).map_err(|error| error.to_string())?;
        match stream.documents.as_slice() {
            [] => Ok(Self::default()),
            [document] => {
                let json = json(&document.root).map_err(|node| {
                    let place = stream.position(node.span.start);
                    format!(
                        "line {}, column {}: aliases, merge keys (`<<`) and keys that are no text are not read",
                        place.line, place.column
                    )
                })?;
                match json {
                    Json::Null => Ok(Self::default()),
                    json => serde_json::from_value(json).map(Self::without_blanks).map_err(|error| error.to_string()),
                }
            }
            _ => Err("it holds more than one document".to_owned()),
        }
    }

    /// What is empty is not there, as for kubectl.
    fn without_blanks(mut self) -> Self {
        for NamedCluster { cluster, .. } in &mut self.clusters {
            let Cluster { certificate_authority, certificate_authority_data, proxy_url, tls_server_name, .. } = cluster;
            for text in [certificate_authority, certificate_authority_data, proxy_url, tls_server_name] {
                text.take_if(|text| text.is_empty());
            }
        }
        for NamedUser { user, .. } in &mut self.users {
            for text in [
                &mut user.username,
                &mut user.password,
                &mut user.token,
                &mut user.token_file,
                &mut user.client_certificate,
                &mut user.client_certificate_data,
                &mut user.client_key,
                &mut user.client_key_data,
                &mut user.impersonate,
                &mut user.as_uid,
            ] {
                text.take_if(|text| text.is_empty());
            }
        }
        self
    }

    /// Adds what a later file has: what the earlier ones say stays.
    pub(super) fn or(mut self, later: Self) -> Self {
        if self.current_context.is_empty() {
            self.current_context = later.current_context;
        }
        add(&mut self.contexts, later.contexts, |context| &context.name);
        add(&mut self.clusters, later.clusters, |cluster| &cluster.name);
        add(&mut self.users, later.users, |user| &user.name);
        self
    }
}

fn add<T>(all: &mut Vec<T>, later: Vec<T>, name: impl Fn(&T) -> &str) {
    for item in later {
        if all.iter().all(|known| name(known) != name(&item)) {
            all.push(item);
        }
    }
}

/// Values that a kubeconfig has: text is text, even where it could be a number.
fn json<'n, 't>(node: &'n Node<'t>) -> Result<Json, &'n Node<'t>> {
    match &node.content {
        Content::Scalar(scalar) => Ok(match scalar.core() {
            Core::Null => Json::Null,
            Core::Bool(value) => Json::Bool(value),
            Core::Integer(_) | Core::Float | Core::String => Json::String(scalar.value.clone().into_owned()),
        }),
        Content::Sequence(items) => items.iter().map(json).collect::<Result<_, _>>().map(Json::Array),
        Content::Mapping(pairs) => {
            let pairs = pairs.iter().map(|(key, value)| match &key.content {
                Content::Scalar(key) if key.value != "<<" => Ok((key.value.clone().into_owned(), json(value)?)),
                _ => Err(key),
            });
            pairs
                .filter(|pair| !matches!(pair, Ok((_, Json::Null))))
                .collect::<Result<Map<_, _>, _>>()
                .map(Json::Object)
        }
        Content::Alias { .. } => Err(node),
    }
}
