//! Remarks in the XML that `JUnit` reporters write and CI servers read: a suite a file, a test case
//! an image.

use std::fmt::Write as _;

use crate::{
    commands::remark::{Level, Remark},
    escape::Shown,
};

pub(super) fn report(remarks: &[Remark]) -> String {
    let mut report = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"harbor-pilot\">\n");
    for suite in remarks.chunk_by(|one, next| one.file == next.file) {
        let count = |level| suite.iter().filter(|remark| remark.level == level).count();
        // Writing to a String can't fail.
        let _ = writeln!(
            report,
            "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\">",
            escaped(&suite[0].file),
            suite.len(),
            count(Level::Denied),
            count(Level::Error),
            count(Level::Note)
        );
        for remark in suite {
            case(remark, &mut report);
        }
        report.push_str("  </testsuite>\n");
    }
    report + "</testsuites>\n"
}

fn case(remark: &Remark, report: &mut String) {
    let object = remark
        .object
        .as_ref()
        .map_or_else(|| "manifest".to_owned(), |object| format!("{}/{}", object.kind, object.name));
    let image = remark.image.as_ref().map_or("readable", |facts| &*facts.image);
    let name = format!("{image} ({}:{})", remark.line, remark.column);
    let _ = write!(report, "    <testcase classname=\"{}\" name=\"{}\"", escaped(&object), escaped(&name));
    let place = format!("{}:{}:{}", remark.file, remark.line, remark.column);
    let (message, place) = (escaped(&remark.message), escaped(&place));
    let _ = match remark.level {
        Level::Allowed => writeln!(report, "/>"),
        Level::Note => writeln!(report, ">\n      <skipped message=\"{message}\"/>\n    </testcase>"),
        Level::Audit | Level::Warning => {
            writeln!(report, ">\n      <system-out>{place}: {message}</system-out>\n    </testcase>")
        }
        Level::Denied => {
            writeln!(report, ">\n      <failure message=\"{message}\">{place}</failure>\n    </testcase>")
        }
        Level::Error => writeln!(report, ">\n      <error message=\"{message}\">{place}</error>\n    </testcase>"),
    };
}

/// A text fit for XML 1.0, in an attribute and elsewhere. What XML can't hold, escaped or not,
/// shows as it does on a terminal.
fn escaped(text: &str) -> String {
    let shown = Shown::new(text).to_string();
    let mut escaped = String::with_capacity(shown.len());
    for character in shown.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            _ => escaped.push(character),
        }
    }
    escaped
}
