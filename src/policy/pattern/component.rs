//! What stands between two `/` of a pattern.

use super::{PatternError, Step, refused};
use crate::{
    policy::glob::Glob,
    reference::{self, Domain, ParseErrorKind},
};

/// The first component: a domain, brought into comparison form, or a wildcard.
pub(super) fn parse_domain(domain: &str, text: &str) -> Result<Step, PatternError> {
    if domain == "**" {
        return Ok(Step::Deep);
    }
    if domain.contains(['*', '?']) {
        return parse_wild_domain(domain, text).map(Step::One);
    }
    match Domain::parse(domain) {
        Ok(domain) => Ok(Step::One(Glob::Literal(domain.as_str().to_owned()))),
        Err(error) if error.kind() == ParseErrorKind::DomainTakenForPath => Err(refused(
            format!("`{text}` has no domain: every client reads `{domain}` as a part of a path on docker.io"),
            format!("write `docker.io/{text}`"),
        )),
        Err(error) => Err(refused(
            format!("`{text}` can never match: {error}"),
            "write the registry's host name, with its port if it has one".to_owned(),
        )),
    }
}

/// A domain with wildcards is brought into comparison form as far as it is written out.
fn parse_wild_domain(domain: &str, text: &str) -> Result<Glob, PatternError> {
    whole_components(domain, text)?;
    if let Some(character) = domain.chars().find(|c| !(c.is_ascii_alphanumeric() || "*?.-:[]".contains(*c))) {
        return Err(refused(
            format!("`{text}` can never match: `{character}` stands in no domain"),
            "write a host name, with `*` and `?` where it may vary".to_owned(),
        ));
    }
    let folded = domain.to_ascii_lowercase();
    let Some((host, port)) = folded.rsplit_once(':').filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit()))
    else {
        return Ok(Glob::new(&folded));
    };
    match port.trim_start_matches('0').parse::<u16>() {
        Ok(443) => Ok(Glob::new(host)),
        Ok(port) => Ok(Glob::new(&format!("{host}:{port}"))),
        Err(_) => Err(refused(
            format!("`{text}` can never match: `{port}` is no port"),
            "write a port from 1 to 65535".to_owned(),
        )),
    }
}

/// A component of the path.
pub(super) fn parse_component(component: &str, text: &str) -> Result<Step, PatternError> {
    if component == "**" {
        return Ok(Step::Deep);
    }
    if component.is_empty() {
        return Err(refused(
            format!("`{text}` can never match: there is nothing between two `/`"),
            format!("write `{}`", text.replace("//", "/")),
        ));
    }
    whole_components(component, text)?;
    if component.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return Err(refused(
            format!("`{text}` can never match: a path has no upper-case letters"),
            format!("write `{}`", text.replacen(component, &component.to_ascii_lowercase(), 1)),
        ));
    }
    let glob = Glob::new(component);
    if let Glob::Literal(_) = glob {
        reference::check_path_component(component).map_err(|error| {
            refused(
                format!("`{text}` can never match: {error}"),
                "write the path as the registry has it: letters and digits, with `.` `_` `__` or `-` between them"
                    .to_owned(),
            )
        })?;
    } else if let Some(character) = component.chars().find(|c| !(c.is_ascii_alphanumeric() || "*?._-".contains(*c))) {
        return Err(refused(
            format!("`{text}` can never match: `{character}` stands in no path"),
            "write letters, digits, `.` `_` `-`, and `*` or `?` where it may vary".to_owned(),
        ));
    }
    Ok(Step::One(glob))
}

fn whole_components(component: &str, text: &str) -> Result<(), PatternError> {
    if !component.contains("**") {
        return Ok(());
    }
    let narrow = component.replace("**", "*");
    Err(refused(
        format!("`**` in `{text}` stands beside other text, but it means whole components"),
        format!("write `{narrow}` to stay inside one component, or put `**` between two `/`"),
    ))
}
