//! What is counted, and what it may cost.

use std::hint::black_box;

use harbor_pilot::{
    admission::{Policies, Webhook, review},
    manifest::Manifest,
    policy::{self, Policy},
    reference::Reference,
};
use harbor_pilot_benches::{self as inputs, Entry, USUAL};
use serde_json::Value;

/// Makes what is measured, outside of what is counted.
pub(crate) type Prepare = fn() -> Box<dyn FnMut()>;

pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) prepare: Prepare,
    pub(crate) limit: Limit,
}

/// In instructions. A limit is for what must stay; a case without one is for reading.
#[derive(Clone, Copy)]
pub(crate) enum Limit {
    None,
    AtMost(u64),
    /// So many hundredths of another case's, which stands before it.
    Times {
        of: &'static str,
        hundredths: u64,
    },
}

pub(crate) fn all() -> Vec<Case> {
    use Entry::{Braces, Domain, Glob, Inner, Literal, Prefix, Regex, Tag};
    use Limit::{AtMost, None, Times};

    let case = |name, limit, prepare| Case { name, prepare, limit };
    macro_rules! trie {
        ($kind:ident, $ten:literal, $thousand:literal, $ten_thousand:literal) => {
            [
                case($ten, None, || decide($kind, 10)),
                case($thousand, Times { of: $ten, hundredths: 110 }, || decide($kind, 1_000)),
                case($ten_thousand, Times { of: $ten, hundredths: 110 }, || decide($kind, 10_000)),
            ]
        };
    }
    let mut cases = vec![
        case("reference, with tag", None, || parse("nvcr.io/nvidia/cloud-native/gpu-operator:v25.3.0")),
        case("reference, with digest", None, || {
            parse("nvcr.io/nvidia/driver@sha256:e243d778bd83de47668e7629d78f673317a130fedc99941be12aad7fc6bdfa85")
        }),
        case("reference, familiar", None, || parse("nginx:1.27")),
        case("decision, default policy", None, || decide_by(policy::DEFAULT, "nvcr.io/nvidia/driver:550")),
        case("review, 14 KB, 3 containers", AtMost(121_000), || mutate(&inputs::create(3, USUAL))),
        case("review, 14 KB, 3 containers, validated", AtMost(113_000), || {
            answer(Webhook::Validate, &inputs::at_rest())
        }),
        case("review, 14 KB, 1 container", None, || mutate(&inputs::create(1, USUAL))),
        case("review, 100 containers", None, || mutate(&inputs::create(100, USUAL))),
        case("review, an update with oldObject", None, || mutate(&inputs::update(inputs::create(3, USUAL)))),
        case("review, a denial", None, || mutate(&inputs::denied(inputs::create(3, USUAL)))),
        case("review, a denial, 10 entries", None, || deny(10)),
        case("review, a denial, 10000 entries", Times { of: "review, a denial, 10 entries", hundredths: 110 }, || {
            deny(10_000)
        }),
        case("review, 1 KB", None, || mutate(&inputs::small())),
        case("review, 128 KB", None, || mutate(&inputs::create(1, 128 << 10))),
        // Twelve times as long.
        case("review, 1.5 MB", Times { of: "review, 128 KB", hundredths: 1210 }, || {
            mutate(&inputs::create(1, (12 * 128) << 10))
        }),
        case("policy, the default compiled", None, || compile(policy::DEFAULT)),
        case("policy, 10000 entries compiled", None, || compile(&inputs::policy(Literal, 10_000))),
        case("manifest, 256 KB rewritten", None, || rewrite(256 << 10)),
        case("manifest, 2 MB rewritten", Times { of: "manifest, 256 KB rewritten", hundredths: 840 }, || {
            rewrite(2 << 20)
        }),
    ];
    cases.extend(trie!(Literal, "literal, 10 entries", "literal, 1000 entries", "literal, 10000 entries"));
    cases.extend(trie!(Prefix, "prefix, 10 entries", "prefix, 1000 entries", "prefix, 10000 entries"));
    cases.extend(trie!(Glob, "glob, 10 entries", "glob, 1000 entries", "glob, 10000 entries"));
    cases.extend(trie!(Braces, "braces, 10 entries", "braces, 1000 entries", "braces, 10000 entries"));
    cases.extend(trie!(Domain, "domain, 10 entries", "domain, 1000 entries", "domain, 10000 entries"));
    cases.extend(trie!(Tag, "tag, 10 entries", "tag, 1000 entries", "tag, 10000 entries"));
    cases.extend([
        case("inner **, 10 entries", None, || decide(Inner, 10)),
        case("inner **, 256 entries", AtMost(50_000), || decide(Inner, 256)),
        case("regex, 10 entries", None, || decide(Regex, 10)),
        case("regex, 256 entries", AtMost(50_000), || decide(Regex, 256)),
    ]);
    cases
}

