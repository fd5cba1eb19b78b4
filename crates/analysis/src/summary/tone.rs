//! What outcomes mean to a client.

use std::collections::BTreeMap;

use digpod_probe::{NameClass, Outcome};

/// What tries of one question came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tone {
    /// What a client needs, each time.
    Good,
    /// Not what a client needs, and rightly so: nobody sends such questions there.
    Apart,
    /// Sometimes what a client needs and sometimes not.
    Sometimes,
    /// Each time an answer that does not help.
    Wrong,
    /// No answer that could help, at times or each time none at all.
    Silent,
}

impl Tone {
    /// Whether some try failed that should not have.
    pub const fn is_bad(self) -> bool {
        matches!(self, Self::Sometimes | Self::Wrong | Self::Silent)
    }
}

/// Whether an outcome is what a client needs. Names need not have addresses of both families.
pub(super) fn is_good(outcome: Outcome, class: NameClass, record_type: &str) -> bool {
    match (class, outcome) {
        (NameClass::Nonexistent, outcome) => outcome == Outcome::Nxdomain,
        (_, Outcome::Ok) | (NameClass::Public, Outcome::Nodata) => true,
        (_, Outcome::Nodata) => record_type != "A",
        _ => false,
    }
}

/// Tries that did not give what a client needs.
pub fn failed(outcomes: &BTreeMap<Outcome, u32>, class: NameClass, record_type: &str) -> u32 {
    let bad = outcomes
        .iter()
        .filter(|(outcome, _)| !is_good(**outcome, class, record_type));
    bad.map(|(_, count)| *count).fold(0, u32::saturating_add)
}

/// What tries came to.
pub fn tone(outcomes: &BTreeMap<Outcome, u32>, class: NameClass, record_type: &str) -> Tone {
    let all: u32 = outcomes.values().fold(0, |a, b| a.saturating_add(*b));
    let failed = failed(outcomes, class, record_type);
    let silent = outcomes.keys().any(|outcome| !outcome.is_answer());
    match failed {
        0 => Tone::Good,
        some if some < all => Tone::Sometimes,
        _ if silent => Tone::Silent,
        _ => Tone::Wrong,
    }
}
