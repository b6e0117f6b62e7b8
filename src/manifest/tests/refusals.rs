use super::*;

/// The place of the one problem, and its words.
fn refused(text: &str) -> String {
    let problems = rewrite(text).expect_err(text);
    let [problem] = &*problems else { panic!("{problems:?}") };
    format!("{}:{}: {problem}", problem.position.line, problem.position.column)
}

#[test]
fn what_is_no_image_name_is_refused_with_its_place() {
    let of_yaml_1_1 = ["yes", "1_000", "0b11", "0x1_f", "1_0.5", "-0x1f", "0O17"];
    for image in ["1.27", "[nginx]", "{a: b}", "true", "0x1F", "!!int '1'", "!x nginx", "!!binary bmdpbng="]
        .iter()
        .chain(&of_yaml_1_1)
    {
        let tag = image.find(' ').filter(|_| image.starts_with('!')).map_or(0, |space| space + 1);
        let expected =
            format!("5:{}: expected an image name, but found a value that is no string; put it in quotes", 12 + tag);
        assert_eq!(refused(&pod(&format!("  - image: {image}\n"))), expected, "{image}");
    }
}

#[test]
fn a_template_is_named_as_one() {
    let message = "expected a manifest, but found a Helm template; render it first: \
                   `helm template … | harbor-pilot rewrite -`";
    for (text, place) in [
        (pod("  - image: {{ .Values.image }}\n"), "5:12"),
        (pod("  - image: \"{{ .Values.image }}\"\n"), "5:12"),
        (pod("  - image: {{ .Values.image }}:{{ .Values.tag }}\n"), "5:12"),
        ("{{- if .Values.on }}\nkind: Pod\n{{- end }}\n".to_owned(), "1:1"),
        ("a: b\n{{ include \"x\" . }}\n".to_owned(), "2:1"),
        ("a: {{ .b }} c\n".to_owned(), "1:4"),
        // What decides how an image is judged.
        ("{apiVersion: v1, kind: Pod, metadata: {namespace: {{ .Release.Namespace }}}}".to_owned(), "1:51"),
        ("{apiVersion: v1, kind: Pod, metadata: {namespace: \"{{ .Release.Namespace }}\"}}".to_owned(), "1:51"),
        ("{apiVersion: {{ .Values.api }}, kind: Pod}".to_owned(), "1:14"),
        ("{apiVersion: v1, kind: '{{ .Values.kind }}'}".to_owned(), "1:24"),
    ] {
        assert_eq!(refused(&text), format!("{place}: {message}"), "{text}");
    }
    for text in ["kind: '{{ x }}'\n", "{apiVersion: x/v1, kind: X, metadata: {namespace: '{{ x }}'}}"] {
        assert_eq!(rewrite(text).as_deref(), Ok(text), "nothing is judged by it");
    }
    for alert in ["a: '{{ $value }}'\nb: [\n", "a: |-  # text\n  {{ range . }}\n\n  {{ end }}\nb: [\n"] {
        assert!(refused(alert).contains("expected `]`"), "{}", refused(alert));
    }
    let included = "a: |\n  b\n{{ include \"x\" . }}\n";
    assert_eq!(refused(included), format!("3:1: {message}"));
}

#[test]
fn a_key_on_the_way_to_an_image_comes_once() {
    for (text, place) in [
        (pod("  - {image: nginx, image: redis}\n"), "5:20"),
        ("apiVersion: v1\nkind: Pod\nkind: Job\n".to_owned(), "3:1"),
        ("{apiVersion: v1, kind: Pod, spec: {}, spec: {}}".to_owned(), "1:39"),
        (pod("  - {image: nginx}\n  containers: []\n"), "6:3"),
        ("{apiVersion: v1, kind: Pod, metadata: {namespace: a, namespace: b}}".to_owned(), "1:54"),
        // Readers differ in whether what stands in front of `<<` wins.
        (pod("  - &c {image: nginx}\n  - {image: redis, <<: *c}\n"), "5:9"),
    ] {
        let message = refused(&text);
        assert!(message.starts_with(&format!("{place}: expected the key `")), "{message}\n{text}");
    }
    let unread = pod("  - {image: nginx, args: [], args: []}\n");
    rewrite(&unread).expect("other keys are the API server's to refuse");
}

#[test]
fn an_anchor_with_two_meanings_is_refused() {
    for (text, place) in [
        // The container is an example as well.
        ("apiVersion: v1\nkind: Pod\nx: &c {image: nginx}\nspec: {containers: [*c]}\n", "3:15"),
        ("apiVersion: v1\nkind: Pod\nx: &c {image: nginx}\nspec: {containers: [{<<: *c}]}\n", "3:15"),
        // Two namespaces want two names.
        (
            "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Pod, spec: &s {containers: [{image: nginx}]}}\n\
             - {apiVersion: v1, kind: Pod, metadata: {namespace: raw}, spec: *s}\n",
            "4:62",
        ),
    ] {
        let problems = rewrite_by(&policy("namespaces: [{match: [raw], rewrite: false}]"), text).expect_err(text);
        let places: Vec<String> =
            problems.iter().map(|problem| format!("{}:{}", problem.position.line, problem.position.column)).collect();
        assert_eq!(places, [place], "{text}");
        assert_eq!(problems[0].kind, ProblemKind::SharedAnchor);
    }
}

#[test]
fn a_page_of_aliases_costs_little() {
    use std::fmt::Write as _;
    let mut laughs = String::from("apiVersion: v1\nkind: Pod\nx0: &x0 [lol]\n");
    let mut chain = laughs.clone();
    let mut merges = String::from("apiVersion: v1\nkind: Pod\nx0: &x0 {a: b}\n");
    for level in 1..1000 {
        let before = level - 1;
        let many = format!("*x{before}, ").repeat(9);
        if level < 30 {
            let _ = writeln!(laughs, "x{level}: &x{level} [{many}]");
        }
        let _ = writeln!(chain, "x{level}: &x{level} [*x{before}]");
        let _ = writeln!(merges, "x{level}: &x{level} {{<<: *x{before}}}");
    }
    for text in [laughs, chain, merges] {
        let problems = rewrite(&text).expect_err("it stands for too much");
        assert_eq!(problems[0].kind, ProblemKind::Expansion);
    }
}

#[test]
fn what_is_no_yaml_is_refused_with_its_place() {
    assert!(refused("a: b\nb: [\n").starts_with("2:4: expected"), "{}", refused("a: b\nb: [\n"));
    assert!(refused("a: \u{1}").starts_with("1:4: expected printable text"));
}
