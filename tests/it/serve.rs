//! `serve`: its start, TLS, routes and pages.

use std::{
    fs, io,
    os::unix::fs::{PermissionsExt as _, symlink},
    path::Path,
    process::Command,
};

use rcgen::ExtendedKeyUsagePurpose;

use crate::support::{
    BROKEN, CLOSED, IMAGE, OPEN, SOON,
    client::{Client, request},
    eventually,
    pem::{Ca, Pair},
    review,
    server::{Server, command, fails, folder},
};

#[test]
fn a_review_is_answered_over_both_versions_of_http() {
    let server = Server::start(&[]);
    for version in [reqwest::Version::HTTP_11, reqwest::Version::HTTP_2] {
        let client = reqwest::blocking::Client::builder()
            .tls_backend_preconfigured(tls_config(&server.ca.pem, version))
            .build()
            .expect("a client");
        for path in ["mutate", "validate"] {
            let url = format!("https://localhost:{}/{path}?timeout=10s", server.webhook.port());
            let answer = client.post(url).body(review("uid-1", IMAGE)).send().expect("an answer");
            assert_eq!(answer.version(), version);
            assert_eq!(answer.status(), 200);
            assert_eq!(answer.headers()["content-type"], "application/json");
            let answer: serde_json::Value = serde_json::from_str(&answer.text().expect("a body")).expect("JSON");
            assert_eq!(answer["kind"], "AdmissionReview");
            assert_eq!(answer["response"]["uid"], "uid-1");
            assert_eq!(answer["response"]["allowed"], true);
        }
    }
}

fn tls_config(ca: &str, version: reqwest::Version) -> rustls::ClientConfig {
    use rustls_pki_types::{CertificateDer, pem::PemObject as _};
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(ca.as_bytes()).expect("PEM")).expect("a CA");
    let mut config = rustls::ClientConfig::builder_with_provider(rustls::crypto::ring::default_provider().into())
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let alpn: &[u8] = if version == reqwest::Version::HTTP_2 { b"h2" } else { b"http/1.1" };
    config.alpn_protocols = vec![alpn.to_vec()];
    config
}

#[test]
fn one_connection_takes_many_requests() {
    let server = Server::start(&[]);
    let mut client = server.connect();
    for index in 0..100 {
        let uid = format!("uid-{index}");
        let answer = client.post("/validate", &review(&uid, IMAGE)).expect("an answer");
        assert!(answer.allowed());
        assert!(!answer.closes());
        assert_eq!(answer.json()["response"]["uid"], uid);
    }
    assert!((server.metric("harbor_pilot_connections{listener=\"webhook\"}") - 1.0).abs() < 0.1);
}

/// By HTTP/1.1 a client may end what it sends before it has its answer, whether TLS says so or only TCP.
#[test]
fn who_sends_no_more_has_an_answer_all_the_same() {
    let server = Server::start(&[]);
    let ends: [fn(&mut Client) -> io::Result<()>; 2] = [Client::finish_sending, |client| client.end_socket()];
    for padding in [0, 300 << 10] {
        for end in ends {
            let mut client = server.connect();
            let review = format!("{}{}", review("uid-1", IMAGE), " ".repeat(padding));
            client.send(&request("/validate", &review)).expect("sending");
            end(&mut client).expect("ending");
            assert!(client.receive().expect("an answer").allowed());
            assert!(client.closes_within(SOON), "there is nobody to wait for");
        }
    }
    eventually("no connection", || {
        (server.metric("harbor_pilot_connections{listener=\"webhook\"}") < 0.5).then_some(())
    });
}

#[test]
fn what_is_no_review_is_a_bad_request_with_a_reason() {
    let server = Server::start(&[]);
    let mut client = server.connect();
    for body in ["", "{}", "null", "[]", "\u{0}", "{\"kind\":\"AdmissionReview\"}", "{\"request\":{\"uid\":\"\"}}"] {
        let answer = client.post("/mutate", body).expect("an answer");
        assert_eq!(answer.status, 400, "{body}: {answer:?}");
        assert!(answer.head.contains("content-type: text/plain"), "{answer:?}");
        assert!(answer.body.len() > 10, "{answer:?}");
    }
    assert!(client.post("/mutate", &review("uid", IMAGE)).expect("an answer").allowed());
}

