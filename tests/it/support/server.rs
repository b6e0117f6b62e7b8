//! The real binary, serving.

use std::{
    io::{BufRead as _, BufReader},
    net::SocketAddr,
    path::Path,
    process::{Child, Command, ExitStatus, Output, Stdio},
    sync::{Arc, Mutex},
};

use serde_json::Value;
use tempfile::TempDir;

use super::{
    OPEN,
    client::{Client, get},
    eventually,
    pem::Ca,
};

/// A server of its own folder: `policies.yaml`, `tls.crt` and `tls.key`.
pub(crate) struct Server {
    child: Child,
    lines: Arc<Mutex<Vec<String>>>,
    pub(crate) webhook: SocketAddr,
    pub(crate) ops: SocketAddr,
    pub(crate) ca: Ca,
    pub(crate) folder: TempDir,
}

impl Server {
    /// Starts with the policy [`OPEN`] and these arguments.
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let folder = folder();
        let ca = Ca::new();
        std::fs::write(folder.path().join("policies.yaml"), OPEN).expect("writing");
        ca.issue().write(folder.path());
        Self::start_in(folder, ca, &[&["--tls-cert", "tls.crt", "--tls-key", "tls.key"], arguments].concat())
    }

    /// Starts in a folder that is prepared.
    pub(crate) fn start_in(folder: TempDir, ca: Ca, arguments: &[&str]) -> Self {
        Self::spawn(command(folder.path(), arguments), folder, ca)
    }

    /// Starts a command that ends up as the binary.
    pub(crate) fn spawn(mut command: Command, folder: TempDir, ca: Ca) -> Self {
        let mut child = command.stderr(Stdio::piped()).spawn().expect("starting the binary");
        let lines = Arc::new(Mutex::new(Vec::new()));
        let stderr = BufReader::new(child.stderr.take().expect("stderr is piped"));
        let to = Arc::clone(&lines);
        std::thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                to.lock().expect("no panic there").push(line);
            }
        });
        let any = SocketAddr::from(([0, 0, 0, 0], 0));
        let mut server = Self { child, lines, webhook: any, ops: any, ca, folder };
        let listening = eventually("listening", || {
            if let Some(status) = server.child.try_wait().expect("asking for the child") {
                panic!("ended with {status}:\n{}", server.stderr());
            }
            server.event("listening")
        });
        let address = |key: &str| listening[key].as_str().and_then(|text| text.parse().ok()).expect("an address");
        server.webhook = address("webhook");
        server.ops = address("ops");
        server
    }

    /// Ends this one, and starts another in the same folder.
    pub(crate) fn again(mut self, arguments: &[&str]) -> Self {
        let folder = std::mem::replace(&mut self.folder, folder());
        let ca = std::mem::replace(&mut self.ca, Ca::new());
        drop(self);
        Self::start_in(folder, ca, arguments)
    }

    /// A new connection to the webhook.
    pub(crate) fn connect(&self) -> Client {
        Client::connect(self.webhook, &self.ca.pem, &[b"http/1.1"])
    }

    /// All of stderr so far.
    pub(crate) fn stderr(&self) -> String {
        self.lines.lock().expect("no panic there").join("\n")
    }

    /// The lines of the log so far.
    pub(crate) fn log(&self) -> Vec<Value> {
        let lines = self.lines.lock().expect("no panic there");
        lines.iter().filter_map(|line| serde_json::from_str(line).ok()).collect()
    }

    /// The first line of the log with this beginning of its message.
    pub(crate) fn event(&self, message: &str) -> Option<Value> {
        self.log().into_iter().find(|line| line["message"].as_str().is_some_and(|text| text.starts_with(message)))
    }

    /// A page of the ops listener: status and body.
    pub(crate) fn ops(&self, path: &str) -> (u16, String) {
        get(self.ops, path)
    }

    /// The value of one line of `/metrics`, and 0 where there is none.
    pub(crate) fn metric(&self, series: &str) -> f64 {
        let (_, page) = self.ops("/metrics");
        let line = page.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
        line.map_or(0.0, |value| value.parse().expect("a number"))
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal by its name.
    pub(crate) fn signal(&self, name: &str) {
        let status = Command::new("kill").args([&format!("-{name}"), &self.child.id().to_string()]).status();
        assert!(status.expect("kill is there").success());
    }

    /// Waits for the end.
    pub(crate) fn wait(&mut self) -> ExitStatus {
        eventually("the end", || self.child.try_wait().expect("asking for the child"))
    }

    /// Whether it still runs.
    pub(crate) fn is_running(&mut self) -> bool {
        self.child.try_wait().expect("asking for the child").is_none()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

/// `harbor-pilot serve` on free ports, without what the environment of the tests may say.
pub(crate) fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_harbor-pilot"));
    command
        .arg("serve")
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .envs([
            ("HARBOR_PILOT_LISTEN", "127.0.0.1:0"),
            ("HARBOR_PILOT_OPS_LISTEN", "127.0.0.1:0"),
            ("HARBOR_PILOT_RELOAD_INTERVAL", "50ms"),
        ])
        .stdin(Stdio::null());
    command
}

/// Runs it to its end, which must come by itself.
pub(crate) fn fails(command: &mut Command) -> Output {
    let child = command.stderr(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("starting the binary");
    let id = child.id();
    let (done, ended) = std::sync::mpsc::channel();
    std::thread::spawn(move || done.send(child.wait_with_output()));
    if let Ok(output) = ended.recv_timeout(super::SOON) {
        return output.expect("waiting for the binary");
    }
    let _ = Command::new("kill").args(["-KILL", &id.to_string()]).status();
    panic!("it should have refused to start");
}
