//! `{a,b}`: either.

use super::{PatternError, refused};

/// How many patterns one with braces may stand for.
const ALTERNATIVES: usize = 256;

/// Writes out `{a,b}`: each alternative in its place, in order.
pub(in crate::policy) fn write_out(text: &str) -> Result<Vec<String>, PatternError> {
    let wrong = |message: &str| {
        Err(refused(
            format!("{message} in `{text}`"),
            "write `{a,b}`: two or more texts, none of them empty, no `/` and no braces inside".to_owned(),
        ))
    };
    let mut written = vec![String::new()];
    let mut rest = text;
    while let Some(open) = rest.find(['{', '}', ',']) {
        let Some(behind) = rest[open..].strip_prefix('{') else {
            let found = &rest[open..=open];
            return wrong(&format!("a `{found}` outside braces"));
        };
        let Some((inside, behind)) = behind.split_once('}') else {
            return wrong("a `{` that is not closed");
        };
        if inside.contains(['{', '/']) {
            return wrong("a `/` or another `{` between braces");
        }
        let choices: Vec<&str> = inside.split(',').collect();
        if choices.contains(&"") {
            return wrong("nothing to choose between braces");
        }
        if written.len() * choices.len() > ALTERNATIVES {
            return Err(refused(
                format!("the braces stand for more than {ALTERNATIVES} patterns"),
                "write several entries".to_owned(),
            ));
        }
        written = written
            .iter()
            .flat_map(|head| choices.iter().map(move |choice| format!("{head}{}{choice}", &rest[..open])))
            .collect();
        rest = behind;
    }
    for head in &mut written {
        head.push_str(rest);
    }
    Ok(written)
}