/// Large bodies too: a client that still sends when it is answered would get a reset instead.
#[test]
fn other_paths_and_methods_are_answered_after_the_body_was_read() {
    let server = Server::start(&[]);
    let mut client = server.connect();
    let large = "x".repeat(3 << 20);
    for (method, path, status) in
        [("POST", "/", 404), ("GET", "/mutate", 405), ("PUT", "/validate", 405), ("POST", "/mutate/", 404)]
    {
        let head = format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n\r\n", large.len());
        client.send(head.as_bytes()).expect("sending");
        client.send(large.as_bytes()).expect("sending");
        let answer = client.receive().expect("an answer");
        assert_eq!(answer.status, status, "{method} {path}");
        assert_eq!(answer.head.contains("\r\nallow: post\r\n"), status == 405, "{answer:?}");
    }
}

#[test]
fn tls_1_2_and_1_3_with_what_a_fips_api_server_speaks() {
    let server = Server::start(&[]);
    fs::write(server.folder.path().join("ca.crt"), &server.ca.pem).expect("writing");
    let port = server.webhook.port();
    for arguments in [
        vec!["-tls1_3", "-groups", "P-256", "-ciphersuites", "TLS_AES_128_GCM_SHA256"],
        vec!["-tls1_3", "-groups", "P-384", "-ciphersuites", "TLS_AES_256_GCM_SHA384"],
        vec!["-tls1_2", "-groups", "P-256", "-cipher", "ECDHE-ECDSA-AES128-GCM-SHA256"],
        vec!["-tls1_2", "-groups", "P-384", "-cipher", "ECDHE-ECDSA-AES256-GCM-SHA384"],
    ] {
        let output = openssl(&server, port, &arguments);
        assert!(output.contains("Verify return code: 0 (ok)"), "{arguments:?}: {output}");
    }
    let old = openssl(&server, port, &["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"]);
    assert!(old.contains("Cipher is (NONE)"), "{old}");
}

fn openssl(server: &Server, port: u16, arguments: &[&str]) -> String {
    let output = Command::new("openssl")
        .args(["s_client", "-connect", &format!("127.0.0.1:{port}"), "-CAfile", "ca.crt", "-servername", "localhost"])
        .args(arguments)
        .current_dir(server.folder.path())
        .stdin(std::process::Stdio::null())
        .output()
        .expect("openssl is there");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn alpn_offers_both_and_a_client_without_it_is_served_too() {
    let server = Server::start(&[]);
    let connect = |alpn: &[&[u8]]| Client::connect(server.webhook, &server.ca.pem, alpn);
    assert_eq!(connect(&[b"h2", b"http/1.1"]).alpn(), Some(&b"h2"[..]));
    assert_eq!(connect(&[b"http/1.1"]).alpn(), Some(&b"http/1.1"[..]));
    let mut without = connect(&[]);
    assert_eq!(without.alpn(), None);
    assert!(without.post("/validate", &review("uid", IMAGE)).expect("an answer").allowed());
}

#[test]
fn a_client_ca_asks_for_a_certificate_that_it_signed() {
    let folder = folder();
    let (ca, clients, strangers) = (Ca::new(), Ca::new(), Ca::new());
    fs::write(folder.path().join("policies.yaml"), OPEN).expect("writing");
    fs::write(folder.path().join("clients.crt"), &clients.pem).expect("writing");
    ca.issue().write(folder.path());
    let server =
        Server::start_in(folder, ca, &["--tls-cert", "tls.crt", "--tls-key", "tls.key", "--client-ca", "clients.crt"]);
    let ask = |pair: Option<&Pair>| {
        Client::try_connect(server.webhook, &server.ca.pem, &[], pair)
            .and_then(|mut client| client.post("/validate", &review("uid", IMAGE)))
    };
    let client =
        |ca: &Ca| ca.issue_with(|params| params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth]);
    assert!(ask(Some(&client(&clients))).expect("an answer").allowed());
    ask(Some(&client(&strangers))).expect_err("a stranger's certificate");
    ask(None).expect_err("no certificate");
}

