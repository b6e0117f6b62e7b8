//! Counting with valgrind's callgrind: <https://valgrind.org/docs/manual/cl-manual.html>

use std::{
    env,
    process::{Command, Stdio},
};

/// Counts, and keeps no more than the sum, which is told at the end.
pub const CALLGRIND: [&str; 2] = ["--tool=callgrind", "--callgrind-out-file=/dev/null"];

/// A variable for what is counted: the C library is to copy by vectors. It copies more than 2 KiB by
/// one instruction (`rep movsb`), of which callgrind counts every byte.
pub const COPIES: (&str, &str) =
    ("GLIBC_TUNABLES", "glibc.cpu.x86_rep_movsb_threshold=1000000000:glibc.cpu.x86_rep_stosb_threshold=1000000000");

/// Does the work once to warm up, and once to be counted by [`count`].
pub fn counted(work: &mut dyn FnMut()) {
    work();
    counted_by_callgrind(work);
}

/// Collection begins where this is entered, and ends where it is left.
#[inline(never)]
fn counted_by_callgrind(work: &mut dyn FnMut()) {
    work();
}

/// Instructions of what this program hands to [`counted`] when it is called with these arguments.
pub fn count(arguments: &[&str]) -> u64 {
    let own = env::current_exe().expect("this program's path");
    let output = Command::new("valgrind")
        .args(CALLGRIND)
        .arg("--toggle-collect=*counted_by_callgrind*")
        .arg(own)
        .args(arguments)
        .env(COPIES.0, COPIES.1)
        .stdout(Stdio::null())
        .output()
        .unwrap_or_else(|error| panic!("valgrind could not be run: {error}; install it"));
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?} failed:\n{text}");
    let count = collected(&text);
    assert!(count > 0, "nothing was counted: the function's name is not in the binary");
    count
}

/// The sum that callgrind told at the end.
pub fn collected(told: &str) -> u64 {
    let sum = told.lines().find_map(|line| line.split_once("Collected : ")?.1.trim().parse().ok());
    sum.unwrap_or_else(|| panic!("valgrind printed no count:\n{told}"))
}
