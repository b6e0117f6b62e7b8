//! The policies of before a change, while replicas may still go by them.

use super::{Decision, NotAllowed, Ruling, Scope};

/// The policies of before a change. It reaches the replicas at different times, and a name that one of
/// them writes, another has to admit.
#[derive(Clone, Copy, Debug)]
pub struct Earlier<P> {
    /// The one by which names are still written: every replica knows them.
    pub written: Option<P>,
    /// Those by which other replicas may still write names; the newest first.
    pub known: [Option<P>; KNOWN_AT_MOST],
}

/// Policies of before that are known. Each change that follows soon adds one that somebody may still write by.
pub const KNOWN_AT_MOST: usize = 4;

impl<P> Earlier<P> {
    /// Of a policy that has not changed for a while.
    pub const NONE: Self = Self { written: None, known: [const { None }; KNOWN_AT_MOST] };

    /// The same of something else.
    pub fn map<Q>(self, with: impl Fn(P) -> Q) -> Earlier<Q> {
        Earlier { written: self.written.map(&with), known: self.known.map(|policy| policy.map(&with)) }
    }
}

impl<'p> Scope<'p> {
    /// What this policy says of an image whose name means, and becomes, what `earlier` says. `None` where
    /// it does not allow the image, or objects to the very name, or takes it for another image; or where
    /// `earlier` has no name for it.
    pub fn decide_in_names_of<'a>(&self, earlier: Scope<'p>, image: &'a str) -> Option<Decision<'p, 'a>> {
        let mut named = earlier.decide(image);
        if let Ruling::NotAllowed(NotAllowed::RewriteTooLong(_)) = named.ruling {
            return None;
        }
        let origin = &named.parsed.as_ref().ok()?.origin;
        let upstream = origin.to_string();
        let ruling = self.decide(&upstream).ruling;
        let here = self.decide(&named.result);
        let parsed = here.parsed.as_ref().ok()?;
        let same = parsed.origin == *origin || parsed.origin == parsed.reference.comparison();
        let objects = !matches!(here.ruling, Ruling::Allowed(_) | Ruling::NotAllowed(NotAllowed::NothingAllows));
        if !same || objects || !matches!(ruling, Ruling::Allowed(_)) {
            return None;
        }
        named.ruling = ruling;
        named.enforcement = self.enforcement();
        Some(named)
    }
}
