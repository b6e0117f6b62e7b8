//! `harbor-pilot doctor`: what is wrong with an installation in a cluster, or will hurt.

use std::path::PathBuf;

use serde::Serialize;

use super::{
    Outcome,
    output::{Format, Output},
};
use crate::{
    cluster::doctor::{Asked, Namespace, Report, Summary, look},
    diagnosis::{self, Finding},
};

/// Look over an installation in a cluster: what is wrong, why it hurts, what to type
///
/// It reads, by way of the API server, and changes nothing. Exit code 0: nothing needs doing. 1:
/// something does. 2: it could not be found out.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  harbor-pilot doctor\n  harbor-pilot doctor --kubeconfig prod.yaml --try=team-a\n\n\
                        deploy/doctor-rbac.yaml has the rights that it needs. A right that is missing is a finding."
)]
pub(super) struct Args {
    /// The kubeconfig; without it KUBECONFIG, ~/.kube/config, or the account of the Pod that it runs in
    #[arg(long, value_name = "FILE")]
    kubeconfig: Option<PathBuf>,
    /// The context of the kubeconfig; without it, the current one
    #[arg(long, value_name = "NAME")]
    context: Option<String>,
    /// Where harbor-pilot is installed; without it, the namespace that the registrations name
    #[arg(short, long, value_name = "NAME")]
    namespace: Option<Namespace>,
    /// Have the API server create a Pod in this namespace without storing it (a dry run), and see
    /// whether its image is changed; needs the right to create Pods there
    #[arg(long, value_name = "NAMESPACE", num_args = 0..=1, require_equals = true, default_missing_value = "default")]
    r#try: Option<Namespace>,
    /// How to print; as JSON, one object
    #[arg(short, long, value_enum, default_value_t)]
    output: Format,
}

pub(super) fn run(args: &Args, output: &mut Output) -> Outcome {
    let asked = Asked {
        kubeconfig: args.kubeconfig.clone(),
        context: args.context.clone(),
        namespace: args.namespace.clone(),
        try_in: args.r#try.clone(),
    };
    let report = match look(&asked) {
        Ok(report) => report,
        Err(error) => {
            return output.failed(format_args!(
                "{error}\nhelp: `--kubeconfig`, KUBECONFIG or `--context` says which cluster; try `kubectl get --raw /readyz`"
            ));
        }
    };
    let Report { findings, summary } = report;
    match args.output {
        Format::Json => output.data(&json(&findings, &summary)),
        Format::Text => {
            output.data(&diagnosis::text(&findings));
            output.data(&format!("{summary}\n{}\n", diagnosis::counts(&findings)));
        }
    }
    Outcome::of(&findings)
}

/// What `-o json` prints. A stable format: members are added, never changed.
#[derive(Serialize)]
struct Printed<'r> {
    findings: &'r [Finding],
    installation: &'r Summary,
}

fn json(findings: &[Finding], installation: &Summary) -> String {
    // Text and numbers alone: there is nothing in it that JSON could not hold.
    serde_json::to_string_pretty(&Printed { findings, installation }).unwrap_or_default() + "\n"
}
