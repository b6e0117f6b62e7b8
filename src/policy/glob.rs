//! Globs of one component, and many of them asked at once.

use super::by_text::ByText;

/// One component of a pattern: no `/`, no `{}`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Glob {
    /// Just this text.
    Literal(String),
    /// `*`: any text.
    Every,
    /// Text with `*` or `?` in it, runs of `*` folded into one.
    Wild(String),
}

impl Glob {
    /// Reads a component whose characters have been checked.
    pub(super) fn new(text: &str) -> Self {
        if text.is_empty() || !text.contains(['*', '?']) {
            return Self::Literal(text.to_owned());
        }
        let mut folded = String::with_capacity(text.len());
        for character in text.chars() {
            if character != '*' || !folded.ends_with('*') {
                folded.push(character);
            }
        }
        if folded == "*" { Self::Every } else { Self::Wild(folded) }
    }

    pub(super) fn text(&self) -> &str {
        match self {
            Self::Literal(text) | Self::Wild(text) => text,
            Self::Every => "*",
        }
    }

    pub(super) fn is_literal(&self) -> bool {
        matches!(self, Self::Literal(_))
    }

    /// Whether this glob matches `text`, or, where `text` is itself a glob, all that it matches.
    pub(super) fn covers(&self, text: &str) -> bool {
        let mut choices = Choices::<()>::default();
        choices.at(self);
        let mut found = false;
        choices.each(text, &mut |()| found = true);
        found
    }
}

/// Values under globs. A lookup costs what the text costs, however many globs there are.
///
/// A glob may be looked up like a text. It then finds the globs that cover it: a `*` in the text
/// is taken by a `*` alone, a `?` by `?` and `*`. Names hold neither character.
#[derive(Clone, Debug)]
pub(super) struct Choices<T> {
    literals: ByText<T>,
    every: Option<Box<T>>,
    wild: Vec<Step<T>>,
}

impl<T: Default> Choices<T> {
    /// The value under `glob`, made where there is none.
    pub(super) fn at(&mut self, glob: &Glob) -> &mut T {
        match glob {
            Glob::Literal(text) => self.literals.entry(text.as_str().into()).or_default(),
            Glob::Every => self.every.get_or_insert_default(),
            Glob::Wild(text) => self.at_wild(text),
        }
    }

    fn at_wild(&mut self, text: &str) -> &mut T {
        if self.wild.is_empty() {
            self.wild.push(Step::default());
        }
        let mut at = 0;
        for byte in text.bytes() {
            let new = self.wild.len();
            let step = &mut self.wild[at];
            let next = match byte {
                b'*' => *step.run.get_or_insert(new),
                b'?' => *step.one.get_or_insert(new),
                _ => match step.bytes.binary_search_by_key(&byte, |(byte, _)| *byte) {
                    Ok(index) => step.bytes[index].1,
                    Err(index) => {
                        step.bytes.insert(index, (byte, new));
                        new
                    }
                },
            };
            if next == new {
                self.wild.push(Step { repeats: byte == b'*', ..Step::default() });
            }
            at = next;
        }
        self.wild[at].value.get_or_insert_default()
    }
}

impl<T> Choices<T> {
    /// Hands over the value of each glob that matches `text`, each once.
    pub(super) fn each<'c>(&'c self, text: &str, found: &mut dyn FnMut(&'c T)) {
        if let Some(value) = self.literals.get(text) {
            found(value);
        }
        if let Some(value) = &self.every {
            found(value);
        }
        if !self.wild.is_empty() {
            self.each_wild(text, found);
        }
    }

    /// Follows all globs at once. The steps form a tree, so a step is reached once for each byte,
    /// but for a repeating one, which is reached from its parent and from itself.
    fn each_wild<'c>(&'c self, text: &str, found: &mut dyn FnMut(&'c T)) {
        let mut active = Vec::with_capacity(8);
        let mut next = Vec::with_capacity(8);
        self.enter(0, &mut active);
        for byte in text.bytes() {
            next.clear();
            for &index in &active {
                let step: &Step<T> = &self.wild[index];
                if step.repeats && !next.contains(&index) {
                    next.push(index);
                }
                if let Ok(found) = step.bytes.binary_search_by_key(&byte, |(byte, _)| *byte) {
                    self.enter(step.bytes[found].1, &mut next);
                }
                if let (Some(one), true) = (step.one, byte != b'*') {
                    self.enter(one, &mut next);
                }
            }
            if next.is_empty() {
                return;
            }
            std::mem::swap(&mut active, &mut next);
        }
        for index in active {
            if let Some(value) = &self.wild[index].value {
                found(value);
            }
        }
    }

    /// Adds a step, and the run below it: a `*` matches the empty text as well.
    fn enter(&self, index: usize, active: &mut Vec<usize>) {
        active.push(index);
        if let Some(run) = self.wild[index].run
            && !active.contains(&run)
        {
            active.push(run);
        }
    }
}

impl<T> Default for Choices<T> {
    fn default() -> Self {
        Self { literals: ByText::default(), every: None, wild: Vec::new() }
    }
}

/// A place in the tree of wild globs.
#[derive(Clone, Debug)]
struct Step<T> {
    /// Where each byte leads, sorted.
    bytes: Vec<(u8, usize)>,
    /// Where a `?` leads.
    one: Option<usize>,
    /// Where a `*` leads.
    run: Option<usize>,
    /// Whether this is the place behind a `*`, which takes any byte and stays.
    repeats: bool,
    value: Option<T>,
}

impl<T> Default for Step<T> {
    fn default() -> Self {
        Self { bytes: Vec::new(), one: None, run: None, repeats: false, value: None }
    }
}
