//! From a kubeconfig to an access, by kubectl's rules.

#[cfg(test)]
mod tests;

use std::{
    env,
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{HeaderMap, HeaderName, HeaderValue, Uri, uri::InvalidUri};
use rustls::pki_types::ServerName;

use super::{
    Access, Login,
    exec::{self, Credential},
    file::{Cluster, Kubeconfig, User},
    header,
};
use crate::{
    escape::quoted,
    outbound::{Identity, Place, Proxies, Trust},
};

impl Access {
    /// By this file, or else as kubectl finds it: by KUBECONFIG, or `~/.kube/config`. Where there is
    /// none and no context was named, as a Pod.
    pub(in super::super) fn find(file: Option<&Path>, context: Option<&str>) -> Result<Self, String> {
        let files = match file {
            Some(file) => vec![file.to_owned()],
            None => usual_files(env::var_os("KUBECONFIG").as_deref(), env::home_dir()),
        };
        let there: Vec<PathBuf> = files.iter().filter(|file| file.exists()).cloned().collect();
        if file.is_none() && there.is_empty() && context.is_none() {
            return Self::of_this_pod().map_err(|why| {
                let files: Vec<String> = files.iter().map(|file| format!("`{}`", file.display())).collect();
                format!("there is no kubeconfig {}, and this is no Pod: {why}", files.join(", "))
            });
        }
        let mut all = Kubeconfig::default();
        for file in if file.is_some() { files } else { there } {
            all = all.or(read(&file)?);
        }
        Self::by(&all, context)
    }

    fn by(kubeconfig: &Kubeconfig, context: Option<&str>) -> Result<Self, String> {
        let name = context.unwrap_or(&kubeconfig.current_context);
        if name.is_empty() {
            return Err("the kubeconfig has no current context: name one by `--context`".to_owned());
        }
        let missing = |what: &str, name: &str| format!("the kubeconfig has no {what} {}", quoted(name));
        let context = kubeconfig.contexts.iter().find(|known| known.name == name);
        let context = &context.ok_or_else(|| missing("context", name))?.context;
        let cluster = kubeconfig.clusters.iter().find(|known| known.name == context.cluster);
        let cluster = &cluster.ok_or_else(|| missing("cluster", &context.cluster))?.cluster;
        let user = match context.user.as_str() {
            "" => &User::default(),
            name => {
                let user = kubeconfig.users.iter().find(|known| known.name == name);
                &user.ok_or_else(|| missing("user", name))?.user
            }
        };
        let ca = data(cluster.certificate_authority_data.as_deref(), cluster.certificate_authority.as_deref())?;
        let Credential { login, identity } = credential(user, cluster, ca.as_deref())?;
        Ok(Self {
            server: address(&cluster.server)?,
            namespace: if context.namespace.is_empty() { "default".to_owned() } else { context.namespace.clone() },
            trust: match ca {
                Some(_) if cluster.insecure_skip_tls_verify => {
                    return Err(
                        "the cluster has a CA and `insecure-skip-tls-verify: true`: delete one of them".to_owned()
                    );
                }
                None if cluster.insecure_skip_tls_verify => Trust::Anything,
                Some(pem) => Trust::Only(pem),
                None => Trust::System,
            },
            identity,
            server_name: match &cluster.tls_server_name {
                Some(name) => Some(
                    ServerName::try_from(name.clone())
                        .map_err(|error| format!("{} is no name: {error}", quoted(name)))?,
                ),
                None => None,
            },
            proxies: match &cluster.proxy_url {
                Some(proxy) => Proxies::one("`proxy-url`", proxy),
                None => Proxies::of_environment(),
            },
            login,
            impersonation: impersonation(user)?,
        })
    }
}

fn address(server: &str) -> Result<Uri, String> {
    let address = server.parse().map_err(|error: InvalidUri| error.to_string());
    let place = address.and_then(|address: Uri| match Place::of(&address) {
        Ok(_) => Ok(address),
        Err(failure) => Err(failure.innermost()),
    });
    place.map_err(|why| {
        // Before the `@` there may be a password.
        let shown = quoted(server.rsplit('@').next().unwrap_or_default());
        format!("the cluster's `server` is {shown}, which is no address: {why}; write `https://HOST:PORT`")
    })
}

fn usual_files(named: Option<&OsStr>, home: Option<PathBuf>) -> Vec<PathBuf> {
    let named: Vec<PathBuf> =
        named.map(env::split_paths).into_iter().flatten().filter(|path| !path.as_os_str().is_empty()).collect();
    if named.is_empty() { home.map(|home| home.join(".kube/config")).into_iter().collect() } else { named }
}

/// A file, with the paths in it made whole: they are meant from where it lies.
fn read(path: &Path) -> Result<Kubeconfig, String> {
    let shown = path.display();
    let bytes = fs::read(path).map_err(|error| format!("could not read the kubeconfig `{shown}`: {error}"))?;
    let mut file = Kubeconfig::parse(&bytes).map_err(|error| format!("the kubeconfig `{shown}`: {error}"))?;
    let base = path.parent().unwrap_or(Path::new(""));
    let whole = |path: &mut Option<String>| {
        if let Some(path) = path {
            *path = base.join(&*path).to_string_lossy().into_owned();
        }
    };
    for cluster in &mut file.clusters {
        whole(&mut cluster.cluster.certificate_authority);
    }
    for user in &mut file.users {
        let user = &mut user.user;
        whole(&mut user.client_certificate);
        whole(&mut user.client_key);
        whole(&mut user.token_file);
        if let Some(exec) = &mut user.exec
            && exec.command.contains('/')
        {
            exec.command = base.join(&exec.command).to_string_lossy().into_owned();
        }
    }
    Ok(file)
}

/// What stands in the file, or else in the file that is named there.
fn data(inline: Option<&str>, path: Option<&str>) -> Result<Option<Vec<u8>>, String> {
    match (inline, path) {
        (Some(data), _) => STANDARD
            .decode(data.split_ascii_whitespace().collect::<String>())
            .map(Some)
            .map_err(|error| format!("a certificate or key is no base64: {error}")),
        (None, Some(path)) => fs::read(path).map(Some).map_err(|error| format!("could not read `{path}`: {error}")),
        (None, None) => Ok(None),
    }
}

/// Who asks. A certificate goes along with whatever else there is.
fn credential(user: &User, cluster: &Cluster, ca: Option<&[u8]>) -> Result<Credential, String> {
    if user.auth_provider.is_some() {
        return Err(
            "`auth-provider` is not supported, as kubectl no longer does: use a credential plugin (`exec`)".to_owned()
        );
    }
    let certificate = data(user.client_certificate_data.as_deref(), user.client_certificate.as_deref())?;
    let key = data(user.client_key_data.as_deref(), user.client_key.as_deref())?;
    let identity = match (certificate, key) {
        (Some(certificate), Some(key)) => Some(Identity { certificate, key }),
        (None, None) => None,
        _ => {
            return Err(
                "the user has a client certificate without its key, or a key without its certificate".to_owned()
            );
        }
    };
    let login = match user {
        User { token_file: Some(path), .. } => Login::TokenFile(path.into()),
        User { token: Some(token), .. } => Login::bearer(token)?,
        User { username: Some(name), password, .. } => {
            let password = password.as_deref().unwrap_or_default();
            Login::Header(header(&format!("Basic {}", STANDARD.encode(format!("{name}:{password}"))))?)
        }
        User { exec: Some(plugin), .. } if identity.is_none() => return exec::credential(plugin, cluster, ca),
        _ => Login::None,
    };
    Ok(Credential { login, identity })
}

fn impersonation(user: &User) -> Result<HeaderMap, String> {
    if user.as_user_extra.is_some() {
        return Err("`as-user-extra` is not supported".to_owned());
    }
    let mut headers = HeaderMap::new();
    let users = user.impersonate.iter().map(|user| ("impersonate-user", user));
    let uids = user.as_uid.iter().map(|uid| ("impersonate-uid", uid));
    let groups = user.as_groups.iter().map(|group| ("impersonate-group", group));
    for (name, text) in users.chain(uids).chain(groups) {
        let value = HeaderValue::from_str(text).map_err(|_| format!("{} can't be sent as a user", quoted(text)))?;
        headers.append(HeaderName::from_static(name), value);
    }
    Ok(headers)
}
