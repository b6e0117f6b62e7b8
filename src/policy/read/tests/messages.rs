//! What people are told, kind by kind.

use insta::assert_snapshot;

use super::{told, told_of};

#[test]
fn unknown_keys() {
    assert_snapshot!(told("alow: []\ncolour: blue\nrewrite: false\nmatsh: x\n"), @r#"
        error: unknown key `alow` at the top of the file
         --> policies.yaml:4:1
          |
        4 | alow: []
          | ^^^^
          |
          = help: did you mean `allow`?

        error: unknown key `colour` at the top of the file
         --> policies.yaml:5:1
          |
        5 | colour: blue
          | ^^^^^^
          |
          = help: the keys here are `apiVersion`, `kind`, `harbor`, `contact`, `proxies`, `allow`, `deny`, `enforcement`, `workloadEnforcement`, `namespaces`

        error: unknown key `rewrite` at the top of the file
         --> policies.yaml:6:1
          |
        6 | rewrite: false
          | ^^^^^^^
          |
          = help: `rewrite` belongs in an entry of `namespaces`

        error: unknown key `matsh` at the top of the file
         --> policies.yaml:7:1
          |
        7 | matsh: x
          | ^^^^^
          |
          = help: did you mean `match`? It belongs in an entry of `namespaces`

        4 errors in policies.yaml
    "#);
    assert_snapshot!(told("allow:\n- {image: a.example/**, always: true}\nproxies:\n- {registry: a.example, project: a, pull_secret: b}\n"), @r#"
        error: unknown key `always` in an entry of `allow`
         --> policies.yaml:5:25
          |
        5 | - {image: a.example/**, always: true}
          |                         ^^^^^^
          |
          = help: `always` belongs in an entry of `deny`

        error: unknown key `pull_secret` in an entry of `proxies`
         --> policies.yaml:7:37
          |
        7 | - {registry: a.example, project: a, pull_secret: b}
          |                                     ^^^^^^^^^^^
          |
          = help: did you mean `pullSecret`?

        2 errors in policies.yaml
    "#);
}

#[test]
fn keys_twice() {
    assert_snapshot!(told("allow: []\ncontact: chat\n'allow': []\n"), @r#"
        error: the key `allow` stands twice
         --> policies.yaml:6:1
          |
        6 | 'allow': []
          | ^^^^^^^
         ::: policies.yaml:4:1
          |
        4 | allow: []
          | ----- the first is here
          |
          = help: keep one of the two

        1 error in policies.yaml
    "#);
}

#[test]
fn keys_that_are_no_words() {
    assert_snapshot!(told("[a]: b\n? {a: b}\n: c\n~: d\n"), @r#"
        error: expected a word as a key, but found a list
         --> policies.yaml:4:1
          |
        4 | [a]: b
          | ^^^
          |
          = help: write a plain word as the key; text with `{` or `[` must be in quotes

        error: expected a word as a key, but found a mapping
         --> policies.yaml:5:3
          |
        5 | ? {a: b}
          |   ^^^^^^
          |
          = help: write a plain word as the key; text with `{` or `[` must be in quotes

        error: unknown key `~` at the top of the file
         --> policies.yaml:7:1
          |
        7 | ~: d
          | ^
          |
          = help: the keys here are `apiVersion`, `kind`, `harbor`, `contact`, `proxies`, `allow`, `deny`, `enforcement`, `workloadEnforcement`, `namespaces`

        3 errors in policies.yaml
    "#);
}

#[test]
fn missing_keys() {
    assert_snapshot!(told_of("proxies:\n- {}\nallow:\n- {reason: why}\nnamespaces:\n- rewrite: true\n"), @r#"
        error: missing key `apiVersion` at the top of the file
         --> policies.yaml:1:1
          |
        1 | proxies:
          | ^^^^^^^
          |
          = help: add `apiVersion: harbor-pilot.io/v1`

        error: missing key `kind` at the top of the file
         --> policies.yaml:1:1
          |
        1 | proxies:
          | ^^^^^^^
          |
          = help: add `kind: Policy`

        error: missing key `harbor` at the top of the file
         --> policies.yaml:1:1
          |
        1 | proxies:
          | ^^^^^^^
          |
          = help: add `harbor: …`

        error: missing key `registry` in an entry of `proxies`
         --> policies.yaml:2:3
          |
        2 | - {}
          |   ^^
          |
          = help: add `registry: …`

        error: missing key `project` in an entry of `proxies`
         --> policies.yaml:2:3
          |
        2 | - {}
          |   ^^
          |
          = help: add `project: …`

        error: expected `image` or `regex` in an entry of `allow`, but found neither
         --> policies.yaml:4:4
          |
        4 | - {reason: why}
          |    ^^^^^^
          |
          = help: add `image: …`

        error: missing key `match` in an entry of `namespaces`
         --> policies.yaml:6:3
          |
        6 | - rewrite: true
          |   ^^^^^^^
          |
          = help: add `match: […]`

        7 errors in policies.yaml
    "#);
}

#[test]
fn keys_that_exclude_each_other() {
    assert_snapshot!(told("deny:\n- {image: a.example/**, regex: a}\nnamespaces:\n- match: [a]\n  allowOnly: []\n  allow: []\n"), @r#"
        error: `regex` beside `image` in an entry of `deny`
         --> policies.yaml:5:25
          |
        5 | - {image: a.example/**, regex: a}
          |                         ^^^^^
         ::: policies.yaml:5:4
          |
        5 | - {image: a.example/**, regex: a}
          |    ----- `image` is here
          |
          = help: keep one of the two

        error: `allow` beside `allowOnly` in an entry of `namespaces`
         --> policies.yaml:9:3
          |
        9 |   allow: []
          |   ^^^^^
         ::: policies.yaml:8:3
          |
        8 |   allowOnly: []
          |   --------- `allowOnly` is here
          |
          = help: keep one of the two

        2 errors in policies.yaml
    "#);
}

#[test]
fn no_string() {
    assert_snapshot!(told("contact: 1.10\nallow: [true, 5000, ~, [a]]\nproxies:\n- {registry: {a: b}, project: ''}\n"), @r#"
        error: expected a string, but found the number `1.10`
         --> policies.yaml:4:10
          |
        4 | contact: 1.10
          |          ^^^^
          |
          = help: quote it: `"1.10"`

        error: expected a string, but found the boolean `true`
         --> policies.yaml:5:9
          |
        5 | allow: [true, 5000, ~, [a]]
          |         ^^^^
          |
          = help: quote it: `"true"`

        error: expected a string, but found the number `5000`
         --> policies.yaml:5:15
          |
        5 | allow: [true, 5000, ~, [a]]
          |               ^^^^
          |
          = help: quote it: `"5000"`

        error: expected a string, but found nothing
         --> policies.yaml:5:21
          |
        5 | allow: [true, 5000, ~, [a]]
          |                     ^
          |
          = help: write a value, or leave it out; text that starts with `#` must be in quotes

        error: expected a string, but found a list
         --> policies.yaml:5:24
          |
        5 | allow: [true, 5000, ~, [a]]
          |                        ^^^
          |
          = help: write one string

        error: expected a string, but found a mapping
         --> policies.yaml:7:14
          |
        7 | - {registry: {a: b}, project: ''}
          |              ^^^^^^
          |
          = help: write one string

        error: expected a string, but found an empty one
         --> policies.yaml:7:31
          |
        7 | - {registry: {a: b}, project: ''}
          |                               ^^
          |
          = help: write a value, or leave it out

        7 errors in policies.yaml
    "#);
}

#[test]
fn no_line_of_text() {
    assert_snapshot!(told("contact: \"one\\ntwo\"\n"), @r#"
        error: expected one line of text, but found a line break
         --> policies.yaml:4:10
          |
        4 | contact: "one\ntwo"
          |          ^^^^^^^^^^
          |
          = help: write it on one line, without `|` or `>` before it

        1 error in policies.yaml
    "#);
    assert_snapshot!(told("deny:\n- {image: a.example/**, reason: \"a\\eb\"}\n- {image: a.example/**, reason: \"a\\u202eb\"}\n"), @r#"
        error: expected one line of text, but found the control character `\u{1b}`
         --> policies.yaml:5:33
          |
        5 | - {image: a.example/**, reason: "a\eb"}
          |                                 ^^^^^^
          |
          = help: delete it

        error: expected one line of text, but found the control character `\u{202e}`
         --> policies.yaml:6:33
          |
        6 | - {image: a.example/**, reason: "a\u202eb"}
          |                                 ^^^^^^^^^^
          |
          = help: delete it

        2 errors in policies.yaml
    "#);
    assert_snapshot!(told(&format!("contact: {}\n", "word ".repeat(50))), @r#"
        error: expected at most 200 characters, but found 249
         --> policies.yaml:4:10
          |
        4 | contact: word word word word word word word word word word word word word word word word word word w…
          |          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
          |
          = help: shorten it

        1 error in policies.yaml
    "#);
}

#[test]
fn no_boolean_no_number_no_word() {
    assert_snapshot!(told("deny:\n- {image: a.example/**, always: yes}\n- {image: a.example/**, always: \"false\"}\n- {image: a.example/**, always: ~}\nenforcement: dny\nworkloadEnforcement: false\n"), @r#"
        error: expected `true` or `false`, but found the string `yes`
         --> policies.yaml:5:33
          |
        5 | - {image: a.example/**, always: yes}
          |                                 ^^^
          |
          = help: write `true`

        error: expected `true` or `false`, but found the string `false`
         --> policies.yaml:6:33
          |
        6 | - {image: a.example/**, always: "false"}
          |                                 ^^^^^^^
          |
          = help: write `false` without quotes

        error: expected `true` or `false`, but found nothing
         --> policies.yaml:7:33
          |
        7 | - {image: a.example/**, always: ~}
          |                                 ^
          |
          = help: write `true` or `false`

        error: expected one of `deny`, `warn`, `audit`, but found the string `dny`
         --> policies.yaml:8:14
          |
        8 | enforcement: dny
          |              ^^^
          |
          = help: did you mean `deny`?

        error: expected one of `deny`, `warn`, `off`, but found the boolean `false`
         --> policies.yaml:9:22
          |
        9 | workloadEnforcement: false
          |                      ^^^^^
          |
          = help: write one of `deny`, `warn`, `off`

        5 errors in policies.yaml
    "#);
    assert_snapshot!(told("proxies:\n- {registry: a.example, project: a, setup: {quota: 10Gi}}\n- {registry: b.example, project: b, setup: {quota: -2}}\n- {registry: c.example, project: c, setup: {quota: \"5\"}}\n"), @r#"
        error: expected a whole number from -1, but found the string `10Gi`
         --> policies.yaml:5:52
          |
        5 | - {registry: a.example, project: a, setup: {quota: 10Gi}}
          |                                                    ^^^^
          |
          = help: write a whole number from -1, without a unit

        error: expected a whole number from -1, but found the number `-2`
         --> policies.yaml:6:52
          |
        6 | - {registry: b.example, project: b, setup: {quota: -2}}
          |                                                    ^^
          |
          = help: write a whole number from -1, without a unit

        error: expected a whole number from -1, but found the string `5`
         --> policies.yaml:7:52
          |
        7 | - {registry: c.example, project: c, setup: {quota: "5"}}
          |                                                    ^^^
          |
          = help: write it without quotes: `5`

        3 errors in policies.yaml
    "#);
}

#[test]
fn no_list() {
    assert_snapshot!(told("allow:\ndeny: a.example/**\nproxies: {registry: a.example}\nnamespaces:\n- match: []\n- match: kube-*\n- match: ~\n"), @r#"
        error: expected a list, but found nothing
         --> policies.yaml:4:7
          |
        4 | allow:
          |       ^
          |
          = help: leave the key out for the default, or write `[]` for an empty list

        error: expected a list, but found the string `a.example/**`
         --> policies.yaml:5:7
          |
        5 | deny: a.example/**
          |       ^^^^^^^^^^^^
          |
          = help: write `["a.example/**"]`

        error: expected a list, but found a mapping
         --> policies.yaml:6:10
          |
        6 | proxies: {registry: a.example}
          |          ^^^^^^^^^^^^^^^^^^^^^
          |
          = help: start each entry with `- `

        error: expected a list of at least one, but found an empty list
         --> policies.yaml:8:10
          |
        8 | - match: []
          |          ^^
          |
          = help: write at least one

        error: expected a list, but found the string `kube-*`
         --> policies.yaml:9:10
          |
        9 | - match: kube-*
          |          ^^^^^^
          |
          = help: write `["kube-*"]`

        error: expected a list, but found nothing
          --> policies.yaml:10:10
           |
        10 | - match: ~
           |          ^
           |
           = help: write at least one

        6 errors in policies.yaml
    "#);
    assert_snapshot!(told_of("apiVersion: harbor-pilot.io/v1\nkind: Policy\nharbor: []\n"), @r#"
        error: expected a list of at least one, but found an empty list
         --> policies.yaml:3:9
          |
        3 | harbor: []
          |         ^^
          |
          = help: write at least one

        1 error in policies.yaml
    "#);
}

#[test]
fn no_mapping() {
    assert_snapshot!(told("proxies: [nvcr.io]\nnamespaces: [[a]]\n"), @r#"
        error: expected a mapping, but found the string `nvcr.io`
         --> policies.yaml:4:11
          |
        4 | proxies: [nvcr.io]
          |           ^^^^^^^
          |
          = help: write its keys, such as `registry`, as `key: value`

        error: expected a mapping, but found a list
         --> policies.yaml:5:14
          |
        5 | namespaces: [[a]]
          |              ^^^
          |
          = help: write its keys, such as `match`, as `key: value`

        2 errors in policies.yaml
    "#);
    assert_snapshot!(told_of("- a\n"), @r#"
        error: expected a mapping, but found a list
         --> policies.yaml:1:1
          |
        1 | - a
          | ^^^
          |
          = help: write its keys, such as `apiVersion`, as `key: value`

        1 error in policies.yaml
    "#);
}

#[test]
fn another_kind_of_file() {
    assert_snapshot!(told_of("apiVersion: v1\nkind: Pod\nharbor: harbor.example.com\n"), @r#"
        error: expected `harbor-pilot.io/v1`, but found the string `v1`
         --> policies.yaml:1:13
          |
        1 | apiVersion: v1
          |             ^^
          |
          = help: write `harbor-pilot.io/v1`

        error: expected `Policy`, but found the string `Pod`
         --> policies.yaml:2:7
          |
        2 | kind: Pod
          |       ^^^
          |
          = help: write `Policy`

        2 errors in policies.yaml
    "#);
}

#[test]
fn not_one_document() {
    assert_snapshot!(told_of(""), @r#"
        error: expected a policy, but found an empty file
         --> policies.yaml:1:1
          |
        1 |
          | ^
          |
          = help: start with `apiVersion: harbor-pilot.io/v1`

        1 error in policies.yaml
    "#);
    assert_snapshot!(told_of("# nothing\n---\n"), @r#"
        error: expected a policy, but found an empty file
         --> policies.yaml:2:1
          |
        2 | ---
          | ^
          |
          = help: start with `apiVersion: harbor-pilot.io/v1`

        1 error in policies.yaml
    "#);
    assert_snapshot!(told("---\na: b\n---\nc: d\n"), @r#"
        error: a policy file is one document, but found a second
         --> policies.yaml:4:1
          |
        4 | ---
          | ^
          |
          = help: keep one document: delete the `---` before the second, or move it to a file of its own

        1 error in policies.yaml
    "#);
}

#[test]
fn anchors_and_the_like() {
    assert_snapshot!(told("allow: &all [a.example/**]\ndeny: *all\nproxies:\n- {<<: *all, registry: a.example, project: a}\ncontact: !!str 5\n"), @r#"
        error: a policy has no anchors, but found `&all`
         --> policies.yaml:4:8
          |
        4 | allow: &all [a.example/**]
          |        ^^^^
          |
          = help: delete it, and write the value out where it is used

        error: a policy has no aliases, but found `*all`
         --> policies.yaml:5:7
          |
        5 | deny: *all
          |       ^^^^
         ::: policies.yaml:4:13
          |
        4 | allow: &all [a.example/**]
          |             -------------- it stands for this
          |
          = help: write the value out; a pattern that starts with `*` must be in quotes

        error: a policy has no merge keys, but found `<<`
         --> policies.yaml:7:4
          |
        7 | - {<<: *all, registry: a.example, project: a}
          |    ^^
          |
          = help: write the keys out where they are used

        error: a policy has no tags, but found `!!str`
         --> policies.yaml:8:10
          |
        8 | contact: !!str 5
          |          ^^^^^
          |
          = help: delete it; quotes make a string of any value

        4 errors in policies.yaml
    "#);
}

#[test]
fn no_yaml() {
    assert_snapshot!(told("allow:\n- **:latest\n"), @r#"
    error: expected the name of an anchor in front of this alias, but found none; add `&name` to the value that is meant, or put a text that begins with `*` in quotes
     --> policies.yaml:5:3
      |
    5 | - **:latest
      |   ^
      |
      = help: write text that starts with `*` in quotes, such as `"**:latest"`

    1 error in policies.yaml
    "#);
    assert_snapshot!(told("\tallow: []\n"), @"
    error: expected spaces as indentation, but found a tab; replace it by spaces
     --> policies.yaml:3:9
      |
    3 | harbor: harbor.example.com
      |         ^

    1 error in policies.yaml
    ");
}
