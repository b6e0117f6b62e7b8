//! The tables of the Go package, row by row, and names chosen to tell implementations apart.

use super::{ParseErrorKind as Kind, *};

mod comparison;
mod laws;
mod messages;
mod upstream_normalize;
mod upstream_reference;
mod upstream_regexp;

/// A row of a table of the Go package. An outcome is `accepted`, `refused`, or the parts as
/// `domain|path|tag|digest`; `{a*3}` in a text is `aaa`.
struct Row {
    input: &'static str,
    upstream: &'static str,
    deviation: Option<Deviation>,
}

/// Why a row has another outcome here.
type Reason = &'static str;

struct Deviation {
    reason: Reason,
    here: &'static str,
}

/// The table is of a function that knows no familiar names; we are `ParseNormalizedNamed`.
const FAMILIAR: Reason = "familiar names get docker.io";
/// The table is of names alone, and we read a whole reference.
const NAME_ONLY: Reason = "a name may have a tag here";
/// The table is of the regular expression alone, which does not count.
const LENGTH: Reason = "the path has more than 255 bytes";
/// The table builds a reference from its parts, and never parses the digest.
const DIGEST: Reason = "the digest is too short for its algorithm";
/// The table is of `ParseAnyReference`, which takes image IDs too.
const IMAGE_ID: Reason = "an image ID is no name";
/// The table is of `ParseDockerRef`, which drops a tag beside a digest.
const TAG_KEPT: Reason = "both tag and digest are kept";

const fn row(input: &'static str, upstream: &'static str) -> Row {
    Row { input, upstream, deviation: None }
}

impl Row {
    const fn but(self, reason: Reason, here: &'static str) -> Self {
        Self { deviation: Some(Deviation { reason, here }), ..self }
    }
}

#[test]
fn every_row_of_the_go_package_holds() {
    use {upstream_normalize as normalize, upstream_reference as reference, upstream_regexp as regexp};
    type Reader = fn(&str) -> Option<String>;
    let tables: [(&[Row], Reader); 18] = [
        (normalize::VALIDATE_REFERENCE_NAME, parts),
        (normalize::VALIDATE_REMOTE_NAME, parts),
        (normalize::PARSE_REPOSITORY_INFO, parts),
        (normalize::PARSE_REFERENCE_WITH_TAG_AND_DIGEST, parts),
        (normalize::PARSE_ANY_REFERENCE, parts),
        (normalize::NORMALIZED_SPLIT_HOSTNAME, parts),
        (normalize::PARSE_DOCKER_REF, pulled),
        (reference::REFERENCE_PARSE, parts),
        (reference::WITH_NAME_FAILURE, parts),
        (reference::DOMAIN_AND_PATH, parts),
        (reference::SERIALIZATION, parts),
        (reference::WITH_TAG, parts),
        (reference::WITH_DIGEST, parts),
        (reference::PARSE_NAMED, |text| parts(text).filter(|_| canonical(text) == text)),
        (regexp::FULL_NAME_REGEXP, parts),
        (regexp::REFERENCE_REGEXP, parts),
        (regexp::DOMAIN_REGEXP, |text| grammar::domain(text, 0).is_ok_and(|end| end == text.len()).then(String::new)),
        (regexp::IDENTIFIER_REGEXP, |text| grammar::is_identifier(text).then(String::new)),
    ];
    let (mut rows, mut deviations) = (0, 0);
    for (table, read) in tables {
        for row in table {
            let input = expand(row.input);
            let here = read(&input);
            let outcome = here.as_deref().unwrap_or("refused");
            let holds = |expected: &str| match expected {
                "accepted" => here.is_some(),
                parts => outcome == expand(parts),
            };
            match &row.deviation {
                None => assert!(holds(row.upstream), "{input}: expected {}, but found {outcome}", row.upstream),
                Some(deviation) => {
                    assert!(!holds(row.upstream), "{input}: no longer differs by \"{}\"", deviation.reason);
                    assert!(holds(deviation.here), "{input}: expected {}, but found {outcome}", deviation.here);
                    deviations += 1;
                }
            }
            rows += 1;
        }
    }
    println!("{rows} of 338 rows hold, {deviations} of them as the deviation that they name");
    assert_eq!((rows, deviations), (338, 40));
}

/// `TestInvalidReferenceComponents` of `normalize_test.go`: the three rows that build from parts.
#[test]
fn invalid_components_are_refused() {
    assert!(Reference::parse("-foo").is_err());
    assert!(check_tag("-foo").is_err());
    assert!(check_digest("foo").is_err());
}

/// Where the Go package returns an empty domain: its first component holds a `_`, and yet what
/// makes it one that clients take for a domain.
#[test]
fn a_name_without_a_domain_is_refused() {
    for name in ["my_host.com/x", "a_b.c/x:tag", "do__cker.io/a/b", "a.b_c/x"] {
        assert_eq!(kind(name), Some(Kind::DomainCharacter), "{name}");
    }
}

