//! What is read of a body, and what is refused.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{
    super::{locate, object::IMAGES_MAX, request, skip::DEPTH_MAX, *},
    containers, create, policy,
};

fn refused(body: &str) -> String {
    let policy = policy("");
    match review(Webhook::Mutate, body.as_bytes(), Policies::only(&policy)) {
        Ok(answer) => panic!("answered: {}", String::from_utf8_lossy(&answer.body)),
        Err(error) => error.to_string(),
    }
}

#[test]
fn what_is_no_review_is_refused_with_its_place() {
    let good = create(json!({}), containers(&["nginx"])).to_string();
    let changed = |from: &str, to: &str| {
        assert!(good.contains(from), "{from} in {good}");
        good.replacen(from, to, 1)
    };
    let bodies = [
        String::new(),
        "{}".to_owned(),
        "[]".to_owned(),
        "null".to_owned(),
        r#"{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview"}"#.to_owned(),
        changed("admission.k8s.io/v1", "admission.k8s.io/v1beta1"),
        changed("AdmissionReview", "ConversionReview"),
        changed(r#""uid":"u-1""#, r#""uid":"""#),
        changed(r#""operation":"CREATE""#, r#""operation":"PATCH""#),
        changed(r#""image":"nginx""#, r#""image":"nginx","image":"evil""#),
        changed(r#""image":"nginx""#, r#""image":"nginx","im\u0061ge":"evil""#),
        changed(r#""containers":["#, r#""containers":[],"containers":["#),
        changed(r#""spec":{"#, r#""spec":{},"spec":{"#),
        changed(r#""object":{"#, r#""object":{},"object":{"#),
        changed(r#""image":"nginx""#, r#""image":7"#),
        changed(r#""containers":["#, r#""containers":{"a":["#),
        format!("{good} x"),
        good[..good.len() - 2].to_owned(),
        changed("nginx", "\\ud800"),
        changed("nginx", "\u{1}"),
    ];
    let errors: Vec<String> = bodies.iter().map(|body| refused(body)).collect();
    insta::assert_snapshot!(errors.join("\n"), @r#"
    expected an object or `null`, but found the end of the body at byte 0
    expected the key `apiVersion`, but found none at byte 0
    expected an object or `null`, but found `[` at byte 0
    expected the key `apiVersion`, but found none at byte 0
    expected the key `request`, but found none at byte 0
    expected `apiVersion: admission.k8s.io/v1`, but found `"` at byte 14 (`/apiVersion`)
    expected `kind: AdmissionReview`, but found `"` at byte 43 (`/kind`)
    expected the key `uid`, but found none at byte 71 (`/request`)
    expected `CREATE`, `UPDATE`, `DELETE` or `CONNECT`, but found `"` at byte 296 (`/request/operation`)
    expected each key once, but found one again at byte 251 (`/request/object/spec/containers/0/image`)
    expected each key once, but found one again at byte 251 (`/request/object/spec/containers/0/image`)
    expected each key once, but found one again at byte 236 (`/request/object/spec/containers`)
    expected each key once, but found one again at byte 222 (`/request/object/spec`)
    expected each key once, but found one again at byte 169 (`/request/object`)
    expected a string or `null`, but found `7` at byte 243 (`/request/object/spec/containers/0/image`)
    expected an array or `null`, but found `{` at byte 233 (`/request/object/spec/containers`)
    expected the end of the body, but found `x` at byte 382
    expected `,` or `}`, but found the end of the body at byte 379 (`/request/userInfo`)
    expected a surrogate pair, but found half of one at byte 244 (`/request/object/spec/containers/0/image`)
    expected a control character in a string to be escaped at byte 244 (`/request/object/spec/containers/0/image`)
    "#);
}

/// It is refused before anything is read, and its place is looked for all the same.
#[test]
fn the_place_in_what_is_no_text_costs_no_memory() {
    let deep = "[".repeat(50 * DEPTH_MAX);
    assert_eq!(locate::pointer(deep.as_bytes(), deep.len()).len(), "/0".len() * DEPTH_MAX);
    let policy = policy("");
    let body = [deep.as_bytes(), b"\xff"].concat();
    let error = review(Webhook::Mutate, &body, Policies::only(&policy)).expect_err("no UTF-8");
    let error = error.to_string();
    assert!(error.starts_with("expected UTF-8, but found a byte that is none at byte 500000 (`/0/0"), "{error}");
}

/// The images as a reader of the whole tree finds them.
fn expected(review: &Value) -> Vec<(String, usize, String)> {
    let mut found = Vec::new();
    for (list, pointer) in [
        ("initContainers", "/image"),
        ("containers", "/image"),
        ("ephemeralContainers", "/image"),
        ("volumes", "/image/reference"),
    ] {
        let entries = review.pointer(&format!("/request/object/spec/{list}")).and_then(Value::as_array);
        for (index, entry) in entries.into_iter().flatten().enumerate() {
            if let Some(image) = entry.pointer(pointer).and_then(Value::as_str).filter(|image| !image.is_empty()) {
                found.push((list.to_owned(), index, image.to_owned()));
            }
        }
    }
    found.sort();
    found
}

fn read(body: &[u8]) -> Option<(String, Vec<(String, usize, String)>)> {
    let request = request::read(body).ok()?;
    let images = request.object.map(|object| object.images).unwrap_or_default();
    let mut found: Vec<(String, usize, String)> =
        images.iter().map(|image| (image.list.key().to_owned(), image.index, image.reference.to_string())).collect();
    found.sort();
    Some((request.uid.to_string(), found))
}

pub(super) fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_filter("a number", |number| number.is_finite()).prop_map(Value::from),
        "[a-z\"\\\\\u{0}-\u{1f}é漢🚢/]{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map("[a-z\"é]{0,5}", inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

fn entry() -> impl Strategy<Value = Value> {
    let image = prop_oneof![
        5 => "[a-z/:.@\"\\\\\u{0}-\u{1f}é]{0,12}".prop_map(Value::from),
        1 => Just(Value::Null),
    ];
    (proptest::option::of("[a-z]{0,3}"), proptest::option::of(image), json_value()).prop_map(|(name, image, other)| {
        let mut entry = json!({ "zother": other });
        if let Some(name) = name {
            entry["name"] = json!(name);
        }
        if let Some(image) = image {
            entry["image"] = image;
        }
        entry
    })
}

fn pod() -> impl Strategy<Value = Value> {
    let list =
        || prop_oneof![6 => proptest::collection::vec(entry(), 0..4).prop_map(Value::from), 1 => Just(Value::Null)];
    (list(), list(), list(), json_value(), json_value()).prop_map(|(containers, init, ephemeral, status, other)| {
        let volumes = json!([{"name": "v", "image": {"reference": "quay.io/v", "x": other.clone()}}, {"name": "w", "image": null}]);
        let spec = json!({"containers": containers, "initContainers": init, "ephemeralContainers": ephemeral, "volumes": volumes, "z": other});
        let mut review = create(json!({"annotations": {"a": "b"}, "labels": {"x": "y"}}), spec);
        review["request"]["object"]["status"] = status;
        review
    })
}

proptest! {
    #[test]
    fn the_reader_agrees_with_serde_json(review in pod()) {
        let body = review.to_string();
        prop_assert_eq!(read(body.as_bytes()), Some(("u-1".to_owned(), expected(&review))));
        let pretty = serde_json::to_string_pretty(&review).expect("JSON");
        prop_assert_eq!(read(pretty.as_bytes()), Some(("u-1".to_owned(), expected(&review))));
    }

    /// What it accepts is JSON, and says what it says.
    #[test]
    fn the_reader_agrees_on_mutated_reviews(review in pod(), at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in 0..3_usize) {
        let mut body = review.to_string().into_bytes();
        let at = at.index(body.len());
        match cut {
            0 => body[at] = byte,
            1 => body.truncate(at),
            _ => { body.remove(at); }
        }
        match (read(&body), serde_json::from_slice::<Value>(&body)) {
            (Some((uid, images)), Ok(review)) => {
                prop_assert_eq!(review["request"]["uid"].as_str(), Some(uid.as_str()));
                if review["request"]["kind"]["kind"] == "Pod" && review["request"]["kind"]["group"] == "" {
                    prop_assert_eq!(images, expected(&review));
                }
            }
            (Some(_), Err(error)) => prop_assert!(false, "read, and is no JSON: {}", error),
            (None, _) => {}
        }
    }
}

#[test]
fn more_images_than_an_object_can_have_are_refused() {
    let policy = policy("");
    let body = |count: usize| create(json!({}), containers(&vec!["nginx"; count])).to_string();
    let review = |body: &str| review(Webhook::Validate, body.as_bytes(), Policies::only(&policy)).map(drop);
    assert_eq!(review(&body(IMAGES_MAX)), Ok(()));
    let error = review(&body(IMAGES_MAX + 1)).expect_err("too many");
    let error = error.to_string();
    assert!(
        error.starts_with("expected at most 10000 images in one object, but found another one at byte "),
        "{error}"
    );
    assert!(error.ends_with("(`/request/object/spec/containers/10000/image`)"), "{error}");
}
