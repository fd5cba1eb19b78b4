//! Names as typed, along the search list.

use digpod_probe::Outcome;
use digpod_resolv::{Outcome as Result, Simulation};

use crate::facts::{Facts, search, search_words};

/// Longer than any answer that is not waited for.
const SLOW_MS: u64 = 2_000;

/// What becomes of a typed name in the failing pod.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Walk {
    /// As it was typed.
    pub typed: String,
    /// Of glibc, musl and Go, in this order.
    pub lookups: Vec<Lookup>,
    /// Whether it ends elsewhere than meant, differs between resolvers, or costs seconds.
    pub is_odd: bool,
}

/// How one resolver walks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lookup {
    /// `glibc`, `musl` or `Go`.
    pub resolver: &'static str,
    /// The names that it may try, in its order.
    pub steps: Vec<Step>,
    /// The name at which it stops; nothing where nothing was asked.
    pub stop: Option<String>,
    /// Why it stops there.
    pub why: String,
    /// Whether it has addresses.
    pub found: bool,
    /// What the program gets: addresses, or the error.
    pub result: String,
    /// How long that takes, in milliseconds.
    pub wait_ms: u64,
}

/// A name that may be tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The name, with its final dot.
    pub name: String,
    /// What the resolver makes of it: `found`, `no such name`, `not tried`.
    pub verdict: String,
    /// What the probe got for it, if it asked.
    pub outcome: Option<Outcome>,
    /// After so many microseconds.
    pub latency_us: u64,
    /// Entry and JSON pointer of the record.
    pub record: Option<(String, String)>,
}

pub(super) fn walks(facts: &Facts<'_>) -> Vec<Walk> {
    let walks = search::walks(facts);
    walks.iter().map(|walk| of_walk(facts, walk)).collect()
}

fn of_walk(facts: &Facts<'_>, walk: &search::Walk<'_>) -> Walk {
    let lookups: Vec<Lookup> = walk.lookups.iter().map(|it| lookup(walk, it)).collect();
    let own = walk.record(&walk.alone());
    let exists = own.is_some_and(|(it, _)| it.outcome == Outcome::Ok);
    let meant = !exists && search_words::is_within(facts, walk);
    let elsewhere = !meant && search_words::elsewhere(facts, walk).is_some();
    let first = lookups.first();
    let differ = lookups
        .iter()
        .any(|it| first.is_some_and(|first| (&first.stop, first.found) != (&it.stop, it.found)));
    let slow = lookups.iter().any(|it| it.wait_ms >= SLOW_MS);
    Walk {
        typed: walk.typed.to_owned(),
        is_odd: elsewhere || differ || slow || search_words::stopped(walk).is_some(),
        lookups,
    }
}

fn lookup(walk: &search::Walk<'_>, lookup: &Simulation) -> Lookup {
    let candidates = lookup.plan.candidates.iter().zip(&lookup.verdicts);
    let steps = candidates.map(|(candidate, verdict)| {
        let record = walk.record(&candidate.name);
        Step {
            name: candidate.name.clone(),
            verdict: verdict.to_string(),
            outcome: record.map(|(record, _)| record.outcome),
            latency_us: record.map_or(0, |(record, _)| record.latency_us),
            record: record.map(|(_, place)| super::link(place)),
        }
    });
    let stop = lookup.stop.candidate;
    let stop = stop.and_then(|at| lookup.plan.candidates.get(at));
    Lookup {
        resolver: match search::implementation(lookup) {
            "go" => "Go",
            other => other,
        },
        steps: steps.collect(),
        stop: stop.map(|candidate| candidate.name.clone()),
        why: lookup.stop.rule.to_string(),
        found: matches!(lookup.outcome, Result::Addresses(_)),
        result: lookup.result(),
        wait_ms: lookup.wait_ms,
    }
}
