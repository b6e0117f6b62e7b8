use std::time::{Duration, Instant};

use crate::{
    cluster::last_good::{Change, Kept},
    policy::Policy,
    server::{options::PolicySource, policies::PolicyStore},
};

const SPREAD: Duration = Duration::from_secs(100);

/// The store with these policies put in force, each at its second; and what holds at a second.
struct Life(PolicyStore, Instant);

impl Life {
    fn of(changes: &[(u64, &str)]) -> Self {
        let (store, _) = PolicyStore::start(&PolicySource::BuiltIn).expect("a policy");
        let life = Self(store, Instant::now());
        for (second, name) in changes {
            life.0.replace(policy(name), life.at(*second), SPREAD);
        }
        life
    }

    fn at(&self, second: u64) -> Instant {
        self.1 + Duration::from_secs(second)
    }

    /// Whose: current, written, known.
    fn whose(&self, second: u64) -> (&'static str, Option<&'static str>, Vec<&'static str>) {
        let in_force = self.0.load();
        let policies = in_force.policies(self.at(second));
        let earlier = policies.earlier.map(name);
        (name(policies.current), earlier.written, earlier.known.into_iter().flatten().collect())
    }
}

const NAMES: [&str; 4] = ["a", "b", "c", "d"];

fn text(name: &str) -> String {
    format!("apiVersion: harbor-pilot.io/v1\nkind: Policy\nharbor: {name}.test\nproxies: []\nallow: []\n")
}

fn policy(name: &str) -> Policy {
    Policy::read("policies.yaml", text(name).as_bytes()).policy.expect("a policy")
}

fn name(policy: &Policy) -> &'static str {
    NAMES.into_iter().find(|name| policy.harbor() == format!("{name}.test")).unwrap_or("built in")
}

#[test]
fn names_are_written_as_before_until_all_have_heard_and_known_for_as_long_again() {
    let life = Life::of(&[(0, "a")]);
    let was = "built in";
    let left = [0, 99, 100].map(|second| life.0.load().names_change_in(life.at(second)));
    assert_eq!(left, [Some(SPREAD), Some(Duration::from_secs(1)), None]);
    for second in [0, 99] {
        assert_eq!(life.whose(second), ("a", Some(was), vec![was]), "{second}");
    }
    for second in [100, 199] {
        assert_eq!(life.whose(second), ("a", None, vec![was]), "{second}");
    }
    assert_eq!(life.whose(200), ("a", None, vec![]));
}

#[test]
fn a_change_that_follows_soon_leaves_what_is_written() {
    let life = Life::of(&[(0, "a"), (1_000, "b"), (1_060, "c")]);
    assert_eq!(life.whose(1_060), ("c", Some("a"), vec!["a", "b"]));
    assert_eq!(life.whose(1_159), ("c", Some("a"), vec!["a", "b"]));
    assert_eq!(life.whose(1_160), ("c", None, vec!["a", "b"]));
    assert_eq!(life.whose(1_260), ("c", None, vec![]));
    // Later, what was written since is what stays, and who is slow still writes the other.
    let life = Life::of(&[(0, "a"), (1_000, "b"), (1_130, "c")]);
    assert_eq!(life.whose(1_130), ("c", Some("b"), vec!["b", "a"]));
    assert_eq!(life.whose(1_200), ("c", Some("b"), vec!["b"]));
}

/// Two replicas that heard of a change at different times write by different policies: each has to know
/// both, whatever comes soon after.
#[test]
fn what_another_replica_still_writes_by_is_not_forgotten_for_a_third_change() {
    let start = [(0, "a")];
    let early = Life::of(&[&start[..], &[(1_000, "b"), (1_110, "c"), (1_130, "a")]].concat());
    assert_eq!(early.whose(1_130), ("a", Some("b"), vec!["b", "c"]));
    let late = Life::of(&[&start[..], &[(1_080, "b"), (1_120, "c"), (1_140, "d")]].concat());
    assert_eq!(late.whose(1_140), ("d", Some("a"), vec!["a", "c", "b"]));
}

#[test]
fn what_is_taken_back_is_written_all_along() {
    let life = Life::of(&[(0, "a"), (1_000, "b"), (1_060, "a")]);
    assert_eq!(life.whose(1_060), ("a", None, vec!["b"]));
    assert_eq!(life.whose(1_260), ("a", None, vec![]));
}

#[test]
fn one_replica_alone_writes_new_names_at_once_and_knows_those_that_it_wrote_just_before() {
    let life = Life::of(&[]);
    life.0.replace(policy("a"), life.at(0), Duration::ZERO);
    let was = "built in";
    assert_eq!(life.whose(0), ("a", None, vec![was]));
    assert_eq!(life.whose(119), ("a", None, vec![was]));
    assert_eq!(life.whose(120), ("a", None, vec![]));
}

#[test]
fn who_starts_goes_on_as_the_others_are() {
    let start = |kept: &str, change: Option<(&str, u64)>| {
        let life = Life::of(&[(0, "c")]);
        let change = change.map(|(written, age)| Change { written: text(written), age: Duration::from_secs(age) });
        // Where it began is not known to who starts.
        life.0.go_on(&Kept { text: text(kept), change }, life.at(1_000), SPREAD);
        life
    };
    let life = start("c", None);
    assert_eq!(life.whose(1_000), ("c", None, vec![]), "no change");
    let life = start("c", Some(("a", 30)));
    assert_eq!(life.whose(1_069), ("c", Some("a"), vec!["a"]), "the others heard of it before");
    assert_eq!(life.whose(1_070), ("c", None, vec!["a"]));
    assert_eq!(life.whose(1_170), ("c", None, vec![]));
    let life = start("b", None);
    assert_eq!(life.whose(1_099), ("c", Some("b"), vec!["b"]), "the others have not heard of it");
    assert_eq!(life.whose(1_100), ("c", None, vec!["b"]));
    let life = start("b", Some(("a", 30)));
    assert_eq!(life.whose(1_099), ("c", Some("a"), vec!["a", "b"]), "two changes");
    let life = start("b", Some(("c", 30)));
    assert_eq!(life.whose(1_099), ("c", None, vec!["b"]), "taken back");
}