#[test]
fn without_a_certificate_one_is_made_and_the_line_that_tries_it_works() {
    let folder = folder();
    fs::write(folder.path().join("policies.yaml"), OPEN).expect("writing");
    let path = folder.path().to_owned();
    let server = Server::start_in(folder, Ca::new(), &["--tls-san", "pilot.example", "--tls-san", "10.1.2.3"]);
    for (file, mode) in [("ca.key", 0o600), ("tls.key", 0o600), ("ca.crt", 0o644), ("tls.crt", 0o644)] {
        let meta = fs::metadata(path.join("certs").join(file)).expect(file);
        assert_eq!(meta.permissions().mode() & 0o777, mode, "{file}");
    }
    let text = server.stderr();
    let line = text.lines().map(str::trim).find(|line| line.starts_with("curl ")).expect("a line to type");
    let output = Command::new("sh").args(["-c", line]).current_dir(&path).output().expect("a shell");
    assert!(output.status.success(), "{line}\n{}", String::from_utf8_lossy(&output.stderr));
    let answer: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(answer["response"]["allowed"], true, "{answer}");

    let mut names = Command::new("openssl");
    names.args(["x509", "-in", "certs/tls.crt", "-noout", "-ext", "subjectAltName"]).current_dir(&path);
    let names = String::from_utf8(names.output().expect("openssl is there").stdout).expect("text");
    for name in [
        "DNS:localhost",
        "IP Address:127.0.0.1",
        "IP Address:0:0:0:0:0:0:0:1",
        "DNS:pilot.example",
        "IP Address:10.1.2.3",
    ] {
        assert!(names.contains(name), "{names}");
    }
}

/// As a newcomer does it: in the repository, with its policy and its sample.
#[test]
fn in_the_repository_the_line_sends_its_sample_and_gets_a_patch() {
    let folder = folder();
    for name in ["policies.yaml", "tests"] {
        symlink(Path::new(env!("CARGO_MANIFEST_DIR")).join(name), folder.path().join(name)).expect("a link");
    }
    let server = Server::start_in(folder, Ca::new(), &[]);
    let text = server.stderr();
    let line = text.lines().map(str::trim).find(|line| line.starts_with("curl ")).expect("a line to type");
    assert!(line.contains("--data @tests/fixtures/reviews/gpu-operator-create.json"), "{line}");
    let output = Command::new("sh").args(["-c", line]).current_dir(server.folder.path()).output().expect("a shell");
    let answer: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(answer["response"]["allowed"], true, "{answer}");
    assert_eq!(answer["response"]["patchType"], "JSONPatch", "{answer}");
    let request = eventually("the line of the log", || server.event("request"));
    assert_eq!(request["decision"], "mutated", "{request}");
    let images = request["images"].as_str().expect("images");
    assert!(images.contains(": nvcr.io/") && images.contains(" -> harbor.potus.local/nvidiaio/"), "{images}");
    assert!(server.metric("harbor_pilot_decisions_total{outcome=\"allow\",enforcement=\"deny\",registry=\"nvcr.io\",dry_run=\"false\"}") > 0.5);
}

