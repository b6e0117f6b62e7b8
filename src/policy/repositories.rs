//! Which repositories of a registry may run anywhere: what a filter in Harbor can say of `allow`.

use std::fmt;

use super::{
    Namespace, Policy, Rewrite,
    entries::{Entry, Matcher},
    file::Enforcement,
    glob::Glob,
    pattern::{Step, Suffix},
};

/// The repositories of a registry that some namespace may run. `deny` is not looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Repositories {
    /// Every one.
    All,
    /// Those whose path this regular expression matches, from its start to its end. It is one to
    /// Rust as to RE2, and takes repositories one by one: none more, none less.
    Matching(String),
    /// They can't be told by their path.
    Unsayable(Unsayable),
}

/// Why repositories can't be told by their path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unsayable {
    /// This entry asks for certain tags or digests.
    Tags(String),
    /// This entry is a regular expression over domain and path.
    Expression(String),
    /// What is not allowed is admitted all the same, at this place of the file.
    Admitted(String),
}

impl fmt::Display for Unsayable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tags(entry) => {
                write!(
                    f,
                    "`{entry}` in `allow` asks for certain tags or digests, and a filter knows repositories alone"
                )
            }
            Self::Expression(entry) => {
                write!(f, "`{entry}` in `allow` is a regular expression over the registry and the path together")
            }
            Self::Admitted(place) => {
                write!(f, "{place} admits what `allow` does not name, and a filter would refuse it")
            }
        }
    }
}

impl Policy {
    /// The repositories of the registry `domain` that may run in some namespace.
    pub fn repositories(&self, domain: &str) -> Repositories {
        if let Some(place) = self.admits_anything() {
            return Repositories::Unsayable(Unsayable::Admitted(place));
        }
        let mut collected = Collected::default();
        if self.allow.is_none() {
            self.default_repositories(domain, &mut collected);
        }
        for entry in self.allowing() {
            if let Err(unsayable) = collected.add(entry, domain) {
                return Repositories::Unsayable(unsayable);
            }
        }
        if collected.paths.iter().any(|path| path == EVERYTHING) {
            return Repositories::All;
        }
        Repositories::Matching(format!("^({})$", collected.paths.join("|")))
    }

    /// An entry of any `allow` that may match images at or below `name`, a domain with a path.
    pub fn allow_reaching(&self, name: &str) -> Option<&str> {
        let reaches = |entry: &&Entry| match &entry.matcher {
            Matcher::Pattern(alternatives) => alternatives.iter().any(|alternative| alternative.reaches(name)),
            Matcher::Expression { expression, .. } => expression.may_match_below(&format!("{name}/")),
        };
        self.allowing().find(reaches).map(|entry| entry.text.as_str())
    }

    /// The entries of every `allow` and `allowOnly`.
    fn allowing(&self) -> impl Iterator<Item = &Entry> {
        let namespaces = self.namespaces.entries.iter().filter_map(Namespace::allow_list);
        self.allow.iter().chain(namespaces).flat_map(|list| &list.entries)
    }

    /// Where images are rewritten and admitted that `allow` does not name.
    fn admits_anything(&self) -> Option<String> {
        if self.enforcement != Enforcement::Deny {
            return Some("`enforcement`".to_owned());
        }
        let lenient = self.namespaces.entries.iter().find(|namespace| {
            namespace.rewrite == Rewrite::On
                && namespace.enforcement.is_some_and(|enforcement| enforcement != Enforcement::Deny)
        })?;
        let first = lenient.matches.first().map_or("", Glob::text);
        Some(format!("`enforcement` of namespace `{first}`"))
    }

    /// Where `allow` is left out, what has a proxy may run.
    fn default_repositories(&self, domain: &str, collected: &mut Collected) {
        for project in self.projects() {
            match project.registry().strip_prefix(domain) {
                Some("") => collected.push(EVERYTHING.to_owned()),
                Some(rest) => {
                    if let Some(prefix) = rest.strip_prefix('/') {
                        collected.push(format!("{}(/.+)?", escaped(prefix)));
                    }
                }
                None => {}
            }
        }
    }
}

/// `**` alone. No repository has an empty component, so `.` need not be told from `/`.
const EVERYTHING: &str = ".+";

/// Alternatives of a regular expression, each once, in the file's order.
#[derive(Default)]
struct Collected {
    paths: Vec<String>,
}

impl Collected {
    fn push(&mut self, path: String) {
        if !self.paths.contains(&path) {
            self.paths.push(path);
        }
    }

    fn add(&mut self, entry: &Entry, domain: &str) -> Result<(), Unsayable> {
        match &entry.matcher {
            Matcher::Expression { expression, .. } if expression.may_match_below(&format!("{domain}/")) => {
                Err(Unsayable::Expression(entry.text.clone()))
            }
            Matcher::Expression { .. } => Ok(()),
            Matcher::Pattern(alternatives) => {
                for alternative in alternatives {
                    let paths = below(&alternative.steps, domain);
                    if !paths.is_empty() && alternative.suffix != Suffix::FREE {
                        return Err(Unsayable::Tags(entry.text.clone()));
                    }
                    for steps in paths {
                        self.push(regex(steps));
                    }
                }
                Ok(())
            }
        }
    }
}

/// What a pattern asks of the path of a name on `domain`: any of these.
fn below<'s>(steps: &'s [Step], domain: &str) -> Vec<&'s [Step]> {
    let mut found = match steps.split_first() {
        Some((Step::One(glob), rest)) if glob.covers(domain) => vec![rest],
        Some((Step::One(_), _)) | None => Vec::new(),
        Some((Step::Deep, rest)) => {
            // `**` takes the domain and goes on, or takes nothing.
            let mut found = below(rest, domain);
            found.push(steps);
            found
        }
    };
    found.retain(|steps| !steps.is_empty());
    found
}

fn regex(steps: &[Step]) -> String {
    let mut regex = String::new();
    let last = steps.len() - 1;
    for (index, step) in steps.iter().enumerate() {
        match step {
            Step::Deep if index == last => regex.push_str(EVERYTHING),
            Step::Deep => regex.push_str("(.+/)?"),
            Step::One(glob) => {
                match glob {
                    Glob::Literal(text) => regex.push_str(&escaped(text)),
                    Glob::Every => regex.push_str("[^/]+"),
                    Glob::Wild(text) => {
                        regex.push_str(&escaped(text).replace('*', "[^/]*").replace('?', "[^/]"));
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

/// Of what stands in a path, the dot alone means something to a regular expression.
fn escaped(path: &str) -> String {
    path.replace('.', r"\.")
}
