//! What a policy wants of Harbor: its proxies, each project once.

use std::{collections::BTreeMap, fmt};

use super::{
    Problem,
    endpoint::name_of,
    settings::{FILTER_LONGEST, Setting},
    state::CertificateCheck,
    url::{EndpointUrl, UrlError},
};
use crate::{
    escape::quoted,
    policy::{
        Policy, Project, Repositories,
        file::{self, SecretSource, Setup},
    },
};

/// A proxy-cache project as the policy wants it. What the policy leaves out is `None`: a default
/// for what is made, and left as it is where it exists.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// The project's name.
    pub project: String,
    /// The registry behind it, without a path.
    pub registry: String,
    /// Where the policy says so.
    pub place: String,
    /// The endpoint that it pulls from.
    pub endpoint: WantedEndpoint,
    /// Bytes; -1 is no limit.
    pub quota: Option<i64>,
    /// What the policy says of the project's settings, but for the filter.
    pub settings: BTreeMap<Setting, String>,
    /// What may be pulled through it.
    pub filter: WantedFilter,
}

/// An endpoint as the policy wants it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WantedEndpoint {
    /// What Harbor calls it.
    pub name: Option<String>,
    /// Where the registry answers.
    pub url: Option<EndpointUrl>,
    /// The kind of registry.
    pub provider: Option<String>,
    /// The account that Harbor pulls with.
    pub access_id: Option<String>,
    /// Where its password is to be found.
    pub access_secret: Option<SecretSource>,
    /// Whether the registry's certificate is checked.
    pub check: Option<CertificateCheck>,
    /// The CA's certificate, as PEM.
    pub ca_certificate: Option<String>,
}

/// What a project's filter should let through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WantedFilter {
    /// The policy wants none, or all may be pulled.
    None,
    /// What this regular expression matches.
    Regex(String),
    /// The policy can't be said as a filter, for this reason.
    Unsayable(String),
}

/// The files with CA certificates that a policy names, by path, with their text or why there is none.
pub type CaFiles = BTreeMap<String, Result<String, String>>;

/// The paths of the CA certificates that a policy names.
pub fn ca_files(policy: &Policy) -> impl Iterator<Item = &str> {
    let endpoints = policy.projects().iter().filter_map(|project| project.setup()?.endpoint.as_ref());
    endpoints.filter_map(|endpoint| endpoint.ca_file.as_ref()).map(|path| path.value.as_str())
}

/// What the policy wants, and what in it contradicts itself.
pub fn wanted(policy: &Policy, ca_files: &CaFiles) -> (Vec<Wanted>, Vec<Problem>) {
    let mut wanted: Vec<Wanted> = Vec::new();
    let mut problems = Vec::new();
    let mut set_up_at: BTreeMap<&str, String> = BTreeMap::new();
    for project in policy.projects() {
        let place = place(policy, project);
        // Prefixes of one registry may share a project; one of them says how it is set up.
        let known = wanted.iter().position(|known| known.project == project.name());
        if let (Some(_), Some(first)) = (project.setup(), set_up_at.get(project.name())) {
            problems.push(Problem {
                about: format!("project {}", project.name()),
                what: format!("`setup` stands twice for it; the first is for {first}"),
                help: "keep one of the two".to_owned(),
                place,
            });
            continue;
        }
        if project.setup().is_some() {
            set_up_at.insert(project.name(), place.clone());
        }
        match read(policy, project, place, ca_files) {
            Ok(new) => match known {
                None => wanted.push(new),
                Some(index) if project.setup().is_some() => wanted[index] = new,
                Some(_) => {}
            },
            Err(problem) => {
                wanted.retain(|known| known.project != project.name());
                problems.push(problem);
            }
        }
    }
    problems.extend(contradicting(&mut wanted));
    (wanted, problems)
}

fn place(policy: &Policy, project: &Project) -> String {
    let position = project.position();
    format!("{}:{}:{}", policy.name(), position.line, position.column)
}

fn read(policy: &Policy, project: &Project, place: String, ca_files: &CaFiles) -> Result<Wanted, Problem> {
    let registry = project.registry().split('/').next().unwrap_or_default().to_owned();
    let setup = project.setup();
    let endpoint = setup.and_then(|setup| setup.endpoint.as_ref());
    let endpoint = match endpoint.map(|endpoint| read_endpoint(endpoint, ca_files)).transpose() {
        Ok(endpoint) => endpoint.unwrap_or_default(),
        Err((what, help)) => {
            return Err(Problem { about: format!("endpoint of {}", project.registry()), what, help, place });
        }
    };
    Ok(Wanted {
        project: project.name().to_owned(),
        filter: filter(policy, &registry, setup),
        registry,
        place,
        endpoint,
        quota: setup.and_then(|setup| setup.quota.as_ref()).map(|quota| quota.value),
        settings: setup.map(settings).unwrap_or_default(),
    })
}

