//! What a misspelt word was meant to be.

/// Longer words are not compared: no key is.
const LONGEST: usize = 40;

/// The candidate that is spelt most like `word`, if any is like it. Case, `-` and `_` make no
/// difference.
pub(super) fn nearest<'c>(word: &str, candidates: impl Iterator<Item = &'c str>) -> Option<&'c str> {
    let word = plain(word)?;
    candidates
        .filter_map(|candidate| {
            let plain = plain(candidate)?;
            let most = (plain.len() / 3).max(1);
            let distance = if plain.len().abs_diff(word.len()) > most { usize::MAX } else { distance(&word, &plain) };
            (distance <= most).then_some((distance, candidate))
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// The word in small letters and digits alone.
pub(super) fn plain(word: &str) -> Option<Vec<u8>> {
    let plain: Vec<u8> = word
        .bytes()
        .take(LONGEST + 1)
        .filter(|byte| !b"-_ ".contains(byte))
        .map(|byte| byte.to_ascii_lowercase())
        .collect();
    (word.len() <= LONGEST && !plain.is_empty()).then_some(plain)
}

/// Edits that make `a` of `b`: a letter more, less or other, two neighbours swapped (optimal
/// string alignment).
pub(super) fn distance(a: &[u8], b: &[u8]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (row, from) in a.iter().enumerate() {
        let mut next = vec![row + 1];
        for (column, to) in b.iter().enumerate() {
            let replaced = last[column] + usize::from(from != to);
            let edits = replaced.min(last[column + 1] + 1).min(next[column] + 1);
            let is_swap = row > 0 && column > 0 && *from == b[column - 1] && a[row - 1] == *to;
            next.push(if is_swap { edits.min(before[column - 1] + 1) } else { edits });
        }
        before = std::mem::replace(&mut last, next);
    }
    last[b.len()]
}
