//! What a developer may run where nothing allows an image.

use std::fmt;

use super::{Decision, Project, Scope, Shared};

/// How many entries are named: a list of all can be long.
const NAMED: usize = 4;

/// The entries that allow something: those for the image's registry, or the first ones where there
/// are none. Prints as `nvcr.io/nvidia/**, docker.io/** and 3 more`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instead<'p> {
    named: Vec<&'p str>,
    more: usize,
}

impl Instead<'_> {
    /// Whether nothing at all may run.
    pub fn is_empty(&self) -> bool {
        self.named.is_empty()
    }
}

impl fmt::Display for Instead<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.named.join(", "))?;
        if self.more > 0 {
            write!(f, " and {} more", self.more)?;
        }
        Ok(())
    }
}

impl<'p> Scope<'p> {
    /// What could run here instead of an image.
    pub fn instead(&self, decision: &Decision<'_, '_>) -> Instead<'p> {
        let domain = decision.parsed.as_ref().map_or("", |parsed| parsed.origin.domain());
        let mut named: Vec<&str> =
            self.allowed_texts().filter(|text| text.split('/').next() == Some(domain)).take(NAMED).collect();
        if named.is_empty() {
            named = self.allowed_texts().take(NAMED).collect();
        }
        let more = self.allowed_texts().count() - named.len();
        Instead { named, more }
    }

    /// The patterns of what may run here, as they are written.
    pub fn allowed_texts(&self) -> impl Iterator<Item = &'p str> {
        let (own, shared) = self.allow_lists();
        let proxies = match shared {
            Shared::Default => self.policy.projects(),
            Shared::List(_) | Shared::Replaced => &[],
        };
        let shared = match shared {
            Shared::List(list) => Some(list),
            Shared::Default | Shared::Replaced => None,
        };
        own.into_iter()
            .chain(shared)
            .flat_map(|list| &list.entries)
            .map(|entry| entry.text.as_str())
            .chain(proxies.iter().map(Project::registry))
    }
}
