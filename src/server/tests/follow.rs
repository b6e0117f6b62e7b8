use std::{
    fs,
    os::unix::fs::symlink,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use tempfile::TempDir;

use crate::server::follow::{Contents, Follower, Found, Standing};

/// Takes digits, and panics at `panic`. Counts how often it was asked.
fn digits(contents: &Contents) -> Result<u64, String> {
    let text = String::from_utf8_lossy(&contents[0]);
    assert_ne!(text, "panic", "as asked");
    text.parse().map_err(|_| format!("`{text}` is no number"))
}

fn follower(folder: &TempDir) -> (Follower<u64>, Arc<AtomicUsize>) {
    let built = Arc::new(AtomicUsize::new(0));
    let asked = Arc::clone(&built);
    let counted = move |contents: &Contents| {
        asked.fetch_add(1, Relaxed);
        digits(contents)
    };
    let paths = vec![folder.path().join("file")];
    (Follower::start(paths, 100, Box::new(counted)).expect("a start").0, built)
}

#[test]
fn what_is_the_same_is_built_once_and_what_is_broken_is_told_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |text: &str| fs::write(folder.path().join("file"), text).expect("written");
    write("1");
    let (mut follower, built) = follower(&folder);
    let broken = |text: &str| Found::Broken(format!("`{text}` is no number"));
    for (text, found) in [
        ("1", Found::Same),
        ("2", Found::New(2)),
        ("2", Found::Same),
        ("x", broken("x")),
        ("x", Found::StillBroken),
        ("y", broken("y")),
        ("x", broken("x")),
        ("2", Found::SameAgain),
        ("2", Found::Same),
        ("x", broken("x")),
        ("3", Found::New(3)),
    ] {
        write(text);
        assert_eq!(follower.look(), found, "{text}");
    }
    assert_eq!(built.load(Relaxed), 7, "each new content once");
}

#[test]
fn a_file_that_is_not_there_is_told_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("file");
    fs::write(&path, "1").expect("written");
    let (mut follower, _) = follower(&folder);
    fs::remove_file(&path).expect("removed");
    assert!(
        matches!(follower.look(), Found::Broken(why) if why.contains("could not read `") && why.contains("No such file"))
    );
    assert_eq!(follower.look(), Found::StillBroken);
    fs::write(&path, "1").expect("written");
    assert_eq!(follower.look(), Found::SameAgain);
}

/// A new folder with the same name for its file: the inode of no file that is watched changes.
#[test]
fn a_swap_of_a_link_two_folders_up_is_seen() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path();
    for (name, text) in [("one", "1"), ("two", "2")] {
        fs::create_dir(at.join(name)).expect("a folder");
        fs::write(at.join(name).join("file"), text).expect("written");
    }
    symlink("one", at.join("..data")).expect("a link");
    symlink(Path::new("..data").join("file"), at.join("file")).expect("a link");
    let (mut follower, _) = follower(&folder);
    symlink("two", at.join("..data_tmp")).expect("a link");
    fs::rename(at.join("..data_tmp"), at.join("..data")).expect("a swap");
    assert_eq!(follower.look(), Found::New(2));
}

#[test]
fn a_builder_that_panics_is_told_like_any_other_error() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |text: &str| fs::write(folder.path().join("file"), text).expect("written");
    write("1");
    let (mut follower, _) = follower(&folder);
    write("panic");
    assert!(matches!(follower.look(), Found::Broken(why) if why.contains("bug")));
    write("2");
    assert_eq!(follower.look(), Found::New(2));
}

#[test]
fn no_more_is_read_than_whoever_builds_can_object_to() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("file"), "1").expect("written");
    let paths = vec!["/dev/zero".into()];
    let build = |contents: &Contents| Err::<(), _>(contents[0].len().to_string());
    assert_eq!(Follower::start(paths, 100, Box::new(build)).expect_err("no number"), "100");
}

#[test]
fn the_age_grows_while_the_files_are_broken() {
    let began = Instant::now();
    let after = |seconds| began + Duration::from_secs(seconds);
    let standing = Standing::following(began);
    standing.note(&Found::<()>::Same, after(10));
    assert_eq!(standing.state().age(after(11)), Duration::from_secs(1));
    standing.note(&Found::<()>::Broken("why".to_owned()), after(12));
    standing.note(&Found::<()>::StillBroken, after(14));
    assert_eq!(standing.state().age(after(20)), Duration::from_secs(10));
    assert_eq!(standing.state().failure.as_deref(), Some("why"));
    standing.note(&Found::<()>::SameAgain, after(21));
    assert!(standing.state().is_good());
    assert_eq!(standing.state().since, began);
    standing.note(&Found::New(()), after(30));
    assert_eq!(standing.state().since, after(30));
    assert_eq!(Standing::fixed(began).state().age(after(100)), Duration::ZERO);
}

#[test]
fn what_is_in_force_may_be_another_text_than_the_file_s() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("file");
    fs::write(&file, "x").expect("written");
    let behind =
        |text: &str| Follower::behind(vec![file.clone()], 100, Box::new(digits), vec![text.as_bytes().to_vec()]);
    assert_eq!(behind("y").err().as_deref(), Some("`y` is no number"));
    let (mut follower, value) = behind("1").expect("a start");
    assert_eq!(value, 1);
    assert_eq!(follower.look(), Found::Broken("`x` is no number".to_owned()));
    fs::write(&file, "1").expect("written");
    assert_eq!(follower.look(), Found::SameAgain);
    fs::write(&file, "2").expect("written");
    assert_eq!(follower.look(), Found::New(2));
}
