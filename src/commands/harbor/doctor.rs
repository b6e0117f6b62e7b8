//! `harbor-pilot harbor doctor`: what is wrong with Harbor, or will hurt.

use std::{
    collections::BTreeMap,
    time::{SystemTime, UNIX_EPOCH},
};

use serde::Serialize;

use super::{ConnectionArgs, Outcome, Output, failed, output::Format, planned::ca_files, policy_file::PolicyArg};
use crate::{
    cluster::running::{Cluster, ClusterError},
    diagnosis::{self, Finding, Level},
    escape::{Shown, quoted},
    harbor::{
        api::{ApiError, Client, ErrorKind},
        certificate::Certificate,
        doctor::{Facts, MissingSecret, NodesTrust, examine, needed_secrets},
        observe::{observe, unless_forbidden},
        plan,
        plan::state::State,
    },
    policy::Policy,
};

/// Look Harbor over: what is wrong, why it hurts, what to do
///
/// Exit code 0: nothing needs doing. 1: something does. 2: it could not be found out.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  harbor-pilot harbor doctor --pull nvcr.io/nvidia/driver:550")]
pub(in crate::commands) struct Args {
    #[command(flatten)]
    policy: PolicyArg,
    /// Pull this image's manifest through Harbor, by tag and by digest; may be given more than once
    #[arg(long, value_name = "IMAGE")]
    pull: Vec<String>,
    /// The namespace that images are pulled in
    #[arg(short, long, value_name = "NAME", default_value = "default")]
    namespace: String,
    /// Look also whether the namespaces of a cluster have the Secrets that their Pods need
    #[arg(long)]
    cluster: bool,
    /// The context of the kubeconfig, with --cluster; without it, the current one
    #[arg(long, value_name = "NAME", requires = "cluster")]
    context: Option<String>,
    /// How to print; as JSON, one object
    #[arg(short, long, value_enum, default_value_t)]
    output: Format,
    #[command(flatten)]
    connection: ConnectionArgs,
}

pub(super) fn run(args: &Args, output: &mut Output) -> Outcome {
    let Some(policy) = args.policy.load(output) else {
        return Outcome::Failed;
    };
    let Some(client) = args.connection.connect(Some(policy.harbor()), output) else {
        return Outcome::Failed;
    };
    let missing = match missing_secrets(args, &policy) {
        Ok(missing) => missing,
        Err(error) => {
            return output.failed(format_args!(
                "{error}\nhelp: KUBECONFIG or `--context` says which cluster; it needs the right to list Pods and to get \
                 Secrets"
            ));
        }
    };
    let mut findings = match look(args, &policy, &client, &missing) {
        Ok(findings) => findings,
        Err(error) => return failed(&error, output),
    };
    let mut pulls = Vec::new();
    let mut failed_pulls = Vec::new();
    for image in &args.pull {
        match pull(image, args, &policy, &client) {
            Ok(pulled) => pulls.push(pulled),
            Err(finding) => failed_pulls.push(finding),
        }
    }
    findings.splice(0..0, failed_pulls);
    match args.output {
        Format::Json => output.data(&json(&findings, &pulls)),
        Format::Text => {
            for pulled in &pulls {
                output.data(&format!(
                    "pulled {} as {}: {}, {}\n",
                    pulled.image, pulled.from, pulled.digest, pulled.media_type
                ));
            }
            output.data(&diagnosis::text(&findings));
            output.data(&format!("{}: {}\n", client.url(), diagnosis::counts(&findings)));
        }
    }
    Outcome::of(&findings)
}

/// What `-o json` prints. A stable format: members are added, never changed.
#[derive(Serialize)]
struct Report<'r> {
    findings: &'r [Finding],
    pulled: &'r [Pull],
}

fn json(findings: &[Finding], pulled: &[Pull]) -> String {
    // Text alone: there is nothing in it that JSON could not hold.
    serde_json::to_string_pretty(&Report { findings, pulled }).unwrap_or_default() + "\n"
}

/// The Secrets that Pods of the cluster need and have not.
fn missing_secrets(args: &Args, policy: &Policy) -> Result<Vec<MissingSecret>, ClusterError> {
    if !args.cluster {
        return Ok(Vec::new());
    }
    let cluster = Cluster::connect(None, args.context.as_deref())?;
    let mut missing = Vec::new();
    for needed in needed_secrets(policy, &cluster.images()?) {
        if !cluster.has_secret(&needed.namespace, &needed.secret)? {
            missing.push(needed);
        }
    }
    Ok(missing)
}

