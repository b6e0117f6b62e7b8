//! Bytes → text: YAML 1.2.2 section 5.2, of whose encodings only UTF-8 is read.

use super::{Error, ErrorKind, Position, position::LineIndex};

/// The text, or the place of the first byte that no YAML text may hold.
pub(super) fn decode(bytes: &[u8]) -> Result<&str, Error> {
    if let Some(name) = other_encoding(bytes) {
        return Err(Error::at_start(ErrorKind::Encoding(name)));
    }
    let (text, broken) = match std::str::from_utf8(bytes) {
        Ok(text) => (text, None),
        Err(error) => {
            let offset = error.valid_up_to();
            let valid = std::str::from_utf8(&bytes[..offset]).unwrap_or_default();
            (valid, bytes.get(offset).copied())
        }
    };
    // C0 control characters are forbidden everywhere, in quotes too. What else a place forbids
    // depends on the place, and is the parser's to know.
    let control = text.bytes().position(|byte| byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r'));
    let (offset, kind) = match (control, broken) {
        (Some(offset), _) => (offset, ErrorKind::ForbiddenCharacter(char::from(text.as_bytes()[offset]))),
        (None, Some(byte)) => (text.len(), ErrorKind::InvalidUtf8(byte)),
        (None, None) => return Ok(text),
    };
    Err(Error { position: position(text, offset), offset, kind })
}

/// The Unicode encodings that YAML knows and that betray themselves in the first bytes: by a mark,
/// or by the NULs around the first characters, which are ASCII. Two characters are asked where
/// one NUL could be a stray one.
fn other_encoding(bytes: &[u8]) -> Option<&'static str> {
    match *bytes {
        [0, 0, 0xfe, 0xff, ..] | [0xff, 0xfe, 0, 0, ..] => Some("UTF-32"),
        [0xfe, 0xff, ..] | [0xff, 0xfe, ..] => Some("UTF-16"),
        [0, 0, 0, first, ..] | [first, 0, 0, 0, ..] if first != 0 => Some("UTF-32"),
        [0, first, 0, second, ..] | [first, 0, second, 0, ..] if first != 0 && second != 0 => Some("UTF-16"),
        _ => None,
    }
}

fn position(text: &str, offset: usize) -> Position {
    LineIndex::new(text).position(text, offset)
}
