//! State, registrations and time to the next step, case by case.

use super::*;

/// CAs made ahead, with a leaf each.
struct Cast {
    old: Authority,
    old_leaf: Leaf,
    new: Authority,
    other: Authority,
}

impl Cast {
    fn new() -> Self {
        let make = || Authority::make(NOW).expect("a CA");
        let old = make();
        let old_leaf = old.sign(&names(), NOW).expect("a certificate");
        Self { old, old_leaf, new: make(), other: make() }
    }

    fn current(&self) -> Stored {
        let current = Current { authority: Signer::Whole(self.old.clone()), leaf: Some(self.old_leaf.clone()) };
        Stored { current: Some(current), ..Stored::default() }
    }

    fn with_next(&self, trusted_since: Option<Moment>) -> Stored {
        Stored { next: Some(Next { authority: self.new.clone(), trusted_since }), ..self.current() }
    }

    fn only_next(&self) -> Stored {
        Stored { current: None, ..self.with_next(None) }
    }

    fn retiring(&self, until: Moment) -> Stored {
        let retired = vec![Retired { certificate: self.other.certificate().clone(), until }];
        Stored { retired, ..self.current() }
    }
}

#[test]
fn each_state_has_its_step() {
    let cast = Cast::new();
    let (old, new, other) = (cast.old.certificate(), cast.new.certificate(), cast.other.certificate());
    let both = || vec![bundle(&[old, new]), bundle(&[new, old])];
    let trust = |certificates: &[&Certificate]| Step::Trust(bundle(certificates).certificates);
    let store = Step::Store;
    let rubbish = |certificates: &[&Certificate]| Bundle { rest: Rest::Rubbish, ..bundle(certificates) };
    let minute = Duration::from_mins(1);
    let third = NOW.plus(Duration::from_secs(LEAF_VALID_FOR.as_secs() / 3 * 2));
    let a_year_before_its_end = NOW.plus(AUTHORITY_VALID_FOR).minus(LEAF_VALID_FOR);
    let without_key = || {
        let current = cast.current().current.map(|current| Current {
            authority: Signer::WithoutKey(current.authority.certificate().clone()),
            ..current
        });
        Stored { current, ..Stored::default() }
    };
    let without_leaf = || {
        let current = cast.current().current.map(|current| Current { leaf: None, ..current });
        Stored { current, ..Stored::default() }
    };
    let cases: Vec<(&str, Stored, Vec<Bundle>, Moment, Step)> = vec![
        // From nothing.
        ("an empty Secret", Stored::default(), vec![], NOW, store(Change::Introduce)),
        ("an empty Secret, bundles empty", Stored::default(), vec![bundle(&[])], NOW, store(Change::Introduce)),
        ("the first CA, not trusted", cast.only_next(), vec![bundle(&[]), bundle(&[])], NOW, trust(&[new])),
        ("the first CA, trusted by one", cast.only_next(), vec![bundle(&[new]), bundle(&[])], NOW, trust(&[new])),
        ("the first CA, trusted", cast.only_next(), vec![bundle(&[new])], NOW, store(Change::Promote)),
        ("the first CA, nobody registered", cast.only_next(), vec![], NOW, store(Change::Promote)),
        ("a CA without a leaf", without_leaf(), vec![bundle(&[old])], NOW, store(Change::Renew)),
        // At rest.
        ("all is well", cast.current(), vec![bundle(&[old]), bundle(&[old])], NOW, Step::Rest),
        ("nobody registered", cast.current(), vec![], NOW, Step::Rest),
        ("a registration is new", cast.current(), vec![bundle(&[old]), bundle(&[])], NOW, trust(&[old])),
        ("a bundle has rubbish", cast.current(), vec![rubbish(&[old])], NOW, trust(&[old])),
        ("a bundle is rubbish", cast.current(), vec![rubbish(&[])], NOW, trust(&[old])),
        ("a bundle has one twice", cast.current(), vec![bundle(&[old, old])], NOW, trust(&[old])),
        // The leaf's time.
        ("a third is left, and a second", cast.current(), vec![bundle(&[old])], third.minus(SECOND), Step::Rest),
        ("two thirds are over", cast.current(), vec![bundle(&[old])], third, store(Change::Renew)),
        ("it ended", cast.current(), vec![bundle(&[old])], NOW.plus(LEAF_VALID_FOR), store(Change::Renew)),
        // The CA's time.
        (
            "the CA lasts as long as a leaf",
            cast.current(),
            vec![bundle(&[old])],
            a_year_before_its_end,
            store(Change::Introduce),
        ),
        ("the CA's key is lost", without_key(), vec![bundle(&[old])], NOW, store(Change::Introduce)),
        // A new CA.
        ("the next CA, not trusted", cast.with_next(None), vec![bundle(&[old])], NOW, trust(&[old, new])),
        (
            "the next CA, trusted by one",
            cast.with_next(None),
            vec![bundle(&[old, new]), bundle(&[old])],
            NOW,
            trust(&[old, new]),
        ),
        ("the next CA, in whatever order", cast.with_next(None), both(), NOW, store(Change::SeenEverywhere)),
        ("trusted just now", cast.with_next(Some(NOW)), both(), NOW, Step::Rest),
        ("trusted for 59 s", cast.with_next(Some(NOW)), both(), NOW.plus(minute).minus(SECOND), Step::Rest),
        ("trusted for 60 s", cast.with_next(Some(NOW)), both(), NOW.plus(minute), store(Change::Promote)),
        (
            "trusted by all, and taken away",
            cast.with_next(Some(NOW.minus(minute))),
            vec![bundle(&[old, new]), bundle(&[old])],
            NOW,
            store(Change::NotSeenEverywhere),
        ),
        // An old one.
        ("retired, in use", cast.retiring(NOW.plus(SECOND)), vec![bundle(&[old, other])], NOW, Step::Rest),
        (
            "retired, in use, taken away",
            cast.retiring(NOW.plus(SECOND)),
            vec![bundle(&[old])],
            NOW,
            trust(&[old, other]),
        ),
        ("retired, out of use, trusted", cast.retiring(NOW), vec![bundle(&[old, other])], NOW, trust(&[old])),
        ("retired, out of use, gone", cast.retiring(NOW), vec![bundle(&[old])], NOW, store(Change::Forget)),
        // Others' certificates: another mode's, or those of a Secret that was deleted.
        (
            "an empty Secret, a bundle of others",
            Stored::default(),
            vec![bundle(&[other]), bundle(&[other])],
            NOW,
            store(Change::Adopt(vec![other.clone()])),
        ),
        (
            "another in one bundle",
            cast.current(),
            vec![bundle(&[old]), bundle(&[old, other])],
            NOW,
            store(Change::Adopt(vec![other.clone()])),
        ),
        (
            "another that ended",
            Stored::default(),
            vec![bundle(&[other])],
            NOW.plus(AUTHORITY_VALID_FOR),
            store(Change::Introduce),
        ),
        // Clocks.
        (
            "a clock went back behind the time of trust",
            cast.with_next(Some(NOW)),
            both(),
            NOW.minus(SECOND),
            store(Change::SeenEverywhere),
        ),
        (
            "a clock went back before the certificates",
            cast.current(),
            vec![bundle(&[old])],
            NOW.minus(2 * DAY),
            store(Change::Introduce),
        ),
        (
            "a clock went on beyond the next CA's time",
            cast.with_next(Some(NOW)),
            both(),
            NOW.plus(AUTHORITY_VALID_FOR),
            store(Change::Introduce),
        ),
    ];
    for (name, stored, bundles, now, expected) in cases {
        assert_eq!(plan(&stored, &bundles, now), expected, "{name}");
    }
}
