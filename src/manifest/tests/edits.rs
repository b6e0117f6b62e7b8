use super::*;

/// The lines where they belong under `containers`; markers and what stands behind them stay.
fn indented(lines: &str) -> String {
    let (lines, rest) = lines.find("---").map_or((lines, ""), |marker| lines.split_at(marker));
    let indented = lines.split_inclusive('\n').map(|line| {
        if line.starts_with("...") || line.trim().is_empty() { line.to_owned() } else { format!("  {line}") }
    });
    indented.chain([rest.to_owned()]).collect()
}

/// Each text becomes what stands beside it, with nothing else changed.
#[test]
fn an_image_is_changed_in_its_own_notation() {
    for (before, after) in [
        // Plain, with what follows on the line.
        ("- image: nginx\n", "- image: h.test/hub/library/nginx\n"),
        ("- image:   nginx:1.27   # web\n", "- image:   h.test/hub/library/nginx:1.27   # web\n"),
        ("- image: nginx", "- image: h.test/hub/library/nginx"),
        ("- {image: nginx,name: a}\n", "- {image: h.test/hub/library/nginx,name: a}\n"),
        ("- ? image\n  : nginx\n", "- ? image\n  : h.test/hub/library/nginx\n"),
        ("- image:\n      nginx\n", "- image:\n      h.test/hub/library/nginx\n"),
        // Quotes stay.
        ("- image: 'nginx'\n", "- image: 'h.test/hub/library/nginx'\n"),
        ("- image: \"nginx\"\n", "- image: \"h.test/hub/library/nginx\"\n"),
        ("- {\"image\":\"nginx\\u003a1\"}\n", "- {\"image\":\"h.test/hub/library/nginx:1\"}\n"),
        ("- image: \"ng\\\n    inx\" # c\n", "- image: \"h.test/hub/library/nginx\" # c\n"),
        // Tags and anchors stay.
        ("- image: !!str nginx\n", "- image: !!str h.test/hub/library/nginx\n"),
        ("- image: &a nginx\n", "- image: &a h.test/hub/library/nginx\n"),
        ("- image: !!str 1.27\n", "- image: !!str h.test/hub/library/1.27\n"),
        // A block scalar keeps its header, its indentation and what stands behind it.
        ("- image: |-\n   nginx\n", "- image: |-\n   h.test/hub/library/nginx\n"),
        ("- image: >-  # web\n\n      \n", "- image: >-  # web\n\n      \n"),
        (
            "- image: >-  # web\n      nginx\n\n  # end\n",
            "- image: >-  # web\n      h.test/hub/library/nginx\n\n  # end\n",
        ),
        ("- image: |2-\n    nginx\n", "- image: |2-\n    h.test/hub/library/nginx\n"),
        // Line ends, a byte order mark and markers.
        (
            "- image: nginx\r\n- image: |-\r\n    redis\r\n",
            "- image: h.test/hub/library/nginx\r\n- image: |-\r\n    h.test/hub/library/redis\r\n",
        ),
        ("- image: nginx\n...\n# end\n", "- image: h.test/hub/library/nginx\n...\n# end\n"),
        ("- image: nginx\n---\n- image: nginx\n", "- image: h.test/hub/library/nginx\n---\n- image: nginx\n"),
        // What is at rest, empty or nothing stays.
        ("- image: h.test/hub/library/nginx\n", "- image: h.test/hub/library/nginx\n"),
        ("- image:\n- image: ''\n- image: ~\n- name: a\n- a\n", "- image:\n- image: ''\n- image: ~\n- name: a\n- a\n"),
        ("- image: auto\n", "- image: auto\n"),
        ("- image: Not A Name\n- image: gcr.io/a/b\n", "- image: Not A Name\n- image: gcr.io/a/b\n"),
        // Only images.
        (
            "- {name: nginx, args: [image, nginx], env: [{name: image, value: nginx}], image: nginx}\n",
            "- {name: nginx, args: [image, nginx], env: [{name: image, value: nginx}], image: h.test/hub/library/nginx}\n",
        ),
    ] {
        for bom in ["", "\u{feff}"] {
            let (before, after) =
                (format!("{bom}{}", pod(&indented(before))), format!("{bom}{}", pod(&indented(after))));
            assert_eq!(rewrite(&before).as_deref(), Ok(&*after), "{before}");
            assert_eq!(rewrite(&after).as_deref(), Ok(&*after), "twice is once");
        }
    }
}

