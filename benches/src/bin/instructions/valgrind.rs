//! Counting with valgrind's callgrind: <https://valgrind.org/docs/manual/cl-manual.html>

use std::{
    env,
    process::{Command, Stdio},
};

use super::cases::Prepare;

/// The argument that makes this program run one case, instead of counting them.
pub(crate) const RUN: &str = "--run-case";

/// Prepares a case, and runs it to warm up and to be counted.
pub(crate) fn run(prepare: Prepare) {
    let mut work = prepare();
    work();
    counted_by_callgrind(&mut *work);
}

/// Collection begins where this is entered, and ends where it is left.
#[inline(never)]
fn counted_by_callgrind(work: &mut dyn FnMut()) {
    work();
}

/// Instructions of one run of a case.
pub(crate) fn count(case: &str) -> u64 {
    let own = env::current_exe().expect("this program's path");
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null", "--toggle-collect=*counted_by_callgrind*"])
        .arg(own)
        .args([RUN, case])
        .stdout(Stdio::null())
        .output()
        .unwrap_or_else(|error| panic!("valgrind could not be run: {error}; install it"));
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "case `{case}` failed:\n{text}");
    let count = text.lines().find_map(|line| line.split_once("Collected : ")?.1.trim().parse().ok());
    let count: u64 = count.unwrap_or_else(|| panic!("valgrind printed no count:\n{text}"));
    assert!(count > 0, "nothing was counted: the function's name is not in the binary");
    count
}
