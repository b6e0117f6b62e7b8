//! A plan as a person reads it, and as a program does.

use std::fmt::Write as _;

use serde::Serialize;

use super::{
    Access, Action, EndpointUpdate, Name, NewEndpoint, NewProject, Note, Plan, Problem, ProjectUpdate, QuotaUpdate,
    Secrets, Step, settings::Setting, state::CertificateCheck,
};
use crate::policy::file::SecretSource;

/// What a plan was made of.
#[derive(Clone, Copy, Debug)]
pub struct Made<'m> {
    /// The address of Harbor.
    pub harbor: &'m str,
    /// Its version; empty where it does not tell.
    pub version: &'m str,
    /// The policy's short hash.
    pub policy: &'m str,
    /// What was asked of it about secrets.
    pub secrets: Secrets,
    /// The projects that it was narrowed to; none for all.
    pub projects: &'m [String],
}

/// A plan as JSON. A stable format: members are added, never changed. It holds no secret.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'p> {
    kind: &'static str,
    harbor: &'p str,
    harbor_version: &'p str,
    policy: &'p str,
    renew_secrets: bool,
    projects: &'p [String],
    observed: &'p str,
    steps: &'p [Step],
    in_place: &'p [String],
    problems: &'p [Problem],
    notes: &'p [Note],
}

/// What a plan file says that it is.
pub const KIND: &str = "harbor-pilot.io/v1 HarborPlan";

impl Plan {
    /// Whether Harbor is as the policy wants it.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty() && self.problems.is_empty()
    }

    /// As JSON.
    pub fn json(&self, made: Made<'_>) -> String {
        let document = Document {
            kind: KIND,
            harbor: made.harbor,
            harbor_version: made.version,
            policy: made.policy,
            renew_secrets: made.secrets == Secrets::SendAgain,
            projects: made.projects,
            observed: &self.observed,
            steps: &self.steps,
            in_place: &self.in_place,
            problems: &self.problems,
            notes: &self.notes,
        };
        // Text and numbers alone: there is nothing in it that JSON could not hold.
        serde_json::to_string_pretty(&document).unwrap_or_default() + "\n"
    }

    /// For people.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for step in &self.steps {
            push(&mut text, step.action.verb(), &step.action.about(), &step.action.what());
            let _ = writeln!(text, "         because {} ({})", step.reason, step.place);
        }
        for about in &self.in_place {
            push(&mut text, "fine", about, "as the policy wants it");
        }
        for problem in &self.problems {
            push(&mut text, "can't", &problem.about, &problem.what);
            let _ = writeln!(text, "         help: {} ({})", problem.help, problem.place);
        }
        for note in &self.notes {
            push(&mut text, "note", &note.about, &note.text);
        }
        text
    }

    /// One line that sums it up.
    pub fn summary(&self) -> String {
        let steps = self.steps.len();
        let made = self.steps.iter().filter(|step| step.action.verb() == MAKE).count();
        format!(
            "{made} to make, {} to change, {} as it should be, {} that can't be",
            steps - made,
            self.in_place.len(),
            self.problems.len()
        )
    }
}

fn push(text: &mut String, verb: &str, about: &str, what: &str) {
    // Writing to a String can't fail.
    let _ = writeln!(text, "{verb:<7}  {about}: {what}");
}

const MAKE: &str = "make";
const CHANGE: &str = "change";

