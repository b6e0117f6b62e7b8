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
    tls::Credentials,
};
use crate::{
    cluster::certificates::{Keeper, Looked},
    policy::Policy,
};

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
            info!(not_after = %credentials.not_after, "certificate changed");
            shared.tls.replace(credentials);
        }
    })
    .await;
}

/// Looks after the certificate that the replicas share, for ever.
pub(super) async fn keep_certificate(shared: Arc<Shared>, mut keeper: Keeper, every: Duration) {
    let mut ticks = interval(every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut complaint = None;
    loop {
        ticks.tick().await;
        let Looked { serve, trust, trouble } = keeper.look().await;
        let made = serve.map(|leaf| Credentials::of(&leaf)).transpose();
        let found = match (made, trouble) {
            (Err(why), _) | (Ok(None), Some(why)) if complaint.as_ref() == Some(&why) => Found::StillBroken,
            (Err(why), _) | (Ok(None), Some(why)) => {
                error!("could not look after the certificate; the one in force stays\n{why}");
                complaint = Some(why.clone());
                Found::Broken(why)
            }
            (Ok(Some(credentials)), _) => Found::New(credentials),
            (Ok(None), None) if complaint.take().is_some() => Found::SameAgain,
            (Ok(None), None) => Found::Same,
        };
        shared.tls.standing.note(&found, Instant::now());
        if let Found::New(credentials) = found {
            info!(not_after = %credentials.not_after, "certificate changed");
            shared.tls.replace(credentials);
        }
        // After the certificate: nobody is to come before it is served.
        shared.tls.note_trust(trust);
    }
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
