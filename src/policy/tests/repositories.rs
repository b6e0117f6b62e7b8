//! Which repositories a filter in Harbor may let through: what `allow` does, to the name.

use regex_automata::meta::Regex;

use super::policy;
use crate::policy::{Policy, Repositories, Unsayable};

const PROXIES: &str = "proxies:\n  - {registry: q.example, project: q}\n  - {registry: docker.io, project: hub}\n";

fn repositories(lines: &str, domain: &str) -> Repositories {
    policy(&format!("{PROXIES}{lines}")).repositories(domain)
}

#[test]
fn allow_becomes_a_regular_expression() {
    let cases = [
        ("allow: [q.example/**]", ""),
        ("allow: ['**']", ""),
        ("allow: ['*.example/**', docker.io/library/nginx]", ""),
        ("allow: []", "^()$"),
        ("allow: [docker.io/library/*]", "^()$"),
        ("allow: [q.example/a/**]", "^(a/.+)$"),
        ("allow: [q.example/a/*, q.example/a.b/c-d]", r"^(a/[^/]+|a\.b/c-d)$"),
        ("allow: ['q.example/x-*/?y']", "^(x-[^/]*/[^/]y)$"),
        ("allow: ['q.example/a/**/b']", "^(a/(.+/)?b)$"),
        ("allow: ['**/b']", "^((.+/)?b)$"),
        ("allow: ['{q,r}.example/{a,b}']", "^(a|b)$"),
        (
            "allow: [q.example/a]\nnamespaces: [{match: [x], allow: [q.example/b]}, {match: [y], allowOnly: [q.example/c]}]",
            "^(a|b|c)$",
        ),
        ("allow: ['q.example/a@*', {regex: 'docker\\.io/.*'}]", "^(a)$"),
        ("allow: [q.example/a]\ndeny: [q.example/a]", "^(a)$"),
        ("allow: [q.example/a]\nnamespaces: [{match: [kube-system], enforcement: audit, rewrite: false}]", "^(a)$"),
        ("", ""),
    ];
    for (lines, expected) in cases {
        let expected =
            if expected.is_empty() { Repositories::All } else { Repositories::Matching(expected.to_owned()) };
        assert_eq!(repositories(lines, "q.example"), expected, "{lines}");
    }
}

#[test]
fn where_allow_is_left_out_a_prefix_covers_itself_and_what_is_below() {
    let policy = policy("proxies: [{registry: q.example/a.b, project: q}, {registry: q.example/c, project: q}]");
    assert_eq!(policy.repositories("q.example"), Repositories::Matching(r"^(a\.b(/.+)?|c(/.+)?)$".to_owned()));
    // A name that only begins alike is another registry.
    assert_eq!(policy.repositories("q.exam"), Repositories::Matching("^()$".to_owned()));
}

#[test]
fn what_a_filter_can_t_say_is_named() {
    let unsayable = |lines: &str| match repositories(lines, "q.example") {
        Repositories::Unsayable(why) => why,
        found => panic!("{lines}: {found:?}"),
    };
    for (entry, text) in [
        ("'q.example/a:v*'", "q.example/a:v*"),
        ("'q.example/a@sha256:*'", "q.example/a@sha256:*"),
        ("{image: q.example/a, tag: v1}", "q.example/a"),
    ] {
        assert_eq!(unsayable(&format!("allow: [{entry}]")), Unsayable::Tags(text.to_owned()));
    }
    for entry in [r"q\.example/a", "[a-z.]+/a", "(q.example|docker.io)/a"] {
        assert_eq!(unsayable(&format!("allow: [{{regex: '{entry}'}}]")), Unsayable::Expression(entry.to_owned()));
    }
    assert_eq!(unsayable("allow: [q.example/a]\nenforcement: warn"), Unsayable::Admitted("`enforcement`".to_owned()));
    assert_eq!(
        unsayable("allow: [q.example/a]\nnamespaces: [{match: [lab-*], enforcement: audit}]"),
        Unsayable::Admitted("`enforcement` of namespace `lab-*`".to_owned())
    );
}

/// Every path of up to three short components, under policies that put the wildcards everywhere.
#[test]
fn the_expression_takes_what_the_policy_allows_and_nothing_else() {
    let components = ["a", "b", "ab", "a.b", "x"];
    let mut paths: Vec<String> = components.map(str::to_owned).to_vec();
    for _ in 0..2 {
        let longer = paths.iter().flat_map(|path| components.map(|component| format!("{path}/{component}")));
        paths = paths.iter().cloned().chain(longer).collect();
    }
    let patterns = ["a", "a/*", "*/b", "a/**", "**", "**/b", "a/**/b", "a?b/*", "a*/**", "{a,b}/x", "**/a/**", "*"];
    for first in patterns {
        for second in patterns {
            let policy = policy(&format!("{PROXIES}allow: ['q.example/{first}', '**/{second}']"));
            let matches = matcher(&policy);
            for path in &paths {
                let allowed = policy.scope("default").decide(&format!("q.example/{path}:1")).is_allowed();
                assert_eq!(
                    matches(path),
                    allowed,
                    "{path} under {first} and **/{second}: {:?}",
                    policy.repositories("q.example")
                );
            }
        }
    }
}

fn matcher(policy: &Policy) -> impl Fn(&str) -> bool {
    let regex = match policy.repositories("q.example") {
        Repositories::All => Regex::new("^.*$"),
        Repositories::Matching(text) => Regex::new(&text),
        Repositories::Unsayable(why) => panic!("{why}"),
    };
    let regex = regex.expect("a regular expression");
    move |path| regex.is_match(path)
}

#[test]
fn an_entry_that_reaches_a_project_is_named() {
    let cases = [
        ("allow: [harbor.test/**]", Some("harbor.test/**")),
        ("allow: ['**']", Some("**")),
        ("allow: [q.example/**, 'harbor.test/o*/**']", Some("harbor.test/o*/**")),
        ("allow: [{regex: 'harbor\\.test/o.+'}]", Some(r"harbor\.test/o.+")),
        ("allow: [{regex: 'harbor\\.test/p/.+'}]", None),
        ("allow: [q.example/**, harbor.test/p/**]", None),
        ("namespaces: [{match: [x], allow: [harbor.test/other/**]}]", Some("harbor.test/other/**")),
        ("", None),
    ];
    for (lines, expected) in cases {
        let policy = policy(&format!("{PROXIES}{lines}"));
        assert_eq!(policy.allow_reaching("harbor.test/other"), expected, "{lines}");
    }
}
