//! The fuzz targets' laws on stable Rust: seeds, and some seconds of mutations of them.
//!
//! `HARBOR_PILOT_TEST_SECONDS` sets how long each runs (3 where it is not set). A failure prints
//! the seed of the run and the input. Guided by coverage, the same laws run by `fuzz/run`.

use std::{
    fs,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    path::Path,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use harbor_pilot::{manifest::Manifest, policy::Policy};

#[path = "../../fuzz/laws/manifest.rs"]
mod manifest;
#[path = "../../fuzz/laws/policy.rs"]
mod policy;
#[path = "../../fuzz/laws/reference.rs"]
mod reference;
#[path = "../../fuzz/laws/review.rs"]
mod review;
#[path = "../../fuzz/laws/yaml.rs"]
mod yaml;

#[test]
fn references_keep_their_laws() {
    let names = [
        "nginx",
        "docker.io/library/nginx:1.27",
        "[2001:db8::1]:5000/a/b",
        "nvcr.io/nvidia/driver@sha256:e243d778bd83de47668e7629d78f673317a130fedc99941be12aad7fc6bdfa85",
        "Foo/bar:tag",
        "DOCKER.IO:0443/nginx",
    ];
    run(reference::law, names.iter().map(|name| name.as_bytes().to_vec()).collect());
}

#[test]
fn yaml_keeps_its_laws() {
    let mut seeds = files("tests/fixtures/policies", "yaml");
    seeds.extend(suite().into_iter().map(|case| case.yaml.into_bytes()));
    run(yaml::law, seeds);
}

#[test]
fn policies_keep_their_laws() {
    run(policy::law, files("tests/fixtures/policies", "yaml"));
}

#[test]
fn reviews_keep_their_laws() {
    run(review::law, files("tests/fixtures/reviews", "json"));
}

#[test]
fn manifests_keep_their_laws() {
    let mut seeds = files("tests/fixtures/manifests", "yaml");
    seeds.extend(files("tests/fixtures/manifests", "json"));
    run(manifest::law, seeds);
}

/// Strange YAML around an image neither hinders that the image is changed, nor is touched.
#[test]
fn the_yaml_test_suite_stays_as_it_is_around_an_image() {
    let policy = Policy::read("policies.yaml", harbor_pilot::policy::DEFAULT.as_bytes()).policy.expect("whole");
    let mut rewritten = 0;
    let mut unread = Vec::new();
    for case in suite() {
        for (form, text) in among_pods(&case.yaml).into_iter().enumerate() {
            let Ok(manifest) = Manifest::parse(text.as_bytes()) else {
                // Behind other text, or with an indentation, some cases are no YAML any more.
                if form == 0 && !case.fails {
                    unread.push(case.id.clone());
                }
                continue;
            };
            let expected = text.replace("image: nginx", "image: harbor.potus.local/dockerhub/library/nginx");
            let result = manifest.judge(&policy, "default").rewrite();
            assert_eq!(result.as_deref(), Ok(&*expected), "{}: {text}", case.id);
            manifest::law(text.as_bytes());
            rewritten += 1;
        }
    }
    assert!(rewritten > 700, "{rewritten}");
    assert_eq!(unread, Vec::<String>::new(), "what the suite takes for YAML is read");
}

/// A text as a document behind a Pod's, in front of it, and inside of it.
fn among_pods(yaml: &str) -> [String; 3] {
    const POD: &str = "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - image: nginx\n";
    let inside: Vec<String> = yaml.split_inclusive('\n').map(|line| format!("      {line}")).collect();
    let inside = inside.concat();
    [format!("{POD}...\n{yaml}"), format!("{yaml}\n...\n---\n{POD}"), format!("{POD}    x:\n{inside}")]
}

/// A case of the YAML test suite.
#[derive(serde::Deserialize)]
struct Case {
    id: String,
    /// Whether a reader must refuse it.
    fails: bool,
    yaml: String,
}

fn suite() -> Vec<Case> {
    serde_json::from_str(include_str!("../fixtures/yaml-test-suite/cases.json")).expect("JSON")
}

fn run(law: fn(&[u8]), seeds: Vec<Vec<u8>>) {
    assert!(!seeds.is_empty());
    for seed in &seeds {
        law(seed);
    }
    let seconds =
        std::env::var("HARBOR_PILOT_TEST_SECONDS").map_or(3, |seconds| seconds.parse().expect("a number of seconds"));
    let end = Instant::now() + Duration::from_secs(seconds);
    let start = SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock").as_nanos();
    let mut random = Random(u64::try_from(start & u128::from(u64::MAX)).expect("64 bits") | 1);
    while Instant::now() < end {
        let before = random.0;
        let input = mutated(&seeds, &mut random);
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| law(&input))) {
            eprintln!("seed {before}, input: {:?}", String::from_utf8_lossy(&input));
            resume_unwind(panic);
        }
    }
}

/// A seed with some bytes changed, cut, doubled, or replaced by what the formats are made of.
fn mutated(seeds: &[Vec<u8>], random: &mut Random) -> Vec<u8> {
    const TOKENS: &[&str] = &[
        "\"",
        "\\u0069",
        "\\",
        "{",
        "}",
        "[",
        "]",
        ":",
        ",",
        "null",
        "true",
        "-1e9",
        "\n",
        "\r\n",
        "\t",
        " ",
        "- ",
        "  ",
        "#",
        "&a",
        "*a",
        "!!str ",
        "|",
        ">",
        "'",
        "**",
        "*",
        "?",
        "/",
        "@sha256:",
        ":latest",
        "{a,b}",
        "image",
        "containers",
        "spec",
        "\u{0}",
        "\u{1b}",
        "\u{202e}",
        "é",
        "\u{feff}",
    ];
    let mut input = seeds[random.below(seeds.len())].clone();
    for _ in 0..=random.below(4) {
        let at = random.below(input.len() + 1);
        let until = (at + random.below(12)).min(input.len());
        match random.below(5) {
            0 if at < input.len() => input[at] = u8::try_from(random.below(256)).expect("a byte"),
            1 => drop(input.drain(at..until)),
            2 => drop(input.splice(at..until, TOKENS[random.below(TOKENS.len())].bytes())),
            3 => drop(input.splice(at..at, TOKENS[random.below(TOKENS.len())].bytes())),
            _ => {
                let copy = input[at..until].to_vec();
                let to = random.below(input.len() + 1);
                drop(input.splice(to..to, copy));
            }
        }
    }
    input
}

fn files(folder: &str, extension: &str) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("the fixtures are there") {
            let path = entry.expect("a readable folder").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|found| found == extension) {
                found.push(fs::read(&path).expect("a readable fixture"));
            }
        }
    }
    found
}

/// xorshift64: enough to choose by.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % limit.max(1) as u64).expect("below a usize")
    }
}
