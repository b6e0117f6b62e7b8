use std::{
    collections::BTreeSet,
    fs,
    path::Path as FilePath,
    time::{Duration, Instant},
};

use crate::{
    policy::{Enforcement, Outcome},
    server::{
        decisions::Judged,
        labels::{ClosedBecause, DryRun, Listener, Operation, Path, RequestOutcome},
        metrics::{FileNow, Metrics, Now, RequestLabels},
    },
};

const NOW: Now<'static> = Now {
    policy_hash: "0123456789ab",
    policy: FileNow { age: Duration::from_millis(1500), good: true },
    certificate: FileNow { age: Duration::ZERO, good: false },
    certificate_not_after: 1_827_043_049,
    log_lines_dropped: 3,
    body_memory: 4096,
};

/// Every family with a series.
fn metrics() -> Metrics {
    let metrics = Metrics::new();
    let mutated = RequestLabels {
        webhook: Path::Mutate,
        operation: Operation::Create,
        outcome: RequestOutcome::Mutated,
        dry_run: DryRun::No,
    };
    let denied = RequestLabels {
        webhook: Path::Validate,
        operation: Operation::Update,
        outcome: RequestOutcome::Denied,
        dry_run: DryRun::Yes,
    };
    let began = Instant::now();
    metrics.request(&mutated, began, began + Duration::from_micros(120));
    metrics.request(&denied, began, began + Duration::from_secs(9));
    let allowed = Judged { outcome: Outcome::Allow, enforcement: Enforcement::Deny, dry_run: DryRun::No };
    metrics.decisions.count(Some("nvcr.io"), &allowed, 1);
    metrics.decisions.count(None, &Judged { outcome: Outcome::Deny, ..allowed }, 1);
    metrics.unknown_image_fields(2);
    metrics.wrong_registration();
    metrics.panicked();
    metrics.accept_failed();
    metrics.connection_opened(Listener::Webhook);
    metrics.connection_opened(Listener::Ops);
    metrics.connection_gone(Listener::Ops);
    metrics.connection_closed(Listener::Ops, ClosedBecause::Idle);
    metrics
}

/// The page as dashboards and alerts know it. Renew the file, and think of them, with
/// `UPDATE_GOLDEN=1 cargo test --lib the_page_is_as_it_was`.
#[test]
fn the_page_is_as_it_was() {
    let page = metrics().page(&NOW).expect("a page");
    let golden = FilePath::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/metrics.txt");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::create_dir_all(golden.parent().expect("a folder")).expect("a folder");
        fs::write(&golden, sorted(&page)).expect("written");
    }
    let expected = fs::read_to_string(&golden).expect("the golden file");
    assert_eq!(sorted(&page), expected, "UPDATE_GOLDEN=1 cargo test --lib the_page_is_as_it_was");
}

/// The series of a family have no order; here they get one. Buckets keep theirs.
fn sorted(page: &str) -> String {
    let page = page.replace(env!("CARGO_PKG_VERSION"), "VERSION");
    let mut lines: Vec<&str> = page.lines().collect();
    for family in lines.chunk_by_mut(|line, next| line.starts_with('#') == next.starts_with('#')) {
        if family.iter().any(|line| line.contains("_bucket{")) {
            family.sort_by_key(|line| line.contains("webhook=\"validate\""));
        } else if !family[0].starts_with('#') {
            family.sort_unstable();
        }
    }
    lines.join("\n") + "\n"
}

#[test]
fn names_are_in_base_units_and_each_has_a_help() {
    let page = metrics().page(&NOW).expect("a page");
    let described: BTreeSet<&str> =
        page.lines().filter_map(|line| line.strip_prefix("# HELP ")?.split(' ').next()).collect();
    let typed: Vec<(&str, &str)> =
        page.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split_once(' ')).collect();
    assert!(typed.len() > 10);
    for (name, kind) in typed {
        assert!(name.starts_with("harbor_pilot_"), "{name}");
        assert!(described.contains(name), "{name} has no help");
        assert!(!["_milliseconds", "_ms", "_kib", "_mb", "_us"].iter().any(|unit| name.ends_with(unit)), "{name}");
        assert_eq!(kind == "counter", page.contains(&format!("\n{name}_total")), "{name}");
    }
}

#[test]
fn only_the_policy_in_force_has_a_series() {
    let metrics = metrics();
    metrics.page(&NOW).expect("a page");
    let page = metrics.page(&Now { policy_hash: "ba9876543210", ..NOW }).expect("a page");
    assert!(page.contains("harbor_pilot_policy_info{hash=\"ba9876543210\"} 1"), "{page}");
    assert!(!page.contains(NOW.policy_hash), "{page}");
}
