//! The kinds of registry that Harbor knows by name.

use super::version::{QUAY_GONE, Version};

/// Any registry that speaks the distribution API.
pub const DOCKER_REGISTRY: &str = "docker-registry";
/// Docker Hub, with its `library/`.
pub const DOCKER_HUB: &str = "docker-hub";
const QUAY: &str = "quay";

/// Since when each may stand behind a proxy cache, as Harbor ships. A site may change the list.
const FOR_PROXY_CACHES: [(&str, Version); 9] = [
    (DOCKER_HUB, Version::new(2, 1, 0)),
    ("harbor", Version::new(2, 1, 0)),
    (DOCKER_REGISTRY, Version::new(2, 1, 0)),
    ("azure-acr", Version::new(2, 5, 0)),
    ("aws-ecr", Version::new(2, 5, 0)),
    ("google-gcr", Version::new(2, 5, 0)),
    ("github-ghcr", Version::new(2, 8, 0)),
    ("jfrog-artifactory", Version::new(2, 8, 0)),
    ("ali-acr", Version::new(2, 12, 0)),
];

/// The provider of a registry that the policy names none for.
pub fn default_for(registry: &str) -> &'static str {
    if registry == "docker.io" { DOCKER_HUB } else { DOCKER_REGISTRY }
}

/// What stands against a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Objection {
    /// It can't be used: why, and what to do.
    Refused(String, String),
    /// As Harbor ships, it can't; a site may have changed that.
    Doubtful(String),
}

/// Whether this Harbor takes `provider`. `adapters` is what it offers, where it tells.
pub fn check(provider: &str, version: Option<Version>, adapters: Option<&[String]>) -> Result<(), Objection> {
    if provider == QUAY && version.is_some_and(|version| version >= QUAY_GONE) {
        return Err(Objection::Refused(
            format!("Harbor has no provider `quay` since {QUAY_GONE}"),
            format!("write `provider: {DOCKER_REGISTRY}`, which serves quay.io"),
        ));
    }
    if let Some(adapters) = adapters
        && !adapters.iter().any(|adapter| adapter == provider)
    {
        return Err(Objection::Refused(
            format!("this Harbor has no provider {}", crate::escape::quoted(provider)),
            format!("write one of those that it has: {}", adapters.join(", ")),
        ));
    }
    let since = FOR_PROXY_CACHES.iter().find(|(name, _)| *name == provider);
    match (since, version) {
        (Some((_, since)), Some(version)) if version < *since => Err(Objection::Doubtful(format!(
            "Harbor {version} as it ships takes no `{provider}` for a proxy cache; {since} does"
        ))),
        (None, _) if provider != QUAY => {
            Err(Objection::Doubtful(format!("Harbor as it ships takes no `{provider}` for a proxy cache")))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn providers_are_checked_against_version_and_offer() {
        let offer: Vec<String> = ["docker-hub", "docker-registry", "quay", "tencent-tcr"].map(str::to_owned).into();
        let refused = |provider, version| match check(provider, version, Some(&offer)) {
            Err(Objection::Refused(why, _)) => why,
            other => panic!("{provider}: {other:?}"),
        };
        let new = Some(Version::new(2, 14, 0));
        assert_eq!(check(DOCKER_REGISTRY, new, Some(&offer)), Ok(()));
        assert_eq!(check(DOCKER_REGISTRY, None, None), Ok(()));
        assert_eq!(check("quay", Some(Version::new(2, 13, 2)), Some(&offer)), Ok(()));
        assert_eq!(refused("quay", new), "Harbor has no provider `quay` since 2.14");
        assert_eq!(refused("docker-hubb", new), "this Harbor has no provider `docker-hubb`");
        assert_eq!(refused("github-ghcr", new), "this Harbor has no provider `github-ghcr`");
        assert!(matches!(check("tencent-tcr", new, Some(&offer)), Err(Objection::Doubtful(_))));
        assert!(matches!(check("github-ghcr", Some(Version::new(2, 7, 0)), None), Err(Objection::Doubtful(_))));
    }
}
