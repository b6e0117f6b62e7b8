//! The rows of distribution/reference's `regexp_test.go`, v0.6.0
//! (<https://github.com/distribution/reference/blob/v0.6.0/regexp_test.go>).

use super::{FAMILIAR, LENGTH, NAME_ONLY, Row, row};

/// `TestFullNameRegexp`
pub(super) const FULL_NAME_REGEXP: &[Row] = &[
    row("", "refused"),
    row("short", "|short||").but(FAMILIAR, "docker.io|library/short||"),
    row("simple/name", "simple|name||").but(FAMILIAR, "docker.io|simple/name||"),
    row("library/ubuntu", "library|ubuntu||").but(FAMILIAR, "docker.io|library/ubuntu||"),
    row("docker/stevvooe/app", "docker|stevvooe/app||").but(FAMILIAR, "docker.io|docker/stevvooe/app||"),
    row("aa/aa/aa/aa/aa/aa/aa/aa/aa/bb/bb/bb/bb/bb/bb", "aa|aa/aa/aa/aa/aa/aa/aa/aa/bb/bb/bb/bb/bb/bb||")
        .but(FAMILIAR, "docker.io|aa/aa/aa/aa/aa/aa/aa/aa/aa/bb/bb/bb/bb/bb/bb||"),
    row("aa/aa/bb/bb/bb", "aa|aa/bb/bb/bb||").but(FAMILIAR, "docker.io|aa/aa/bb/bb/bb||"),
    row("a/a/a/a", "a|a/a/a||").but(FAMILIAR, "docker.io|a/a/a/a||"),
    row("a/a/a/a/", "refused"),
    row("a//a/a", "refused"),
    row("a", "|a||").but(FAMILIAR, "docker.io|library/a||"),
    row("a/aa", "a|aa||").but(FAMILIAR, "docker.io|a/aa||"),
    row("a/aa/a", "a|aa/a||").but(FAMILIAR, "docker.io|a/aa/a||"),
    row("foo.com", "|foo.com||").but(FAMILIAR, "docker.io|library/foo.com||"),
    row("foo.com/", "refused"),
    row("foo.com:8080/bar", "foo.com:8080|bar||"),
    row("foo.com:http/bar", "refused"),
    row("foo.com/bar", "foo.com|bar||"),
    row("foo.com/bar/baz", "foo.com|bar/baz||"),
    row("localhost:8080/bar", "localhost:8080|bar||"),
    row("sub-dom1.foo.com/bar/baz/quux", "sub-dom1.foo.com|bar/baz/quux||"),
    row("blog.foo.com/bar/baz", "blog.foo.com|bar/baz||"),
    row("a^a", "refused"),
    row("aa/asdf$$^/aa", "refused"),
    row("asdf$$^/aa", "refused"),
    row("aa-a/a", "aa-a|a||").but(FAMILIAR, "docker.io|aa-a/a||"),
    row("{a/*128}a", "a|{a/*127}a||").but(LENGTH, "refused"),
    row("a-/a/a/a", "refused"),
    row("foo.com/a-/a/a", "refused"),
    row("-foo/bar", "refused"),
    row("foo/bar-", "refused"),
    row("foo-/bar", "refused"),
    row("foo/-bar", "refused"),
    row("_foo/bar", "refused"),
    row("foo_bar", "|foo_bar||").but(FAMILIAR, "docker.io|library/foo_bar||"),
    row("foo_bar.com", "|foo_bar.com||").but(FAMILIAR, "docker.io|library/foo_bar.com||"),
    row("foo_bar.com:8080", "refused").but(NAME_ONLY, "docker.io|library/foo_bar.com|8080|"),
    row("foo_bar.com:8080/app", "refused"),
    row("foo.com/foo_bar", "foo.com|foo_bar||"),
    row("____/____", "refused"),
    row("_docker/_docker", "refused"),
    row("docker_/docker_", "refused"),
    row("b.gcr.io/test.example.com/my-app", "b.gcr.io|test.example.com/my-app||"),
    row("xn--n3h.com/myimage", "xn--n3h.com|myimage||"),
    row("xn--7o8h.com/myimage", "xn--7o8h.com|myimage||"),
    row("example.com/xn--7o8h.com/myimage", "example.com|xn--7o8h.com/myimage||"),
    row("example.com/some_separator__underscore/myimage", "example.com|some_separator__underscore/myimage||"),
    row("example.com/__underscore/myimage", "refused"),
    row("example.com/..dots/myimage", "refused"),
    row("example.com/.dots/myimage", "refused"),
    row("example.com/nodouble..dots/myimage", "refused"),
    row("example.com/nodouble..dots/myimage", "refused"),
    row("docker./docker", "refused"),
    row(".docker/docker", "refused"),
    row("docker-/docker", "refused"),
    row("-docker/docker", "refused"),
    row("do..cker/docker", "refused"),
    row("do__cker:8080/docker", "refused"),
    row("do__cker/docker", "|do__cker/docker||").but(FAMILIAR, "docker.io|do__cker/docker||"),
    row("b.gcr.io/test.example.com/my-app", "b.gcr.io|test.example.com/my-app||"),
    row(
        "registry.io/foo/project--id.module--name.ver---sion--name",
        "registry.io|foo/project--id.module--name.ver---sion--name||",
    ),
    row("Asdf.com/foo/bar", "accepted"),
    row("Foo/FarB", "refused"),
];

