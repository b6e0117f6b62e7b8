//! The policy's meaning once more, on strings, entry by entry: slow, plain, and without a line of
//! `policy/`. Generated policies and names must be decided alike by both.

use harbor_pilot::{
    policy::{Force, NotAllowed, Policy, Ruling},
    reference::Reference,
};
use proptest::{prelude::*, sample::select};

/// An entry of a list, as the file writes it.
#[derive(Clone, Debug)]
struct Entry {
    pattern: Pattern,
    tag: Option<&'static str>,
    always: bool,
}

#[derive(Clone, Debug)]
enum Pattern {
    Glob(String),
    Regex(&'static str),
}

#[derive(Clone, Debug)]
struct Namespace {
    matches: Vec<&'static str>,
    enforcement: Option<&'static str>,
    rewrite: Option<bool>,
    allow: Change,
    deny: Vec<Entry>,
}

#[derive(Clone, Debug)]
enum Change {
    Same,
    Added(Vec<Entry>),
    Only(Vec<Entry>),
}

#[derive(Clone, Debug)]
struct File {
    harbor: Vec<&'static str>,
    proxies: Vec<(&'static str, &'static str)>,
    allow: Option<Vec<Entry>>,
    deny: Vec<Entry>,
    enforcement: &'static str,
    namespaces: Vec<Namespace>,
}

/// What is compared.
#[derive(Debug, PartialEq, Eq)]
struct Answer {
    origin: String,
    allowed: bool,
    denied: bool,
    always: bool,
    outcome: &'static str,
    result: String,
}

impl File {
    fn to_yaml(&self) -> String {
        let mut yaml = format!(
            "apiVersion: harbor-pilot.io/v1\nkind: Policy\nharbor: {:?}\nenforcement: {}\n",
            self.harbor, self.enforcement
        );
        yaml += "proxies:\n";
        for (registry, project) in &self.proxies {
            yaml += &format!("  - {{registry: {registry:?}, project: {project:?}}}\n");
        }
        if self.proxies.is_empty() {
            yaml = yaml.replace("proxies:\n", "proxies: []\n");
        }
        if let Some(allow) = &self.allow {
            yaml += &format!("allow: {}\n", list(allow));
        }
        yaml += &format!("deny: {}\n", list(&self.deny));
        if !self.namespaces.is_empty() {
            yaml += "namespaces:\n";
        }
        for namespace in &self.namespaces {
            yaml += &format!("  - match: {:?}\n", namespace.matches);
            if let Some(enforcement) = namespace.enforcement {
                yaml += &format!("    enforcement: {enforcement}\n");
            }
            if let Some(rewrite) = namespace.rewrite {
                yaml += &format!("    rewrite: {rewrite}\n");
            }
            match &namespace.allow {
                Change::Same => {}
                Change::Added(entries) => yaml += &format!("    allow: {}\n", list(entries)),
                Change::Only(entries) => yaml += &format!("    allowOnly: {}\n", list(entries)),
            }
            yaml += &format!("    deny: {}\n", list(&namespace.deny));
        }
        yaml
    }

