//! Patterns of `allow` and `deny`, from text to globs.
//!
//! ```text
//! pattern   := "**" suffix | domain ("/" component)+ suffix
//! component := "**" | one or more of [a-z0-9._-] "*" "?"
//! suffix    := [":" tag] ["@" digest]
//! digest    := "*" | algorithm ":" one or more of [a-f0-9] "*" "?"
//! ```
//!
//! `{a,b}` may stand anywhere and is written out before anything else is read.

mod braces;
mod component;
mod suffix;

pub(super) use self::{
    braces::write_out,
    suffix::{DigestRule, Suffix},
};
use self::{
    component::{parse_component, parse_domain},
    suffix::split_digest,
};
use super::glob::Glob;
use crate::reference;

/// What an entry matches: one of its alternatives.
#[derive(Clone, Debug)]
pub(super) struct Pattern {
    pub(super) alternatives: Vec<Alternative>,
}

/// A pattern without `{}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Alternative {
    /// The first stands for the domain.
    pub(super) steps: Vec<Step>,
    pub(super) suffix: Suffix,
}

/// What stands between two `/`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    One(Glob),
    /// `**`: whole components, one or more at the end, else none or more.
    Deep,
}

/// Which list a pattern stands in: a tag alone means another thing in each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Allow,
    Deny,
}

/// Why a text is no pattern, and what to write instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PatternError {
    pub(super) message: String,
    pub(super) help: String,
}

impl Pattern {
    pub(super) fn parse(text: &str, side: Side) -> Result<Self, PatternError> {
        if let Some((_, rest)) = text.split_once("://") {
            return Err(refused(format!("`{text}` has a scheme, which no image name has"), format!("write `{rest}`")));
        }
        if let Some(character) = text.chars().find(|c| !is_pattern_character(*c)) {
            return Err(refused(
                format!("{character:?} stands in no image name, so this can never match"),
                "a pattern holds letters, digits, `.` `_` `-` `/` `:` `@`, and the wildcards `*` `?` `**` `{a,b}`"
                    .to_owned(),
            ));
        }
        let alternatives =
            write_out(text)?.iter().map(|text| Alternative::parse(text, side)).collect::<Result<_, _>>()?;
        Ok(Self { alternatives })
    }
}

impl Alternative {
    fn parse(text: &str, side: Side) -> Result<Self, PatternError> {
        let (name, digest) = split_digest(text);
        let (name, tag) = split_tag(name);
        if name == "**" {
            return Ok(Self { steps: vec![Step::Deep], suffix: Suffix::new(tag, digest, side)? });
        }
        let rest_of_text = &text[name.len()..];
        let Some((domain, path)) = name.split_once('/') else {
            return Err(no_path(name, rest_of_text));
        };
        if path.is_empty() || path.ends_with('/') {
            return Err(refused(
                format!("`{text}` can never match: no image name ends with `/`"),
                format!("write `{}/**`", name.trim_end_matches('/')),
            ));
        }
        let mut steps = vec![parse_domain(domain, text)?];
        for component in path.split('/') {
            steps.push(parse_component(component, text)?);
        }
        let alternative = Self { steps, suffix: Suffix::new(tag, digest, side)? };
        alternative.check_docker_hub(path, rest_of_text)?;
        alternative.check_length(path)?;
        Ok(alternative)
    }

    /// Every name on Docker Hub has two components at least: `nginx` is `library/nginx`.
    fn check_docker_hub(&self, path: &str, rest_of_text: &str) -> Result<(), PatternError> {
        let [Step::One(Glob::Literal(domain)), Step::One(only)] = self.steps.as_slice() else {
            return Ok(());
        };
        if domain != "docker.io" {
            return Ok(());
        }
        Err(refused(
            format!("`docker.io/{path}` can never match: `docker.io/x` is short for `docker.io/library/x`"),
            if *only == Glob::Every {
                format!(
                    "write `docker.io/**{rest_of_text}` for all of Docker Hub, or `docker.io/library/*{rest_of_text}` for its official images"
                )
            } else {
                format!("write `docker.io/library/{path}{rest_of_text}`")
            },
        ))
    }

