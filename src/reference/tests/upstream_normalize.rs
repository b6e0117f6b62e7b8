//! The rows of distribution/reference's `normalize_test.go`, v0.6.0
//! (<https://github.com/distribution/reference/blob/v0.6.0/normalize_test.go>).

use super::{IMAGE_ID, Row, TAG_KEPT, row};

/// `TestValidateReferenceName`
pub(super) const VALIDATE_REFERENCE_NAME: &[Row] = &[
    row("docker/docker", "accepted"),
    row("library/debian", "accepted"),
    row("debian", "accepted"),
    row("localhost/library/debian", "accepted"),
    row("localhost/debian", "accepted"),
    row("LOCALDOMAIN/library/debian", "accepted"),
    row("LOCALDOMAIN/debian", "accepted"),
    row("docker.io/docker/docker", "accepted"),
    row("docker.io/library/debian", "accepted"),
    row("docker.io/debian", "accepted"),
    row("index.docker.io/docker/docker", "accepted"),
    row("index.docker.io/library/debian", "accepted"),
    row("index.docker.io/debian", "accepted"),
    row("127.0.0.1:5000/docker/docker", "accepted"),
    row("127.0.0.1:5000/library/debian", "accepted"),
    row("127.0.0.1:5000/debian", "accepted"),
    row("192.168.0.1", "accepted"),
    row("192.168.0.1:80", "accepted"),
    row("192.168.0.1:8/debian", "accepted"),
    row("192.168.0.2:25000/debian", "accepted"),
    row("thisisthesongthatneverendsitgoesonandonandonthisisthesongthatnev", "accepted"),
    row("[fc00::1]:5000/docker", "accepted"),
    row("[fc00::1]:5000/docker/docker", "accepted"),
    row("[fc00:1:2:3:4:5:6:7]:5000/library/debian", "accepted"),
    row("docker.io/1a3f5e7d9c1b3a5f7e9d1c3b5a7f9e1d3c5b7a9f1e3d5d7c9b1a3f5e7d9c1b3a", "accepted"),
    row("Docker/docker", "accepted"),
    row("DOCKER/docker", "accepted"),
    row("https://github.com/docker/docker", "refused"),
    row("docker/Docker", "refused"),
    row("-docker", "refused"),
    row("-docker/docker", "refused"),
    row("-docker.io/docker/docker", "refused"),
    row("docker///docker", "refused"),
    row("docker.io/docker/Docker", "refused"),
    row("docker.io/docker///docker", "refused"),
    row("[fc00::1]", "refused"),
    row("[fc00::1]:5000", "refused"),
    row("fc00::1:5000/debian", "refused"),
    row("[fe80::1%eth0]:5000/debian", "refused"),
    row("[2001:db8:3:4::192.0.2.33]:5000/debian", "refused"),
    row("1a3f5e7d9c1b3a5f7e9d1c3b5a7f9e1d3c5b7a9f1e3d5d7c9b1a3f5e7d9c1b3a", "refused"),
];

/// `TestValidateRemoteName`
pub(super) const VALIDATE_REMOTE_NAME: &[Row] = &[
    row("docker/docker", "accepted"),
    row("thisisthesongthatneverendsitgoesonandonandonthisisthesongthatnev", "accepted"),
    row("docker-rules/docker", "accepted"),
    row("docker---rules/docker", "accepted"),
    row("doc/docker", "accepted"),
    row("d/docker", "accepted"),
    row("jess/t", "accepted"),
    row("dock__er/docker", "accepted"),
    row("docker/Docker", "refused"),
    row("docker///docker", "refused"),
    row("1a3f5e7d9c1b3a5f7e9d1c3b5a7f9e1d3c5b7a9f1e3d5d7c9b1a3f5e7d9c1b3a", "refused"),
    row("-docker/docker", "refused"),
    row("docker-/docker", "refused"),
    row("-docker-/docker", "refused"),
    row("____/____", "refused"),
    row("_docker/_docker", "refused"),
    row("dock..er/docker", "refused"),
    row("dock_.er/docker", "refused"),
    row("dock-.er/docker", "refused"),
    row("docker/", "refused"),
    row(
        "this_is_not_a_valid_namespace_because_its_lenth_is_greater_than_255_this_is_not_a_valid_namespace_because_its_lenth_is_greater_than_255_this_is_not_a_valid_namespace_because_its_lenth_is_greater_than_255_this_is_not_a_valid_namespace_because_its_lenth_is_greater_than_255/docker",
        "refused",
    ),
];

