use std::fmt::Write as _;

use super::*;

#[test]
fn errors_say_what_was_expected_and_where() {
    let texts = [
        "a: b\n\tc: d",
        "a:\n\t- b",
        "a: 'b",
        "a: \"b\n---\n",
        "a: 'b' c",
        r#"a: "\d""#,
        r#"a: "\ud800""#,
        "a: [b",
        "a: {b: [c}",
        "a: ]",
        "[a b: c: d]",
        "[a\n[b]]",
        "{a: b\n\"c\": d}",
        "a: b\nc\nd: e",
        "a: b: c",
        "a: b\n c: d",
        "{a:[b]}",
        "a: - b",
        "[- b]",
        "- a\nb",
        "a:\n  - b\n  c: d",
        "a:\n  b: c\n d: e",
        "a: @b",
        "a: |b\n",
        "a: 'b'#c",
        "a: b #c\n  d",
        "a: *",
        "a: *b",
        "a: &b [*b]",
        "a: &b c\n---\n*b",
        "!a!b c",
        "%YAML 2.0\n---",
        "%FOO\na",
        "'a' b",
        "a: b\n]",
        "a: b\u{7}",
        "a: \"b\u{7f}\"",
        "a: b\n\u{feff}c: d",
        "a\0b: c",
        "a: b\n--- c\n... d",
        "a: >\n\tb",
        "[a,\n,b]",
        "a: `b`",
        "- - a\n - b",
        "a: \"\\n\\x41\\ud83d\\ude00\n  \\x4\"",
        "a: \"\\U00110000\"",
        "-\t- a",
        "a: 'b\nc: 'd'\ne: f",
        "['a',\n 'b' c]",
        "- [a, b\n- c",
        "a: b\n- c",
    ];
    let report: String = texts.iter().fold(String::new(), |mut report, text| {
        let error = refuse(text.as_bytes(), LIMITS);
        let Position { line, column } = error.position;
        let _ = writeln!(report, "{text:?}\n  {line}:{column} {error}");
        report
    });
    insta::assert_snapshot!(report, @r#"
    "a: b\n\tc: d"
      2:1 expected spaces as indentation, but found a tab; replace it by spaces
    "a:\n\t- b"
      2:1 expected spaces as indentation, but found a tab; replace it by spaces
    "a: 'b"
      1:4 expected a second quote for the one that opens here, but found none that ends the value; close it
    "a: \"b\n---\n"
      1:4 expected a second quote for the one that opens here, but found a document marker (`---` or `...`); close the quote, or indent the marker
    "a: 'b' c"
      1:8 expected the end of the value behind its second quote, but found more text; put all of it in quotes, inner ones doubled (`''`) or escaped (`\"`)
    "a: \"\\d\""
      1:5 expected an escape that YAML knows behind `\`, but found another; write `\\`, or use single quotes
    "a: \"\\ud800\""
      1:5 expected an escape that YAML knows behind `\`, but found another; write `\\`, or use single quotes
    "a: [b"
      1:4 expected `]` for the `[` that opens here, but found the end of the document; close it, or put a text that begins with `[` in quotes
    "a: {b: [c}"
      1:8 expected `]` for the `[` that opens here, but found `}`; close it with its own kind
    "a: ]"
      1:4 expected a value, but found a closing bracket that nothing opens; remove it, or put the text in quotes
    "[a b: c: d]"
      1:8 expected `,` or `}` behind an entry of a mapping in braces, but found something else; add the comma or the brace
    "[a\n[b]]"
      2:1 expected `,` or `]` behind an item of a list in brackets, but found something else; add the comma or the bracket
    "{a: b\n\"c\": d}"
      2:4 expected `,` or `}` behind an entry of a mapping in braces, but found something else; add the comma or the brace
    "a: b\nc\nd: e"
      2:1 expected `key: value` or `- item`, but found a line that is neither (a key has one line and at most 1024 characters); add what is missing, or check the indentation
    "a: b: c"
      1:5 expected one value, but found another `key:` in it; put a text with `: ` in quotes, or begin the mapping on a line of its own and check the indentation
    "a: b\n c: d"
      2:3 expected one value, but found another `key:` in it; put a text with `: ` in quotes, or begin the mapping on a line of its own and check the indentation
    "{a:[b]}"
      1:3 expected a blank behind `:`, but found something else; add the blank
    "a: - b"
      1:4 expected a value, but found the `-` of a list item; begin the list on a line of its own, or put a text that begins with `- ` in quotes
    "[- b]"
      1:2 expected an item without `-`, or the bracket that closes, but found the `-` of a list item; close the bracket in front, or remove the dash
    "- a\nb"
      2:1 expected `key: value` or `- item`, but found a line that is neither (a key has one line and at most 1024 characters); add what is missing, or check the indentation
    "a:\n  - b\n  c: d"
      3:3 expected `- ` in front of the next item of the list, but found something else; check the indentation
    "a:\n  b: c\n d: e"
      3:2 expected the mapping's next key in the column of its others, but found something else; check the indentation
    "a: @b"
      1:4 expected a value, but found `@`, which can't begin one; put the value in quotes
    "a: |b\n"
      1:4 expected the end of the line behind `|` or `>`, but found something else (`+`, `-` and 1 to 9 may stand there); begin the text on the next line
    "a: 'b'#c"
      1:7 expected a blank in front of `#`, but found none; add it
    "a: b #c\n  d"
      1:6 expected the next line of the value, but found a comment inside it; move the comment, or put the value in quotes
    "a: *"
      1:4 expected a name behind `&` or `*`, but found none; name it, or put a text that begins so in quotes
    "a: *b"
      1:4 expected the name of an anchor in front of this alias, but found none; add `&name` to the value that is meant, or put a text that begins with `*` in quotes
    "a: &b [*b]"
      1:8 expected the name of a value that ends in front of this alias, but found that of one around it; write the value out
    "a: &b c\n---\n*b"
      3:1 expected the name of an anchor in front of this alias, but found none; add `&name` to the value that is meant, or put a text that begins with `*` in quotes
    "!a!b c"
      1:1 expected a tag such as `!name` or `!!str`, its handle declared, but found something else; correct it, or put a text that begins with `!` in quotes
    "%YAML 2.0\n---"
      1:1 expected a directive such as `%YAML 1.2`, once and in front of `---`, but found something else; remove it
    "%FOO\na"
      2:1 expected the document's end or `---`, but found more text; check the indentation, or begin another document with `---`
    "'a' b"
      1:5 expected the end of the value behind its second quote, but found more text; put all of it in quotes, inner ones doubled (`''`) or escaped (`\"`)
    "a: b\n]"
      2:1 expected a value, but found a closing bracket that nothing opens; remove it, or put the text in quotes
    "a: b\u{7}"
      1:5 expected printable text, but found the character U+0007; remove it, or write it as an escape in double quotes
    "a: \"b\u{7f}\""
      1:6 expected printable text, but found the character U+007F; remove it, or write it as an escape in double quotes
    "a: b\n\u{feff}c: d"
      2:1 expected printable text, but found the character U+FEFF; remove it, or write it as an escape in double quotes
    "a\0b: c"
      1:2 expected printable text, but found the character U+0000; remove it, or write it as an escape in double quotes
    "a: b\n--- c\n... d"
      3:5 expected the document's end or `---`, but found more text; check the indentation, or begin another document with `---`
    "a: >\n\tb"
      2:1 expected spaces as indentation, but found a tab; replace it by spaces
    "[a,\n,b]"
      2:1 expected a value, but found none; add it, or write `null`
    "a: `b`"
      1:4 expected a value, but found "`", which can't begin one; put the value in quotes
    "- - a\n - b"
      2:2 expected `- ` in front of the next item of the list, but found something else; check the indentation
    "a: \"\\n\\x41\\ud83d\\ude00\n  \\x4\""
      2:3 expected an escape that YAML knows behind `\`, but found another; write `\\`, or use single quotes
    "a: \"\\U00110000\""
      1:5 expected an escape that YAML knows behind `\`, but found another; write `\\`, or use single quotes
    "-\t- a"
      1:2 expected spaces as indentation, but found a tab; replace it by spaces
    "a: 'b\nc: 'd'\ne: f"
      1:4 expected a second quote for the one that opens here, but found none that ends the value; close it
    "['a',\n 'b' c]"
      2:6 expected the end of the value behind its second quote, but found more text; put all of it in quotes, inner ones doubled (`''`) or escaped (`\"`)
    "- [a, b\n- c"
      1:3 expected `]` for the `[` that opens here, but found the end of the document; close it, or put a text that begins with `[` in quotes
    "a: b\n- c"
      2:3 expected the mapping's next key in the column of its others, but found something else; check the indentation
    "#);
}

