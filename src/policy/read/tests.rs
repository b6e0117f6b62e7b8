use super::*;
use crate::policy::diagnostic::{Severity, Style, render};

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

/// What a person is told of a file that starts with [`HEAD`].
fn told(rest: &str) -> String {
    let text = format!("{HEAD}{rest}");
    render("p.yaml", &text, &read_text(&text).1, Style::Plain)
}

#[test]
fn probe() {
    let dir = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/policies/");
    for sub in ["good", "bad", "bad-yaml", "bad-meaning", "warn"] {
        let mut names: Vec<_> = std::fs::read_dir(format!("{dir}{sub}")).unwrap().map(|e| e.unwrap().path()).collect();
        names.sort();
        for name in names {
            let text = std::fs::read_to_string(&name).unwrap();
            println!("#### {sub}/{}", name.file_name().unwrap().display());
            println!("{}", render("p.yaml", &text, &read_text(&text).1, Style::Plain));
        }
    }
}