/// `TestParseRepositoryInfo`
pub(super) const PARSE_REPOSITORY_INFO: &[Row] = &[
    row("localhost/fooo", "localhost|fooo||"),
    row("localhost/fooo", "localhost|fooo||"),
    row("localhost/fooo", "localhost|fooo||"),
    row("localhost/fooo/bar", "localhost|fooo/bar||"),
    row("localhost/fooo/bar", "localhost|fooo/bar||"),
    row("localhost/fooo/bar", "localhost|fooo/bar||"),
    row("LOCALDOMAIN/fooo", "LOCALDOMAIN|fooo||"),
    row("LOCALDOMAIN/fooo", "LOCALDOMAIN|fooo||"),
    row("LOCALDOMAIN/fooo", "LOCALDOMAIN|fooo||"),
    row("LOCALDOMAIN/fooo/bar", "LOCALDOMAIN|fooo/bar||"),
    row("LOCALDOMAIN/fooo/bar", "LOCALDOMAIN|fooo/bar||"),
    row("LOCALDOMAIN/fooo/bar", "LOCALDOMAIN|fooo/bar||"),
    row("fooo/bar", "docker.io|fooo/bar||"),
    row("docker.io/fooo/bar", "docker.io|fooo/bar||"),
    row("index.docker.io/fooo/bar", "docker.io|fooo/bar||"),
    row("ubuntu", "docker.io|library/ubuntu||"),
    row("docker.io/library/ubuntu", "docker.io|library/ubuntu||"),
    row("library/ubuntu", "docker.io|library/ubuntu||"),
    row("nonlibrary/ubuntu", "docker.io|nonlibrary/ubuntu||"),
    row("docker.io/nonlibrary/ubuntu", "docker.io|nonlibrary/ubuntu||"),
    row("other/library", "docker.io|other/library||"),
    row("docker.io/other/library", "docker.io|other/library||"),
    row("127.0.0.1:8000/private/moonbase", "127.0.0.1:8000|private/moonbase||"),
    row("127.0.0.1:8000/private/moonbase", "127.0.0.1:8000|private/moonbase||"),
    row("127.0.0.1:8000/privatebase", "127.0.0.1:8000|privatebase||"),
    row("127.0.0.1:8000/privatebase", "127.0.0.1:8000|privatebase||"),
    row("example.com/private/moonbase", "example.com|private/moonbase||"),
    row("example.com/private/moonbase", "example.com|private/moonbase||"),
    row("example.com/privatebase", "example.com|privatebase||"),
    row("example.com/privatebase", "example.com|privatebase||"),
    row("example.com:8000/private/moonbase", "example.com:8000|private/moonbase||"),
    row("example.com:8000/private/moonbase", "example.com:8000|private/moonbase||"),
    row("example.com:8000/privatebasee", "example.com:8000|privatebasee||"),
    row("example.com:8000/privatebasee", "example.com:8000|privatebasee||"),
    row("ubuntu-12.04-base", "docker.io|library/ubuntu-12.04-base||"),
    row("docker.io/library/ubuntu-12.04-base", "docker.io|library/ubuntu-12.04-base||"),
    row("index.docker.io/library/ubuntu-12.04-base", "docker.io|library/ubuntu-12.04-base||"),
    row("foo", "docker.io|library/foo||"),
    row("docker.io/library/foo", "docker.io|library/foo||"),
    row("docker.io/foo", "docker.io|library/foo||"),
    row("library/foo/bar", "docker.io|library/foo/bar||"),
    row("docker.io/library/foo/bar", "docker.io|library/foo/bar||"),
    row("store/foo/bar", "docker.io|store/foo/bar||"),
    row("docker.io/store/foo/bar", "docker.io|store/foo/bar||"),
    row("Foo/bar", "Foo|bar||"),
    row("Foo/bar", "Foo|bar||"),
    row("FOO/bar", "FOO|bar||"),
    row("FOO/bar", "FOO|bar||"),
];

/// `TestParseReferenceWithTagAndDigest`
pub(super) const PARSE_REFERENCE_WITH_TAG_AND_DIGEST: &[Row] = &[row(
    "busybox:latest@sha256:86e0e091d0da6bde2456dbb48306f3956bbeb2eae1b5b9a43045843f69fe4aaa",
    "docker.io|library/busybox|latest|sha256:86e0e091d0da6bde2456dbb48306f3956bbeb2eae1b5b9a43045843f69fe4aaa",
)];

