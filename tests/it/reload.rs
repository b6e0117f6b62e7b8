//! Policy and certificate while they change under a server.

use std::{
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
};

use tempfile::TempDir;

use crate::support::{
    BROKEN, CLOSED, IMAGE, OPEN, eventually,
    pem::Ca,
    review,
    server::{Server, folder},
};

/// A volume as kubelet makes it: files are links to `..data`, which is a link to a folder of the
/// time; an update makes a new folder and swaps the one link.
struct Volume {
    at: PathBuf,
    updates: usize,
}

impl Volume {
    fn new(at: PathBuf, files: &[(&str, &str)]) -> Self {
        fs::create_dir(&at).expect("a folder");
        let mut volume = Self { at, updates: 0 };
        volume.update(files);
        for (name, _) in files {
            symlink(Path::new("..data").join(name), volume.at.join(name)).expect("a link");
        }
        volume
    }

    fn update(&mut self, files: &[(&str, &str)]) {
        let old = fs::read_link(self.at.join("..data")).ok();
        self.updates += 1;
        let folder = format!("..2026_11_24_{}", self.updates);
        fs::create_dir(self.at.join(&folder)).expect("a folder");
        for (name, text) in files {
            fs::write(self.at.join(&folder).join(name), text).expect("writing");
        }
        symlink(&folder, self.at.join("..data_tmp")).expect("a link");
        fs::rename(self.at.join("..data_tmp"), self.at.join("..data")).expect("a swap");
        if let Some(old) = old {
            fs::remove_dir_all(self.at.join(old)).expect("removing");
        }
    }
}

fn allows(server: &Server) -> bool {
    server.connect().post("/validate", &review("uid", IMAGE)).expect("an answer").allowed()
}

fn until_allowed(server: &Server, wanted: bool) {
    eventually("the policy to change", || (allows(server) == wanted).then_some(()));
}

fn with_volumes() -> (Server, Volume, Volume, TempDir) {
    let volumes = folder();
    let ca = Ca::new();
    let policy = Volume::new(volumes.path().join("policy"), &[("policies.yaml", OPEN)]);
    let pair = ca.issue();
    let tls = Volume::new(volumes.path().join("tls"), &[("tls.crt", &pair.certificate), ("tls.key", &pair.key)]);
    let path = |name: &str| volumes.path().join(name).display().to_string();
    let arguments = [
        "--policy",
        &path("policy/policies.yaml"),
        "--tls-cert",
        &path("tls/tls.crt"),
        "--tls-key",
        &path("tls/tls.key"),
    ];
    (Server::start_in(folder(), ca, &arguments), policy, tls, volumes)
}

#[test]
fn a_swap_of_the_data_link_brings_a_new_policy() {
    let (server, mut policy, _tls, _volumes) = with_volumes();
    assert!(allows(&server));
    policy.update(&[("policies.yaml", CLOSED)]);
    until_allowed(&server, false);
    policy.update(&[("policies.yaml", OPEN)]);
    until_allowed(&server, true);
    let changes = || server.log().iter().filter(|line| line["message"] == "policy changed").count();
    // The log is behind on a busy machine.
    eventually("both changes in the log", || (changes() >= 2).then_some(()));
    assert_eq!(changes(), 2);
}

#[test]
fn a_swap_of_the_data_link_brings_a_new_certificate_and_open_connections_stay() {
    let (server, _policy, mut tls, _volumes) = with_volumes();
    let mut open = server.connect();
    let before = open.certificate();
    let pair = server.ca.issue();
    tls.update(&[("tls.crt", &pair.certificate), ("tls.key", &pair.key)]);
    eventually("the new certificate", || (server.connect().certificate() != before).then_some(()));
    assert!(open.post("/validate", &review("uid", IMAGE)).expect("an answer").allowed());
}

