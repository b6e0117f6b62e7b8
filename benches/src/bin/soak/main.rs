//! Many requests, and whether they leave anything behind: memory, files, threads, connections.
//!
//! The release binary serves mixed work over TLS: Pods that are allowed, denied and changed, garbage,
//! HTTP/1.1 and h2, connections that are kept and such as ask once, and a policy that changes. After
//! each tenth of it everybody leaves, and what the server still holds is looked at.

mod report;
mod server;
mod work;

use std::{env, fs};

use harbor_pilot::policy;
use server::{Sample, Server};
use work::Work;

/// In all, unless another number is given.
const REQUESTS: usize = 1_000_000;

const PARTS: usize = 10;

/// How often the policy changes in each part.
const RELOADS: usize = 2;

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let (program, requests) = match &arguments[..] {
        [program] => (program, REQUESTS),
        [program, requests] => (program, requests.parse().expect("a number of requests")),
        _ => panic!("expected the path of harbor-pilot and a number of requests, but found {arguments:?}"),
    };
    let folder = tempfile::tempdir().expect("a folder");
    let policy = folder.path().join("policies.yaml");
    fs::write(&policy, policy::DEFAULT).expect("a file");
    let server = Server::start(program, folder.path(), &policy);
    let work = Work::new(folder.path(), server.webhook);
    let mut samples: Vec<Sample> = Vec::new();
    report::head();
    for part in 1..=PARTS {
        for half in 0..RELOADS {
            let before = server.policy_hash();
            // Another text, and never the same twice.
            let text = format!("# {part}.{half}\n{}", policy::DEFAULT);
            let new = policy.with_extension("new");
            fs::write(&new, text).and_then(|()| fs::rename(&new, &policy)).expect("a file");
            work.run(requests / PARTS / RELOADS);
            server::eventually("the new policy is in force", || server.policy_hash() != before);
        }
        let sample = server.at_rest();
        report::line(requests / PARTS * part, &sample);
        samples.push(sample);
    }
    report::judge(&samples, requests / PARTS);
}
