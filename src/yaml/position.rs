//! Byte offset → line and column, at a cost that depends neither on the length of the text nor on
//! that of a line: a text of one line may be megabytes long, and may hold thousands of findings.

use memchr::{memchr, memchr2, memrchr};

use super::{Position, Span};

/// Bytes between two places whose line and character count are known.
const BLOCK: usize = 1024;

const BYTE_ORDER_MARK: &str = "\u{feff}";

/// What is known of the text at every [`BLOCK`] bytes.
#[derive(Debug)]
pub(super) struct LineIndex {
    blocks: Vec<Count>,
}

#[derive(Clone, Copy, Debug)]
struct Count {
    characters: usize,
    breaks: usize,
    line_start: usize,
}

impl LineIndex {
    pub(super) fn new(text: &str) -> Self {
        let mut blocks = Vec::with_capacity(text.len() / BLOCK + 1);
        let mut count = Count { characters: 0, breaks: 0, line_start: 0 };
        for start in (0..=text.len()).step_by(BLOCK) {
            blocks.push(count);
            count.advance(text, start, (start + BLOCK).min(text.len()));
        }
        Self { blocks }
    }

    pub(super) fn position(&self, text: &str, offset: usize) -> Position {
        let here = self.count(text, offset.min(text.len()));
        let before_line = self.count(text, here.line_start).characters;
        let mut column = here.characters - before_line + 1;
        if here.line_start == 0 && offset > 0 && text.starts_with(BYTE_ORDER_MARK) {
            column -= 1;
        }
        Position { line: here.breaks + 1, column }
    }

    pub(super) fn line(&self, text: &str, line: usize) -> Span {
        let Some(start) = self.line_start(text, line) else {
            return Span::empty(text.len());
        };
        let length = memchr2(b'\n', b'\r', &text.as_bytes()[start..]);
        Span::new(start, length.map_or(text.len(), |length| start + length))
    }

    fn line_start(&self, text: &str, line: usize) -> Option<usize> {
        let Some(wanted) = line.checked_sub(1).filter(|&breaks| breaks > 0) else {
            return Some(if text.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len() } else { 0 });
        };
        let block = self.blocks.partition_point(|count| count.breaks < wanted).checked_sub(1)?;
        let mut breaks = self.blocks[block].breaks;
        let start = block * BLOCK;
        (start..(start + BLOCK).min(text.len())).find_map(|at| {
            breaks += usize::from(ends_line(text.as_bytes(), at));
            (breaks == wanted).then_some(at + 1)
        })
    }

    fn count(&self, text: &str, offset: usize) -> Count {
        let block = offset / BLOCK;
        let mut count = self.blocks[block];
        count.advance(text, block * BLOCK, offset);
        count
    }
}

impl Count {
    fn advance(&mut self, text: &str, from: usize, to: usize) {
        let bytes = text.as_bytes();
        let passed = &bytes[from..to];
        self.characters += count(passed, |byte| byte & 0b1100_0000 != 0b1000_0000);
        if memchr(b'\r', passed).is_none() {
            self.breaks += count(passed, |byte| byte == b'\n');
            self.line_start = memrchr(b'\n', passed).map_or(self.line_start, |last| from + last + 1);
            return;
        }
        for at in (from..to).filter(|&at| ends_line(bytes, at)) {
            self.breaks += 1;
            self.line_start = at + 1;
        }
    }
}

/// How many bytes are so. Counted in bytes, which the compiler does many at a time.
fn count(bytes: &[u8], is_so: impl Fn(u8) -> bool) -> usize {
    let sums = bytes.chunks(usize::from(u8::MAX));
    sums.map(|chunk| usize::from(chunk.iter().map(|&byte| u8::from(is_so(byte))).sum::<u8>())).sum()
}

fn ends_line(bytes: &[u8], at: usize) -> bool {
    match bytes[at] {
        b'\n' => true,
        b'\r' => bytes.get(at + 1) != Some(&b'\n'),
        _ => false,
    }
}
