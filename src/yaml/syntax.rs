//! The rules of YAML's grammar that a text may break, each with its sentence.

use std::fmt;

/// The rule of YAML's grammar that is broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Syntax {
    /// A tab stands where only spaces indent.
    Tab,
    /// A line is indented less or otherwise than its place needs.
    Indentation,
    /// A quoted scalar has no closing quote.
    UnclosedQuote,
    /// `---` or `...` begins a line inside a quoted scalar.
    MarkerInQuotes,
    /// Text follows a closing quote.
    TextBehindQuote,
    /// `\` is followed by nothing that YAML knows.
    Escape,
    /// `[` or `{` has no closing bracket.
    UnclosedBracket(char),
    /// `[` or `{` is closed by the other kind of bracket.
    WrongBracket {
        /// The bracket that opens.
        open: char,
        /// The bracket that closes.
        close: char,
    },
    /// `]` or `}` closes nothing.
    StrayBracket,
    /// Two items of a flow sequence have no `,` between them.
    SequenceSeparator,
    /// Two entries of a flow mapping have no `,` between them.
    MappingSeparator,
    /// A line has neither `- ` nor `: `, or its key is too long or of many lines.
    MissingColon,
    /// Something else than a key stands where a block mapping goes on.
    MissingKey,
    /// A `:` or `?` stands where no key may.
    MisplacedColon,
    /// `:` touches what follows it.
    TouchingColon,
    /// `-` stands where no item of a list may.
    MisplacedDash,
    /// `-` begins an item between brackets.
    DashInBrackets,
    /// Something else than `-` stands where a list goes on.
    MissingDash,
    /// A value is missing.
    MissingValue,
    /// The character can't begin a value without quotes.
    Indicator(char),
    /// A comment has no blank in front of it.
    TouchingComment,
    /// A comment stands between the lines of a plain scalar.
    CommentInScalar,
    /// Something else than indicators and a comment stands behind `|` or `>`.
    BlockScalarHeader,
    /// `&` or `*` has no name.
    MissingName,
    /// A tag is malformed, or its handle was not declared.
    Tag,
    /// A directive (`%`) is malformed, too long, there twice, or of a YAML that is not 1.x.
    Directive,
    /// Text follows a document's end, or directives no `---`.
    DocumentEnd,
    /// A rarer rule, in the parser's own words.
    Other(String),
}

impl fmt::Display for Syntax {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let message = match self {
            Self::UnclosedBracket(open) => {
                return write!(
                    f,
                    "expected `{}` for the `{open}` that opens here, but found the end of the \
                     document; close it, or put a text that begins with `{open}` in quotes",
                    closing(*open)
                );
            }
            Self::WrongBracket { open, close } => {
                return write!(
                    f,
                    "expected `{}` for the `{open}` that opens here, but found `{close}`; close \
                     it with its own kind",
                    closing(*open)
                );
            }
            Self::Indicator(character) => {
                let quote = if *character == '`' { '"' } else { '`' };
                return write!(
                    f,
                    "expected a value, but found {quote}{character}{quote}, which can't begin one; \
                     put the value in quotes"
                );
            }
            Self::Other(text) => return write!(f, "expected YAML 1.2, but found an error: {text}"),
            Self::Tab => "expected spaces as indentation, but found a tab; replace it by spaces",
            Self::Indentation => {
                "expected the indentation of this place, but found another; indent the line as \
                 its neighbours are, with spaces"
            }
            Self::UnclosedQuote => {
                "expected a second quote for the one that opens here, but found none that ends the \
                 value; close it"
            }
            Self::MarkerInQuotes => {
                "expected a second quote for the one that opens here, but found a document marker \
                 (`---` or `...`); close the quote, or indent the marker"
            }
            Self::TextBehindQuote => {
                "expected the end of the value behind its second quote, but found more text; put \
                 all of it in quotes, inner ones doubled (`''`) or escaped (`\\\"`)"
            }
            Self::Escape => {
                "expected an escape that YAML knows behind `\\`, but found another; write `\\\\`, \
                 or use single quotes"
            }
            Self::StrayBracket => {
                "expected a value, but found a closing bracket that nothing opens; remove it, or \
                 put the text in quotes"
            }
            Self::SequenceSeparator => {
                "expected `,` or `]` behind an item of a list in brackets, but found something \
                 else; add the comma or the bracket"
            }
            Self::MappingSeparator => {
                "expected `,` or `}` behind an entry of a mapping in braces, but found something \
                 else; add the comma or the brace"
            }
            Self::MissingColon => {
                "expected `key: value` or `- item`, but found a line that is neither (a key has one \
                 line and at most 1024 characters); add what is missing, or check the indentation"
            }
            Self::MissingKey => {
                "expected the mapping's next key in the column of its others, but found something \
                 else; check the indentation"
            }
            Self::MisplacedColon => {
                "expected one value, but found another `key:` in it; put a text with `: ` in \
                 quotes, or begin the mapping on a line of its own and check the indentation"
            }
            Self::TouchingColon => "expected a blank behind `:`, but found something else; add the blank",
            Self::MisplacedDash => {
                "expected a value, but found the `-` of a list item; begin the list on a line of \
                 its own, or put a text that begins with `- ` in quotes"
            }
            Self::DashInBrackets => {
                "expected an item without `-`, or the bracket that closes, but found the `-` of a \
                 list item; close the bracket in front, or remove the dash"
            }
            Self::MissingDash => {
                "expected `- ` in front of the next item of the list, but found something else; \
                 check the indentation"
            }
            Self::MissingValue => "expected a value, but found none; add it, or write `null`",
            Self::TouchingComment => "expected a blank in front of `#`, but found none; add it",
            Self::CommentInScalar => {
                "expected the next line of the value, but found a comment inside it; move the \
                 comment, or put the value in quotes"
            }
            Self::BlockScalarHeader => {
                "expected the end of the line behind `|` or `>`, but found something else (`+`, \
                 `-` and 1 to 9 may stand there); begin the text on the next line"
            }
            Self::MissingName => {
                "expected a name behind `&` or `*`, but found none; name it, or put a text that \
                 begins so in quotes"
            }
            Self::Tag => {
                "expected a tag such as `!name` or `!!str`, its handle declared, but found \
                 something else; correct it, or put a text that begins with `!` in quotes"
            }
            Self::Directive => {
                "expected a directive such as `%YAML 1.2`, once and in front of `---`, but found \
                 something else; remove it"
            }
            Self::DocumentEnd => {
                "expected the document's end or `---`, but found more text; check the \
                 indentation, or begin another document with `---`"
            }
        };
        f.write_str(message)
    }
}

const fn closing(open: char) -> char {
    if open == '[' { ']' } else { '}' }
}
