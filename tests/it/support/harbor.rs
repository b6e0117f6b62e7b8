//! A stand-in for Harbor with a real registry behind it (tests/harbor), and the program run on it.

use std::{
    fs,
    io::{BufRead as _, BufReader, Write as _},
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use serde_json::{Value as Json, json};
use tempfile::TempDir;

/// A running stand-in. It ends when its standard input is closed.
pub(crate) struct Harbor {
    child: Child,
    folder: TempDir,
    said: Json,
}

/// What a run of the program came to.
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    /// All of it, as a snapshot shows it.
    pub(crate) fn drawn(&self) -> String {
        let mut drawn = format!("exit code {}\n", self.code);
        for (name, text) in [("stdout", &self.stdout), ("stderr", &self.stderr)] {
            if !text.is_empty() {
                drawn += &format!("--- {name}\n{}\n", text.trim_end_matches('\n'));
            }
        }
        drawn
    }
}

impl Harbor {
    /// Starts one of a version. `None`, and a message, where it can't be built here: exit code 2.
    pub(crate) fn start(version: &str) -> Option<Self> {
        let folder = tempfile::tempdir().expect("a folder");
        let mut child = Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/harbor/start"))
            .args(["--version", version, "--folder"])
            .arg(folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("bash");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("a pipe")).read_line(&mut line).expect("text");
        if line.is_empty() {
            let status = child.wait().expect("it ends");
            assert_eq!(status.code(), Some(2), "the stand-in for Harbor does not start");
            eprintln!("SKIPPED: the stand-in for Harbor can't be built here");
            return None;
        }
        Some(Self { child, folder, said: serde_json::from_str(&line).expect("JSON") })
    }

    pub(crate) fn said(&self, pointer: &str) -> &str {
        self.said.pointer(pointer).and_then(Json::as_str).unwrap_or_else(|| panic!("{pointer} in {}", self.said))
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes the policy that the next runs go by.
    pub(crate) fn policy(&self, lines: &str) -> &Self {
        let text = format!("apiVersion: harbor-pilot.io/v1\nkind: Policy\nharbor: harbor.example.com\n{lines}");
        fs::write(self.path("policies.yaml"), text).expect("written");
        self
    }

    /// Runs `harbor-pilot harbor …` as the admin.
    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        self.run_with(arguments, &[])
    }

    /// The same in another environment.
    pub(crate) fn run_with(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Run {
        let output = self.command(arguments).envs(environment.iter().copied()).output().expect("the program starts");
        let text = |bytes| String::from_utf8(bytes).expect("text").replace(self.said("/url"), "https://HARBOR");
        let run = Run {
            code: output.status.code().expect("no signal"),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        };
        // Whatever was run and however it ended: the keys are nobody's to see.
        for secret in ["/password", "/upstream/password"] {
            let drawn = run.drawn();
            assert!(!drawn.contains(self.said(secret)), "{secret} shows: {drawn}");
        }
        run
    }

    /// `harbor-pilot harbor …` as the admin, to be started.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_harbor-pilot"));
        command
            .arg("harbor")
            .args(arguments)
            .current_dir(self.folder.path())
            .env_clear()
            .env("HARBOR_PILOT_HARBOR_URL", self.said("/url"))
            .env("HARBOR_PILOT_CA_FILE", self.said("/ca_file"))
            .env("HARBOR_USERNAME", self.said("/username"))
            .env("HARBOR_PASSWORD", self.said("/password"))
            .env("NGC_API_KEY", self.said("/upstream/password"))
            .stdin(Stdio::null());
        command
    }

    /// Asks the stand-in's control address.
    pub(crate) fn control(&self, method: &str, path: &str, body: Json) -> Json {
        self.ask(&format!("{}{path}", self.said("/control_url")), method, body, None)
    }

    /// Has what is asked of the registries go wrong.
    pub(crate) fn faults(&self, faults: Json) {
        self.control("PUT", "/faults", faults);
    }

    /// Asks Harbor's own API as the admin.
    pub(crate) fn api(&self, method: &str, path: &str, body: Json) -> Json {
        let account = (self.said("/username"), self.said("/password"));
        self.ask(&format!("{}/api/v2.0{path}", self.said("/url")), method, body, Some(account))
    }

    fn ask(&self, url: &str, method: &str, body: Json, account: Option<(&str, &str)>) -> Json {
        let (status, text) = self.send(url, method, body, account);
        assert!((200..300).contains(&status), "{method} {url}: {status} {text}");
        serde_json::from_str(&text).unwrap_or_default()
    }

    /// Any request, and its status and body.
    pub(crate) fn send(&self, url: &str, method: &str, body: Json, account: Option<(&str, &str)>) -> (u16, String) {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let ca = fs::read(self.said("/ca_file")).expect("a CA");
        let ca = reqwest::Certificate::from_pem(&ca).expect("a CA");
        let client = reqwest::blocking::Client::builder().no_proxy().tls_certs_only([ca]).build().expect("a client");
        let mut request = client.request(method.parse().expect("a method"), url);
        if let Some((name, password)) = account {
            request = request.basic_auth(name, Some(password));
        }
        if !body.is_null() {
            request = request.header("Content-Type", "application/json").body(body.to_string());
        }
        let response = request.send().expect("an answer");
        (response.status().as_u16(), response.text().expect("text"))
    }

    /// What was asked so far: method and path.
    pub(crate) fn asked(&self) -> Vec<(String, String)> {
        let asked = self.control("GET", "/requests", Json::Null);
        let text = |value: &Json| value.as_str().unwrap_or_default().to_owned();
        asked
            .as_array()
            .expect("a list")
            .iter()
            .map(|request| (text(&request["method"]), text(&request["path"])))
            .collect()
    }

    /// A robot with just these rights; its file for `--credentials`.
    pub(crate) fn robot(&self, name: &str, permissions: Json) -> PathBuf {
        let body = json!({ "name": name, "level": "system", "duration": -1, "permissions": permissions });
        let robot = self.api("POST", "/robots", body);
        let path = self.path(&format!("{name}.json"));
        fs::write(&path, robot.to_string()).expect("written");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("set");
        path
    }
}

impl Drop for Harbor {
    fn drop(&mut self) {
        drop(self.child.stdin.take().map(|mut stdin| stdin.flush()));
        let _ = self.child.wait();
    }
}

pub(crate) fn text(path: &Path) -> &str {
    path.to_str().expect("text")
}
