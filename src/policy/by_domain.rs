//! Patterns of a list by the domain that they are written with.

/// The places of a list's patterns, sorted by domain, and within a domain as in the list.
#[derive(Debug)]
pub(super) struct ByDomain(Vec<usize>);

impl ByDomain {
    pub(super) fn new<'t>(patterns: impl Iterator<Item = &'t str>) -> Self {
        let mut domains: Vec<(&str, usize)> = patterns.map(domain).zip(0..).collect();
        domains.sort_unstable();
        Self(domains.into_iter().map(|(_, place)| place).collect())
    }

    /// The patterns of a domain. `pattern` gives the one at a place.
    pub(super) fn of<'t>(&self, of: &str, pattern: impl Fn(usize) -> &'t str) -> impl Iterator<Item = &'t str> {
        let start = self.0.partition_point(|place| domain(pattern(*place)) < of);
        self.0[start..].iter().map(move |place| pattern(*place)).take_while(move |pattern| domain(pattern) == of)
    }
}

fn domain(pattern: &str) -> &str {
    pattern.split_once('/').map_or(pattern, |(domain, _)| domain)
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn a_domain_has_the_patterns_that_begin_with_it(
            patterns in proptest::collection::vec("[ab*]{0,2}(/[ab*]{0,2})?", 0..20),
            of in "[ab*]{0,2}",
        ) {
            let by_domain = ByDomain::new(patterns.iter().map(String::as_str));
            let expected: Vec<&String> = patterns.iter().filter(|pattern| pattern.split('/').next() == Some(&of)).collect();
            let found: Vec<&str> = by_domain.of(&of, |place| &patterns[place]).collect();
            proptest::prop_assert_eq!(found, expected);
        }
    }
}
