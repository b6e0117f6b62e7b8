//! The program: arguments to a command, its outcome to an exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    harbor_pilot::commands::main(std::env::args_os()).into()
}
