//! How far a text is what a JSON string can hold as it is: nearly all that a reader of JSON does is
//! to look for the end of a string, so it is done a block of bytes at a time.

use wide::u8x16;

/// Bytes that are looked at together.
const BLOCK: usize = 16;

/// Bytes that are looked at for one text after the other.
const AHEAD: usize = 4 * BLOCK;

/// Where the special bytes of a body stand, those that are `"`, `\` or below 0x20: each is looked at
/// once, for all texts that come one after the other.
///
/// So the end of a string is known before its beginning is, and a processor does not wait for the one
/// to look for the next.
pub(super) struct Specials<'b> {
    /// What is left of the body from the bytes on that were looked at.
    from: &'b [u8],
    /// Which of those are special, the first in the lowest bit.
    mask: u64,
}

impl<'b> Specials<'b> {
    /// Nothing was looked at so far.
    pub(super) fn new() -> Self {
        Self { from: &[], mask: 0 }
    }

    /// What is left of the body from the first special byte of `text` on; nothing where there is none.
    /// `text` is what is left of the body, too.
    #[expect(clippy::inline_always, reason = "a call costs as much as the string that most keys are")]
    #[inline(always)]
    pub(super) fn past_plain(&mut self, text: &'b [u8]) -> &'b [u8] {
        let special = match self.passed(text) {
            passed @ 0..AHEAD => self.mask >> passed,
            _ => 0,
        };
        if special == 0 { self.past_more_plain(text) } else { &text[special.trailing_zeros() as usize..] }
    }

    #[inline(never)]
    fn past_more_plain(&mut self, text: &'b [u8]) -> &'b [u8] {
        let mut rest = text.get(AHEAD.saturating_sub(self.passed(text))..).unwrap_or_default();
        while let Some((bytes, after)) = rest.split_first_chunk() {
            let mask = specials_ahead(bytes);
            if mask != 0 {
                (self.from, self.mask) = (rest, mask);
                return &rest[mask.trailing_zeros() as usize..];
            }
            rest = after;
        }
        &rest[plain_length(rest)..]
    }

    /// How far behind the first byte that was looked at `text` begins. Before it is as far as can be.
    fn passed(&self, text: &[u8]) -> usize {
        self.from.len().wrapping_sub(text.len())
    }
}

/// How many bytes come before the first special one.
#[inline]
pub(super) fn plain_length(text: &[u8]) -> usize {
    let mut rest = text;
    while let Some((block, after)) = rest.split_first_chunk() {
        let special = specials(*block);
        if special != 0 {
            return text.len() - rest.len() + special.trailing_zeros() as usize;
        }
        rest = after;
    }
    let last = rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1f));
    text.len() - rest.len() + last.unwrap_or(rest.len())
}

/// Which of these bytes are special, the first in the lowest bit.
fn specials_ahead(bytes: &[u8; AHEAD]) -> u64 {
    let (blocks, _) = bytes.as_chunks();
    blocks.iter().rev().fold(0, |mask, block| mask << BLOCK | u64::from(specials(*block)))
}

/// The same of a block.
#[expect(clippy::inline_always, reason = "as above")]
#[inline(always)]
fn specials(block: [u8; BLOCK]) -> u32 {
    let block = u8x16::new(block);
    // So a quote, 0x22, comes next to what is below 0x20, and a space and `!` behind both.
    let swapped = block ^ u8x16::splat(0x02);
    let quote_or_control = swapped.min(u8x16::splat(0x20)).simd_eq(swapped);
    (quote_or_control | block.simd_eq(u8x16::splat(b'\\'))).to_bitmask()
}

#[cfg(test)]
mod tests {
    use super::{Specials, plain_length};

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

        /// Texts that come one after the other, far apart and near, and again.
        #[test]
        fn what_was_looked_at_ahead_is_as_plain_as_by_definition(
            body in proptest::collection::vec(proptest::prop_oneof![9 => 0x23..0x5c_u8, 1 => 0x18..0x24_u8, 1 => 0x5c..0x5d_u8], 0..400),
            starts in proptest::collection::vec((0..500_usize, proptest::bool::weighted(0.9)), 1..40),
        ) {
            let mut specials = Specials::new();
            let mut at = 0;
            for (start, onwards) in starts {
                at = if onwards { at + start % 50 } else { start };
                let text = body.get(at..).unwrap_or_default();
                proptest::prop_assert_eq!(specials.past_plain(text).len(), text.len() - by_definition(text));
            }
        }
    }
}
