//! Reading policy and certificate again when they change. What is broken leaves in force what was
//! good.

use std::{
    path::PathBuf,
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
    cluster::{
        certificates::{Keeper, Looked},
        last_good::LastGood,
    },
    policy::{self, Policy},
};

/// Follows the policy's file, for ever.
pub(super) async fn follow_policy(shared: Arc<Shared>, follower: Follower<Policy>, every: Duration, spread: Duration) {
    follow(follower, every, Followed::Policy, |found, now| {
        shared.policies.standing.note(&found, now);
        if let Found::New(policy) = found {
            info!(hash = policy.short_hash(), names_as_before_for = ?spread, "policy changed");
            shared.policies.replace(policy, now, spread);
        }
    })
    .await;
}

/// Keeps the policy in force for replicas that start while its file is broken, for ever.
pub(super) async fn keep_policy(
    shared: Arc<Shared>,
    last_good: LastGood,
    file: PathBuf,
    every: Duration,
    spread: Duration,
) {
    let mut ticks = interval(every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut kept, mut complaint) = (String::new(), None);
    loop {
        ticks.tick().await;
        let hash = shared.policies.load().policy.short_hash().to_owned();
        if hash == kept {
            continue;
        }
        let file = file.clone();
        // Read again, and compared by its hash: the file may be another already.
        let text = spawn_blocking(move || std::fs::read(file).ok().and_then(|bytes| String::from_utf8(bytes).ok()));
        let Ok(text) = text.await else {
            // The runtime is ending.
            return;
        };
        let in_force = |text: &String| policy::short_hash(text.as_bytes()) == hash;
        let Some(text) = text.filter(in_force) else { continue };
        match last_good.keep(&text, spread).await {
            Ok(()) => {
                info!(hash, "kept as the last good policy");
                (kept, complaint) = (hash, None);
            }
            Err(why) if complaint.as_ref() == Some(&why) => {}
            Err(why) => {
                error!("could not keep the last good policy\n{why}");
                complaint = Some(why);
            }
        }
    }
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
