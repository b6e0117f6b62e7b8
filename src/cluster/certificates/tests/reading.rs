//! What the Secret holds, whoever wrote it.

use super::*;

fn full() -> Stored {
    let make = || Authority::make(NOW).expect("a CA");
    let authority = make();
    let leaf = authority.sign(&names(), NOW).expect("a certificate");
    Stored {
        current: Some(Current { authority: Signer::Whole(authority), leaf: Some(leaf) }),
        next: Some(Next { authority: make(), trusted_since: Some(NOW) }),
        retired: vec![Retired { certificate: make().certificate().clone(), until: NOW.plus(DAY) }],
    }
}

#[test]
fn what_is_written_is_read() {
    for stored in [Stored::default(), full(), Stored { current: None, ..full() }] {
        assert_eq!(Stored::read(&stored.write(), &names()), (stored, vec![]));
    }
}

#[test]
fn rubbish_costs_what_it_stands_for_and_is_named() {
    let rubbish = |key: &str, text: &str| {
        let mut data = full().write();
        data.insert(key.to_owned(), text.as_bytes().to_vec());
        Stored::read(&data, &names())
    };
    let texts = ["rubbish", "\0", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "{}", "[1]"];
    for text in texts {
        let (stored, named) = rubbish("ca.crt", text);
        assert_eq!(stored.current, None, "{text}");
        assert_eq!(named, ["ca.key", "ca.crt"], "{text}");
        let (stored, named) = rubbish("ca.key", text);
        let current = stored.current.expect("a CA");
        assert!(matches!(current.authority, Signer::WithoutKey(_)) && current.leaf.is_some(), "{text}");
        assert_eq!(named, ["ca.key"], "{text}");
        for key in ["tls.crt", "tls.key"] {
            let (stored, named) = rubbish(key, text);
            assert_eq!(stored.current.expect("a CA").leaf, None, "{key} {text}");
            assert_eq!(named, ["tls.crt"], "{key} {text}");
        }
        for key in ["next-ca.crt", "next-ca.key"] {
            let (stored, named) = rubbish(key, text);
            assert_eq!(stored.next, None, "{key} {text}");
            assert_eq!(named, ["next-ca.crt"], "{key} {text}");
        }
    }
    let (stored, named) = rubbish("times.json", "rubbish");
    assert_eq!((stored.retired, named), (vec![], vec!["times.json"]));
    let (stored, named) = rubbish("times.json", r#"{"retired":[{"certificate":"rubbish","until":1}]}"#);
    assert_eq!((stored.retired, named), (vec![], vec!["times.json"]));
}

#[test]
fn parts_of_two_states_do_not_make_one() {
    let (one, other) = (full().write(), full().write());
    for key in ["ca.crt", "ca.key", "tls.crt", "tls.key"] {
        let mut mixed: Data = one.clone();
        mixed.insert(key.to_owned(), other[key].clone());
        let (stored, named) = Stored::read(&mixed, &names());
        let current = stored.current.expect("a CA's certificate");
        let whole = matches!(current.authority, Signer::Whole(_)) && current.leaf.is_some();
        assert!(!whole && !named.is_empty(), "{key}");
    }
}

#[test]
fn a_leaf_of_other_names_is_made_again() {
    let more = names().into_iter().chain(["harbor-pilot.elsewhere.svc".to_owned()]).collect::<Vec<_>>();
    let (stored, _) = Stored::read(&full().write(), &more);
    assert_eq!(stored.current.map(|current| current.leaf), Some(None));
}
