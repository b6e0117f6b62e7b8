//! Remarks as a log in SARIF 2.1.0 (docs.oasis-open.org/sarif/sarif/v2.1.0).

use std::fmt::Write as _;

use serde::Serialize;

use crate::commands::remark::{Level, Remark};

/// The schema that a log is valid by.
const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

pub(super) fn log(remarks: &[Remark]) -> String {
    let results = remarks.iter().filter_map(result).collect();
    let driver = Driver {
        name: "harbor-pilot",
        version: env!("CARGO_PKG_VERSION"),
        information: env!("CARGO_PKG_DESCRIPTION"),
        rules: RULES.map(Rule::from),
    };
    let run = Run { tool: Tool { driver }, column_kind: "unicodeCodePoints", results };
    let log = Log { schema: SCHEMA, version: "2.1.0", runs: [run] };
    // Text and numbers alone: there is nothing in it that JSON could not hold.
    serde_json::to_string_pretty(&log).unwrap_or_default() + "\n"
}

/// The rules: what a remark's level stands for.
const RULES: [(&str, &str); 3] = [
    ("image-not-allowed", "The policy does not allow the image."),
    ("image-not-judged", "A text looks like an image, and is neither judged nor changed."),
    ("manifest-not-judged", "The manifest could not be judged."),
];

fn result(remark: &Remark) -> Option<Finding<'_>> {
    let (rule, level) = match remark.level {
        Level::Allowed => return None,
        Level::Note => (1, "note"),
        Level::Audit => (0, "note"),
        Level::Warning => (0, "warning"),
        Level::Denied => (0, "error"),
        Level::Error => (2, "error"),
    };
    let region = Region { start_line: remark.line, start_column: remark.column };
    let location = Location {
        physical_location: PhysicalLocation { artifact_location: ArtifactLocation { uri: uri(&remark.file) }, region },
    };
    let message = Text { text: &remark.message };
    Some(Finding { rule_id: RULES[rule].0, rule_index: rule, level, message, locations: [location] })
}

/// A path as a reference that is relative to where the program runs, or as it is from the root.
fn uri(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.trim_start_matches("./").bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            // Writing to a String can't fail.
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    uri
}

#[derive(Serialize)]
struct Log<'r> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run<'r>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'r> {
    tool: Tool,
    column_kind: &'static str,
    results: Vec<Finding<'r>>,
}

#[derive(Serialize)]
struct Tool {
    driver: Driver,
}

#[derive(Serialize)]
struct Driver {
    name: &'static str,
    version: &'static str,
    #[serde(rename = "fullName")]
    information: &'static str,
    rules: [Rule; RULES.len()],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Rule {
    id: &'static str,
    short_description: Text<'static>,
}

impl From<(&'static str, &'static str)> for Rule {
    fn from((id, text): (&'static str, &'static str)) -> Self {
        Self { id, short_description: Text { text } }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Finding<'r> {
    rule_id: &'static str,
    rule_index: usize,
    level: &'static str,
    message: Text<'r>,
    locations: [Location; 1],
}

#[derive(Serialize)]
struct Text<'r> {
    text: &'r str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    physical_location: PhysicalLocation,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalLocation {
    artifact_location: ArtifactLocation,
    region: Region,
}

#[derive(Serialize)]
struct ArtifactLocation {
    uri: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: usize,
    start_column: usize,
}