/// Inputs chosen to tell implementations apart, and what the Go package makes of them.
const TELLING: &[(&str, &str)] = &[
    ("localhost", "docker.io|library/localhost||"),
    ("localhost:5000", "docker.io|library/localhost|5000|"),
    ("localhost/x", "localhost|x||"),
    ("localhost:5000/x", "localhost:5000|x||"),
    ("Localhost/x", "Localhost|x||"),
    ("Foo/bar", "Foo|bar||"),
    ("foo/bar", "docker.io|foo/bar||"),
    ("Foo", "refused"),
    ("foo/Bar", "refused"),
    ("a:b/c", "refused"),
    ("a:1/c", "a:1|c||"),
    ("a:1/c:2", "a:1|c|2|"),
    ("a:/c", "refused"),
    ("x:1:2", "refused"),
    ("docker.io", "docker.io|library/docker.io||"),
    ("docker.io/", "refused"),
    ("docker.io/x", "docker.io|library/x||"),
    ("docker.io/x:1/y", "refused"),
    ("docker.io:443/x", "docker.io:443|x||"),
    ("DOCKER.IO/x", "DOCKER.IO|x||"),
    ("index.docker.io/x:1", "docker.io|library/x|1|"),
    ("index.docker.io/a/b", "docker.io|a/b||"),
    ("index.docker.io:443/x", "index.docker.io:443|x||"),
    ("docker.io/docker.io/x", "docker.io|docker.io/x||"),
    ("index.docker.io/docker.io/x", "docker.io|docker.io/x||"),
    ("registry-1.docker.io/x", "registry-1.docker.io|x||"),
    ("library/{a*64}", "docker.io|library/{a*64}||"),
    ("{a*64}", "refused"),
    ("{a*64}:t", "docker.io|library/{a*64}|t|"),
    ("{a*63}", "docker.io|library/{a*63}||"),
    ("{a*65}", "docker.io|library/{a*65}||"),
    ("{g*64}", "docker.io|library/{g*64}||"),
    ("{a*247}", "docker.io|library/{a*247}||"),
    ("{a*248}", "refused"),
    ("docker.io/{a*248}", "refused"),
    ("docker.io/b/{a*253}", "docker.io|b/{a*253}||"),
    ("docker.io/b/{a*254}", "refused"),
    ("{a*300}.io/x", "{a*300}.io|x||"),
    ("x:{t*128}", "docker.io|library/x|{t*128}|"),
    ("x:{t*129}", "refused"),
    ("x:_.-", "docker.io|library/x|_.-|"),
    ("x:", "refused"),
    ("x:.a", "refused"),
    ("x:a\n", "refused"),
    ("x\n", "refused"),
    ("\nx", "refused"),
    (" x", "refused"),
    ("x\0", "refused"),
    ("x:ä", "refused"),
    ("Ä/x", "refused"),
    ("\u{212a}/x", "refused"),
    ("x:\u{663}", "refused"),
    ("a.b:\u{663}/x", "refused"),
    ("x@sha256:{f*64}", "docker.io|library/x||sha256:{f*64}"),
    ("x@sha384:{f*96}", "docker.io|library/x||sha384:{f*96}"),
    ("x@sha512:{0*128}", "docker.io|library/x||sha512:{0*128}"),
    ("x@sha512:{0*64}", "refused"),
    ("x@sha256:{f*63}", "refused"),
    ("x@sha256:{f*65}", "refused"),
    ("x@sha256:{F*64}", "refused"),
    ("x@SHA256:{f*64}", "refused"),
    ("x@md5:{f*32}", "refused"),
    ("x@sha256+b64u:{f*64}", "refused"),
    ("x@sha256:{f*64}\n", "refused"),
    ("x@sha256:{f*64}@sha256:{f*64}", "refused"),
    ("x@sha256:{f*64}:tag", "refused"),
    ("x@", "refused"),
    ("x:@sha256:{f*64}", "refused"),
    ("a.b/x@sha256:{f*64}/y", "refused"),
    ("a__b/a--b", "docker.io|a__b/a--b||"),
    ("a___b", "refused"),
    ("a_.b", "refused"),
    ("a..b", "refused"),
    ("a.-b", "refused"),
    ("a-_b", "refused"),
    ("a-", "refused"),
    ("a-.b/x", "refused"),
    ("a.-b/x", "refused"),
    ("a--b.c/x", "a--b.c|x||"),
    ("a.b./x", "refused"),
    (".b/x", "refused"),
    ("1.2/x", "1.2|x||"),
    ("[::1]/x", "[::1]|x||"),
    ("[:]/x", "[:]|x||"),
    ("[]/x", "refused"),
    ("[]:80/x", "refused"),
    ("[::1/x", "refused"),
    ("[::1]a/x", "refused"),
    ("[::1]", "refused"),
    ("[::ffff:1.2.3.4]/x", "refused"),
    ("a.b:0/x", "a.b:0|x||"),
    ("a.b:{9*99}/x", "a.b:{9*99}|x||"),
    ("a//b", "refused"),
    ("/a", "refused"),
    ("a/", "refused"),
    ("/", "refused"),
    ("", "refused"),
];

