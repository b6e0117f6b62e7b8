//! What was done, in one line.

use super::remark::{Level, Remark};
use crate::manifest::Passed;

/// What a run looked at.
#[derive(Debug, Default)]
pub(super) struct Summary {
    pub(super) files: usize,
    pub(super) rewritten: usize,
    pub(super) objects: usize,
    images: usize,
    denied: usize,
    warned: usize,
    audited: usize,
    notes: usize,
    errors: usize,
    passed: Passed,
}

impl Summary {
    pub(super) fn add(&mut self, remarks: &[Remark]) {
        for remark in remarks {
            let counts: &mut [&mut usize] = match remark.level {
                Level::Allowed => &mut [&mut self.images],
                Level::Note => &mut [&mut self.notes],
                Level::Audit => &mut [&mut self.images, &mut self.audited],
                Level::Warning => &mut [&mut self.images, &mut self.warned],
                Level::Denied => &mut [&mut self.images, &mut self.denied],
                Level::Error => &mut [&mut self.errors],
            };
            for count in counts {
                **count += 1;
            }
        }
    }

    pub(super) fn pass(&mut self, passed: Passed) {
        self.passed.without_kind += passed.without_kind;
        self.passed.policies += passed.policies;
    }

    /// What was passed over; `None` where nothing was.
    pub(super) fn passed(&self) -> Option<String> {
        let parts = [
            (self.passed.without_kind, "document without apiVersion and kind", "documents without apiVersion and kind"),
            (self.passed.policies, "policy of harbor-pilot", "policies of harbor-pilot"),
        ];
        let parts = counted(&parts);
        (!parts.is_empty()).then(|| format!("passed over: {}", parts.join(", ")))
    }

    /// What was looked at, and what was found.
    pub(super) fn found(&self) -> String {
        let looked_at = counted(&[
            (self.files, "file", "files"),
            (self.objects, "object", "objects"),
            (self.images, "image", "images"),
        ]);
        let found = counted(&[
            (self.errors, "error", "errors"),
            (self.denied, "denied", "denied"),
            (self.warned, "warned of", "warned of"),
            (self.audited, "audited", "audited"),
            (self.notes, "noted", "noted"),
            (self.rewritten, "file rewritten", "files rewritten"),
        ]);
        let looked_at = if looked_at.is_empty() { "no files".to_owned() } else { looked_at.join(", ") };
        if found.is_empty() {
            format!("{looked_at}: no findings")
        } else {
            format!("{looked_at}: {}", found.join(", "))
        }
    }
}

fn counted(parts: &[(usize, &str, &str)]) -> Vec<String> {
    parts
        .iter()
        .filter(|(count, ..)| *count > 0)
        .map(|(count, one, more)| format!("{count} {}", if *count == 1 { one } else { more }))
        .collect()
}
