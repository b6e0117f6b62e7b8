use std::{path::Path, time::Duration};

use tokio::sync::mpsc;

use crate::{
    admission,
    server::{CertificateSource, End, Limits, Options, PolicySource, Server, log::DroppedLines},
};

fn options(folder: &Path) -> Options {
    Options {
        policy: PolicySource::BuiltIn,
        listen: ([127, 0, 0, 1], 0).into(),
        ops_listen: ([127, 0, 0, 1], 0).into(),
        certificate: CertificateSource::SelfMade { directory: folder.join("certs"), names: Vec::new() },
        client_ca: None,
        limits: Limits::default(),
        reload_interval: Duration::from_millis(50),
        reload_spread: Duration::ZERO,
        drain: Duration::ZERO,
        shutdown_timeout: Duration::from_secs(10),
        dropped_lines: DroppedLines::default(),
    }
}

fn panics<'b>(
    webhook: admission::Webhook,
    body: &'b [u8],
    policies: admission::Policies<'b>,
) -> Result<admission::Answer<'b>, admission::Unreadable> {
    assert_ne!(body, b"panic", "as asked");
    admission::review(webhook, body, policies)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_review_that_panics_is_an_answer_a_count_and_nothing_more() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Server::bind_with(options(folder.path()), panics).await.expect("a start");
    let (webhook, ops) = (server.webhook_address(), server.ops_address());
    let (signal, signals) = mpsc::channel(1);
    let running = tokio::spawn(server.run(signals));

    let client = client(&folder.path().join("certs/ca.crt"));
    let url = format!("https://localhost:{}/mutate", webhook.port());
    let status = async |body: &'static str| client.post(&url).body(body).send().await.expect("an answer").status();
    assert_eq!(status("panic").await, 500);
    assert_eq!(status("no review").await, 400);
    assert_eq!(status("panic").await, 500);
    let page = client.get(format!("http://{ops}/metrics")).send().await.expect("a page").text().await.expect("text");
    assert!(page.contains("\nharbor_pilot_panics_total 2\n"), "{page}");
    assert!(page.contains("outcome=\"panic\",dry_run=\"false\"} 2\n"), "{page}");

    signal.send(()).await.expect("it listens");
    assert_eq!(running.await.expect("no panic"), End::Drained { cut: 0 });
}

fn client(ca: &Path) -> reqwest::Client {
    use rustls_pki_types::{CertificateDer, pem::PemObject as _};
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(ca).expect("PEM")).expect("a CA");
    let config = rustls::ClientConfig::builder_with_provider(crate::server::tls::provider())
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    reqwest::Client::builder().tls_backend_preconfigured(config).build().expect("a client")
}