/// `TestReferenceRegexp`
pub(super) const REFERENCE_REGEXP: &[Row] = &[
    row("registry.com:8080/myapp:tag", "registry.com:8080|myapp|tag|"),
    row(
        "registry.com:8080/myapp@sha256:be178c0543eb17f5f3043021c9e5fcf30285e557a4fc309cce97ff9ca6182912",
        "registry.com:8080|myapp||sha256:be178c0543eb17f5f3043021c9e5fcf30285e557a4fc309cce97ff9ca6182912",
    ),
    row(
        "registry.com:8080/myapp:tag2@sha256:be178c0543eb17f5f3043021c9e5fcf30285e557a4fc309cce97ff9ca6182912",
        "registry.com:8080|myapp|tag2|sha256:be178c0543eb17f5f3043021c9e5fcf30285e557a4fc309cce97ff9ca6182912",
    ),
    row("registry.com:8080/myapp@sha256:badbadbadbad", "refused"),
    row("registry.com:8080/myapp:invalid~tag", "refused"),
    row("bad_hostname.com:8080/myapp:tag", "refused"),
    row(
        "localhost:8080@sha256:be178c0543eb17f5f3043021c9e5fcf30285e557a4fc309cce97ff9ca6182912",
        "|localhost|8080|sha256:be178c0543eb17f5f3043021c9e5fcf30285e557a4fc309cce97ff9ca6182912",
    )
    .but(
        FAMILIAR,
        "docker.io|library/localhost|8080|sha256:be178c0543eb17f5f3043021c9e5fcf30285e557a4fc309cce97ff9ca6182912",
    ),
    row(
        "localhost:8080/name@sha256:be178c0543eb17f5f3043021c9e5fcf30285e557a4fc309cce97ff9ca6182912",
        "localhost:8080|name||sha256:be178c0543eb17f5f3043021c9e5fcf30285e557a4fc309cce97ff9ca6182912",
    ),
    row("localhost:http/name@sha256:be178c0543eb17f5f3043021c9e5fcf30285e557a4fc309cce97ff9ca6182912", "refused"),
    row(
        "localhost@sha256:be178c0543eb17f5f3043021c9e5fcf30285e557a4fc309cce97ff9ca6182912",
        "|localhost||sha256:be178c0543eb17f5f3043021c9e5fcf30285e557a4fc309cce97ff9ca6182912",
    )
    .but(
        FAMILIAR,
        "docker.io|library/localhost||sha256:be178c0543eb17f5f3043021c9e5fcf30285e557a4fc309cce97ff9ca6182912",
    ),
    row("registry.com:8080/myapp@bad", "refused"),
    row("registry.com:8080/myapp@2bad", "refused"),
];

/// `TestDomainRegexp`
pub(super) const DOMAIN_REGEXP: &[Row] = &[
    row("test.com", "accepted"),
    row("test.com:10304", "accepted"),
    row("test.com:http", "refused"),
    row("localhost", "accepted"),
    row("localhost:8080", "accepted"),
    row("a", "accepted"),
    row("a.b", "accepted"),
    row("ab.cd.com", "accepted"),
    row("a-b.com", "accepted"),
    row("-ab.com", "refused"),
    row("ab-.com", "refused"),
    row("ab.c-om", "accepted"),
    row("ab.-com", "refused"),
    row("ab.com-", "refused"),
    row("0101.com", "accepted"),
    row("001a.com", "accepted"),
    row("b.gbc.io:443", "accepted"),
    row("b.gbc.io", "accepted"),
    row("xn--n3h.com", "accepted"),
    row("Asdf.com", "accepted"),
    row("192.168.1.1:75050", "accepted"),
    row("192.168.1.1:750050", "accepted"),
    row("[fd00:1:2::3]:75050", "accepted"),
    row("[fd00:1:2::3]75050", "refused"),
    row("[fd00:1:2::3]::75050", "refused"),
    row("[fd00:1:2::3%eth0]:75050", "refused"),
    row("[fd00123123123]:75050", "accepted"),
    row("[2001:0db8:85a3:0000:0000:8a2e:0370:7334]:75050", "accepted"),
    row("[2001:0db8:85a3:0000:0000:8a2e:0370:7334]:750505", "accepted"),
    row("fd00:1:2::3:75050", "refused"),
];

/// `TestIdentifierRegexp`
pub(super) const IDENTIFIER_REGEXP: &[Row] = &[
    row("da304e823d8ca2b9d863a3c897baeb852ba21ea9a9f1414736394ae7fcaf9821", "accepted"),
    row("7EC43B381E5AEFE6E04EFB0B3F0693FF2A4A50652D64AEC573905F2DB5889A1C", "refused"),
    row("da304e823d8ca2b9d863a3c897baeb852ba21ea9a9f1414736394ae7fcaf", "refused"),
    row("sha256:da304e823d8ca2b9d863a3c897baeb852ba21ea9a9f1414736394ae7fcaf9821", "refused"),
    row("da304e823d8ca2b9d863a3c897baeb852ba21ea9a9f1414736394ae7fcaf98218482", "refused"),
];
