//! How far a text is what a JSON string can hold as it is: nearly all that a reader of JSON does is
//! to look for the end of a string, so it is done a block of bytes at a time.

use wide::u8x16;

/// Bytes that are looked at together.
const BLOCK: usize = 16;

/// What is left of a text from its first byte on that is `"`, `\` or below 0x20; nothing where there
/// is none.
#[expect(clippy::inline_always, reason = "a call costs as much as the string that most keys are")]
#[inline(always)]
pub(super) fn past_plain(mut text: &[u8]) -> &[u8] {
    while let Some((block, after)) = text.split_first_chunk() {
        let special = specials(*block);
        if special != 0 {
            return &text[special.trailing_zeros() as usize..];
        }
        text = after;
    }
    past_last_plain(text)
}

/// The same for the end of a text, which fills no block.
#[inline(never)]
fn past_last_plain(text: &[u8]) -> &[u8] {
    let special = text.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1f));
    &text[special.unwrap_or(text.len())..]
}

/// How many bytes come before what [`past_plain`] leaves.
pub(super) fn plain_length(text: &[u8]) -> usize {
    text.len() - past_plain(text).len()
}

/// Which bytes of a block are special, the first in the lowest bit.
#[expect(clippy::inline_always, reason = "as above")]
#[inline(always)]
fn specials(block: [u8; BLOCK]) -> u32 {
    let block = u8x16::new(block);
    let control = block.min(u8x16::splat(0x1f)).simd_eq(block);
    let special = block.simd_eq(u8x16::splat(b'"')) | block.simd_eq(u8x16::splat(b'\\')) | control;
    special.to_bitmask()
}

#[cfg(test)]
mod tests {
    use super::plain_length;

    fn by_definition(text: &[u8]) -> usize {
        let special = |byte: &u8| *byte == b'"' || *byte == b'\\' || *byte < 0x20;
        text.iter().position(special).unwrap_or(text.len())
    }

    /// Every byte at every place of two blocks and behind them, before others and behind bytes that
    /// are nearly special.
    #[test]
    fn the_first_special_byte_is_found_wherever_it_stands() {
        for byte in 0..=u8::MAX {
            for length in 0..40 {
                for at in 0..length {
                    for filler in [b' ', b'!', b'#', b'[', b']', 0x7f, 0x80, 0xa2, 0xdc, 0xff] {
                        let mut text = vec![filler; length];
                        text[at] = byte;
                        assert_eq!(plain_length(&text), by_definition(&text), "{text:?}");
                    }
                }
            }
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_as_plain_as_by_definition(text in proptest::collection::vec(0x18..0x60_u8, 0..100), from in 0..20_usize) {
            // At every alignment.
            let text = text.get(from..).unwrap_or_default();
            proptest::prop_assert_eq!(plain_length(text), by_definition(text));
        }
    }
}
