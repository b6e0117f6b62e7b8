//! The comparison form, and the domains of a policy.

use super::{Kind, expand};
use crate::reference::{Domain, Reference, comparison::fold_domain};
use std::borrow::Cow;

#[test]
fn a_familiar_name_leaves_out_what_docker_hub_implies() {
    let cases = [
        ("docker.io/library/nginx:1", "nginx:1"),
        ("index.docker.io/nginx", "nginx"),
        ("docker.io/a/b@sha256:{0*64}", "a/b@sha256:{0*64}"),
        ("docker.io/library/a/b", "library/a/b"),
        ("Quay.io:443/library/a", "quay.io/library/a"),
    ];
    for (written, familiar) in cases {
        let written = expand(written);
        let form = Reference::parse(&written).expect(&written).comparison();
        assert_eq!(form.familiar().to_string(), expand(familiar), "{written}");
        let again = form.familiar().to_string();
        assert_eq!(Reference::parse(&again).expect(&again).comparison(), form);
    }
}

#[test]
fn what_is_pulled_from_the_same_place_compares_alike() {
    let cases = [
        ("nginx", "docker.io/library/nginx"),
        ("DOCKER.IO:0443/nginx", "docker.io/library/nginx"),
        ("Docker.io/a/b:T", "docker.io/a/b:T"),
        ("index.docker.io:443/nginx", "docker.io/library/nginx"),
        ("Index.Docker.IO/nginx:1", "docker.io/library/nginx:1"),
        ("registry-1.docker.io/nginx", "docker.io/library/nginx"),
        ("registry-1.docker.io/library/nginx", "docker.io/library/nginx"),
        ("REGISTRY.hub.docker.com:00443/a/b", "docker.io/a/b"),
        ("docker.io:5000/nginx", "docker.io:5000/nginx"),
        ("docker.io:80/nginx", "docker.io:80/nginx"),
        ("registry-1.docker.io:444/nginx", "registry-1.docker.io:444/nginx"),
        ("hub.docker.com/nginx", "hub.docker.com/nginx"),
        ("NVCR.io:443/nvidia/driver", "nvcr.io/nvidia/driver"),
        ("nvcr.io:0/x", "nvcr.io:0/x"),
        ("nvcr.io:000/x", "nvcr.io:0/x"),
        ("nvcr.io:{0*40}5000/x", "nvcr.io:5000/x"),
        ("nvcr.io:{9*40}/x", "nvcr.io:{9*40}/x"),
        ("nvcr.io:4430/x", "nvcr.io:4430/x"),
        ("Foo/x", "foo/x"),
        ("host:443/x", "host/x"),
        ("LOCALHOST/x", "localhost/x"),
        ("localhost:0443/x", "localhost/x"),
        ("[2001:0DB8:0:0:0:0:0:1]/x", "[2001:db8::1]/x"),
        ("[2001:db8::0:1]:443/x", "[2001:db8::1]/x"),
        ("[2001:DB8::1]:05000/x", "[2001:db8::1]:5000/x"),
        ("[0:0:0:0:0:0:0:0]/x", "[::]/x"),
        ("[0:0:0:0:0:0:0:1]/x", "[::1]/x"),
        ("[1:0:0:0:0:0:0:0]/x", "[1::]/x"),
        ("[1:0:0:2:0:0:0:3]/x", "[1:0:0:2::3]/x"),
        ("[1:0:0:2:3:0:0:4]/x", "[1::2:3:0:0:4]/x"),
        ("[1:0:2:3:4:5:6:7]/x", "[1:0:2:3:4:5:6:7]/x"),
        ("[1::2:3:4:5:6:7]/x", "[1:0:2:3:4:5:6:7]/x"),
        ("[0:0:0:0:0:ffff:7f00:1]/x", "[::ffff:7f00:1]/x"),
        ("[::7f00:0001]/x", "[::7f00:1]/x"),
        ("[::FFFF]/x", "[::ffff]/x"),
        ("[FD00123]:0443/x", "[fd00123]/x"),
        ("[:::]:1/x", "[:::]:1/x"),
        ("DOCKER.IO/{a*255}", "docker.io/library/{a*255}"),
    ];
    for (input, expected) in cases {
        let input = expand(input);
        let form = Reference::parse(&input).unwrap().comparison();
        assert_eq!(form.to_string(), expand(expected), "{input}");
        assert_eq!(fold_domain(form.domain()), form.domain(), "{input}");
    }
}

