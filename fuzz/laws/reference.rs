//! A name of any bytes is parsed or refused with a place in it. What is parsed prints as a name
//! that parses to the same parts, each of which passes its own check, and its comparison form
//! holds still.

use harbor_pilot::reference::{Domain, ParseErrorKind, Reference, check_digest, check_path_component, check_tag};

pub fn law(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let name = match Reference::parse(text) {
        Err(error) => {
            assert!(text.is_char_boundary(error.offset()), "{error}");
            assert!(!error.to_string().contains(char::is_control));
            return;
        }
        Ok(name) => name,
    };
    printing_and_parsing_gives_the_same_parts(&name);
    the_parts_pass_their_own_checks(&name);
    the_comparison_form_is_a_fixed_point(&name);
}

fn printing_and_parsing_gives_the_same_parts(name: &Reference<'_>) {
    let printed = name.to_string();
    let again = Reference::parse(&printed).expect("what is printed is a name");
    assert_eq!((again.domain(), again.path()), (name.domain(), name.path()));
    assert_eq!((again.tag(), again.digest()), (name.tag(), name.digest()));
    assert_eq!(again.to_string(), printed);
    assert_eq!(again.comparison(), name.comparison());
}

fn the_parts_pass_their_own_checks(name: &Reference<'_>) {
    assert!(name.path().len() <= 255);
    assert!(name.path().split('/').all(|component| check_path_component(component).is_ok()));
    assert_eq!(name.tag().map(check_tag), name.tag().map(|_| Ok(())));
    assert_eq!(name.digest().map(check_digest), name.digest().map(|_| Ok(())));
}

fn the_comparison_form_is_a_fixed_point(name: &Reference<'_>) {
    let form = name.comparison();
    // With a port written out, clients take any domain for one: `foo`, of `Foo/x`, too.
    let has_port = form.domain().rsplit_once(':').is_some_and(|(_, port)| !port.ends_with(']'));
    let domain = if has_port { form.domain().to_owned() } else { format!("{}:443", form.domain()) };
    match Domain::parse(&domain) {
        Ok(domain) => {
            assert_eq!(domain.as_str(), form.domain());
            assert_eq!(form.at(&domain, form.path()), form);
        }
        Err(error) => assert_eq!(error.kind(), ParseErrorKind::PortRange, "{error}"),
    }
    // A `library/` that folding adds can make a path too long to be parsed.
    if form.path().len() <= 255 {
        let printed = form.to_string();
        let with_port = domain + &printed[form.domain().len()..];
        assert_eq!(Reference::parse(&with_port).expect("the port makes it a domain").comparison(), form);
    }
}