fn read_endpoint(endpoint: &file::Endpoint, ca_files: &CaFiles) -> Result<WantedEndpoint, (String, String)> {
    let text = |value: &Option<file::Spanned<String>>| value.as_ref().map(|value| value.value.clone());
    let name = text(&endpoint.name);
    if let Some(name) = name.as_ref().filter(|name| name.len() > LONGEST_NAME) {
        return Err((
            format!("its name is {} bytes long, and Harbor takes {LONGEST_NAME}", name.len()),
            "write a shorter `name`".to_owned(),
        ));
    }
    let url =
        endpoint.url.as_ref().map(|url| EndpointUrl::parse(&url.value).map_err(|error| bad_url(&url.value, error)));
    let ca_certificate = match endpoint.ca_file.as_ref().map(|path| (&path.value, ca_files.get(&path.value))) {
        None | Some((_, None)) => None,
        Some((_, Some(Ok(text)))) => Some(text.trim().to_owned()),
        Some((path, Some(Err(error)))) => {
            return Err((
                format!("its `caFile` {} can't be used: {error}", quoted(path)),
                "name a PEM file, by a path from the policy's folder".to_owned(),
            ));
        }
    };
    let access_id = text(&endpoint.access_id);
    let access_secret = endpoint.access_secret.as_ref().map(|source| source.value.clone());
    if access_id.is_some() != access_secret.is_some() {
        return Err((
            "it has one of `accessId` and `accessSecret` and not the other".to_owned(),
            "write both, or none for what anyone may pull".to_owned(),
        ));
    }
    Ok(WantedEndpoint {
        name,
        url: url.transpose()?,
        provider: text(&endpoint.provider),
        access_id,
        access_secret,
        check: endpoint
            .verify_certificate
            .as_ref()
            .map(|verify| if verify.value { CertificateCheck::On } else { CertificateCheck::Off }),
        ca_certificate,
    })
}

/// In bytes; Harbor's controller/registry counts them so.
const LONGEST_NAME: usize = 64;

fn bad_url(url: &str, error: UrlError) -> (String, String) {
    let help = match error {
        UrlError::NoScheme => format!("write `https://{url}`"),
        UrlError::OtherScheme | UrlError::NoHost => "write `https://` and the registry's host".to_owned(),
    };
    (format!("its `url` {} can't be used: {error}", quoted(url)), help)
}

fn settings(setup: &Setup) -> BTreeMap<Setting, String> {
    let switch = |value: &Option<file::Spanned<bool>>| value.as_ref().map(|value| value.value.to_string());
    let number = |value: &Option<file::Spanned<i64>>| value.as_ref().map(|value| value.value.to_string());
    [
        (Setting::Public, switch(&setup.public)),
        (Setting::ProxySpeed, number(&setup.proxy_speed)),
        (Setting::UpstreamConnections, number(&setup.upstream_connections)),
        (Setting::ServeWhenGone, switch(&setup.serve_when_gone)),
    ]
    .into_iter()
    .filter_map(|(setting, value)| Some((setting, value?)))
    .collect()
}

fn filter(policy: &Policy, registry: &str, setup: Option<&Setup>) -> WantedFilter {
    if setup.and_then(|setup| setup.filter.as_ref()).is_some_and(|filter| !filter.value) {
        return WantedFilter::None;
    }
    match policy.repositories(registry) {
        Repositories::All => WantedFilter::None,
        Repositories::Unsayable(why) => WantedFilter::Unsayable(why.to_string()),
        Repositories::Matching(regex) if regex.len() > FILTER_LONGEST => WantedFilter::Unsayable(format!(
            "`allow` as one pattern is {} bytes long, and Harbor was made for {FILTER_LONGEST}",
            regex.len()
        )),
        Repositories::Matching(regex) => WantedFilter::Regex(regex),
    }
}

/// One endpoint may serve several projects; what is said of it must agree.
fn contradicting(wanted: &mut Vec<Wanted>) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut index = 0;
    while index < wanted.len() {
        let this = &wanted[index];
        let clash =
            wanted[..index].iter().find(|other| name_of(other) == name_of(this) && other.endpoint != this.endpoint);
        if let Some(other) = clash {
            problems.push(Problem {
                about: format!("endpoint {}", Name(name_of(this))),
                what: format!("the policy says one thing of it here and another at {}", other.place),
                help: "say the same of it in both, or give one another name".to_owned(),
                place: this.place.clone(),
            });
            wanted.remove(index);
        } else {
            index += 1;
        }
    }
    problems
}

/// A name of Harbor's or the policy's, fit for a message.
pub struct Name<'n>(pub &'n str);

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        crate::escape::Shown::cut(self.0, 80).fmt(f)
    }
}
