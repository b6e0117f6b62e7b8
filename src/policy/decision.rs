//! What the policy says of one image.

use std::{borrow::Cow, fmt};

use super::{
    file::Enforcement,
    proxy::{Project, RewriteTooLong},
};
use crate::{
    reference::{ComparisonForm, NeverAllowed, ParseError, Reference},
    yaml::Position,
};

/// What the policy says of one image in one namespace.
#[derive(Clone, Debug)]
pub struct Decision<'p, 'a> {
    /// The name as it stands in the Pod.
    pub written: &'a str,
    /// What the name means, or why it means nothing.
    pub parsed: Result<Parsed<'a>, ParseError>,
    /// Whether the policy allows it, and which entry says so.
    pub ruling: Ruling<'p>,
    /// What the Pod gets where it is admitted: `written`, or the name through Harbor.
    pub result: Cow<'a, str>,
    /// The proxy-cache project that `result` is pulled through.
    pub project: Option<&'p Project>,
    /// The registry of the proxy that serves the origin, whether or not the name is rewritten.
    pub registry: Option<&'p str>,
    pub(super) enforcement: Enforcement,
}

/// A name that parses.
#[derive(Clone, Debug)]
pub struct Parsed<'a> {
    /// Its parts.
    pub reference: Reference<'a>,
    /// The upstream name that it stands for, in comparison form.
    pub origin: ComparisonForm<'a>,
}

/// Allowed or not, and by what.
#[derive(Clone, Debug)]
pub enum Ruling<'p> {
    /// This entry allows it.
    Allowed(Rule<'p>),
    /// It is not allowed.
    NotAllowed(NotAllowed<'p>),
}

/// Why an image is not allowed.
#[derive(Clone, Debug)]
pub enum NotAllowed<'p> {
    /// The name does not parse; [`Decision::parsed`] says why.
    Unparsable,
    /// No policy can allow such a name.
    Never(NeverAllowed),
    /// Its name through Harbor would be too long.
    RewriteTooLong(RewriteTooLong),
    /// This entry of `deny` matches.
    Denied(Rule<'p>),
    /// No entry allows it.
    NothingAllows,
}

/// An entry of the policy, and where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule<'p> {
    /// The list that it stands in.
    pub list: List,
    /// The policy file's name.
    pub file: &'p str,
    /// Where its pattern begins.
    pub position: Position,
    /// The pattern as written; for a proxy, its registry.
    pub text: &'p str,
    /// Why the entry is there, in the admin's words.
    pub reason: Option<&'p str>,
    /// Whether it holds whatever the enforcement is.
    pub force: Force,
}

/// How hard an entry of `deny` is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Force {
    /// As the namespace's enforcement says.
    Enforcement,
    /// `always: true`: the request is denied.
    Always,
}

/// The lists that decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum List {
    /// `allow`.
    Allow,
    /// A namespace's `allowOnly`.
    AllowOnly,
    /// `deny`.
    Deny,
    /// `proxies`, which are what is allowed where `allow` is left out.
    Proxies,
}

/// What happens to a request because of one image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Outcome {
    /// Nothing: the policy allows it.
    Allow,
    /// Not allowed; admitted, counted and logged.
    Audit,
    /// Not allowed; admitted with a warning.
    Warn,
    /// Not allowed; rejected.
    Deny,
}

impl<'p, 'a> Decision<'p, 'a> {
    pub(super) fn new(
        written: &'a str,
        parsed: Result<Parsed<'a>, ParseError>,
        ruling: Ruling<'p>,
        enforcement: Enforcement,
    ) -> Self {
        Self { written, parsed, ruling, result: Cow::Borrowed(written), project: None, registry: None, enforcement }
    }

    /// Whether the policy allows the image.
    pub fn is_allowed(&self) -> bool {
        matches!(self.ruling, Ruling::Allowed(_))
    }

    /// Whether the image would stay as it is.
    pub fn is_at_rest(&self) -> bool {
        self.result == self.written
    }

    /// What the image does to a request.
    pub fn outcome(&self) -> Outcome {
        match self.ruling {
            Ruling::Allowed(_) => Outcome::Allow,
            Ruling::NotAllowed(_) => self.effect().into(),
        }
    }

    /// How what is not allowed is met here: the namespace's enforcement, or deny for an entry with
    /// `always`.
    pub fn effect(&self) -> Enforcement {
        match self.force() {
            Force::Always => Enforcement::Deny,
            Force::Enforcement => self.enforcement,
        }
    }

    /// Whether an entry with `always` denies it.
    pub fn force(&self) -> Force {
        match &self.ruling {
            Ruling::NotAllowed(NotAllowed::Denied(rule)) => rule.force,
            _ => Force::Enforcement,
        }
    }

    /// The entry that decided, where one did.
    pub fn rule(&self) -> Option<Rule<'p>> {
        match &self.ruling {
            Ruling::Allowed(rule) | Ruling::NotAllowed(NotAllowed::Denied(rule)) => Some(*rule),
            Ruling::NotAllowed(_) => None,
        }
    }

    /// Why, in words for the developer; on one line.
    pub fn reason(&self) -> Reason<'_, 'p, 'a> {
        Reason(self)
    }
}

impl From<Enforcement> for Outcome {
    fn from(enforcement: Enforcement) -> Self {
        match enforcement {
            Enforcement::Audit => Self::Audit,
            Enforcement::Warn => Self::Warn,
            Enforcement::Deny => Self::Deny,
        }
    }
}

impl Outcome {
    /// The word that logs, metrics and JSON use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Audit => "audit",
            Self::Warn => "warn",
            Self::Deny => "deny",
        }
    }
}

impl List {
    /// The key in the policy file.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::AllowOnly => "allowOnly",
            Self::Deny => "deny",
            Self::Proxies => "proxies",
        }
    }
}

impl fmt::Display for Rule<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.position.line, self.position.column)
    }
}

/// [`Decision::reason`].
pub struct Reason<'d, 'p, 'a>(&'d Decision<'p, 'a>);

impl fmt::Display for Reason<'_, '_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0.ruling {
            Ruling::Allowed(rule) => {
                write!(f, "`{}` in `{}` allows it", rule.text, rule.list.as_str())?;
                write_reason(f, rule)
            }
            Ruling::NotAllowed(NotAllowed::Denied(rule)) => {
                write!(f, "`{}` in `deny` forbids it", rule.text)?;
                write_reason(f, rule)
            }
            Ruling::NotAllowed(NotAllowed::Unparsable) => match &self.0.parsed {
                Err(error) => write!(f, "not an image name: {error}"),
                Ok(_) => f.write_str("not an image name"),
            },
            Ruling::NotAllowed(NotAllowed::Never(why)) => why.fmt(f),
            Ruling::NotAllowed(NotAllowed::RewriteTooLong(too_long)) => write!(
                f,
                "its path through Harbor would have {} bytes, and {} are the limit",
                too_long.path_length,
                crate::reference::PATH_MAX
            ),
            Ruling::NotAllowed(NotAllowed::NothingAllows) => f.write_str("nothing in the policy allows it"),
        }
    }
}

fn write_reason(f: &mut fmt::Formatter<'_>, rule: &Rule<'_>) -> fmt::Result {
    match rule.reason {
        Some(reason) => write!(f, ": {reason}"),
        None => Ok(()),
    }
}
