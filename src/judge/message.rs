//! What a developer reads. Text that came from the object is escaped, and cut to what fits.

use std::{borrow::Cow, fmt::Write as _};

use super::{Breach, Finding, Image};
use crate::{
    escape::Shown,
    policy::{NotAllowed, Outcome, Policy, Ruling, Scope},
};

/// Bytes of a denial: what a terminal and an event show without being a wall of text.
const DENIAL: usize = 1024;
/// Characters of a warning: the API server cuts longer ones
/// (k8s.io/apiserver, pkg/endpoints/filters/warning.go).
const WARNING: usize = 256;
/// Warnings of one answer: they are shown above everything else.
const WARNINGS: usize = 5;
/// Bytes of a container's name, and of an image's, that a message shows.
const NAME: usize = 63;
const IMAGE: usize = 160;
const REASON: usize = 220;

/// The message of a denial: every image that is denied, what would be allowed, whom to ask, and
/// the policy that says so.
pub fn denial(findings: &[Finding<'_, '_>], scope: Scope<'_>, policy: &Policy) -> String {
    let mut tail = String::new();
    if let Some(contact) = policy.contact() {
        let _ = write!(tail, ". Ask {contact}");
    }
    let _ = write!(tail, " (policy {})", policy.short_hash());
    let denied: Vec<String> = findings
        .iter()
        .filter(|finding| finding.outcome == Outcome::Deny)
        .map(|finding| sentence(finding, finding.image.reference, scope))
        .collect();
    let room = DENIAL.saturating_sub(tail.len() + " and 1000 more images".len());
    let mut message = String::from("harbor-pilot: ");
    for (count, sentence) in denied.iter().enumerate() {
        let separator = if count == 0 { "" } else { "; " };
        if count > 0 && message.len() + separator.len() + sentence.len() > room {
            let _ = write!(message, "; and {} more images", denied.len() - count);
            break;
        }
        message.push_str(separator);
        message.push_str(sentence);
    }
    message + &tail
}

/// The warnings of an answer, each within what the API server passes on.
pub fn warnings(findings: &[Finding<'_, '_>], scope: Scope<'_>) -> Vec<String> {
    let warned: Vec<&Finding<'_, '_>> = findings.iter().filter(|finding| finding.outcome == Outcome::Warn).collect();
    let mut warnings: Vec<String> = warned
        .iter()
        .take(WARNINGS)
        .map(|finding| cut(&format!("harbor-pilot: {}", sentence(finding, &familiar(finding), scope)), WARNING))
        .collect();
    if let Some(more @ 1..) = warned.len().checked_sub(WARNINGS) {
        warnings.push(format!("harbor-pilot: and {more} more images"));
    }
    warnings
}

/// The images that break the policy, for an audit annotation: `list/name=image`, one behind the
/// other.
pub fn not_allowed(findings: &[Finding<'_, '_>]) -> Option<String> {
    let mut text = String::new();
    for finding in findings.iter().filter(|finding| finding.breach.is_some()) {
        if !text.is_empty() {
            text.push(' ');
        }
        let Image { list, name, reference, .. } = finding.image;
        let _ = write!(text, "{}/{}={}", list.key(), Shown::cut(name, NAME), Shown::cut(reference, IMAGE));
        if text.len() > 4 * DENIAL {
            text.push_str(" …");
            break;
        }
    }
    (!text.is_empty()).then_some(text)
}

/// The image as a warning names it. A Pod that is warned of twice, as written and as it is stored
/// through Harbor, is warned of in the same words, which the API server then passes on once.
fn familiar<'a>(finding: &Finding<'_, 'a>) -> Cow<'a, str> {
    match &finding.decision.parsed {
        Ok(parsed) if finding.decision.project.is_some() && finding.decision.is_at_rest() => {
            parsed.origin.familiar().to_string().into()
        }
        _ => finding.image.reference.into(),
    }
}

/// What is wrong with one image, in the words of a denial.
pub fn objection(finding: &Finding<'_, '_>, scope: Scope<'_>) -> String {
    sentence(finding, finding.image.reference, scope)
}

fn sentence(finding: &Finding<'_, '_>, reference: &str, scope: Scope<'_>) -> String {
    let Image { list, name, .. } = finding.image;
    let noun = list.noun();
    let mut text = format!("{noun} \"{}\": image \"{}\" ", Shown::cut(name, NAME), Shown::cut(reference, IMAGE));
    if let Some(Breach::NotAtRest) = finding.breach {
        let _ = write!(
            text,
            "is not pulled through Harbor, and would be as \"{}\": it was changed after the webhook had seen it; try again",
            Shown::cut(&finding.decision.result, IMAGE)
        );
    } else {
        let reason = finding.decision.reason().to_string();
        let _ = write!(text, "is not allowed: {}", Shown::cut(&reason, REASON));
    }
    if let Ruling::NotAllowed(NotAllowed::NothingAllows) = finding.decision.ruling {
        let instead = scope.instead(&finding.decision);
        if !instead.is_empty() {
            let _ = write!(text, "; allowed are {}", Shown::cut(&instead.to_string(), REASON));
        }
    }
    text
}

fn cut(text: &str, characters: usize) -> String {
    if text.chars().count() <= characters {
        return text.to_owned();
    }
    text.chars().take(characters - 1).chain(['…']).collect()
}