#[test]
fn every_list_of_every_kind_is_looked_at() {
    let spec = "{initContainers: [{image: a}], containers: [{image: b}], ephemeralContainers: [{image: c}], \
                volumes: [{image: {reference: d}}, {image: e}, {rbd: {image: f}}]}";
    let expected = spec
        .replace("{image: a}", "{image: h.test/hub/library/a}")
        .replace("{image: b}", "{image: h.test/hub/library/b}")
        .replace("{image: c}", "{image: h.test/hub/library/c}")
        .replace("reference: d", "reference: h.test/hub/library/d");
    for kind in &crate::workload::KINDS {
        let object = |spec: &str| {
            let inner = kind.pod_spec.iter().rev().fold(spec.to_owned(), |inner, key| format!("{{{key}: {inner}}}"));
            let group = if kind.api_group.is_empty() { String::new() } else { format!("{}/", kind.api_group) };
            format!("{{apiVersion: {group}v1, kind: {}, {}", kind.name, &inner[1..])
        };
        let (before, after) = (object(spec), object(&expected));
        assert_eq!(rewrite(&before).as_deref(), Ok(&*after));
        let list = |object: &str| {
            format!(
                "apiVersion: v1\nkind: List\nitems:\n- {object}\n- apiVersion: v1\n  kind: List\n  items: [{object}]\n"
            )
        };
        assert_eq!(rewrite(&list(&before)).as_deref(), Ok(&*list(&after)));
        assert_eq!(rewrite(&format!("[{before}]")), Ok(format!("[{before}]")), "an array is no object");
    }
}

#[test]
fn a_list_of_one_kind_says_what_its_items_are() {
    let list = |image| {
        format!(
            "apiVersion: apps/v1\nkind: DeploymentList\nitems:\n- spec: {{template: {{spec: {{containers: [{{image: {image}}}]}}}}}}\n"
        )
    };
    assert_eq!(rewrite(&list("nginx")), Ok(list("h.test/hub/library/nginx")));
    let other = list("nginx").replace("Deployment", "Thing");
    assert_eq!(rewrite(&other), Ok(other));
}

#[test]
fn a_plain_image_gets_quotes_where_it_must() {
    let policy = Policy::read(
        "policies.yaml",
        b"apiVersion: harbor-pilot.io/v1\nkind: Policy\nharbor: '[::1]:5000'\nproxies: [{registry: docker.io, project: hub}]",
    );
    let policy = policy.policy.expect("whole");
    for (before, after) in
        [("nginx", "\"[::1]:5000/hub/library/nginx\""), ("'nginx'", "'[::1]:5000/hub/library/nginx'")]
    {
        for place in ["- image: IMAGE\n", "- {image: IMAGE}\n", "- {image: IMAGE, name: a}\n"] {
            let (before, after) =
                (pod(&indented(&place.replace("IMAGE", before))), pod(&indented(&place.replace("IMAGE", after))));
            assert_eq!(rewrite_by(&policy, &before), Ok(after));
        }
    }
}

