//! `harbor-pilot harbor robot`: accounts for programs, with no more rights than they need.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, IsTerminal as _, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::PathBuf,
};

use clap::Subcommand;

use super::{ConnectionArgs, Outcome, Output, failed, policy_file::PolicyArg};
use crate::{
    escape::quoted,
    harbor::{
        api::{ApiError, Client, NewRobot, RobotAccount, RobotLevel},
        robots::{self, Lifetime},
    },
    policy::{Policy, Project},
};

/// Make robots: one that `apply` works with, or those that nodes pull with
#[derive(Debug, Subcommand)]
pub(in crate::commands) enum Command {
    Manager(Box<ManagerArgs>),
    Pull(Box<PullArgs>),
}

/// Make a system robot with just the rights that `plan` and `apply` need
///
/// What is printed is a file for `--credentials`. Harbor shows a robot's secret once.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  harbor-pilot harbor robot manager --output-file robot.json\n  \
    harbor-pilot harbor plan --credentials robot.json")]
pub(in crate::commands) struct ManagerArgs {
    /// The robot's name, without what Harbor puts before it
    #[arg(long, value_name = "NAME", default_value = "harbor-pilot")]
    name: String,
    #[command(flatten)]
    common: CommonArgs,
}

/// Make a robot that may only pull, for each private project, and print its Secrets for kubectl apply
///
/// So nobody but Harbor holds the registry's key. Harbor shows a robot's secret once.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  harbor-pilot harbor robot pull -n team-a -n team-b | kubectl apply -f -")]
pub(in crate::commands) struct PullArgs {
    /// The project; may be given more than once. Without it, all of the policy's that have a `pullSecret`
    #[arg(long = "project", value_name = "NAME")]
    projects: Vec<String>,
    /// The namespace of the Secret; may be given more than once
    #[arg(short, long = "namespace", value_name = "NAME", required = true)]
    namespaces: Vec<String>,
    /// The robots' name, without what Harbor puts before it
    #[arg(long, value_name = "NAME", default_value = "harbor-pilot-pull")]
    name: String,
    #[command(flatten)]
    common: CommonArgs,
}

#[derive(Debug, clap::Args)]
struct CommonArgs {
    #[command(flatten)]
    policy: PolicyArg,
    /// How many days the robot works for; without it, until it is deleted
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=36_500))]
    days: Option<u32>,
    /// Give a robot that exists a new secret, because the old one was lost; whoever uses the old one is
    /// locked out
    #[arg(long)]
    renew: bool,
    /// Write into this new file, which only you may read, instead of standard output
    #[arg(long, value_name = "FILE")]
    output_file: Option<PathBuf>,
    /// Print secrets even on a terminal
    #[arg(long)]
    show: bool,
    #[command(flatten)]
    connection: ConnectionArgs,
}

impl CommonArgs {
    fn lifetime(&self) -> Lifetime {
        self.days.map_or(Lifetime::Forever, Lifetime::Days)
    }
}

pub(super) fn run(command: &Command, output: &mut Output) -> Outcome {
    match command {
        Command::Manager(args) => manager(args, output),
        Command::Pull(args) => pull(args, output),
    }
}

fn manager(args: &ManagerArgs, output: &mut Output) -> Outcome {
    let Some((_, client, place)) = ready(&args.name, &args.common, output) else {
        return Outcome::Failed;
    };
    let version = match client.version() {
        Ok(version) => version,
        Err(error) => return place.give_up(failed(&error, output)),
    };
    let robot = robots::manager(&args.name, args.common.lifetime(), version);
    match account(&robot, None, &args.common, &client, output) {
        Err(outcome) => place.give_up(outcome),
        Ok(robot) => {
            let json = serde_json::json!({ "name": robot.name, "secret": robot.secret.expose() });
            output.talk(&format!(
                "robot {}: keep what is printed, for Harbor does not show it again",
                quoted(&robot.name)
            ));
            place.write(&format!("{json}\n"), output)
        }
    }
}

fn pull(args: &PullArgs, output: &mut Output) -> Outcome {
    if let Some(wrong) = args.namespaces.iter().find(|name| !is_label(name)) {
        return output.failed(format_args!("{} is no namespace's name", quoted(wrong)));
    }
    let Some((policy, client, place)) = ready(&args.name, &args.common, output) else {
        return Outcome::Failed;
    };
    let chosen = match chosen(args, &policy) {
        Ok(chosen) => chosen,
        Err(why) => return place.give_up(output.failed(why)),
    };
    let known = match client.projects() {
        Ok(known) => known,
        Err(error) => return place.give_up(failed(&error, output)),
    };
    let mut secrets = String::new();
    let mut outcome = Outcome::Fine;
    for project in chosen {
        let Some(there) = known.iter().find(|known| known.name == project.name()) else {
            outcome = output.failed(format_args!(
                "Harbor has no project {}, or this account does not see it\nhelp: make it by `harbor-pilot harbor apply`",
                project.name()
            ));
            break;
        };
        if there.is_public() {
            output.talk(&format!("project {} is public: nodes need no Secret for it", project.name()));
        }
        let robot = robots::puller(&args.name, project.name(), args.common.lifetime());
        match account(&robot, Some(there.id), &args.common, &client, output) {
            // What was made before must not be lost.
            Err(failed) => {
                outcome = failed;
                break;
            }
            Ok(robot) => {
                let secret = project.pull_secret().map_or_else(|| format!("harbor-{}", project.name()), str::to_owned);
                if project.pull_secret().is_none() {
                    output.talk(&format!("add `pullSecret: {secret}` to project {} in the policy", project.name()));
                }
                secrets += &robots::pull_secrets(&secret, &args.namespaces, &hosts(&policy), &robot);
            }
        }
    }
    if secrets.is_empty() {
        return place.give_up(outcome);
    }
    match place.write(&secrets, output) {
        Outcome::Fine => outcome,
        failed => failed,
    }
}

