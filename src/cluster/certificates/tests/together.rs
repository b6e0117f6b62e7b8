//! Replicas that take one step after the other, against a Secret and registrations as the API
//! server keeps them: through years, in every order, with what goes wrong between.

use proptest::prelude::*;

use super::*;
use crate::cluster::certificates::plan::SETTLES_IN;

/// What the API server holds, and what replicas serve.
struct World {
    secret: Data,
    version: u32,
    registrations: Vec<Bundle>,
    now: Moment,
    replicas: Vec<Replica>,
    /// Since when every registration trusts a CA.
    trusted: Vec<(Certificate, Moment)>,
}

#[derive(Default)]
struct Replica {
    served: Option<(Leaf, Certificate)>,
    /// What it read before it is to act on it.
    read: Option<(u32, Vec<Bundle>, Data)>,
}

impl World {
    fn new(replicas: usize) -> Self {
        Self {
            secret: Data::new(),
            version: 0,
            registrations: vec![bundle(&[]), bundle(&[]), bundle(&[])],
            now: NOW,
            replicas: (0..replicas).map(|_| Replica::default()).collect(),
            trusted: Vec::new(),
        }
    }

    fn stored(&self) -> Stored {
        Stored::read(&self.secret, &names()).0
    }

    fn look(&mut self, number: usize) {
        let read = (self.version, self.registrations.clone(), self.secret.clone());
        self.replicas[number].read = Some(read);
    }

    /// Acts on what was read, as long ago as that may be. What was changed since then conflicts.
    fn act(&mut self, number: usize) -> Step {
        let Some((version, bundles, secret)) = self.replicas[number].read.take() else { return Step::Rest };
        let (stored, _) = Stored::read(&secret, &names());
        if let Some(Current { authority, leaf: Some(leaf) }) = &stored.current
            && bundles.iter().all(|bundle| bundle.has(authority.certificate()))
        {
            self.replicas[number].served = Some((leaf.clone(), authority.certificate().clone()));
        }
        let step = plan(&stored, &bundles, self.now);
        match &step {
            Step::Trust(wanted) => {
                for (held, seen) in self.registrations.iter_mut().zip(&bundles) {
                    if held == seen {
                        *held = Bundle { certificates: wanted.clone(), rest: Rest::Nothing };
                    }
                }
            }
            Step::Store(change) if version == self.version => {
                let changed = stored.changed(change.clone(), &names(), self.now).expect("a certificate");
                self.secret = changed.write();
                self.version += 1;
            }
            Step::Rest | Step::Store(_) => {}
        }
        self.note_trusted();
        step
    }

    fn note_trusted(&mut self) {
        let everywhere = |certificate: &Certificate| self.registrations.iter().all(|bundle| bundle.has(certificate));
        let all = self.registrations.first().map_or(&[][..], |bundle| &bundle.certificates);
        let all: Vec<Certificate> = all.iter().filter(|certificate| everywhere(certificate)).cloned().collect();
        self.trusted.retain(|(certificate, _)| all.contains(certificate));
        for certificate in all {
            if !self.trusted.iter().any(|(known, _)| *known == certificate) {
                self.trusted.push((certificate, self.now));
            }
        }
    }

    /// Every replica acts until nothing is left to do.
    fn settle(&mut self) {
        for _ in 0..100 {
            let mut resting = true;
            for number in 0..self.replicas.len() {
                self.look(number);
                resting &= self.act(number) == Step::Rest;
            }
            if resting {
                return;
            }
        }
        panic!("they never come to rest: {:?}", plan(&self.stored(), &self.registrations, self.now));
    }

    /// What is served is trusted by every registration: no call fails.
    fn check(&self) {
        for replica in &self.replicas {
            if let Some((leaf, authority)) = &replica.served {
                assert!(self.registrations.iter().all(|bundle| bundle.has(authority)), "served, and not trusted");
                assert!(leaf.certificate().is_valid_at(self.now), "served, and not valid");
            }
        }
    }
}

#[test]
fn two_that_start_at_once_agree() {
    let mut world = World::new(2);
    // Both have read the empty Secret before either writes.
    for _ in 0..10 {
        for number in 0..2 {
            world.look(number);
        }
        for number in 0..2 {
            world.act(number);
        }
    }
    world.settle();
    world.check();
    let served: Vec<_> = world.replicas.iter().map(|replica| replica.served.clone().expect("a certificate")).collect();
    assert_eq!(served[0], served[1]);
    assert!(world.registrations.iter().all(|bundle| bundle.certificates == [served[0].1.clone()]));
}

