//! The rows of distribution/reference's `reference_test.go`, v0.6.0
//! (<https://github.com/distribution/reference/blob/v0.6.0/reference_test.go>).

use super::{DIGEST, FAMILIAR, NAME_ONLY, Row, row};

/// `TestReferenceParse`
pub(super) const REFERENCE_PARSE: &[Row] = &[
    row("test_com", "|test_com||").but(FAMILIAR, "docker.io|library/test_com||"),
    row("test.com:tag", "|test.com|tag|").but(FAMILIAR, "docker.io|library/test.com|tag|"),
    row("test.com:5000", "|test.com|5000|").but(FAMILIAR, "docker.io|library/test.com|5000|"),
    row("test.com/repo:tag", "test.com|repo|tag|"),
    row("test:5000/repo", "test:5000|repo||"),
    row("test:5000/repo:tag", "test:5000|repo|tag|"),
    row("test:5000/repo@sha256:{f*64}", "test:5000|repo||sha256:{f*64}"),
    row("test:5000/repo:tag@sha256:{f*64}", "test:5000|repo|tag|sha256:{f*64}"),
    row("test:5000/repo", "test:5000|repo||"),
    row("", "refused"),
    row(":justtag", "refused"),
    row("@sha256:{f*64}", "refused"),
    row("repo@sha256:ffffffffffffffffffffffffffffffffff", "refused"),
    row("validname@invaliddigest:{f*64}", "refused"),
    row("Uppercase:tag", "refused"),
    row("test:5000/Uppercase/lowercase:tag", "refused"),
    row("lowercase:Uppercase", "|lowercase|Uppercase|").but(FAMILIAR, "docker.io|library/lowercase|Uppercase|"),
    row("domain/{a*256}:tag", "refused"),
    row("{a/*127}a:tag-puts-this-over-max", "a|{a/*126}a|tag-puts-this-over-max|")
        .but(FAMILIAR, "docker.io|{a/*127}a|tag-puts-this-over-max|"),
    row("aa/asdf$$^/aa", "refused"),
    row("sub-dom1.foo.com/bar/baz/quux", "sub-dom1.foo.com|bar/baz/quux||"),
    row("sub-dom1.foo.com/bar/baz/quux:some-long-tag", "sub-dom1.foo.com|bar/baz/quux|some-long-tag|"),
    row("b.gcr.io/test.example.com/my-app:test.example.com", "b.gcr.io|test.example.com/my-app|test.example.com|"),
    row("xn--n3h.com/myimage:xn--n3h.com", "xn--n3h.com|myimage|xn--n3h.com|"),
    row("xn--7o8h.com/myimage:xn--7o8h.com@sha512:{f*128}", "xn--7o8h.com|myimage|xn--7o8h.com|sha512:{f*128}"),
    row("foo_bar.com:8080", "|foo_bar.com|8080|").but(FAMILIAR, "docker.io|library/foo_bar.com|8080|"),
    row("foo/foo_bar.com:8080", "foo|foo_bar.com|8080|").but(FAMILIAR, "docker.io|foo/foo_bar.com|8080|"),
    row("192.168.1.1", "|192.168.1.1||").but(FAMILIAR, "docker.io|library/192.168.1.1||"),
    row("192.168.1.1:tag", "|192.168.1.1|tag|").but(FAMILIAR, "docker.io|library/192.168.1.1|tag|"),
    row("192.168.1.1:5000", "|192.168.1.1|5000|").but(FAMILIAR, "docker.io|library/192.168.1.1|5000|"),
    row("192.168.1.1/repo", "192.168.1.1|repo||"),
    row("192.168.1.1:5000/repo", "192.168.1.1:5000|repo||"),
    row("192.168.1.1:5000/repo:5050", "192.168.1.1:5000|repo|5050|"),
    row("[2001:db8::1]", "refused"),
    row("[2001:db8::1]:5000", "refused"),
    row("[2001:db8::1]:tag", "refused"),
    row("[2001:db8::1]/repo", "[2001:db8::1]|repo||"),
    row("[2001:db8:1:2:3:4:5:6]/repo:tag", "[2001:db8:1:2:3:4:5:6]|repo|tag|"),
    row("[2001:db8::1]:5000/repo", "[2001:db8::1]:5000|repo||"),
    row("[2001:db8::1]:5000/repo:tag", "[2001:db8::1]:5000|repo|tag|"),
    row("[2001:db8::1]:5000/repo@sha256:{f*64}", "[2001:db8::1]:5000|repo||sha256:{f*64}"),
    row("[2001:db8::1]:5000/repo:tag@sha256:{f*64}", "[2001:db8::1]:5000|repo|tag|sha256:{f*64}"),
    row("[2001:db8::]:5000/repo", "[2001:db8::]:5000|repo||"),
    row("[::1]:5000/repo", "[::1]:5000|repo||"),
    row("[fe80::1%eth0]:5000/repo", "refused"),
    row("[fe80::1%@invalidzone]:5000/repo", "refused"),
    row("example.com/{a*255}:tag", "example.com|{a*255}|tag|"),
];

