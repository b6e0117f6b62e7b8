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
        "- [a, b\n- c",
        "a: b\n- c",
    ];
    let report: String = texts.iter().fold(String::new(), |mut report, text| {
        let error = refuse(text.as_bytes(), LIMITS);
        let Position { line, column } = error.position;
        let _ = writeln!(report, "{text:?}\n  {line}:{column} {error}");
        report
    });
    insta::assert_snapshot!(report, @"");
}

#[test]
fn only_utf8_is_read() {
    let utf16 = |unit: fn(u16) -> [u8; 2]| "a: b".encode_utf16().flat_map(unit).collect::<Vec<_>>();
    let utf32 = |unit: fn(u32) -> [u8; 4]| {
        "a: b"
            .chars()
            .map(u32::from)
            .flat_map(unit)
            .collect::<Vec<_>>()
    };
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
        assert_eq!(
            (error.offset, error.kind),
            (0, ErrorKind::Encoding(name)),
            "{bytes:?}"
        );
    }
    for (bytes, offset, kind) in [
        (
            &b"a: \xc3\xa9\nb: \xc3("[..],
            9,
            ErrorKind::InvalidUtf8(0xc3),
        ),
        (b"a: b\n\xe2\x82", 5, ErrorKind::InvalidUtf8(0xe2)),
        (b"a: b\xff", 4, ErrorKind::InvalidUtf8(0xff)),
        (b"a\0b\xff", 1, ErrorKind::ForbiddenCharacter('\0')),
        (b"\0\0\0\0", 0, ErrorKind::ForbiddenCharacter('\0')),
        (b"# \x1b[31m", 2, ErrorKind::ForbiddenCharacter('\x1b')),
        (
            "# \u{7f}".as_bytes(),
            2,
            ErrorKind::ForbiddenCharacter('\u{7f}'),
        ),
        (
            "a: b c\u{9b}d".as_bytes(),
            6,
            ErrorKind::ForbiddenCharacter('\u{9b}'),
        ),
        (
            "a: |\n  b\n  c\u{ffff}".as_bytes(),
            12,
            ErrorKind::ForbiddenCharacter('\u{ffff}'),
        ),
    ] {
        let error = refuse(bytes, LIMITS);
        assert_eq!((error.offset, error.kind), (offset, kind), "{bytes:?}");
    }
}

#[test]
fn limits_hold_to_the_last_one() {
    let limits = Limits {
        bytes: 10,
        depth: 2,
        nodes: 4,
    };
    assert!(Stream::parse(b"[[a], b]  ", limits).is_ok());
    let kind = ErrorKind::TooLong {
        length: 11,
        limit: 10,
    };
    assert_eq!(refuse(b"\xff\0[[[[[[[[[", limits), Error::at_start(kind));
    for (text, offset) in [
        ("[[[]]]", 2),
        ("- - - a", 4),
        ("a:\n - {}", 6),
        ("? ? [a]", 4),
        ("[a: {}]", 4),
    ] {
        let error = refuse(text.as_bytes(), limits);
        assert_eq!(
            (error.offset, error.kind),
            (offset, ErrorKind::TooDeep { limit: 2 }),
            "{text:?}"
        );
    }
    for (text, offset) in [
        ("[a,b,c,d]", 7),
        ("a: b\nc:", 7),
        ("- &a b\n- *a\n- *a\n- *a", 19),
        ("--- a\n--- b\n---\n---\n---", 23),
    ] {
        let limits = Limits {
            bytes: 100,
            ..limits
        };
        let error = refuse(text.as_bytes(), limits);
        assert_eq!(
            (error.offset, error.kind),
            (offset, ErrorKind::TooManyNodes { limit: 4 }),
            "{text:?}"
        );
    }
}

#[test]
fn depth_is_refused_where_it_passes_the_limit() {
    for (unit, offset) in [
        ("[", 32),
        ("{", 32),
        ("- ", 64),
        ("? ", 64),
        ("[{", 32),
        ("{a: ", 128),
        ("[a: ", 128),
        (": ", 64),
    ] {
        let error = refuse(unit.repeat(100_000).as_bytes(), LIMITS);
        assert_eq!(
            (error.offset, error.kind),
            (offset, ErrorKind::TooDeep { limit: 32 }),
            "{unit:?}"
        );
    }
    let key = format!("{}: a", "[".repeat(100_000));
    assert_eq!(refuse(key.as_bytes(), LIMITS).offset, 32);
}

#[test]
fn the_deepest_tree_is_dropped_on_a_small_stack() {
    let limits = Limits {
        depth: usize::MAX,
        ..LIMITS
    };
    let max = Limits::MAX_DEPTH;
    let deep = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert!(Stream::parse(deep(max).as_bytes(), limits).is_ok());
    assert_eq!(
        refuse(deep(max + 1).as_bytes(), limits).kind,
        ErrorKind::TooDeep { limit: max }
    );
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