#[test]
fn a_policy_that_is_written_over_removed_and_put_back_is_followed() {
    let server = Server::start(&[]);
    let path = server.folder.path().join("policies.yaml");
    fs::write(&path, CLOSED).expect("writing");
    until_allowed(&server, false);
    fs::remove_file(&path).expect("removing");
    let lost = eventually("the loss in the log", || server.event("could not reload"));
    assert_eq!(lost["level"], "ERROR");
    assert!(!allows(&server));
    fs::write(&path, OPEN).expect("writing");
    until_allowed(&server, true);
    assert!(server.ops("/readyz?verbose").1.contains("[+] policy"));
}

#[test]
fn a_broken_policy_leaves_the_good_one_in_force_and_is_told_once() {
    let server = Server::start(&[]);
    let path = server.folder.path().join("policies.yaml");
    fs::write(&path, BROKEN).expect("writing");
    let broken = eventually("the error in the log", || server.event("could not reload"));
    assert!(broken["message"].as_str().is_some_and(|text| text.contains("policies.yaml:1:1")), "{broken}");
    assert!(allows(&server));

    let age = "harbor_pilot_reload_age_seconds{file=\"policy\"}";
    let first = server.metric(age);
    eventually("the age to grow", || (server.metric(age) > first + 0.3).then_some(()));
    assert!(server.metric("harbor_pilot_reload_successful{file=\"policy\"}") < 0.5);
    let (status, page) = server.ops("/readyz?verbose");
    assert_eq!(status, 200);
    assert!(page.contains("[!] policy") && page.contains("policies.yaml:1:1"), "{page}");
    assert_eq!(server.ops("/readyz"), (200, "ready\n".to_owned()));
    let errors = || server.log().iter().filter(|line| line["level"] == "ERROR").count();
    assert_eq!(errors(), 1, "many looks, one line");

    fs::write(&path, format!("{BROKEN}\n")).expect("writing");
    eventually("another error for another content", || (errors() == 2).then_some(()));
    fs::write(&path, OPEN).expect("writing");
    eventually("the repair", || server.event("the file is again what is in force"));
    assert!(server.metric("harbor_pilot_reload_successful{file=\"policy\"}") > 0.5);
    eventually("the age to be young again", || (server.metric(age) < 0.3).then_some(()));
}

#[test]
fn a_broken_certificate_leaves_the_good_one_in_force() {
    let server = Server::start(&[]);
    let before = server.connect().certificate();
    fs::write(server.folder.path().join("tls.key"), Ca::new().issue().key).expect("writing");
    eventually("the error in the log", || server.event("could not reload"));
    assert_eq!(server.connect().certificate(), before);
    let (status, page) = server.ops("/readyz?verbose");
    assert_eq!(status, 200);
    assert!(page.contains("[!] certificate"), "{page}");
    server.ca.issue().write(server.folder.path());
    eventually("the new certificate", || (server.connect().certificate() != before).then_some(()));
    assert!(server.ops("/readyz?verbose").1.contains("[+] certificate"));
}

/// A name that the policy before wrote is at rest for two minutes: another replica may have
/// written it.
#[test]
fn an_image_is_at_rest_under_the_policy_before_too() {
    let server = Server::start(&[]);
    let image = "harbor.example/nvidiaio/nvidia/driver:550";
    let mut client = server.connect();
    assert!(client.post("/validate", &review("uid", image)).expect("an answer").allowed());
    let moved = OPEN.replace("harbor: harbor.example", "harbor: [new.example, harbor.example]");
    fs::write(server.folder.path().join("policies.yaml"), &moved).expect("writing");
    eventually("the change", || server.event("policy changed"));
    assert!(client.post("/validate", &review("uid", image)).expect("an answer").allowed());

    let fresh = Server::start(&[]);
    fs::write(fresh.folder.path().join("moved.yaml"), moved).expect("writing");
    let arguments = ["--policy", "moved.yaml", "--tls-cert", "tls.crt", "--tls-key", "tls.key"];
    let fresh = fresh.again(&arguments);
    assert!(!fresh.connect().post("/validate", &review("uid", image)).expect("an answer").allowed());
}
