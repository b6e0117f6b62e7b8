use proptest::{collection::vec, prelude::*};

mod law {
    #![expect(unreachable_pub, reason = "the file is also a module of the fuzz targets")]
    extern crate self as harbor_pilot;
    include!("../../../fuzz/laws/manifest.rs");
}

/// What every object begins with, so that the aliases below stand for something.
const ANCHORS: &str = "- &c\n  image: &i nginx\n  args: [a]";

/// An image in an entry of a list, in one of the notations that YAML has for it.
fn entry() -> impl Strategy<Value = String> {
    let image = prop_oneof![
        Just("nginx".to_owned()),
        Just("nvcr.io/nvidia/driver:550".to_owned()),
        Just("harbor.example/hub/library/redis".to_owned()),
        Just("gcr.io/x/y@sha256:e243d778bd83de47668e7629d78f673317a130fedc99941be12aad7fc6bdfa85".to_owned()),
        "[a-z0-9.:/@_-]{1,20}",
    ];
    let notation = prop_oneof![
        Just("- image: IMAGE # c"),
        Just("- image: 'IMAGE'"),
        Just("- image: \"IMAGE\"\n  name: b"),
        Just("- {image: IMAGE, args: [IMAGE]}"),
        Just("- {\"image\":\"IMAGE\",\"args\":[\"IMAGE\"]}"),
        Just("- image: |-\n    IMAGE"),
        Just("- image: >- # c\n     IMAGE\n\n  name: c"),
        Just("- image: |\n    IMAGE"),
        Just("- ? image\n  : !!str IMAGE"),
        Just("- &c\n  image: &i IMAGE\n  args: [a]"),
        Just("- {image: &i 'IMAGE', args: [*i]}"),
        Just("- {args: [&i !!str \"IMAGE\"], image: *i}"),
        Just("- image: *i"),
        Just("- {<<: *c}"),
        Just("- {<<: [*c, {tty: true}], args: [*i]}"),
        Just("- *c"),
    ];
    (notation, image).prop_map(|(notation, image)| notation.replace("IMAGE", &image))
}

/// A Pod, or a Pod template, of some entries.
fn object() -> impl Strategy<Value = String> {
    let heads = prop_oneof![
        Just("apiVersion: v1\nkind: Pod\nspec:\n"),
        Just("apiVersion: v1\nkind: Pod\nmetadata: {namespace: kube-system}\nspec:\n"),
        Just("apiVersion: v1\nkind: PodTemplate\ntemplate:\n spec:\n"),
        Just("apiVersion: batch/v1\nkind: CronJob\nspec: &s\n jobTemplate:\n  spec:\n   template:\n    spec:\n"),
    ];
    (heads, vec(entry(), 1..5), vec(entry(), 0..3)).prop_map(|(head, containers, mut others)| {
        others.insert(0, ANCHORS.to_owned());
        let indent = " ".repeat(head.lines().next_back().map_or(0, |line| line.len() - line.trim_start().len()) + 1);
        let mut text = head.to_owned();
        for (key, entries) in [("initContainers", others), ("containers", containers)] {
            text += &format!("{indent}{key}:\n");
            for line in entries.iter().flat_map(|entry| entry.split('\n')) {
                text += &format!("{indent}{line}\n");
            }
        }
        text
    })
}

proptest! {
    #[test]
    fn images_in_every_notation_keep_the_laws(
        objects in vec(object(), 1..4),
        marker in prop_oneof![Just("---\n"), Just("...\n---\n"), Just("# c\n--- # d\n")],
        end in prop_oneof![Just("\n"), Just("\r\n"), Just("\r")],
        bom in prop_oneof![Just(""), Just("\u{feff}")],
    ) {
        let text = format!("{bom}{}", objects.join(marker)).replace('\n', end);
        law::law(text.as_bytes());
    }
}
