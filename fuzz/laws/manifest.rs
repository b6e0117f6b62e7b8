// A text of any bytes is rewritten or refused with a place in it. In what is rewritten only images
// differ, they are those that the webhook's patch gives for the same Pod, what stands between the
// values stays to the byte, and rewriting again changes nothing.

use std::collections::HashMap;

use harbor_pilot::{
    admission::{Policies, Webhook, review},
    manifest::{LIMITS, Manifest, ProblemKind},
    policy::Policy,
    workload::{Kind, List},
    yaml::{Content, Core, Node, Position, Stream, Style},
};
use serde_json::{Map, Value, json};

/// A policy under which every Pod is admitted, so that every review has a patch.
const POLICY: &str = "\
apiVersion: harbor-pilot.io/v1
kind: Policy
harbor: harbor.example
proxies:
  - {registry: docker.io, project: hub}
  - {registry: nvcr.io, project: nv}
enforcement: warn
namespaces: [{match: [kube-system], rewrite: false}]
";

pub fn law(data: &[u8]) {
    for text in [POLICY.to_owned(), POLICY.replace("harbor.example", "\"[2001:db8::1]:5000\"")] {
        let policy = Policy::read("policies.yaml", text.as_bytes()).policy.expect("the policy is whole");
        check(data, &policy);
    }
}

fn check(data: &[u8], policy: &Policy) {
    let manifest = match Manifest::parse(data) {
        Ok(manifest) => manifest,
        Err(problem) => {
            assert!(problem.position >= Position { line: 1, column: 1 });
            return;
        }
    };
    let judged = manifest.judge(policy, "default");
    let rewritten = match judged.rewrite() {
        Ok(rewritten) => rewritten,
        Err(problems) => {
            for problem in problems {
                assert!(problem.position >= Position { line: 1, column: 1 });
                assert_ne!(problem.kind, ProblemKind::NotTheSame, "every edit is read as it was meant");
            }
            return;
        }
    };
    let again = Manifest::parse(rewritten.as_bytes()).expect("what was rewritten is read");
    let twice = again.judge(policy, "default").rewrite().expect("what was rewritten can be rewritten");
    assert_eq!(twice, rewritten, "twice is once");
    let before = Stream::parse(data, LIMITS).expect("it was read");
    let after = Stream::parse(rewritten.as_bytes(), LIMITS).expect("it was read");
    assert_eq!(between(&before), between(&after), "nothing between the values is touched");
    assert_eq!(before.documents.len(), after.documents.len());
    for (before, after) in before.documents.iter().zip(&after.documents) {
        let (Some(mut before), Some(after)) = (expanded(&before.root), expanded(&after.root)) else { return };
        patch_objects(&mut before, &after, None, policy);
        assert_eq!(before, after, "only images differ, and they are the webhook's");
    }
}

/// The texts between the values of a stream, joined.
fn between(stream: &Stream<'_>) -> String {
    let mut between = String::new();
    let mut read = 0;
    for document in &stream.documents {
        each_value(&document.root, &mut |node| {
            // A tag may be written in an alias' place.
            let start = if node.anchor.is_some() { node.span.start } else { node.extent().start };
            between.push_str(stream.text[read..start].trim_end_matches([' ', '\t']));
            read = node.span.end;
        });
    }
    between + &stream.text[read..]
}

fn each_value<'n, 't>(node: &'n Node<'t>, visit: &mut impl FnMut(&'n Node<'t>)) {
    match &node.content {
        Content::Scalar(_) | Content::Alias { .. } => visit(node),
        Content::Sequence(items) => items.iter().for_each(|item| each_value(item, visit)),
        Content::Mapping(pairs) => {
            for (key, value) in pairs {
                each_value(key, visit);
                each_value(value, visit);
            }
        }
    }
}

