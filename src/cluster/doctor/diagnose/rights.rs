//! What could not be looked at, and what gives the right to it.

use super::{Doctor, snapshot::Obstacle};
use crate::{
    cluster::registration::NAME,
    diagnosis::Level,
    escape::{Shown, fit},
};

/// Whom the API server names where it forbids something.
pub(crate) fn user(said: &str) -> Option<&str> {
    let (_, rest) = said.split_once("User \"")?;
    Some(rest.split_once('"')?.0)
}

/// The same, as a word for a shell.
fn shown(said: &str) -> String {
    user(said).map_or_else(|| "USER".to_owned(), |user| Shown::new(user).to_string())
}

impl Doctor<'_> {
    pub(super) fn obstacles(&mut self) {
        self.missing_rights();
        for obstacle in &self.snapshot.obstacles {
            match obstacle {
                Obstacle::Forbidden { .. } => {}
                Obstacle::MayNotTry { namespace, said } => {
                    let user = shown(said);
                    let role = "harbor-pilot-doctor-try";
                    self.find(
                        Level::Warning,
                        "rights",
                        format!("this account may not create pods in namespace {namespace}: {}", fit(said, 300)),
                        "no Pod could be tried; RBAC can't tell a dry run from another, so this is not among the \
                         doctor's own rights",
                        format!(
                            "kubectl create role {role} -n {namespace} --verb=create --resource=pods\n\
                             kubectl create rolebinding {role} -n {namespace} --role={role} --user='{user}'"
                        ),
                    );
                }
                Obstacle::Failed { asked, why } => self.find(
                    Level::Warning,
                    asked,
                    format!("it could not be looked at: {}", fit(why, 300)),
                    "what depends on it is not known",
                    "try again",
                ),
            }
        }
    }

    /// One finding for all: they come by the same manifest.
    fn missing_rights(&mut self) {
        let forbidden: Vec<(&str, &str)> = self
            .snapshot
            .obstacles
            .iter()
            .filter_map(|obstacle| match obstacle {
                Obstacle::Forbidden { right, said } => Some((right.as_str(), said.as_str())),
                Obstacle::MayNotTry { .. } | Obstacle::Failed { .. } => None,
            })
            .collect();
        let Some((_, said)) = forbidden.first() else { return };
        let rights: Vec<&str> = forbidden.iter().map(|(right, _)| *right).collect();
        let (user, namespace) = (shown(said), &self.snapshot.namespace);
        let apply = if namespace == NAME {
            "kubectl apply -f deploy/doctor-rbac.yaml".to_owned()
        } else {
            // The manifest's Role is for a namespace of our name.
            format!("sed 's/namespace: {NAME}$/namespace: {namespace}/' deploy/doctor-rbac.yaml | kubectl apply -f -")
        };
        self.find(
            Level::Warning,
            "rights",
            format!("this account may not {}: {}", rights.join(", "), fit(said, 300)),
            "what depends on it was not looked at",
            format!(
                "{apply}\nkubectl create clusterrolebinding harbor-pilot-doctor --clusterrole=harbor-pilot-doctor \
                 --user='{user}'\nkubectl create rolebinding harbor-pilot-doctor -n {namespace} \
                 --role=harbor-pilot-doctor --user='{user}'"
            ),
        );
    }
}
