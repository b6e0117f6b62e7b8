//! A server that runs on the first processor, and what the kernel says of it.

use std::{
    fs,
    net::{SocketAddr, TcpListener, TcpStream},
    process::{self, Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

/// A server that runs until this is dropped.
pub(crate) struct Process {
    child: Child,
    pub(crate) address: SocketAddr,
    /// From its start until a connection was taken.
    pub(crate) ready_after: Duration,
}

/// Processors for the server and for the load, so that neither takes time from the other.
pub(crate) const SERVER_CPU: &str = "0";
pub(crate) const LOAD_CPU: &str = "1";

const PATIENCE: Duration = Duration::from_secs(20);

impl Process {
    /// Starts `program` on the given processors. It must come to listen on `address`.
    pub(crate) fn start(program: &mut Command, address: SocketAddr) -> Self {
        let began = Instant::now();
        // What it logs is made and written, but not kept.
        let child = program.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the server starts");
        let mut process = Self { child, address, ready_after: Duration::ZERO };
        while TcpStream::connect(address).is_err() {
            let ended = process.child.try_wait().expect("a state");
            assert!(ended.is_none() && began.elapsed() < PATIENCE, "the server does not listen: {program:?}");
            thread::sleep(Duration::from_micros(200));
        }
        process.ready_after = began.elapsed();
        process
    }

    /// Processor time of all its threads, user and system. The kernel adds what a thread has run when it
    /// goes to sleep, and else now and then, so this is asked for when there is nothing left to do.
    pub(crate) fn cpu_time(&self) -> Duration {
        thread::sleep(Duration::from_millis(5));
        let tasks = fs::read_dir(format!("/proc/{}/task", self.child.id())).expect("threads");
        let nanoseconds = tasks.map(|task| {
            let path = task.expect("a thread").path().join("schedstat");
            let text = fs::read_to_string(path).expect("its times");
            text.split(' ').next().and_then(|running| running.parse().ok()).unwrap_or(0)
        });
        Duration::from_nanos(nanoseconds.sum())
    }

    /// Ends it as its user does, and waits until it has.
    pub(crate) fn end(mut self) {
        let status = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        assert!(status.expect("kill runs").success(), "the server has ended");
        self.child.wait().expect("its end");
    }

    /// Resident memory in bytes.
    pub(crate) fn memory(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("a status");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<u64>().ok()).expect("VmRSS in kB") << 10
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The program that is the next argument. It ends with this program, however this one ends: a server
/// that is left behind would take its part of the next measurement.
pub(crate) fn bound() -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig=KILL", "--"]);
    command
}

/// Likewise, on these processors alone.
pub(crate) fn pinned(cpus: &str) -> Command {
    let mut command = bound();
    command.args(["taskset", "--cpu-list", cpus]);
    command
}

/// From here on this program's first thread runs on the processor of the load.
pub(crate) fn pin_load() {
    let own = process::id().to_string();
    let status = Command::new("taskset").args(["--cpu-list", "--pid", LOAD_CPU, &own]).stdout(Stdio::null()).status();
    assert!(status.expect("taskset runs").success(), "there is no processor {LOAD_CPU}");
}

/// An address of this machine that nobody listens on.
pub(crate) fn free_address() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a socket");
    listener.local_addr().expect("an address")
}
