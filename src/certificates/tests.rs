use super::*;

const NOW: Moment = Moment::since_1970(1_800_000_000);

fn names() -> Vec<String> {
    ["harbor-pilot.pilot.svc", "127.0.0.1"].map(str::to_owned).to_vec()
}

fn pair() -> (Authority, Leaf) {
    let authority = Authority::make(NOW).expect("a CA");
    let leaf = authority.sign(&names(), NOW).expect("a certificate");
    (authority, leaf)
}

fn read(leaf: &Leaf, key: &Key, issuer: &Authority, names: &[String]) -> Option<Leaf> {
    Leaf::read(leaf.certificate.pem().as_bytes(), key.pem().as_bytes(), &issuer.certificate, names)
}

#[test]
fn what_is_written_is_read() {
    let (authority, leaf) = pair();
    let again = Authority::read(authority.certificate.pem().as_bytes(), authority.key.pem().as_bytes());
    assert_eq!(again.as_ref(), Some(&authority));
    assert_eq!(read(&leaf, &leaf.key, &authority, &names()), Some(leaf));
}

#[test]
fn they_are_valid_for_ten_years_and_for_one_from_the_day_before() {
    let (authority, leaf) = pair();
    for (certificate, duration) in [(&authority.certificate, AUTHORITY_VALID_FOR), (&leaf.certificate, LEAF_VALID_FOR)]
    {
        assert_eq!(certificate.ends, NOW.plus(duration));
        assert!(certificate.is_valid_at(NOW.minus(BACKDATED)));
        assert!(!certificate.is_valid_at(NOW.minus(BACKDATED).minus(Duration::from_secs(1))));
        assert!(!certificate.is_valid_at(NOW.plus(duration)));
    }
    let last = NOW.plus(AUTHORITY_VALID_FOR).minus(LEAF_VALID_FOR);
    assert!(authority.can_sign_at(last.minus(Duration::from_secs(1))));
    assert!(!authority.can_sign_at(last));
}

#[test]
fn what_does_not_belong_together_is_not_taken() {
    let (authority, leaf) = pair();
    let (other, other_leaf) = pair();
    let with = |more: &str| names().into_iter().chain([more.to_owned()]).collect::<Vec<_>>();
    assert_eq!(read(&leaf, &other_leaf.key, &authority, &names()), None, "another's key");
    assert_eq!(read(&leaf, &leaf.key, &other, &names()), None, "another's signature");
    assert_eq!(read(&leaf, &leaf.key, &authority, &with("other.svc")), None, "a name that it has not");
    let mixed = Authority::read(authority.certificate.pem().as_bytes(), other.key.pem().as_bytes());
    assert_eq!(mixed, None, "a CA with another's key");
    let no_authority = Authority::read(leaf.certificate.pem().as_bytes(), leaf.key.pem().as_bytes());
    assert_eq!(no_authority, None, "a certificate that is no CA's");
    assert_eq!(Leaf::read(b"rubbish", b"rubbish", &authority.certificate, &names()), None);
}

#[test]
fn a_bundle_is_its_certificates_and_what_is_none() {
    let (authority, leaf) = pair();
    let two = format!("{}# a comment\n{}", authority.certificate.pem(), leaf.certificate.pem());
    let certificates = vec![authority.certificate, leaf.certificate];
    let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    for (text, expected) in [
        (String::new(), (vec![], Rest::Nothing)),
        (" \n".to_owned(), (vec![], Rest::Nothing)),
        (two.clone(), (certificates.clone(), Rest::Nothing)),
        (format!("{two}{broken}"), (certificates, Rest::Rubbish)),
        ("rubbish".to_owned(), (vec![], Rest::Rubbish)),
    ] {
        assert_eq!(Certificate::read_all(text.as_bytes()), expected, "{text}");
    }
}

#[test]
fn a_key_does_not_show_itself() {
    let (authority, leaf) = pair();
    for shown in [format!("{authority:?}"), format!("{leaf:?}")] {
        assert!(!shown.contains("PRIVATE"), "{shown}");
    }
}

#[test]
fn what_a_client_objects_to() {
    let (authority, leaf) = pair();
    let stranger = Authority::make(NOW.plus(Duration::from_secs(1))).expect("a CA");
    let served = Served::read(leaf.certificate.pem().as_bytes()).expect("a certificate");
    let objection = |bundle: &[Certificate], name: &str, now: Moment| served.objection(bundle, name, now);
    let (ours, theirs) = (authority.certificate.clone(), stranger.certificate.clone());
    let name = "harbor-pilot.pilot.svc";
    for bundle in [vec![ours.clone()], vec![theirs.clone(), ours.clone()], vec![leaf.certificate.clone()]] {
        assert_eq!(objection(&bundle, name, NOW), None);
    }
    for bundle in [vec![], vec![theirs]] {
        assert_eq!(objection(&bundle, name, NOW), Some(Objection::Untrusted));
    }
    let ours = [ours];
    assert_eq!(objection(&ours, "harbor-pilot.other.svc", NOW), Some(Objection::OtherName));
    assert_eq!(
        objection(std::slice::from_ref(&leaf.certificate), "harbor-pilot.other.svc", NOW),
        Some(Objection::OtherName)
    );
    assert_eq!(objection(&ours, name, leaf.certificate.ends), Some(Objection::Ended));
    assert_eq!(objection(&ours, name, NOW.minus(BACKDATED * 2)), Some(Objection::NotBegun));
    // The CA ends before its leaf does.
    let late = NOW.plus(AUTHORITY_VALID_FOR).minus(LEAF_VALID_FOR / 2);
    let outlives = authority.sign(&names(), late).expect("a certificate");
    let served = Served::read(outlives.certificate.pem().as_bytes()).expect("a certificate");
    assert_eq!(served.objection(&ours, name, authority.certificate.ends), Some(Objection::AuthorityEnded));
    assert_eq!(Served::read(b"rubbish"), None);
}

/// Two CAs of one name, as those of a test control plane are.
#[test]
fn another_ca_of_the_same_name_is_none() {
    let (authority, leaf) = pair();
    let same_name = Authority::make(NOW).expect("a CA");
    assert_ne!(authority, same_name);
    let served = Served::read(leaf.certificate.pem().as_bytes()).expect("a certificate");
    let bundle = [same_name.certificate];
    assert_eq!(served.objection(&bundle, "harbor-pilot.pilot.svc", NOW), Some(Objection::Untrusted));
}