#[test]
fn only_utf8_is_read() {
    let utf16 = |unit: fn(u16) -> [u8; 2]| "a: b".encode_utf16().flat_map(unit).collect::<Vec<_>>();
    let utf32 = |unit: fn(u32) -> [u8; 4]| "a: b".chars().map(u32::from).flat_map(unit).collect::<Vec<_>>();
    for (bytes, name) in [
        (utf16(u16::to_le_bytes), "UTF-16"),
        (utf16(u16::to_be_bytes), "UTF-16"),
        (utf32(u32::to_le_bytes), "UTF-32"),
        (utf32(u32::to_be_bytes), "UTF-32"),
        (b"\xff\xfea\0".to_vec(), "UTF-16"),
        (b"\xfe\xff\0a".to_vec(), "UTF-16"),
        (b"\xff\xfe\0\0a\0\0\0".to_vec(), "UTF-32"),
        (b"\0\0\xfe\xff\0\0\0a".to_vec(), "UTF-32"),
    ] {
        let error = Stream::parse(&bytes, LIMITS).expect_err("not UTF-8");
        assert_eq!((error.offset, error.kind), (0, ErrorKind::Encoding(name)), "{bytes:?}");
    }
    for (bytes, offset, kind) in [
        (&b"a: \xc3\xa9\nb: \xc3("[..], 9, ErrorKind::InvalidUtf8(0xc3)),
        (b"a: b\n\xe2\x82", 5, ErrorKind::InvalidUtf8(0xe2)),
        (b"a: b\xff", 4, ErrorKind::InvalidUtf8(0xff)),
        (b"a\0b\xff", 1, ErrorKind::ForbiddenCharacter('\0')),
        (b"\0\0\0\0", 0, ErrorKind::ForbiddenCharacter('\0')),
        (b"# \x1b[31m", 2, ErrorKind::ForbiddenCharacter('\x1b')),
        ("# \u{7f}".as_bytes(), 2, ErrorKind::ForbiddenCharacter('\u{7f}')),
        ("a: b c\u{9b}d".as_bytes(), 6, ErrorKind::ForbiddenCharacter('\u{9b}')),
        ("a: |\n  b\n  c\u{ffff}".as_bytes(), 12, ErrorKind::ForbiddenCharacter('\u{ffff}')),
    ] {
        let error = refuse(bytes, LIMITS);
        assert_eq!((error.offset, error.kind), (offset, kind), "{bytes:?}");
    }
}

