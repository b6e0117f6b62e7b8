//! Text of others, made fit for a terminal, a log and a message. Knows no other room.
//!
//! Names come from whoever may create a Pod. What steers a terminal, hides, or turns the text
//! around it (control, bidirectional, zero-width characters) is shown as `\u{…}`.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use std::fmt::{self, Write as _};

/// As much of a literal as a message quotes, in characters.
const LITERAL: usize = 60;

/// A text with every character escaped that a terminal or a reader could be misled by: control
/// characters, line separators, and what is invisible or turns the direction of writing.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'t> {
    text: &'t str,
    bytes: usize,
}

impl<'t> Shown<'t> {
    /// All of `text`.
    pub fn new(text: &'t str) -> Self {
        Self { text, bytes: usize::MAX }
    }

    /// As much of `text` as `bytes` bytes hold once escaped; `…` takes the place of the rest.
    pub fn cut(text: &'t str, bytes: usize) -> Self {
        Self { text, bytes }
    }
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.bytes >= self.text.len() && is_plain(self.text) {
            return f.write_str(self.text);
        }
        // Where the rest would go on beyond the limit, there must be room for the mark.
        let room = self.bytes.saturating_sub(CUT.len());
        let mut written = 0;
        let mut held = String::new();
        for character in self.text.chars() {
            if is_visible(character) {
                held.push(character);
            } else {
                write!(held, "{}", character.escape_unicode())?;
            }
            if written + held.len() > self.bytes {
                return f.write_str(CUT);
            }
            // What may have to give way to the mark waits.
            if written + held.len() <= room {
                f.write_str(&held)?;
                written += held.len();
                held.clear();
            }
        }
        f.write_str(&held)
    }
}

const CUT: &str = "…";

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

/// Whether all of a text is printable ASCII, as nearly every name is: without a way out in the middle,
/// this is done many bytes at a time. What else is visible takes the long way, to the same end.
fn is_plain(text: &str) -> bool {
    text.bytes().fold(true, |plain, byte| plain & matches!(byte, b' '..=b'~'))
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
            assert_eq!(Shown::new(text).to_string(), expected);
        }
    }

    #[test]
    fn what_is_long_is_cut() {
        assert_eq!(Shown::cut("abcdef", 6).to_string(), "abcdef");
        assert_eq!(Shown::cut("abcdefg", 6).to_string(), "abc…");
        assert_eq!(Shown::cut("a\u{1b}bc", 8).to_string(), r"a…");
        assert_eq!(fit("abc", 3), "abc");
        assert_eq!(fit("abcd", 3), "abc…");
        assert_eq!(quoted(&"x".repeat(100)), format!("`{}…`", "x".repeat(60)));
    }
}