    fn check_length(&self, path: &str) -> Result<(), PatternError> {
        let literal = self.steps.iter().all(|step| matches!(step, Step::One(Glob::Literal(_))));
        if !literal || path.len() <= reference::PATH_MAX {
            return Ok(());
        }
        Err(refused(
            format!("a path of {} bytes can never match: the limit is {}", path.len(), reference::PATH_MAX),
            "write a shorter path".to_owned(),
        ))
    }

    /// Whether a trie can hold it: `**` stands at the end or not at all.
    pub(super) fn is_plain(&self) -> bool {
        self.steps.iter().rev().skip(1).all(|step| *step != Step::Deep)
    }

    /// The pattern without tag and digest.
    pub(super) fn name(&self) -> String {
        self.steps.iter().map(Step::text).collect::<Vec<_>>().join("/")
    }

    /// The domain, where it is a literal.
    pub(super) fn literal_domain(&self) -> Option<&str> {
        match self.steps.first() {
            Some(Step::One(Glob::Literal(domain))) => Some(domain),
            _ => None,
        }
    }

    /// Whether it matches any name at or below `registry`, a domain with a path prefix.
    pub(super) fn reaches(&self, registry: &str) -> bool {
        fn from(steps: &[Step], mut components: std::str::Split<'_, char>) -> bool {
            let rest = components.clone();
            let Some(component) = components.next() else {
                return true;
            };
            match steps.split_first() {
                None => false,
                Some((Step::Deep, [])) => true,
                Some((Step::Deep, below)) => from(below, rest) || from(steps, components),
                Some((Step::One(glob), below)) => glob.covers(component) && from(below, components),
            }
        }
        from(&self.steps, registry.split('/'))
    }

    /// As a regular expression over `domain/path`, without anchors.
    pub(super) fn to_regex(&self) -> String {
        let mut regex = String::new();
        let last = self.steps.len() - 1;
        for (index, step) in self.steps.iter().enumerate() {
            match step {
                Step::Deep if index == last => regex.push_str("[^/]+(?:/[^/]+)*"),
                Step::Deep => regex.push_str("(?:[^/]+/)*"),
                Step::One(glob) => {
                    for character in glob.text().chars() {
                        match character {
                            '*' => regex.push_str("[^/]*"),
                            '?' => regex.push_str("[^/]"),
                            _ => regex_syntax::escape_into(character.encode_utf8(&mut [0; 4]), &mut regex),
                        }
                    }
                    if index != last {
                        regex.push('/');
                    }
                }
            }
        }
        regex
    }
}

impl Step {
    pub(super) fn text(&self) -> &str {
        match self {
            Self::One(glob) => glob.text(),
            Self::Deep => "**",
        }
    }
}

/// The tag stands behind a `:` in the last component. Without a `/`, only `**:tag` has one: what
/// else holds a `:` there is no pattern, and is named as it stands.
fn split_tag(name: &str) -> (&str, Option<&str>) {
    let last = match name.rfind('/') {
        Some(slash) => slash + 1,
        None if name.starts_with('*') && !name.contains('.') => 0,
        None => return (name, None),
    };
    match name[last..].find(':') {
        Some(colon) => (&name[..last + colon], Some(&name[last + colon + 1..])),
        None => (name, None),
    }
}

/// One component is no name: say which two it could be short for.
fn no_path(name: &str, rest_of_text: &str) -> PatternError {
    if name == "*" {
        return refused(
            "`*` can never match: it does not cross `/`, and every image name has a domain and a path".to_owned(),
            format!("write `**{rest_of_text}`"),
        );
    }
    let head = name.split(':').next().unwrap_or(name);
    let registry =
        head == "localhost" || head.contains(['.', '*', '?', '[']) || head.chars().any(|c| c.is_ascii_uppercase());
    if registry {
        refused(
            format!("`{name}` names a registry and no image, so it can never match"),
            format!("write `{name}/**{rest_of_text}`"),
        )
    } else {
        refused(
            format!("`{name}{rest_of_text}` has no domain"),
            format!("write `docker.io/library/{name}{rest_of_text}`"),
        )
    }
}

fn is_pattern_character(character: char) -> bool {
    character.is_ascii_alphanumeric() || "._-/:@*?{},[]".contains(character)
}

fn refused(message: String, help: String) -> PatternError {
    PatternError { message, help }
}
