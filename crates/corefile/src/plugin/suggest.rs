//! The nearest name to a misspelt one.

use super::table;
use super::version::Version;

/// The plugin of this version whose name is nearest to a misspelt one, if one is near.
///
/// ```
/// use digpod_corefile::plugin::{Version, suggest};
///
/// assert_eq!(suggest("forwrd", Version::NEWEST), Some("forward"));
/// assert_eq!(suggest("contoso.com:53", Version::NEWEST), None);
/// ```
pub fn suggest(name: &str, version: Version) -> Option<&'static str> {
    let order = table::order(version);
    nearest(name, order.iter().map(|plugin| plugin.name))
}

/// The nearest of some names: at most a third of the letters wrong, the first of equals.
pub(crate) fn nearest(
    name: &str,
    among: impl Iterator<Item = &'static str>,
) -> Option<&'static str> {
    // Nothing that long is a misspelt word, and the distance costs the product of the lengths.
    if name.len() > 40 {
        return None;
    }
    let name = name.to_lowercase();
    let limit = (name.chars().count() / 3).clamp(1, 3);
    let mut best: Option<(&'static str, usize)> = None;
    for candidate in among {
        let distance = distance(&name, candidate);
        let is_near = distance <= limit && distance < candidate.len();
        if is_near && best.is_none_or(|(_, least)| distance < least) {
            best = Some((candidate, distance));
        }
    }
    best.map(|(candidate, _)| candidate)
}

/// Letters to insert, delete, replace or swap with their neighbour (restricted Damerau–Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let at = |row: &[usize], j: usize| row.get(j).copied().unwrap_or(usize::MAX / 2);
            let mut smallest = (at(&last, j) + usize::from(x != y))
                .min(at(&last, j + 1) + 1)
                .min(at(&row, j) + 1);
            let swapped = i > 0 && j > 0 && a.get(i - 1) == Some(y) && b.get(j - 1) == Some(x);
            if swapped {
                smallest = smallest.min(at(&before, j - 1) + 1);
            }
            row.push(smallest);
        }
        before = last;
        last = row;
    }
    last.last().copied().unwrap_or(usize::MAX)
}
