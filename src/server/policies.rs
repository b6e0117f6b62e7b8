//! The policy in force, and the one before it for as long as other replicas may go by it.

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
    policy::{self, Policy, diagnostic::Style},
};

/// The policy that requests are judged by.
#[derive(Debug)]
pub(super) struct PolicyStore {
    in_force: ArcSwap<InForce>,
    pub(super) standing: Standing,
    /// Where it comes from, for people.
    pub(super) source: String,
}

/// What one request is judged by.
#[derive(Debug)]
pub(super) struct InForce {
    pub(super) policy: Arc<Policy>,
    before: Option<Before>,
}

#[derive(Debug)]
struct Before {
    policy: Arc<Policy>,
    until: Instant,
}

/// How long an image is also at rest under the policy before: replicas hear of a change up to a
/// minute and a half apart, which is what kubelet takes to bring it.
const BEFORE_HOLDS_FOR: Duration = Duration::from_mins(2);

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

    /// Starts from what was good last, and follows the file.
    pub(super) fn start_from(last_good: String, file: &Path) -> Result<(Self, Follower<Policy>), String> {
        let most = policy::MAX_BYTES as u64 + 1;
        let (follower, policy) =
            Follower::behind(vec![file.to_owned()], most, reader(file), vec![last_good.into_bytes()])?;
        Ok((Self::of(policy, Standing::following(Instant::now()), file.display().to_string()), follower))
    }

    fn of(policy: Policy, standing: Standing, source: String) -> Self {
        let in_force = ArcSwap::from_pointee(InForce { policy: Arc::new(policy), before: None });
        Self { in_force, standing, source }
    }

    /// What holds now.
    pub(super) fn load(&self) -> arc_swap::Guard<Arc<InForce>> {
        self.in_force.load()
    }

    /// Puts a policy in force.
    pub(super) fn replace(&self, policy: Policy, now: Instant) {
        let before = Before { policy: Arc::clone(&self.load().policy), until: now + BEFORE_HOLDS_FOR };
        self.in_force.store(Arc::new(InForce { policy: Arc::new(policy), before: Some(before) }));
    }
}

impl InForce {
    /// The policies that hold at `now`.
    pub(super) fn policies(&self, now: Instant) -> Policies<'_> {
        let before = self.before.as_ref().filter(|before| now < before.until);
        Policies { current: &self.policy, previous: before.map(|before| &*before.policy) }
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
