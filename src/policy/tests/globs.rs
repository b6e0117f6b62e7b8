use super::super::glob::{Choices, Glob};

#[test]
fn a_glob_matches_whole_texts() {
    let cases = [
        ("a", "a", true),
        ("a", "ab", false),
        ("*", "", true),
        ("*", "anything", true),
        ("a*", "a", true),
        ("a*", "ba", false),
        ("*a", "ba", true),
        ("*a*", "xay", true),
        ("a*b*c", "a-b-b-c", true),
        ("a*b*c", "a-b-b-d", false),
        ("?", "", false),
        ("?", "a", true),
        ("?", "ab", false),
        ("a?c", "abc", true),
        ("**", "x", true),
        ("*?*", "", false),
        ("*?*", "x", true),
        ("a*a", "a", false),
        ("*ab", "aab", true),
        ("*aab", "aaab", true),
    ];
    for (glob, text, expected) in cases {
        assert_eq!(Glob::new(glob).covers(text), expected, "{glob} {text}");
    }
}

#[test]
fn a_glob_covers_only_what_it_matches_whatever_the_other_stands_for() {
    let cases = [
        ("a*", "ab*", true),
        ("ab*", "a*", false),
        ("*", "a*b", true),
        ("?", "*", false),
        ("?", "?", true),
        ("a?", "a*", false),
        ("a*", "a?", true),
        ("*a", "*a", true),
        ("*a*", "*ba*", true),
    ];
    for (glob, other, expected) in cases {
        assert_eq!(Glob::new(glob).covers(other), expected, "{glob} {other}");
    }
}

#[test]
fn many_globs_are_found_each_once() {
    let globs = ["a", "a*", "*a", "*", "*a*", "?", "a?", "ab*", "b", "a*a"];
    let mut choices = Choices::<Option<usize>>::default();
    for (index, glob) in globs.iter().enumerate() {
        *choices.at(&Glob::new(glob)) = Some(index);
    }
    for text in ["a", "ab", "aba", "ba", "", "aaaa", "abab", "xyz"] {
        let mut found = Vec::new();
        choices.each(text, &mut |index| found.push(index.expect("each has a value")));
        found.sort_unstable();
        let expected: Vec<usize> = (0..globs.len()).filter(|index| Glob::new(globs[*index]).covers(text)).collect();
        assert_eq!(found, expected, "{text}");
    }
}
