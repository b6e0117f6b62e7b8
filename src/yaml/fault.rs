//! The parser's errors → ours, with the place of the character that is wrong where the parser gives
//! that of the scalar around it.

use granit_parser::{ErrorKind as Theirs, ScanError};

use super::{ErrorKind, Syntax, layout};

/// An error whose line and column are still to be counted.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) offset: usize,
    pub(super) kind: ErrorKind,
}

impl Fault {
    /// `read` is where the last node ends that the parser gave.
    pub(super) fn from_parser(error: &ScanError, text: &str, read: usize, depth: usize) -> Self {
        let marker = error.marker();
        let mark = marker
            .byte_offset()
            .or_else(|| text.char_indices().nth(marker.index()).map(|(offset, _)| offset))
            .unwrap_or(text.len());
        let kind = match *error.kind() {
            Theirs::RecursionLimitExceeded => ErrorKind::TooDeep { limit: depth },
            Theirs::UnknownAnchor => ErrorKind::UnknownAlias,
            Theirs::BomInsideDocument => ErrorKind::ForbiddenCharacter('\u{feff}'),
            Theirs::UnexpectedCharacter { character } if character.is_ascii_graphic() => {
                ErrorKind::Syntax(Syntax::Indicator(character))
            }
            Theirs::UnexpectedCharacter { character } => ErrorKind::ForbiddenCharacter(character),
            ref kind => ErrorKind::Syntax(syntax(kind)),
        };
        match kind {
            ErrorKind::ForbiddenCharacter(character) => {
                let distance = text[mark..].find(character).unwrap_or(0);
                Self { offset: mark + distance, kind }
            }
            ErrorKind::Syntax(Syntax::Tab) => Self { offset: tab(text, mark).unwrap_or(mark), kind },
            ErrorKind::Syntax(Syntax::Escape) => Self { offset: wrong_escape(text, mark).unwrap_or(mark), kind },
            ErrorKind::Syntax(Syntax::TextBehindQuote) => match unclosed_quote(text, read, mark) {
                Some(offset) => Self { offset, kind: ErrorKind::Syntax(Syntax::UnclosedQuote) },
                None => Self { offset: mark, kind },
            },
            kind => Self { offset: mark, kind },
        }
    }
}

/// The first tab among a line's indentation and indicators, from the line of `mark` on.
fn tab(text: &str, mark: usize) -> Option<usize> {
    let first = text[..mark].rfind(['\n', '\r']).map_or(0, |end| end + 1);
    let mut indents = true;
    text[first..]
        .bytes()
        .position(|byte| {
            indents = matches!(byte, b'\n' | b'\r') || indents && matches!(byte, b' ' | b'\t' | b'-' | b'?' | b':');
            indents && byte == b'\t'
        })
        .map(|distance| first + distance)
}

/// The first escape in a double-quoted scalar that YAML 1.2.2 section 5.7 doesn't know. As in JSON,
/// a surrogate pair is one character.
fn wrong_escape(text: &str, scalar: usize) -> Option<usize> {
    let mut at = scalar;
    loop {
        at += text[at..].find('\\')?;
        let rest = &text[at + 1..];
        let length = match rest.chars().next()? {
            'x' => escaped(rest, 2).map(|_| 3),
            'U' => escaped(rest, 8).and_then(char::from_u32).map(|_| 9),
            'u' => escaped(rest, 4).and_then(|code| match code {
                0xd800..0xdc00 => {
                    let low = escaped(rest.get(5..)?.strip_prefix('\\')?, 4)?;
                    (0xdc00..0xe000).contains(&low).then_some(11)
                }
                _ => char::from_u32(code).map(|_| 5),
            }),
            known if "0abt\tnvfre \"/\\N_LP\n\r".contains(known) => Some(1),
            _ => None,
        };
        match length {
            Some(length) => at += 1 + length,
            None => return Some(at),
        }
    }
}

/// The number that `digits` hexadecimal digits behind one character give.
fn escaped(text: &str, digits: usize) -> Option<u32> {
    let digits = text.get(1..=digits)?;
    let are_digits = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    are_digits.then(|| u32::from_str_radix(digits, 16).ok())?
}

/// The quote that opens a value of many lines, behind which more text follows at `mark`: its second
/// quote was forgotten, and the one that was found opens another value.
fn unclosed_quote(text: &str, read: usize, mark: usize) -> Option<usize> {
    let quote = layout::find(text, read, b"\"'").filter(|&quote| quote < mark)?;
    text[quote..mark].contains(['\n', '\r']).then_some(quote)
}

