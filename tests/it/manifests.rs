//! `rewrite` and `check` as a person, a CI job and Helm run them.

use std::{
    fs,
    os::unix::{
        fs::{PermissionsExt as _, symlink},
        net::UnixListener,
    },
    path::Path,
};

use insta::assert_snapshot;
use serde_json::Value;
use tempfile::TempDir;

use crate::cli::{POLICY, run, run_in};

const MANIFEST: &str = "\
# Two objects, and a document that is none.
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers:
        - name: main
          image: \"nginx:1.27\" # pinned
          env: [{name: SIDE_IMAGE, value: nvcr.io/nvidia/cuda:12}]
        - {name: side, image: quay.io/a/b:1}
---
apiVersion: v1
kind: Pod
metadata: {name: job, namespace: lab}
spec: {containers: [{name: main, image: gcr.io/x/y}]}
---
replicas: 3
";

/// A folder with a policy and these files.
fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in [("policies.yaml", POLICY)].iter().chain(files) {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("made");
        fs::write(path, text).expect("written");
    }
    folder
}

fn read(folder: &TempDir, name: &str) -> String {
    fs::read_to_string(folder.path().join(name)).expect("readable")
}

fn check(folder: &Path, format: &str, input: &[u8]) -> String {
    let printed = run_in(folder, &["check", "-o", format, "-"], input);
    let data = printed.split_once("--- stdout\n").expect("data").1;
    data.split_once("\n--- stderr").expect("talk").0.to_owned()
}