impl Action {
    /// Made or changed.
    pub fn verb(&self) -> &'static str {
        match self {
            Self::CreateEndpoint(_) | Self::CreateProject(_) => MAKE,
            Self::UpdateEndpoint(_) | Self::UpdateProject(_) | Self::UpdateQuota(_) => CHANGE,
        }
    }

    /// The endpoint or project.
    pub fn about(&self) -> String {
        match self {
            Self::CreateEndpoint(NewEndpoint { endpoint, .. })
            | Self::UpdateEndpoint(EndpointUpdate { endpoint, .. }) => format!("endpoint {}", Name(endpoint)),
            Self::CreateProject(NewProject { project, .. })
            | Self::UpdateProject(ProjectUpdate { project, .. })
            | Self::UpdateQuota(QuotaUpdate { project, .. }) => format!("project {project}"),
        }
    }

    /// The secret that has to be at hand for it.
    pub fn secret(&self) -> Option<&SecretSource> {
        match self {
            Self::CreateEndpoint(NewEndpoint { access, .. }) | Self::UpdateEndpoint(EndpointUpdate { access, .. }) => {
                access.as_ref().map(|access| &access.secret)
            }
            Self::CreateProject(_) | Self::UpdateProject(_) | Self::UpdateQuota(_) => None,
        }
    }

    /// What it will be, or what changes.
    pub fn what(&self) -> String {
        match self {
            Self::CreateEndpoint(new) => {
                let mut what = format!("{} by {}, {}", new.url, Name(&new.provider), account(new.access.as_ref()));
                what.push_str(check(new.certificate_check));
                if new.ca_certificate.is_some() {
                    what.push_str(", with a CA of its own");
                }
                what
            }
            Self::UpdateEndpoint(update) => endpoint_changes(update),
            Self::CreateProject(new) => {
                let mut what = format!("proxy cache on endpoint {}", Name(new.endpoint.name()));
                for (setting, value) in &new.settings {
                    match (setting, value.as_str()) {
                        (Setting::Public, "true") => what.push_str(", public"),
                        (Setting::Public, _) => what.push_str(", private"),
                        (Setting::FilterKind, _) => {}
                        (setting, value) => {
                            let _ = write!(what, ", {} {value}", setting.policy_name());
                        }
                    }
                }
                let _ = write!(what, ", quota {}", bytes(new.quota));
                what
            }
            Self::UpdateProject(update) => {
                let changes = update.changes.iter().filter(|change| change.setting != Setting::FilterKind);
                let changes: Vec<String> = changes
                    .map(|change| {
                        let from = if change.from.is_empty() { "none" } else { &change.from };
                        format!("{} {} -> {}", change.setting.policy_name(), Name(from), change.to)
                    })
                    .collect();
                if changes.is_empty() { "filter in another language".to_owned() } else { changes.join(", ") }
            }
            Self::UpdateQuota(update) => format!("quota {} -> {}", bytes(update.from), bytes(update.to)),
        }
    }
}

fn endpoint_changes(update: &EndpointUpdate) -> String {
    let mut changes = Vec::new();
    if let Some(old) = &update.old_url {
        changes.push(format!("URL {} -> {}", Name(old), update.url));
    }
    if let (Some(old), Some(access)) = (&update.old_access_id, &update.access) {
        let old = if old.is_empty() { "none" } else { old };
        changes.push(format!("access ID {} -> {}", Name(old), Name(&access.id)));
    }
    match update.certificate_check {
        None => {}
        Some(CertificateCheck::On) => changes.push("certificate checked".to_owned()),
        Some(CertificateCheck::Off) => changes.push("certificate NOT checked".to_owned()),
    }
    if update.ca_certificate.is_some() {
        changes.push("another CA certificate".to_owned());
    }
    if update.access.is_some() {
        changes.push("secret sent".to_owned());
    }
    changes.join(", ")
}

fn account(access: Option<&Access>) -> String {
    match access {
        None => "without an account".to_owned(),
        Some(access) => match &access.secret {
            SecretSource::Env(name) => format!("as {}, its secret from ${name}", Name(&access.id)),
            SecretSource::File(path) => format!("as {}, its secret from the file {}", Name(&access.id), Name(path)),
        },
    }
}

fn check(check: CertificateCheck) -> &'static str {
    match check {
        CertificateCheck::On => "",
        CertificateCheck::Off => ", certificate NOT checked",
    }
}

fn bytes(quota: i64) -> String {
    if quota == -1 { "unlimited".to_owned() } else { format!("{quota} bytes") }
}
