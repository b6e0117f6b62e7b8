use std::fmt::Write as _;

use super::*;
use crate::yaml::Position;

/// One line for each thing that is said of a text.
fn said(policy: &Policy, text: &str) -> String {
    let manifest = Manifest::parse(text.as_bytes()).expect("it is read");
    let judged = manifest.judge(policy, "default");
    let mut said = String::new();
    for image in &judged.images {
        let object = &judged.objects[image.object];
        let Position { line, column } = image.position;
        let _ = write!(said, "{line}:{column} {} in {}: ", object.kind, image.namespace);
        let _ = match image.finding.breach {
            None => writeln!(said, "{} -> {}", image.finding.image.reference, image.finding.decision.result),
            Some(_) => writeln!(said, "{} {}", image.finding.outcome.as_str(), image.objection()),
        };
    }
    for note in &judged.notes {
        let Position { line, column } = note.position;
        let _ = writeln!(said, "{line}:{column} note: {}", note.message);
    }
    for problem in &judged.problems {
        let Position { line, column } = problem.position;
        let _ = writeln!(said, "{line}:{column} problem: {problem}");
    }
    let _ = writeln!(said, "{:?}", judged.passed);
    said
}

#[test]
fn objects_are_judged_in_their_namespaces_as_the_pods_that_they_make() {
    let policy = policy(
        "workloadEnforcement: off\nnamespaces:\n- {match: [lab], enforcement: warn}\n- {match: [kube-system], enforcement: audit, rewrite: false}",
    );
    let workload = |namespace| {
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: d{namespace}}}\nspec: {{template: {{spec: {{containers: [{{name: c, image: gcr.io/x/y}}, \
             {{name: d, image: nginx}}]}}}}}}\n---\n"
        )
    };
    let text: String = ["", ", namespace: lab", ", namespace: kube-system", ", namespace: ''"].map(workload).concat();
    insta::assert_snapshot!(said(&policy, &text), @r#"
    4:56 Deployment in default: deny container "c": image "gcr.io/x/y" is not allowed: nothing in the policy allows it; allowed are docker.io, nvcr.io
    4:86 Deployment in default: nginx -> h.test/hub/library/nginx
    9:56 Deployment in lab: warn container "c": image "gcr.io/x/y" is not allowed: nothing in the policy allows it; allowed are docker.io, nvcr.io
    9:86 Deployment in lab: nginx -> h.test/hub/library/nginx
    14:56 Deployment in kube-system: audit container "c": image "gcr.io/x/y" is not allowed: nothing in the policy allows it; allowed are docker.io, nvcr.io
    14:86 Deployment in kube-system: nginx -> nginx
    19:56 Deployment in default: deny container "c": image "gcr.io/x/y" is not allowed: nothing in the policy allows it; allowed are docker.io, nvcr.io
    19:86 Deployment in default: nginx -> h.test/hub/library/nginx
    Passed { without_kind: 0, policies: 0 }
    "#);
}

