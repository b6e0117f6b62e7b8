//! A secret is never shown, wherever it stands and whatever else is wrong.

use super::*;

const SECRET: &str = "hunter2-hunter2";

#[test]
fn no_finding_shows_it() {
    let endpoints = [
        "{accessSecret: hunter2-hunter2}",
        "{accessSecret: 'hunter2-hunter2', urll: x}",
        "{accessSecret: [hunter2-hunter2]}",
        "{accessSecret: {value: hunter2-hunter2}}",
        "{accessSecret: {value: {deep: hunter2-hunter2}}}",
        "{accessSecret: {env: hunter2-hunter2}}",
        "{accessSecret: {env: [hunter2-hunter2]}}",
        "{accessSecret: {env: NAME, value: hunter2-hunter2}}",
        "{accessSecret: {password: hunter2-hunter2}, accessSecret: hunter2-hunter2}",
        "{accessSecret: !!str hunter2-hunter2}",
        "{accessSecret: &a hunter2-hunter2}",
        "{accessSecret: !hunter2-hunter2 }",
        "{accessSecret: &hunter2-hunter2 }",
        "{password: !hunter2-hunter2 x}",
        "{url: \"https://me:hunter2-hunter2@nvcr.io\"}",
        "{url: 'https://hunter2-hunter2@nvcr.io/v2?x'}",
        "{url: [\"https://me:hunter2-hunter2@nvcr.io\"]}",
        "{url: 'me:hunter2-hunter2@nvcr.io'}",
        "{name: 'https://me:hunter2-hunter2@nvcr.io'}",
        "{accessSecret: {hunter2-hunter2}}",
        "{accessSecret: {hunter2}}",
        "{accessSecret: {hunter2-hunter2: x}}",
        "{accessSecret: {env: NAME, hunter2-hunter2}}",
        "{ngcApiKey: hunter2-hunter2}",
        "{pass: hunter2-hunter2}",
        "{accesSecret: hunter2-hunter2}",
        "{access_secret: hunter2-hunter2}",
        "{password: hunter2-hunter2}",
        "{token: hunter2-hunter2, secret: hunter2-hunter2}",
        "{api-key: hunter2-hunter2}",
        "[{accessSecret: hunter2-hunter2}]",
        "{accessSecret: hunter2-hunter2, quota: {accessSecret: hunter2-hunter2}}",
        "{accessSecret: |\n hunter2-hunter2\n hunter2-hunter2\n }",
    ];
    let mut files: Vec<String> =
        endpoints.iter().map(|endpoint| format!("{HEAD}proxies: [{{setup: {{endpoint: {endpoint}}}}}]\n")).collect();
    files.push(format!("{HEAD}{{accessSecret: {SECRET}}}: x\n"));
    files.push(format!("[{{accessSecret: {SECRET}}}]\n"));
    files.push(format!(
        "apiVersion: harbor-pilot.io/v1\nkind: Policy\nharbor: https://me:{SECRET}@harbor.example.com\n"
    ));
    files.push(format!("{HEAD}proxies: [{{registry: 'https://me:{SECRET}@nvcr.io', project: nvidia}}]\n"));
    files.push(format!("{HEAD}allow: ['https://me:{SECRET}@nvcr.io/**']\n"));
    files.push(format!("{HEAD}--- {{accessSecret: {SECRET}}}\n"));
    files.push(format!("{HEAD}x: {{y: [{{accessSecret: {SECRET}}}]}}\n"));
    files.push(format!("{HEAD}accessSecret: |\n  {SECRET}\n  {SECRET}\n"));
    // Not even YAML.
    files.push(format!("{HEAD}accessSecret: \"{SECRET}\n"));
    files.push(format!("{HEAD}accessSecret:\n  value: \"{SECRET}\n"));
    files.push(format!("{HEAD}accessSecret: ]{SECRET}\n"));
    files.push(format!("{HEAD}accessSecret: *{SECRET}\n"));
    files.push(format!("{HEAD}API_KEY: |\n  one\n  two\n  three\n  four\n  five\n{SECRET}\n"));
    for text in files {
        let (_, findings) = read_text(&text);
        assert!(findings.iter().any(|finding| finding.severity == Severity::Error), "{text}");
        let told = told_of(&text);
        assert!(!told.contains("hunter2"), "{text}\n{told}");
    }
}

#[test]
fn what_is_no_secret_is_no_finding() {
    let sources = ["{env: NGC_API_KEY}", "{env: _x1}", "{file: /run/secrets/ngc}", "{file: \"5\"}"];
    for source in sources {
        let text = format!(
            "{HEAD}proxies: [{{registry: nvcr.io, project: nvidia, pullSecret: token, setup: {{endpoint: {{url: \"https://nvcr.io/@x\", accessSecret: {source}}}}}}}]\n"
        );
        assert_eq!(read_text(&text).1, [], "{text}");
    }
}

#[test]
fn a_misspelt_pull_secret_is_no_secret() {
    let told = told("proxies: [{registry: nvcr.io, project: nvidia, pulSecret: harbor-nvidia}]\n");
    assert!(told.contains("did you mean `pullSecret`?"), "{told}");
}

#[test]
fn messages() {
    insta::assert_snapshot!(told("proxies:\n- registry: nvcr.io\n  project: nvidia\n  setup:\n    endpoint: {accessSecret: nvapi-1, uri: x}\n"), @r#"
        error: a secret stands in the file
         --> policies.yaml:8:30
          |
        8 |     endpoint: {accessSecret: ***, uri: x}
          |                              ^^^
          |
          = help: write `accessSecret: {env: NAME}` or `accessSecret: {file: PATH}`, and change the secret if others have seen the file

        error: unknown key `uri` in `endpoint`
         --> policies.yaml:8:39
          |
        8 |     endpoint: {accessSecret: ***, uri: x}
          |                                   ^^^
          |
          = help: did you mean `url`?

        2 errors in policies.yaml
    "#);
    insta::assert_snapshot!(told("accessSecret: \"nvapi-1\n"), @"
    error: expected a second quote for the one that opens here, but found none that ends the value; close it
     --> policies.yaml:4:15

    1 error in policies.yaml
    ");
}
