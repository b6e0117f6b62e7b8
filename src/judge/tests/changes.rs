//! A changed policy, while replicas that have heard of it answer beside those that have not.

use super::*;

/// How far a replica is with a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// It has not heard of it.
    Before,
    /// It writes names as before.
    Written,
    /// It writes names by the new policy, and knows those of before.
    Known,
    /// It knows the new policy alone.
    After,
}

/// Who may answer beside whom, when all hear of a change within the time for which it is written.
const BESIDE: [(Stage, Stage); 7] = [
    (Stage::Before, Stage::Before),
    (Stage::Before, Stage::Written),
    (Stage::Written, Stage::Written),
    (Stage::Written, Stage::Known),
    (Stage::Known, Stage::Known),
    (Stage::Known, Stage::After),
    (Stage::After, Stage::After),
];

struct Change {
    before: Policy,
    after: Policy,
}

impl Change {
    fn new(before: &str, after: &str) -> Self {
        let read = |lines: &str| {
            let text = format!("apiVersion: harbor-pilot.io/v1\nkind: Policy\n{lines}");
            let reading = Policy::read("policies.yaml", text.as_bytes());
            let drawn = reading.render(Style::Plain);
            reading.policy.unwrap_or_else(|| panic!("{drawn}"))
        };
        Self { before: read(before), after: read(after) }
    }

    fn judge<'a>(&self, stage: Stage, look: Look, reference: &'a str) -> Finding<'_, 'a> {
        let (before, after) = (self.before.scope("default"), self.after.scope("default"));
        let known = [Some(before), None, None, None];
        let (scope, earlier) = match stage {
            Stage::Before => (before, Earlier::NONE),
            Stage::Written => (after, Earlier { written: Some(before), known }),
            Stage::Known => (after, Earlier { written: None, known }),
            Stage::After => (after, Earlier::NONE),
        };
        judge(image(reference), look, scope, earlier).expect("an image that is judged")
    }

    /// What is stored of an image that these replicas mutate, one after the other, and any of those
    /// validates; or who objects to which name.
    fn stored(&self, mutate: &[Stage], validate: [Stage; 2], reference: &str) -> Result<String, String> {
        let mut name = reference.to_owned();
        for stage in mutate {
            let finding = self.judge(*stage, Look::Pod, &name);
            if finding.outcome == Outcome::Deny {
                return Err(format!("{stage:?} denies {name}"));
            }
            name = finding.decision.result.into_owned();
        }
        match validate.iter().find(|stage| self.judge(**stage, Look::FinalPod, &name).outcome == Outcome::Deny) {
            Some(stage) => Err(format!("{stage:?} denies {name} in the end")),
            None => Ok(name),
        }
    }
}

const PROXIES: &str = "harbor: harbor.test\nproxies:\n- {registry: docker.io, project: hub}\n- {registry: quay.io, \
                       project: quay}\nallow: [docker.io/**, quay.io/**, gcr.io/**]";

/// What becomes of the proxies, with an image and what is stored of it before and after.
fn changes() -> Vec<(Change, [&'static str; 3])> {
    let to = |from: &str, to: &str| Change::new(PROXIES, &PROXIES.replace(from, to));
    let quay = "- {registry: quay.io, project: quay}\n";
    vec![
        (
            to(quay, &format!("{quay}- {{registry: gcr.io, project: gcr}}\n")),
            ["gcr.io/a", "gcr.io/a", "harbor.test/gcr/a"],
        ),
        (to("project: quay", "project: moved"), ["quay.io/a", "harbor.test/quay/a", "harbor.test/moved/a"]),
        (to(quay, ""), ["quay.io/a", "harbor.test/quay/a", "quay.io/a"]),
        (to("quay.io, project", "quay.io/a, project"), ["quay.io/b", "harbor.test/quay/b", "quay.io/b"]),
        (to("harbor.test", "new.test"), ["nginx", "harbor.test/hub/library/nginx", "new.test/hub/library/nginx"]),
        (to("harbor.test", "[new.test, harbor.test]"), ["quay.io/a", "harbor.test/quay/a", "new.test/quay/a"]),
        (
            to("allow", "namespaces: [{match: [default], rewrite: false}]\nallow"),
            ["quay.io/a", "harbor.test/quay/a", "quay.io/a"],
        ),
    ]
}

#[test]
fn whoever_answers_while_a_change_is_on_its_way_nothing_is_lost() {
    for (change, [image, before, after]) in changes() {
        for (one, other) in BESIDE.into_iter().flat_map(|(one, other)| [(one, other), (other, one)]) {
            for mutate in [&[one][..], &[one, other]] {
                let writes = |stage| match stage {
                    Stage::Before | Stage::Written => before,
                    Stage::Known | Stage::After => after,
                };
                match change.stored(mutate, [one, other], image) {
                    Ok(name) => assert!(mutate.iter().any(|stage| writes(*stage) == name), "{mutate:?}: {name}"),
                    Err(why) => panic!("{image}, {one:?} beside {other:?}: {why}"),
                }
            }
        }
    }
}

/// What makes it a proof: without the time between, each of the changes loses.
#[test]
fn who_has_not_heard_of_a_change_objects_to_its_names() {
    for (change, [image, ..]) in changes() {
        let pair = [Stage::Before, Stage::After];
        assert!(pair.iter().any(|stage| change.stored(&[*stage], pair, image).is_err()), "{image}");
    }
}

#[test]
fn what_had_no_name_before_has_its_new_one_at_once() {
    let (image, project) = (format!("quay.io/{}", "a".repeat(240)), "p".repeat(20));
    let change = Change::new(&PROXIES.replace("project: quay", &format!("project: {project}")), PROXIES);
    assert_eq!(change.judge(Stage::Before, Look::Pod, &image).outcome, Outcome::Deny, "too long");
    let written = change.judge(Stage::Written, Look::Pod, &image).decision.result.into_owned();
    assert_eq!(written, image.replace("quay.io", "harbor.test/quay"));
    assert_eq!(change.judge(Stage::Known, Look::FinalPod, &image).breach, Some(Breach::NotAtRest));
}

#[test]
fn a_name_of_before_is_let_through_for_the_image_that_it_meant() {
    let (was, stages) = ("harbor.test/quay/a", [Stage::Written, Stage::Known]);
    let outcome = |change: &Change, name| {
        stages.map(|stage| [Look::Pod, Look::FinalPod].map(|look| change.judge(stage, look, name).outcome))
    };
    let moved = PROXIES.replace("project: quay", "project: moved");
    let cases = [
        ("its image is allowed", moved.clone(), Outcome::Allow),
        ("its image is allowed no more", moved.replace(", quay.io/**", ""), Outcome::Deny),
        ("its image is denied", format!("{moved}\ndeny: [quay.io/**]"), Outcome::Deny),
        ("the very name is denied", format!("{moved}\ndeny: [harbor.test/quay/**]"), Outcome::Deny),
        (
            "the project serves another registry",
            moved.replace("gcr.io/**", "ghcr.io/b").replace("allow", "- {registry: ghcr.io, project: quay}\nallow"),
            Outcome::Deny,
        ),
    ];
    for (what, after, expected) in cases {
        assert_eq!(outcome(&Change::new(PROXIES, &after), was), [[expected; 2]; 2], "{what}");
    }
    let change = Change::new(PROXIES, &moved);
    assert_eq!(change.judge(Stage::After, Look::FinalPod, was).breach, Some(Breach::NotAllowed), "for a while");
    assert_eq!(change.judge(Stage::Known, Look::FinalPod, "quay.io/a").breach, Some(Breach::NotAtRest), "nobody's");
}
