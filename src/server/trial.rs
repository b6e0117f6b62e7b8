//! The command that a person types to see the webhook work.

use std::{fmt::Write as _, net::SocketAddr, path::Path};

/// The repository's sample, where the program runs in it.
const SAMPLE: &str = "tests/fixtures/reviews/gpu-operator-create.json";

/// A review that fits into a line.
const SHORT_SAMPLE: &str = r#"{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"00000000-0000-4000-8000-000000000001","kind":{"group":"","version":"v1","kind":"Pod"},"resource":{"group":"","version":"v1","resource":"pods"},"name":"try","namespace":"default","operation":"CREATE","userInfo":{"username":"me"},"object":{"apiVersion":"v1","kind":"Pod","metadata":{"name":"try","namespace":"default"},"spec":{"containers":[{"name":"main","image":"nvcr.io/nvidia/cuda:12.8.1-base-ubuntu24.04"}]}},"oldObject":null,"dryRun":true}}"#;

/// A `curl` line that asks the webhook at `address`, whose certificate `ca` signed.
pub(super) fn command(ca: &Path, address: SocketAddr) -> String {
    let data = if Path::new(SAMPLE).is_file() { format!("@{SAMPLE}") } else { quoted(SHORT_SAMPLE) };
    let ca = quoted(&ca.display().to_string());
    let port = address.port();
    let mut command = format!("curl --cacert {ca} -H 'Content-Type: application/json' --data {data}");
    let ip = address.ip();
    if !ip.is_unspecified() && ip.to_string() != "127.0.0.1" && ip.to_string() != "::1" {
        // Writing to a String can't fail.
        let _ = write!(command, " --resolve localhost:{port}:{ip}");
    }
    let _ = write!(command, " https://localhost:{port}/mutate");
    command
}

/// As one word of a shell.
fn quoted(text: &str) -> String {
    let plain = |char: char| char.is_ascii_alphanumeric() || "/._-+@:".contains(char);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}
