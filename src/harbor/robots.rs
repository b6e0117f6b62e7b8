//! Which robots there are to make, and the Secrets for nodes.

use std::fmt::Write as _;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::json;

use super::{
    api::{NewRobot, Permission, RobotAccess, RobotAccount, RobotLevel},
    plan::version::Version,
};

/// Robots may be given the right to change quotas since this version.
const QUOTAS_BY_ROBOTS: Version = Version::new(2, 14, 0);

/// Days that a robot works for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lifetime {
    /// Until it is deleted.
    Forever,
    /// This many days.
    Days(u32),
}

impl Lifetime {
    fn harbor(self) -> i64 {
        match self {
            Self::Forever => -1,
            Self::Days(days) => i64::from(days),
        }
    }
}

/// A robot of the system with the rights that `plan` and `apply` need, and no other. A system robot
/// does not see a project that it made unless it has rights in all of them.
pub fn manager(name: &str, lifetime: Lifetime, version: Option<Version>) -> NewRobot {
    let mut system = vec![
        access("registry", &["create", "list", "read", "update"]),
        access("project", &["create", "list"]),
        access("replication-adapter", &["list"]),
        access("quota", &["list", "read"]),
    ];
    if version.is_some_and(|version| version >= QUOTAS_BY_ROBOTS) {
        system.push(access("quota", &["update"]));
    }
    NewRobot {
        name: name.to_owned(),
        description: "harbor-pilot: makes registry endpoints and proxy-cache projects".to_owned(),
        level: RobotLevel::System,
        duration: lifetime.harbor(),
        permissions: vec![
            Permission { kind: RobotLevel::System, namespace: "/".to_owned(), access: system.concat() },
            Permission {
                kind: RobotLevel::Project,
                namespace: "*".to_owned(),
                access: access("project", &["read", "update"]),
            },
        ],
    }
}

/// A robot that may pull from one project and do nothing else.
pub fn puller(name: &str, project: &str, lifetime: Lifetime) -> NewRobot {
    NewRobot {
        name: name.to_owned(),
        description: format!("harbor-pilot: nodes pull from {project}"),
        level: RobotLevel::Project,
        duration: lifetime.harbor(),
        permissions: vec![Permission {
            kind: RobotLevel::Project,
            namespace: project.to_owned(),
            access: access("repository", &["pull"]),
        }],
    }
}

fn access(resource: &'static str, actions: &[&'static str]) -> Vec<RobotAccess> {
    actions.iter().map(|action| RobotAccess { resource, action }).collect()
}

/// Whether Harbor takes this for a robot's name: `^[a-z0-9]+(?:[._-][a-z0-9]+)*$`.
pub fn is_name(name: &str) -> bool {
    name.split(['.', '_', '-'])
        .all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()))
}

/// A Secret by which nodes log in at each of Harbor's hosts, one document a namespace.
pub fn pull_secrets(name: &str, namespaces: &[String], hosts: &[String], robot: &RobotAccount) -> String {
    let login = STANDARD.encode(format!("{}:{}", robot.name, robot.secret.expose()));
    let auths: serde_json::Map<_, _> = hosts
        .iter()
        .map(|host| {
            let account = json!({ "username": robot.name, "password": robot.secret.expose(), "auth": login });
            (host.clone(), account)
        })
        .collect();
    let config = STANDARD.encode(json!({ "auths": auths }).to_string());
    let mut text = String::new();
    for namespace in namespaces {
        // Writing to a String can't fail.
        let _ = write!(
            text,
            "---\napiVersion: v1\nkind: Secret\nmetadata:\n  name: \"{name}\"\n  namespace: \"{namespace}\"\n  labels:\n    \
             app.kubernetes.io/managed-by: harbor-pilot\ntype: kubernetes.io/dockerconfigjson\ndata:\n  \
             .dockerconfigjson: {config}\n"
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{harbor::secret::Secret, yaml::Stream};

    #[test]
    fn a_secret_logs_in_at_each_of_harbors_hosts() {
        let robot = RobotAccount { name: "robot$p+pull".to_owned(), secret: Secret::new("s3cret\"") };
        let hosts = ["harbor.test".to_owned(), "harbor.test:8443".to_owned()];
        let text = pull_secrets("harbor-p", &["a".to_owned(), "b".to_owned()], &hosts, &robot);
        assert_eq!(text.matches("kind: Secret").count(), 2);
        assert!(text.contains("namespace: \"a\"") && text.contains("namespace: \"b\""), "{text}");
        Stream::parse(text.as_bytes(), crate::yaml::Limits { bytes: 1 << 20, depth: 10, nodes: 1000 }).expect("YAML");
        let config = text.lines().find_map(|line| line.trim().strip_prefix(".dockerconfigjson: ")).expect("there");
        let config: serde_json::Value =
            serde_json::from_slice(&STANDARD.decode(config).expect("base64")).expect("JSON");
        for host in hosts {
            let account = &config["auths"][&host];
            assert_eq!(account["username"], "robot$p+pull");
            assert_eq!(account["password"], "s3cret\"");
            let auth = STANDARD.decode(account["auth"].as_str().expect("text")).expect("base64");
            assert_eq!(String::from_utf8(auth).expect("text"), "robot$p+pull:s3cret\"");
        }
    }

    #[test]
    fn names_are_harbors() {
        for name in ["harbor-pilot", "a", "a.b_c-d1"] {
            assert!(is_name(name), "{name}");
        }
        for name in ["", "A", "a--b", "a$b", "-a", "a+b"] {
            assert!(!is_name(name), "{name}");
        }
    }
}
