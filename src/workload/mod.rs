//! Where images live: one table, for every walker.
//!
//! A walker goes from an object to its Pod spec by [`Kind::pod_spec`], and there through each
//! [`List`]: an array of objects, each with a name ([`List::name_key`]) and perhaps an image
//! ([`List::image_path`]). What drives the walk (JSON bytes, a YAML tree, a live object) is the
//! walker's own business; no other room spells these keys.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

#[cfg(test)]
mod tests;

/// A kind of object that holds a Pod spec.
#[derive(Debug, PartialEq, Eq)]
pub struct Kind {
    /// The API group; empty for the core group.
    pub api_group: &'static str,
    /// The kind, as in `kind:`.
    pub name: &'static str,
    /// The keys from the object down to its Pod spec.
    pub pod_spec: &'static [&'static str],
    /// What the Pod spec is to the object.
    pub role: Role,
}

/// What a Pod spec is to the object that holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// What nodes run.
    Pod,
    /// What Pods are made from later.
    Template,
}

/// Every kind that Kubernetes itself runs Pods for.
pub const KINDS: [Kind; 9] = [
    Kind { api_group: "", name: "Pod", pod_spec: &["spec"], role: Role::Pod },
    template("apps", "Deployment", &["spec", "template", "spec"]),
    template("apps", "ReplicaSet", &["spec", "template", "spec"]),
    template("apps", "StatefulSet", &["spec", "template", "spec"]),
    template("apps", "DaemonSet", &["spec", "template", "spec"]),
    template("batch", "Job", &["spec", "template", "spec"]),
    template("batch", "CronJob", &["spec", "jobTemplate", "spec", "template", "spec"]),
    template("", "ReplicationController", &["spec", "template", "spec"]),
    template("", "PodTemplate", &["template", "spec"]),
];

impl Kind {
    /// The row for an API group and a kind, in whatever version.
    pub fn find(api_group: &str, name: &str) -> Option<&'static Self> {
        KINDS.iter().find(|kind| kind.name == name && kind.api_group == api_group)
    }
}

/// A list in a Pod spec whose entries may name an image (Kubernetes 1.37, core/v1 `PodSpec`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum List {
    /// `initContainers`.
    InitContainers,
    /// `containers`.
    Containers,
    /// `ephemeralContainers`.
    EphemeralContainers,
    /// `volumes`, of which some are images.
    Volumes,
}

impl List {
    /// All lists.
    pub const ALL: [Self; 4] = [Self::InitContainers, Self::Containers, Self::EphemeralContainers, Self::Volumes];

    /// The list that stands under `key` in a Pod spec.
    pub fn find(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|list| list.key() == key)
    }

    /// The list's key in a Pod spec.
    pub fn key(self) -> &'static str {
        match self {
            Self::InitContainers => "initContainers",
            Self::Containers => "containers",
            Self::EphemeralContainers => "ephemeralContainers",
            Self::Volumes => "volumes",
        }
    }

    /// The key of an entry's name, which tells entries of one list apart.
    pub fn name_key(self) -> &'static str {
        match self {
            Self::InitContainers | Self::Containers | Self::EphemeralContainers | Self::Volumes => "name",
        }
    }

    /// The keys from an entry down to its image; never empty.
    pub fn image_path(self) -> &'static [&'static str] {
        match self {
            Self::InitContainers | Self::Containers | Self::EphemeralContainers => &["image"],
            Self::Volumes => &["image", "reference"],
        }
    }

    /// What one entry is called in a sentence.
    pub fn noun(self) -> &'static str {
        match self {
            Self::InitContainers => "init container",
            Self::Containers => "container",
            Self::EphemeralContainers => "ephemeral container",
            Self::Volumes => "volume",
        }
    }
}

/// Whether an object is a list of objects of any kind, as `kubectl get -o yaml` prints it.
pub fn is_list(api_version: &str, kind: &str) -> bool {
    api_version == "v1" && kind == "List"
}

/// The list of environment variables in an entry of containers, and the keys of one of them.
pub const ENVIRONMENT: Environment = Environment { list: "env", name: "name", value: "value" };

/// Where environment variables stand.
#[derive(Debug)]
pub struct Environment {
    /// The key of the list in a container.
    pub list: &'static str,
    /// The key of a variable's name.
    pub name: &'static str,
    /// The key of a variable's value.
    pub value: &'static str,
}

/// Whether an environment variable is named as if its value were an image that an operator runs:
/// `DRIVER_IMAGE`, and `RELATED_IMAGE_DRIVER` of the Operator Lifecycle Manager.
pub fn variable_names_image(name: &str) -> bool {
    name.ends_with("_IMAGE") || name.starts_with("RELATED_IMAGE_")
}

/// How charts and custom resources write an image in parts: the keys of one mapping.
#[derive(Debug)]
pub struct Parts {
    /// The key of the registry, where it stands apart.
    pub registry: &'static str,
    /// The key of the path, or of the path up to its last component.
    pub repository: &'static str,
    /// The key of the last component, where it stands apart.
    pub image: Option<&'static str>,
    /// The key of the tag, which some give a digest.
    pub tag: &'static str,
    /// The key of the digest.
    pub digest: &'static str,
}

/// The ways to write an image in parts: the GPU Operator's, and that of most charts.
pub const PARTS: [Parts; 2] = [
    Parts { registry: "registry", repository: "repository", image: Some("image"), tag: "version", digest: "digest" },
    Parts { registry: "registry", repository: "repository", image: None, tag: "tag", digest: "digest" },
];

/// Whether a key outside the known places is named as if its string were an image reference: a
/// newer API may have put one there.
#[inline]
pub fn sounds_like_image(key: &[u8]) -> bool {
    // Nearly every key fails at its last bytes.
    matches!(key, [.., b'g' | b'c', b'e'] | [.., b'e', b'f']) && ends_like_image(key)
}

#[inline(never)]
fn ends_like_image(key: &[u8]) -> bool {
    let whole = key == b"image" || key == b"reference";
    whole || key.ends_with(b"Image") || key.ends_with(b"mageReference") || key.ends_with(b"mageRef")
}

/// Whether what stands under `key` in a Pod spec has keys that mean nothing to Kubernetes, or an
/// `image` that is none: labels of the user's choice, and a Ceph block device's name.
#[inline]
pub fn holds_no_image(key: &[u8]) -> bool {
    // As above.
    matches!(key, [.., b's' | b'r' | b'd']) && is_without_image(key)
}

#[inline(never)]
fn is_without_image(key: &[u8]) -> bool {
    matches!(key, b"annotations" | b"labels" | b"matchLabels" | b"nodeSelector" | b"rbd")
}

const fn template(api_group: &'static str, name: &'static str, pod_spec: &'static [&'static str]) -> Kind {
    Kind { api_group, name, pod_spec, role: Role::Template }
}
