//! From bytes to text, and from bytes of the text to lines and columns.

use super::{Error, ErrorKind, Position};

const BYTE_ORDER_MARK: char = '\u{feff}';

/// The bytes as text that YAML may hold (<https://yaml.org/spec/1.2.2/#51-character-set>).
pub(super) fn readable(bytes: &[u8], limit: usize) -> Result<&str, Error> {
    if bytes.len() > limit {
        let position = Position { line: 1, column: 1 };
        let kind = ErrorKind::TooLarge { limit };
        return Err(Error { kind, offset: 0, position });
    }
    let at = |text: &str, offset: usize, kind: ErrorKind| Error {
        kind,
        offset,
        position: LineIndex::new(text).position(text, offset),
    };
    if let [0xfe, 0xff, ..] | [0xff, 0xfe, ..] | [0, _, 0, _, ..] | [_, 0, _, 0, ..] = bytes {
        return Err(at("", 0, ErrorKind::Utf16));
    }
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let (readable, _) = bytes.split_at(error.valid_up_to());
            let readable = std::str::from_utf8(readable).unwrap_or_default();
            return Err(at(readable, readable.len(), ErrorKind::NotUtf8));
        }
    };
    match text.char_indices().find(|(_, character)| !is_printable(*character)) {
        Some((offset, character)) => Err(at(text, offset, ErrorKind::Character(character))),
        None => Ok(text),
    }
}

/// Where each line begins.
#[derive(Debug)]
pub(super) struct LineIndex {
    starts: Vec<usize>,
}

impl LineIndex {
    /// Lines end with LF, CR, or both.
    pub(super) fn new(text: &str) -> Self {
        let bytes = text.as_bytes();
        let breaks = memchr::memchr2_iter(b'\n', b'\r', bytes)
            .filter(|at| bytes[*at] == b'\n' || bytes.get(at + 1) != Some(&b'\n'))
            .map(|at| at + 1);
        Self { starts: std::iter::once(0).chain(breaks).collect() }
    }

    pub(super) fn position(&self, text: &str, offset: usize) -> Position {
        let line = self.starts.partition_point(|start| *start <= offset);
        let start = self.starts.get(line - 1).copied().unwrap_or_default();
        let before = text.get(start..offset).unwrap_or_default();
        let column = before.chars().filter(|character| *character != BYTE_ORDER_MARK).count() + 1;
        Position { line, column }
    }

    pub(super) fn line<'t>(&self, text: &'t str, line: usize) -> &'t str {
        let start = line.checked_sub(1).and_then(|index| self.starts.get(index));
        let end = self.starts.get(line).copied().unwrap_or(text.len());
        let found = start.and_then(|start| text.get(*start..end)).unwrap_or_default();
        found.trim_start_matches(BYTE_ORDER_MARK).trim_end_matches(['\n', '\r'])
    }
}

fn is_printable(character: char) -> bool {
    matches!(
        character,
        '\t' | '\n' | '\r' | ' '..='~' | '\u{85}' | '\u{a0}'..='\u{fffd}' | '\u{10000}'..
    )
}
