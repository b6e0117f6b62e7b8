use insta::assert_snapshot;

use super::*;
use crate::yaml::{Limits, Stream};

/// A finding at the first `marked` of a text.
fn at(text: &str, marked: &str) -> Diagnostic {
    let start = text.find(marked).unwrap();
    Diagnostic::error(Span { start, end: start + marked.len() }, "this is wrong")
}

fn plain(text: &str, diagnostics: &[Diagnostic]) -> String {
    render("p.yaml", text, diagnostics, Style::Plain)
}

#[test]
fn nothing_is_said_of_nothing() {
    assert_eq!(render("p.yaml", "a: b\n", &[], Style::Plain), "");
}

#[test]
fn errors_and_warnings_by_their_place() {
    let text = "a: 1\nb: 2\nc: 3\nd: 4\ne: 5\nf: 6\ng: 7\nh: 8\ni: 9\nj: 10\n";
    let warning = Diagnostic { severity: Severity::Warning, ..at(text, "b") };
    let other = Span { start: 0, end: 1 };
    let findings =
        [at(text, "10").with_help("write `9`").with_other(other, "the first is here"), at(text, "d"), warning];
    assert_snapshot!(plain(text, &findings), @r#"
        warning: this is wrong
         --> p.yaml:2:1
          |
        2 | b: 2
          | ^

        error: this is wrong
         --> p.yaml:4:1
          |
        4 | d: 4
          | ^

        error: this is wrong
          --> p.yaml:10:4
           |
        10 | j: 10
           |    ^^
          ::: p.yaml:1:1
           |
         1 | a: 1
           | - the first is here
           |
           = help: write `9`

        2 errors, 1 warning in p.yaml
    "#);
}

#[test]
fn a_mark_stands_under_what_it_marks() {
    // Wide characters, tabs, and what would not be seen.
    let text = "名前: \"宽\t\u{202e}\u{1b}[31m\" # x\n";
    assert_snapshot!(plain(text, &[at(text, "[31m"), at(text, "宽"), at(text, "\u{202e}"), at(text, "x")]), @r#"
        error: this is wrong
         --> p.yaml:1:6
          |
        1 | 名前: "宽    \u{202e}\u{1b}[31m" # x
          |        ^^

        error: this is wrong
         --> p.yaml:1:8
          |
        1 | 名前: "宽    \u{202e}\u{1b}[31m" # x
          |              ^^^^^^^^

        error: this is wrong
         --> p.yaml:1:10
          |
        1 | 名前: "宽    \u{202e}\u{1b}[31m" # x
          |                            ^^^^

        error: this is wrong
         --> p.yaml:1:18
          |
        1 | 名前: "宽    \u{202e}\u{1b}[31m" # x
          |                                    ^

        4 errors in p.yaml
    "#);
}

#[test]
fn line_breaks_and_the_end_of_the_file() {
    let text = "a: 1\r\nb: 2\rc: 3\n";
    let end = Diagnostic::error(Span { start: text.len(), end: text.len() }, "something is missing");
    let break_of_line = Diagnostic::error(Span { start: 4, end: 6 }, "a line ends here");
    let beyond = Diagnostic::error(Span { start: text.len() + 9, end: text.len() + 10 }, "this is nowhere");
    assert_snapshot!(plain(text, &[at(text, "b"), at(text, "c: 3"), end, break_of_line, beyond]), @r#"
        error: a line ends here
         --> p.yaml:1:5
          |
        1 | a: 1
          |     ^

        error: this is wrong
         --> p.yaml:2:1
          |
        2 | b: 2
          | ^

        error: this is wrong
         --> p.yaml:3:1
          |
        3 | c: 3
          | ^^^^

        error: something is missing
         --> p.yaml:4:1
          |
        4 |
          | ^

        error: this is nowhere
         --> p.yaml:4:1
          |
        4 |
          | ^

        5 errors in p.yaml
    "#);
}

#[test]
fn a_mark_ends_with_its_line() {
    let text = "allow:\n  - a\n  - b\n";
    assert_snapshot!(plain(text, &[at(text, "- a\n  - b")]), @r#"
        error: this is wrong
         --> p.yaml:2:3
          |
        2 |   - a
          |   ^^^

        1 error in p.yaml
    "#);
}

#[test]
fn a_line_of_megabytes_is_shown_around_its_mark() {
    let half = "宽".repeat(700_000);
    let text = format!("{half} here {half}");
    let whole = Diagnostic::error(Span { start: 0, end: text.len() }, "all of it");
    let last = Diagnostic::error(Span { start: text.len(), end: text.len() }, "the end of it");
    assert_snapshot!(plain(&text, &[at(&text, "here"), whole, last]), @r#"
        error: all of it
         --> p.yaml:1:1
          |
        1 | 宽宽宽宽宽宽宽宽宽宽宽宽宽宽宽宽宽宽宽宽宽宽宽宽宽宽宽宽宽宽宽宽宽宽宽宽宽宽宽宽宽宽宽宽宽宽宽宽宽宽…
          | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^

        error: this is wrong
         --> p.yaml:1:700002
          |
        1 | …宽宽宽宽宽宽宽宽宽宽宽宽宽宽宽宽宽宽宽宽宽宽宽宽 here 宽宽宽宽宽宽宽宽宽宽宽宽宽宽宽宽宽宽宽宽宽宽宽…
          |                                                   ^^^^

        error: the end of it
         --> p.yaml:1:1400007
          |
        1 | …宽宽宽宽宽宽宽宽宽宽宽宽宽宽宽宽宽宽宽宽宽宽宽宽宽宽宽宽宽宽宽宽宽宽宽宽宽宽宽宽宽宽宽宽宽宽宽宽宽宽
          |                                                                                                      ^

        3 errors in p.yaml
    "#);
    let invisible = "\u{200b}".repeat(1_000_000);
    let told = plain(&invisible, &[Diagnostic::error(Span { start: 1_500_000, end: 1_500_003 }, invisible.clone())]);
    assert!(told.len() < 20_000, "{} bytes", told.len());
}

#[test]
fn a_secret_is_masked_in_every_line_that_is_drawn() {
    let text = "{user: me, password: hunter2, colour: blue}\n";
    let secret = Diagnostic { shown: Shown::Masked, ..at(text, "hunter2") };
    let inside = at(text, "unter");
    assert_snapshot!(plain(text, &[at(text, "colour"), at(text, "user"), secret, inside]), @r#"
        error: this is wrong
         --> p.yaml:1:2
          |
        1 | {user: me, password: ***, colour: blue}
          |  ^^^^

        error: this is wrong
         --> p.yaml:1:22
          |
        1 | {user: me, password: ***, colour: blue}
          |                      ^^^

        error: this is wrong
         --> p.yaml:1:23
          |
        1 | {user: me, password: ***, colour: blue}
          |                         ^

        error: this is wrong
         --> p.yaml:1:31
          |
        1 | {user: me, password: ***, colour: blue}
          |                           ^^^^^^

        4 errors in p.yaml
    "#);
    let several_lines = "a: |\n  one\n  two\nb: c\n";
    let span = Span { start: 3, end: 16 };
    let secret = Diagnostic { shown: Shown::Masked, ..Diagnostic::error(span, "a secret") };
    let told =
        plain(several_lines, &[secret, at(several_lines, "two"), at(several_lines, "one"), at(several_lines, "c")]);
    assert!(!told.contains("one") && !told.contains("two"), "{told}");
}

/// A secret that is not among the findings shown is masked too.
#[test]
fn many_findings_are_counted() {
    let text = "a: hunter2\n".repeat(80);
    let findings: Vec<Diagnostic> = (0..80)
        .map(|line| {
            let start = line * 11;
            let span = Span { start: start + 3, end: start + 10 };
            match line {
                0..=69 => Diagnostic { severity: Severity::Warning, ..Diagnostic::error(span, "a warning") },
                _ => Diagnostic { shown: Shown::Masked, ..Diagnostic::error(span, "an error") },
            }
        })
        .collect();
    let told = plain(&text, &findings);
    assert_eq!((told.matches("error: ").count(), told.matches("warning: ").count()), (10, 40));
    assert!(told.ends_with("and 30 more\n\n10 errors, 70 warnings in p.yaml\n"), "{told}");
    let hidden = Diagnostic { severity: Severity::Warning, shown: Shown::Masked, ..findings[79].clone() };
    let mut findings: Vec<Diagnostic> =
        (0..60).map(|_| Diagnostic::error(Span { start: 869, end: 870 }, "an error")).collect();
    findings.push(hidden);
    assert!(!plain(&text, &findings).contains("hunter2"));
}

#[test]
fn text_of_others_is_escaped() {
    let finding = Diagnostic::error(Span { start: 0, end: 1 }, "found \u{1b}[31m\nand more").with_help("\u{202e}no");
    let told = render("\u{1b}]0;x.yaml", "a\n", &[finding], Style::Plain);
    assert_snapshot!(told, @r#"
        error: found \u{1b}[31m\u{a}and more
         --> \u{1b}]0;x.yaml:1:1
          |
        1 | a
          | ^
          |
          = help: \u{202e}no

        1 error in \u{1b}]0;x.yaml
    "#);
}

#[test]
fn colours_are_all_that_differs() {
    let text = "a: 1\nb: 2\n";
    let findings = [at(text, "2").with_help("write `1`").with_other(Span { start: 0, end: 1 }, "this"), at(text, "a")];
    let coloured = render("p.yaml", text, &findings, Style::Coloured);
    assert!(coloured.starts_with("\u{1b}["));
    let mut stripped = String::new();
    for (index, part) in coloured.split('\u{1b}').enumerate() {
        stripped.push_str(if index == 0 { part } else { part.split_once('m').unwrap().1 });
    }
    assert_eq!(stripped, plain(text, &findings));
}

/// Findings stand where the YAML room says that their bytes are.
#[test]
fn places_are_those_of_the_yaml_room() {
    let text = "\u{feff}a: 宽\r\nb: \"\u{feff}x\"\rc:\n\n  - d\r\n\r\n";
    let stream = Stream::parse(text.as_bytes(), Limits { bytes: 100, depth: 9, nodes: 99 }).unwrap();
    for start in (0..=text.len()).filter(|start| text.is_char_boundary(*start)) {
        let told = plain(text, &[Diagnostic::error(Span { start, end: start }, "here")]);
        let position = stream.position(start);
        let place = format!("--> p.yaml:{}:{}\n", position.line, position.column);
        assert!(told.contains(&place), "byte {start}: expected {place}, but found\n{told}");
    }
}
