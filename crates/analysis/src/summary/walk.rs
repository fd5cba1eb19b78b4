//! Names as typed, along the search list.

use std::collections::BTreeMap;
use std::net::IpAddr;

use digpod_probe::Outcome;
use digpod_resolv::{Outcome as Result, RecordType, Simulation, Then};

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
    /// Of how many tries this is the slowest, where another one was not slow: that many took
    /// seconds, of so many.
    pub slow_tries: Option<(u32, u32)>,
}

/// A name that may be tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The name, with its final dot.
    pub name: String,
    /// What the resolver makes of it: `found`, `no such name`, `not tried`.
    pub verdict: String,
    /// What the probe got for it, if it asked; of A and AAAA each where resolvers tell them apart.
    pub outcome: Option<String>,
    /// After so many microseconds.
    pub latency_us: u64,
    /// How long the resolver waits for this name, in milliseconds, its own timeout and attempts
    /// included.
    pub wait_ms: u64,
    /// Whose reply it waits for in vain: `10.0.0.10 does not reply to AAAA, asked 2 times`.
    pub silence: Vec<String>,
    /// Entry and JSON pointer of the record.
    pub record: Option<(String, String)>,
}

pub(super) fn walks(facts: &Facts<'_>) -> Vec<Walk> {
    let walks = search::walks(facts);
    walks.iter().map(|walk| of_walk(facts, walk)).collect()
}

fn of_walk(facts: &Facts<'_>, walk: &search::Walk<'_>) -> Walk {
    let lookups = walk.lookups.iter().enumerate();
    let lookups: Vec<Lookup> = lookups
        .map(|(at, first)| slowest(walk, at, first))
        .collect();
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

/// Of the tries of one resolver the one that waits longest, where that takes seconds; else the first.
fn slowest(walk: &search::Walk<'_>, resolver: usize, first: &Simulation) -> Lookup {
    let again = walk.again.iter().filter_map(|tries| tries.get(resolver));
    let tries: Vec<&Simulation> = std::iter::once(first).chain(again).collect();
    let is_slow = |it: &&&Simulation| it.wait_ms >= SLOW_MS;
    let slow = tries.iter().filter(is_slow).count();
    let all = tries.len();
    let (at, told) = tries
        .iter()
        .enumerate()
        .rev()
        .max_by_key(|(at, it)| (it.wait_ms >= SLOW_MS).then_some((it.wait_ms, all - at)))
        .filter(|(_, it)| is_slow(it))
        .map_or((0, first), |(at, it)| (at, *it));
    let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    let some = (1..all).contains(&slow);
    Lookup {
        slow_tries: some.then(|| (number(slow), number(all))),
        ..lookup(walk, at, told)
    }
}

fn lookup(walk: &search::Walk<'_>, try_: usize, lookup: &Simulation) -> Lookup {
    let candidates = lookup.plan.candidates.iter().zip(&lookup.verdicts);
    let candidates = candidates.zip(lookup.waits()).enumerate();
    let steps = candidates.map(|(at, ((candidate, verdict), wait_ms))| {
        let record = walk.record_of(&candidate.name, try_);
        Step {
            name: candidate.name.clone(),
            verdict: verdict.to_string(),
            outcome: walk.got(&candidate.name, try_),
            latency_us: record.map_or(0, |(record, _)| record.latency_us),
            wait_ms,
            silence: silence(lookup, at),
            record: record.map(|(_, place)| super::link(place)),
        }
    });
    let stop = lookup.stop.candidate;
    let stop = stop.and_then(|at| lookup.plan.candidates.get(at));
    Lookup {
        resolver: search::implementation(lookup),
        steps: steps.collect(),
        stop: stop.map(|candidate| candidate.name.clone()),
        why: lookup.stop.rule.to_string(),
        found: matches!(lookup.outcome, Result::Addresses(_)),
        result: lookup.result(),
        wait_ms: lookup.wait_ms,
        slow_tries: None,
    }
}

/// Who lets a resolver wait until its time is up, for a candidate.
fn silence(lookup: &Simulation, candidate: usize) -> Vec<String> {
    let mut servers: Vec<(IpAddr, BTreeMap<RecordType, u32>)> = Vec::new();
    let asked = lookup.asked.iter().filter(|it| it.candidate == candidate);
    for asked in asked.filter(|it| it.then == Then::TimedOut) {
        let at = servers.iter().position(|(it, _)| *it == asked.address);
        let at = at.unwrap_or_else(|| {
            servers.push((asked.address, BTreeMap::new()));
            servers.len() - 1
        });
        if let Some((_, types)) = servers.get_mut(at) {
            *types.entry(asked.record_type).or_default() += 1;
        }
    }
    let words = servers.iter().map(|(address, types)| {
        let times = types.values().max().copied().unwrap_or(0);
        let types: Vec<String> = types.keys().map(ToString::to_string).collect();
        let times = match times {
            1 => String::new(),
            times => format!(", asked {times} times"),
        };
        format!("{address} does not reply to {}{times}", types.join(" and "))
    });
    words.collect()
}
