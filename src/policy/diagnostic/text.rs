//! Text of others, made fit for a terminal and a log.

use std::fmt::Write as _;

/// As much of a literal as a message quotes, in characters.
const LITERAL: usize = 60;

/// A literal in backticks: invisible and control characters escaped, a long one cut.
pub fn quoted(literal: &str) -> String {
    format!("`{}`", fit(literal, LITERAL))
}

/// At most `most` characters of a text, escaped; a cut shows as `…`.
pub(super) fn fit(text: &str, most: usize) -> String {
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
pub(super) fn push_visible(text: &mut String, character: char) {
    if is_visible(character) {
        text.push(character);
    } else {
        // Writing to a String can't fail.
        let _ = write!(text, "{}", character.escape_unicode());
    }
}

/// Whether a character neither steers a terminal nor hides nor turns the text around it.
fn is_visible(character: char) -> bool {
    !(character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}'))
}
