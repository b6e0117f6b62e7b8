//! Entries of `allow`, `allowOnly` and `deny`: read, checked, and put into an index.

use super::{
    by_domain::ByDomain,
    decision::{Force, List},
    diagnostic::Diagnostic,
    file::{self, PatternText},
    glob::Glob,
    index::{AskedDigest, End, Index, Question},
    odd::{self, Expression, Odd, OddEntry},
    pattern::{Alternative, Pattern, PatternError, Side, Step, Suffix},
    proxy::Proxies,
};
use crate::yaml::{Position, Span, Stream};

/// An entry whose pattern has been read.
#[derive(Debug)]
pub(super) struct Entry {
    /// The pattern as written.
    pub(super) text: String,
    /// Where the pattern stands.
    pub(super) span: Span,
    pub(super) position: Position,
    pub(super) reason: Option<String>,
    pub(super) force: Force,
    pub(super) matcher: Matcher,
}

/// What an entry matches.
#[derive(Debug)]
pub(super) enum Matcher {
    Pattern(Vec<Alternative>),
    Expression { expression: Expression, suffixes: Vec<Suffix> },
}

/// The entries of one list, ready to be asked.
#[derive(Debug)]
pub(super) struct EntryList {
    pub(super) list: List,
    /// By rank: what `always` denies first, then in the file's order.
    pub(super) entries: Vec<Entry>,
    pub(super) by_domain: ByDomain,
    index: Index,
}

impl Entry {
    /// Reads one entry; what is wrong with it goes to `diagnostics`.
    pub(super) fn read(
        entry: &file::Entry,
        side: Side,
        proxies: &Proxies,
        stream: &Stream<'_>,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Self> {
        let (PatternText::Glob(text) | PatternText::Regex(text)) = &entry.pattern;
        let suffixes = match entry.tag.as_ref().map(|tag| (tag.span, Suffix::parse(&tag.value, side))) {
            None => None,
            Some((_, Ok(suffixes))) => Some(suffixes),
            Some((span, Err(error))) => {
                diagnostics.push(pattern_error(span, error));
                return None;
            }
        };
        let matcher = match &entry.pattern {
            PatternText::Glob(text) => Pattern::parse(&text.value, side)
                .and_then(|pattern| judged_by_origin(&pattern.alternatives, side, proxies).map_or(Ok(pattern), Err))
                .and_then(|pattern| with_suffixes(pattern, suffixes))
                .map(Matcher::Pattern)
                .map_err(|error| pattern_error(text.span, error)),
            PatternText::Regex(text) => Expression::parse(&text.value)
                .map(|expression| Matcher::Expression { expression, suffixes: suffixes.unwrap_or_else(|| vec![Suffix::FREE]) })
                .map_err(|why| {
                    let message = format!("this regular expression can't be used: {why}");
                    let help = "write one that matches the whole `domain/path`; for most cases a pattern with `*` and `**` is enough".to_owned();
                    pattern_error(text.span, PatternError { message, help })
                }),
        };
        match matcher {
            Ok(matcher) => Some(Self {
                text: text.value.clone(),
                span: text.span,
                position: stream.position(text.span.start),
                reason: entry.reason.clone(),
                force: if entry.always { Force::Always } else { Force::Enforcement },
                matcher,
            }),
            Err(diagnostic) => {
                diagnostics.push(diagnostic);
                None
            }
        }
    }

    /// Whether it is one of those of which a policy may have [`odd::LIMIT`].
    pub(super) fn is_odd(&self) -> bool {
        match &self.matcher {
            Matcher::Pattern(alternatives) => alternatives.iter().any(|alternative| !alternative.is_plain()),
            Matcher::Expression { .. } => true,
        }
    }

    /// What a regular expression asks of tag and digest.
    pub(super) fn suffixes(&self) -> &[Suffix] {
        match &self.matcher {
            Matcher::Pattern(_) => &[],
            Matcher::Expression { suffixes, .. } => suffixes,
        }
    }

    /// The alternatives of its pattern; a regular expression has none.
    pub(super) fn alternatives(&self) -> &[Alternative] {
        match &self.matcher {
            Matcher::Pattern(alternatives) => alternatives,
            Matcher::Expression { .. } => &[],
        }
    }
}

