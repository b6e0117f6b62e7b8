//! Robots: accounts for programs. Harbor shows a robot's secret once.

use http::Method;
use serde::Serialize;
use serde_json::json;

use super::{
    client::{Call, Client, Twice},
    error::{ApiError, Right},
    wire,
};
use crate::harbor::secret::Secret;

const ROBOT_CREATE: Right = Right("robot: create");
const ROBOT_LIST: Right = Right("robot: list");
const ROBOT_UPDATE: Right = Right("robot: update");

/// A robot to make.
#[derive(Clone, Debug, Serialize)]
pub struct NewRobot {
    /// Its name, without what Harbor puts before it.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Where it belongs.
    pub level: RobotLevel,
    /// Days that it works for; -1 is for ever.
    pub duration: i64,
    /// What it may do.
    pub permissions: Vec<Permission>,
}

/// Where a robot belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum RobotLevel {
    /// To all of Harbor.
    System,
    /// To one project.
    Project,
}

/// What a robot may do somewhere. The system's rights and projects' are separate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Permission {
    /// `system` or `project`.
    pub kind: RobotLevel,
    /// `/`, a project, or `*` for all of them.
    pub namespace: String,
    /// Resources and actions.
    pub access: Vec<Access>,
}

/// A right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Access {
    /// What it is to.
    pub resource: &'static str,
    /// What may be done.
    pub action: &'static str,
}

/// A robot's login.
#[derive(Clone, Debug)]
pub struct RobotAccount {
    /// The whole name: `robot$name`.
    pub name: String,
    /// Its secret.
    pub secret: Secret,
}

impl Client {
    /// Makes a robot. It is not tried again where it may have been made: its secret would be lost.
    pub fn create_robot(&self, robot: &NewRobot) -> Result<RobotAccount, ApiError> {
        // Text and numbers alone: there is nothing in it that JSON could not hold.
        let body = serde_json::to_value(robot).unwrap_or_default();
        let call = Call {
            method: Method::POST,
            path: "/api/v2.0/robots",
            body: Some(body),
            right: ROBOT_CREATE,
            twice: Twice::Lossy,
        };
        let made: wire::RobotCreated = self.json(&call)?;
        Ok(RobotAccount { name: made.name, secret: Secret::new(made.secret) })
    }

    /// Gives a robot that is there a new secret; whoever has the old one is locked out. `None` where
    /// there is no such robot. `project` is the number of the project that it belongs to.
    pub fn renew_robot(&self, name: &str, project: Option<i64>) -> Result<Option<RobotAccount>, ApiError> {
        let path = match project {
            None => "/api/v2.0/robots".to_owned(),
            Some(id) => format!("/api/v2.0/robots?q=Level%3Dproject%2CProjectID%3D{id}"),
        };
        let robots: Vec<wire::Robot> = self.list(&path, ROBOT_LIST)?;
        let Some(robot) = robots.into_iter().find(|robot| is_named(&robot.name, name)) else {
            return Ok(None);
        };
        let path = format!("/api/v2.0/robots/{}", robot.id);
        let call = Call {
            method: Method::PATCH,
            path: &path,
            body: Some(json!({ "secret": "" })),
            right: ROBOT_UPDATE,
            twice: Twice::Harmless,
        };
        let renewed: wire::RobotSecret = self.json(&call)?;
        Ok(Some(RobotAccount { name: robot.name, secret: Secret::new(renewed.secret) }))
    }
}

/// Whether a whole name is that of a robot: a prefix that a site may choose, for a project's robot
/// the project and a `+`, then the name.
fn is_named(whole: &str, name: &str) -> bool {
    whole.strip_suffix(name).is_some_and(|prefix| {
        !prefix.ends_with(|last: char| last.is_ascii_alphanumeric() || matches!(last, '.' | '_' | '-'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn robots_are_told_by_the_end_of_their_name() {
        for whole in ["robot$pilot", "robot$nvidiaio+pilot", "bot@pilot", "pilot"] {
            assert!(is_named(whole, "pilot"), "{whole}");
        }
        for whole in ["robot$harbor-pilot", "robot$copilot", "robot$pilot2", ""] {
            assert!(!is_named(whole, "pilot"), "{whole}");
        }
    }
}
