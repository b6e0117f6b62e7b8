use std::fmt::Write as _;

use super::*;

#[test]
fn a_scalar_span_is_its_source() {
    for (text, sources) in [
        ("a: b\n", &["a", "b"][..]),
        ("\u{feff}a: b\n", &["a", "b"]),
        ("ключ: d😀 # ö\r\n'ö': \"\\u00e9\"\r\n", &["ключ", "d😀", "'ö'", "\"\\u00e9\""]),
        (r#"{"a":[1,"b\"",-2.5e1]}"#, &["\"a\"", "1", r#""b\"""#, "-2.5e1"]),
        ("--- a\n--- 'b'\n...\n\"c\"\n", &["a", "'b'", "\"c\""]),
        ("&x !t a: !!str &y 'b'\n", &["a", "'b'"]),
        ("- a b\n  c\n- 'd\n\n  ''e'\n", &["a b\n  c", "'d\n\n  ''e'"]),
        ("a :  b:c\t# d", &["a", "b:c"]),
        ("[a b , {c: d}, e: f]", &["a b", "c", "d", "e", "f"]),
        ("\r- a\r- b\r", &["a", "b"]),
        ("? a\n: b\n", &["a", "b"]),
        ("image: nginx:1.27@sha256:00 ", &["image", "nginx:1.27@sha256:00"]),
        // A block scalar: from its header to the end of its last line with something on it.
        ("a: |\n  b\n   c \n\n\nd: e", &["a", "|\n  b\n   c ", "d", "e"]),
        ("- >-2 # c | d\n\n   b\r\n  c\r\n# e\n- f", &[">-2 # c | d\n\n   b\r\n  c", "f"]),
        ("- !t |+\n\n \n- &x |", &["|+", "|"]),
        ("...\n| # a\n b", &["| # a\n b"]),
        ("--- |\n a\n...\n--- >\n b", &["|\n a", ">\n b"]),
        ("? |\n  a\n: |\n  b", &["|\n  a", "|\n  b"]),
        // Nothing at all: an empty place behind the indicator or the properties.
        ("a:\nb: # c\n", &["a", "", "b", ""]),
    ] {
        let stream = parse(text);
        let mut found = Vec::new();
        stream.documents.iter().for_each(|document| scalars(&document.root, &mut found));
        let found: Vec<&str> = found.iter().map(|(span, _)| span.of(text)).collect();
        assert_eq!(found, sources, "{text:?}");
        law::law(text.as_bytes());
    }
}

#[test]
fn a_scalar_left_out_has_its_place() {
    for (marked, count) in [
        ("a:^  \n", 1),
        ("a:^ # b\nc:^", 2),
        ("- a\n-^ # b\n-^\n", 2),
        ("a:\n-^\n-^\nb: c\n", 2),
        ("- -^\n  -^\n-^", 3),
        ("?^\n: a", 1),
        ("? a^ # b\n? c\n:^\n", 2),
        (": ? a^\n: b\n", 1),
        ("^: a", 1),
        ("{a:^, b: , c}", 1),
        ("{a:^ , \"b\":^}", 2),
        ("{a^, b^}", 2),
        ("{a: b, ?^ }", 1),
        ("? a:^\n:]b: c\n", 2),
        ("? a^\n:b: c\n", 1),
        ("[a:^ , ? b^]", 2),
        ("- &a^\n- !b^ # c\n- !d &e^\n", 3),
        ("---^\n---^ # a\n", 2),
        ("\u{feff}? a\n:^\n", 1),
    ] {
        let text = marked.replace('^', "");
        let marks = marked.match_indices('^').enumerate().map(|(nth, (at, _))| at - nth);
        let stream = parse(&text);
        let mut found = Vec::new();
        stream.documents.iter().for_each(|document| scalars(&document.root, &mut found));
        found.retain(|(span, _)| span.start == span.end);
        for mark in marks {
            assert!(found.contains(&(Span::empty(mark), "")), "{marked:?}: {mark} in {found:?}");
        }
        assert!(found.len() >= count);
        law::law(text.as_bytes());
    }
}

#[test]
fn collections_reach_from_their_first_to_their_last_item() {
    let text =
        "# a\n&m !map\nlist: &l\n- - 1\n  - {x: y, z: [ ] }\n- &k key: !!int 3\n  more: |\n    text\n\nlast: *k\n";
    insta::assert_snapshot!(outline(text), @r#"
    document "&m !map\nlist: &l\n- - 1\n  - {x: y, z: [ ] }\n- &k key: !!int 3\n  more: |\n    text\n\nlast: *k"
      3:1 &m !map map "list: &l\n- - 1\n  - {x: y, z: [ ] }\n- &k key: !!int 3\n  more: |\n    text\n\nlast: *k"
        3:1 "list"
        4:1 &l list "- - 1\n  - {x: y, z: [ ] }\n- &k key: !!int 3\n  more: |\n    text"
          4:3 list "- 1\n  - {x: y, z: [ ] }"
            4:5 "1"
            5:5 map "{x: y, z: [ ] }"
              5:6 "x"
              5:9 "y"
              5:12 "z"
              5:15 list "[ ]"
          6:3 map "&k key: !!int 3\n  more: |\n    text"
            6:6 &k "key"
            6:17 !!int "3"
            7:3 "more"
            7:9 "|\n    text" = "text\n"
        10:1 "last"
        10:7 *k -> 6:6 "key"
    "#);
}

#[test]
fn aliases_know_both_places() {
    let text = "a: &x [1, &y 2]\nb: *x\nc: {*y : *y}\nd: &x new\ne: *x\n";
    insta::assert_snapshot!(outline(text), @r#"
    document "a: &x [1, &y 2]\nb: *x\nc: {*y : *y}\nd: &x new\ne: *x"
      1:1 map "a: &x [1, &y 2]\nb: *x\nc: {*y : *y}\nd: &x new\ne: *x"
        1:1 "a"
        1:7 &x list "[1, &y 2]"
          1:8 "1"
          1:14 &y "2"
        2:1 "b"
        2:4 *x -> 1:7 "[1, &y 2]"
        3:1 "c"
        3:4 map "{*y : *y}"
          3:5 *y -> 1:14 "2"
          3:10 *y -> 1:14 "2"
        4:1 "d"
        4:7 &x "new"
        5:1 "e"
        5:4 *x -> 4:7 "new"
    "#);
}

#[test]
fn a_key_may_stand_twice() {
    let stream = parse("a: 1\nb: 2\na: 3\n");
    let Content::Mapping(pairs) = &stream.documents[0].root.content else { panic!("a mapping") };
    let mut found = Vec::new();
    for (key, value) in pairs {
        scalars(key, &mut found);
        scalars(value, &mut found);
    }
    let values: Vec<&str> = found.iter().map(|(_, value)| *value).collect();
    assert_eq!(values, ["a", "1", "b", "2", "a", "3"]);
}

#[test]
fn documents_have_their_markers() {
    insta::assert_snapshot!(outline("%YAML 1.2\n---\n- a\n...\n# b\n--- &c\n---\nd\n"), @r#"
    document "---\n- a\n..."
      3:1 list "- a"
        3:3 "a"
    document "--- &c"
      6:7 &c ""
    document "---\nd"
      8:1 "d"
    "#);
    for text in ["", "\u{feff}", "# a", "\n \t\n", "...\n"] {
        assert!(parse(text).documents.is_empty(), "{text:?}");
    }
}

#[test]
fn lines_and_columns_count_as_an_editor_does() {
    let text = "\u{feff}a: ö😀b\r\n\rc: d\n";
    let stream = parse(text);
    for (offset, line, column) in
        [(0, 1, 1), (3, 1, 1), (6, 1, 4), (8, 1, 5), (12, 1, 6), (13, 1, 7), (15, 2, 1), (16, 3, 1), (17, 3, 2)]
    {
        assert_eq!(stream.position(offset), Position { line, column }, "{offset}");
    }
    assert_eq!(stream.position(usize::MAX), Position { line: 4, column: 1 });
    assert_eq!([0, 1, 2, 3, 4, 5].map(|line| stream.line(line)), ["a: ö😀b", "a: ö😀b", "", "c: d", "", ""]);
    assert_eq!(stream.line_span(3), Span::new(16, text.len() - 1));
}

#[test]
fn the_core_schema_decides_plain_scalars_alone() {
    let cases: [(Core, &[&str]); 6] = [
        (Core::Null, &["null", "Null", "NULL", "~", ""]),
        (Core::Bool(true), &["true", "True", "TRUE"]),
        (Core::Bool(false), &["false", "False", "FALSE"]),
        (Core::Integer(-12), &["-12", "-012"]),
        (
            Core::Float,
            &[
                "1.10",
                "1.",
                ".5",
                "-.5",
                "+1e3",
                "1E-3",
                "1.5e+3",
                ".inf",
                "-.INF",
                "+.Inf",
                ".nan",
                ".NaN",
                "9223372036854775808",
                "0x8000000000000000",
                "12e03",
            ],
        ),
        (
            Core::String,
            &[
                "yes",
                "no",
                "on",
                "off",
                "y",
                "tRUE",
                "nULL",
                "0x",
                "0o",
                "0o8",
                "0xg",
                "-0x1",
                "+0o7",
                "0x+1",
                ".",
                "+",
                "-",
                "e3",
                "1e",
                "1e+",
                ".e3",
                "1.2.3",
                "1_000",
                "0b1",
                "-.nan",
                ".iNF",
                "1:30",
                "2024-01-01",
                "١",
                "v1.10",
                "1 2",
            ],
        ),
    ];
    for (meaning, values) in cases {
        for &value in values {
            let scalar = |style| Scalar { value: value.into(), style };
            assert_eq!(scalar(Style::Plain).core(), meaning, "{value:?}");
            for style in [Style::SingleQuoted, Style::DoubleQuoted, Style::Literal, Style::Folded] {
                assert_eq!(scalar(style).core(), Core::String, "{value:?}");
            }
        }
    }
    for (value, integer) in [("0", 0), ("+7", 7), ("0o17", 15), ("0xFf", 255), ("-9223372036854775808", i64::MIN)] {
        let scalar = Scalar { value: value.into(), style: Style::Plain };
        assert_eq!(scalar.core(), Core::Integer(integer), "{value:?}");
    }
}

fn scalars<'s>(node: &'s Node<'_>, found: &mut Vec<(Span, &'s str)>) {
    match &node.content {
        Content::Scalar(scalar) => found.push((node.span, &scalar.value)),
        Content::Alias { .. } => {}
        Content::Sequence(items) => items.iter().for_each(|item| scalars(item, found)),
        Content::Mapping(pairs) => {
            for (key, value) in pairs {
                scalars(key, found);
                scalars(value, found);
            }
        }
    }
}

/// One line a node: its place, what it is, its source, and its value where that differs.
fn outline(text: &str) -> String {
    let stream = parse(text);
    law::law(text.as_bytes());
    let mut out = String::new();
    for document in &stream.documents {
        let _ = writeln!(out, "document {:?}", document.span.of(text));
        outline_node(&stream, &document.root, 1, &mut out);
    }
    out
}

fn outline_node(stream: &Stream<'_>, node: &Node<'_>, depth: usize, out: &mut String) {
    let Position { line, column } = stream.position(node.span.start);
    let source = |span: Span| span.of(stream.text);
    let _ = write!(out, "{:1$}{line}:{column} ", "", depth * 2);
    for property in [node.anchor.as_ref().map(|a| a.span), node.tag.as_ref().map(|t| t.span)] {
        let _ = property.map(|span| write!(out, "{} ", source(span)));
    }
    let children: Vec<&Node<'_>> = match &node.content {
        Content::Scalar(scalar) if scalar.value == source(node.span) => {
            let _ = writeln!(out, "{:?}", scalar.value);
            vec![]
        }
        Content::Scalar(scalar) => {
            let _ = writeln!(out, "{:?} = {:?}", source(node.span), scalar.value);
            vec![]
        }
        Content::Alias { target, .. } => {
            let Position { line, column } = stream.position(target.start);
            let _ = writeln!(out, "{} -> {line}:{column} {:?}", source(node.span), source(*target));
            vec![]
        }
        Content::Sequence(items) => {
            let _ = writeln!(out, "list {:?}", source(node.span));
            items.iter().collect()
        }
        Content::Mapping(pairs) => {
            let _ = writeln!(out, "map {:?}", source(node.span));
            pairs.iter().flat_map(|(key, value)| [key, value]).collect()
        }
    };
    for child in children {
        outline_node(stream, child, depth + 1, out);
    }
}