#[test]
fn thirty_years_pass_without_a_call_that_fails() {
    let mut world = World::new(2);
    world.settle();
    let mut authorities = Vec::new();
    let mut leaves = Vec::new();
    for _ in 0..30 * 365 / 5 {
        world.now = world.now.plus(5 * DAY);
        world.settle();
        // The minute of a new CA.
        world.now = world.now.plus(SETTLES_IN);
        world.settle();
        world.check();
        let (leaf, authority) = world.replicas[0].served.clone().expect("a certificate");
        if authorities.last() != Some(&authority) {
            let since = world.trusted.iter().find(|(known, _)| *known == authority).expect("it is trusted").1;
            assert!(authorities.is_empty() || since.plus(SETTLES_IN) <= world.now, "served before its minute was over");
            authorities.push(authority);
        }
        if leaves.last() != Some(&leaf) {
            leaves.push(leaf);
        }
        let trusted = world.registrations[0].certificates.len();
        assert!(trusted <= 2, "{trusted} CAs are trusted");
    }
    assert_eq!(authorities.len(), 4, "a CA signs for nine years, and some days");
    assert!(
        (43..=48).contains(&leaves.len()),
        "a leaf is served for two thirds of a year, but there were {}",
        leaves.len()
    );
    // The last change of CA is long ago.
    assert_eq!(world.registrations[0].certificates.len(), 1);
}

#[test]
fn a_secret_made_anew_loses_nothing() {
    for rubbish in [Data::new(), [("ca.crt".to_owned(), b"rubbish".to_vec())].into()] {
        let mut world = World::new(2);
        world.settle();
        let before = world.replicas[0].served.clone().expect("a certificate");
        world.secret = rubbish;
        world.version += 1;
        world.settle();
        world.check();
        assert_eq!(world.replicas[0].served.as_ref(), Some(&before), "what is served stays at first");
        world.now = world.now.plus(SETTLES_IN);
        world.settle();
        world.check();
        let after = world.replicas[0].served.clone().expect("a certificate");
        assert_ne!(after.1, before.1);
        assert!(world.registrations[0].has(&before.1), "another replica may still serve the old one");
        world.now = world.now.plus(DAY);
        world.settle();
        world.check();
        assert_eq!(world.registrations[0].certificates, [after.1]);
    }
}

#[test]
fn a_switch_of_modes_keeps_what_was_trusted() {
    let mut world = World::new(2);
    let theirs = Authority::make(NOW).expect("a CA").certificate().clone();
    world.registrations = vec![bundle(&[&theirs]); 3];
    world.settle();
    assert!(world.registrations.iter().all(|bundle| bundle.has(&theirs) && bundle.certificates.len() == 2));
    assert!(world.replicas[0].served.is_none(), "replicas of before are called still");
    world.now = world.now.plus(SETTLES_IN);
    world.settle();
    world.check();
    assert!(world.replicas[0].served.is_some());
    world.now = world.now.plus(DAY);
    world.settle();
    assert!(!world.registrations[0].has(&theirs));
}

#[derive(Clone, Debug)]
enum Event {
    Look(usize),
    Act(usize),
    Pass(u64),
    Restart(usize),
    Register(usize),
    Spoil(&'static str),
    Empty,
}

fn event() -> impl Strategy<Value = Event> {
    let replica = 0..3_usize;
    prop_oneof![
        8 => replica.clone().prop_map(Event::Look),
        8 => replica.clone().prop_map(Event::Act),
        2 => (0..200_u64).prop_map(Event::Pass),
        1 => (0..(400 * 24 * 60 * 60_u64)).prop_map(Event::Pass),
        1 => replica.clone().prop_map(Event::Restart),
        1 => replica.prop_map(Event::Register),
        1 => proptest::sample::select(&["ca.crt", "ca.key", "tls.crt", "tls.key", "next-ca.key", "times.json"][..])
            .prop_map(Event::Spoil),
        1 => Just(Event::Empty),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// Whatever happens in whatever order, they come to rest, agree, and are trusted.
    #[test]
    fn they_always_come_to_rest(events in proptest::collection::vec(event(), 0..60)) {
        let mut world = World::new(3);
        for event in events {
            match event {
                Event::Look(number) => world.look(number),
                Event::Act(number) => { world.act(number); }
                Event::Pass(seconds) => world.now = world.now.plus(Duration::from_secs(seconds)),
                Event::Restart(number) => world.replicas[number] = Replica::default(),
                Event::Register(number) => world.registrations[number] = bundle(&[]),
                Event::Spoil(key) => {
                    if let Some(value) = world.secret.get_mut(key) {
                        *value = b"rubbish".to_vec();
                        world.version += 1;
                    }
                }
                Event::Empty => {
                    world.secret.clear();
                    world.version += 1;
                }
            }
        }
        world.settle();
        world.now = world.now.plus(SETTLES_IN);
        world.settle();
        world.check();
        let served: Vec<_> = world.replicas.iter().map(|replica| replica.served.clone()).collect();
        prop_assert!(served[0].is_some());
        prop_assert!(served.iter().all(|one| *one == served[0]));
        world.now = world.now.plus(LEAF_VALID_FOR);
        world.settle();
        world.now = world.now.plus(SETTLES_IN);
        world.settle();
        world.check();
    }
}
