//! What people are told of keys and of the file as a whole, kind by kind.

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
        error: no anchor of this name stands before this alias
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
     --> policies.yaml:4:1
      |
    4 |     allow: []
      | ^

    1 error in policies.yaml
    ");
}
