//! The servers that are measured, and the files that all of them have.

use std::{env, fs, net::SocketAddr, path::PathBuf, process::Command};

use harbor_pilot::{
    admission::{Policies, Webhook, review},
    policy,
};
use harbor_pilot_benches::{USUAL, compiled, create};
use tempfile::TempDir;

use super::{
    floor::Floor,
    process::{Process, bound, free_address},
};

pub(crate) struct Bench {
    program: String,
    directory: TempDir,
    /// The usual review.
    pub(crate) body: PathBuf,
    /// What the default policy answers to it.
    pub(crate) answer: PathBuf,
    /// What the servers' certificate is signed by.
    pub(crate) ca: PathBuf,
}

impl Bench {
    pub(crate) fn new(program: &str) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let bench = Self {
            program: fs::canonicalize(program).expect("the program").display().to_string(),
            body: directory.path().join("review.json"),
            answer: directory.path().join("answer.json"),
            ca: directory.path().join("ca.crt"),
            directory,
        };
        let body = create(3, USUAL).to_string();
        fs::write(&bench.body, &body).expect("a file");
        let policy = compiled(policy::DEFAULT);
        let answer = review(Webhook::Mutate, body.as_bytes(), Policies::only(&policy)).expect("an answer");
        fs::write(&bench.answer, answer.body).expect("a file");
        // The certificate is one that the program makes for itself.
        drop(bench.serve(bound(), &["--cert-dir", &bench.path("")], free_address()));
        bench
    }

    fn path(&self, name: &str) -> String {
        self.directory.path().join(name).display().to_string()
    }

    pub(crate) fn policy(&self, text: &str) -> String {
        let path = self.path("other-policies.yaml");
        fs::write(&path, text).expect("a file");
        path
    }

    /// The floor, whose program is the next argument of `command`.
    pub(crate) fn floor(&self, floor: Floor, mut command: Command) -> Process {
        let address = free_address();
        command.arg(env::current_exe().expect("this program's path")).args([floor.argument(), &address.to_string()]);
        command.args([self.path("tls.crt"), self.path("tls.key")]).arg(&self.answer);
        Process::start(&mut command, address)
    }

    /// The webhook, likewise.
    pub(crate) fn pilot(&self, command: Command, arguments: &[&str]) -> Process {
        let (certificate, key) = (self.path("tls.crt"), self.path("tls.key"));
        let mut all = vec!["--tls-cert", &certificate, "--tls-key", &key];
        all.extend(arguments);
        self.serve(command, &all, free_address())
    }

    fn serve(&self, mut command: Command, arguments: &[&str], address: SocketAddr) -> Process {
        command.current_dir(self.directory.path()).env_clear().arg(&self.program);
        command.args(["serve", "--ops-listen=127.0.0.1:0"]).arg(format!("--listen={address}")).args(arguments);
        Process::start(&mut command, address)
    }
}
