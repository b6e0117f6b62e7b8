//! Where an offset is: one pass over the text for all that is asked.

/// The line that an offset is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// From 1.
    pub(super) line: usize,
    /// From 1, in characters; a byte order mark is none.
    pub(super) column: usize,
    /// The line's first byte.
    pub(super) start: usize,
}

/// The places of `offsets`, which ascend. One past the end of the text is taken for its end.
pub(super) fn places(text: &str, offsets: &[usize]) -> Vec<Place> {
    let bytes = text.as_bytes();
    let mut here = Place { line: 1, column: 1, start: if text.starts_with('\u{feff}') { 3 } else { 0 } };
    let mut at = here.start;
    let mut places = Vec::with_capacity(offsets.len());
    for &offset in offsets {
        while at < offset.min(bytes.len()) {
            let byte = bytes[at];
            at += 1;
            if is_break(byte, bytes.get(at).copied()) {
                here = Place { line: here.line + 1, column: 1, start: at };
            } else if bytes.get(at).is_none_or(|next| is_first_byte(*next)) {
                here.column += 1;
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

/// YAML's line breaks: LF, CR LF and CR.
fn is_break(byte: u8, next: Option<u8>) -> bool {
    byte == b'\n' || (byte == b'\r' && next != Some(b'\n'))
}

fn is_first_byte(byte: u8) -> bool {
    byte & 0b1100_0000 != 0b1000_0000
}
