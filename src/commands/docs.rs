//! docs/commands.md is what `--help` says, command by command.

use std::{env, fmt::Write as _, fs, path::Path};

use clap::CommandFactory;

use super::Arguments;

const TOP: &str = "\
# Commands

What `harbor-pilot COMMAND --help` prints. This page is made from the program: after a change, run
`HARBOR_PILOT_UPDATE_DOCS=1 cargo test --lib commands::docs`. `harbor-pilot man COMMAND` prints the
same as a manual page.
";

#[test]
fn the_page_of_commands_is_in_step_with_the_help() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/commands.md");
    let page = page();
    if env::var_os("HARBOR_PILOT_UPDATE_DOCS").is_some() {
        fs::write(&path, &page).expect("written");
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == page,
        "docs/commands.md is not what --help says; run: HARBOR_PILOT_UPDATE_DOCS=1 cargo test --lib commands::docs"
    );
}

fn page() -> String {
    // What the environment says here and now is nobody else's.
    let mut program = hide_env_values(Arguments::command().term_width(100));
    program.build();
    let mut page = TOP.to_owned();
    write_command(&mut program, "harbor-pilot", &mut page);
    page
}

fn hide_env_values(command: clap::Command) -> clap::Command {
    command.mut_args(|argument| argument.hide_env_values(true)).mut_subcommands(hide_env_values)
}

fn write_command(command: &mut clap::Command, name: &str, page: &mut String) {
    let help = command.render_long_help().to_string();
    let help: Vec<&str> = help.lines().map(str::trim_end).collect();
    // Writing to a String can't fail.
    let _ = write!(page, "\n## {name}\n\n```text\n{}\n```\n", help.join("\n").trim_end());
    let commands: Vec<String> = command.get_subcommands().map(|command| command.get_name().to_owned()).collect();
    for command_name in commands.iter().filter(|name| *name != "help") {
        if let Some(command) = command.find_subcommand_mut(command_name) {
            write_command(command, &format!("{name} {command_name}"), page);
        }
    }
}
