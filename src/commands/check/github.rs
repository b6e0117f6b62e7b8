//! Remarks as workflow commands of GitHub Actions, which shows them beside the lines of a change
//! (docs.github.com, "Workflow commands for GitHub Actions").

use std::fmt::Write as _;

use crate::commands::remark::{Level, Remark};

pub(super) fn commands(remarks: &[Remark]) -> String {
    let mut commands = String::new();
    for Remark { file, line, column, level, message, .. } in remarks {
        let command = match level {
            Level::Allowed => continue,
            Level::Note | Level::Audit => "notice",
            Level::Warning => "warning",
            Level::Denied | Level::Error => "error",
        };
        // Writing to a String can't fail.
        let _ = writeln!(
            commands,
            "::{command} file={},line={line},col={column},title=harbor-pilot::{}",
            property(file),
            data(message)
        );
    }
    commands
}

/// What the runner takes out of a command's text (`actions/toolkit`, `command.ts`).
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
