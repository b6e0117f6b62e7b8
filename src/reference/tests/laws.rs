//! What holds of every name: generated ones that are nearly right, and any text at all.

use proptest::{prelude::*, sample::select};

use crate::reference::{Domain, Reference, check_digest, check_path_component, check_tag};

fn domain() -> impl Strategy<Value = String> {
    let host = prop_oneof![
        select(vec!["docker.io", "index.docker.io", "Registry-1.docker.io", "localhost", "LOCALHOST", "Foo", "foo"])
            .prop_map(str::to_owned),
        "[a-zA-Z0-9]{1,3}(-{1,2}[a-zA-Z0-9]){0,2}(\\.[a-zA-Z0-9]{1,3}){0,3}",
        "\\[[0-9a-fA-F:]{1,12}\\]",
        "\\[[0-3]{1,4}(:[0-1]{1,4}){7}\\]",
        any::<std::net::Ipv6Addr>().prop_map(|address| format!("[{address}]")),
        "[a-z_.:\\[\\]-]{1,6}",
    ];
    let port = prop_oneof![4 => Just(String::new()), 1 => Just(":0443".to_owned()), 2 => ":[0-9]{0,7}"];
    (host, port).prop_map(|(host, port)| host + &port)
}

prop_compose! {
    fn name()(
        domain in prop_oneof![1 => Just(None), 3 => domain().prop_map(Some)],
        path in "(library/)?[a-z0-9]{1,4}((\\.|_|__|-{1,3}|/|/|/|[A-Z_.@:-]{0,2})[a-z0-9]{1,3}){0,4}",
        tag in prop_oneof![Just(String::new()), "(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,6})?", ":.{0,3}"],
        digest in prop_oneof![3 => Just(String::new()), 2 => "@sha256:[0-9a-f]{64}", 1 => "@sha(384|512)?:?[0-9a-fA-F]{95,97}"],
    ) -> String {
        domain.map_or(String::new(), |domain| domain + "/") + &path + &tag + &digest
    }
}

/// A name with a character put in or taken out.
fn broken_name() -> impl Strategy<Value = String> {
    let piece = prop_oneof![Just(String::new()), any::<char>().prop_map(String::from), "[/:@._A-Z\\[\\]-]{1,2}"];
    (name(), any::<prop::sample::Index>(), piece, any::<bool>()).prop_map(|(name, at, piece, replaced)| {
        let mut characters: Vec<char> = name.chars().collect();
        let at = at.index(characters.len() + 1);
        characters.splice(at..(at + usize::from(replaced)).min(characters.len()), piece.chars());
        characters.into_iter().collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2048, ..ProptestConfig::default() })]

    #[test]
    fn printing_and_parsing_gives_the_same_parts(text in prop_oneof![name(), broken_name()]) {
        let Ok(name) = Reference::parse(&text) else { return Ok(()) };
        prop_assert_eq!(name.written(), &text);
        let canonical = name.to_string();
        let again = Reference::parse(&canonical).unwrap();
        prop_assert_eq!(
            (again.domain(), again.path(), again.tag(), again.digest()),
            (name.domain(), name.path(), name.tag(), name.digest())
        );
        prop_assert_eq!(again.to_string(), canonical);
    }

    #[test]
    fn the_comparison_form_is_a_fixed_point(text in prop_oneof![name(), broken_name()]) {
        let Ok(name) = Reference::parse(&text) else { return Ok(()) };
        let form = name.comparison();
        // With a port written out, every client takes the domain for one, `foo` of `Foo/x` too.
        let has_port = form.domain().rsplit_once(':').is_some_and(|(_, port)| !port.ends_with(']'));
        let domain = if has_port { form.domain().to_owned() } else { format!("{}:443", form.domain()) };
        let suffix = form.to_string().split_off(form.domain().len());
        let with_port = format!("{domain}{suffix}");
        prop_assert_eq!(&Reference::parse(&with_port).unwrap().comparison(), &form);
        if let Ok(domain) = Domain::parse(&domain) {
            prop_assert_eq!(domain.as_str(), form.domain());
            prop_assert_eq!(&form.at(&domain, form.path()), &form);
        }
        // As text, wherever the text has the same domain.
        let printed = form.to_string();
        match Reference::parse(&printed) {
            Ok(again) if again.domain() == form.domain() => prop_assert_eq!(again.comparison(), form),
            _ => prop_assert!(!form.domain().contains(['.', ':']) && form.domain() != "localhost"),
        }
    }

    #[test]
    fn the_parts_pass_their_own_checks(text in name()) {
        let Ok(name) = Reference::parse(&text) else { return Ok(()) };
        for component in name.path().split('/') {
            prop_assert_eq!(check_path_component(component), Ok(()));
        }
        prop_assert_eq!(name.tag().map_or(Ok(()), check_tag), Ok(()));
        prop_assert_eq!(name.digest().map_or(Ok(()), check_digest), Ok(()));
    }

    #[test]
    fn an_error_lies_in_the_text_and_prints_on_one_line(text in prop_oneof![any::<String>(), broken_name()]) {
        let errors = [
            Reference::parse(&text).err(),
            Domain::parse(&text).err(),
            check_path_component(&text).err(),
            check_tag(&text).err(),
            check_digest(&text).err(),
        ];
        for error in errors.into_iter().flatten() {
            prop_assert!(text.is_char_boundary(error.offset()), "{error}");
            prop_assert!(!error.to_string().contains(char::is_control));
        }
    }

    #[test]
    fn a_name_without_upper_case_letters_and_the_same_in_capitals_up_to_the_path_compare_alike(
        domain in "[a-z]{1,4}\\.[a-z]{2,3}(:[0-9]{1,5})?",
        path in "[a-z]{1,4}(/[a-z]{1,4}){0,2}",
    ) {
        let (small, large) = (format!("{domain}/{path}"), format!("{}/{path}", domain.to_uppercase()));
        let (small, large) = (Reference::parse(&small).unwrap(), Reference::parse(&large).unwrap());
        prop_assert_eq!(small.comparison(), large.comparison());
    }
}