#[test]
fn limits_hold_to_the_last_one() {
    let limits = Limits { bytes: 10, depth: 2, nodes: 4 };
    assert!(Stream::parse(b"[[a], b]  ", limits).is_ok());
    let kind = ErrorKind::TooLong { limit: 10 };
    assert_eq!(refuse(b"\xff\0[[[[[[[[[", limits), Error::at_start(kind));
    for (text, offset) in [("[[[]]]", 2), ("- - - a", 4), ("a:\n - {}", 6), ("? ? [a]", 4), ("[a: {}]", 4)] {
        let error = refuse(text.as_bytes(), limits);
        assert_eq!((error.offset, error.kind), (offset, ErrorKind::TooDeep { limit: 2 }), "{text:?}");
    }
    for (text, offset) in
        [("[a,b,c,d]", 7), ("a: b\nc:", 7), ("- &a b\n- *a\n- *a\n- *a", 19), ("--- a\n--- b\n---\n---\n---", 23)]
    {
        let limits = Limits { bytes: 100, ..limits };
        let error = refuse(text.as_bytes(), limits);
        assert_eq!((error.offset, error.kind), (offset, ErrorKind::TooManyNodes { limit: 4 }), "{text:?}");
    }
}

#[test]
fn depth_is_refused_where_it_passes_the_limit() {
    for (unit, offset) in
        [("[", 32), ("{", 32), ("- ", 64), ("? ", 64), ("[{", 32), ("{a: ", 128), ("[a: ", 128), (": ", 64)]
    {
        let error = refuse(unit.repeat(100_000).as_bytes(), LIMITS);
        assert_eq!((error.offset, error.kind), (offset, ErrorKind::TooDeep { limit: 32 }), "{unit:?}");
    }
    let key = format!("{}: a", "[".repeat(100_000));
    assert_eq!(refuse(key.as_bytes(), LIMITS).offset, 32);
}

