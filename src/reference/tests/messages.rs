//! What people read: one message for each rule.

use insta::assert_snapshot;

use super::{NeverAllowed, expand};
use crate::reference::{Domain, ParseError, Reference, check_digest, check_path_component, check_tag};

fn name(text: &str) -> ParseError {
    Reference::parse(&expand(text)).unwrap_err()
}

fn domain(text: &str) -> ParseError {
    Domain::parse(text).unwrap_err()
}

#[test]
fn of_a_name_as_a_whole() {
    assert_snapshot!(name(""), @"expected an image name, but found the end at byte 0");
    assert_snapshot!(name("{a*64}"), @"expected the name of a repository, but found 64 hexadecimal digits, which clients take for an image ID, at byte 0; write the name with its domain, such as `docker.io/library/NAME`");
    assert_snapshot!(name("https://quay.io/a/b"), @"expected a name without a scheme, but found `://` at byte 5; leave out all that stands before the host name");
    assert_snapshot!(name("nginx "), @"expected a lower-case letter, a digit or a separator in the path, but found ` ` at byte 5");
    assert_snapshot!(name("nginx\n"), @r"expected a lower-case letter, a digit or a separator in the path, but found `\n` at byte 5");
}

#[test]
fn of_a_domain() {
    assert_snapshot!(name("my_host.com/x"), @"expected a letter, a digit, `.`, `-` or `:` and a port in the domain, but found `_` at byte 2");
    assert_snapshot!(name("a.-b/x"), @"expected a letter or a digit of the domain, but found `-` at byte 2");
    assert_snapshot!(name("a.b./x"), @"expected a letter or a digit of the domain, but found `/` at byte 4");
    assert_snapshot!(name("[fe80::1%eth0]/x"), @"expected an IPv6 address of hexadecimal digits and `:`, and `]`, but found `%` at byte 8");
    assert_snapshot!(name("quay.io:http/x"), @"expected a digit of the port, but found `h` at byte 8");
    assert_snapshot!(name("qu\u{430}y.io/x"), @"expected a letter, a digit, `.`, `-` or `:` and a port in the domain, but found `а` (U+0430) at byte 2");
}

#[test]
fn of_a_path() {
    assert_snapshot!(name("quay.io/"), @"expected a lower-case letter or a digit to begin a component of the path, but found the end at byte 8");
    assert_snapshot!(name("quay.io//a"), @"expected a lower-case letter or a digit to begin a component of the path, but found `/` at byte 8");
    assert_snapshot!(name("quay.io/Team/a"), @"expected a path in lower case, but found `T` at byte 8");
    assert_snapshot!(name("a..b"), @"expected a lower-case letter or a digit after the separator (one of `.`, `_`, `__` and any number of `-`), but found `.` at byte 2");
    assert_snapshot!(name("a___b"), @"expected a lower-case letter or a digit after the separator (one of `.`, `_`, `__` and any number of `-`), but found `_` at byte 3");
    assert_snapshot!(name("a-"), @"expected a lower-case letter or a digit after the separator (one of `.`, `_`, `__` and any number of `-`), but found the end at byte 2");
    assert_snapshot!(name("a\u{202e}b"), @r"expected a lower-case letter, a digit or a separator in the path, but found `\u{202e}` (U+202E) at byte 1");
    assert_snapshot!(name("{a*248}"), @"expected a path of at most 255 bytes, but found 256 at byte 247; `library/` counts where it is implied");
    assert_snapshot!(check_path_component("a/b").unwrap_err(), @"expected a lower-case letter, a digit or a separator in the path, but found `/` at byte 1");
}

#[test]
fn of_a_tag() {
    assert_snapshot!(name("x:"), @"expected a letter, a digit or `_` to begin the tag, but found the end at byte 2");
    assert_snapshot!(name("x:-a"), @"expected a letter, a digit or `_` to begin the tag, but found `-` at byte 2");
    assert_snapshot!(name("x:1+2"), @"expected a letter, a digit, `_`, `.` or `-` in the tag, but found `+` at byte 3");
    assert_snapshot!(name("x:{t*129}"), @"expected a tag of at most 128 bytes, but found 129 at byte 130");
    assert_snapshot!(check_tag("a b").unwrap_err(), @"expected a letter, a digit, `_`, `.` or `-` in the tag, but found ` ` at byte 1");
}

#[test]
fn of_a_digest() {
    assert_snapshot!(name("x@"), @"expected a digest that begins with `sha256:`, `sha384:` or `sha512:`, but found the end at byte 2");
    assert_snapshot!(name("x@md5:{0*32}"), @"expected a digest that begins with `sha256:`, `sha384:` or `sha512:`, but found something else at byte 2");
    assert_snapshot!(name("x@sha256:{0*63}"), @"expected 64 digits after `sha256:`, but found 63 at byte 72");
    assert_snapshot!(name("x@sha512:{0*129}"), @"expected 128 digits after `sha512:`, but found 129 at byte 137");
    assert_snapshot!(name("x@sha256:{F*64}"), @"expected a lower-case hexadecimal digit of the digest, but found `F` at byte 9");
    assert_snapshot!(check_digest("sha384:").unwrap_err(), @"expected 96 digits after `sha384:`, but found 0 at byte 7");
}

#[test]
fn of_a_domain_in_a_policy() {
    assert_snapshot!(domain("harbor"), @"expected a domain with a `.` or a port, but found a bare host name at byte 0; every client would read it as a path on docker.io: write the port too, such as `HOST:443`");
    assert_snapshot!(domain("https://harbor.potus.local"), @"expected a name without a scheme, but found `://` at byte 5; leave out all that stands before the host name");
    assert_snapshot!(domain("harbor.potus.local/nvidiaio"), @"expected a domain alone, but found `/` at byte 18; leave out the `/` and what follows");
    assert_snapshot!(domain("harbor.potus.local:65536"), @"expected a port from 1 to 65535, but found another number at byte 19");
}

#[test]
fn of_what_is_never_allowed() {
    assert_snapshot!(NeverAllowed::ImageId, @"expected a name that says where to pull from, but found an image ID, which a node resolves to whatever image it holds; write `REGISTRY/PATH@sha256:DIGEST`");
    assert_snapshot!(NeverAllowed::Port, @"expected a port from 1 to 65535, but found another number after the domain");
    assert_snapshot!(NeverAllowed::TooLong, @"expected a name of at most 1024 bytes, but found a longer one");
}
