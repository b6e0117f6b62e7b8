//! Remarks for people: one line each, which editors and terminals make a link of.

use anstyle::{AnsiColor, Style as Colour};

use super::remark::{Level, Remark};
use crate::policy::diagnostic::Style;

/// The line of a remark, without its line break; `None` for what nobody needs to be told.
pub(super) fn line(remark: &Remark, style: Style) -> Option<String> {
    let colour = match remark.level {
        Level::Allowed => return None,
        Level::Note => AnsiColor::BrightBlue.on_default(),
        Level::Audit => AnsiColor::BrightCyan.on_default(),
        Level::Warning => AnsiColor::BrightYellow.on_default(),
        Level::Denied | Level::Error => AnsiColor::BrightRed.on_default().bold(),
    };
    let colour = if style == Style::Coloured { colour } else { Colour::new() };
    let Remark { file, line, column, level, message, .. } = remark;
    Some(format!("{file}:{line}:{column}: {colour}{}{colour:#}: {message}", level.as_str()))
}
