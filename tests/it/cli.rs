//! The program as a person runs it: exit code, standard output and standard error of each command.

use std::{
    fs,
    io::Write as _,
    path::Path,
    process::{Command, Stdio},
};

use insta::assert_snapshot;

/// Runs the program in `folder`, with `input` as its standard input.
pub(crate) fn run_in(folder: &Path, arguments: &[&str], input: &[u8]) -> String {
    let mut child = Command::new(env!("CARGO_BIN_EXE_harbor-pilot"))
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    // A program that does not read leaves the pipe; that is its right.
    let _ = child.stdin.take().expect("a pipe").write_all(input);
    let output = child.wait_with_output().expect("the program ends");
    let text = |bytes| String::from_utf8(bytes).expect("text");
    let mut drawn = format!("exit code {}\n", output.status.code().expect("no signal"));
    for (name, text) in [("stdout", text(output.stdout)), ("stderr", text(output.stderr))] {
        if !text.is_empty() {
            drawn += &format!("--- {name}\n{}\n", text.trim_end_matches('\n'));
        }
    }
    drawn
}

/// Runs the program beside a policy of these lines.
pub(crate) fn run(policy: &str, arguments: &[&str], input: &[u8]) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("policies.yaml"), policy).expect("written");
    run_in(folder.path(), arguments, input)
}

pub(crate) const POLICY: &str = "\
apiVersion: harbor-pilot.io/v1
kind: Policy
harbor: harbor.potus.local
proxies:
  - {registry: nvcr.io, project: nvidiaio}
  - {registry: docker.io, project: dockerhub}
