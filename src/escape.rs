//! Text of others, made fit for a terminal, a log and a message. Knows no other room.
//!
//! Names come from whoever may create a Pod. What steers a terminal, hides, or turns the text
//! around it (control, bidirectional, zero-width characters) is shown as `\u{…}`.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use std::fmt;

/// As much of a literal as a message quotes, in characters.
const LITERAL: usize = 60;

/// Displays a text escaped.
#[derive(Clone, Copy, Debug)]
pub struct Escaped<'t>(pub &'t str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|character| write_visible(f, character))
    }
}

/// A literal in backticks, escaped, a long one cut.
pub fn quoted(literal: &str) -> String {
    format!("`{}`", fit(literal, LITERAL))
}

/// At most `most` characters of a text, escaped; a cut shows as `…`.
pub fn fit(text: &str, most: usize) -> String {
    let mut fitting = String::new();
    for (count, character) in text.chars().enumerate() {
        if count == most {
            fitting.push('…');
            break;
        }
        push_visible(&mut fitting, character);
    }
    fitting
}

/// Appends a character as a person can see it.
pub fn push_visible(text: &mut String, character: char) {
    // Writing to a String can't fail.
    let _ = write_visible(text, character);
}

fn write_visible(out: &mut impl fmt::Write, character: char) -> fmt::Result {
    if is_visible(character) { out.write_char(character) } else { write!(out, "{}", character.escape_unicode()) }
}

/// Whether a character neither steers a terminal nor hides nor turns the text around it.
fn is_visible(character: char) -> bool {
    !(character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_or_hides_is_shown() {
        let cases = [
            ("nginx:1.27", "nginx:1.27"),
            ("é 漢 🚢", "é 漢 🚢"),
            ("a\u{1b}[31m\nb\t\u{7f}", r"a\u{1b}[31m\u{a}b\u{9}\u{7f}"),
            ("\u{202e}\u{200b}\u{feff}\u{2028}", r"\u{202e}\u{200b}\u{feff}\u{2028}"),
        ];
        for (text, expected) in cases {
            assert_eq!(Escaped(text).to_string(), expected);
        }
    }

    #[test]
    fn what_is_long_is_cut() {
        assert_eq!(fit("abc", 3), "abc");
        assert_eq!(fit("abcd", 3), "abc…");
        assert_eq!(quoted(&"x".repeat(100)), format!("`{}…`", "x".repeat(60)));
    }
}
