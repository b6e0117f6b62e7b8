use std::{fs, os::unix::fs::PermissionsExt as _, path::Path, time::Duration};

use crate::server::{HostName, certificates::SelfMade, reload::renew};

fn own(directory: &Path, names: &[&str]) -> SelfMade {
    let names: Vec<HostName> = names.iter().map(|name| name.parse().expect("a name")).collect();
    SelfMade::new(directory, &names)
}

const FILES: [&str; 4] = ["ca.crt", "ca.key", "tls.crt", "tls.key"];

/// Which of [`FILES`] are new after `ensure`.
fn renewed(directory: &Path, names: &[&str]) -> [bool; 4] {
    let read = || FILES.map(|name| fs::read(directory.join(name)).ok());
    let before = read();
    own(directory, names).ensure().expect("certificates");
    let after = read();
    [0, 1, 2, 3].map(|index| before[index] != after[index])
}

const ALL: [bool; 4] = [true; 4];
const NONE: [bool; 4] = [false; 4];
/// A new certificate by the CA that is there, so that who trusts the CA need do nothing.
const CERTIFICATE: [bool; 4] = [false, false, true, true];

#[test]
fn what_fits_is_kept_and_what_does_not_is_made_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = &folder.path().join("new").join("certs");
    assert_eq!(renewed(at, &[]), ALL);
    assert_eq!(renewed(at, &[]), NONE);
    assert_eq!(renewed(at, &["pilot.example", "10.0.0.1"]), CERTIFICATE, "more names");
    assert_eq!(renewed(at, &["pilot.example"]), NONE, "fewer names");
    fs::remove_file(at.join("tls.key")).expect("removed");
    assert_eq!(renewed(at, &[]), CERTIFICATE);
    fs::write(at.join("tls.crt"), "no certificate").expect("written");
    assert_eq!(renewed(at, &[]), CERTIFICATE);
    fs::remove_file(at.join("ca.key")).expect("removed");
    assert_eq!(renewed(at, &[]), NONE, "the CA's key is not needed to serve");
    assert_eq!(renewed(at, &["other.example"]), ALL, "but it is to sign");
}

#[test]
fn the_files_of_another_ca_are_made_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let (one, two) = (&folder.path().join("one"), &folder.path().join("two"));
    assert_eq!((renewed(one, &[]), renewed(two, &[])), (ALL, ALL));
    fs::copy(two.join("ca.crt"), one.join("ca.crt")).expect("copied");
    assert_eq!(renewed(one, &[]), ALL, "neither the certificate nor the CA's key belongs to this CA");
}

#[test]
fn keys_are_for_their_owner_alone_even_where_a_start_was_cut_short() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path();
    fs::write(at.join("tls.key.new"), "half a").expect("written");
    fs::set_permissions(at.join("tls.key.new"), fs::Permissions::from_mode(0o644)).expect("permissions");
    own(at, &[]).ensure().expect("certificates");
    for (name, mode) in [("ca.key", 0o600), ("tls.key", 0o600)] {
        assert_eq!(fs::metadata(at.join(name)).expect(name).permissions().mode() & 0o777, mode, "{name}");
    }
    let names: Vec<_> = fs::read_dir(at).expect("a folder").map(|entry| entry.expect("an entry").file_name()).collect();
    assert_eq!(names.len(), 4, "{names:?}");
}

#[test]
fn two_that_start_at_a_time_agree() {
    let folder = tempfile::tempdir().expect("a folder");
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| own(folder.path(), &[]).ensure().expect("certificates"));
        }
    });
    assert_eq!(renewed(folder.path(), &[]), NONE);
}

#[test]
fn a_directory_that_can_t_be_made_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("file");
    fs::write(&file, "").expect("written");
    let why = own(&file.join("certs"), &[]).ensure().expect_err("a file is no directory");
    assert!(why.contains("file/certs`") && why.contains("--cert-dir"), "{why}");
}

#[test]
fn what_no_certificate_can_have_is_no_name() {
    for name in ["a b", "", "*.example", "a_b!", "host:443", "-"] {
        name.parse::<HostName>().expect_err(name);
    }
    for name in ["localhost", "pilot.team-a.svc", "10.0.0.1", "::1", "fd00::1"] {
        name.parse::<HostName>().expect(name);
    }
}

#[tokio::test]
async fn what_stops_to_fit_while_the_server_runs_is_made_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path();
    own(at, &[]).ensure().expect("certificates");
    fs::remove_file(at.join("tls.crt")).expect("removed");
    let renewing = tokio::spawn(renew(own(at, &[]), Duration::from_millis(1)));
    let made_again = async {
        while !at.join("tls.crt").exists() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), made_again).await.expect("made again");
    renewing.abort();
}