/// On both listeners: `doctor` reaches it by way of the API server.
#[test]
fn what_a_replica_says_of_itself() {
    let server = Server::start(&[]);
    let mut client = server.connect();
    let mut says = || {
        client.send(b"GET /status HTTP/1.1\r\nHost: localhost\r\n\r\n").expect("sending");
        let answer = client.receive().expect("an answer");
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()
    };
    let status = says();
    assert_eq!(status["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(status["policyFile"], "good");
    assert_eq!(status["lastCalls"], serde_json::json!({}));
    let written = fs::read_to_string(server.folder.path().join("tls.crt")).expect("reading").replace('\r', "");
    assert_eq!(status["certificate"], written);
    let hash = status["policy"].as_str().expect("a hash").to_owned();

    server.connect().post("/validate", &review("uid", IMAGE)).expect("an answer");
    fs::write(server.folder.path().join("policies.yaml"), "broken").expect("writing");
    eventually("a broken policy", || (says()["policyFile"] == "broken").then_some(()));
    let (code, page) = server.ops("/status");
    assert_eq!(code, 200);
    let status: serde_json::Value = serde_json::from_str(&page).expect("JSON");
    assert_eq!(status["policy"], hash);
    assert!(status["lastCalls"]["validate"].as_u64().is_some_and(|ago| ago < 60), "{status}");
    assert_eq!(status["lastCalls"].as_object().map(serde_json::Map::len), Some(1), "{status}");
}

#[test]
fn a_replica_says_how_long_names_are_written_as_before() {
    let server = Server::start(&["--reload-spread=1000s"]);
    let status = || serde_json::from_str::<serde_json::Value>(&server.ops("/status").1).expect("JSON");
    let before = status();
    assert_eq!(before["namesAsBeforeFor"], serde_json::Value::Null);
    let file = server.folder.path().join("policies.yaml");
    let policy = fs::read_to_string(&file).expect("reading");
    fs::write(&file, policy + "# changed\n").expect("writing");
    let after = eventually("another policy", || Some(status()).filter(|status| status["policy"] != before["policy"]));
    assert!(after["namesAsBeforeFor"].as_u64().is_some_and(|left| (1..1000).contains(&left)), "{after}");
}

/// What HTTP/1.1 and HTTP/2 say each in their own way.
#[test]
fn an_answer_is_one_of_its_version_of_http() {
    let server = Server::start(&["--max-body-size", "64KiB"]);
    let large = "x".repeat(65 << 10);
    for version in [reqwest::Version::HTTP_11, reqwest::Version::HTTP_2] {
        let client = reqwest::blocking::Client::builder()
            .tls_backend_preconfigured(tls_config(&server.ca.pem, version))
            .build()
            .expect("a client");
        let url = |path: &str| format!("https://localhost:{}/{path}", server.webhook.port());
        let answer = client.head(url("status")).send().expect("an answer");
        assert_eq!((answer.version(), answer.status().as_u16()), (version, 200));
        assert_eq!(answer.headers()["content-type"], "application/json");
        assert_eq!(answer.text().expect("no body"), "");
        let answer = client.post(url("status")).send().expect("an answer");
        assert_eq!(
            (answer.status().as_u16(), &answer.headers()["allow"]),
            (405, &"GET,HEAD".parse().expect("a value"))
        );
        let answer = client.post(url("mutate")).body(large.clone()).send().expect("an answer");
        assert_eq!((answer.version(), answer.status().as_u16()), (version, 413));
        assert_eq!(answer.headers().contains_key("connection"), version == reqwest::Version::HTTP_11, "{answer:?}");
    }
}

#[test]
fn the_pages_of_the_ops_listener() {
    let server = Server::start(&[]);
    assert_eq!(server.ops("/healthz"), (200, "ok\n".to_owned()));
    assert_eq!(server.ops("/readyz"), (200, "ready\n".to_owned()));
    let (status, page) = server.ops("/readyz?verbose");
    assert_eq!(status, 200);
    assert!(page.contains("[+] policy: policies.yaml (hash "), "{page}");
    assert!(page.contains("[+] certificate: valid until "), "{page}");
    assert_eq!(server.ops("/mutate").0, 404);

    let mut client = server.connect();
    client.post("/validate", &review("uid", IMAGE)).expect("an answer");
    client.post("/validate", "no review").expect("an answer");
    let (_, page) = server.ops("/metrics");
    for line in [
        "harbor_pilot_requests_total{webhook=\"validate\",operation=\"create\",outcome=\"allowed\",dry_run=\"false\"} 1",
        "harbor_pilot_requests_total{webhook=\"validate\",operation=\"other\",outcome=\"bad_request\",dry_run=\"false\"} 1",
        "harbor_pilot_request_duration_seconds_count{webhook=\"validate\"} 2",
        "harbor_pilot_reload_successful{file=\"policy\"} 1",
    ] {
        assert!(page.lines().any(|found| found == line), "expected {line}, but found\n{page}");
    }
    assert!(page.ends_with("# EOF\n"));
}

#[test]
fn what_came_with_a_request_never_makes_a_label() {
    let server = Server::start(&[]);
    let mut client = server.connect();
    for index in 0..50 {
        let image = format!("registry-{index}.example/app");
        client.post("/mutate", &review("uid", &image)).expect("an answer");
    }
    let (_, page) = server.ops("/metrics");
    assert!(!page.contains("registry-"), "{page}");
    assert_eq!(page.matches("harbor_pilot_decisions_total{").count(), 1, "{page}");
}

#[test]
fn a_start_that_can_t_work_ends_with_2_and_says_why() {
    /// What is wrong, the folder's files, the arguments, and what stderr says.
    type Case =
        (&'static str, &'static [(&'static str, &'static str)], &'static [&'static str], &'static [&'static str]);
    let cases: [Case; 9] = [
        ("broken policy", &[("policies.yaml", BROKEN)], &[], &["policies.yaml:1:1"]),
        ("named policy is not there", &[], &["--policy", "nowhere.yaml"], &["nowhere.yaml", "No such file"]),
        ("certificate without key", &[], &["--tls-cert", "a"], &["--tls-key"]),
        ("key without certificate", &[], &["--tls-key", "a"], &["--tls-cert"]),
        ("certificate is not there", &[], &["--tls-cert", "a.crt", "--tls-key", "a.key"], &["a.crt", "No such file"]),
        (
            "certificate is none",
            &[("a.crt", "hello"), ("a.key", "hello")],
            &["--tls-cert", "a.crt", "--tls-key", "a.key"],
            &["a.crt", "expected a PEM certificate, but found none"],
        ),
        ("a name that no certificate can have", &[], &["--tls-san", "a b"], &["--tls-san", "expected a DNS name"]),
        (
            "clients must show a certificate, and replicas share one of their own making",
            &[],
            &["--tls-secret", "s", "--tls-san", "x.example", "--client-ca", "ca.crt"],
            &["--tls-secret", "--client-ca"],
        ),
        ("an address of another machine", &[], &["--listen", "192.0.2.1:1"], &["192.0.2.1:1", "--listen"]),
    ];
    for (case, files, arguments, expected) in cases {
        let folder = folder();
        for (name, text) in files {
            fs::write(folder.path().join(name), text).expect("writing");
        }
        let output = fails(&mut command(folder.path(), arguments));
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{case}: {stderr}");
        for text in expected {
            assert!(stderr.contains(text), "{case}: expected {text}, but found {stderr}");
        }
        assert!(output.stdout.is_empty(), "{case}");
    }
}

