use super::*;

const LIMITS: Limits = Limits { bytes: 4 << 20, depth: 32, nodes: 250_000 };

fn parse(text: &str) -> Stream<'_> {
    Stream::parse(text.as_bytes(), LIMITS).unwrap_or_else(|error| panic!("{text:?}: {error:?}"))
}

fn refuse(text: impl AsRef<[u8]>) -> String {
    match Stream::parse(text.as_ref(), LIMITS) {
        Ok(stream) => panic!("accepted: {stream:?}"),
        Err(error) => format!("{}:{}: {error}", error.position.line, error.position.column),
    }
}

/// Every node as its kind and the text of its span.
fn spans<'t>(text: &'t str, node: &Node<'t>, found: &mut Vec<String>) {
    let source = node.span.of(text);
    match &node.content {
        Content::Scalar(scalar) => found.push(format!("{:?} {source:?} = {:?}", scalar.style, scalar.value)),
        Content::Alias { name, target } => found.push(format!("Alias {source:?} {name} -> {:?}", target.of(text))),
        Content::Sequence(items) => {
            found.push(format!("Sequence {source:?}"));
            for item in items {
                spans(text, item, found);
            }
        }
        Content::Mapping(entries) => {
            found.push(format!("Mapping {source:?}"));
            for (key, value) in entries {
                spans(text, key, found);
                spans(text, value, found);
            }
        }
    }
}

fn drawn(text: &str) -> String {
    let stream = parse(text);
    let mut found = Vec::new();
    for document in &stream.documents {
        found.push(format!("--- {:?}", document.span.of(text)));
        spans(text, &document.root, &mut found);
    }
    found.join("\n")
}

