//! What a pattern asks of tag and digest.

use super::{PatternError, Side, braces::write_out, refused};
use crate::{policy::glob::Glob, reference};

/// What is asked of tag and digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::policy) struct Suffix {
    /// `None`: any tag, and none.
    pub(in crate::policy) tag: Option<Glob>,
    pub(in crate::policy) digest: DigestRule,
}

/// What is asked of the digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::policy) enum DigestRule {
    /// A digest or none.
    Free,
    /// No digest: it would decide what is pulled, whatever tag stands beside it.
    Absent,
    /// This digest, `algorithm:hex`.
    Pinned(Glob),
}

impl Suffix {
    /// Nothing is asked.
    pub(in crate::policy) const FREE: Self = Self { tag: None, digest: DigestRule::Free };

    /// Reads what follows a name: `v*`, `v*@*`, `@sha256:*`. For the key `tag`.
    pub(in crate::policy) fn parse(text: &str, side: Side) -> Result<Vec<Self>, PatternError> {
        write_out(text)?
            .iter()
            .map(|text| {
                let (tag, digest) = split_digest(text);
                Self::new((!tag.is_empty()).then_some(tag), digest, side)
            })
            .collect()
    }

    pub(super) fn new(tag: Option<&str>, digest: Option<&str>, side: Side) -> Result<Self, PatternError> {
        let digest = match (digest, tag, side) {
            (Some(digest), _, _) => parse_digest(digest)?,
            (None, Some(_), Side::Allow) => DigestRule::Absent,
            (None, _, _) => DigestRule::Free,
        };
        Ok(Self { tag: tag.map(parse_tag).transpose()?, digest })
    }

    /// As it is written behind a name.
    pub(in crate::policy) fn text(&self, side: Side) -> String {
        let tag = self.tag.as_ref().map_or_else(String::new, |tag| format!(":{}", tag.text()));
        match (&self.digest, &self.tag, side) {
            (DigestRule::Pinned(digest), _, _) => format!("{tag}@{}", digest.text()),
            (DigestRule::Free, Some(_), Side::Allow) => format!("{tag}@*"),
            (DigestRule::Free | DigestRule::Absent, _, _) => tag,
        }
    }
}

/// The text before an `@`, and the digest behind it.
pub(super) fn split_digest(text: &str) -> (&str, Option<&str>) {
    match text.split_once('@') {
        Some((name, digest)) => (name, Some(digest)),
        None => (text, None),
    }
}

fn parse_tag(tag: &str) -> Result<Glob, PatternError> {
    let glob = Glob::new(tag);
    let wrong = |why: String| refused(why, "write a tag as the registry has it, with `*` where it may vary".to_owned());
    match &glob {
        Glob::Literal(tag) => {
            reference::check_tag(tag).map_err(|error| wrong(format!("the tag can never match: {error}")))?;
        }
        Glob::Every => {}
        Glob::Wild(tag) => {
            if let Some(character) = tag.chars().find(|c| !(c.is_ascii_alphanumeric() || "*?._-".contains(*c))) {
                return Err(wrong(format!("the tag can never match: `{character}` stands in no tag")));
            }
            if tag.starts_with(['.', '-']) {
                return Err(wrong(format!("the tag can never match: no tag begins with `{}`", &tag[..1])));
            }
        }
    }
    Ok(glob)
}

fn parse_digest(digest: &str) -> Result<DigestRule, PatternError> {
    if digest == "*" {
        return Ok(DigestRule::Free);
    }
    let wrong = |why: String| {
        refused(why, "write `@sha256:*` for any digest, `@*` for a digest or none, or the whole digest".to_owned())
    };
    let glob = Glob::new(digest);
    if glob.is_literal() {
        reference::check_digest(digest).map_err(|error| wrong(format!("the digest can never match: {error}")))?;
        return Ok(DigestRule::Pinned(glob));
    }
    let hex = ["sha256:", "sha384:", "sha512:"].iter().find_map(|algorithm| digest.strip_prefix(algorithm));
    match hex {
        Some(hex) if hex.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f' | b'*' | b'?')) => {
            Ok(DigestRule::Pinned(glob))
        }
        _ => Err(wrong(format!("the digest `{digest}` can never match"))),
    }
}