fn parse(name: &'static str) -> Box<dyn FnMut()> {
    Box::new(move || drop(black_box(Reference::parse(black_box(name)).map(|reference| reference.comparison()))))
}

fn compile(text: &str) -> Box<dyn FnMut()> {
    let text = text.to_owned();
    Box::new(move || drop(black_box(Policy::read("policies.yaml", black_box(text.as_bytes())))))
}

fn rewrite(bytes: usize) -> Box<dyn FnMut()> {
    let policy = inputs::compiled(policy::DEFAULT);
    let text = inputs::manifest(bytes);
    let rewritten = move || {
        let manifest = Manifest::parse(black_box(text.as_bytes())).expect("YAML");
        manifest.judge(&policy, "default").rewrite().expect("no problems").into_owned()
    };
    assert!(rewritten().contains("harbor.potus.local/nvidiaio/nvidia/app-0:"), "nothing was rewritten");
    Box::new(move || drop(black_box(rewritten())))
}

/// An image that an entry in the middle allows, and one that none does.
fn decide(entry: Entry, count: usize) -> Box<dyn FnMut()> {
    let policy = inputs::compiled(&inputs::policy(entry, count));
    let number = count / 2;
    let allowed = match entry {
        Entry::Literal => format!("nvcr.io/team-{}/app-{number}:v1", number % 100),
        Entry::Prefix => format!("nvcr.io/team-{number}/some/app:v1"),
        Entry::Glob => format!("nvcr.io/team-{number}/app-one-x1:v1"),
        Entry::Braces => format!("nvcr.io/team-{number}/two:v1"),
        Entry::Domain => format!("eu.r{number}.example/app:v1"),
        Entry::Tag => format!("nvcr.io/team-{number}/app:v1.5"),
        Entry::Inner => format!("nvcr.io/some/app-{number}:v1"),
        Entry::Regex => format!("nvcr.io/team-{number}/app-one:v1"),
    };
    assert!(policy.scope("default").decide(&allowed).is_allowed(), "{allowed}");
    Box::new(move || {
        let scope = policy.scope("default");
        drop(black_box(scope.decide(black_box(&allowed))));
        drop(black_box(scope.decide(black_box("nvcr.io/other/thing:v1"))));
    })
}

fn decide_by(policy: &str, image: &'static str) -> Box<dyn FnMut()> {
    let policy = inputs::compiled(policy);
    Box::new(move || drop(black_box(policy.scope("default").decide(black_box(image)))))
}

fn mutate(request: &Value) -> Box<dyn FnMut()> {
    answer(Webhook::Mutate, request)
}

fn answer(webhook: Webhook, request: &Value) -> Box<dyn FnMut()> {
    answer_by(policy::DEFAULT, webhook, request)
}

/// The small review, whose image such a policy does not allow, though it allows many of its registry.
fn deny(entries: usize) -> Box<dyn FnMut()> {
    let mut review = inputs::small();
    review["request"]["object"]["spec"]["containers"][0]["image"] = "nvcr.io/other/thing:1".into();
    answer_by(&inputs::policy(Entry::Literal, entries), Webhook::Mutate, &review)
}

fn answer_by(policy: &str, webhook: Webhook, request: &Value) -> Box<dyn FnMut()> {
    let policy = inputs::compiled(policy);
    let body = request.to_string().into_bytes();
    Box::new(move || {
        let policies = Policies::only(&policy);
        drop(black_box(review(webhook, black_box(&body), policies)));
    })
}
