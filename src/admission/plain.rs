//! How far a text is what a JSON string can hold as it is: nearly all that a reader of JSON does is
//! to look for the end of a string, so it is done a block of bytes at a time.

/// Bytes that are looked at together.
const BLOCK: usize = 8;

/// The first byte from `at` that is `"`, `\` or below 0x20; the end of the text where there is none.
#[expect(clippy::inline_always, reason = "a call costs as much as the string that most keys are")]
#[inline(always)]
pub(super) fn plain_end(bytes: &[u8], mut at: usize) -> usize {
    while let Some(block) = bytes.get(at..).and_then(|rest| rest.first_chunk()) {
        if let Some(special) = first_special(*block) {
            return at + special;
        }
        at += BLOCK;
    }
    plain_end_of_last(bytes, at)
}

/// The same for the end of the text, which fills no block.
#[inline(never)]
fn plain_end_of_last(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest.iter().position(|byte| is_special(*byte)).unwrap_or(rest.len())
}

fn is_special(byte: u8) -> bool {
    matches!(byte, b'"' | b'\\' | 0..=0x1f)
}

#[inline]
fn first_special(block: [u8; BLOCK]) -> Option<usize> {
    const ONES: u64 = u64::MAX / 0xff;
    let word = u64::from_le_bytes(block);
    // Flipping this bit puts `"` (0x22) right behind what is below 0x20: both are below 0x21 now.
    let quote_or_control = (word ^ (ONES * 0x02)).wrapping_sub(ONES * 0x21);
    let backslash = (word ^ (ONES * u64::from(b'\\'))).wrapping_sub(ONES);
    // The first of these high bits is right; above it they mean nothing, as subtractions carry.
    let special = (quote_or_control | backslash) & !word & (ONES * 0x80);
    (special != 0).then_some((special.trailing_zeros() / 8) as usize)
}

#[cfg(test)]
mod tests {
    use super::{is_special, plain_end};

    /// Every byte at every place of a block, before others and behind bytes that are nearly special.
    #[test]
    fn the_first_special_byte_is_found_wherever_it_stands() {
        for byte in 0..=u8::MAX {
            for length in 0..40 {
                for at in 0..length {
                    for filler in [b' ', b'!', b'#', b'[', b']', 0x7f, 0x80, 0xa2, 0xdc, 0xff] {
                        let mut text = vec![filler; length];
                        text[at] = byte;
                        let expected = if is_special(byte) { at } else { length };
                        assert_eq!(plain_end(&text, 0), expected, "{text:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn nothing_before_the_beginning_counts() {
        assert_eq!(plain_end(b"\"\"\"abc\"", 3), 6);
        assert_eq!(plain_end(b"abc", 3), 3);
    }
}
