//! Chooses the evidence that is drawn: one piece of every file, then more in their order, then
//! what stands on the next line, as the rest of a list does.

use crate::v1::Evidence;

/// Pieces on next lines that are drawn beyond the limit: they cost two lines each.
const NEIGHBOURS: usize = 2;

/// Pieces that are drawn and pieces that are only named, both in their order.
pub(super) fn pick(evidence: &[Evidence], most: usize) -> (Vec<&Evidence>, Vec<&Evidence>) {
    let mut chosen = Vec::new();
    for (at, piece) in evidence.iter().enumerate() {
        let before = evidence.get(..at).unwrap_or_default();
        if chosen.len() < most && !before.iter().any(|other| same_text(other, piece)) {
            chosen.push(at);
        }
    }
    for at in 0..evidence.len() {
        if chosen.len() < most && !chosen.contains(&at) {
            chosen.push(at);
        }
    }
    for _ in 0..NEIGHBOURS {
        let is_next = |at: &usize| {
            let Some(piece) = evidence.get(*at).filter(|_| !chosen.contains(at)) else {
                return false;
            };
            let mut drawn = chosen.iter().filter_map(|at| evidence.get(*at));
            drawn.any(|other| same_text(other, piece) && other.line.abs_diff(piece.line) == 1)
        };
        match (0..evidence.len()).find(is_next) {
            Some(at) => chosen.push(at),
            None => break,
        }
    }
    let pieces = |wanted: bool| {
        let of = (0..)
            .zip(evidence)
            .filter(|(at, _)| chosen.contains(at) == wanted);
        of.map(|(_, piece)| piece).collect()
    };
    (pieces(true), pieces(false))
}

/// Whether the lines of both count in the same text.
pub(super) fn same_text(a: &Evidence, b: &Evidence) -> bool {
    a.entry == b.entry && a.in_value == b.in_value && (!a.in_value || a.pointer == b.pointer)
}
