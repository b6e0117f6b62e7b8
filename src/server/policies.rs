//! The policy in force, and those before it for as long as other replicas may go by them.

use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use arc_swap::ArcSwap;
use tracing::warn;

use super::{
    follow::{Build, Follower, Standing},
    options::PolicySource,
};
use crate::{
    admission::Policies,
    cluster::last_good::Kept,
    policy::{self, Earlier, KNOWN_AT_MOST, Policy, diagnostic::Style},
};

/// The policy that requests are judged by.
#[derive(Debug)]
pub(super) struct PolicyStore {
    in_force: ArcSwap<InForce>,
    pub(super) standing: Standing,
    /// Where it comes from, for people.
    pub(super) source: String,
}

/// What requests are judged by until the next change.
#[derive(Debug)]
pub(super) struct InForce {
    pub(super) policy: Arc<Policy>,
    /// See [`Earlier::written`].
    written: Option<Before>,
    /// See [`Earlier::known`].
    known: [Option<Before>; KNOWN_AT_MOST],
}

#[derive(Clone, Debug)]
struct Before {
    policy: Arc<Policy>,
    until: Instant,
}

/// How long the names of before are known, also where replicas hear of a change at once.
const KNOWN_AT_LEAST_FOR: Duration = Duration::from_mins(2);

impl PolicyStore {
    /// Reads the policy for the first time. A broken one is an error with all its diagnostics.
    pub(super) fn start(source: &PolicySource) -> Result<(Self, Option<Follower<Policy>>), String> {
        let (policy, follower, standing, source) = match source {
            PolicySource::File(path) | PolicySource::FileWithLastGood { file: path, .. } => {
                let (follower, policy) =
                    Follower::start(vec![path.clone()], policy::MAX_BYTES as u64 + 1, reader(path))?;
                (policy, Some(follower), Standing::following(Instant::now()), path.display().to_string())
            }
            PolicySource::BuiltIn => {
                let name = "built-in policy";
                let policy = read(name, policy::DEFAULT.as_bytes())?;
                (policy, None, Standing::fixed(Instant::now()), name.to_owned())
            }
        };
        Ok((Self::of(policy, standing, source), follower))
    }

    /// Goes on from what other replicas kept, as one that has been here all along.
    pub(super) fn go_on(&self, kept: &Kept, now: Instant, spread: Duration) {
        let read = |text: &str| Policy::read("kept", text.as_bytes()).policy;
        let Some(policy) = read(&kept.text) else { return };
        let change = kept.change.as_ref().and_then(|change| {
            let began = InForce::from_the_start(read(&change.written)?);
            Some((began, now.checked_sub(change.age)?))
        });
        let then = match change {
            Some((began, at)) => began.followed_by(Arc::new(policy), at, spread),
            None => InForce::from_the_start(policy),
        };
        let current = Arc::clone(&self.load().policy);
        let now = if then.policy.short_hash() == current.short_hash() {
            InForce { policy: current, ..then }
        } else {
            then.followed_by(current, now, spread)
        };
        self.in_force.store(Arc::new(now));
    }

    /// Starts from what was good last, and follows the file.
    pub(super) fn start_from(last_good: String, file: &Path) -> Result<(Self, Follower<Policy>), String> {
        let most = policy::MAX_BYTES as u64 + 1;
        let (follower, policy) =
            Follower::behind(vec![file.to_owned()], most, reader(file), vec![last_good.into_bytes()])?;
        Ok((Self::of(policy, Standing::following(Instant::now()), file.display().to_string()), follower))
    }

    fn of(policy: Policy, standing: Standing, source: String) -> Self {
        let in_force = ArcSwap::from_pointee(InForce::from_the_start(policy));
        Self { in_force, standing, source }
    }

    /// What holds now.
    pub(super) fn load(&self) -> arc_swap::Guard<Arc<InForce>> {
        self.in_force.load()
    }

    /// Puts a policy in force. The other replicas have heard of it, or will have, when `spread` is over.
    pub(super) fn replace(&self, policy: Policy, now: Instant, spread: Duration) {
        self.in_force.store(Arc::new(self.load().followed_by(Arc::new(policy), now, spread)));
    }
}

impl InForce {
    fn from_the_start(policy: Policy) -> Self {
        Self { policy: Arc::new(policy), written: None, known: [const { None }; KNOWN_AT_MOST] }
    }

    /// The policies that hold at `now`.
    pub(super) fn policies(&self, now: Instant) -> Policies<'_> {
        let at = |before| Before::at(before, now);
        let known = self.known.each_ref().map(|known| at(known.as_ref()));
        Policies { current: &self.policy, earlier: Earlier { written: at(self.written.as_ref()), known } }
    }

    /// How long names are still written as before, where they are.
    pub(super) fn names_change_in(&self, now: Instant) -> Option<Duration> {
        let left = self.written.as_ref()?.until.saturating_duration_since(now);
        (!left.is_zero()).then_some(left)
    }

    /// Names are written as before until every replica has heard of the change, and known for as long
    /// again: the last to hear of it writes them for longest, and what one replica wrote just before it
    /// heard comes back to it just after. A change that comes meanwhile leaves in
    /// place what is written, for nobody wrote anything else.
    fn followed_by(&self, policy: Arc<Policy>, now: Instant, spread: Duration) -> Self {
        let another = |before: &Policy| before.short_hash() != policy.short_hash();
        let held = self.written.as_ref().filter(|written| now < written.until);
        let written = held.map_or(&self.policy, |held| &held.policy);
        let until = now + KNOWN_AT_LEAST_FOR.max(2 * spread);
        let new = [written, &self.policy].map(|policy| Before { policy: Arc::clone(policy), until });
        let old = self.known.iter().flatten().filter(|known| now < known.until).cloned();
        let mut known: Vec<Before> = Vec::new();
        for before in new.into_iter().chain(old).filter(|before| another(&before.policy)) {
            if known.iter().all(|known| known.policy.short_hash() != before.policy.short_hash()) {
                known.push(before);
            }
        }
        let mut known = known.into_iter();
        Self {
            written: another(written).then(|| Before { policy: Arc::clone(written), until: now + spread }),
            known: std::array::from_fn(|_| known.next()),
            policy,
        }
    }
}

impl Before {
    fn at(before: Option<&Self>, now: Instant) -> Option<&Policy> {
        before.filter(|before| now < before.until).map(|before| &*before.policy)
    }
}

fn reader(path: &Path) -> Build<Policy> {
    let name = path.display().to_string();
    Box::new(move |contents| read(&name, contents.first().map_or(&[], Vec::as_slice)))
}

fn read(name: &str, bytes: &[u8]) -> Result<Policy, String> {
    let reading = Policy::read(name, bytes);
    let rendered = reading.render(Style::Plain);
    match reading.policy {
        Some(policy) => {
            if !rendered.is_empty() {
                warn!(hash = policy.short_hash(), "the policy has warnings\n{}", rendered.trim_end());
            }
            Ok(policy)
        }
        None => Err(rendered.trim_end().to_owned()),
    }
}
