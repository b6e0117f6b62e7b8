//! `harbor-pilot harbor apply`: carries out what `plan` shows.

use std::{
    fs,
    io::{self, BufRead as _, IsTerminal as _, Write as _},
    path::{Path, PathBuf},
};

use serde_json::Value as Json;

use super::{
    Outcome, Output,
    planned::{PlanArgs, Planned},
};
use crate::harbor::{
    apply::{Applier, Secrets},
    plan::{KIND, Plan},
};

/// Make and change in Harbor what the policy needs; nothing is ever deleted
///
/// It asks before it begins, stops at the first failure, and says what is done. What is done is not
/// done twice: run it again to go on. Exit code 0: Harbor is as the policy wants it. 2: it is not.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  harbor-pilot harbor apply\n  harbor-pilot harbor apply --yes --plan plan.json")]
pub(in crate::commands) struct Args {
    /// Do not ask
    #[arg(long)]
    yes: bool,
    /// Carry out this plan and no other: a file that `plan --out` wrote. Refused where the policy or
    /// Harbor has changed since
    #[arg(long = "plan", value_name = "FILE", conflicts_with_all = ["projects", "renew_secrets"])]
    file: Option<PathBuf>,
    #[command(flatten)]
    plan: PlanArgs,
}

pub(super) fn run(args: &Args, output: &mut Output) -> Outcome {
    let mut asked = args.plan.clone();
    let given = match args.file.as_deref().map(read).transpose() {
        Ok(given) => given,
        Err(why) => return output.failed(why),
    };
    if let Some(given) = &given {
        asked.renew_secrets = given["renewSecrets"] == Json::Bool(true);
        let projects = given["projects"].as_array().into_iter().flatten();
        asked.projects = projects.filter_map(|project| project.as_str().map(str::to_owned)).collect();
    }
    let Some(planned) = Planned::make(&asked, output) else {
        return Outcome::Failed;
    };
    if let Some(given) = &given
        && let Err(why) = compare(given, &planned)
    {
        return output.failed(format_args!(
            "the plan does not hold any more: {why}\nhelp: make a new one by `harbor-pilot harbor plan --out FILE`"
        ));
    }
    let plan = &planned.plan;
    output.talk(&format!("{}\n{}{}", planned.heading(), plan.text(), plan.summary()));
    if !plan.problems.is_empty() {
        let help = "put right what can't be done, or name the projects to go on with by `--project`";
        return output.failed(format_args!("nothing was done\nhelp: {help}"));
    }
    if plan.steps.is_empty() {
        return Outcome::Fine;
    }
    let secrets = match Secrets::fetch(plan, &planned.policy_path) {
        Ok(secrets) => secrets,
        Err(missing) => {
            for missing in missing {
                output.failed(missing);
            }
            output.talk("nothing was done");
            return Outcome::Failed;
        }
    };
    if !args.yes {
        match ask(output) {
            Answer::Yes => {}
            Answer::No => {
                output.talk("nothing was done");
                return Outcome::Failed;
            }
            Answer::Nobody => {
                return output.failed("there is no terminal to ask on: add `--yes`\nnothing was done");
            }
        }
    }
    carry_out(plan, &mut Applier::new(&planned.client, &secrets), output)
}

fn carry_out(plan: &Plan, applier: &mut Applier<'_>, output: &mut Output) -> Outcome {
    let count = plan.steps.len();
    for (index, step) in plan.steps.iter().enumerate() {
        let about = step.action.about();
        output.talk(&format!("[{}/{count}] {} {about}", index + 1, step.action.verb()));
        if let Err(error) = applier.apply(&step.action) {
            output.failed(format_args!("{about}: {error}\nhelp: {}", error.help()));
            let rest: Vec<String> = plan.steps[index..].iter().map(|step| step.action.about()).collect();
            let done = if index == 0 { "nothing was done".to_owned() } else { format!("{index} of {count} done") };
            output.talk(&format!("{done}; left: {}. Run it again to go on.", rest.join(", ")));
            return Outcome::Failed;
        }
        output.data(&format!("done  {} {about}: {}\n", step.action.verb(), step.action.what()));
    }
    Outcome::Fine
}

enum Answer {
    Yes,
    No,
    Nobody,
}

fn ask(output: &mut Output) -> Answer {
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return Answer::Nobody;
    }
    output.talk("Do this? Type `yes`:");
    let _ = io::stderr().flush();
    let mut line = String::new();
    match io::stdin().lock().read_line(&mut line) {
        Ok(_) if matches!(line.trim(), "yes" | "y") => Answer::Yes,
        _ => Answer::No,
    }
}

fn read(path: &Path) -> Result<Json, String> {
    let shown = path.display();
    let text = fs::read_to_string(path).map_err(|error| format!("could not read the plan `{shown}`: {error}"))?;
    let plan: Json = serde_json::from_str(&text).map_err(|error| format!("`{shown}` is no plan: {error}"))?;
    if plan["kind"] == KIND { Ok(plan) } else { Err(format!("`{shown}` is no plan that `harbor plan --out` wrote")) }
}

/// Whether the plan of now is the one that was given, to the letter.
fn compare(given: &Json, planned: &Planned) -> Result<(), &'static str> {
    let now: Json = serde_json::from_str(&planned.json()).unwrap_or_default();
    for (member, why) in [
        ("harbor", "it was made for another Harbor"),
        ("policy", "the policy has changed"),
        ("observed", "Harbor has changed"),
        ("steps", "other things are to be done now"),
        ("problems", "other things can't be done now"),
    ] {
        if given[member] != now[member] {
            return Err(why);
        }
    }
    Ok(())
}
