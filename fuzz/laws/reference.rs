//! A name of any bytes is parsed or refused with a place in it. What is parsed prints as a name
//! that parses to the same parts, and its comparison form holds still.

use harbor_pilot::reference::Reference;

pub fn law(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let reference = match Reference::parse(text) {
        Err(error) => {
            assert!(text.is_char_boundary(error.offset()));
            return;
        }
        Ok(reference) => reference,
    };
    let printed = reference.to_string();
    let again = Reference::parse(&printed).expect("what is printed is a name");
    assert_eq!((again.domain(), again.path()), (reference.domain(), reference.path()));
    assert_eq!((again.tag(), again.digest()), (reference.tag(), reference.digest()));
    assert_eq!(again.to_string(), printed);
    let form = reference.comparison();
    assert_eq!(again.comparison(), form);
    let compared = form.to_string();
    // Folding may leave a domain that stands for one no more, such as that of `Foo/bar`.
    if let Ok(same) = Reference::parse(&compared)
        && same.domain() == form.domain()
    {
        assert_eq!(same.comparison(), form);
    }
}
