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

    /// The places of the patterns of a domain. `pattern` gives the one at a place.
    pub(super) fn places<'t>(&self, of: &str, pattern: impl Fn(usize) -> &'t str) -> &[usize] {
        let start = self.0.partition_point(|place| domain(pattern(*place)) < of);
        let rest = &self.0[start..];
        &rest[..rest.partition_point(|place| domain(pattern(*place)) == of)]
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
            let expected: Vec<usize> =
                (0..patterns.len()).filter(|place| patterns[*place].split('/').next() == Some(&of)).collect();
            proptest::prop_assert_eq!(by_domain.places(&of, |place| &patterns[place]), expected);
        }
    }
}
