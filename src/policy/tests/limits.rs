//! Bad input: a clear error, at once.

use super::{findings, policy};
use crate::reference;

#[test]
fn expressions_are_measured() {
    let errors: Vec<String> =
        ["a)|(b", "(a{1000}){1000}", "[a", "(?x)a # comment", r"\p{Greek}", &"(".repeat(100_000), &"a".repeat(100_000)]
            .iter()
            .flat_map(|regex| findings(&format!("allow: [{{regex: '{regex}'}}]")))
            .collect();
    insta::assert_snapshot!(errors.join("\n"), @"
    Error: this regular expression can't be used: unopened group at byte 1 | write one that matches the whole `domain/path`; for most cases a pattern with `*` and `**` is enough
    Error: this regular expression can't be used: it needs more than 128 KiB when it is compiled | write one that matches the whole `domain/path`; for most cases a pattern with `*` and `**` is enough
    Error: this regular expression can't be used: unclosed character class at byte 0 | write one that matches the whole `domain/path`; for most cases a pattern with `*` and `**` is enough
    Error: this regular expression can't be used: Unicode not allowed here at byte 0 | write one that matches the whole `domain/path`; for most cases a pattern with `*` and `**` is enough
    Error: this regular expression can't be used: it is 100000 bytes long, and 16384 are the limit | write one that matches the whole `domain/path`; for most cases a pattern with `*` and `**` is enough
    Error: this regular expression can't be used: it is 100000 bytes long, and 16384 are the limit | write one that matches the whole `domain/path`; for most cases a pattern with `*` and `**` is enough
    ");
}

#[test]
fn a_policy_has_so_many_expressions_and_no_more() {
    let list = |count: usize| (0..count).map(|index| format!("  - '**/x{index}'\n")).collect::<String>();
    let accepted = policy(&format!("deny:\n{}allow: [nvcr.io/**]", list(256)));
    assert!(!accepted.scope("x").decide("nvcr.io/a/x255").is_allowed());
    assert!(accepted.scope("x").decide("nvcr.io/a/x256").is_allowed());
    insta::assert_snapshot!(findings(&format!("deny:\n{}allow: [nvcr.io/**]", list(257))).join("\n"), @"Error: a policy has at most 256 regular expressions and patterns with `**` before the end, and this has 257 | write the rest as patterns with `**` at the end alone, which are not limited");
}

#[test]
fn braces_stand_for_so_many_patterns_and_no_more() {
    let eight = "{a,b,c,d,e,f,g,h}";
    assert_eq!(findings(&format!("allow: ['harbor.test/p/x-{eight}{eight}']")), Vec::<String>::new());
    insta::assert_snapshot!(findings(&format!("allow: ['harbor.test/p/x-{eight}{eight}{eight}']")).join("\n"), @"Error: the braces stand for more than 256 patterns | write several entries");
}

/// Each entry of a list is looked for among all others, so a file of some thousand took minutes.
#[test]
fn warnings_of_a_large_file_are_found_at_once() {
    let lines = |line: fn(usize) -> String| (0..10_000).map(line).collect::<String>();
    let proxies = lines(|i| format!("  - {{registry: r{i}.io/p, project: p{i}}}\n"));
    let allow = lines(|i| format!("  - r{i}.io/q/app\n"));
    let namespaces = lines(|i| format!("  - {{match: [t{i}-*]}}\n"));
    let file = format!("proxies:\n{proxies}allow:\n{allow}namespaces:\n{namespaces}  - {{match: [t7-a]}}\n");
    assert_eq!(findings(&file).len(), 20_001);
}

/// The trie holds as many entries as a file can; each is found.
#[test]
fn ten_thousand_entries_are_each_found() {
    let kinds: [(&str, fn(usize) -> String, fn(usize) -> String); 5] = [
        ("literals", |i| format!("quay.io/team-{i}/app"), |i| format!("quay.io/team-{i}/app")),
        ("prefixes", |i| format!("quay.io/team-{i}/**"), |i| format!("quay.io/team-{i}/a/b")),
        ("globs", |i| format!("quay.io/*-{i}/app"), |i| format!("quay.io/team-{i}/app")),
        ("domains", |i| format!("*.r{i}.io/app"), |i| format!("a.r{i}.io/app")),
        ("tags", |i| format!("quay.io/app:v{i}"), |i| format!("quay.io/app:v{i}")),
    ];
    for (kind, entry, name) in kinds {
        let entries: String = (0..10_000).map(|index| format!("  - '{}'\n", entry(index))).collect();
        let policy = policy(&format!("allow:\n{entries}"));
        let scope = policy.scope("x");
        for index in [0, 1, 4_999, 9_999] {
            let decision = scope.decide(&name(index)).rule().map(|rule| rule.position.line);
            assert_eq!(decision, Some(index + 5), "{kind} {index}");
        }
        assert!(!scope.decide(&name(10_000)).is_allowed(), "{kind}");
    }
}

/// The longest of everything is still a name.
#[test]
fn no_host_is_so_long_that_a_rewritten_name_is_none() {
    let label = "h".repeat(63);
    let host = format!("{label}.{label}.{label}.{}:65535", "h".repeat(61));
    let policy = policy(&format!("harbor: {host}\nproxies: [{{registry: nvcr.io, project: p}}]"));
    let (path, digest) = ("a".repeat(reference::PATH_MAX - 2), "0".repeat(128));
    let image = format!("nvcr.io/{path}:{}@sha512:{digest}", "t".repeat(128));
    let decision = policy.scope("x").decide(&image);
    assert!(decision.is_allowed());
    assert_eq!(*decision.result, image.replace("nvcr.io/", &format!("{host}/p/")));
    assert!(policy.scope("x").decide(&decision.result).is_allowed());

    let errors = |host: &str| findings(&format!("harbor: '{host}'\nallow: []"));
    assert_eq!(errors("[2001:db8::1]:8443"), Vec::<String>::new());
    let long = [
        format!("{label}.{label}.{label}.{}", "h".repeat(62)),
        format!("h{label}.example"),
        "harbor.example:008443".to_owned(),
    ];
    insta::assert_snapshot!(long.map(|host| errors(&host).join("\n")).join("\n"), @"
    Error: `hhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhh…` is no host name: it is 254 bytes long, and 253 are the most | write a name that DNS can hold, for nodes look it up there
    Error: `hhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhh…` is no host name: `hhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhh…` between dots is 64 bytes long, and 63 are the most | write a name that DNS can hold, for nodes look it up there
    Error: `harbor.example:008443` is no host name: its port has 6 digits, and 5 are the most | write a name that DNS can hold, for nodes look it up there
    ");
}
