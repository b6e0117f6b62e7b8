//! From a byte of a JSON text to its JSON Pointer (RFC 6901). The text is read again from its
//! start, because only what goes into an error or a log asks.

use std::borrow::Cow;

use super::{
    json::{Cursor, Open},
    skip::DEPTH_MAX,
    unreadable::Fault,
};

/// The pointer of the key or value that begins at byte `target`, or of what stands around it.
pub(super) fn pointer(text: &[u8], target: usize) -> String {
    let mut open = Vec::new();
    // Where the text breaks, what is open there is the answer.
    let _ = follow(Cursor::new(text), text.len() - target, &mut open);
    let mut pointer = String::new();
    for container in open {
        match container {
            Container::Object(Some(key)) => {
                pointer.push('/');
                pointer.push_str(&key.replace('~', "~0").replace('/', "~1"));
            }
            Container::Array(Some(index)) => {
                pointer.push('/');
                pointer.push_str(&index.to_string());
            }
            Container::Object(None) | Container::Array(None) => {}
        }
    }
    pointer
}

/// A container that is open, and the member or element that was reached in it.
enum Container<'b> {
    Object(Option<Cow<'b, str>>),
    Array(Option<usize>),
}

/// Goes on until no more than `left` bytes are left.
fn follow<'b>(mut cursor: Cursor<'b>, left: usize, open: &mut Vec<Container<'b>>) -> Result<(), Fault> {
    // A text that is no UTF-8 has never been read, and may nest as deep as it is long.
    while cursor.value().len() > left && open.len() < DEPTH_MAX {
        match cursor.value() {
            [b'{', ..] if cursor.open_object()? == Open::Entered => {
                open.push(Container::Object(None));
            }
            [b'[', ..] if cursor.open_array()? == Open::Entered => {
                open.push(Container::Array(None));
            }
            _ => cursor.skip()?,
        }
        // On to the next value.
        loop {
            match open.last_mut() {
                None => return Ok(()),
                Some(Container::Object(reached)) => {
                    if let Some(key) = cursor.key()? {
                        *reached = Some(key.name.text());
                        if key.left <= left {
                            return Ok(());
                        }
                        break;
                    }
                }
                Some(Container::Array(reached)) => {
                    if cursor.element()? {
                        *reached = Some(reached.map_or(0, |index| index + 1));
                        break;
                    }
                }
            }
            open.pop();
        }
    }
    Ok(())
}
