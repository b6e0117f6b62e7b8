//! The server under work, and what the kernel and its own metrics say of it.

use std::{
    fs,
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

/// A server that runs until this is dropped, or this process ends in any other way.
pub(crate) struct Server {
    child: Child,
    pub(crate) webhook: SocketAddr,
    ops: SocketAddr,
}

/// What it holds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sample {
    /// Bytes.
    pub(crate) resident: u64,
    pub(crate) files: usize,
    pub(crate) threads: usize,
}

/// Looks in a row at which nothing has moved: none was between opening a file and closing it.
const AT_REST: usize = 25;

const PATIENCE: Duration = Duration::from_mins(1);

impl Server {
    pub(crate) fn start(program: &str, folder: &Path, policy: &Path) -> Self {
        let (webhook, ops) = (free_address(), free_address());
        let program = fs::canonicalize(program).expect("the program");
        // Killed with its parent, however that ends.
        let child = Command::new("setpriv")
            .args(["--pdeathsig", "KILL", "--"])
            .arg(program)
            .args(["serve", "--workers=2", "--reload-interval=200ms", "--cert-dir=."])
            .arg(format!("--policy={}", policy.display()))
            .args([format!("--listen={webhook}"), format!("--ops-listen={ops}")])
            .current_dir(folder)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("setpriv starts");
        let mut server = Self { child, webhook, ops };
        eventually("it listens", || {
            assert!(server.child.try_wait().expect("a state").is_none(), "the server has ended");
            TcpStream::connect(webhook).is_ok()
        });
        server
    }

    /// What is left when nobody is connected any more, and nothing moves.
    pub(crate) fn at_rest(&self) -> Sample {
        eventually("nobody is connected", || {
            self.metric("harbor_pilot_connections{listener=\"webhook\"}") == "0"
                && self.metric("harbor_pilot_body_memory_bytes") == "0"
        });
        let mut sample = self.sample();
        let mut same = 0;
        eventually("it is at rest", || {
            let now = self.sample();
            same = if (now.files, now.threads) == (sample.files, sample.threads) { same + 1 } else { 0 };
            sample = now;
            same == AT_REST
        });
        sample
    }

    fn sample(&self) -> Sample {
        let folder = format!("/proc/{}", self.child.id());
        let status = fs::read_to_string(format!("{folder}/status")).expect("a status");
        let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB"));
        let count = |name: &str| fs::read_dir(format!("{folder}/{name}")).expect("Linux").count();
        Sample {
            resident: resident.and_then(|kib| kib.parse::<u64>().ok()).expect("VmRSS in kB") << 10,
            files: count("fd"),
            threads: count("task"),
        }
    }

    /// The policy in force.
    pub(crate) fn policy_hash(&self) -> String {
        let page = self.metrics();
        let hash =
            page.lines().find_map(|line| line.strip_prefix("harbor_pilot_policy_info{hash=\"")?.split('"').next());
        hash.expect("a policy").to_owned()
    }

    fn metric(&self, series: &str) -> String {
        let page = self.metrics();
        let value = page.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
        value.unwrap_or("0").to_owned()
    }

    fn metrics(&self) -> String {
        let mut socket = TcpStream::connect(self.ops).expect("connecting");
        socket.write_all(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").expect("sending");
        let mut page = String::new();
        socket.read_to_string(&mut page).expect("a page");
        page
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Asks again and again until it is so.
pub(crate) fn eventually(what: &str, mut ask: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !ask() {
        assert!(Instant::now() < deadline, "waited in vain until {what}");
        thread::sleep(Duration::from_millis(20));
    }
}

/// An address of this machine that nobody listens on.
fn free_address() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a socket");
    listener.local_addr().expect("an address")
}