/// The first text becomes the second.
#[test]
fn what_an_anchor_holds_is_what_its_uses_need() {
    for (case, before, after) in [
        (
            "every use is the same image: the anchor alone is changed",
            "- image: &i nginx\n- image: *i\n",
            "- image: &i h.test/hub/library/nginx\n- image: *i\n",
        ),
        (
            "another use is none: it is written out",
            "- {image: &i nginx, args: [*i, *i]}\n- image: *i\n",
            "- {image: &i h.test/hub/library/nginx, args: [\"nginx\", \"nginx\"]}\n- image: *i\n",
        ),
        (
            "the anchor is none: the image is written out",
            "- {args: [&i nginx], image: *i}\n- {args: [*i]}\n",
            "- {args: [&i nginx], image: h.test/hub/library/nginx}\n- {args: [*i]}\n",
        ),
        (
            "quotes and a tag come along",
            "- {args: [&i !!str 'nginx'], image: *i}\n",
            "- {args: [&i !!str 'nginx'], image: !!str \"h.test/hub/library/nginx\"}\n",
        ),
        (
            "an anchor that is defined again",
            "- image: &i nginx\n- image: &i redis\n- image: *i\n",
            "- image: &i h.test/hub/library/nginx\n- image: &i h.test/hub/library/redis\n- image: *i\n",
        ),
        (
            "a container that is used twice",
            "- &c {name: a, image: nginx}\n- *c\n- <<: *c\n  name: b\n",
            "- &c {name: a, image: h.test/hub/library/nginx}\n- *c\n- <<: *c\n  name: b\n",
        ),
        (
            "a merged image that is not used",
            "- &c {name: a, image: nginx}\n- {<<: *c, image: redis}\n",
            "- &c {name: a, image: h.test/hub/library/nginx}\n- {<<: *c, image: h.test/hub/library/redis}\n",
        ),
        (
            "earlier sources win over later ones",
            "- &c {image: nginx}\n- &d {image: redis}\n- {<<: [*c, *d]}\n- {<<: {image: nginx}}\n",
            "- &c {image: h.test/hub/library/nginx}\n- &d {image: h.test/hub/library/redis}\n- {<<: [*c, *d]}\n- {<<: {image: h.test/hub/library/nginx}}\n",
        ),
        (
            "an alias as a key",
            "- {args: [&k image], *k : nginx}\n",
            "- {args: [&k image], *k : h.test/hub/library/nginx}\n",
        ),
    ] {
        let (before, after) = (pod(&indented(before)), pod(&indented(after)));
        assert_eq!(rewrite(&before).as_deref(), Ok(&*after), "{case}");
        assert_eq!(rewrite(&after).as_deref(), Ok(&*after), "{case}: twice is once");
    }
}

/// As Kubernetes' reader has it, which takes one merge key after the other.
#[test]
fn the_later_of_two_merge_keys_wins() {
    let text =
        |image| pod(&format!("  - &a {{image: quay.io/a}}\n  - &b {{image: {image}}}\n  - {{<<: *a, <<: *b}}\n"));
    let text_before = text("nginx");
    let manifest = Manifest::parse(text_before.as_bytes()).expect("YAML");
    let policy = policy("");
    let judged = manifest.judge(&policy, "default");
    let images: Vec<&str> = judged.images.iter().map(|image| image.finding.image.reference).collect();
    assert_eq!(images, ["quay.io/a", "nginx", "nginx"]);
    assert_eq!(rewrite(&text_before), Ok(text("h.test/hub/library/nginx")));
}

#[test]
fn what_stands_for_itself_in_two_namespaces() {
    let list = |images: [&str; 2]| {
        format!(
            "apiVersion: v1\nkind: List\nitems:\n- {{apiVersion: v1, kind: Pod, spec: {{containers: [{{image: &i {}}}]}}}}\n\
             - {{apiVersion: v1, kind: Pod, metadata: {{namespace: raw}}, spec: {{containers: [{{image: {}}}]}}}}\n",
            images[0], images[1]
        )
    };
    let policy = policy("namespaces: [{match: [raw], rewrite: false}]");
    let before = list(["nginx", "*i"]);
    assert_eq!(rewrite_by(&policy, &before), Ok(list(["h.test/hub/library/nginx", "\"nginx\""])));
}
