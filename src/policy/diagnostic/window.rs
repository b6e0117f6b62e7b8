//! A line of the file as far as a terminal is wide.

use unicode_width::UnicodeWidthChar as _;

use crate::{escape::push_visible, yaml::Span};

/// Columns of a line that are shown.
const WIDTH: usize = 100;
/// Stands for a secret, whatever its length.
const MASK: &str = "***";

/// The part of a line around a mark, fit for a terminal.
pub(super) struct Window {
    pub(super) text: String,
    /// Columns before the mark.
    pub(super) before: usize,
    /// Columns of the mark, at least one.
    pub(super) marked: usize,
}

impl Window {
    /// `start` is the line's place in the text, by whose bytes `span` and `masks` count.
    pub(super) fn around(line: &str, start: usize, span: Span, masks: &[Span]) -> Self {
        let at = line.floor_char_boundary(span.start.saturating_sub(start));
        let (left, right) = line.split_at(at);
        let right_width = right.chars().take(WIDTH).map(budget).sum::<usize>();
        let from = left
            .char_indices()
            .rev()
            .scan(WIDTH - right_width.min(WIDTH / 2), |room, (index, character)| {
                *room = room.checked_sub(budget(character))?;
                Some(index)
            })
            .last()
            .unwrap_or(at);
        let mut window = Self { text: String::new(), before: 0, marked: 0 };
        if from > 0 {
            window.push("…", Part::Before);
        }
        window.fill(&line[from..], start + from, span, masks);
        window.marked = window.marked.max(1);
        window
    }

    fn fill(&mut self, text: &str, start: usize, span: Span, masks: &[Span]) {
        let mut spent = 0;
        let mut masked_until = 0;
        for (index, character) in text.char_indices() {
            let offset = start + index;
            if offset < masked_until {
                continue;
            }
            let part = match offset {
                offset if offset < span.start => Part::Before,
                offset if offset < span.end => Part::Marked,
                _ => Part::After,
            };
            if spent + budget(character) > WIDTH {
                self.push("…", Part::After);
                break;
            }
            let next_mask = masks.partition_point(|mask| mask.end <= offset);
            if let Some(mask) = masks.get(next_mask).filter(|mask| mask.start <= offset) {
                masked_until = mask.end;
                spent += MASK.len();
                self.push(MASK, part);
                continue;
            }
            spent += budget(character);
            self.push(&visible(character), part);
        }
    }

    fn push(&mut self, shown: &str, part: Part) {
        let width: usize = shown.chars().filter_map(char::width).sum();
        self.text.push_str(shown);
        match part {
            Part::Before => self.before += width,
            Part::Marked => self.marked += width,
            Part::After => {}
        }
    }
}

/// Where a character is, seen from the mark.
#[derive(Clone, Copy)]
enum Part {
    Before,
    Marked,
    After,
}

/// The columns that a character takes. One without a width counts as one, for a line may be
/// megabytes of them.
fn budget(character: char) -> usize {
    if character.is_ascii_graphic() {
        1
    } else {
        visible(character).chars().filter_map(char::width).sum::<usize>().max(1)
    }
}

fn visible(character: char) -> String {
    let mut shown = String::new();
    match character {
        '\t' => shown.push_str("    "),
        _ => push_visible(&mut shown, character),
    }
    shown
}
