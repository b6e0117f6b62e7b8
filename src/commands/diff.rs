//! Two texts as a unified diff, which `patch` and `git apply` take.

use std::fmt::Write as _;

use similar::{Algorithm, ChangeTag, DiffOp, capture_diff_slices, group_diff_ops, udiff::UnifiedHunkHeader};

use crate::policy::diagnostic::Style;

/// Lines around a change that are shown with it.
const CONTEXT: usize = 3;

/// The difference; nothing where there is none.
pub(super) fn unified(name: &str, before: &str, after: &str, style: Style) -> String {
    if before == after {
        return String::new();
    }
    let name = name.trim_start_matches('/');
    // A space would end the name, but for a tab behind it.
    let end = if name.contains(' ') { "\t" } else { "" };
    let mut text = format!("--- a/{name}{end}\n+++ b/{name}{end}\n");
    // To `patch`, a carriage return ends no line.
    let before: Vec<&str> = before.split_inclusive('\n').collect();
    let after: Vec<&str> = after.split_inclusive('\n').collect();
    for hunk in group_diff_ops(changes(&before, &after), CONTEXT) {
        // Writing to a String can't fail.
        let _ = writeln!(text, "{}", UnifiedHunkHeader::new(&hunk));
        for change in hunk.iter().flat_map(|change| change.iter_changes(&before, &after)) {
            let sign = match change.tag() {
                ChangeTag::Equal => ' ',
                ChangeTag::Delete => '-',
                ChangeTag::Insert => '+',
            };
            text.push(sign);
            text.push_str(change.value());
            if !change.value().ends_with('\n') {
                text.push_str("\n\\ No newline at end of file\n");
            }
        }
    }
    match style {
        Style::Plain => text,
        Style::Coloured => text.split_inclusive('\n').map(coloured).collect(),
    }
}

/// What became of which lines. Nearly always an edit stays on its line, and each line is compared
/// with its successor: to search for the shortest difference of many takes minutes.
fn changes(before: &[&str], after: &[&str]) -> Vec<DiffOp> {
    if before.len() != after.len() {
        return capture_diff_slices(Algorithm::Myers, before, after);
    }
    let lines: Vec<bool> = before.iter().zip(after).map(|(before, after)| before == after).collect();
    let mut index = 0;
    let runs = lines.chunk_by(|one, next| one == next).map(|run| {
        let (start, len) = (index, run.len());
        index += len;
        if run[0] {
            DiffOp::Equal { old_index: start, new_index: start, len }
        } else {
            DiffOp::Replace { old_index: start, old_len: len, new_index: start, new_len: len }
        }
    });
    runs.collect()
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