#[test]
fn rewrite_changes_images_and_says_what_is_not_allowed() {
    assert_snapshot!(run(POLICY, &["rewrite", "-"], MANIFEST.as_bytes()), @r#"
    exit code 1
    --- stdout
    # Two objects, and a document that is none.
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: web}
    spec:
      template:
        spec:
          containers:
            - name: main
              image: "harbor.potus.local/dockerhub/library/nginx:1.27" # pinned
              env: [{name: SIDE_IMAGE, value: nvcr.io/nvidia/cuda:12}]
            - {name: side, image: quay.io/a/b:1}
    ---
    apiVersion: v1
    kind: Pod
    metadata: {name: job, namespace: lab}
    spec: {containers: [{name: main, image: gcr.io/x/y}]}
    ---
    replicas: 3
    --- stderr
    <stdin>:11:43: note: environment variable `SIDE_IMAGE` is not changed: "nvcr.io/nvidia/cuda:12" would be "harbor.potus.local/nvidiaio/nvidia/cuda:12" through Harbor
    <stdin>:12:31: denied: Deployment "web", container "side": image "quay.io/a/b:1" is not allowed: nothing in the policy allows it; allowed are nvcr.io/nvidia/**, docker.io/library/*
    <stdin>:17:41: warning: Pod "job", container "main": image "gcr.io/x/y" is not allowed: `**:latest` in `deny` forbids it: pin a version
    passed over: 1 document without apiVersion and kind
    "#);
    assert_snapshot!(run(POLICY, &["rewrite", "--no-check", "--diff", "-"], MANIFEST.as_bytes()), @r#"
    exit code 0
    --- stdout
    --- a/<stdin>
    +++ b/<stdin>
    @@ -7,7 +7,7 @@
         spec:
           containers:
             - name: main
    -          image: "nginx:1.27" # pinned
    +          image: "harbor.potus.local/dockerhub/library/nginx:1.27" # pinned
               env: [{name: SIDE_IMAGE, value: nvcr.io/nvidia/cuda:12}]
             - {name: side, image: quay.io/a/b:1}
     ---
    --- stderr
    passed over: 1 document without apiVersion and kind
    "#);
}

/// A post-renderer gets no argument, and must not print half a manifest.
#[test]
fn rewrite_reads_standard_input_where_nothing_is_named() {
    let manifest = "apiVersion: v1\nkind: Pod\nspec: {containers: [{image: nginx:1}]}\n";
    assert_snapshot!(run(POLICY, &["rewrite"], manifest.as_bytes()), @"
    exit code 0
    --- stdout
    apiVersion: v1
    kind: Pod
    spec: {containers: [{image: harbor.potus.local/dockerhub/library/nginx:1}]}
    ");
    let broken = format!("{manifest}---\n{}", manifest.replace("nginx:1", "{{ .Values.image }}"));
    assert_snapshot!(run(POLICY, &["rewrite"], broken.as_bytes()), @"
    exit code 2
    --- stderr
    <stdin>:7:29: error: expected a manifest, but found a Helm template; render it first: `helm template … | harbor-pilot rewrite -`
    ");
    assert_snapshot!(run(POLICY, &["rewrite"], b"a: [\n"), @"
    exit code 2
    --- stderr
    <stdin>:1:4: error: expected `]` for the `[` that opens here, but found the end of the document; close it, or put a text that begins with `[` in quotes
    ");
    assert_snapshot!(run("kind: x", &["rewrite"], manifest.as_bytes()).replace('│', "|"), @"
    exit code 2
    --- stderr
    error: missing key `apiVersion` at the top of the file
     --> policies.yaml:1:1
      |
    1 | kind: x
      | ^^^^
      |
      = help: add `apiVersion: harbor-pilot.io/v1`

    error: missing key `harbor` at the top of the file
     --> policies.yaml:1:1
      |
    1 | kind: x
      | ^^^^
      |
      = help: add `harbor: …`

    error: expected `Policy`, but found the string `x`
     --> policies.yaml:1:7
      |
    1 | kind: x
      |       ^
      |
      = help: write `Policy`

    3 errors in policies.yaml
    ");
}

#[test]
fn the_namespace_of_an_object_is_its_own_or_the_one_named() {
    let pod = |metadata: &str| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: p{metadata}}}\nspec: {{containers: [{{name: a, image: quay.io/a/b}}]}}\n"
        )
    };
    for (arguments, metadata, code) in [
        (&["check", "-"][..], "", 1),
        (&["check", "-n", "lab", "-"], "", 0),
        (&["check", "-n", "lab", "-"], ", namespace: other", 1),
        (&["check", "-n", "kube-system", "-"], "", 0),
        (&["check", "-"], ", namespace: lab", 0),
        (&["rewrite", "-"], "", 1),
        (&["rewrite", "-n", "lab", "-"], "", 0),
        (&["rewrite", "-n", "kube-system", "-"], "", 0),
        (&["rewrite", "--no-check", "-"], "", 0),
    ] {
        let printed = run(POLICY, arguments, pod(metadata).as_bytes());
        assert!(printed.starts_with(&format!("exit code {code}\n")), "{arguments:?} {metadata}: {printed}");
        assert_eq!(printed.contains("is not allowed"), !arguments.contains(&"--no-check"), "{printed}");
    }
}

#[test]
fn check_finds_what_would_be_denied_and_where() {
    let folder = folder(&[
        ("a.yaml", MANIFEST),
        ("b.yaml", "a: [\n"),
        ("c.json", "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"spec\":{\"containers\":[{\"image\":1}]}}"),
    ]);
    assert_snapshot!(run_in(folder.path(), &["check", "a.yaml"], b""), @r#"
    exit code 1
    --- stdout
    a.yaml:11:43: note: environment variable `SIDE_IMAGE` is not changed: "nvcr.io/nvidia/cuda:12" would be "harbor.potus.local/nvidiaio/nvidia/cuda:12" through Harbor
    a.yaml:12:31: denied: Deployment "web", container "side": image "quay.io/a/b:1" is not allowed: nothing in the policy allows it; allowed are nvcr.io/nvidia/**, docker.io/library/*
    a.yaml:17:41: warning: Pod "job", container "main": image "gcr.io/x/y" is not allowed: `**:latest` in `deny` forbids it: pin a version
    --- stderr
    passed over: 1 document without apiVersion and kind
    1 file, 2 objects, 3 images: 1 denied, 1 warned of, 1 noted
    "#);
    assert_snapshot!(run_in(folder.path(), &["check", "."], b""), @r#"
    exit code 2
    --- stdout
    a.yaml:11:43: note: environment variable `SIDE_IMAGE` is not changed: "nvcr.io/nvidia/cuda:12" would be "harbor.potus.local/nvidiaio/nvidia/cuda:12" through Harbor
    a.yaml:12:31: denied: Deployment "web", container "side": image "quay.io/a/b:1" is not allowed: nothing in the policy allows it; allowed are nvcr.io/nvidia/**, docker.io/library/*
    a.yaml:17:41: warning: Pod "job", container "main": image "gcr.io/x/y" is not allowed: `**:latest` in `deny` forbids it: pin a version
    b.yaml:1:4: error: expected `]` for the `[` that opens here, but found the end of the document; close it, or put a text that begins with `[` in quotes
    c.json:1:64: error: expected an image name, but found a value that is no string; put it in quotes
    --- stderr
    passed over: 1 document without apiVersion and kind, 1 policy of harbor-pilot
    4 files, 3 objects, 3 images: 2 errors, 1 denied, 1 warned of, 1 noted
    "#);
    assert_snapshot!(run_in(folder.path(), &["check", "missing.yaml", "policies.yaml"], b""), @"
    exit code 2
    --- stderr
    error: could not read `missing.yaml`: No such file or directory (os error 2)
    passed over: 1 policy of harbor-pilot
    1 file: no findings
    ");
    assert_snapshot!(run_in(folder.path(), &["check"], b""), @"
    exit code 2
    --- stderr
    error: the following required arguments were not provided:
      <FILE|DIR>...

    Usage: harbor-pilot check <FILE|DIR>...

    For more information, try '--help'.
    ");
}

#[test]
fn check_prints_what_machines_read() {
    let folder = folder(&[]);
    assert_snapshot!(check(folder.path(), "json", MANIFEST.as_bytes()), @r#"
    {"file":"<stdin>","line":10,"column":18,"level":"allowed","message":"Deployment \"web\", `docker.io/library/*` in `allow` allows it: official images","object":{"apiVersion":"apps/v1","kind":"Deployment","namespace":"","name":"web"},"image":{"list":"containers","entry":"main","image":"nginx:1.27","rewritten":"harbor.potus.local/dockerhub/library/nginx:1.27"}}
    {"file":"<stdin>","line":11,"column":43,"level":"note","message":"environment variable `SIDE_IMAGE` is not changed: \"nvcr.io/nvidia/cuda:12\" would be \"harbor.potus.local/nvidiaio/nvidia/cuda:12\" through Harbor","object":{"apiVersion":"apps/v1","kind":"Deployment","namespace":"","name":"web"},"image":{"list":"","entry":"","image":"nvcr.io/nvidia/cuda:12","rewritten":"harbor.potus.local/nvidiaio/nvidia/cuda:12"}}
    {"file":"<stdin>","line":12,"column":31,"level":"denied","message":"Deployment \"web\", container \"side\": image \"quay.io/a/b:1\" is not allowed: nothing in the policy allows it; allowed are nvcr.io/nvidia/**, docker.io/library/*","object":{"apiVersion":"apps/v1","kind":"Deployment","namespace":"","name":"web"},"image":{"list":"containers","entry":"side","image":"quay.io/a/b:1","rewritten":"quay.io/a/b:1"}}
    {"file":"<stdin>","line":17,"column":41,"level":"warning","message":"Pod \"job\", container \"main\": image \"gcr.io/x/y\" is not allowed: `**:latest` in `deny` forbids it: pin a version","object":{"apiVersion":"v1","kind":"Pod","namespace":"lab","name":"job"},"image":{"list":"containers","entry":"main","image":"gcr.io/x/y","rewritten":"gcr.io/x/y"}}
    "#);
    assert_snapshot!(check(folder.path(), "github", MANIFEST.as_bytes()), @r#"
    ::notice file=<stdin>,line=11,col=43,title=harbor-pilot::environment variable `SIDE_IMAGE` is not changed: "nvcr.io/nvidia/cuda:12" would be "harbor.potus.local/nvidiaio/nvidia/cuda:12" through Harbor
    ::error file=<stdin>,line=12,col=31,title=harbor-pilot::Deployment "web", container "side": image "quay.io/a/b:1" is not allowed: nothing in the policy allows it; allowed are nvcr.io/nvidia/**, docker.io/library/*
    ::warning file=<stdin>,line=17,col=41,title=harbor-pilot::Pod "job", container "main": image "gcr.io/x/y" is not allowed: `**:latest` in `deny` forbids it: pin a version
    "#);
    assert_snapshot!(check(folder.path(), "junit", MANIFEST.as_bytes()), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <testsuites name="harbor-pilot">
      <testsuite name="&lt;stdin&gt;" tests="4" failures="1" errors="0" skipped="1">
        <testcase classname="Deployment/web" name="nginx:1.27 (10:18)"/>
        <testcase classname="Deployment/web" name="nvcr.io/nvidia/cuda:12 (11:43)">
          <skipped message="environment variable `SIDE_IMAGE` is not changed: &quot;nvcr.io/nvidia/cuda:12&quot; would be &quot;harbor.potus.local/nvidiaio/nvidia/cuda:12&quot; through Harbor"/>
        </testcase>
        <testcase classname="Deployment/web" name="quay.io/a/b:1 (12:31)">
          <failure message="Deployment &quot;web&quot;, container &quot;side&quot;: image &quot;quay.io/a/b:1&quot; is not allowed: nothing in the policy allows it; allowed are nvcr.io/nvidia/**, docker.io/library/*">&lt;stdin&gt;:12:31</failure>
        </testcase>
        <testcase classname="Pod/job" name="gcr.io/x/y (17:41)">
          <system-out>&lt;stdin&gt;:17:41: Pod &quot;job&quot;, container &quot;main&quot;: image &quot;gcr.io/x/y&quot; is not allowed: `**:latest` in `deny` forbids it: pin a version</system-out>
        </testcase>
      </testsuite>
    </testsuites>
    "#);
    assert_snapshot!(check(folder.path(), "sarif", MANIFEST.as_bytes()), @r#"
    {
      "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
      "version": "2.1.0",
      "runs": [
        {
          "tool": {
            "driver": {
              "name": "harbor-pilot",
              "version": "0.1.0",
              "fullName": "Kubernetes admission webhook that sends every image through Harbor's proxy-cache projects",
              "rules": [
                {
                  "id": "image-not-allowed",
                  "shortDescription": {
                    "text": "The policy does not allow the image."
                  }
                },
                {
                  "id": "image-not-judged",
                  "shortDescription": {
                    "text": "A text looks like an image, and is neither judged nor changed."
                  }
                },
                {
                  "id": "manifest-not-judged",
                  "shortDescription": {
                    "text": "The manifest could not be judged."
                  }
                }
              ]
            }
          },
          "columnKind": "unicodeCodePoints",
          "results": [
            {
              "ruleId": "image-not-judged",
              "ruleIndex": 1,
              "level": "note",
              "message": {
                "text": "environment variable `SIDE_IMAGE` is not changed: \"nvcr.io/nvidia/cuda:12\" would be \"harbor.potus.local/nvidiaio/nvidia/cuda:12\" through Harbor"
              },
              "locations": [
                {
                  "physicalLocation": {
                    "artifactLocation": {
                      "uri": "%3Cstdin%3E"
                    },
                    "region": {
                      "startLine": 11,
                      "startColumn": 43
                    }
                  }
                }
              ]
            },
            {
              "ruleId": "image-not-allowed",
              "ruleIndex": 0,
              "level": "error",
              "message": {
                "text": "Deployment \"web\", container \"side\": image \"quay.io/a/b:1\" is not allowed: nothing in the policy allows it; allowed are nvcr.io/nvidia/**, docker.io/library/*"
              },
              "locations": [
                {
                  "physicalLocation": {
                    "artifactLocation": {
                      "uri": "%3Cstdin%3E"
                    },
                    "region": {
                      "startLine": 12,
                      "startColumn": 31
                    }
                  }
                }
              ]
            },
            {
              "ruleId": "image-not-allowed",
              "ruleIndex": 0,
              "level": "warning",
              "message": {
                "text": "Pod \"job\", container \"main\": image \"gcr.io/x/y\" is not allowed: `**:latest` in `deny` forbids it: pin a version"
              },
              "locations": [
                {
                  "physicalLocation": {
                    "artifactLocation": {
                      "uri": "%3Cstdin%3E"
                    },
                    "region": {
                      "startLine": 17,
                      "startColumn": 41
                    }
                  }
                }
              ]
            }
          ]
        }
      ]
    }
    "#);
}

#[test]
fn sarif_is_valid_by_its_schema() {
    let mut schema: Value =
        serde_json::from_str(include_str!("../fixtures/sarif/sarif-schema-2.1.0.json")).expect("JSON");
    // Its pattern of languages has a bracket too many, which stricter engines refuse. No log of ours has the key.
    for place in ["run", "toolComponent"] {
        schema["definitions"][place]["properties"]["language"].as_object_mut().expect("an object").remove("pattern");
    }
    let schema = jsonschema::validator_for(&schema).expect("a schema");
    let folder = folder(&[("a b/ü%.yaml", MANIFEST), ("broken.yaml", "a: [\n"), ("fine.yaml", "a: b\n")]);
    for arguments in [&["check", "-o", "sarif", "."][..], &["check", "-o", "sarif", "fine.yaml"]] {
        let printed = run_in(folder.path(), arguments, b"");
        let data = printed.split_once("--- stdout\n").expect("data").1.split_once("\n--- stderr").expect("talk").0;
        let log: Value = serde_json::from_str(data).expect("JSON");
        let errors: Vec<String> = schema.iter_errors(&log).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{errors:?}\n{data}");
    }
    assert!(!schema.is_valid(&serde_json::json!({"version": "2.1.0"})), "the schema refuses what has no runs");
}

/// What a hostile manifest says can't end a line, a command or an attribute.
#[test]
fn what_a_manifest_says_stays_where_it_belongs() {
    let folder = folder(&[]);
    let manifest = "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"\\\"/><x>\\n::error::y\\u001b[31m\"},\"spec\":{\"containers\":[\
                    {\"name\":\"a%0A,:\\r\\n\",\"image\":\"]]>&'\\u202e<\"}]}}";
    for format in ["text", "json", "github", "junit", "sarif"] {
        let data = check(folder.path(), format, manifest.as_bytes());
        assert!(!data.contains('\u{1b}') && !data.contains('\r'), "{data:?}");
        assert!(format == "json" || !data.contains('\u{202e}'), "{data:?}");
    }
    assert_snapshot!(check(folder.path(), "github", manifest.as_bytes()), @r#"
    ::error file=<stdin>,line=1,col=136,title=harbor-pilot::Pod ""/><x>\u{a}::error::y\u{1b}[31m", container "a%250A,:\u{d}\u{a}": image "]]>&'\u{202e}<" is not allowed: not an image name: expected a lower-case letter or a digit to begin a component of the path, but found `]` at byte 0
    "#);
    assert_snapshot!(check(folder.path(), "junit", manifest.as_bytes()), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <testsuites name="harbor-pilot">
      <testsuite name="&lt;stdin&gt;" tests="1" failures="1" errors="0" skipped="0">
        <testcase classname="Pod/&quot;/&gt;&lt;x&gt;\u{a}::error::y\u{1b}[31m" name="]]&gt;&amp;'\u{202e}&lt; (1:136)">
          <failure message="Pod &quot;&quot;/&gt;&lt;x&gt;\u{a}::error::y\u{1b}[31m&quot;, container &quot;a%0A,:\u{d}\u{a}&quot;: image &quot;]]&gt;&amp;'\u{202e}&lt;&quot; is not allowed: not an image name: expected a lower-case letter or a digit to begin a component of the path, but found `]` at byte 0">&lt;stdin&gt;:1:136</failure>
        </testcase>
      </testsuite>
    </testsuites>
    "#);
}

#[test]
fn several_inputs_are_written_or_compared() {
    let folder = folder(&[("a.yaml", MANIFEST), ("b.yaml", MANIFEST)]);
    for (arguments, code) in [
        (&["rewrite", "a.yaml", "b.yaml"][..], 2),
        (&["rewrite", "."], 2),
        (&["rewrite", "-w", "-"], 2),
        (&["rewrite", "-p", "-"], 2),
        (&["check", "-p", "-", "-"], 2),
        (&["rewrite", "a.yaml"], 1),
        (&["rewrite", "--diff", "a.yaml", "b.yaml"], 1),
        (&["rewrite", "--diff", "--no-check", "."], 0),
    ] {
        let printed = run_in(folder.path(), arguments, MANIFEST.as_bytes());
        assert!(printed.starts_with(&format!("exit code {code}\n")), "{arguments:?}: {printed}");
        assert_eq!(read(&folder, "a.yaml"), MANIFEST, "nothing was written");
    }
    assert_snapshot!(run_in(folder.path(), &["rewrite", "."], b""), @"
    exit code 2
    --- stderr
    error: more than one manifest can't be printed as one

    hint: change the files with `--write`, or see what would change with `--diff`
    ");
    assert_snapshot!(run_in(folder.path(), &["rewrite", "-w", "-"], b""), @"
    exit code 2
    --- stderr
    error: `--write` needs files, and `-` is none
    ");
}

/// By a folder's name and its own, by a link in the folder, or by `-`: a text comes once.
#[test]
fn what_is_named_twice_is_read_once() {
    let folder = folder(&[("d/a.yaml", MANIFEST)]);
    let _listener = UnixListener::bind(folder.path().join("d/socket")).expect("bound");
    symlink("a.yaml", folder.path().join("d/b.yaml")).expect("linked");
    symlink("socket", folder.path().join("d/c.yaml")).expect("linked");
    for arguments in [&["check", "d"][..], &["check", "d/a.yaml", "d", "./d/b.yaml"], &["check", "-", "-"]] {
        let printed = run_in(folder.path(), arguments, MANIFEST.as_bytes());
        assert!(printed.starts_with("exit code 1\n"), "{arguments:?}: {printed}");
        assert!(printed.ends_with("1 file, 2 objects, 3 images: 1 denied, 1 warned of, 1 noted\n"), "{printed}");
    }
}

/// A job that looks at the wrong folder must not pass.
#[test]
fn a_folder_without_manifests_is_no_input() {
    let folder = folder(&[("d/readme.md", ""), ("d/.hidden/a.yaml", MANIFEST)]);
    for arguments in [&["check", "d"][..], &["rewrite", "-w", "d"], &["rewrite", "--diff", "d"]] {
        let printed = run_in(folder.path(), arguments, b"");
        let expected = "exit code 2\n--- stderr\nerror: `d` holds no *.yaml, *.yml or *.json\n";
        assert!(printed.starts_with(expected), "{arguments:?}: {printed}");
    }
}

/// To `patch`, lines end at line feeds alone; an image over two lines becomes one.
#[test]
fn a_diff_is_one_that_patch_takes() {
    let folder = folder(&[
        ("cr.yaml", "apiVersion: v1\rkind: Pod\r\nspec: {containers: [{image: nginx:1}]}\r# é\u{2028}\n#"),
        ("two lines.yaml", "apiVersion: v1\nkind: Pod\nspec: {containers: [{image: \"ngi\\\nnx:1\"}]}\n"),
    ]);
    let diff = |name| {
        let printed = run_in(folder.path(), &["rewrite", "--diff", "--no-check", name], b"");
        printed.strip_prefix("exit code 0\n--- stdout\n").expect("data").to_owned()
    };
    assert_eq!(
        diff("cr.yaml"),
        "--- a/cr.yaml\n+++ b/cr.yaml\n@@ -1,3 +1,3 @@\n apiVersion: v1\rkind: Pod\r\n\
         -spec: {containers: [{image: nginx:1}]}\r# é\u{2028}\n\
         +spec: {containers: [{image: harbor.potus.local/dockerhub/library/nginx:1}]}\r# é\u{2028}\n \
         #\n\\ No newline at end of file\n"
    );
    assert_eq!(
        diff("two lines.yaml"),
        "--- a/two lines.yaml\t\n+++ b/two lines.yaml\t\n@@ -1,4 +1,3 @@\n apiVersion: v1\n kind: Pod\n\
         -spec: {containers: [{image: \"ngi\\\n-nx:1\"}]}\n\
         +spec: {containers: [{image: \"harbor.potus.local/dockerhub/library/nginx:1\"}]}\n"
    );
}

#[test]
fn rewrite_writes_files_whole_and_keeps_what_they_are() {
    let outside = folder(&[("outside.yaml", MANIFEST)]);
    let folder = folder(&[
        ("a.yaml", MANIFEST),
        ("sub/b.yml", MANIFEST),
        ("sub/broken.yaml", "a: [\n"),
        (".hidden/c.yaml", MANIFEST),
        ("d.txt", MANIFEST),
        ("chart/template.yaml", "{{- if .Values.on }}\na: b\n{{- end }}\n"),
    ]);
    let at = |name: &str| folder.path().join(name);
    fs::set_permissions(at("a.yaml"), fs::Permissions::from_mode(0o640)).expect("set");
    symlink(outside.path().join("outside.yaml"), at("out.yaml")).expect("linked");
    symlink(outside.path(), at("folder.yaml")).expect("linked");
    symlink(at("sub/b.yml"), at("in.yaml")).expect("linked");
    symlink(at("nowhere"), at("sub/dangling.yaml")).expect("linked");
    assert_snapshot!(run_in(folder.path(), &["rewrite", "-w", "."], b""), @r#"
    exit code 2
    --- stderr
    out.yaml: a link that leads out of the folder; left out
    error: could not read `sub/dangling.yaml`: No such file or directory (os error 2)
    a.yaml:11:43: note: environment variable `SIDE_IMAGE` is not changed: "nvcr.io/nvidia/cuda:12" would be "harbor.potus.local/nvidiaio/nvidia/cuda:12" through Harbor
    a.yaml:12:31: denied: Deployment "web", container "side": image "quay.io/a/b:1" is not allowed: nothing in the policy allows it; allowed are nvcr.io/nvidia/**, docker.io/library/*
    a.yaml:17:41: warning: Pod "job", container "main": image "gcr.io/x/y" is not allowed: `**:latest` in `deny` forbids it: pin a version
    chart/template.yaml:1:1: error: expected a manifest, but found a Helm template; render it first: `helm template … | harbor-pilot rewrite -`
    in.yaml:11:43: note: environment variable `SIDE_IMAGE` is not changed: "nvcr.io/nvidia/cuda:12" would be "harbor.potus.local/nvidiaio/nvidia/cuda:12" through Harbor
    in.yaml:12:31: denied: Deployment "web", container "side": image "quay.io/a/b:1" is not allowed: nothing in the policy allows it; allowed are nvcr.io/nvidia/**, docker.io/library/*
    in.yaml:17:41: warning: Pod "job", container "main": image "gcr.io/x/y" is not allowed: `**:latest` in `deny` forbids it: pin a version
    sub/broken.yaml:1:4: error: expected `]` for the `[` that opens here, but found the end of the document; close it, or put a text that begins with `[` in quotes
    passed over: 2 documents without apiVersion and kind, 1 policy of harbor-pilot
    5 files, 4 objects, 6 images: 2 errors, 2 denied, 2 warned of, 2 noted, 2 files rewritten
    "#);
    let rewritten = MANIFEST.replace("nginx:1.27", "harbor.potus.local/dockerhub/library/nginx:1.27");
    assert_eq!([read(&folder, "a.yaml"), read(&folder, "sub/b.yml")], [rewritten.clone(), rewritten.clone()]);
    assert_eq!(fs::metadata(at("a.yaml")).expect("there").permissions().mode() & 0o777, 0o640);
    assert!(fs::symlink_metadata(at("in.yaml")).expect("there").is_symlink(), "a link stays one");
    for (folder, name) in [(&outside, "outside.yaml"), (&folder, ".hidden/c.yaml"), (&folder, "d.txt")] {
        assert_eq!(read(folder, name), MANIFEST, "{name}");
    }
    assert_eq!(read(&folder, "sub/broken.yaml"), "a: [\n");
    let left: Vec<_> =
        fs::read_dir(folder.path()).expect("there").map(|entry| entry.expect("there").file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().contains("harbor-pilot")), "{left:?}");
    // A file that is named is written where its link leads; twice is once.
    let again = run_in(folder.path(), &["rewrite", "-w", "in.yaml"], b"");
    assert!(again.contains("1 file, 2 objects, 3 images: 1 denied, 1 warned of, 1 noted\n"), "{again}");
}

/// The other name may be a copy that somebody keeps, in a store of others' too.
#[test]
fn another_hard_link_keeps_what_it_had() {
    let folder = folder(&[("a.yaml", MANIFEST)]);
    fs::hard_link(folder.path().join("a.yaml"), folder.path().join("kept")).expect("linked");
    run_in(folder.path(), &["rewrite", "-w", "a.yaml"], b"");
    assert_eq!(read(&folder, "kept"), MANIFEST);
    assert!(read(&folder, "a.yaml").contains("harbor.potus.local/dockerhub/library/nginx:1.27"));
}

/// As `jq` and `kubectl` print them: one document is one object, and a `List` is one.
#[test]
fn objects_of_json_stand_in_a_list_or_apart() {
    let pod = r#"{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": {"containers": [{"name": "a", "image": "nginx:1"}]}}"#;
    let stream = format!("{pod}\n{pod}\n");
    assert_snapshot!(run(POLICY, &["rewrite"], stream.as_bytes()), @"
    exit code 2
    --- stderr
    <stdin>:2:1: error: expected the document's end or `---`, but found more text; check the indentation, or begin another document with `---`
    ");
    let list = format!(r#"{{"apiVersion": "v1", "kind": "List", "items": [{pod}, {pod}]}}"#);
    for input in [format!("{pod}\n---\n{pod}\n"), list] {
        let printed = run(POLICY, &["rewrite"], input.as_bytes());
        assert!(printed.starts_with("exit code 0"), "{printed}");
        assert_eq!(printed.matches("harbor.potus.local/dockerhub/library/nginx:1").count(), 2, "{printed}");
    }
}
