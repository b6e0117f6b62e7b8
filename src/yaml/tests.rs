use proptest::prelude::*;

use super::*;

mod law {
    extern crate self as harbor_pilot;
    include!("../../fuzz/laws/yaml.rs");
}

const LIMITS: Limits = Limits { bytes: 4 << 20, depth: 32, nodes: 250_000 };

fn parse(text: &str) -> Stream<'_> {
    Stream::parse(text.as_bytes(), LIMITS).unwrap_or_else(|error| panic!("{error:?}: {text:?}"))
}

#[test]
fn probe() {
    for text in ["a: b\n", "a:\n- - b\n- \n- c\n", "- -\n  -\n-\n", "a: |\n  foo\n  bar  \n\n\nb: 1", "[a: b, ? c, : d, {e: f}: g]", "---\n# c\n--- &a\n...\nx", "a: |  # c | x\nb: >-\n\n", "&x a: &y !t |+\n  k\n\n\nb: &z\nc: !q\nd: *x"] {
        println!("{text:?}");
        law::law(text.as_bytes());
        let s = parse(text);
        for d in &s.documents { println!(" doc {:?}", &text[d.span.start..d.span.end]); show(text, &d.root, 1); }
    }
}
fn show(text: &str, n: &Node<'_>, depth: usize) {
    print!("{:w$}{:?} {:?}", "", n.span, &text[n.span.start..n.span.end], w = depth * 2);
    match &n.content {
        Content::Scalar(s) => println!(" = {:?}", s),
        Content::Alias { name, target } => println!(" alias {name} {target:?}"),
        Content::Sequence(i) => { println!(" seq"); for c in i { show(text, c, depth + 1) } }
        Content::Mapping(i) => { println!(" map"); for (k, v) in i { show(text, k, depth + 1); show(text, v, depth + 1) } }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn any_text(text in r#"([a-c:\-?\[\]{},&*!|>'"%@#\\ \n\r\t]|- |: |\n  |\? |[&*]a |---\n|é|\u{feff}|\.\.\.\n| #|!t ){0,40}"#) {
        law::law(text.as_bytes());
    }
}
