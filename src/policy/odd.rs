//! The entries that a trie can't hold: regular expressions, and patterns with `**` before the end.
//! They are asked as one automaton, anchored at both ends.

use regex_automata::{
    Anchored, Input, MatchKind, PatternSet,
    meta::{Config, Regex},
    nfa::thompson,
};
use regex_syntax::{
    ParserBuilder,
    hir::{Hir, Look, literal::Extractor},
};

use super::{
    index::{End, Question, Rank},
    pattern::Suffix,
};

/// How many of them a policy may have.
pub(super) const LIMIT: usize = 256;
/// What one of them may take, in bytes of its compiled form: some thousand states.
const SIZE_LIMIT: usize = 128 << 10;
/// What those of one list may take together.
const TOTAL_SIZE_LIMIT: usize = 8 << 20;
/// How deeply groups may nest.
const NEST_LIMIT: u32 = 64;
/// Longer texts are refused before they are read.
const TEXT_LIMIT: usize = 16 << 10;

/// A regular expression that has been read and measured, anchored at both ends.
#[derive(Clone, Debug)]
pub(super) struct Expression(Hir);

impl Expression {
    /// Reads one. It is parsed on its own, so that nothing in it reaches past its end, and the
    /// anchors are put around the parsed form.
    ///
    /// The error says why it can't be used, on one line.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        if text.len() > TEXT_LIMIT {
            return Err(format!("it is {} bytes long, and {TEXT_LIMIT} are the limit", text.len()));
        }
        let hir = ParserBuilder::new()
            .unicode(false)
            .utf8(false)
            .nest_limit(NEST_LIMIT)
            .build()
            .parse(text)
            .map_err(|error| describe(&error))?;
        let anchored = Hir::concat(vec![Hir::look(Look::Start), hir, Hir::look(Look::End)]);
        thompson::Compiler::new()
            .configure(thompson::Config::new().utf8(false).nfa_size_limit(Some(SIZE_LIMIT)))
            .build_from_hir(&anchored)
            .map_err(|_| format!("it needs more than {} KiB when it is compiled", SIZE_LIMIT >> 10))?;
        Ok(Self(anchored))
    }

    /// Whether a text that starts with `start` may match. `false` is certain.
    pub(super) fn may_match_below(&self, start: &str) -> bool {
        let prefixes = Extractor::new().extract(&self.0);
        prefixes.literals().is_none_or(|literals| {
            literals.iter().any(|literal| {
                let literal = literal.as_bytes();
                literal.starts_with(start.as_bytes()) || start.as_bytes().starts_with(literal)
            })
        })
    }
}

/// The odd entries of one list.
#[derive(Debug, Default)]
pub(super) enum Odd {
    #[default]
    None,
    Some {
        automaton: Regex,
        entries: Vec<OddEntry>,
    },
}

/// What an odd entry asks beside its expression.
#[derive(Debug)]
pub(super) struct OddEntry {
    pub(super) suffix: Suffix,
    pub(super) rank: Rank,
}

/// The odd entries of a list are too large together.
#[derive(Debug)]
pub(super) struct TooLarge;

impl Odd {
    pub(super) fn compile(expressions: Vec<(Expression, OddEntry)>) -> Result<Self, TooLarge> {
        if expressions.is_empty() {
            return Ok(Self::None);
        }
        let (hirs, entries): (Vec<Hir>, Vec<OddEntry>) =
            expressions.into_iter().map(|(Expression(hir), entry)| (hir, entry)).unzip();
        let automaton = Regex::builder()
            // Every expression that matches is asked for its tag, not just the first that matches.
            .configure(
                Config::new().match_kind(MatchKind::All).utf8_empty(false).nfa_size_limit(Some(TOTAL_SIZE_LIMIT)),
            )
            .build_many_from_hir(&hirs)
            .map_err(|_| TooLarge)?;
        Ok(Self::Some { automaton, entries })
    }

    /// Hands over each entry that matches. A question that is itself a pattern is not asked: an
    /// automaton can't say what covers it.
    pub(super) fn each(&self, question: &Question<'_>, found: &mut dyn FnMut(Rank)) {
        let Self::Some { automaton, entries } = self else {
            return;
        };
        let name = format!("{}/{}", question.domain, question.path);
        if question.end == End::Deeper || name.contains(['*', '?']) {
            return;
        }
        let mut matched = PatternSet::new(entries.len());
        let input = Input::new(&name).anchored(Anchored::Yes);
        automaton.which_overlapping_matches(&input, &mut matched);
        for pattern in matched.iter() {
            let entry = &entries[pattern.as_usize()];
            if entry.suffix.matches(question) {
                found(entry.rank);
            }
        }
    }
}

/// The parser's message without the drawing around it, which would not fit on a line.
fn describe(error: &regex_syntax::Error) -> String {
    match error {
        regex_syntax::Error::Parse(error) => {
            format!("{} at byte {}", error.kind(), error.span().start.offset)
        }
        regex_syntax::Error::Translate(error) => {
            format!("{} at byte {}", error.kind(), error.span().start.offset)
        }
        _ => "it can't be read".to_owned(),
    }
}