fn look(
    args: &Args,
    policy: &Policy,
    client: &Client,
    missing_secrets: &[MissingSecret],
) -> Result<Vec<Finding>, ApiError> {
    let state = observe(client)?;
    let (wanted, problems) = plan::wanted(policy, &ca_files(policy, &args.policy.path()));
    let retentions = retentions(&wanted, &state, client)?;
    let garbage = unless_forbidden(client.garbage_collection())?;
    let certificate = client.certificate()?.and_then(|der| Certificate::read(&der));
    let untrusted = match args.connection.connect_as_nodes_do(Some(policy.harbor())).map(|nodes| nodes.certificate()) {
        Some(Err(ApiError { kind: ErrorKind::Certificate(why), .. })) => Some(why),
        _ => None,
    };
    let mut findings = examine(&Facts {
        policy,
        wanted: &wanted,
        state: &state,
        retentions: &retentions,
        garbage: garbage.as_ref(),
        certificate: certificate.as_ref(),
        missing_secrets,
        nodes: untrusted.as_deref().map_or(NodesTrust::Yes, NodesTrust::No),
        now: SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs().cast_signed()),
    });
    let contradictions = problems.into_iter().map(|problem| Finding {
        level: Level::Error,
        about: problem.about,
        what: problem.what,
        why: format!("`harbor apply` can't set it up ({})", problem.place),
        fix: problem.help,
    });
    findings.splice(0..0, contradictions);
    Ok(findings)
}

fn retentions(
    wanted: &[plan::Wanted],
    state: &State,
    client: &Client,
) -> Result<BTreeMap<String, crate::harbor::api::Retention>, ApiError> {
    let mut retentions = BTreeMap::new();
    for project in wanted.iter().filter_map(|wanted| state.project(&wanted.project)) {
        let id =
            project.metadata.get("retention_id").filter(|id| !id.is_empty() && id.bytes().all(|b| b.is_ascii_digit()));
        let Some(id) = id else { continue };
        match client.retention(id) {
            Ok(retention) => drop(retentions.insert(project.name.clone(), retention)),
            Err(error) if matches!(error.status(), Some(403 | 404)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(retentions)
}

/// A manifest that came through Harbor.
#[derive(Serialize)]
struct Pull {
    image: String,
    from: String,
    digest: String,
    media_type: String,
}

/// By tag and by digest: nodes resolve the one, and pull by the other.
fn pull(image: &str, args: &Args, policy: &Policy, client: &Client) -> Result<Pull, Finding> {
    let about = format!("pull of {}", quoted(image));
    let finding = |what: String, why: &str, fix: &str| Finding {
        level: Level::Error,
        about: about.clone(),
        what,
        why: why.to_owned(),
        fix: fix.to_owned(),
    };
    let decision = policy.scope(&args.namespace).decide(image);
    let (Ok(parsed), Some(project)) = (&decision.parsed, decision.project) else {
        let what = match &decision.parsed {
            Ok(_) => "no proxy of the policy serves it".to_owned(),
            Err(error) => format!("not an image name: {error}"),
        };
        return Err(finding(what, "nothing was pulled", "name an image of a registry that has a proxy"));
    };
    let repository = format!("{}/{}", project.name(), parsed.origin.path());
    let refused = |what: &str, error: crate::harbor::api::PullError| {
        finding(
            format!("{what} of {}: {error}", Shown::new(&repository)),
            "nodes will not get it either",
            "look at the endpoint's health, the project's filter, and whether the image exists upstream",
        )
    };
    let first = parsed.origin.digest().or(parsed.origin.pulled_tag()).unwrap_or("latest");
    let pulled = client.pull(&repository, first).map_err(|error| refused(&format!("`{first}`"), error))?;
    client.pull(&repository, &pulled.digest).map_err(|error| refused("its digest", error))?;
    Ok(Pull {
        image: Shown::new(image).to_string(),
        from: repository,
        digest: pulled.digest,
        media_type: pulled.media_type,
    })
}
