//! What a walk along a search list came to, in words and with its evidence.

use digpod_probe::{Outcome, Record};
use digpod_resolv::{Outcome as Result, Simulation, StopRule, Then, Verdict};

use super::addresses::list as words;
use super::names::{self, plain};
use super::search::{self, Walk};
use super::{Facts, cite};
use crate::finding::Evidence;

/// A name with a suffix that gives addresses which the typed name does not have.
pub(crate) struct Elsewhere {
    /// The name that was answered.
    pub(crate) name: String,
    /// What the search list added to the typed one.
    pub(crate) suffix: String,
    /// The addresses that it gave.
    pub(crate) given: String,
    /// What the typed name itself gets, a clause.
    pub(crate) own: String,
    /// Resolvers that stop there.
    pub(crate) who: String,
    /// The record.
    pub(crate) evidence: Evidence,
}

/// A name with a suffix that keeps resolvers from the typed one, or makes them late.
pub(crate) struct Stopped {
    /// The name.
    pub(crate) name: String,
    /// What it got.
    pub(crate) got: &'static str,
    /// Resolvers that end there; empty where all go on.
    pub(crate) who: String,
    /// The longest wait, in seconds.
    pub(crate) seconds: u64,
    /// The record.
    pub(crate) evidence: Evidence,
    /// A nameserver that is waited for, where it is no name.
    pub(crate) server: Option<String>,
}

/// Longer than any answer that is not waited for.
const SLOW_MS: u64 = 2_000;

/// Whether the walk finds a name of the cluster itself.
pub(crate) fn is_within(facts: &Facts<'_>, walk: &Walk<'_>) -> bool {
    let domain = facts
        .cluster_domain()
        .unwrap_or_else(|| "cluster.local".to_owned());
    let suffix = format!(".{}", names::qualify(&domain));
    let mut found = walk
        .settled
        .iter()
        .filter_map(|it| search::found_elsewhere(it, &walk.alone()));
    found.any(|name| names::qualify(name).ends_with(&suffix))
}

/// Whether somebody said which address is right.
pub(crate) fn is_expected(facts: &Facts<'_>, walk: &Walk<'_>) -> bool {
    let mut names = facts.bundle().manifest().symptom.names.iter();
    names.any(|it| it.name == walk.typed && it.expected.is_some())
}

/// Finds the first.
pub(crate) fn elsewhere(facts: &Facts<'_>, walk: &Walk<'_>) -> Option<Elsewhere> {
    let alone = walk.alone();
    let own = walk.record(&alone).map(|(record, _)| record);
    let hits = walk
        .settled
        .iter()
        .filter_map(|it| Some((it, search::found_elsewhere(it, &alone)?)));
    let hits: Vec<(&Simulation, &str)> = hits.collect();
    let (_, name) = hits.first()?;
    let (record, place) = walk.record(name)?;
    let own_addresses = own.map(addresses).unwrap_or_default();
    let given = addresses(record);
    let expected = facts.failing.iter().find(|it| it.name == alone);
    let expected = expected.and_then(|it| it.expected.clone());
    if given == own_addresses || expected.is_some_and(|it| given.contains(&it)) {
        return None;
    }
    let who: Vec<String> = hits
        .iter()
        .map(|(it, _)| search::implementation(it).to_owned())
        .collect();
    let suffix = plain(name).get(plain(&alone).len()..).unwrap_or_default();
    let given = words(&given);
    Some(Elsewhere {
        name: (*name).to_owned(),
        suffix: suffix.trim_start_matches('.').to_owned(),
        own: match own.map(|it| it.outcome) {
            Some(Outcome::Ok) => format!("the typed name itself has {}", words(&own_addresses)),
            Some(outcome) => format!("the typed name itself gets {}", outcome.as_str()),
            None => "the typed name itself was not asked".to_owned(),
        },
        who: words(&who),
        evidence: cite(place, format!("{} gets {given}", plain(name))),
        given,
    })
}

