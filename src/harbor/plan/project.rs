//! What has to be done to a project.

use super::{
    Action, EndpointRef, Name, NewProject, Planner, ProjectUpdate, QuotaUpdate, SettingChange, Wanted, WantedFilter,
    endpoint::is_for,
    settings::{FILTER_IS_REGEX, Setting},
    state::Project,
};

impl Planner<'_> {
    /// Plans the project, whose endpoint is looked after.
    pub(super) fn project(&mut self, wanted: &Wanted, endpoint: &EndpointRef) {
        match self.state.project(&wanted.project) {
            None => self.create_project(wanted, endpoint),
            Some(project) => {
                if self.is_on(wanted, project, endpoint) {
                    self.compare_project(wanted, project);
                }
            }
        }
    }

    fn create_project(&mut self, wanted: &Wanted, endpoint: &EndpointRef) {
        let about = format!("project {}", wanted.project);
        let mut settings = self.settings(wanted, &about);
        settings.entry(Setting::Public).or_insert_with(|| Setting::Public.default().to_owned());
        let project = NewProject {
            project: wanted.project.clone(),
            endpoint: endpoint.clone(),
            quota: wanted.quota.unwrap_or(-1),
            settings,
        };
        let reason = format!("images of {} are written into it, and Harbor has no such project", wanted.registry);
        self.step(wanted, Action::CreateProject(project), reason);
    }

    /// Whether a project is a proxy cache on the endpoint that the policy wants. Harbor can't
    /// change that of a project, and it is never replaced.
    fn is_on(&mut self, wanted: &Wanted, project: &Project, endpoint: &EndpointRef) -> bool {
        let about = format!("project {}", wanted.project);
        let elsewhere =
            "write another `project` in the policy, which is then made; or empty and delete this one in Harbor";
        let Some(id) = project.endpoint else {
            self.problem(
                wanted,
                about,
                "it is an ordinary project and no proxy cache: the webhook would send images to whatever was pushed there",
                elsewhere,
            );
            return false;
        };
        if matches!(endpoint, EndpointRef::Existing { id: wanted, .. } if *wanted == id) {
            return true;
        }
        match self.state.endpoint_of(project) {
            Some(other) if is_for(other, wanted) => self.problem(
                wanted,
                about,
                format!(
                    "it is a proxy cache on endpoint `{}`, and the policy wants `{}` for the same registry",
                    Name(&other.name),
                    Name(endpoint.name())
                ),
                format!("write `name: {}` in the policy's `endpoint`", Name(&other.name)),
            ),
            Some(other) => self.problem(
                wanted,
                about,
                format!("it is a proxy cache of `{}`, and the policy has it for {}", Name(&other.url), wanted.registry),
                elsewhere,
            ),
            None => self.problem(
                wanted,
                about,
                format!("it is a proxy cache on endpoint number {id}, which this account does not see"),
                "use an account that may list registries",
            ),
        }
        false
    }

    fn compare_project(&mut self, wanted: &Wanted, project: &Project) {
        let about = format!("project {}", wanted.project);
        let changes: Vec<SettingChange> = self
            .settings(wanted, &about)
            .into_iter()
            .filter(|(setting, to)| project.setting(*setting) != to)
            .map(|(setting, to)| SettingChange { setting, from: project.setting(setting).to_owned(), to })
            .collect();
        let filter = project.setting(Setting::FilterPattern);
        if !filter.is_empty() && !matches!(wanted.filter, WantedFilter::Regex(_)) {
            let text = format!("Harbor filters it by `{}`, which the policy does not ask for", Name(filter));
            self.note(about.clone(), text);
        }
        let quota = self.quota(wanted, project, &about);
        if changes.is_empty() && quota.is_none() {
            self.plan.in_place.push(about);
            return;
        }
        if !changes.is_empty() {
            let names: Vec<&str> = changes.iter().map(|change| change.setting.policy_name()).collect();
            let reason = format!("the policy says otherwise: {}", unique(names).join(", "));
            self.step(wanted, Action::UpdateProject(ProjectUpdate { project: project.name.clone(), changes }), reason);
        }
        if let Some(quota) = quota {
            self.step(wanted, Action::UpdateQuota(quota), "the policy says otherwise: quota");
        }
    }

    fn quota(&mut self, wanted: &Wanted, project: &Project, about: &str) -> Option<QuotaUpdate> {
        let to = wanted.quota?;
        let quota = self.state.quotas.as_ref()?.iter().find(|quota| quota.project == project.id);
        match quota {
            Some(quota) if quota.storage == to => None,
            Some(quota) => {
                Some(QuotaUpdate { quota: quota.id, project: project.name.clone(), from: quota.storage, to })
            }
            None if to == -1 => None,
            None => {
                self.note(about.to_owned(), "Harbor keeps no quota for it: quotas are switched off there");
                None
            }
        }
    }

    /// The settings that the policy asks for and this Harbor has.
    fn settings(&mut self, wanted: &Wanted, about: &str) -> std::collections::BTreeMap<Setting, String> {
        let mut settings = wanted.settings.clone();
        for setting in wanted.settings.keys() {
            if self.state.has(*setting) == Some(true) || *setting == Setting::Public {
                continue;
            }
            if let Some(version) = self.state.version {
                let text = format!(
                    "Harbor {version} has no `{}`, which {} has: it is left out",
                    setting.policy_name(),
                    setting.since()
                );
                self.note(about.to_owned(), text);
            }
            settings.remove(setting);
        }
        match &wanted.filter {
            WantedFilter::None => {}
            _ if self.state.has(Setting::FilterPattern) != Some(true) => {}
            WantedFilter::Unsayable(why) => self.note(about.to_owned(), format!("no filter is set: {why}")),
            WantedFilter::Regex(regex) => {
                settings.insert(Setting::FilterPattern, regex.clone());
                settings.insert(Setting::FilterKind, FILTER_IS_REGEX.to_owned());
            }
        }
        settings
    }
}

fn unique(mut names: Vec<&str>) -> Vec<&str> {
    names.dedup();
    names
}
