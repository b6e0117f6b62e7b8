//! Every file under `tests/fixtures/policies`, held against the reader and the JSON Schema.
//!
//! | folder | the reader | the compiler |
//! |---|---|---|
//! | `good` | accepts | accepts, without a warning |
//! | `bad-yaml` | there is nothing to read | |
//! | `bad` | refuses | |
//! | `bad-meaning` | accepts | refuses |
//! | `warn` | accepts | accepts, with a warning |
//!
//! Comments at the top of a file say what is to be found, in order and nothing else:
//! `# expect: LINE:COLUMN fragment of the message`, and `# schema: refuses` where the JSON Schema
//! must refuse it too, else `# schema: accepts`. A schema can't say everything that a reader can.

use std::{collections::HashMap, fs, path::Path};

use harbor_pilot::{
    policy::{
        Policy,
        diagnostic::{Diagnostic, Severity, Style, render},
        read::{LIMITS, read},
        schema::schema,
    },
    yaml::{Content, Core, Node, Position, Span, Stream},
};
use jsonschema::Validator;
use proptest::{prelude::*, sample::Index};
use serde_json::{Map, Value as Json};

/// A file and what its comments say of it.
struct Fixture {
    name: String,
    text: String,
    expected: Vec<(Position, String)>,
    schema: Option<Verdict>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Accepts,
    Refuses,
}

impl Fixture {
    fn new(name: String, text: String) -> Self {
        let comments = || text.lines().map_while(|line| line.strip_prefix("# "));
        let expected = comments().filter_map(|comment| comment.strip_prefix("expect: ")).map(expectation).collect();
        let schema = comments().find_map(|comment| comment.strip_prefix("schema: ")).map(|word| match word {
            "accepts" => Verdict::Accepts,
            "refuses" => Verdict::Refuses,
            other => panic!("{name}: what is `{other}`?"),
        });
        Self { name, text, expected, schema }
    }

    /// Panics where findings and expectations differ.
    fn hold(&self, found: &[Diagnostic]) {
        let stream = Stream::parse(self.text.as_bytes(), LIMITS);
        let position = |span: Span| match &stream {
            Ok(stream) => stream.position(span.start),
            Err(error) => error.position,
        };
        let mut found: Vec<&Diagnostic> = found.iter().collect();
        found.sort_by_key(|finding| finding.span.start);
        let is_as_expected = found.len() == self.expected.len()
            && found.iter().zip(&self.expected).all(|(finding, (place, fragment))| {
                position(finding.span) == *place
                    && finding.message.contains(fragment)
                    && finding.help.as_ref().is_none_or(|help| !help.is_empty())
            });
        let found: Vec<Diagnostic> = found.into_iter().cloned().collect();
        assert!(
            is_as_expected,
            "{}: expected {:#?}, but found\n{}",
            self.name,
            self.expected,
            render(&self.name, &self.text, &found, Style::Plain)
        );
    }
}

fn expectation(text: &str) -> (Position, String) {
    let (place, fragment) = text.split_once(' ').unwrap();
    let (line, column) = place.split_once(':').unwrap();
    let position = Position { line: line.parse().unwrap(), column: column.parse().unwrap() };
    assert!(!fragment.is_empty());
    (position, fragment.to_owned())
}

fn fixtures(folder: &str) -> Vec<Fixture> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/policies").join(folder);
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    assert!(!paths.is_empty());
    let read = |path: &std::path::PathBuf| {
        Fixture::new(path.file_name().unwrap().display().to_string(), fs::read_to_string(path).unwrap())
    };
    paths.iter().map(read).collect()
}

fn validator() -> Validator {
    jsonschema::draft202012::new(&schema()).unwrap()
}

fn schema_says(validator: &Validator, stream: &Stream<'_>) -> Verdict {
    if validator.is_valid(&json(stream)) { Verdict::Accepts } else { Verdict::Refuses }
}