impl EntryList {
    /// Builds the index. Expressions that are too large together are reported, and left out.
    pub(super) fn new(list: List, mut entries: Vec<Entry>, diagnostics: &mut Vec<Diagnostic>) -> Self {
        entries.sort_by_key(|entry| std::cmp::Reverse(entry.force));
        let mut index = Index::default();
        let mut expressions = Vec::new();
        for (rank, entry) in (0..).zip(&entries) {
            match &entry.matcher {
                Matcher::Pattern(alternatives) => {
                    for alternative in alternatives {
                        if alternative.is_plain() {
                            index.insert(alternative, rank);
                        } else if let Ok(expression) = Expression::parse(&alternative.to_regex()) {
                            expressions.push((expression, OddEntry { suffix: alternative.suffix.clone(), rank }));
                        } else {
                            diagnostics.push(pattern_error(
                                entry.span,
                                PatternError {
                                    message: "this pattern is too large".to_owned(),
                                    help: "write a shorter one, with `**` at the end alone".to_owned(),
                                },
                            ));
                        }
                    }
                }
                Matcher::Expression { expression, suffixes } => {
                    for suffix in suffixes {
                        expressions.push((expression.clone(), OddEntry { suffix: suffix.clone(), rank }));
                    }
                }
            }
        }
        let odd = Odd::compile(expressions).unwrap_or_else(|odd::TooLarge| {
            if let Some(entry) = entries.iter().find(|entry| entry.is_odd()) {
                diagnostics.push(pattern_error(
                    entry.span,
                    PatternError {
                        message:
                            "the regular expressions and the patterns with `**` before the end are too large together"
                                .to_owned(),
                        help: "write fewer or shorter ones; a pattern with `**` at the end costs nothing".to_owned(),
                    },
                ));
            }
            Odd::None
        });
        index.set_odd(odd);
        let by_domain = ByDomain::new(entries.iter().map(|entry| entry.text.as_str()));
        Self { list, entries, by_domain, index }
    }

    /// The entry that matches, by rank where several do.
    pub(super) fn first(&self, question: &Question<'_>) -> Option<&Entry> {
        self.index.first(question).and_then(|rank| self.entries.get(rank as usize))
    }

    /// An entry other than `except` that matches all that `alternative` matches. It may miss one.
    pub(super) fn covering(&self, alternative: &Alternative, except: Option<&Entry>) -> Option<&Entry> {
        let asked = Asked::new(alternative)?;
        let mut covering: Option<&Entry> = None;
        self.index.each(&asked.question(), &mut |rank| {
            let found = &self.entries[rank as usize];
            if except.is_none_or(|except| !std::ptr::eq(except, found))
                && covering.is_none_or(|known| found.span.start < known.span.start)
            {
                covering = Some(found);
            }
        });
        covering
    }
}

/// A pattern as the question "what covers this?".
struct Asked<'a> {
    domain: &'a str,
    path: String,
    end: End,
    suffix: &'a Suffix,
}

impl<'a> Asked<'a> {
    /// `None` for a pattern that a trie can't hold.
    fn new(alternative: &'a Alternative) -> Option<Self> {
        if !alternative.is_plain() {
            return None;
        }
        let mut globs = alternative.steps.iter().filter_map(|step| match step {
            Step::One(glob) => Some(glob.text()),
            Step::Deep => None,
        });
        let domain = globs.next().unwrap_or_default();
        let path = globs.collect::<Vec<_>>().join("/");
        let end = if alternative.steps.last() == Some(&Step::Deep) { End::Deeper } else { End::Here };
        Some(Self { domain, path, end, suffix: &alternative.suffix })
    }

    fn question(&self) -> Question<'_> {
        let (tag, digest): (Option<&str>, AskedDigest<'_>) = self.suffix.asked();
        Question { domain: self.domain, path: &self.path, end: self.end, tag, digest }
    }
}

/// The key `tag` asks of every alternative what a tag in the pattern would ask.
fn with_suffixes(pattern: Pattern, suffixes: Option<Vec<Suffix>>) -> Result<Vec<Alternative>, PatternError> {
    let Some(suffixes) = suffixes else {
        return Ok(pattern.alternatives);
    };
    if pattern.alternatives.iter().any(|alternative| alternative.suffix != Suffix::FREE) {
        return Err(PatternError {
            message: "the pattern has a tag or digest, and there is a key `tag` beside it".to_owned(),
            help: "keep one of the two".to_owned(),
        });
    }
    Ok(suffixes
        .iter()
        .flat_map(|suffix| {
            pattern
                .alternatives
                .iter()
                .map(|alternative| Alternative { steps: alternative.steps.clone(), suffix: suffix.clone() })
        })
        .collect())
}

/// A name in one of Harbor's proxy projects is judged by the upstream name that it stands for.
fn judged_by_origin(alternatives: &[Alternative], side: Side, proxies: &Proxies) -> Option<PatternError> {
    alternatives.iter().find_map(|alternative| {
        let domain = alternative.literal_domain().filter(|domain| proxies.is_harbor(domain))?;
        let [_, Step::One(Glob::Literal(project)), below @ ..] = alternative.steps.as_slice() else {
            return None;
        };
        let registry = proxies.registry_of(project).filter(|_| !below.is_empty())?;
        let mut upstream = vec![registry.as_str()];
        if let ("docker.io", [Step::One(_)]) = (registry.as_str(), below) {
            upstream.push("library");
        }
        upstream.extend(below.iter().map(Step::text));
        Some(PatternError {
            message: format!("`{domain}/{project}/…` can never match: names in a proxy project are judged by the upstream name that they stand for"),
            help: format!("write `{}{}`", upstream.join("/"), alternative.suffix.text(side)),
        })
    })
}

fn pattern_error(span: Span, error: PatternError) -> Diagnostic {
    Diagnostic::error(span, error.message).with_help(error.help)
}