fn syntax(kind: &Theirs) -> Syntax {
    match kind {
        Theirs::TabNotAllowed
        | Theirs::TabInBlockIndentation
        | Theirs::TabInIndentation
        | Theirs::TabAtBlockScalarStart
        | Theirs::TabInPlainScalar
        | Theirs::InvalidBlockEntryWhitespace => Syntax::Tab,
        Theirs::InvalidIndentation
        | Theirs::InvalidBlockScalarIndent
        | Theirs::InvalidQuotedScalarIndent
        | Theirs::InvalidFlowScalarIndent => Syntax::Indentation,
        Theirs::UnclosedQuotedScalar => Syntax::UnclosedQuote,
        Theirs::DocumentIndicatorInQuotedScalar => Syntax::MarkerInQuotes,
        Theirs::InvalidTrailingSingleQuotedScalar | Theirs::InvalidTrailingDoubleQuotedScalar => {
            Syntax::TextBehindQuote
        }
        Theirs::UnknownQuotedScalarEscape
        | Theirs::InvalidQuotedScalarHexEscape
        | Theirs::InvalidLowSurrogateHexEscape
        | Theirs::InvalidLowSurrogate
        | Theirs::MissingLowSurrogate
        | Theirs::UnpairedLowSurrogate
        | Theirs::InvalidUnicodeEscape => Syntax::Escape,
        Theirs::UnclosedFlowCollection { open } => Syntax::UnclosedBracket(*open),
        Theirs::MismatchedFlowCollectionEnd { open, close } => Syntax::WrongBracket { open: *open, close: *close },
        Theirs::MisplacedFlowCollectionEnd => Syntax::StrayBracket,
        Theirs::ExpectedFlowSequenceSeparator => Syntax::SequenceSeparator,
        Theirs::ExpectedFlowMappingSeparator => Syntax::MappingSeparator,
        Theirs::SimpleKeyExpected | Theirs::InvalidSimpleKey => Syntax::MissingColon,
        Theirs::ExpectedBlockMappingKey => Syntax::MissingKey,
        Theirs::MappingValueNotAllowed | Theirs::MappingKeyNotAllowed | Theirs::InvalidColonPlacement => {
            Syntax::MisplacedColon
        }
        Theirs::InvalidMappingValueWhitespace | Theirs::FlowMappingValueAdjacentCollection => Syntax::TouchingColon,
        Theirs::BlockEntryInFlowCollection => Syntax::DashInBrackets,
        Theirs::BlockSequenceEntryNotAllowed | Theirs::PlainScalarStartsWithDashFlowIndicator => Syntax::MisplacedDash,
        Theirs::ExpectedBlockSequenceEntry => Syntax::MissingDash,
        Theirs::UnexpectedEofFlowSequence
        | Theirs::UnexpectedEofFlowMapping
        | Theirs::UnexpectedEofImplicitFlowMapping
        | Theirs::UnexpectedEofBlockSequence
        | Theirs::UnexpectedEofBlockMapping
        | Theirs::UnexpectedEof
        | Theirs::UnexpectedEndOfPlainScalar
        | Theirs::ExpectedNodeContent => Syntax::MissingValue,
        Theirs::CommentNotSeparated => Syntax::TouchingComment,
        Theirs::CommentInterceptedScalar => Syntax::CommentInScalar,
        Theirs::ZeroBlockScalarIndent | Theirs::InvalidBlockScalarHeader => Syntax::BlockScalarHeader,
        Theirs::MissingAnchorOrAliasName => Syntax::MissingName,
        Theirs::UndeclaredTagHandle
        | Theirs::ExpectedTagBang
        | Theirs::InvalidTagTerminator
        | Theirs::MissingTagUri
        | Theirs::UnclosedVerbatimTag
        | Theirs::InvalidGlobalTagCharacter
        | Theirs::InvalidTagEscape
        | Theirs::InvalidTagUtf8LeadingByte
        | Theirs::InvalidTagUtf8TrailingByte
        | Theirs::InvalidTagUtf8 => Syntax::Tag,
        Theirs::DuplicateVersionDirective
        | Theirs::UnsupportedYamlMajorVersion
        | Theirs::DuplicateTagDirective
        | Theirs::MissingDocumentEndBeforeDirective
        | Theirs::ExpectedTagDirectiveBang
        | Theirs::InvalidDirectiveTerminator
        | Theirs::MissingYamlVersionSeparator
        | Theirs::MissingDirectiveName
        | Theirs::InvalidDirectiveName
        | Theirs::DirectiveByteLimitExceeded { .. }
        | Theirs::TooManyReservedDirectiveParams { .. }
        | Theirs::YamlVersionTooLong
        | Theirs::MissingYamlVersion
        | Theirs::InvalidTagDirectiveTerminator => Syntax::Directive,
        Theirs::ExpectedDocumentStart | Theirs::InvalidDocumentEnd => Syntax::DocumentEnd,
        rare => Syntax::Other(rare.to_string()),
    }
}