/// The webhook's patches, made on every Pod spec of a document.
fn patch_objects(before: &mut Value, after: &Value, list: Option<(String, String)>, policy: &Policy) {
    let text = |value: &Value, key: &str| value[key].as_str().unwrap_or_default().to_owned();
    let (mut api_version, mut kind) = (text(before, "apiVersion"), text(before, "kind"));
    if let (Some(list), true) = (list, kind.is_empty()) {
        (api_version, kind) = list;
    }
    if api_version.is_empty() || kind.is_empty() || api_version == "harbor-pilot.io/v1" && kind == "Policy" {
        return;
    }
    let group = api_version.split_once('/').map_or("", |(group, _)| group);
    let item = kind.strip_suffix("List").filter(|item| Kind::find(group, item).is_some()).map(str::to_owned);
    if (api_version == "v1" && kind == "List") || item.is_some() {
        let list = item.map(|item| (api_version.clone(), item));
        let items = before.get_mut("items").and_then(Value::as_array_mut).into_iter().flatten().enumerate();
        items.for_each(|(index, item)| patch_objects(item, &after["items"][index], list.clone(), policy));
        return;
    }
    let Some(kind) = Kind::find(group, &kind) else { return };
    let namespace = before["metadata"]["namespace"].as_str().filter(|name| !name.is_empty()).unwrap_or("default");
    let namespace = namespace.to_owned();
    let place = format!("/{}", kind.pod_spec.join("/"));
    let Some(spec) = before.pointer_mut(&place) else { return };
    let request = json!({
        "apiVersion": "admission.k8s.io/v1",
        "kind": "AdmissionReview",
        "request": {
            "uid": "u",
            "kind": {"group": "", "version": "v1", "kind": "Pod"},
            "namespace": namespace,
            "operation": "CREATE",
            "userInfo": {"username": "me"},
            "object": {"apiVersion": "v1", "kind": "Pod", "metadata": {"annotations": {}}, "spec": &spec},
        },
    });
    let policies = Policies::only(policy);
    let request = request.to_string();
    let Ok(answer) = review(Webhook::Mutate, request.as_bytes(), policies) else {
        // What the webhook would refuse to read may be rewritten all the same.
        *spec = after.pointer(&place).cloned().unwrap_or_default();
        return;
    };
    let answer: Value = serde_json::from_slice(&answer.body).expect("the answer is JSON");
    let Some(patch) = answer["response"]["patch"].as_str() else { return };
    let patch = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, patch).expect("base64");
    let patch: Vec<Value> = serde_json::from_slice(&patch).expect("a JSONPatch");
    for operation in patch {
        let pointer = operation["path"].as_str().expect("a pointer");
        let Some(pointer) = pointer.strip_prefix("/spec") else { continue };
        assert!(List::ALL.iter().any(|list| pointer.starts_with(&format!("/{}/", list.key()))), "{pointer}");
        *spec.pointer_mut(pointer).expect("the patch applies") = operation["value"].clone();
    }
}

/// A document as JSON, aliases and merges followed; `None` for one that stands for too much.
fn expanded(root: &Node<'_>) -> Option<Value> {
    let mut expansion = Expansion { anchored: HashMap::new(), left: 20_000 };
    expansion.collect(root);
    expansion.value(root, 0)
}

struct Expansion<'n, 't> {
    anchored: HashMap<(usize, usize), &'n Node<'t>>,
    left: usize,
}

impl<'n, 't> Expansion<'n, 't> {
    fn collect(&mut self, node: &'n Node<'t>) {
        if node.anchor.is_some() {
            self.anchored.insert((node.span.start, node.span.end), node);
        }
        match &node.content {
            Content::Scalar(_) | Content::Alias { .. } => {}
            Content::Sequence(items) => items.iter().for_each(|item| self.collect(item)),
            Content::Mapping(pairs) => {
                for (key, value) in pairs {
                    self.collect(key);
                    self.collect(value);
                }
            }
        }
    }

    fn resolve(&self, node: &'n Node<'t>) -> &'n Node<'t> {
        match &node.content {
            Content::Alias { target, .. } => self.anchored[&(target.start, target.end)],
            _ => node,
        }
    }

    fn value(&mut self, node: &'n Node<'t>, depth: usize) -> Option<Value> {
        self.left = self.left.checked_sub(1)?;
        if depth > 100 {
            return None;
        }
        let node = self.resolve(node);
        let value = match &node.content {
            Content::Alias { .. } => Value::Null,
            Content::Scalar(scalar) => match (scalar.core(), node.tag.as_ref().map(|tag| &*tag.text)) {
                (Core::String, None) | (_, Some("!" | "!!str" | "!<tag:yaml.org,2002:str>")) => {
                    Value::from(&*scalar.value)
                }
                (_, Some(tag)) => json!({tag: &*scalar.value}),
                (Core::Null, None) => Value::Null,
                (Core::Bool(value), None) => value.into(),
                (Core::Integer(value), None) => value.into(),
                (Core::Float, None) => json!(["float", &*scalar.value]),
            },
            Content::Sequence(items) => {
                items.iter().map(|item| self.value(item, depth + 1)).collect::<Option<Vec<Value>>>()?.into()
            }
            Content::Mapping(_) => Value::Object(self.members(node, depth)?),
        };
        Some(value)
    }

    /// Own members win over merged ones, earlier sources over later ones.
    fn members(&mut self, node: &'n Node<'t>, depth: usize) -> Option<Map<String, Value>> {
        let mut members = Map::new();
        let mut merges: Vec<&'n Node<'t>> = Vec::new();
        let Content::Mapping(pairs) = &self.resolve(node).content else { return Some(members) };
        if depth > 100 {
            return None;
        }
        for (key, value) in pairs {
            let is_merge =
                matches!(&key.content, Content::Scalar(key) if key.style == Style::Plain && key.value == "<<");
            let source = self.resolve(value);
            match &source.content {
                Content::Mapping(_) if is_merge => merges.push(source),
                Content::Sequence(items)
                    if is_merge
                        && items.iter().all(|item| matches!(self.resolve(item).content, Content::Mapping(_))) =>
                {
                    merges.extend(items.iter().map(|item| self.resolve(item)));
                }
                _ => {
                    let name = match &self.resolve(key).content {
                        Content::Scalar(key) => key.value.to_string(),
                        _ => format!("complex {}", self.value(key, depth + 1)?),
                    };
                    members.insert(name, self.value(value, depth + 1)?);
                }
            }
        }
        for source in merges {
            for (name, value) in self.members(source, depth + 1)? {
                members.entry(name).or_insert(value);
            }
        }
        Some(members)
    }
}
