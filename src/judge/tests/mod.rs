mod changes;

use super::*;
use crate::{
    policy::{Policy, diagnostic::Style},
    workload::List::{Containers, EphemeralContainers},
};

fn policy(lines: &str) -> Policy {
    through("hub", lines)
}

/// A policy that serves Docker Hub through this project.
fn through(project: &str, lines: &str) -> Policy {
    let text = format!(
        "apiVersion: harbor-pilot.io/v1\nkind: Policy\nharbor: harbor.test\nproxies:\n  \
         - {{registry: docker.io, project: {project}}}\nallow: [docker.io/library/nginx]\n{lines}"
    );
    let reading = Policy::read("policies.yaml", text.as_bytes());
    let drawn = reading.render(Style::Plain);
    reading.policy.unwrap_or_else(|| panic!("{drawn}"))
}

fn image(reference: &str) -> Image<'_> {
    Image { list: Containers, index: 0, name: "main", reference }
}

fn outcome(policy: &Policy, look: Look, reference: &str) -> Option<(Outcome, Option<Breach>)> {
    judge(image(reference), look, policy.scope("default"), Earlier::NONE)
        .map(|finding| (finding.outcome, finding.breach))
}

const LOOKS: [Look; 4] = [Look::Pod, Look::FinalPod, Look::Workload(Owner::User), Look::Workload(Owner::Controller)];

#[test]
fn what_is_not_allowed_is_met_by_the_weaker_of_two() {
    use Outcome::{Audit, Deny, Warn};
    // enforcement, workloadEnforcement: a Pod, a final Pod, a user's workload, a controller's.
    let table = [
        ("deny", "deny", [Some(Deny), Some(Deny), Some(Deny), Some(Warn)]),
        ("deny", "warn", [Some(Deny), Some(Deny), Some(Warn), Some(Warn)]),
        ("deny", "off", [Some(Deny), Some(Deny), None, None]),
        ("warn", "deny", [Some(Warn), Some(Warn), Some(Warn), Some(Warn)]),
        ("warn", "off", [Some(Warn), Some(Warn), None, None]),
        ("audit", "deny", [Some(Audit); 4]),
        ("audit", "warn", [Some(Audit); 4]),
    ];
    for (enforcement, workloads, expected) in table {
        let policy = policy(&format!("enforcement: {enforcement}\nworkloadEnforcement: {workloads}"));
        let seen = LOOKS.map(|look| outcome(&policy, look, "gcr.io/a").map(|(outcome, _)| outcome));
        assert_eq!(seen, expected, "{enforcement} {workloads}");
    }
}

#[test]
fn always_is_harder_than_the_namespace_but_not_than_what_holds_for_workloads() {
    let policy = policy("enforcement: audit\ndeny: [{image: docker.io/library/xmrig, always: true}]");
    let seen = LOOKS.map(|look| outcome(&policy, look, "xmrig").map(|(outcome, _)| outcome));
    assert_eq!(seen, [Some(Outcome::Deny), Some(Outcome::Deny), Some(Outcome::Warn), Some(Outcome::Warn)]);
}

#[test]
fn only_the_last_look_holds_an_image_to_be_at_rest() {
    let policy = policy("");
    let not_at_rest = Some((Outcome::Deny, Some(Breach::NotAtRest)));
    let fine = Some((Outcome::Allow, None));
    assert_eq!(LOOKS.map(|look| outcome(&policy, look, "nginx")), [fine, not_at_rest, fine, fine]);
    assert_eq!(LOOKS.map(|look| outcome(&policy, look, "harbor.test/hub/library/nginx")), [fine; 4]);
}

#[test]
fn a_name_that_is_filled_in_later_is_judged_at_last() {
    let policy = policy("");
    let denied = Some((Outcome::Deny, Some(Breach::NotAllowed)));
    assert_eq!(LOOKS.map(|look| outcome(&policy, look, "auto")), [None, denied, None, None]);
    assert_eq!(LOOKS.map(|look| outcome(&policy, look, "auto:latest"))[0], denied, "that name alone");
}

#[test]
fn names_tell_what_is_new() {
    let at = |list, index, name, reference| Image { list, index, name, reference };
    let before = [at(Containers, 0, "a", "x:1"), at(Containers, 1, "b", "y:1"), at(EphemeralContainers, 0, "c", "z:1")];
    let new = |now: &[Image<'static>]| -> Vec<&str> {
        new_images(now, &before).iter().map(|image| image.reference).collect()
    };
    assert_eq!(new(&before), Vec::<&str>::new());
    assert_eq!(new(&[before[1], before[0]]), Vec::<&str>::new(), "in another order");
    assert_eq!(new(&[at(EphemeralContainers, 0, "d", "w:1"), before[2]]), ["w:1"], "put first");
    assert_eq!(new(&[at(Containers, 0, "a", "x:2"), before[1]]), ["x:2"], "changed");
    assert_eq!(new(&[at(Containers, 0, "b", "x:1")]), ["x:1"], "the image of another");
    assert_eq!(new(&[at(EphemeralContainers, 0, "a", "x:1")]), ["x:1"], "in another list");
    assert_eq!(new(&[before[0], at(Containers, 1, "a", "x:1")]), ["x:1", "x:1"], "a name twice");
    let twice = [before[0], at(Containers, 1, "a", "q:1")];
    assert_eq!(new_images(&[before[0]], &twice), [before[0]], "a name twice before");
    assert_eq!(new_images(&[before[0]], &[]), [before[0]], "nothing before");
}

#[test]
fn a_denial_has_room_for_some_and_counts_the_rest() {
    let policy = policy("contact: '#registry'");
    let scope = policy.scope("default");
    let references: Vec<String> = (0..40).map(|index| format!("gcr.io/{}:{index}", "a".repeat(300))).collect();
    let findings: Vec<_> =
        references.iter().filter_map(|reference| judge(image(reference), Look::Pod, scope, Earlier::NONE)).collect();
    assert_eq!(findings.len(), 40);
    let message = denial(&findings, scope, &policy);
    assert!(message.len() <= 1024, "{}", message.len());
    let told = message.matches("container \"main\"").count();
    assert!(told > 1, "{message}");
    assert!(message.contains(&format!("; and {} more images. Ask #registry (policy ", 40 - told)), "{message}");
}
