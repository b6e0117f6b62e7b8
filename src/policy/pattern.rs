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

use super::glob::Glob;
use crate::reference::{self, Domain, ParseErrorKind};

/// How many patterns one with `{}` may stand for.
const ALTERNATIVES: usize = 256;

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

/// What is asked of tag and digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Suffix {
    /// `None`: any tag, and none.
    pub(super) tag: Option<Glob>,
    pub(super) digest: DigestRule,
}

/// What is asked of the digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum DigestRule {
    /// A digest or none.
    Free,
    /// No digest: it would decide what is pulled, whatever tag stands beside it.
    Absent,
    /// This digest, `algorithm:hex`.
    Pinned(Glob),
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
            return Err(refused(
                format!("`{text}` has a scheme, which no image name has"),
                format!("write `{rest}`"),
            ));
        }
        if let Some(character) = text.chars().find(|c| !is_pattern_character(*c)) {
            return Err(refused(
                format!("{character:?} stands in no image name, so this can never match"),
                "a pattern holds letters, digits, `.` `_` `-` `/` `:` `@`, and the wildcards `*` `?` `**` `{a,b}`".to_owned(),
            ));
        }
        let alternatives = write_out(text)?
            .iter()
            .map(|text| Alternative::parse(text, side))
            .collect::<Result<_, _>>()?;
        Ok(Self { alternatives })
    }
}

impl Suffix {
    /// Nothing is asked.
    pub(super) const FREE: Self = Self { tag: None, digest: DigestRule::Free };

    /// Reads what follows a name: `v*`, `v*@*`, `@sha256:*`. For the key `tag`.
    pub(super) fn parse(text: &str, side: Side) -> Result<Vec<Self>, PatternError> {
        write_out(text)?
            .iter()
            .map(|text| {
                let (tag, digest) = split_digest(text);
                Self::new((!tag.is_empty()).then_some(tag), digest, side)
            })
            .collect()
    }

