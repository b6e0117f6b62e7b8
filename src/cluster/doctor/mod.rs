//! What is wrong with an installation, or will hurt: looked at by way of the API server, which is all
//! that a laptop reaches. It writes nothing.
//!
//! ```text
//! API server ── collect ──> Snapshot ── diagnose ──> findings
//! ```

mod collect;
mod diagnose;
mod namespace;
pub mod status;

use std::path::PathBuf;

pub use self::{
    diagnose::summary::Summary,
    namespace::{Namespace, NotANamespace},
};
use super::running::{Cluster, ClusterError};
use crate::diagnosis::Finding;

/// Where to look, and how.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// Instead of what kubectl would take.
    pub kubeconfig: Option<PathBuf>,
    /// Of the kubeconfig, instead of its current one.
    pub context: Option<String>,
    /// The program's; without it, the one that the registrations name.
    pub namespace: Option<Namespace>,
    /// Where a Pod is created without being stored, if that is wanted.
    pub try_in: Option<Namespace>,
}

/// What came of a look.
#[derive(Debug)]
pub struct Report {
    /// The worst first.
    pub findings: Vec<Finding>,
    /// What there is.
    pub summary: Summary,
}

/// Looks a cluster over.
pub fn look(asked: &Asked) -> Result<Report, ClusterError> {
    let cluster = Cluster::connect(asked.kubeconfig.as_deref(), asked.context.as_deref())?;
    let snapshot = collect::snapshot(&cluster, asked)?;
    Ok(Report { findings: diagnose::examine(&snapshot), summary: Summary::of(&snapshot) })
}
