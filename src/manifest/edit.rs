//! Wanted images → edits of the text: which bytes, and what to write there.

use std::collections::HashMap;

use super::{
    expand::{Expander, key},
    problem::{Fault, ProblemKind},
    walk::Found,
};
use crate::yaml::{Content, Node, Scalar, Span, Style};

/// A range of the text and what is to stand there.
#[derive(Debug)]
pub(super) struct Edit<'d> {
    /// The node that is changed.
    pub(super) node: Span,
    /// The bytes to replace: the node's, or those of one line of it.
    pub(super) span: Span,
    pub(super) text: String,
    /// What the node must be read as afterwards.
    pub(super) value: String,
    /// The tag that an alias gets when it is written out.
    pub(super) tag: Option<&'d str>,
}

/// The edits of a document, in the order of the text; `results` has a text for each use.
pub(super) fn edits<'d, 't>(
    text: &str,
    root: &'d Node<'t>,
    expander: &Expander<'d, 't>,
    found: &Found<'d, 't>,
    results: &[&str],
) -> Result<Vec<Edit<'d>>, Fault> {
    let mut wanted: HashMap<(usize, usize), (&'d Node<'t>, &str)> = HashMap::new();
    for (found_use, result) in found.uses.iter().zip(results) {
        let site = key(found_use.site.span);
        let conflict = Fault { at: found_use.site.span.start, kind: ProblemKind::SharedAnchor };
        let is_changed = *result != found_use.image.reference;
        if is_changed && found.elsewhere.contains(&site) {
            return Err(conflict);
        }
        if wanted.insert(site, (found_use.site, result)).is_some_and(|(_, before)| before != *result) {
            return Err(conflict);
        }
    }
    let mut edits = Vec::new();
    let mut changed: HashMap<(usize, usize), &str> = HashMap::new();
    for (site, result) in wanted.values() {
        if let Content::Scalar(scalar) = &site.content
            && scalar.value != *result
        {
            changed.insert(key(site.span), result);
            edits.push(edit_scalar(text, site, scalar, result)?);
        }
    }
    if expander.has_anchors() {
        write_out(root, expander, &wanted, &changed, &mut edits);
    }
    edits.sort_by_key(|edit| edit.span.start);
    Ok(edits)
}

/// An alias is written out where what it stands for no longer is what is wanted there.
fn write_out<'d, 't>(
    node: &'d Node<'t>,
    expander: &Expander<'d, 't>,
    wanted: &HashMap<(usize, usize), (&'d Node<'t>, &str)>,
    changed: &HashMap<(usize, usize), &str>,
    edits: &mut Vec<Edit<'d>>,
) {
    match &node.content {
        Content::Scalar(_) => {}
        Content::Sequence(items) => items.iter().for_each(|item| write_out(item, expander, wanted, changed, edits)),
        Content::Mapping(pairs) => {
            for (name, value) in pairs {
                write_out(name, expander, wanted, changed, edits);
                write_out(value, expander, wanted, changed, edits);
            }
        }
        Content::Alias { target, .. } => {
            let definition = expander.resolve(node);
            let Content::Scalar(scalar) = &definition.content else { return };
            let becomes = changed.get(&key(*target)).copied().unwrap_or(&scalar.value);
            let wanted = wanted.get(&key(node.span)).map_or(&*scalar.value, |(_, result)| *result);
            if becomes == wanted {
                return;
            }
            let tag = definition.tag.as_ref().map(|tag| &*tag.text);
            let value = quoted(wanted, if scalar.style == Style::Plain { Style::Plain } else { Style::DoubleQuoted });
            let text = tag.map_or_else(|| value.clone(), |tag| format!("{tag} {value}"));
            edits.push(Edit { node: node.span, span: node.span, text, value: wanted.to_owned(), tag });
        }
    }
}

fn edit_scalar<'d>(text: &str, node: &Node<'_>, scalar: &Scalar<'_>, result: &str) -> Result<Edit<'d>, Fault> {
    let (span, replacement) = match scalar.style {
        Style::Plain | Style::SingleQuoted | Style::DoubleQuoted => (node.span, quoted(result, scalar.style)),
        Style::Literal | Style::Folded => {
            let line = first_line(text, node.span).filter(|line| line.of(text) == scalar.value);
            let line = line.ok_or(Fault { at: node.span.start, kind: ProblemKind::NotEditable })?;
            (line, result.to_owned())
        }
    };
    Ok(Edit { node: node.span, span, text: replacement, value: result.to_owned(), tag: None })
}

/// The text on the line behind a block scalar's header.
fn first_line(text: &str, scalar: Span) -> Option<Span> {
    let source = scalar.of(text);
    let header = source.find(['\n', '\r'])?;
    let body = header + if source[header..].starts_with("\r\n") { 2 } else { 1 };
    let line = source[body..].split(['\n', '\r']).next()?;
    let start = scalar.start + body + (line.len() - line.trim_start_matches(' ').len());
    Some(Span { start, end: start + line.trim_matches(' ').len() })
}

/// A value in the notation of `style`; a plain one gets quotes only if it must.
fn quoted(value: &str, style: Style) -> String {
    let is_printable =
        !value.contains(|character: char| character.is_control() || "\u{2028}\u{2029}\u{feff}".contains(character));
    match style {
        Style::Plain if is_plain(value) => value.to_owned(),
        Style::SingleQuoted if is_printable => format!("'{}'", value.replace('\'', "''")),
        // YAML's double quotes take JSON's escapes.
        _ => serde_json::Value::from(value).to_string(),
    }
}

/// Whether a value may stand without quotes wherever a value may, and is a string there for readers
/// of YAML 1.1 as well. More could, but no image needs more.
fn is_plain(value: &str) -> bool {
    // With a `/`, it is no number, no date and no word.
    value.contains('/')
        && value.starts_with(|first: char| first.is_ascii_alphanumeric())
        && !value.ends_with(':')
        && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/.:_-@+".contains(&byte))
}

/// The text with its edits made.
pub(super) fn splice(text: &str, edits: &[Edit<'_>]) -> String {
    let grown: usize = edits.iter().map(|edit| edit.text.len()).sum();
    let mut spliced = String::with_capacity(text.len() + grown);
    let mut read = 0;
    for edit in edits {
        spliced.push_str(Span { start: read, end: edit.span.start }.of(text));
        spliced.push_str(&edit.text);
        read = edit.span.end;
    }
    spliced.push_str(&text[read..]);
    spliced
}