    fn new(tag: Option<&str>, digest: Option<&str>, side: Side) -> Result<Self, PatternError> {
        let digest = match (digest, tag, side) {
            (Some(digest), _, _) => parse_digest(digest)?,
            (None, Some(_), Side::Allow) => DigestRule::Absent,
            (None, _, _) => DigestRule::Free,
        };
        Ok(Self { tag: tag.map(parse_tag).transpose()?, digest })
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
                format!("write `docker.io/**{rest_of_text}` for all of Docker Hub, or `docker.io/library/*{rest_of_text}` for its official images")
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

/// Writes out `{a,b}`: each alternative in its place, in order.
pub(super) fn write_out(text: &str) -> Result<Vec<String>, PatternError> {
    let wrong = |message: &str| {
        Err(refused(
            format!("{message} in `{text}`"),
            "write `{a,b}`: two or more texts, none of them empty, no `/` and no braces inside".to_owned(),
        ))
    };
    let mut written = vec![String::new()];
    let mut rest = text;
    while let Some(open) = rest.find(['{', '}', ',']) {
        let Some(behind) = rest[open..].strip_prefix('{') else {
            let found = &rest[open..=open];
            return wrong(&format!("a `{found}` outside braces"));
        };
        let Some((inside, behind)) = behind.split_once('}') else {
            return wrong("a `{` that is not closed");
        };
        if inside.contains(['{', '/']) {
            return wrong("a `/` or another `{` between braces");
        }
        let choices: Vec<&str> = inside.split(',').collect();
        if choices.contains(&"") {
            return wrong("nothing to choose between braces");
        }
        if written.len() * choices.len() > ALTERNATIVES {
            return Err(refused(
                format!("the braces stand for more than {ALTERNATIVES} patterns"),
                "write several entries".to_owned(),
            ));
        }
        written = written
            .iter()
            .flat_map(|head| choices.iter().map(move |choice| format!("{head}{}{choice}", &rest[..open])))
            .collect();
        rest = behind;
    }
    for head in &mut written {
        head.push_str(rest);
    }
    Ok(written)
}

fn split_digest(text: &str) -> (&str, Option<&str>) {
    match text.split_once('@') {
        Some((name, digest)) => (name, Some(digest)),
        None => (text, None),
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
    let registry = head == "localhost" || head.contains(['.', '*', '?', '[']) || head.chars().any(|c| c.is_ascii_uppercase());
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

fn parse_domain(domain: &str, text: &str) -> Result<Step, PatternError> {
    if domain == "**" {
        return Ok(Step::Deep);
    }
    if domain.contains(['*', '?']) {
        return parse_wild_domain(domain, text).map(Step::One);
    }
    match Domain::parse(domain) {
        Ok(domain) => Ok(Step::One(Glob::Literal(domain.as_str().to_owned()))),
        Err(error) if error.kind() == ParseErrorKind::DomainTakenForPath => Err(refused(
            format!("`{text}` has no domain: every client reads `{domain}` as a part of a path on docker.io"),
            format!("write `docker.io/{text}`"),
        )),
        Err(error) => Err(refused(
            format!("`{text}` can never match: {error}"),
            "write the registry's host name, with its port if it has one".to_owned(),
        )),
    }
}

/// A domain with wildcards is brought into comparison form as far as it is written out.
fn parse_wild_domain(domain: &str, text: &str) -> Result<Glob, PatternError> {
    whole_components(domain, text)?;
    if let Some(character) = domain.chars().find(|c| !(c.is_ascii_alphanumeric() || "*?.-:[]".contains(*c))) {
        return Err(refused(
            format!("`{text}` can never match: `{character}` stands in no domain"),
            "write a host name, with `*` and `?` where it may vary".to_owned(),
        ));
    }
    let folded = domain.to_ascii_lowercase();
    let Some((host, port)) = folded.rsplit_once(':').filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit())) else {
        return Ok(Glob::new(&folded));
    };
    match port.trim_start_matches('0').parse::<u16>() {
        Ok(443) => Ok(Glob::new(host)),
        Ok(port) => Ok(Glob::new(&format!("{host}:{port}"))),
        Err(_) => Err(refused(
            format!("`{text}` can never match: `{port}` is no port"),
            "write a port from 1 to 65535".to_owned(),
        )),
    }
}

fn parse_component(component: &str, text: &str) -> Result<Step, PatternError> {
    if component == "**" {
        return Ok(Step::Deep);
    }
    if component.is_empty() {
        return Err(refused(
            format!("`{text}` can never match: there is nothing between two `/`"),
            format!("write `{}`", text.replace("//", "/")),
        ));
    }
    whole_components(component, text)?;
    if component.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return Err(refused(
            format!("`{text}` can never match: a path has no upper-case letters"),
            format!("write `{}`", text.replacen(component, &component.to_ascii_lowercase(), 1)),
        ));
    }
    let glob = Glob::new(component);
    if let Glob::Literal(_) = glob {
        reference::check_path_component(component).map_err(|error| {
            refused(
                format!("`{text}` can never match: {error}"),
                "write the path as the registry has it: letters and digits, with `.` `_` `__` or `-` between them".to_owned(),
            )
        })?;
    } else if let Some(character) = component.chars().find(|c| !(c.is_ascii_alphanumeric() || "*?._-".contains(*c))) {
        return Err(refused(
            format!("`{text}` can never match: `{character}` stands in no path"),
            "write letters, digits, `.` `_` `-`, and `*` or `?` where it may vary".to_owned(),
        ));
    }
    Ok(Step::One(glob))
}

fn whole_components(component: &str, text: &str) -> Result<(), PatternError> {
    if !component.contains("**") {
        return Ok(());
    }
    let narrow = component.replace("**", "*");
    Err(refused(
        format!("`**` in `{text}` stands beside other text, but it means whole components"),
        format!("write `{narrow}` to stay inside one component, or put `**` between two `/`"),
    ))
}

fn parse_tag(tag: &str) -> Result<Glob, PatternError> {
    let glob = Glob::new(tag);
    let wrong = |why: String| refused(why, "write a tag as the registry has it, with `*` where it may vary".to_owned());
    match &glob {
        Glob::Literal(tag) => reference::check_tag(tag).map_err(|error| wrong(format!("the tag can never match: {error}")))?,
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
    let wrong = |why: String| refused(why, "write `@sha256:*` for any digest, `@*` for a digest or none, or the whole digest".to_owned());
    let glob = Glob::new(digest);
    if glob.is_literal() {
        reference::check_digest(digest).map_err(|error| wrong(format!("the digest can never match: {error}")))?;
        return Ok(DigestRule::Pinned(glob));
    }
    let hex = ["sha256:", "sha384:", "sha512:"].iter().find_map(|algorithm| digest.strip_prefix(algorithm));
    match hex {
        Some(hex) if hex.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f' | b'*' | b'?')) => Ok(DigestRule::Pinned(glob)),
        _ => Err(wrong(format!("the digest `{digest}` can never match"))),
    }
}

fn is_pattern_character(character: char) -> bool {
    character.is_ascii_alphanumeric() || "._-/:@*?{},[]".contains(character)
}

fn refused(message: String, help: String) -> PatternError {
    PatternError { message, help }
}