/// Finds the first, where the typed name exists.
pub(crate) fn stopped(walk: &Walk<'_>) -> Option<Stopped> {
    let alone = walk.alone();
    let (own, _) = walk.record(&alone)?;
    if own.outcome != Outcome::Ok {
        return None;
    }
    let ends = |it: &&Simulation| {
        matches!(it.outcome, Result::Failed(_))
            && matches!(
                it.stop.rule,
                StopRule::FailureEnds | StopRule::NoDataEnds | StopRule::AliasEnds
            )
    };
    let ended: Vec<&Simulation> = walk.settled.iter().filter(ends).collect();
    let late = walk.settled.iter().filter(|it| it.wait_ms >= SLOW_MS);
    let late: Vec<&Simulation> = late.collect();
    let lookup = ended.first().or(late.first())?;
    let Some(name) = culprit(lookup, &alone) else {
        return silent_server(walk, lookup);
    };
    let (record, place) = walk.record(&name)?;
    // Nobody stops at a name that does not exist: another try ended it, and not for what is cited.
    if record.outcome == Outcome::Nxdomain {
        return None;
    }
    // What is lost here and there is lost for any name.
    if !record.outcome.is_answer() && walk.is_lossy {
        return None;
    }
    let who: Vec<String> = ended
        .iter()
        .map(|it| search::implementation(it).to_owned())
        .collect();
    let got = record.outcome.as_str();
    Some(Stopped {
        got,
        who: words(&who),
        seconds: late.iter().map(|it| it.wait_ms).max().unwrap_or(0) / 1000,
        evidence: cite(place, format!("{} gets {got}", plain(&name))),
        name,
        server: None,
    })
}

/// A nameserver before the one that answers, which never does.
fn silent_server(walk: &Walk<'_>, lookup: &Simulation) -> Option<Stopped> {
    let silent = lookup.asked.iter().find(|it| it.then == Then::TimedOut)?;
    let server = silent.address.to_string();
    let place = walk.said_by(silent.address)?;
    (!walk.is_lossy && lookup.wait_ms >= SLOW_MS).then(|| Stopped {
        name: walk.alone(),
        got: Outcome::Timeout.as_str(),
        who: String::new(),
        seconds: lookup.wait_ms / 1000,
        evidence: cite(place, format!("{server} does not reply")),
        server: Some(server),
    })
}

/// The candidate before the typed name that failed otherwise than by not existing.
fn culprit(lookup: &Simulation, alone: &str) -> Option<String> {
    let candidates = lookup.plan.candidates.iter().zip(&lookup.verdicts);
    let mut before = candidates.filter(|(it, _)| !it.name.eq_ignore_ascii_case(alone));
    let (candidate, _) = before.find(|(_, verdict)| {
        !matches!(
            verdict,
            Verdict::NoSuchName | Verdict::NotTried | Verdict::Found
        )
    })?;
    Some(candidate.name.clone())
}

fn addresses(record: &Record) -> Vec<String> {
    let answers = record.answers.iter().filter(|it| it.record_type != "CNAME");
    answers.map(|it| it.data.clone()).collect()
}

pub(crate) fn cite_own(walk: &Walk<'_>, alone: &str) -> Option<Evidence> {
    let (record, place) = walk.record(alone)?;
    let note = format!("the name as it was typed gets {}", record.outcome.as_str());
    Some(cite(&place.clone(), note))
}

/// The names in the order of glibc, with what each got, up to the one that matters.
pub(crate) fn order(walk: &Walk<'_>, last: &str) -> String {
    let Some(lookup) = walk.settled.first() else {
        return String::new();
    };
    let mut said = Vec::new();
    let candidates = lookup.plan.candidates.iter().zip(&lookup.verdicts);
    for (candidate, _) in candidates.filter(|(_, it)| **it != Verdict::NotTried) {
        let got = walk
            .record(&candidate.name)
            .map_or("not asked", |(it, _)| it.outcome.as_str());
        said.push(format!("{} ({got})", plain(&candidate.name)));
        if candidate.name.eq_ignore_ascii_case(last) {
            break;
        }
    }
    said.join(", ")
}