/// The first document as an editor sees it: aliases followed, tags ignored, the last of two equal
/// keys.
fn json(stream: &Stream<'_>) -> Json {
    let mut anchored = HashMap::new();
    stream.documents.first().map_or(Json::Null, |document| value(&document.root, &mut anchored))
}

fn value(node: &Node<'_>, anchored: &mut HashMap<usize, Json>) -> Json {
    let value = match &node.content {
        Content::Alias { target, .. } => anchored.get(&target.start).cloned().unwrap_or_default(),
        Content::Sequence(items) => items.iter().map(|item| value(item, anchored)).collect(),
        Content::Mapping(pairs) => {
            let pairs = pairs.iter().map(|(key, of)| {
                let key = match &key.content {
                    Content::Scalar(scalar) => scalar.value.clone().into_owned(),
                    _ => value(key, anchored).to_string(),
                };
                (key, value(of, anchored))
            });
            Json::Object(pairs.collect::<Map<_, _>>())
        }
        Content::Scalar(scalar) => match scalar.core() {
            Core::Null => Json::Null,
            Core::Bool(value) => value.into(),
            Core::Integer(value) => value.into(),
            Core::Float => scalar.value.parse::<f64>().map_or(Json::Null, Json::from),
            Core::String => scalar.value.as_ref().into(),
        },
    };
    if node.anchor.is_some() {
        anchored.insert(node.span.start, value.clone());
    }
    value
}

fn read_alone(text: &str) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    match Stream::parse(text.as_bytes(), LIMITS) {
        Ok(stream) => {
            read(&stream, &mut diagnostics);
        }
        Err(error) => diagnostics.push(Diagnostic::from_yaml(&error)),
    }
    diagnostics
}

#[test]
fn the_schema_is_one() {
    assert!(jsonschema::draft202012::meta::is_valid(&schema()));
}

#[test]
fn good_files_are_accepted_by_reader_and_schema() {
    let validator = validator();
    for fixture in fixtures("good") {
        fixture.hold(&read_alone(&fixture.text));
        let stream = Stream::parse(fixture.text.as_bytes(), LIMITS).unwrap();
        assert_eq!(schema_says(&validator, &stream), Verdict::Accepts, "{}", fixture.name);
    }
}

#[test]
fn bad_files_are_refused_by_the_reader_and_where_it_can_by_the_schema() {
    let validator = validator();
    for fixture in fixtures("bad") {
        assert!(!fixture.expected.is_empty(), "{} expects nothing", fixture.name);
        fixture.hold(&read_alone(&fixture.text));
        let stream = Stream::parse(fixture.text.as_bytes(), LIMITS).unwrap();
        assert_eq!(Some(schema_says(&validator, &stream)), fixture.schema, "{}", fixture.name);
    }
}

#[test]
fn what_is_no_yaml_is_refused_at_its_place() {
    for fixture in fixtures("bad-yaml") {
        assert_eq!(fixture.expected.len(), 1, "{}", fixture.name);
        fixture.hold(&read_alone(&fixture.text));
    }
}

#[test]
fn what_the_compiler_finds_is_nothing_to_reader_and_schema() {
    let validator = validator();
    for fixture in fixtures("bad-meaning").into_iter().chain(fixtures("warn")) {
        assert_eq!(read_alone(&fixture.text), [], "{}", fixture.name);
        let stream = Stream::parse(fixture.text.as_bytes(), LIMITS).unwrap();
        assert_eq!(Some(schema_says(&validator, &stream)), fixture.schema, "{}", fixture.name);
    }
}

#[test]
fn the_compiler_finds_what_it_should() {
    for (folder, severity) in [("bad-meaning", Severity::Error), ("warn", Severity::Warning)] {
        for fixture in fixtures(folder) {
            let reading = Policy::read(&fixture.name, fixture.text.as_bytes());
            assert!(!fixture.expected.is_empty(), "{} expects nothing", fixture.name);
            fixture.hold(&reading.diagnostics);
            assert!(reading.diagnostics.iter().all(|finding| finding.severity == severity), "{}", fixture.name);
            assert_eq!(reading.policy.is_some(), severity == Severity::Warning, "{}", fixture.name);
        }
    }
}

