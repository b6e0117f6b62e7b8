//! The parser's errors → ours.

use granit_parser::{ErrorKind as Theirs, ScanError};

use super::{ErrorKind, Syntax};

/// An error whose line and column are still to be counted.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) offset: usize,
    pub(super) kind: ErrorKind,
}

impl Fault {
    pub(super) fn from_parser(error: &ScanError, text: &str, depth: usize) -> Self {
        let marker = error.marker();
        let offset = marker
            .byte_offset()
            .or_else(|| {
                text.char_indices()
                    .nth(marker.index())
                    .map(|(offset, _)| offset)
            })
            .unwrap_or(text.len());
        match *error.kind() {
            Theirs::RecursionLimitExceeded => Self {
                offset,
                kind: ErrorKind::TooDeep { limit: depth },
            },
            Theirs::UnknownAnchor => Self {
                offset,
                kind: ErrorKind::UnknownAlias,
            },
            Theirs::UnexpectedCharacter { character } => Self::character(text, offset, character),
            Theirs::BomInsideDocument => Self {
                offset,
                kind: ErrorKind::ForbiddenCharacter('\u{feff}'),
            },
            ref kind => Self {
                offset,
                kind: ErrorKind::Syntax(syntax(kind)),
            },
        }
    }

    /// For a character inside a scalar the parser gives the scalar's place.
    fn character(text: &str, scalar: usize, character: char) -> Self {
        let offset = text[scalar..]
            .find(character)
            .map_or(scalar, |distance| scalar + distance);
        let kind = if character.is_ascii_graphic() {
            ErrorKind::Syntax(Syntax::Indicator(character))
        } else {
            ErrorKind::ForbiddenCharacter(character)
        };
        Self { offset, kind }
    }
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
        Theirs::MismatchedFlowCollectionEnd { open, close } => Syntax::WrongBracket {
            open: *open,
            close: *close,
        },
        Theirs::MisplacedFlowCollectionEnd => Syntax::StrayBracket,
        Theirs::ExpectedFlowSequenceSeparator => Syntax::SequenceSeparator,
        Theirs::ExpectedFlowMappingSeparator => Syntax::MappingSeparator,
        Theirs::SimpleKeyExpected | Theirs::InvalidSimpleKey | Theirs::ExpectedBlockMappingKey => {
            Syntax::MissingColon
        }
        Theirs::MappingValueNotAllowed
        | Theirs::MappingKeyNotAllowed
        | Theirs::InvalidColonPlacement => Syntax::MisplacedColon,
        Theirs::InvalidMappingValueWhitespace | Theirs::FlowMappingValueAdjacentCollection => {
            Syntax::TouchingColon
        }
        Theirs::BlockEntryInFlowCollection
        | Theirs::BlockSequenceEntryNotAllowed
        | Theirs::PlainScalarStartsWithDashFlowIndicator => Syntax::MisplacedDash,
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
        Theirs::ZeroBlockScalarIndent | Theirs::InvalidBlockScalarHeader => {
            Syntax::BlockScalarHeader
        }
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