#[test]
fn what_is_folded_already_is_borrowed() {
    for domain in ["docker.io", "nvcr.io:5000", "[2001:db8::1]:1", "[:::]"] {
        assert!(matches!(fold_domain(domain), Cow::Borrowed(_)), "{domain}");
    }
}

#[test]
fn latest_is_pulled_where_nothing_is_asked_for() {
    let digest = expand("sha256:{a*64}");
    let pulled = |text: &str| Reference::parse(text).unwrap().comparison().pulled_tag().map(str::to_owned);
    assert_eq!(pulled("x").as_deref(), Some("latest"));
    assert_eq!(pulled("x:1").as_deref(), Some("1"));
    assert_eq!(pulled(&format!("x:1@{digest}")).as_deref(), Some("1"));
    assert_eq!(pulled(&format!("x@{digest}")), None);
}

#[test]
fn the_same_image_on_another_registry() {
    let name = expand("harbor.potus.local/dockerhub/nginx:1@sha256:{a*64}");
    let form = Reference::parse(&name).unwrap().comparison();
    let at = |registry: &str, path: &str| form.at(&Domain::parse(registry).unwrap(), path).to_string();
    assert_eq!(at("index.docker.io", "nginx"), expand("docker.io/library/nginx:1@sha256:{a*64}"));
    assert_eq!(at("docker.io", "a/b"), expand("docker.io/a/b:1@sha256:{a*64}"));
    assert_eq!(at("NVCR.io", "nginx"), expand("nvcr.io/nginx:1@sha256:{a*64}"));
}

#[test]
fn domains_of_a_policy() {
    let cases = [
        ("nvcr.io", "nvcr.io"),
        ("NVCR.IO:0443", "nvcr.io"),
        ("index.docker.io", "docker.io"),
        ("registry-1.docker.io:443", "docker.io"),
        ("localhost", "localhost"),
        ("localhost:5000", "localhost:5000"),
        ("Harbor", "harbor"),
        ("harbor:443", "harbor"),
        ("harbor:65535", "harbor:65535"),
        ("[::1]", "[::1]"),
        ("[0::1]:8443", "[::1]:8443"),
    ];
    for (text, expected) in cases {
        assert_eq!(Domain::parse(text).unwrap().as_str(), expected);
    }
    let cases = [
        ("harbor", Kind::DomainTakenForPath, 0),
        ("a-b", Kind::DomainTakenForPath, 0),
        ("", Kind::DomainComponent, 0),
        ("https://harbor.io", Kind::Scheme, 5),
        ("http://harbor.io/x", Kind::Scheme, 4),
        ("harbor.io/", Kind::DomainWithPath, 9),
        ("harbor.io/project", Kind::DomainWithPath, 9),
        ("harbor/project", Kind::DomainWithPath, 6),
        ("harbor.io:", Kind::PortNumber, 10),
        ("harbor.io:http", Kind::PortNumber, 10),
        ("harbor.io:80a", Kind::DomainCharacter, 12),
        ("harbor.io:0", Kind::PortRange, 10),
        ("[::1]:65536", Kind::PortRange, 6),
        ("my_host.io", Kind::DomainCharacter, 2),
        ("harbor.io.", Kind::DomainComponent, 10),
        ("-harbor.io", Kind::DomainComponent, 0),
        ("harbor-.io", Kind::DomainComponent, 7),
        ("harbor.io ", Kind::DomainCharacter, 9),
        ("*.io", Kind::DomainComponent, 0),
        ("härbor.io", Kind::DomainCharacter, 1),
        ("[::1", Kind::Ipv6Address, 4),
        ("[fe80::1%eth0]", Kind::Ipv6Address, 8),
    ];
    for (text, kind, offset) in cases {
        let error = Domain::parse(text).unwrap_err();
        assert_eq!((error.kind(), error.offset()), (kind, offset), "{text:?}");
    }
}