#[test]
fn two_servers_can_t_share_a_port_and_the_second_says_so() {
    let server = Server::start(&[]);
    let folder = folder();
    for flag in ["--listen", "--ops-listen"] {
        let output = fails(command(folder.path(), &[]).args([flag, &server.webhook.to_string()]));
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{stderr}");
        assert!(stderr.contains(flag) && stderr.contains("in use"), "{stderr}");
    }
}

#[test]
fn a_key_of_another_certificate_and_an_old_certificate_are_refused() {
    let ca = Ca::new();
    let folder = folder();
    let arguments = ["--tls-cert", "tls.crt", "--tls-key", "tls.key"];
    ca.issue().write(folder.path());
    fs::write(folder.path().join("tls.key"), ca.issue().key).expect("writing");
    let output = fails(&mut command(folder.path(), &arguments));
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("can't serve together"), "{output:?}");

    ca.issue_with(|params| params.not_after = rcgen::date_time_ymd(2020, 1, 1)).write(folder.path());
    let output = fails(&mut command(folder.path(), &arguments));
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("ended on Wed, 01 Jan 2020"), "{output:?}");
}

#[test]
fn the_built_in_policy_is_for_outside_of_clusters() {
    let server = Server::start_in(folder(), Ca::new(), &[]);
    assert!(server.stderr().contains("the built-in policy is in force"), "{}", server.stderr());
    assert!(server.ops("/readyz?verbose").1.contains("[+] policy: built-in policy (hash "));

    let folder = folder();
    let output = fails(command(folder.path(), &[]).env("KUBERNETES_SERVICE_HOST", "10.0.0.1"));
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    assert!(stderr.contains("HARBOR_PILOT_POLICY"), "{stderr}");
}

#[test]
fn the_environment_names_what_the_flags_name() {
    let folder = folder();
    let ca = Ca::new();
    ca.issue().write(folder.path());
    fs::write(folder.path().join("closed.yaml"), CLOSED).expect("writing");
    fs::write(folder.path().join("policies.yaml"), OPEN).expect("writing");
    let mut command = command(folder.path(), &[]);
    command.env("HARBOR_PILOT_POLICY", "closed.yaml");
    command.env("HARBOR_PILOT_TLS_CERT", "tls.crt").env("HARBOR_PILOT_TLS_KEY", "tls.key");
    let server = Server::spawn(command, folder, ca);
    assert!(!server.connect().post("/validate", &review("uid", IMAGE)).expect("an answer").allowed());
}