allow:
  - nvcr.io/nvidia/**
  - {image: docker.io/library/*, reason: official images}
deny:
  - {image: docker.io/library/xmrig, reason: malware, always: true}
  - {image: \"**:latest\", reason: pin a version}
namespaces:
  - match: [lab]
    enforcement: warn
  - match: [kube-system]
    enforcement: audit
    rewrite: false
";

#[test]
fn explain_says_what_happens_and_why() {
    let names = [
        "explain",
        "nginx:1.27",
        "nginx",
        "nvcr.io/nvidia/driver:550",
        "harbor.potus.local/dockerhub/xmrig:1",
        "nvcr.io/other/x:1",
        "quay.io/a/b:1",
        "sha256:abc",
        "Not A Name",
        "evil\u{1b}[31m\u{202e}",
    ];
    assert_snapshot!(run(POLICY, &names, b""), @r"
    exit code 1
    --- stdout
    nginx:1.27
      parts     domain docker.io, path library/nginx, tag 1.27
      origin    docker.io/library/nginx:1.27
      allowed   `docker.io/library/*` in `allow` allows it: official images (policies.yaml:9:13)
      pulled    harbor.potus.local/dockerhub/library/nginx:1.27
    nginx
      parts     domain docker.io, path library/nginx
      origin    docker.io/library/nginx
      refused   `**:latest` in `deny` forbids it: pin a version (policies.yaml:12:13)
      outcome   rejected in `default`
    nvcr.io/nvidia/driver:550
      parts     domain nvcr.io, path nvidia/driver, tag 550
      origin    nvcr.io/nvidia/driver:550
      allowed   `nvcr.io/nvidia/**` in `allow` allows it (policies.yaml:8:5)
      pulled    harbor.potus.local/nvidiaio/nvidia/driver:550
    harbor.potus.local/dockerhub/xmrig:1
      parts     domain harbor.potus.local, path dockerhub/xmrig, tag 1
      origin    docker.io/library/xmrig:1
      refused   `docker.io/library/xmrig` in `deny` forbids it: malware (policies.yaml:11:13)
      outcome   rejected in `default`
    nvcr.io/other/x:1
      parts     domain nvcr.io, path other/x, tag 1
      origin    nvcr.io/other/x:1
      refused   nothing in the policy allows it
      outcome   rejected in `default`
      may run   nvcr.io/nvidia/** and 1 more
    quay.io/a/b:1
      parts     domain quay.io, path a/b, tag 1
      origin    quay.io/a/b:1
      refused   nothing in the policy allows it
      outcome   rejected in `default`
      may run   nvcr.io/nvidia/**, docker.io/library/*
    sha256:abc
      parts     domain docker.io, path library/sha256, tag abc
      origin    docker.io/library/sha256:abc
      refused   expected a name that says where to pull from, but found an image ID, which a node resolves to whatever image it holds; write `REGISTRY/PATH@sha256:DIGEST`
      outcome   rejected in `default`
    Not A Name
      refused   not an image name: expected a path in lower case, but found `N` at byte 0
      outcome   rejected in `default`
    evil\u{1b}[31m\u{202e}
      refused   not an image name: expected a lower-case letter, a digit or a separator in the path, but found `\u{1b}` at byte 4
      outcome   rejected in `default`
    ");
    assert_snapshot!(run(POLICY, &["explain", "-n", "lab", "quay.io/a/b:1", "docker.io/library/xmrig:1"], b""), @"
    exit code 1
    --- stdout
    quay.io/a/b:1
      parts     domain quay.io, path a/b, tag 1
      origin    quay.io/a/b:1
      refused   nothing in the policy allows it
      outcome   admitted with a warning, for `lab` is on warn
      pulled    as written
      may run   nvcr.io/nvidia/**, docker.io/library/*
    docker.io/library/xmrig:1
      parts     domain docker.io, path library/xmrig, tag 1
      origin    docker.io/library/xmrig:1
      refused   `docker.io/library/xmrig` in `deny` forbids it: malware (policies.yaml:11:13)
      outcome   rejected in `lab`
    ");
    assert_snapshot!(run(POLICY, &["explain", "-n", "kube-system", "quay.io/a/b:1", "nginx:1"], b""), @"
    exit code 0
    --- stdout
    quay.io/a/b:1
      parts     domain quay.io, path a/b, tag 1
      origin    quay.io/a/b:1
      refused   nothing in the policy allows it
      outcome   admitted and logged, for `kube-system` is on audit
      pulled    as written
      may run   nvcr.io/nvidia/**, docker.io/library/*
    nginx:1
      parts     domain docker.io, path library/nginx, tag 1
      origin    docker.io/library/nginx:1
      allowed   `docker.io/library/*` in `allow` allows it: official images (policies.yaml:9:13)
      pulled    as written
    ");
}

#[test]
fn explain_prints_an_object_a_line() {
    let digest = "nvcr.io/nvidia/driver@sha256:e243d778bd83de47668e7629d78f673317a130fedc99941be12aad7fc6bdfa85";
    assert_snapshot!(run(POLICY, &["explain", "-o", "json", "DOCKER.IO:0443/nginx:1.27", digest, "xmrig", "a b", "NVCR.io/x"], b""), @r#"
    exit code 1
    --- stdout
    {"image":"DOCKER.IO:0443/nginx:1.27","namespace":"default","domain":"DOCKER.IO:0443","path":"nginx","tag":"1.27","digest":"","origin":"docker.io/library/nginx:1.27","allowed":true,"outcome":"allow","reason":"`docker.io/library/*` in `allow` allows it: official images","rule":{"list":"allow","file":"policies.yaml","line":9,"column":13,"text":"docker.io/library/*"},"project":"dockerhub","rewritten":"harbor.potus.local/dockerhub/library/nginx:1.27"}
    {"image":"nvcr.io/nvidia/driver@sha256:e243d778bd83de47668e7629d78f673317a130fedc99941be12aad7fc6bdfa85","namespace":"default","domain":"nvcr.io","path":"nvidia/driver","tag":"","digest":"sha256:e243d778bd83de47668e7629d78f673317a130fedc99941be12aad7fc6bdfa85","origin":"nvcr.io/nvidia/driver@sha256:e243d778bd83de47668e7629d78f673317a130fedc99941be12aad7fc6bdfa85","allowed":true,"outcome":"allow","reason":"`nvcr.io/nvidia/**` in `allow` allows it","rule":{"list":"allow","file":"policies.yaml","line":8,"column":5,"text":"nvcr.io/nvidia/**"},"project":"nvidiaio","rewritten":"harbor.potus.local/nvidiaio/nvidia/driver@sha256:e243d778bd83de47668e7629d78f673317a130fedc99941be12aad7fc6bdfa85"}
    {"image":"xmrig","namespace":"default","domain":"docker.io","path":"library/xmrig","tag":"","digest":"","origin":"docker.io/library/xmrig","allowed":false,"outcome":"deny","reason":"`docker.io/library/xmrig` in `deny` forbids it: malware","rule":{"list":"deny","file":"policies.yaml","line":11,"column":13,"text":"docker.io/library/xmrig"},"project":"dockerhub","rewritten":"harbor.potus.local/dockerhub/library/xmrig"}
    {"image":"a b","namespace":"default","origin":"","allowed":false,"outcome":"deny","reason":"not an image name: expected a lower-case letter, a digit or a separator in the path, but found ` ` at byte 1","rule":null,"project":"","rewritten":"a b","error":"expected a lower-case letter, a digit or a separator in the path, but found ` ` at byte 1"}
    {"image":"NVCR.io/x","namespace":"default","domain":"NVCR.io","path":"x","tag":"","digest":"","origin":"nvcr.io/x","allowed":false,"outcome":"deny","reason":"`**:latest` in `deny` forbids it: pin a version","rule":{"list":"deny","file":"policies.yaml","line":12,"column":13,"text":"**:latest"},"project":"nvidiaio","rewritten":"harbor.potus.local/nvidiaio/x"}
    "#);
}

/// Lines end at LF alone, and nothing is trimmed.
#[test]
fn explain_reads_names_to_the_byte() {
    let input = b"nginx:1\n nginx:1\nnginx:1\r\n\n\xff\nredis:7";
    assert_snapshot!(run(POLICY, &["explain", "-o", "json", "-"], input), @r#"
    exit code 1
    --- stdout
    {"image":"nginx:1","namespace":"default","domain":"docker.io","path":"library/nginx","tag":"1","digest":"","origin":"docker.io/library/nginx:1","allowed":true,"outcome":"allow","reason":"`docker.io/library/*` in `allow` allows it: official images","rule":{"list":"allow","file":"policies.yaml","line":9,"column":13,"text":"docker.io/library/*"},"project":"dockerhub","rewritten":"harbor.potus.local/dockerhub/library/nginx:1"}
    {"image":" nginx:1","namespace":"default","origin":"","allowed":false,"outcome":"deny","reason":"not an image name: expected a lower-case letter or a digit to begin a component of the path, but found ` ` at byte 0","rule":null,"project":"","rewritten":" nginx:1","error":"expected a lower-case letter or a digit to begin a component of the path, but found ` ` at byte 0"}
    {"image":"nginx:1\r","namespace":"default","origin":"","allowed":false,"outcome":"deny","reason":"not an image name: expected a letter, a digit, `_`, `.` or `-` in the tag, but found `\\r` at byte 7","rule":null,"project":"","rewritten":"nginx:1\r","error":"expected a letter, a digit, `_`, `.` or `-` in the tag, but found `\\r` at byte 7"}
    {"image":"","namespace":"default","origin":"","allowed":false,"outcome":"deny","reason":"not an image name: expected an image name, but found the end at byte 0","rule":null,"project":"","rewritten":"","error":"expected an image name, but found the end at byte 0"}
    {"image":"�","namespace":"default","origin":"","allowed":false,"outcome":"deny","reason":"not an image name: expected a lower-case letter or a digit to begin a component of the path, but found `�` (U+FFFD) at byte 0","rule":null,"project":"","rewritten":"�","error":"expected a lower-case letter or a digit to begin a component of the path, but found `�` (U+FFFD) at byte 0"}
    {"image":"redis:7","namespace":"default","domain":"docker.io","path":"library/redis","tag":"7","digest":"","origin":"docker.io/library/redis:7","allowed":true,"outcome":"allow","reason":"`docker.io/library/*` in `allow` allows it: official images","rule":{"list":"allow","file":"policies.yaml","line":9,"column":13,"text":"docker.io/library/*"},"project":"dockerhub","rewritten":"harbor.potus.local/dockerhub/library/redis:7"}
    "#);
    assert_snapshot!(run(POLICY, &["explain", "-o", "json", "-"], b""), @"exit code 0");
}

/// Found by a comparison with the Go package: the printer took control characters out of data.
#[test]
fn data_is_printed_to_the_byte() {
    let printed = run(POLICY, &["explain", "-o", "json", "-"], b"a\x7fb\x1b[31mc\x08d\n");
    assert!(printed.contains("{\"image\":\"a\x7fb\\u001b[31mc\\bd\","), "{printed:?}");
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("policies.yaml"), POLICY).expect("written");
    let names = "nginx:1\n".repeat(100_000);
    let line = format!("{} explain -o json - | head -n 1", env!("CARGO_BIN_EXE_harbor-pilot"));
    let mut child = Command::new("bash")
        .args(["-c", &format!("set -o pipefail; {line} >/dev/null; echo ${{PIPESTATUS[0]}}")])
        .current_dir(folder.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("bash");
    let _ = child.stdin.take().expect("a pipe").write_all(names.as_bytes());
    let output = child.wait_with_output().expect("it ends");
    assert_eq!((output.stdout.as_slice(), output.stderr.as_slice()), (b"0\n".as_slice(), b"".as_slice()));
}

#[test]
fn policy_check_shows_all_that_is_wrong_at_once() {
    assert_snapshot!(run(POLICY, &["policy", "check"], b""), @"
    exit code 0
    --- stderr
    policies.yaml: no findings
    ");
    let broken = "\
apiVersion: harbor-pilot.io/v1
kind: Policy
harbour: harbor.potus.local
proxies:
  - {registry: nvcr.io, project: NVIDIA}
allow:
  - nvcr.io
  - docker.io/*
  - nginx
enforcement: deni
";
    assert_snapshot!(run(broken, &["policy", "check"], b""), @"
    exit code 2
    --- stdout
    error: unknown key `harbour` at the top of the file
     --> policies.yaml:3:1
      |
    3 | harbour: harbor.potus.local
      | ^^^^^^^
      |
      = help: did you mean `harbor`?

    error: Harbor takes no project named `NVIDIA`
     --> policies.yaml:5:34
      |
    5 |   - {registry: nvcr.io, project: NVIDIA}
      |                                  ^^^^^^
      |
      = help: write 1 to 255 lower-case letters and digits, with single `.` `_` or `-` between them

    error: `nvcr.io` names a registry and no image, so it can never match
     --> policies.yaml:7:5
      |
    7 |   - nvcr.io
      |     ^^^^^^^
      |
      = help: write `nvcr.io/**`

    error: `docker.io/*` can never match: `docker.io/x` is short for `docker.io/library/x`
     --> policies.yaml:8:5
      |
    8 |   - docker.io/*
      |     ^^^^^^^^^^^
      |
      = help: write `docker.io/**` for all of Docker Hub, or `docker.io/library/*` for its official images

    error: `nginx` has no domain
     --> policies.yaml:9:5
      |
    9 |   - nginx
      |     ^^^^^
      |
      = help: write `docker.io/library/nginx`

    error: expected one of `deny`, `warn`, `audit`, but found the string `deni`
      --> policies.yaml:10:14
       |
    10 | enforcement: deni
       |              ^^^^
       |
       = help: did you mean `deny`?

    6 errors in policies.yaml
    ");
    let warned = "\
apiVersion: harbor-pilot.io/v1
kind: Policy
harbor: harbor.potus.local
proxies: [{registry: nvcr.io, project: nv}]
allow:
  - nvcr.io/**
  - nvcr.io/nvidia/**
";
    assert_snapshot!(run(warned, &["policy", "check"], b""), @"
    exit code 0
    --- stdout
    warning: `nvcr.io/**` covers this entry
     --> policies.yaml:7:5
      |
    7 |   - nvcr.io/nvidia/**
      |     ^^^^^^^^^^^^^^^^^
     ::: policies.yaml:6:5
      |
    6 |   - nvcr.io/**
      |     ---------- `nvcr.io/**`, line 6
      |
      = help: delete this entry, or narrow the other

    1 warning in policies.yaml
    ");
    assert_snapshot!(run(warned, &["policy", "check", "--deny-warnings"], b""), @"
    exit code 1
    --- stdout
    warning: `nvcr.io/**` covers this entry
     --> policies.yaml:7:5
      |
    7 |   - nvcr.io/nvidia/**
      |     ^^^^^^^^^^^^^^^^^
     ::: policies.yaml:6:5
      |
    6 |   - nvcr.io/**
      |     ---------- `nvcr.io/**`, line 6
      |
      = help: delete this entry, or narrow the other

    1 warning in policies.yaml
    ");
}

#[test]
fn what_can_not_be_done_is_said() {
    let empty = tempfile::tempdir().expect("a folder");
    assert_snapshot!(run_in(empty.path(), &["explain", "nginx"], b""), @"
    exit code 2
    --- stderr
    error: could not read the policy `policies.yaml`: No such file or directory (os error 2)

    hint: name the policy with `--policy FILE` or in HARBOR_PILOT_POLICY
    ");
    assert_snapshot!(run_in(empty.path(), &["policy", "check", "-p", "nowhere.yaml"], b""), @"
    exit code 2
    --- stderr
    error: could not read the policy `nowhere.yaml`: No such file or directory (os error 2)
    ");
    assert_snapshot!(run("kind: [", &["explain", "nginx"], b""), @"
    exit code 2
    --- stderr
    error: expected `]` for the `[` that opens here, but found the end of the document; close it, or put a text that begins with `[` in quotes
     --> policies.yaml:1:7
      |
    1 | kind: [
      |       ^

    1 error in policies.yaml
    ");
    assert_snapshot!(run(POLICY, &["explain"], b""), @"
    exit code 2
    --- stderr
    error: the following required arguments were not provided:
      <IMAGE>...

    Usage: harbor-pilot explain <IMAGE>...

    For more information, try '--help'.
    ");
    assert_snapshot!(run(POLICY, &["explian"], b""), @"
    exit code 2
    --- stderr
    error: unrecognized subcommand 'explian'

      tip: a similar subcommand exists: 'explain'

    Usage: harbor-pilot [OPTIONS] <COMMAND>

    For more information, try '--help'.
    ");
}

/// The file at the top is the built-in default, too: it must be without findings.
#[test]
fn a_dash_is_standard_input_for_the_policy_too() {
    let (policy, broken) = (POLICY.as_bytes(), &b"apiVersion: harbor-pilot.io/v1\n"[..]);
    let folder = tempfile::tempdir().expect("a folder");
    let ran = |arguments: &[&str], input| run_in(folder.path(), arguments, input);
    let checked = ran(&["policy", "check", "-p", "-"], policy);
    assert_eq!(checked, "exit code 0\n--- stderr\n<stdin>: no findings\n");
    assert!(ran(&["policy", "check", "-p", "-"], broken).contains(" --> <stdin>:1:1\n"));
    let explained = ran(&["explain", "-p", "-", "nvcr.io/nvidia/driver:550"], policy);
    assert!(explained.contains("allows it (<stdin>:8:5)\n"), "{explained}");
    assert_snapshot!(ran(&["explain", "-p", "-", "-"], policy), @"
    exit code 2
    --- stderr
    error: standard input can't be both the policy and the image names
    ");
}

/// A name with an escape comes from a script's variable as easily as from a person.
#[test]
fn a_namespace_is_escaped() {
    let drawn = run(POLICY, &["explain", "-n", "a\u{1b}[31m", "quay.io/x"], b"");
    assert!(drawn.contains("rejected in `a\\u{1b}[31m`"), "{drawn}");
}

#[test]
fn the_default_policy_has_no_findings() {
    let top = Path::new(env!("CARGO_MANIFEST_DIR"));
    assert_snapshot!(run_in(top, &["policy", "check", "--deny-warnings"], b""), @"
    exit code 0
    --- stderr
    policies.yaml: no findings
    ");
}

/// What a beginner does: changes `harbor:`, and nothing else.
#[test]
fn the_default_policy_works_for_another_harbor() {
    let top = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(top.join("policies.yaml")).expect("the policy");
    let changed = text.replace("harbor: harbor.potus.local", "harbor: registry.example.org:8443");
    assert_ne!(text, changed);
    assert_snapshot!(run(&changed, &["policy", "check", "--deny-warnings"], b""), @"
    exit code 0
    --- stderr
    policies.yaml: no findings
    ");
    let names = fs::read_to_string(top.join("tests/fixtures/gpu-operator-images.txt")).expect("the names");
    let answers = run(&changed, &["explain", "-o", "json", "-"], names.as_bytes());
    assert!(answers.starts_with("exit code 0\n"), "{answers}");
    for line in answers.lines().filter(|line| line.starts_with('{')) {
        assert!(line.contains(r#""rewritten":"registry.example.org:8443/"#), "{line}");
    }
    assert_eq!(answers.lines().filter(|line| line.starts_with('{')).count(), names.lines().count());
}

#[test]
fn help_and_version() {
    let empty = tempfile::tempdir().expect("a folder");
    assert_snapshot!(run_in(empty.path(), &["--version"], b""), @"
    exit code 0
    --- stdout
    harbor-pilot 0.1.0
    ");
    assert_snapshot!(run_in(empty.path(), &["--help"], b""), @"
    exit code 0
    --- stdout
    Sends every image of a Kubernetes cluster through Harbor, and lets only those run that a policy
    allows

    Usage: harbor-pilot [OPTIONS] <COMMAND>

    Commands:
      serve        Answer the API server: rewrite the images of Pods, and reject what the policy does
                   not allow
      explain      Say why an image is treated as it is, and what a Pod would get
      rewrite      Print manifests with their images sent through Harbor, and nothing else changed
      check        Say which images of manifests would be denied or warned of, and where they stand
      policy       Check a policy file, or print its JSON Schema
      harbor       Set up Harbor as the policy needs it: endpoints, proxy-cache projects, robots
      doctor       Look over an installation in a cluster: what is wrong, why it hurts, what to type
      completions  Print completions for a shell
      man          Print a manual page, of the program or of one of its commands
      help         Print this message or the help of the given subcommand(s)

    Options:
          --color <COLOR>
              When to colour what is printed

              Possible values:
              - auto:   On a terminal, unless `NO_COLOR` is set
              - always: Always
              - never:  Never
              
              [env: HARBOR_PILOT_COLOR=]
              [default: auto]

      -h, --help
              Print help (see a summary with '-h')

      -V, --version
              Print version
    ");
    assert_snapshot!(run_in(empty.path(), &["explain", "--help"], b""), @r#"
    exit code 0
    --- stdout
    Say why an image is treated as it is, and what a Pod would get

    Exit code 0: each image may run, perhaps with a warning. 1: one would be denied. 2: it could not be
    found out.

    Usage: harbor-pilot explain [OPTIONS] <IMAGE>...

    Arguments:
      <IMAGE>...
              Image names as they stand in a Pod; `-` reads one a line from standard input

    Options:
          --color <COLOR>
              When to colour what is printed

              Possible values:
              - auto:   On a terminal, unless `NO_COLOR` is set
              - always: Always
              - never:  Never
              
              [env: HARBOR_PILOT_COLOR=]
              [default: auto]

      -p, --policy <FILE>
              The policy file, `-` for standard input where it is read once; without it, ./policies.yaml
              
              [env: HARBOR_PILOT_POLICY=]

      -n, --namespace <NAME>
              The namespace of the Pod
              
              [default: default]

      -o, --output <OUTPUT>
              How to print; as JSON, one object a line

              Possible values:
              - text: For people
              - json: For programs, in a stable format
              
              [default: text]

      -h, --help
              Print help (see a summary with '-h')

      -V, --version
              Print version

    Examples:
      harbor-pilot explain nvcr.io/nvidia/driver:550
      kubectl get pods -A -o jsonpath='{range .items[*].spec.containers[*]}{.image}{"\n"}{end}' |
      harbor-pilot explain -o json -
    "#);
    assert_snapshot!(run_in(empty.path(), &["policy", "check", "--help"], b""), @"
    exit code 0
    --- stdout
    Say what is wrong with a policy file, all of it at once

    Exit code 0: nothing, or warnings alone. 1: warnings, with --deny-warnings. 2: errors, or the file
    could not be read.

    Usage: harbor-pilot policy check [OPTIONS]

    Options:
          --color <COLOR>
              When to colour what is printed

              Possible values:
              - auto:   On a terminal, unless `NO_COLOR` is set
              - always: Always
              - never:  Never
              
              [env: HARBOR_PILOT_COLOR=]
              [default: auto]

      -p, --policy <FILE>
              The policy file, `-` for standard input where it is read once; without it, ./policies.yaml
              
              [env: HARBOR_PILOT_POLICY=]

          --deny-warnings
              Object to warnings too

      -h, --help
              Print help (see a summary with '-h')

      -V, --version
              Print version

    Example:
      harbor-pilot policy check -p policies.yaml --deny-warnings
    ");
}

#[test]
fn completions_name_the_commands() {
    let empty = tempfile::tempdir().expect("a folder");
    for shell in ["bash", "zsh", "fish"] {
        let script = run_in(empty.path(), &["completions", shell], b"");
        assert!(script.contains("explain") && script.contains("tls-cert"), "{script}");
    }
}
