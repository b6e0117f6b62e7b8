//! Where an offset is: one pass over the text for all that is asked. Lines end with LF, CR LF or CR.

/// In front of a text it has no column of its own.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// The line that an offset is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// From 1.
    pub(super) line: usize,
    /// From 1, in characters; a byte order mark in front of the text is none.
    pub(super) column: usize,
    /// The line's first byte.
    pub(super) start: usize,
}

/// The places of `offsets`, which ascend. One past the end of the text is taken for its end.
pub(super) fn places(text: &str, offsets: &[usize]) -> Vec<Place> {
    let mut here = Place { line: 1, column: 1, start: 0 };
    let mut characters = text.char_indices().peekable();
    let mut places = Vec::with_capacity(offsets.len());
    for &offset in offsets {
        while let Some((at, character)) = characters.next_if(|(at, _)| *at < offset) {
            let behind = at + character.len_utf8();
            match character {
                '\r' if text[behind..].starts_with('\n') => here.column += 1,
                '\n' | '\r' => here = Place { line: here.line + 1, column: 1, start: behind },
                BYTE_ORDER_MARK if at == 0 => {}
                _ => here.column += 1,
            }
        }
        places.push(here);
    }
    places
}

/// The line that starts at `start`, without its break.
pub(super) fn line(text: &str, start: usize) -> &str {
    let rest = text.get(start..).unwrap_or_default();
    let end = memchr::memchr2(b'\n', b'\r', rest.as_bytes()).unwrap_or(rest.len());
    &rest[..end]
}
