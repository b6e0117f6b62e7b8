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
    let access =
        of("server: 'https://a.example', certificate-authority-data: \"Y\\n 2E\\r\\n=\\n\"", "").expect("an access");
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
