mod messages;
mod secrets;
mod values;

use std::{collections::BTreeSet, fmt::Write as _};

use super::*;
use crate::policy::{
    diagnostic::{Severity, Style, render},
    schema::schema,
};

const HEAD: &str = "apiVersion: harbor-pilot.io/v1\nkind: Policy\nharbor: harbor.example.com\n";

fn read_text(text: &str) -> (Option<PolicyFile>, Vec<Diagnostic>) {
    let mut diagnostics = Vec::new();
    let file = match Stream::parse(text.as_bytes(), LIMITS) {
        Ok(stream) => read(&stream, &mut diagnostics),
        Err(error) => {
            diagnostics.push(Diagnostic::from_yaml(&error));
            None
        }
    };
    (file, diagnostics)
}

/// What a person is told of a whole file.
fn told_of(text: &str) -> String {
    render("policies.yaml", text, &read_text(text).1, Style::Plain)
}

/// What a person is told of a file that starts with [`HEAD`].
fn told(rest: &str) -> String {
    told_of(&format!("{HEAD}{rest}"))
}

#[test]
fn every_value_has_its_place() {
    let text = format!(
        "{HEAD}proxies:\n  - registry: nvcr.io\n    project: 'nvidia'\n    setup: {{quota: 0x10, endpoint: {{accessSecret: {{file: /run/ngc}}}}}}\n\
         allow:\n  - quay.io/**\n  - {{regex: \"a\\\\.b/.*\", tag: v*, reason: why}}\n\
         namespaces:\n  - {{match: [a, \"b-*\"], rewrite: False, enforcement: audit, allowOnly: []}}\n"
    );
    let (file, findings) = read_text(&text);
    assert_eq!(findings, []);
    let file = file.unwrap();
    let proxy = &file.proxies[0];
    assert_eq!(proxy.registry.span.of(&text), "nvcr.io");
    assert_eq!((proxy.project.value.as_str(), proxy.project.span.of(&text)), ("nvidia", "'nvidia'"));
    let setup = proxy.setup.as_ref().unwrap();
    assert_eq!(setup.quota.as_ref().unwrap().value, 16);
    let secret = setup.endpoint.as_ref().unwrap().access_secret.as_ref().unwrap();
    assert_eq!(
        (secret.value.clone(), secret.span.of(&text)),
        (SecretSource::File("/run/ngc".to_owned()), "{file: /run/ngc}")
    );
    let allow = file.allow.unwrap();
    assert_eq!(allow[0].span.of(&text), "quay.io/**");
    assert!(matches!(&allow[1].pattern, PatternText::Regex(regex) if regex.value == r"a\.b/.*"));
    assert_eq!(allow[1].tag.as_ref().map(|tag| tag.value.as_str()), Some("v*"));
    assert_eq!(allow[1].reason.as_deref(), Some("why"));
    let namespace = &file.namespaces[0];
    assert_eq!(namespace.matches[1].span.of(&text), "\"b-*\"");
    assert_eq!(namespace.rewrite.as_ref().map(|rewrite| rewrite.value), Some(false));
    assert!(
        matches!(&namespace.allow, AllowChange::Only(only) if only.value.is_empty() && only.span.of(&text) == "[]")
    );
}

#[test]
fn what_can_be_read_is_read_beside_errors() {
    let rest = "colour: blue\nproxies:\n  - {registry: nvcr.io}\n  - {registry: quay.io, project: quay, pullSecret: 5}\n\
                allow: [1.10, quay.io/**]\nnamespaces:\n  - {deny: [a.example/**], rewrite: yes}\n";
    let (file, findings) = read_text(&format!("{HEAD}{rest}"));
    let file = file.unwrap();
    assert_eq!(findings.len(), 6, "{findings:#?}");
    assert_eq!(file.proxies.len(), 1);
    assert!(file.proxies[0].pull_secret.is_none());
    assert_eq!(file.allow.unwrap().len(), 1);
    assert_eq!(file.namespaces[0].deny.len(), 1);
    assert!(file.namespaces[0].matches.is_empty());
}

/// Of a key that stands twice, the first value counts, and both are looked at.
#[test]
fn a_key_twice_hides_nothing() {
    let (file, findings) = read_text(&format!("{HEAD}allow: [quay.io/**]\nallow: [1.10]\n"));
    assert_eq!(findings.len(), 2, "{findings:#?}");
    assert_eq!(file.unwrap().allow.unwrap().len(), 1);
}

/// The defaults that the table shows are those that the reader goes by.
#[test]
fn a_default_is_what_holds_where_the_key_is_left_out() {
    let schema = schema();
    let mut written = HEAD.to_owned();
    let mut defaults = BTreeSet::new();
    for (name, key) in schema["properties"].as_object().unwrap() {
        if let Some(default) = key.get("default") {
            writeln!(written, "{name}: {default}").unwrap();
            defaults.insert(name.as_str());
        }
    }
    let expected = ["deny", "enforcement", "namespaces", "proxies", "workloadEnforcement"];
    assert_eq!(defaults, BTreeSet::from(expected));
    let (left_out, _) = read_text(HEAD);
    let (written, findings) = read_text(&written);
    assert_eq!(findings, []);
    assert_eq!(format!("{left_out:?}"), format!("{written:?}"));
}

