//! From a kubeconfig to an access, by kubectl's rules.

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

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r#"
apiVersion: v1
kind: Config
current-context: two
contexts:
- {name: one, context: {cluster: plain, user: token}}
- {name: two, context: {cluster: careful, user: certificate, namespace: team}}
- {name: three, context: {cluster: plain, user: nobody}}
- {name: plugin, context: {cluster: careful, user: plugin}}
clusters:
- name: plain
  cluster: {server: 'https://one.example/k8s', insecure-skip-tls-verify: true}
- name: careful
  cluster:
    server: https://two.example:6443
    certificate-authority-data: Y2E=
    tls-server-name: kubernetes
users:
- {name: token, user: {token: 123, as: alice, as-groups: [a, b]}}
- {name: certificate, user: {client-certificate-data: Y2VydA==, client-key-data: a2V5}}
- name: plugin
  user:
    exec:
      apiVersion: client.authentication.k8s.io/v1
      command: sh
      args:
      - -c
      - case "$KUBERNETES_EXEC_INFO" in *two.example*) printf '{"status":{"token":"%s"}}' "$ANSWER" ;; esac
      env: [{name: ANSWER, value: from-the-plugin}]
      interactiveMode: Never
      provideClusterInfo: true
"#;

    fn by(context: Option<&str>) -> Result<Access, String> {
        Access::by(&Kubeconfig::parse(FILE.as_bytes()).expect("a kubeconfig"), context)
    }

    fn sent(access: &Access) -> String {
        let header = access.login.header().expect("a header").expect("a login");
        header.to_str().expect("text").to_owned()
    }

    #[test]
    fn the_current_context_or_the_one_that_is_named() {
        let two = by(None).expect("an access");
        assert_eq!((two.server.to_string().as_str(), two.namespace.as_str()), ("https://two.example:6443/", "team"));
        assert!(matches!(&two.trust, Trust::Only(ca) if ca == b"ca"));
        assert!(two.identity.is_some_and(|identity| identity.certificate == b"cert" && identity.key == b"key"));
        assert!(matches!(two.login, Login::None) && two.server_name.is_some());
        let one = by(Some("one")).expect("an access");
        assert_eq!((one.server.path(), one.namespace.as_str()), ("/k8s", "default"));
        assert!(matches!(one.trust, Trust::Anything) && one.identity.is_none());
        assert_eq!(sent(&one), "Bearer 123");
        assert_eq!(one.impersonation.get_all("impersonate-group").iter().count(), 2);
    }

    #[test]
    fn a_plugin_is_asked_who_asks() {
        let plugin = by(Some("plugin")).expect("an access");
        assert_eq!(sent(&plugin), "Bearer from-the-plugin");
    }

    #[test]
    fn what_is_not_there_is_named() {
        for (context, expected) in [("four", "no context `four`"), ("three", "no user `nobody`")] {
            let why = by(Some(context)).err().expect("an error");
            assert!(why.contains(expected), "{why}");
        }
        let why = Access::by(&Kubeconfig::default(), None).err().expect("an error");
        assert!(why.contains("--context"), "{why}");
    }

    #[test]
    fn the_earlier_file_wins() {
        let earlier = "{current-context: one, contexts: [{name: one, context: {cluster: mine}}], \
                        clusters: [{name: mine, cluster: {server: 'https://mine.example'}}]}";
        let parse = |text: &str| Kubeconfig::parse(text.as_bytes()).expect("a kubeconfig");
        let access = Access::by(&parse(earlier).or(parse(FILE)), None).expect("an access");
        assert_eq!(access.server.host(), Some("mine.example"));
        let access = Access::by(&parse(earlier).or(parse(FILE)), Some("two")).expect("an access");
        assert_eq!(access.server.host(), Some("two.example"));
    }

    #[test]
    fn files_are_those_of_the_environment_or_the_one_at_home() {
        let home = Some(PathBuf::from("/home/me"));
        let files = |named: Option<&str>| usual_files(named.map(OsStr::new), home.clone());
        assert_eq!(files(None), [PathBuf::from("/home/me/.kube/config")]);
        assert_eq!(files(Some("")), [PathBuf::from("/home/me/.kube/config")]);
        assert_eq!(files(Some("/a::/b")), [PathBuf::from("/a"), PathBuf::from("/b")]);
    }

    #[test]
    fn paths_are_meant_from_where_the_file_lies() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("config");
        fs::write(folder.path().join("token"), "from-the-file\n").expect("written");
        let text = "{current-context: a, contexts: [{name: a, context: {cluster: a, user: a}}], \
                    clusters: [{name: a, cluster: {server: 'https://a.example'}}], \
                    users: [{name: a, user: {tokenFile: token}}]}";
        fs::write(&file, text).expect("written");
        let access = Access::find(Some(&file), None).expect("an access");
        assert_eq!(sent(&access), "Bearer from-the-file");
        let why = Access::find(Some(&folder.path().join("none")), None).err().expect("an error");
        assert!(why.contains("could not read the kubeconfig"), "{why}");
    }

    /// The access of a cluster and a user that have these fields.
    fn of(cluster: &str, user: &str) -> Result<Access, String> {
        let text = format!(
            "{{current-context: a, contexts: [{{name: a, context: {{cluster: a, user: a}}}}], \
             clusters: [{{name: a, cluster: {{{cluster}}}}}], users: [{{name: a, user: {{{user}}}}}]}}"
        );
        Access::by(&Kubeconfig::parse(text.as_bytes())?, None)
    }

    #[test]
    fn what_is_empty_is_not_there() {
        let exec = "exec: {apiVersion: client.authentication.k8s.io/v1, command: sh, interactiveMode: Never, \
                    args: [-c, 'echo $ANSWER'], env: [{name: ANSWER, value: '{\"status\":{\"token\":\"asked\"}}'}]}";
        let empty = "token: '', tokenFile: '', username: '', password: '', client-certificate: '', \
                     client-certificate-data: '', client-key: '', client-key-data: '', as: '', as-uid: ''";
        let cluster = "server: 'https://a.example', tls-server-name: '', proxy-url: '', certificate-authority: '', \
                       certificate-authority-data: ''";
        let access = of(cluster, &format!("{empty}, {exec}")).expect("an access");
        assert_eq!(sent(&access), "Bearer asked");
        assert!(matches!(access.trust, Trust::System) && access.server_name.is_none());
        assert!(matches!(access.proxies, Proxies::Environment { .. }) && access.impersonation.is_empty());
        let basic = of("server: 'https://a.example'", "token: '', username: me, password: ''").expect("an access");
        assert_eq!(sent(&basic), "Basic bWU6");
        let why = of("server: 'https://a.example'", &exec.replace("asked", "")).err().expect("an error");
        assert!(why.contains("neither a token nor a certificate"), "{why}");
    }

    #[test]
    fn data_may_be_broken_into_lines() {
        let access = of("server: 'https://a.example', certificate-authority-data: \"Y\\n 2E\\r\\n=\\n\"", "")
            .expect("an access");
        assert!(matches!(&access.trust, Trust::Only(ca) if ca == b"ca"));
    }

    #[test]
    fn a_ca_that_would_not_be_looked_at_is_refused() {
        let cluster = "server: 'https://a.example', insecure-skip-tls-verify: true, certificate-authority-data: Y2E=";
        let why = of(cluster, "").err().expect("an error");
        assert!(why.contains("delete one of them"), "{why}");
    }

    #[test]
    fn a_server_that_is_no_address_is_shown_with_what_to_write() {
        for server in ["localhost:6443", "127.0.0.1:40681", "a b", "https://a.example:99999", ""] {
            let why = of(&format!("server: '{server}'"), "").err().expect(server);
            assert!(why.contains(&format!("`{server}`")) && why.contains("write `https://HOST:PORT`"), "{why}");
        }
        let why = of("server: 'https://me:word@a.example:99999'", "").err().expect("an error");
        assert!(!why.contains("word"), "{why}");
    }

    #[test]
    fn merge_keys_are_refused_where_they_stand() {
        let text = "x: {token: a}\nusers:\n- name: a\n  user:\n    <<: {token: b}\n";
        let why = Kubeconfig::parse(text.as_bytes()).err().expect("an error");
        assert!(why.starts_with("line 5, column 5: ") && why.contains("merge keys"), "{why}");
    }

    #[test]
    fn what_is_no_kubeconfig_is_refused() {
        for text in ["[", "contexts: 1", "a: &a 1\nb: *a", "--- 1\n--- 2", "users: [{name: a}]"] {
            assert!(Kubeconfig::parse(text.as_bytes()).is_err(), "{text}");
        }
        assert!(Kubeconfig::parse(b"").is_ok_and(|empty| empty.contexts.is_empty()));
    }
}
