//! Finding indicators between nodes, where the parser's own marks are not exact.
//!
//! Every search starts behind the last node read and stays in front of the next, so a text is
//! looked at once however many searches there are.

use memchr::{memchr2, memrchr2};

/// Skips blanks, line breaks, byte order marks and comments.
pub(super) fn skip_blanks(text: &str, mut at: usize) -> usize {
    let bytes = text.as_bytes();
    loop {
        match bytes.get(at) {
            Some(b' ' | b'\t' | b'\n' | b'\r') => at += 1,
            Some(b'#') => {
                at = memchr2(b'\n', b'\r', &bytes[at..]).map_or(bytes.len(), |end| at + end);
            }
            Some(_) if text[at..].starts_with('\u{feff}') => at += '\u{feff}'.len_utf8(),
            _ => return at,
        }
    }
}

/// What may follow an indicator that is not the beginning of a plain scalar.
pub(super) const BLANKS: &[u8] = b" \t\r\n";
/// The same for the `:` of a flow collection.
pub(super) const BLANKS_AND_BRACKETS: &[u8] = b" \t\r\n,[]{}";

/// The place behind `indicator`, where only blanks and comments stand in front of it, and one of
/// `followers` or the end of the text behind it.
pub(super) fn behind(text: &str, from: usize, indicator: u8, followers: &[u8]) -> Option<usize> {
    let at = skip_blanks(text, from);
    let rest = text.as_bytes().get(at..)?;
    let is_indicator =
        rest.first() == Some(&indicator) && rest.get(1).is_none_or(|follower| followers.contains(follower));
    is_indicator.then_some(at + 1)
}

/// Skips the `,` between two entries of a flow collection, if there is one.
pub(super) fn skip_comma(text: &str, from: usize) -> usize {
    let at = skip_blanks(text, from);
    if text.as_bytes().get(at) == Some(&b',') { at + 1 } else { from }
}

/// The place behind the `:` of a block mapping's key that ends at `key_end`: on the same line, or
/// on a later one in the column of the mapping. A `:` elsewhere is that of a mapping around it.
pub(super) fn behind_block_key(text: &str, key_end: usize, mapping: usize) -> Option<usize> {
    let behind = behind(text, key_end, b':', BLANKS)?;
    let same_line = memchr2(b'\n', b'\r', &text.as_bytes()[key_end..behind]).is_none();
    (same_line || column(text, behind - 1) == column(text, mapping)).then_some(behind)
}

/// The place of the first of `indicators`, where nothing but blanks, comments, the indicators of
/// a mapping or a sequence, anchors and tags stands in front of it.
pub(super) fn find(text: &str, from: usize, indicators: &[u8]) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = from;
    loop {
        at = skip_blanks(text, at);
        match *bytes.get(at)? {
            byte if indicators.contains(&byte) => return Some(at),
            // Dots are those of `...` between documents.
            b'-' | b'?' | b':' | b'.' => at += 1,
            b'&' | b'!' => at += bytes[at..].iter().position(u8::is_ascii_whitespace)?,
            _ => return None,
        }
    }
}

/// The end of a block scalar that starts at `start`, where the parser read up to `end`: that of
/// its last line with something on it, or of its indicators.
pub(super) fn block_scalar_end(text: &str, start: usize, end: usize) -> usize {
    let bytes = text.as_bytes();
    let indicators = bytes[start..end].iter().take_while(|byte| b"|>+-0123456789".contains(byte));
    let header = start + indicators.count();
    let body = memchr2(b'\n', b'\r', &bytes[start..end]).map_or(end, |length| start + length);
    let Some(last) = bytes[body..end].iter().rposition(|&byte| !b" \t\r\n".contains(&byte)) else {
        return header;
    };
    let last = body + last;
    memchr2(b'\n', b'\r', &bytes[last..end]).map_or(end, |length| last + length)
}

/// The bytes between the start of the line and a place in front of which stand only indicators and
/// blanks. A byte order mark doesn't count: it may stand in front of any document.
fn column(text: &str, at: usize) -> usize {
    let line = memrchr2(b'\n', b'\r', &text.as_bytes()[..at]).map_or(0, |end| end + 1);
    text[line..at].trim_start_matches('\u{feff}').len()
}
