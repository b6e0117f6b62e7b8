//! What people are told of values, kind by kind.

use insta::assert_snapshot;

use super::{told, told_of};

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