#[test]
fn defaults() {
    let schema = schema();
    let default = |table: &str, key: &str| {
        let properties = if table == "policy" { &schema["properties"] } else { &schema["$defs"][table]["properties"] };
        properties[key]["default"].to_string()
    };
    let cases = [
        ("policy", "enforcement", "\"deny\""),
        ("policy", "workloadEnforcement", "\"warn\""),
        ("policy", "allow", "null"),
        ("policy", "deny", "[]"),
        ("denyEntry", "always", "false"),
        ("namespace", "rewrite", "true"),
        ("namespace", "enforcement", "null"),
        ("setup", "public", "false"),
        ("setup", "quota", "-1"),
        ("setup", "filter", "true"),
        ("endpoint", "verifyCertificate", "true"),
    ];
    for (table, key, expected) in cases {
        assert_eq!(default(table, key), expected, "{key} of {table}");
    }
}

#[test]
fn limits() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    let listed = |nodes: usize| format!("[{}]", "a,".repeat(nodes - 1));
    let said =
        |text: &str| read_text(text).1.iter().map(|finding| finding.message.clone()).collect::<Vec<_>>().join(" | ");
    for within in [nested(32), listed(250_000), " ".repeat(4 << 20)] {
        assert!(said(&within).starts_with("expected a "), "{}", said(&within));
    }
    assert_eq!(
        said(&nested(33)),
        "expected at most 32 lists and mappings inside one another, but found more; nest less"
    );
    assert_eq!(
        said(&nested(100_000)),
        "expected at most 32 lists and mappings inside one another, but found more; nest less"
    );
    assert_eq!(said(&listed(250_001)), "expected at most 250000 values, but found more; split the file");
    assert_eq!(said(&" ".repeat((4 << 20) + 1)), "expected at most 4194304 bytes, but found more; split the file");
}

/// A key of the table that the reader forgot would take any value.
#[test]
fn every_key_of_the_table_is_read() {
    let around = |id: &str| match id {
        "policy" => ("", ""),
        "proxy" => ("proxies: [{", "}]"),
        "setup" => ("proxies: [{setup: {", "}}]"),
        "endpoint" => ("proxies: [{setup: {endpoint: {", "}}}]"),
        "accessSecret" => ("proxies: [{setup: {endpoint: {accessSecret: {", "}}}}]"),
        "allowEntry" => ("allow: [{", "}]"),
        "denyEntry" => ("deny: [{", "}]"),
        "namespace" => ("namespaces: [{", "}]"),
        other => panic!("where does {other} stand?"),
    };
    for table in keys::MAPPINGS {
        let (before, behind) = around(table.id);
        for key in table.keys {
            // A list in a list is no value of any key.
            let text = format!("{before}{}: [[]]{behind}\n", key.name());
            let value = text.find("[[]]").unwrap();
            let (_, findings) = read_text(&text);
            let about = |finding: &Diagnostic| finding.span.start >= value && finding.span.end <= value + "[[]]".len();
            assert!(findings.iter().any(about), "nothing reads `{}` of {}: {findings:#?}", key.name(), table.id);
        }
    }
}

#[test]
fn what_is_meant_is_found() {
    let cases = [
        ("alow", Some("allow")),
        ("Allow", Some("allow")),
        ("lalow", Some("allow")),
        ("work-load-enforcement", Some("workloadEnforcement")),
        ("workloadEnforcment", Some("workloadEnforcement")),
        ("proxy", None),
        ("proxys", Some("proxies")),
        ("contcat", Some("contact")),
        ("", None),
        ("---", None),
        ("ключ", None),
    ];
    let names = || keys::MAPPINGS[0].keys.iter().map(|key| key.name());
    for (word, meant) in cases {
        assert_eq!(suggest::nearest(word, names()), meant, "{word}");
    }
    assert_eq!(suggest::nearest(&"a".repeat(1 << 20), names()), None);
}

#[test]
fn distances() {
    let cases =
        [("", "", 0), ("", "ab", 2), ("ab", "ba", 1), ("deny", "dney", 1), ("kitten", "sitting", 3), ("abc", "abc", 0)];
    for (a, b, distance) in cases {
        assert_eq!(suggest::distance(a.as_bytes(), b.as_bytes()), distance, "{a} {b}");
        assert_eq!(suggest::distance(b.as_bytes(), a.as_bytes()), distance, "{b} {a}");
    }
}

/// A file of nothing but findings costs no more for being the worst: suggestions stop when nobody
/// would read them.
#[test]
fn suggestions_are_bounded() {
    let mut text = HEAD.to_owned();
    for number in 0..5_000 {
        writeln!(text, "workloadEnforcment{number:03}: x").unwrap();
    }
    let (_, findings) = read_text(&text);
    assert_eq!(findings.len(), 5_000);
    let help = |help: &str| {
        findings.iter().filter(|finding| finding.help.as_ref().is_some_and(|text| text.contains(help))).count()
    };
    assert_eq!((help("did you mean"), help("the keys here are")), (SUGGESTIONS, 5_000 - SUGGESTIONS));
}
