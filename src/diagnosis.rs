//! What a doctor finds: what is so, why it hurts, what to do. Knows no other room.

use std::fmt::Write as _;

use serde::Serialize;

/// Something to know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// How much it matters.
    pub level: Level,
    /// What it is about.
    pub about: String,
    /// What is so.
    pub what: String,
    /// Why that hurts.
    pub why: String,
    /// What to do: lines for a shell, where a shell can do it.
    pub fix: String,
}

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Images do not come, or others than they should.
    Error,
    /// Something needs doing.
    Warning,
    /// Good to know.
    Note,
}

impl Level {
    /// As it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

/// Findings for people.
pub fn text(findings: &[Finding]) -> String {
    let mut text = String::new();
    for Finding { level, about, what, why, fix } in findings {
        let fix = fix.replace('\n', "\n       ");
        // Writing to a String can't fail.
        let _ = writeln!(text, "{}: {about}: {what}\n  why: {why}\n  fix: {fix}", level.as_str());
    }
    text
}

/// How many there are of each level.
pub fn counts(findings: &[Finding]) -> String {
    let count = |level: Level| {
        let count = findings.iter().filter(|finding| finding.level == level).count();
        format!("{count} {}{}", level.as_str(), if count == 1 { "" } else { "s" })
    };
    [Level::Error, Level::Warning, Level::Note].map(count).join(", ")
}

/// Whether something needs doing.
pub fn needs_doing(findings: &[Finding]) -> bool {
    findings.iter().any(|finding| finding.level != Level::Note)
}