#[test]
fn names_that_tell_implementations_apart() {
    for (input, expected) in TELLING {
        let outcome = parts(&expand(input)).unwrap_or("refused".into());
        assert_eq!(outcome, expand(expected), "{input:?}");
    }
}

#[test]
fn a_megabyte_is_refused_where_it_stops_making_sense() {
    let cases = [
        ("a", "", Kind::PathTooLong, 247),
        ("a", ".io/", Kind::PathComponent, 1_000_004),
        ("a/", "a", Kind::PathTooLong, 255),
        ("a-", "", Kind::PathSeparator, 2_000_000),
        ("x:", "", Kind::TagCharacter, 3),
        ("\0", "", Kind::PathComponent, 0),
        ("ä", "", Kind::PathComponent, 0),
        ("Ä/", "", Kind::PathComponent, 0),
        (".", "/", Kind::DomainComponent, 0),
    ];
    for (piece, end, expected, offset) in cases {
        let text = piece.repeat(1_000_000) + end;
        let error = Reference::parse(&text).unwrap_err();
        assert_eq!((error.kind(), error.offset()), (expected, offset), "{piece:?}");
    }
    let digits = format!("x@sha256:{}", "f".repeat(1_000_000));
    assert_eq!(kind(&digits), Some(Kind::DigestLength(DigestAlgorithm::Sha256)));
}

#[test]
fn only_an_implied_library_is_allocated() {
    let is_borrowed = |text: &str| matches!(Reference::parse(text).unwrap().path, Cow::Borrowed(_));
    assert!(is_borrowed("quay.io/a/b:1"));
    assert!(is_borrowed("a/b"));
    assert!(!is_borrowed("nginx"));
}

#[test]
fn what_no_policy_allows() {
    use NeverAllowed::{ImageId, Port, TooLong};
    let cases = [
        ("sha256:{a*64}", Some(ImageId)),
        ("sha256:abc", Some(ImageId)),
        ("sha384:1", Some(ImageId)),
        ("sha512:not-hex", Some(ImageId)),
        ("sha256:abc@sha256:{a*64}", Some(ImageId)),
        ("sha256", None),
        ("sha257:abc", None),
        ("library/sha256:abc", None),
        ("sha256@sha256:{a*64}", None),
        ("a.b:0/x", Some(Port)),
        ("a.b:000/x", Some(Port)),
        ("a.b:00443/x", None),
        ("a.b:65535/x", None),
        ("a.b:65536/x", Some(Port)),
        ("a.b:{9*99}/x", Some(Port)),
        ("a.b:{0*99}1/x", None),
        ("[::0]/x", None),
        ("[::1]:0/x", Some(Port)),
        ("x:0", None),
        ("{a*1019}.io/x", None),
        ("{a*1020}.io/x", Some(TooLong)),
    ];
    for (input, expected) in cases {
        let text = expand(input);
        assert_eq!(Reference::parse(&text).unwrap().never_allowed(), expected, "{input}");
    }
}

#[test]
fn whole_texts_are_checked() {
    for component in ["a", "nvaie", "a.b_c__d---e", "0"] {
        assert_eq!(check_path_component(component), Ok(()));
    }
    for component in ["", "a/b", "A", "a.", "a:b", "*", "a "] {
        assert!(check_path_component(component).is_err(), "{component:?}");
    }
    assert_eq!(check_tag(&"t".repeat(128)), Ok(()));
    for tag in ["", ".a", "a@b", "v*", "a ", "ä"] {
        assert!(check_tag(tag).is_err(), "{tag:?}");
    }
    assert_eq!(check_digest(&expand("sha384:{0*96}")), Ok(()));
    for digest in ["", "sha256", "sha256:", "sha256:*", "sha256:{0*64} "] {
        assert!(check_digest(&expand(digest)).is_err(), "{digest:?}");
    }
}

fn parts(text: &str) -> Option<String> {
    let name = Reference::parse(text).ok()?;
    let (tag, digest) = (name.tag().unwrap_or_default(), name.digest().unwrap_or_default());
    Some(format!("{}|{}|{tag}|{digest}", name.domain(), name.path()))
}

fn pulled(text: &str) -> Option<String> {
    let name = Reference::parse(text).ok()?.comparison();
    let (tag, digest) = (name.pulled_tag().unwrap_or_default(), name.digest().unwrap_or_default());
    Some(format!("{}|{}|{tag}|{digest}", name.domain(), name.path()))
}

fn canonical(text: &str) -> String {
    Reference::parse(text).map(|name| name.to_string()).unwrap_or_default()
}

fn kind(text: &str) -> Option<Kind> {
    Reference::parse(text).err().map(|error| error.kind())
}

/// Writes out `{a*3}` as `aaa`.
fn expand(text: &str) -> String {
    let mut expanded = String::new();
    let mut rest = text;
    while let Some((before, repeat)) = rest.split_once('{') {
        let (repeat, after) = repeat.split_once('}').unwrap();
        let (piece, times) = repeat.split_once('*').unwrap();
        expanded.push_str(before);
        expanded.push_str(&piece.repeat(times.parse().unwrap()));
        rest = after;
    }
    expanded + rest
}