#[test]
fn spans_are_the_source_to_the_byte() {
    insta::assert_snapshot!(drawn("a: b\nc: 'é'\r\nd: \"x\\ty\"\n"), @r#"
    --- "a: b\nc: 'é'\r\nd: \"x\\ty\""
    Mapping "a: b\nc: 'é'\r\nd: \"x\\ty\""
    Plain "a" = "a"
    Plain "b" = "b"
    Plain "c" = "c"
    SingleQuoted "'é'" = "é"
    Plain "d" = "d"
    DoubleQuoted "\"x\\ty\"" = "x\ty"
    "#);
    insta::assert_snapshot!(drawn("\u{feff}a: &x [1, {b: c}]\nb: *x\n---\n{\"k\": [true, \"é\"]}\n"), @r#"
    --- "a: &x [1, {b: c}]\nb: *x"
    Mapping "a: &x [1, {b: c}]\nb: *x"
    Plain "a" = "a"
    Sequence "[1, {b: c}]"
    Plain "1" = "1"
    Mapping "{b: c}"
    Plain "b" = "b"
    Plain "c" = "c"
    Plain "b" = "b"
    Alias "*x" x -> "[1, {b: c}]"
    --- "---\n{\"k\": [true, \"é\"]}"
    Mapping "{\"k\": [true, \"é\"]}"
    DoubleQuoted "\"k\"" = "k"
    Sequence "[true, \"é\"]"
    Plain "true" = "true"
    DoubleQuoted "\"é\"" = "é"
    "#);
    insta::assert_snapshot!(drawn("- |\n  text\n  more\n- >-\n  f\n\n# c\n- !!str 5\n-\n- z\n"), @r#"
    --- "- |\n  text\n  more\n- >-\n  f\n\n# c\n- !!str 5\n-\n- z"
    Sequence "- |\n  text\n  more\n- >-\n  f\n\n# c\n- !!str 5\n-\n- z"
    Literal "|\n  text\n  more" = "text\nmore\n"
    Folded ">-\n  f" = "f"
    Plain "5" = "5"
    Plain "" = ""
    Plain "z" = "z"
    "#);
    insta::assert_snapshot!(drawn("- - a\n  - b\n-   c: d\n    e: \n"), @r#"
    --- "- - a\n  - b\n-   c: d\n    e:"
    Sequence "- - a\n  - b\n-   c: d\n    e:"
    Sequence "- a\n  - b"
    Plain "a" = "a"
    Plain "b" = "b"
    Mapping "c: d\n    e:"
    Plain "c" = "c"
    Plain "d" = "d"
    Plain "e" = "e"
    Plain "" = ""
    "#);
    insta::assert_snapshot!(drawn("a: &n v\nb: *n\n? x\n: y\nc:\n  # why\n\nd: {e, \"f\": }\na: 2\n"), @r#"
    --- "a: &n v\nb: *n\n? x\n: y\nc:\n  # why\n\nd: {e, \"f\": }\na: 2"
    Mapping "a: &n v\nb: *n\n? x\n: y\nc:\n  # why\n\nd: {e, \"f\": }\na: 2"
    Plain "a" = "a"
    Plain "v" = "v"
    Plain "b" = "b"
    Alias "*n" n -> "v"
    Plain "x" = "x"
    Plain "y" = "y"
    Plain "c" = "c"
    Plain "" = ""
    Plain "d" = "d"
    Mapping "{e, \"f\": }"
    Plain "e" = "e"
    Plain "" = ""
    DoubleQuoted "\"f\"" = "f"
    Plain "" = ""
    Plain "a" = "a"
    Plain "2" = "2"
    "#);
}

#[test]
fn places_are_lines_and_characters() {
    let text = "\u{feff}é: b\r\nc: d\re: f\n\ng: h";
    let stream = parse(text);
    let place = |needle: &str| {
        let position = stream.position(text.find(needle).expect("it is there"));
        (position.line, position.column)
    };
    assert_eq!(place("é"), (1, 1));
    assert_eq!(place("b"), (1, 4));
    assert_eq!(place("c"), (2, 1));
    assert_eq!(place("f"), (3, 4));
    assert_eq!(place("g"), (5, 1));
    assert_eq!((stream.line(1), stream.line(3), stream.line(4), stream.line(6)), ("é: b", "e: f", "", ""));
    assert_eq!(stream.position(text.len()), Position { line: 5, column: 5 });
}

#[test]
fn plain_scalars_have_the_core_schemas_types() {
    let cases = [
        ("", Core::Null),
        ("~", Core::Null),
        ("NULL", Core::Null),
        ("nULL", Core::String),
        ("true", Core::Bool(true)),
        ("FALSE", Core::Bool(false)),
        ("yes", Core::String),
        ("on", Core::String),
        ("0", Core::Integer(0)),
        ("-1", Core::Integer(-1)),
        ("+12", Core::Integer(12)),
        ("0o17", Core::Integer(15)),
        ("0xfF", Core::Integer(255)),
        ("0x", Core::String),
        ("0x-1", Core::String),
        ("9223372036854775808", Core::Float),
        ("1.10", Core::Float),
        ("1.", Core::Float),
        (".5", Core::Float),
        (".", Core::String),
        ("-", Core::String),
        ("1e3", Core::Float),
        ("1e", Core::String),
        ("e3", Core::String),
        ("-.inf", Core::Float),
        (".NaN", Core::Float),
        ("1.2.3", Core::String),
        ("10.0.0.1", Core::String),
        ("v1", Core::String),
    ];
    for (value, expected) in cases {
        let scalar = |style| Scalar { value: value.into(), style };
        assert_eq!(scalar(Style::Plain).core(), expected, "{value}");
        assert_eq!(scalar(Style::DoubleQuoted).core(), Core::String, "{value}");
    }
}

#[test]
fn what_is_no_yaml_is_refused_with_its_place() {
    let errors: Vec<String> = [
        "a: [",
        "a: 'x",
        "a:\n\tb: c",
        "a: b\n c: d",
        "a: *x",
        "a: b: c",
        "- a\nb: c",
        "a: \u{0}b",
        "{a: b",
        "x: @a",
        "a: \"\\q\"",
        "a: {b: c",
        "é: \u{1b}",
        "%YAML 3.0\n---\na",
    ]
    .iter()
    .map(|text| format!("{text:?}: {}", refuse(text)))
    .collect();
    insta::assert_snapshot!(errors.join("\n"), @r#"
    "a: [": 1:4: expected `]` for the `[` that opens here, but found the end of the document; close it, or put a text that begins with `[` in quotes
    "a: 'x": 1:4: expected a second quote for the one that opens here, but found the end of the text; close it
    "a:\n\tb: c": 2:2: expected spaces as indentation, but found a tab; replace it by spaces
    "a: b\n c: d": 2:3: expected one value, but found another `key:` in it; put a text with `: ` in quotes, or begin the mapping on a line of its own and check the indentation
    "a: *x": 1:4: expected the name of an anchor in front of this alias, but found none; add `&name` to the value that is meant, or put a text that begins with `*` in quotes
    "a: b: c": 1:5: expected one value, but found another `key:` in it; put a text with `: ` in quotes, or begin the mapping on a line of its own and check the indentation
    "- a\nb: c": 2:1: expected `- ` in front of the next item of the list, but found something else; check the indentation
    "a: \0b": 1:4: expected printable text, but found the character U+0000; remove it, or write it as an escape in double quotes
    "{a: b": 1:1: expected `}` for the `{` that opens here, but found the end of the document; close it, or put a text that begins with `{` in quotes
    "x: @a": 1:4: expected a value, but found `@`, which can't begin one; put the value in quotes
    "a: \"\\q\"": 1:4: expected an escape that YAML knows behind `\`, but found another; write `\\`, or use single quotes
    "a: {b: c": 1:4: expected `}` for the `{` that opens here, but found the end of the document; close it, or put a text that begins with `{` in quotes
    "é: \u{1b}": 1:4: expected printable text, but found the character U+001B; remove it, or write it as an escape in double quotes
    "%YAML 3.0\n---\na": 1:1: expected a directive such as `%YAML 1.2`, once and in front of `---`, but found something else; remove it
    "#);
    insta::assert_snapshot!(refuse(b"a: b\nc: \xff"), @"2:4: expected UTF-8, but found the byte 0xff; save the file as UTF-8");
    insta::assert_snapshot!(refuse(b"\xff\xfea\0"), @"1:1: expected UTF-8, but found UTF-16; save the file as UTF-8");
    insta::assert_snapshot!(refuse(b"a\0:\0"), @"1:1: expected UTF-8, but found UTF-16; save the file as UTF-8");
}

#[test]
fn hostile_text_is_refused_within_the_limits() {
    let deep = 100_000;
    insta::assert_snapshot!(refuse("[".repeat(deep)), @"1:33: expected at most 32 lists and mappings inside one another, but found more; nest less");
    insta::assert_snapshot!(refuse("{a: ".repeat(deep)), @"1:129: expected at most 32 lists and mappings inside one another, but found more; nest less");
    insta::assert_snapshot!(refuse("- ".repeat(deep)), @"1:65: expected at most 32 lists and mappings inside one another, but found more; nest less");
    insta::assert_snapshot!(refuse("? ".repeat(deep)), @"1:65: expected at most 32 lists and mappings inside one another, but found more; nest less");
    let steps: String = (0..200).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect();
    insta::assert_snapshot!(refuse(steps), @"33:33: expected at most 32 lists and mappings inside one another, but found more; nest less");
    insta::assert_snapshot!(refuse("- a\n".repeat(250_000)), @"250000:3: expected at most 250000 values, but found more; split the file");
    insta::assert_snapshot!(refuse("---\na\n".repeat(300_000)), @"500002:1: expected at most 250000 values, but found more; split the file");
    insta::assert_snapshot!(refuse(vec![b'a'; (4 << 20) + 1]), @"1:1: expected at most 4194304 bytes, but found more; split the file");
}

/// Aliases are nodes, so a bomb of them is as small as its text.
#[test]
fn aliases_are_not_followed() {
    let mut bomb = "a0: &a0 [x, x]\n".to_owned();
    for level in 1..25 {
        bomb += &format!("a{level}: &a{level} [*a{0}, *a{0}]\n", level - 1);
    }
    let stream = parse(&bomb);
    let Content::Mapping(entries) = &stream.documents[0].root.content else { panic!("a mapping") };
    assert_eq!(entries.len(), 25);
}

/// 4 MiB of what is slow to read elsewhere is read or refused at once: this test would not end.
#[test]
fn large_text_is_read_in_time() {
    let fill = |part: &str| part.repeat((4 << 20) / part.len());
    for text in [
        fill("a"),
        fill("'"),
        fill(" "),
        fill("\n"),
        fill("#c\n"),
        fill("a: &x\n"),
        fill("*a "),
        fill("a: b\n"),
        fill("%TAG ! a\n"),
        fill("[]\n"),
        fill("!a "),
        fill("a b "),
        fill("\"a\": "),
        fill("- a: |\n"),
        format!("a: |\n{}", fill(" x\n")),
        format!("\"{}\"", fill("\\n").split_at((4 << 20) - 8).0),
        fill(","),
        fill("? a\n"),
        fill("[a,"),
        fill("\t"),
        fill("é"),
    ] {
        drop(Stream::parse(text.as_bytes(), LIMITS));
    }
}

proptest::proptest! {
    #[test]
    fn any_bytes_are_read_or_refused_with_a_place(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..200)) {
        check(&bytes);
    }

    #[test]
    fn any_yaml_like_text_is_read_or_refused_with_a_place(text in "[-a:é\\[\\]{},?#&*!|>'\"% \n\r\t~0]{0,120}") {
        check(text.as_bytes());
    }
}

fn check(bytes: &[u8]) {
    match Stream::parse(bytes, LIMITS) {
        Err(error) => assert!(error.offset <= bytes.len()),
        Ok(stream) => {
            let mut at = 0;
            for document in &stream.documents {
                assert!(document.span.start >= at, "{document:?}");
                at = document.span.end;
                check_node(&stream, &document.root, document.span);
            }
        }
    }
}

/// A node lies within its parent, and siblings lie one behind the other.
fn check_node(stream: &Stream<'_>, node: &Node<'_>, parent: Span) {
    let Span { start, end } = node.span;
    assert!(stream.text.get(start..end).is_some(), "{node:?}");
    assert!(parent.start <= start && end <= parent.end, "{node:?} in {parent:?} of {:?}", stream.text);
    let children: Vec<&Node<'_>> = match &node.content {
        Content::Scalar(_) | Content::Alias { .. } => Vec::new(),
        Content::Sequence(items) => items.iter().collect(),
        Content::Mapping(entries) => entries.iter().flat_map(|(key, value)| [key, value]).collect(),
    };
    let mut at = start;
    for child in children {
        assert!(child.span.start >= at, "{child:?} before {at} in {:?}", stream.text);
        at = child.span.end;
        check_node(stream, child, node.span);
    }
}
