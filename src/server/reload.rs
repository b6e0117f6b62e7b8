//! Reading policy and certificate again when they change. What is broken leaves in force what was
//! good.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::{
    task::spawn_blocking,
    time::{MissedTickBehavior, interval},
};
use tracing::{error, info};

use super::{
    certificates::SelfMade,
    follow::{Follower, Found},
    labels::Followed,
    state::Shared,
    tls::{self, Credentials},
};
use crate::policy::Policy;

/// Follows the policy's file, for ever.
pub(super) async fn follow_policy(shared: Arc<Shared>, follower: Follower<Policy>, every: Duration) {
    follow(follower, every, Followed::Policy, |found, now| {
        shared.policies.standing.note(&found, now);
        if let Found::New(policy) = found {
            info!(hash = policy.short_hash(), "policy changed");
            shared.policies.replace(policy, now);
        }
    })
    .await;
}

/// Follows the certificate's files, for ever.
pub(super) async fn follow_certificate(shared: Arc<Shared>, follower: Follower<Credentials>, every: Duration) {
    follow(follower, every, Followed::Certificate, |found, now| {
        shared.tls.standing.note(&found, now);
        if let Found::New(credentials) = found {
            info!(not_after = tls::date(credentials.not_after), "certificate changed");
            shared.tls.replace(credentials);
        }
    })
    .await;
}

/// Makes the certificate of our own making again before it ends, for ever. That the files changed
/// is [`follow_certificate`]'s to see.
pub(super) async fn renew(own: SelfMade, every: Duration) {
    let mut ticks = interval(every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let own = own.clone();
        match spawn_blocking(move || own.ensure()).await {
            Ok(Ok(())) => {}
            Ok(Err(why)) => error!("could not look after the certificate; the one in force stays\n{why}"),
            // The runtime is ending.
            Err(_) => return,
        }
    }
}

async fn follow<T: Send + 'static>(
    mut follower: Follower<T>,
    every: Duration,
    what: Followed,
    mut put_in_force: impl FnMut(Found<T>, Instant),
) {
    let mut ticks = interval(every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        // A disk that hangs must not hold up a worker.
        let looked = spawn_blocking(move || {
            let found = follower.look();
            (follower, found)
        });
        let Ok((back, found)) = looked.await else {
            // The runtime is ending.
            return;
        };
        follower = back;
        match &found {
            Found::Same | Found::StillBroken | Found::New(_) => {}
            Found::SameAgain => info!(file = what.as_str(), "the file is again what is in force"),
            Found::Broken(why) => {
                error!(file = what.as_str(), "could not reload; the last good one stays in force\n{why}");
            }
        }
        put_in_force(found, Instant::now());
    }
}
