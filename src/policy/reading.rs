//! A policy file from bytes to a policy, or to all that is wrong with it.

use super::{
    Policy, compile,
    diagnostic::{self, Diagnostic, Severity, Style},
    lint::{self, Completeness},
    read,
};
use crate::yaml::Stream;

/// What came of reading a policy file.
#[derive(Debug)]
pub struct Reading {
    /// The file's name, for places.
    pub name: String,
    /// The policy, where the file has no errors.
    pub policy: Option<Policy>,
    /// All findings, in the file's order.
    pub diagnostics: Vec<Diagnostic>,
    text: String,
}

impl Policy {
    /// Reads a policy file. `name` is what places in it are named by.
    pub fn read(name: &str, bytes: &[u8]) -> Reading {
        let mut diagnostics = Vec::new();
        let policy = match Stream::parse(bytes, read::LIMITS) {
            Ok(stream) => policy(name, &stream, &mut diagnostics),
            Err(error) => {
                diagnostics.push(Diagnostic::from_yaml(&error));
                None
            }
        };
        diagnostics.sort_by_key(|diagnostic| (diagnostic.span.start, diagnostic.severity));
        let shown = if bytes.len() > read::LIMITS.bytes { &[] } else { bytes };
        Reading { name: name.to_owned(), policy, diagnostics, text: String::from_utf8_lossy(shown).into_owned() }
    }
}

impl Reading {
    /// The findings as a person reads them: nothing where there are none.
    pub fn render(&self, style: Style) -> String {
        diagnostic::render(&self.name, &self.text, &self.diagnostics, style)
    }

    /// How many findings there are of one severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.diagnostics.iter().filter(|diagnostic| diagnostic.severity == severity).count()
    }
}

fn policy(name: &str, stream: &Stream<'_>, diagnostics: &mut Vec<Diagnostic>) -> Option<Policy> {
    let file = read::read(stream, diagnostics)?;
    let policy = compile::compile(name, &file, stream, diagnostics);
    let broken = diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error);
    let completeness = if broken { Completeness::HasErrors } else { Completeness::Whole };
    lint::lint(&policy, &file, stream, completeness, diagnostics);
    (!broken).then_some(policy)
}