#[test]
fn good_files_come_into_force_without_a_warning() {
    for fixture in fixtures("good") {
        let reading = Policy::read(&fixture.name, fixture.text.as_bytes());
        fixture.hold(&reading.diagnostics);
        assert!(reading.policy.is_some(), "{}", fixture.name);
    }
}

/// One change to a text: some of it replaced by what YAML makes the most of.
#[derive(Clone, Debug)]
struct Edit {
    from: Index,
    length: usize,
    with: &'static str,
}

impl Edit {
    fn apply(&self, text: &str) -> String {
        let from = self.from.index(text.len() + 1);
        let until = (from + self.length).min(text.len());
        let (from, until) = (text.floor_char_boundary(from), text.ceil_char_boundary(until));
        format!("{}{}{}", &text[..from], self.with, &text[until..])
    }
}

fn edit() -> impl Strategy<Value = Edit> {
    let pieces = vec![
        "",
        " ",
        "\n",
        "\r",
        "\t",
        "- ",
        ": ",
        "? ",
        "&a ",
        "*a",
        "<<: ",
        "!!str ",
        "!x ",
        "{",
        "}",
        "[",
        "]",
        ",",
        "'",
        "\"",
        "|\n",
        ">-\n",
        "#",
        "---\n",
        "...\n",
        "~",
        "true",
        "yes",
        "1.10",
        "-1",
        "5000",
        "\u{feff}",
        "\u{202e}",
        "\u{200b}",
        "\u{0}",
        "宽",
        "e\u{301}",
        "**",
        "image: ",
        "match: ",
        "accessSecret: ",
        "{}",
        "[]",
        "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
    ];
    (any::<Index>(), 0_usize..12, proptest::sample::select(pieces)).prop_map(|(from, length, with)| Edit {
        from,
        length,
        with,
    })
}

fn edited_fixture() -> impl Strategy<Value = String> {
    let folders = ["good", "bad", "bad-yaml", "bad-meaning", "warn"];
    let texts: Vec<String> = folders.into_iter().flat_map(fixtures).map(|fixture| fixture.text).collect();
    (proptest::sample::select(texts), proptest::collection::vec(edit(), 1..6))
        .prop_map(|(text, edits)| edits.iter().fold(text, |text, edit| edit.apply(&text)))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, ..ProptestConfig::default() })]

    /// What the reader accepts, the schema accepts; and whatever the text, there is an answer, with
    /// each finding at the place where the YAML room says that it is.
    #[test]
    fn the_schema_is_never_stricter_than_the_reader(text in edited_fixture()) {
        let findings = read_alone(&text);
        let rendered = render("policies.yaml", &text, &findings, Style::Plain);
        prop_assert_eq!(rendered.is_empty(), findings.is_empty());
        let Ok(stream) = Stream::parse(text.as_bytes(), LIMITS) else {
            prop_assert_eq!(findings.len(), 1);
            return Ok(());
        };
        for finding in findings.iter().take(50) {
            let Position { line, column } = stream.position(finding.span.start);
            let place = format!("--> policies.yaml:{line}:{column}\n");
            prop_assert!(rendered.contains(&place), "{}\n{}", place, rendered);
        }
        if findings.is_empty() {
            prop_assert_eq!(schema_says(&validator(), &stream), Verdict::Accepts, "{}", text);
        }
    }

    /// Compiling what could be read of a broken file finds more, and never panics.
    #[test]
    fn reading_never_hides_and_never_panics(text in edited_fixture()) {
        let alone = read_alone(&text);
        let reading = Policy::read("policies.yaml", text.as_bytes());
        for finding in &alone {
            prop_assert!(reading.diagnostics.contains(finding));
        }
        if alone.iter().any(|finding| finding.severity == Severity::Error) {
            prop_assert!(reading.policy.is_none());
        }
    }
}