/// The projects that are meant; several proxies may share one.
fn chosen<'p>(args: &PullArgs, policy: &'p Policy) -> Result<Vec<&'p Project>, String> {
    let mut chosen: Vec<&Project> = Vec::new();
    for project in policy.projects() {
        let meant = if args.projects.is_empty() {
            project.pull_secret().is_some()
        } else {
            args.projects.iter().any(|name| name == project.name())
        };
        if meant && !chosen.iter().any(|known| known.name() == project.name()) {
            chosen.push(project);
        }
    }
    if let Some(unknown) = args.projects.iter().find(|name| !chosen.iter().any(|known| known.name() == *name)) {
        return Err(format!("the policy has no project {}", quoted(unknown)));
    }
    if chosen.is_empty() {
        return Err("no project of the policy has a `pullSecret`: name the project by `--project`".to_owned());
    }
    Ok(chosen)
}

/// Harbor's host names as the runtime finds a login by: as they are written into images.
fn hosts(policy: &Policy) -> Vec<String> {
    let mut hosts = vec![policy.harbor().to_owned()];
    for host in policy.harbor_hosts() {
        if !hosts.iter().any(|known| known.eq_ignore_ascii_case(host.as_str())) {
            hosts.push(host.as_str().to_owned());
        }
    }
    hosts
}

/// A robot's login: of a new one, or a new secret for one that is there.
fn account(
    robot: &NewRobot,
    project: Option<i64>,
    args: &CommonArgs,
    client: &Client,
    output: &mut Output,
) -> Result<RobotAccount, Outcome> {
    if args.renew {
        match client.renew_robot(&robot.name, project) {
            Ok(Some(account)) => return Ok(account),
            Ok(None) => {}
            Err(error) => return Err(failed(&error, output)),
        }
    }
    let made = match client.create_robot(robot) {
        Err(error) if error.status() == Some(400) && robot.level == RobotLevel::System => {
            // Which rights robots can be given differs by version; quotas are no must.
            client.create_robot(&without_quota_update(robot))
        }
        result => result,
    };
    made.map_err(|error| if error.is_conflict() { exists(robot, output) } else { lost(&error, output) })
}

fn without_quota_update(robot: &NewRobot) -> NewRobot {
    let mut robot = robot.clone();
    for permission in &mut robot.permissions {
        permission.access.retain(|access| (access.resource, access.action) != ("quota", "update"));
    }
    robot
}

fn exists(robot: &NewRobot, output: &mut Output) -> Outcome {
    output.failed(format_args!(
        "there is a robot {} already, and Harbor shows a robot's secret only once\nhelp: if its secret was lost, \
         `--renew` gives it a new one, and locks out whoever uses the old one; or make another by `--name`",
        quoted(&robot.name)
    ))
}

fn lost(error: &ApiError, output: &mut Output) -> Outcome {
    failed(error, output);
    if error.status().is_none_or(|status| status >= 500) {
        output.talk("the robot may have been made, and its secret is lost then: `--renew` gives it a new one");
    }
    Outcome::Failed
}

/// The secret came, and could not be kept.
fn unkept(why: &str, output: &mut Output) -> Outcome {
    output.failed(format_args!("{why}\nhelp: the robot was made, and its secret is lost: `--renew` gives it a new one"))
}

fn ready(name: &str, args: &CommonArgs, output: &mut Output) -> Option<(Policy, Client, Place)> {
    if !robots::is_name(name) {
        output.failed(format_args!(
            "Harbor takes no robot named {}: write lower-case letters and digits, with single `.` `_` or `-` between",
            quoted(name)
        ));
        return None;
    }
    let policy = args.policy.load(output)?;
    let client = args.connection.connect(Some(policy.harbor()), output)?;
    // Whoever asks for a secret must have a place for it, before it is shown for the only time.
    match Place::open(args) {
        Ok(place) => Some((policy, client, place)),
        Err(why) => {
            output.failed(why);
            None
        }
    }
}

/// Where secrets go.
enum Place {
    Stdout,
    File { path: PathBuf, file: File },
}

impl Place {
    fn open(args: &CommonArgs) -> Result<Self, String> {
        let Some(path) = &args.output_file else {
            if io::stdout().is_terminal() && !args.show {
                return Err("a secret would show on the terminal: name a file by `--output-file`, pipe it into \
                     `kubectl apply -f -`, or add `--show`"
                    .to_owned());
            }
            return Ok(Self::Stdout);
        };
        match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
            Ok(file) => Ok(Self::File { path: path.clone(), file }),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                Err(format!("`{}` exists: name a new file, for what is in it would be lost", path.display()))
            }
            Err(error) => Err(format!("could not make `{}`: {error}", path.display())),
        }
    }

    fn write(self, text: &str, output: &mut Output) -> Outcome {
        match self {
            Self::Stdout => {
                output.data(text);
                // Even if the reader is gone: nothing else holds this.
                if output.has_arrived() { Outcome::Fine } else { unkept("standard output took no more", output) }
            }
            Self::File { path, mut file } => match file.write_all(text.as_bytes()).and_then(|()| file.sync_all()) {
                Ok(()) => Outcome::Fine,
                Err(error) => unkept(&format!("could not write `{}`: {error}", path.display()), output),
            },
        }
    }

    /// Nothing came: no empty file is left.
    fn give_up(self, outcome: Outcome) -> Outcome {
        if let Self::File { path, .. } = self {
            let _ = fs::remove_file(path);
        }
        outcome
    }
}

fn is_label(name: &str) -> bool {
    name.len() <= 63
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.ends_with(|c: char| c.is_ascii_alphanumeric())
}