    fn decide(&self, image: &str, namespace: &str) -> Answer {
        let namespace =
            self.namespaces.iter().find(|entry| entry.matches.iter().any(|glob| glob_matches(glob, namespace)));
        let enforcement = namespace.and_then(|namespace| namespace.enforcement).unwrap_or(self.enforcement);
        let Ok(reference) = Reference::parse(image) else {
            return Answer {
                origin: String::new(),
                allowed: false,
                denied: false,
                always: false,
                outcome: enforcement,
                result: image.to_owned(),
            };
        };
        let form = reference.comparison();
        let (mut domain, mut path) = (form.domain().to_owned(), form.path().to_owned());
        let tag = match (form.tag(), form.digest()) {
            (None, None) => Some("latest"),
            (tag, _) => tag,
        };
        if self.harbor.contains(&domain.as_str())
            && let Some((project, rest)) = path.clone().split_once('/')
            && let Some((registry, _)) = self.proxies.iter().find(|(_, name)| *name == project)
        {
            registry.split('/').next().unwrap().clone_into(&mut domain);
            let library = if domain == "docker.io" && !rest.contains('/') { "library/" } else { "" };
            path = format!("{library}{rest}");
        }
        let name = format!("{domain}/{path}");
        let suffix = format!(
            "{}{}",
            form.tag().map(|tag| format!(":{tag}")).unwrap_or_default(),
            form.digest().map(|digest| format!("@{digest}")).unwrap_or_default()
        );

        let serving = self
            .proxies
            .iter()
            .filter(|(registry, _)| name == *registry || name.starts_with(&format!("{registry}/")))
            .max_by_key(|(registry, _)| registry.len());
        let rewrites = namespace.and_then(|namespace| namespace.rewrite).unwrap_or(true);
        let rewritten = serving.filter(|_| rewrites).map(|(_, project)| format!("{project}/{path}"));
        let too_long = rewritten.as_ref().is_some_and(|path| path.len() > 255);
        let result = match rewritten {
            Some(path) if !too_long => format!("{}/{path}{suffix}", self.harbor[0]),
            _ => image.to_owned(),
        };

        let mut names = vec![name.clone()];
        if self.harbor.contains(&domain.as_str()) {
            names = self.harbor.iter().map(|host| format!("{host}/{path}")).collect();
        }
        let entries: Vec<&Entry> =
            self.deny.iter().chain(namespace.iter().flat_map(|namespace| &namespace.deny)).collect();
        let mut denied = false;
        let mut always = false;
        for entry in entries {
            if names.iter().any(|name| entry.matches(name, tag, form.digest(), false)) {
                denied = true;
                always |= entry.always;
            }
        }
        let listed = |entries: &[Entry]| entries.iter().any(|entry| entry.matches(&name, tag, form.digest(), true));
        let shared = match &self.allow {
            Some(entries) => listed(entries),
            None => serving.is_some(),
        };
        let listed = match namespace.map(|namespace| &namespace.allow) {
            None | Some(Change::Same) => shared,
            Some(Change::Added(entries)) => shared || listed(entries),
            Some(Change::Only(entries)) => listed(entries),
        };
        let allowed = listed && !denied && !too_long && reference.never_allowed().is_none();
        let outcome = match (allowed, always) {
            (true, _) => "allow",
            (false, true) => "deny",
            (false, false) => enforcement,
        };
        Answer { origin: format!("{name}{suffix}"), allowed, denied, always, outcome, result }
    }
}

impl Entry {
    fn matches(&self, name: &str, tag: Option<&str>, digest: Option<&str>, allows: bool) -> bool {
        match &self.pattern {
            Pattern::Regex(regex) => {
                let regex = regex_automata::meta::Regex::new(&format!("^(?:{regex})$")).unwrap();
                regex.is_match(name) && self.tag.is_none_or(|wanted| tag_matches(wanted, tag, digest, allows))
            }
            Pattern::Glob(text) => braces(text).iter().any(|text| {
                let (pattern, wanted) = match text.rfind('/').or_else(|| text.starts_with("**").then_some(0)) {
                    Some(slash) => match text[slash..].find([':', '@']) {
                        Some(at) => (&text[..slash + at], Some(text[slash + at..].trim_start_matches(':'))),
                        None => (text.as_str(), None),
                    },
                    None => (text.as_str(), None),
                };
                let pattern: Vec<&str> = pattern.split('/').collect();
                let name: Vec<&str> = name.split('/').collect();
                components_match(&pattern, &name)
                    && wanted.or(self.tag).is_none_or(|wanted| tag_matches(wanted, tag, digest, allows))
            }),
        }
    }
}

fn list(entries: &[Entry]) -> String {
    let entries: Vec<String> = entries
        .iter()
        .map(|entry| {
            let mut yaml = match &entry.pattern {
                Pattern::Glob(text) => format!("{{image: {text:?}"),
                Pattern::Regex(text) => format!("{{regex: {text:?}"),
            };
            if let Some(tag) = entry.tag {
                yaml += &format!(", tag: {tag:?}");
            }
            if entry.always {
                yaml += ", always: true";
            }
            yaml + "}"
        })
        .collect();
    format!("[{}]", entries.join(", "))
}

fn braces(text: &str) -> Vec<String> {
    let Some((head, rest)) = text.split_once('{') else {
        return vec![text.to_owned()];
    };
    let (choices, tail) = rest.split_once('}').unwrap();
    choices.split(',').flat_map(|choice| braces(&format!("{head}{choice}{tail}"))).collect()
}

fn components_match(pattern: &[&str], name: &[&str]) -> bool {
    match (pattern, name) {
        ([], []) => true,
        (["**"], rest) => !rest.is_empty(),
        (["**", below @ ..], rest) => (0..=rest.len()).any(|skip| components_match(below, &rest[skip..])),
        ([first, below @ ..], [component, rest @ ..]) => {
            glob_matches(first, component) && components_match(below, rest)
        }
        _ => false,
    }
}

fn glob_matches(glob: &str, text: &str) -> bool {
    match glob.chars().next() {
        None => text.is_empty(),
        Some('*') => (0..=text.len()).any(|skip| glob_matches(&glob[1..], &text[skip..])),
        Some('?') => !text.is_empty() && glob_matches(&glob[1..], &text[1..]),
        Some(_) => text.starts_with(&glob[..1]) && glob_matches(&glob[1..], &text[1..]),
    }
}

fn tag_matches(wanted: &str, tag: Option<&str>, digest: Option<&str>, allows: bool) -> bool {
    let (wanted_tag, wanted_digest) = match wanted.split_once('@') {
        Some((tag, digest)) => (tag, Some(digest)),
        None => (wanted, None),
    };
    let tag_fits = wanted_tag.is_empty() || tag.is_some_and(|tag| glob_matches(wanted_tag, tag));
    let digest_fits = match wanted_digest {
        Some("*") => true,
        Some(wanted) => digest.is_some_and(|digest| glob_matches(wanted, digest)),
        None => !allows || digest.is_none(),
    };
    tag_fits && digest_fits
}

const DIGEST: &str = "sha256:e243d778bd83de47668e7629d78f673317a130fedc99941be12aad7fc6bdfa85";

fn glob() -> impl Strategy<Value = String> {
    let domain = select(vec![
        "nvcr.io",
        "quay.io",
        "docker.io",
        "*.io",
        "q*.io",
        "?vcr.io",
        "{nvcr,quay}.io",
        "harbor.test",
        "other.test",
        "localhost:5000",
        "*",
    ]);
    let component =
        select(vec!["a", "b", "ab", "a*", "*b", "?", "*", "**", "{a,b}", "{a*,c}", "library", "a-b", "*a*"]);
    let path = proptest::collection::vec(component, 1..4);
    let suffix = select(vec![
        "",
        "",
        "",
        ":v1",
        ":v*",
        ":latest",
        ":*",
        ":v1@*",
        "@sha256:*",
        ":v1@sha256:*",
        "@sha256:e2*",
        "@*",
    ]);
    prop_oneof![
        20 => (domain, path, suffix.clone()).prop_map(|(domain, path, suffix)| format!("{domain}/{}{suffix}", path.join("/"))),
        1 => (select(vec!["**", "**/a", "**/b/**", "**/*/a"]), suffix).prop_map(|(pattern, suffix)| format!("{pattern}{suffix}")),
    ]
    .prop_filter("can never match", |text| {
        let name = text.split(['@']).next().unwrap();
        let below = name.split_once('/').map_or("", |(_, below)| below);
        let single = !below.contains('/') && !below.starts_with("**");
        let proxied = braces(name).iter().any(|name| {
            let mut parts = name.split('/');
            matches!((parts.next(), parts.next(), parts.next()), (Some("harbor.test" | "other.test"), Some("a" | "b" | "ab"), Some(_)))
        });
        !(proxied || (single && name.starts_with("docker.io/")))
    })
}

fn entry(deny: bool) -> impl Strategy<Value = Entry> {
    let pattern = prop_oneof![
        10 => glob().prop_map(Pattern::Glob),
        1 => select(vec![r"quay\.io/(a|b)", r"(nvcr|quay)\.io/a.*", r"docker\.io/library/[ab]|nvcr\.io/b", "a|ab", r".*/a"]).prop_map(Pattern::Regex),
    ];
    (pattern, proptest::option::weighted(0.2, select(vec!["v*", "latest", "v1@*", "@sha256:*"])), any::<bool>())
        .prop_map(move |(pattern, tag, always)| {
            let tag = match &pattern {
                Pattern::Glob(text) if text.contains('@') || text.rsplit('/').next().unwrap().contains(':') => None,
                _ => tag,
            };
            Entry { pattern, tag, always: always && deny }
        })
}

fn entries(deny: bool) -> impl Strategy<Value = Vec<Entry>> {
    proptest::collection::vec(entry(deny), 0..5)
}

fn namespace() -> impl Strategy<Value = Namespace> {
    let matches = proptest::collection::vec(select(vec!["one", "two", "t*", "*o*", "?wo", "*"]), 1..3);
    let change =
        prop_oneof![Just(Change::Same), entries(false).prop_map(Change::Added), entries(false).prop_map(Change::Only),];
    (
        matches,
        proptest::option::of(select(vec!["deny", "warn", "audit"])),
        proptest::option::of(any::<bool>()),
        change,
        entries(true),
    )
        .prop_map(|(matches, enforcement, rewrite, allow, deny)| Namespace {
            matches,
            enforcement,
            rewrite,
            allow,
            deny,
        })
}

fn file() -> impl Strategy<Value = File> {
    let proxies = proptest::sample::subsequence(
        vec![
            ("nvcr.io", "a"),
            ("quay.io/a", "b"),
            ("quay.io/a/b", "b"),
            ("docker.io", "ab"),
            ("localhost:5000", "local"),
        ],
        0..5,
    );
    let harbor = select(vec![vec!["harbor.test"], vec!["harbor.test", "other.test"]]);
    let allow = proptest::option::weighted(0.8, entries(false));
    let namespaces = proptest::collection::vec(namespace(), 0..3);
    (harbor, proxies, allow, entries(true), select(vec!["deny", "warn", "audit"]), namespaces).prop_map(
        |(harbor, proxies, allow, deny, enforcement, namespaces)| File {
            harbor,
            proxies,
            allow,
            deny,
            enforcement,
            namespaces,
        },
    )
}

fn image() -> impl Strategy<Value = String> {
    let domain = select(vec![
        "",
        "nvcr.io/",
        "NVCR.io:0443/",
        "quay.io/",
        "docker.io/",
        "index.docker.io/",
        "harbor.test/",
        "Harbor.test:443/",
        "other.test/",
        "localhost:5000/",
        "gcr.io/",
        "nvcr.io:0/",
    ]);
    let component = select(vec!["a", "b", "ab", "c", "a-b", "library", "abc", "ba", "local"]);
    let path = proptest::collection::vec(component, 1..5);
    let path = path.prop_map(|path| path.join("/"));
    // So long that it is too long behind a project's name.
    let long = (245_usize..=255).prop_map(|length| format!("a/{}", "b".repeat(length - 2)));
    let path = prop_oneof![30 => path, 1 => long];
    let tag = select(vec!["", "", ":v1", ":v2", ":latest", ":1"]);
    let digest = prop_oneof![3 => Just(String::new()), 1 => Just(format!("@{DIGEST}"))];
    prop_oneof![
        30 => (domain, path, tag, digest).prop_map(|(domain, path, tag, digest)| format!("{domain}{path}{tag}{digest}")),
        1 => select(vec!["sha256:abc", "UPPER/Case", "a:b:c", "", "nvcr.io/a b"]).prop_map(str::to_owned),
    ]
}

fn actual(policy: &Policy, image: &str, namespace: &str) -> Answer {
    let decision = policy.scope(namespace).decide(image);
    Answer {
        origin: decision.parsed.as_ref().map_or_else(|_| String::new(), |parsed| parsed.origin.to_string()),
        allowed: decision.is_allowed(),
        denied: matches!(decision.ruling, Ruling::NotAllowed(NotAllowed::Denied(_))),
        always: decision.force() == Force::Always,
        outcome: decision.outcome().as_str(),
        result: decision.result.clone().into_owned(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn both_decide_alike(file in file(), images in proptest::collection::vec(image(), 1..20), namespace in select(vec!["one", "two", "three", "x"])) {
        let yaml = file.to_yaml();
        let reading = Policy::read("policies.yaml", yaml.as_bytes());
        let rendered = reading.render(harbor_pilot::policy::diagnostic::Style::Plain);
        let policy = reading.policy.ok_or_else(|| TestCaseError::fail(format!("{yaml}\n{rendered}")))?;
        for image in images {
            prop_assert_eq!(actual(&policy, &image, namespace), file.decide(&image, namespace), "{} in {}\n{}", image, namespace, yaml);
        }
    }

    /// What is rewritten stays as it is, and stands for the same origin.
    #[test]
    fn rewriting_is_idempotent(file in file(), image in image()) {
        let reading = Policy::read("policies.yaml", file.to_yaml().as_bytes());
        let policy = reading.policy.ok_or_else(|| TestCaseError::reject("broken"))?;
        let scope = policy.scope("x");
        let first = scope.decide(&image);
        let second = scope.decide(&first.result);
        prop_assert_eq!(&second.result, &first.result);
        // An image ID is one no more when it has been written out.
        if !matches!(first.ruling, Ruling::NotAllowed(NotAllowed::Never(_))) {
            prop_assert_eq!(second.is_allowed(), first.is_allowed());
        }
        if let (Ok(first), Ok(second)) = (&first.parsed, &second.parsed) {
            prop_assert_eq!(first.origin.to_string(), second.origin.to_string());
        }
    }
}
