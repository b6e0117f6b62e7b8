//! What a developer may run where nothing allows an image.

use std::fmt;

use super::{Decision, Scope, Shared, entries::EntryList, proxy::Proxies};

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
    /// What could run here instead of an image. Its cost does not grow with the lists.
    pub fn instead(&self, decision: &Decision<'_, '_>) -> Instead<'p> {
        let domain = decision.parsed.as_ref().map_or("", |parsed| parsed.origin.domain());
        let lists = self.allowed_lists();
        let of_domain = lists.iter().flatten().flat_map(|list| list.of_domain(domain));
        let mut named: Vec<&str> = of_domain.take(NAMED).collect();
        if named.is_empty() {
            named = self.allowed_texts().take(NAMED).collect();
        }
        let all: usize = lists.iter().flatten().map(|list| list.len()).sum();
        let more = all - named.len();
        Instead { named, more }
    }

    /// The patterns of what may run here, as they are written.
    pub fn allowed_texts(&self) -> impl Iterator<Item = &'p str> {
        self.allowed_lists().into_iter().flatten().flat_map(Allowed::patterns)
    }

    fn allowed_lists(&self) -> [Option<Allowed<'p>>; 2] {
        let (own, shared) = self.allow_lists();
        let shared = match shared {
            Shared::Default => Some(Allowed::Proxies(&self.policy.proxies)),
            Shared::List(list) => Some(Allowed::Entries(list)),
            Shared::Replaced => None,
        };
        [own.map(Allowed::Entries), shared]
    }
}

/// What allows images, as a list of patterns.
#[derive(Clone, Copy)]
enum Allowed<'p> {
    Entries(&'p EntryList),
    /// Where `allow` is left out.
    Proxies(&'p Proxies),
}

impl<'p> Allowed<'p> {
    fn len(self) -> usize {
        match self {
            Self::Entries(list) => list.entries.len(),
            Self::Proxies(proxies) => proxies.entries().len(),
        }
    }

    fn pattern(self, place: usize) -> &'p str {
        match self {
            Self::Entries(list) => &list.entries[place].text,
            Self::Proxies(proxies) => proxies.entries()[place].registry(),
        }
    }

    fn patterns(self) -> impl Iterator<Item = &'p str> {
        (0..self.len()).map(move |place| self.pattern(place))
    }

    fn of_domain<'d>(self, domain: &'d str) -> impl Iterator<Item = &'p str> + use<'p, 'd> {
        let by_domain = match self {
            Self::Entries(list) => &list.by_domain,
            Self::Proxies(proxies) => proxies.by_domain(),
        };
        by_domain.of(domain, move |place| self.pattern(place))
    }
}
