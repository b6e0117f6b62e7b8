//! Two texts as a unified diff, which `patch` and `git apply` take.

use similar::TextDiff;

use crate::policy::diagnostic::Style;

/// The difference; nothing where there is none.
pub(super) fn unified(name: &str, before: &str, after: &str, style: Style) -> String {
    let diff = TextDiff::from_lines(before, after);
    let name = name.trim_start_matches('/');
    let text = diff.unified_diff().header(&format!("a/{name}"), &format!("b/{name}")).to_string();
    match style {
        Style::Plain => text,
        Style::Coloured => text.split_inclusive('\n').map(coloured).collect(),
    }
}

fn coloured(line: &str) -> String {
    use anstyle::{AnsiColor, Style};
    let style = match line.as_bytes().first() {
        Some(b'+') => AnsiColor::Green.on_default(),
        Some(b'-') => AnsiColor::Red.on_default(),
        Some(b'@') => AnsiColor::Cyan.on_default(),
        _ => Style::new(),
    };
    let text = line.trim_end_matches('\n');
    format!("{style}{text}{style:#}{}", &line[text.len()..])
}
