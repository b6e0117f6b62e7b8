//! The proof after an edit: the text is parsed again, and nothing but what was to be changed is.

use super::edit::{Edit, splice};
use crate::yaml::{Content, Document, Limits, Node, Span, Stream, Style};

/// Whether a document with its edits made is read as before, but for the edited values.
///
/// `text` is all that belongs to the document and to no other, and `offset` where it begins in the
/// text that the document's spans count in.
pub(super) fn holds(text: &str, offset: usize, document: &Document<'_>, edits: &[Edit<'_>], limits: Limits) -> bool {
    let moved: Vec<Edit<'_>> = edits
        .iter()
        .map(|edit| Edit {
            span: Span { start: edit.span.start - offset, end: edit.span.end - offset },
            text: edit.text.clone(),
            value: edit.value.clone(),
            ..*edit
        })
        .collect();
    let spliced = splice(text, &moved);
    let Ok(stream) = Stream::parse(spliced.as_bytes(), limits) else { return false };
    let [now] = &*stream.documents else { return false };
    let mut comparison = Comparison { edits };
    comparison.is_same(&document.root, &now.root) && comparison.edits.is_empty()
}

struct Comparison<'e, 'd> {
    /// Those that were not met yet, in the order of the text.
    edits: &'e [Edit<'d>],
}

impl Comparison<'_, '_> {
    fn is_same(&mut self, before: &Node<'_>, now: &Node<'_>) -> bool {
        if let Some((edit, rest)) = self.edits.split_first()
            && edit.node == before.span
        {
            self.edits = rest;
            let expected = if matches!(before.content, Content::Alias { .. }) {
                (None, edit.tag)
            } else {
                (anchor(before), tag(before))
            };
            return (anchor(now), tag(now)) == expected && reads_as(before, now, &edit.value);
        }
        if anchor(before) != anchor(now) || tag(before) != tag(now) {
            return false;
        }
        match (&before.content, &now.content) {
            (Content::Scalar(before), Content::Scalar(now)) => before.style == now.style && before.value == now.value,
            // As many anchors of the same names stand in front, so it stands for the same node.
            (Content::Alias { name: before, .. }, Content::Alias { name: now, .. }) => before == now,
            (Content::Sequence(before), Content::Sequence(now)) => {
                before.len() == now.len() && before.iter().zip(now).all(|(before, now)| self.is_same(before, now))
            }
            (Content::Mapping(before), Content::Mapping(now)) => {
                before.len() == now.len()
                    && before.iter().zip(now).all(|((key, value), (key_now, value_now))| {
                        self.is_same(key, key_now) && self.is_same(value, value_now)
                    })
            }
            _ => false,
        }
    }
}

fn anchor<'n>(node: &'n Node<'_>) -> Option<&'n str> {
    node.anchor.as_ref().map(|anchor| &*anchor.name)
}

fn tag<'n>(node: &'n Node<'_>) -> Option<&'n str> {
    node.tag.as_ref().map(|tag| &*tag.text)
}

/// Whether an edited node is the string that it should be, in the notation that it had, or in
/// quotes where it was plain.
fn reads_as(before: &Node<'_>, now: &Node<'_>, value: &str) -> bool {
    let Content::Scalar(now) = &now.content else { return false };
    let style_holds = match &before.content {
        Content::Scalar(before) => before.style == now.style || before.style == Style::Plain,
        _ => true,
    };
    now.value == value && style_holds
}