/// `TestParseAnyReference`
pub(super) const PARSE_ANY_REFERENCE: &[Row] = &[
    row("redis", "docker.io|library/redis||"),
    row("redis:latest", "docker.io|library/redis|latest|"),
    row("docker.io/library/redis:latest", "docker.io|library/redis|latest|"),
    row(
        "redis@sha256:dbcc1c35ac38df41fd2f5e4130b32ffdb93ebae8b3dbe638c23575912276fc9c",
        "docker.io|library/redis||sha256:dbcc1c35ac38df41fd2f5e4130b32ffdb93ebae8b3dbe638c23575912276fc9c",
    ),
    row(
        "docker.io/library/redis@sha256:dbcc1c35ac38df41fd2f5e4130b32ffdb93ebae8b3dbe638c23575912276fc9c",
        "docker.io|library/redis||sha256:dbcc1c35ac38df41fd2f5e4130b32ffdb93ebae8b3dbe638c23575912276fc9c",
    ),
    row("dmcgowan/myapp", "docker.io|dmcgowan/myapp||"),
    row("dmcgowan/myapp:latest", "docker.io|dmcgowan/myapp|latest|"),
    row("docker.io/mcgowan/myapp:latest", "docker.io|mcgowan/myapp|latest|"),
    row(
        "dmcgowan/myapp@sha256:dbcc1c35ac38df41fd2f5e4130b32ffdb93ebae8b3dbe638c23575912276fc9c",
        "docker.io|dmcgowan/myapp||sha256:dbcc1c35ac38df41fd2f5e4130b32ffdb93ebae8b3dbe638c23575912276fc9c",
    ),
    row(
        "docker.io/dmcgowan/myapp@sha256:dbcc1c35ac38df41fd2f5e4130b32ffdb93ebae8b3dbe638c23575912276fc9c",
        "docker.io|dmcgowan/myapp||sha256:dbcc1c35ac38df41fd2f5e4130b32ffdb93ebae8b3dbe638c23575912276fc9c",
    ),
    row(
        "dbcc1c35ac38df41fd2f5e4130b32ffdb93ebae8b3dbe638c23575912276fc9c",
        "|||sha256:dbcc1c35ac38df41fd2f5e4130b32ffdb93ebae8b3dbe638c23575912276fc9c",
    )
    .but(IMAGE_ID, "refused"),
    row(
        "sha256:dbcc1c35ac38df41fd2f5e4130b32ffdb93ebae8b3dbe638c23575912276fc9c",
        "|||sha256:dbcc1c35ac38df41fd2f5e4130b32ffdb93ebae8b3dbe638c23575912276fc9c",
    )
    .but(IMAGE_ID, "docker.io|library/sha256|dbcc1c35ac38df41fd2f5e4130b32ffdb93ebae8b3dbe638c23575912276fc9c|"),
    row(
        "dbcc1c35ac38df41fd2f5e4130b32ffdb93ebae8b3dbe638c23575912276fc9",
        "docker.io|library/dbcc1c35ac38df41fd2f5e4130b32ffdb93ebae8b3dbe638c23575912276fc9||",
    ),
    row("dbcc1", "docker.io|library/dbcc1||"),
];

/// `TestNormalizedSplitHostname`
pub(super) const NORMALIZED_SPLIT_HOSTNAME: &[Row] = &[
    row("test.com/foo", "test.com|foo||"),
    row("test_com/foo", "docker.io|test_com/foo||"),
    row("docker/migrator", "docker.io|docker/migrator||"),
    row("test.com:8080/foo", "test.com:8080|foo||"),
    row("test-com:8080/foo", "test-com:8080|foo||"),
    row("foo", "docker.io|library/foo||"),
    row("xn--n3h.com/foo", "xn--n3h.com|foo||"),
    row("xn--n3h.com:18080/foo", "xn--n3h.com:18080|foo||"),
    row("docker.io/foo", "docker.io|library/foo||"),
    row("docker.io/library/foo", "docker.io|library/foo||"),
    row("docker.io/library/foo/bar", "docker.io|library/foo/bar||"),
];

/// `TestParseDockerRef`
pub(super) const PARSE_DOCKER_REF: &[Row] = &[
    row("busybox", "docker.io|library/busybox|latest|"),
    row("busybox:latest", "docker.io|library/busybox|latest|"),
    row(
        "busybox@sha256:e6693c20186f837fc393390135d8a598a96a833917917789d63766cab6c59582",
        "docker.io|library/busybox||sha256:e6693c20186f837fc393390135d8a598a96a833917917789d63766cab6c59582",
    ),
    row("library/busybox", "docker.io|library/busybox|latest|"),
    row("docker.io/busybox", "docker.io|library/busybox|latest|"),
    row("docker.io/library/busybox", "docker.io|library/busybox|latest|"),
    row("docker.io/busybox:latest", "docker.io|library/busybox|latest|"),
    row("library/busybox:latest", "docker.io|library/busybox|latest|"),
    row("docker.io/library/busybox:latest", "docker.io|library/busybox|latest|"),
    row("gcr.io/library/busybox", "gcr.io|library/busybox|latest|"),
    row(
        "gcr.io/library/busybox:latest@sha256:e6693c20186f837fc393390135d8a598a96a833917917789d63766cab6c59582",
        "gcr.io|library/busybox||sha256:e6693c20186f837fc393390135d8a598a96a833917917789d63766cab6c59582",
    )
    .but(
        TAG_KEPT,
        "gcr.io|library/busybox|latest|sha256:e6693c20186f837fc393390135d8a598a96a833917917789d63766cab6c59582",
    ),
];
