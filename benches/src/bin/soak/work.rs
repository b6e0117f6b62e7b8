//! What is asked of the server, by h2load (<https://nghttp2.org/documentation/h2load.1.html>).

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Command,
    thread,
};

use harbor_pilot_benches::{USUAL, at_rest, create, denied, small, update};

/// All the kinds of work there are.
pub(crate) struct Work {
    target: SocketAddr,
    kinds: Vec<Kind>,
}

/// Requests of one kind.
struct Kind {
    name: &'static str,
    path: &'static str,
    body: PathBuf,
    /// Of a hundred requests.
    share: usize,
    clients: Clients,
    /// The hundreds of the status that is due.
    status: char,
}

/// How they come.
#[derive(Clone, Copy)]
enum Clients {
    /// So many connections of HTTP/1.1, which are kept.
    Keeping(usize),
    /// So many at a time, each of which asks once and leaves.
    AskingOnce(usize),
    /// So many connections of h2, with so many requests at a time on each.
    Http2(usize, usize),
}

impl Work {
    pub(crate) fn new(folder: &Path, target: SocketAddr) -> Self {
        let garbage = "no review ".repeat(200);
        let kinds = [
            ("allowed", "mutate", create(3, USUAL).to_string(), 30, Clients::Keeping(16), '2'),
            ("at rest", "validate", at_rest().to_string(), 20, Clients::Keeping(8), '2'),
            ("denied", "mutate", denied(create(3, USUAL)).to_string(), 16, Clients::Keeping(8), '2'),
            ("update", "mutate", update(create(3, USUAL)).to_string(), 10, Clients::Keeping(8), '2'),
            ("h2", "mutate", small().to_string(), 14, Clients::Http2(4, 8), '2'),
            ("garbage", "mutate", garbage, 8, Clients::Keeping(4), '4'),
            ("asks once", "mutate", small().to_string(), 2, Clients::AskingOnce(20), '2'),
        ];
        let kinds = kinds.map(|(name, path, text, share, clients, status)| {
            let body = folder.join(format!("{name}.json"));
            fs::write(&body, text).expect("a file");
            Kind { name, path, body, share, clients, status }
        });
        Self { target, kinds: kinds.into() }
    }

    /// Does so many requests, of all kinds at a time.
    pub(crate) fn run(&self, requests: usize) {
        thread::scope(|scope| {
            for kind in &self.kinds {
                scope.spawn(move || kind.run(self.target, requests * kind.share / 100));
            }
        });
    }
}

impl Kind {
    fn run(&self, target: SocketAddr, requests: usize) {
        match self.clients {
            Clients::Keeping(connections) => self.load(target, requests, connections, &["--h1"]),
            Clients::Http2(connections, streams) => {
                self.load(target, requests, connections, &[&format!("--max-concurrent-streams={streams}")]);
            }
            Clients::AskingOnce(connections) => {
                for _ in 0..requests / connections {
                    self.load(target, connections, connections, &["--h1"]);
                }
            }
        }
    }

    fn load(&self, target: SocketAddr, requests: usize, connections: usize, more: &[&str]) {
        let mut command = Command::new("setpriv");
        command
            .args(["--pdeathsig", "KILL", "--", "h2load", "--threads=1", "--header=content-type: application/json"])
            .args([format!("--clients={connections}"), format!("--requests={requests}")])
            .arg(format!("--data={}", self.body.display()))
            .args(more)
            .arg(format!("https://{target}/{}", self.path));
        let output = command.output().expect("h2load runs");
        let said = String::from_utf8_lossy(&output.stdout);
        let answered = said.lines().find_map(|line| line.strip_prefix("status codes: "));
        let due = format!("{requests} {}xx", self.status);
        let all = answered.is_some_and(|codes| codes.split(", ").any(|code| code == due));
        assert!(all, "{}: expected `{due}`, but found: {said}", self.name);
    }
}