#[test]
fn null_is_no_namespace_and_no_name() {
    let policy = policy("namespaces:\n- {match: ['null'], enforcement: warn}");
    let pod = |null| {
        format!(
            "{{apiVersion: v1, kind: Pod, metadata: {{namespace: {null}}}, spec: {{containers: [{{name: {null}, image: gcr.io/x/y}}]}}}}"
        )
    };
    for null in ["null", "~", "", "''"] {
        let said = said(&policy, &pod(null));
        assert!(said.contains(r#"Pod in default: deny container "": image"#), "{said}");
    }
    let said = said(&policy, &pod("'null'"));
    assert!(said.contains(r#"Pod in null: warn container "null": image"#), "{said}");
}

#[test]
fn what_looks_like_an_image_elsewhere_is_noted() {
    let text = "\
apiVersion: v1
kind: Pod
spec:
  futureImage: nginx
  nodeSelector: {image: nginx}
  containers:
  - name: a
    image: h.test/hub/library/nginx
    env:
    - {name: DRIVER_IMAGE, value: nvcr.io/nvidia/driver:550}
    - {name: RELATED_IMAGE_X, value: gcr.io/x/y}
    - {name: IMAGE_PULL, value: nginx}
    - {name: REST_IMAGE, value: h.test/hub/library/nginx}
    - {name: FROM_IMAGE, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
    lifecycle: {sidecarImage: redis}
  volumes:
  - {name: v, rbd: {image: nginx}, image: {reference: h.test/nv/a/b, imageRef: quay.io/a/b}}
---
apiVersion: nvidia.com/v1
kind: ClusterPolicy
metadata: {name: cp, labels: {image: nginx}}
spec:
  driver: {repository: nvcr.io/nvidia, image: driver, version: 550}
  digest: {repository: nvcr.io/nvidia, image: driver, version: sha256:e243d778bd83de47668e7629d78f673317a130fedc99941be12aad7fc6bdfa85}
  rest: {repository: h.test/nv/nvidia, image: driver, version: 550}
  broken: {repository: NOT, image: '!', version: ''}
  image: docker.io/library/redis
  reference: not-an-image
  refs: {imageRef: nvcr.io/a/b}
---
image: {registry: docker.io, repository: library/nginx, tag: 1.27}
other: {repository: library/nginx}
sub: [{image: {repository: nginx, tag: v1, digest: sha256:e243d778bd83de47668e7629d78f673317a130fedc99941be12aad7fc6bdfa85}}]
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
spec: {properties: {image: {type: string, description: 'image: nginx'}, repository: {type: string}, version: {type: string}}}
";
    insta::assert_snapshot!(said(&policy(""), text), @r#"
    8:12 Pod in default: h.test/hub/library/nginx -> h.test/hub/library/nginx
    17:55 Pod in default: h.test/nv/a/b -> h.test/nv/a/b
    4:16 note: `futureImage` is no known place of an image and is not changed: "nginx" would be "h.test/hub/library/nginx" through Harbor
    10:35 note: environment variable `DRIVER_IMAGE` is not changed: "nvcr.io/nvidia/driver:550" would be "h.test/nv/nvidia/driver:550" through Harbor
    11:38 note: environment variable `RELATED_IMAGE_X` is not changed: the policy does not allow "gcr.io/x/y": nothing in the policy allows it
    15:31 note: `sidecarImage` is no known place of an image and is not changed: "redis" would be "h.test/hub/library/redis" through Harbor
    17:80 note: `imageRef` is no known place of an image and is not changed: the policy does not allow "quay.io/a/b": nothing in the policy allows it
    23:24 note: the image in `repository`, `image`, `version` is not changed: "nvcr.io/nvidia/driver:550" would be "h.test/nv/nvidia/driver:550" through Harbor
    24:24 note: the image in `repository`, `image`, `version` is not changed: "nvcr.io/nvidia/driver@sha256:e243d778bd83de47668e7629d78f673317a130fedc99941be12aad7fc6bdfa85" would be "h.test/nv/nvidia/driver@sha256:e243d778bd83de47668e7629d78f673317a130fedc99941be12aad7fc6bdfa85" through Harbor
    27:10 note: `image` of the kind `ClusterPolicy` is not judged and not changed: "docker.io/library/redis" would be "h.test/hub/library/redis" through Harbor
    29:20 note: `imageRef` of the kind `ClusterPolicy` is not judged and not changed: "nvcr.io/a/b" would be "h.test/nv/a/b" through Harbor
    31:42 note: the image in `registry`, `repository`, `tag` is not changed: "docker.io/library/nginx:1.27" would be "h.test/hub/library/nginx:1.27" through Harbor
    33:28 note: the image in `repository`, `tag`, `digest` is not changed: "nginx:v1@sha256:e243d778bd83de47668e7629d78f673317a130fedc99941be12aad7fc6bdfa85" would be "h.test/hub/library/nginx:v1@sha256:e243d778bd83de47668e7629d78f673317a130fedc99941be12aad7fc6bdfa85" through Harbor
    Passed { without_kind: 1, policies: 0 }
    "#);
    assert_eq!(rewrite(text).as_deref(), Ok(text), "noted, and never changed");
}

#[test]
fn an_item_that_is_no_object_is_all_that_is_noted() {
    let text = "apiVersion: v1\nkind: List\nitems:\n- {image: nginx}\n- {apiVersion: v1, kind: Pod, spec: {containers: [{image: nginx}]}}\n";
    insta::assert_snapshot!(said(&policy(""), text), @r#"
    5:59 Pod in default: nginx -> h.test/hub/library/nginx
    4:11 note: `image` of what is no object is not judged and not changed: "nginx" would be "h.test/hub/library/nginx" through Harbor
    Passed { without_kind: 0, policies: 0 }
    "#);
}

#[test]
fn what_is_no_object_is_passed_over_and_counted() {
    let text = "# nothing\n---\n---\na: b\n---\n- apiVersion: v1\n---\ntext\n---\napiVersion: harbor-pilot.io/v1\nkind: Policy\nproxies: [{registry: nvcr.io, image: x}]\n\
                ---\napiVersion: v1\nkind: List\nitems: []\n---\nkind: Pod\n---\n{apiVersion: v1, kind: ConfigMap, data: {a: 'image: nginx'}}\n";
    insta::assert_snapshot!(said(&policy(""), text), @"Passed { without_kind: 4, policies: 1 }");
}
