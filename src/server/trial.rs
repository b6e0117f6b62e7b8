//! The command that a person types to see the webhook work.

use std::{
    fmt::Write as _,
    net::{IpAddr, SocketAddr},
    path::Path,
};

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
    let host = match address.ip() {
        IpAddr::V6(ip) => format!("[{ip}]"),
        IpAddr::V4(ip) => ip.to_string(),
    };
    if !matches!(host.as_str(), "0.0.0.0" | "[::]" | "127.0.0.1" | "[::1]") {
        // Writing to a String can't fail.
        let _ = write!(command, " --resolve localhost:{port}:{host}");
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

#[cfg(test)]
mod tests {
    use super::*;

    fn line(ca: &str, address: &str) -> String {
        command(Path::new(ca), address.parse().expect("an address"))
    }

    #[test]
    fn the_line_reaches_the_server_wherever_it_listens() {
        for address in ["127.0.0.1:8443", "[::1]:8443", "0.0.0.0:8443", "[::]:8443"] {
            let line = line("certs/ca.crt", address);
            assert!(
                line.starts_with("curl --cacert certs/ca.crt -H 'Content-Type: application/json' --data "),
                "{line}"
            );
            assert!(line.ends_with(" https://localhost:8443/mutate"), "{line}");
            assert!(!line.contains("--resolve"), "{line}");
        }
        assert!(line("ca", "10.0.0.1:1").contains(" --resolve localhost:1:10.0.0.1 "));
        assert!(line("ca", "[fd00::1]:1").contains(" --resolve localhost:1:[fd00::1] "));
    }

    #[test]
    fn a_shell_takes_each_word_as_it_is() {
        for (text, word) in [("a/b.c", "a/b.c"), ("a b", "'a b'"), ("", "''"), ("it's", r"'it'\''s'"), ("$x", "'$x'")] {
            assert_eq!(quoted(text), word);
        }
    }
}
