use super::*;

#[test]
fn a_kind_is_found_by_group_and_name() {
    assert_eq!(Kind::find("", "Pod").map(|kind| kind.role), Some(Role::Pod));
    let spec = |group, kind| Kind::find(group, kind).map(|kind| kind.pod_spec.join("."));
    assert_eq!(spec("", "Pod").as_deref(), Some("spec"));
    assert_eq!(spec("apps", "StatefulSet").as_deref(), Some("spec.template.spec"));
    assert_eq!(spec("batch", "CronJob").as_deref(), Some("spec.jobTemplate.spec.template.spec"));
    assert_eq!(spec("", "PodTemplate").as_deref(), Some("template.spec"));
    assert_eq!(spec("", "Deployment"), None);
    assert_eq!(spec("example.com", "Pod"), None);
    assert_eq!(spec("", "Binding"), None);
}

#[test]
fn every_kind_is_found_as_itself_and_only_pods_run() {
    for kind in &KINDS {
        assert_eq!(Kind::find(kind.api_group, kind.name), Some(kind));
        assert_eq!(kind.role == Role::Pod, kind.name == "Pod");
        assert_eq!(kind.pod_spec.last(), Some(&"spec"));
    }
}

#[test]
fn every_list_is_found_by_its_key() {
    for list in List::ALL {
        assert_eq!(List::find(list.key()), Some(list));
        assert!(!list.image_path().is_empty());
    }
    assert_eq!(List::find("container"), None);
}

#[test]
fn keys_that_sound_like_images() {
    for key in ["image", "reference", "imageRef", "imageReference", "sandboxImage", "baseImageRef"] {
        assert!(sounds_like_image(key.as_bytes()), "{key}");
    }
    for key in ["imagePullPolicy", "imageID", "secretRef", "name", "images", "preference", ""] {
        assert!(!sounds_like_image(key.as_bytes()), "{key}");
    }
}