/// `TestWithNameFailure`
pub(super) const WITH_NAME_FAILURE: &[Row] = &[
    row("", "refused"),
    row(":justtag", "refused"),
    row("@sha256:{f*64}", "refused"),
    row("validname@invaliddigest:{f*64}", "refused"),
    row("example.com/repo:tag", "refused").but(NAME_ONLY, "example.com|repo|tag|"),
    row("example.com/{a*256}", "refused"),
    row("aa/asdf$$^/aa", "refused"),
];

/// `TestDomainAndPath`
pub(super) const DOMAIN_AND_PATH: &[Row] = &[
    row("test.com/foo", "test.com|foo||"),
    row("test_com/foo", "|test_com/foo||").but(FAMILIAR, "docker.io|test_com/foo||"),
    row("test:8080/foo", "test:8080|foo||"),
    row("test.com:8080/foo", "test.com:8080|foo||"),
    row("test-com:8080/foo", "test-com:8080|foo||"),
    row("xn--n3h.com:18080/foo", "xn--n3h.com:18080|foo||"),
];

/// `TestSerialization`
pub(super) const SERIALIZATION: &[Row] = &[
    row("", "refused"),
    row("example.com:8000/named", "example.com:8000|named||"),
    row("example.com:8000/named:tagged", "example.com:8000|named|tagged|"),
    row(
        "other.com/named@sha256:1234567890098765432112345667890098765432112345667890098765432112",
        "other.com|named||sha256:1234567890098765432112345667890098765432112345667890098765432112",
    ),
];

/// `TestWithTag`
pub(super) const WITH_TAG: &[Row] = &[
    row("test.com/foo:tag", "test.com|foo|tag|"),
    row("foo:tag2", "|foo|tag2|").but(FAMILIAR, "docker.io|library/foo|tag2|"),
    row("test.com:8000/foo:tag4", "test.com:8000|foo|tag4|"),
    row("test.com:8000/foo:TAG5", "test.com:8000|foo|TAG5|"),
    row(
        "test.com:8000/foo:TAG5@sha256:1234567890098765432112345667890098765",
        "test.com:8000|foo|TAG5|sha256:1234567890098765432112345667890098765",
    )
    .but(DIGEST, "refused"),
];

/// `TestWithDigest`
pub(super) const WITH_DIGEST: &[Row] = &[
    row(
        "test.com/foo@sha256:1234567890098765432112345667890098765",
        "test.com|foo||sha256:1234567890098765432112345667890098765",
    )
    .but(DIGEST, "refused"),
    row("foo@sha256:1234567890098765432112345667890098765", "|foo||sha256:1234567890098765432112345667890098765")
        .but(DIGEST, "refused"),
    row(
        "test.com:8000/foo@sha256:1234567890098765432112345667890098765",
        "test.com:8000|foo||sha256:1234567890098765432112345667890098765",
    )
    .but(DIGEST, "refused"),
    row(
        "test.com:8000/foo:latest@sha256:1234567890098765432112345667890098765",
        "test.com:8000|foo|latest|sha256:1234567890098765432112345667890098765",
    )
    .but(DIGEST, "refused"),
];

/// `TestParseNamed`
pub(super) const PARSE_NAMED: &[Row] = &[
    row("test.com/foo", "test.com|foo||"),
    row("test:8080/foo", "test:8080|foo||"),
    row("test_com/foo", "refused"),
    row("test.com", "refused"),
    row("foo", "refused"),
    row("library/foo", "refused"),
    row("docker.io/library/foo", "docker.io|library/foo||"),
    row("docker.io/foo", "refused"),
];