#[test]
fn the_deepest_tree_is_dropped_on_a_small_stack() {
    let limits = Limits { depth: usize::MAX, ..LIMITS };
    let max = Limits::MAX_DEPTH;
    let deep = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert!(Stream::parse(deep(max).as_bytes(), limits).is_ok());
    assert_eq!(refuse(deep(max + 1).as_bytes(), limits).kind, ErrorKind::TooDeep { limit: max });
}

#[test]
fn aliases_are_not_expanded() {
    let mut bomb = String::from("a0: &a0 [x, x]\n");
    for level in 1..1_000 {
        let before = level - 1;
        let _ = writeln!(bomb, "a{level}: &a{level} [*a{before}, *a{before}]");
    }
    law::law(parse(&bomb).text.as_bytes());
}

/// Text that is slow to read elsewhere: were reading not linear, this test would take minutes.
#[test]
fn large_text_is_read_or_refused_in_time() {
    let limits = Limits { nodes: 250_000, ..LIMITS };
    let fill = |part: &str| part.repeat((64 << 10) / part.len());
    let units = [
        "a",
        "'",
        " ",
        "\n",
        "#c\n",
        "a: &x\n",
        "&x ",
        "*a ",
        "a: b\n",
        "%TAG ! a\n",
        "%F\n",
        "---\n",
        "...\n",
        "!a ",
        "a b ",
        "\"a\": ",
        "- a: |\n",
        "- |+\n\n",
        ",",
        "-\n# c\n",
        "? a\n",
        "? a\n:\n",
        "[a,",
        ": ",
        "\t",
        "é",
        "\u{feff}",
        "a:\n-\n",
    ];
    let brackets =
        ["[],", "a: b,", "{a},", ": ,", "? ,", "\"a\"\n,", "&x a,", "a\n"].map(|unit| format!("[{}]", fill(unit)));
    let wrapped = [
        format!("a: |\n{}", fill(" x\n")),
        format!("a: |\n x\n{}", fill("\n")),
        format!("\"{}\"", fill("\\n")),
        format!("\"{}", fill("\\n")),
        format!("\"{}\\z\"", fill("\\n")),
        format!("a: b\n{}\tc: d", fill(" \n")),
        format!("? a\n{}: b", fill("# c\n")),
        format!("{{{}", fill("a,")),
    ];
    for text in units.map(fill).into_iter().chain(brackets).chain(wrapped) {
        drop(Stream::parse(text.as_bytes(), limits));
    }
}
