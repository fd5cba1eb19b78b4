//! Experiments beside the matrix: A and AAAA in one moment, and sizes of answers.

use std::collections::BTreeMap;

use digpod_bundle::layout;
use digpod_probe::{NameClass, Outcome, Record, ServerRole, Target, Transport};

use super::tone;
use crate::facts::{Facts, pairs as facts_pairs};
use crate::matrix::{is_experiment, was_truncated};

/// A and AAAA that left together from one vantage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pairs {
    /// From where.
    pub vantage: String,
    /// From one socket, as glibc sends them.
    pub one_socket: PairCount,
    /// From two sockets.
    pub two_sockets: PairCount,
    /// Entry and JSON pointer of a half that was lost, or of the records.
    pub record: (String, String),
}

/// Pairs, and what is missing of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PairCount {
    /// All pairs.
    pub pairs: u32,
    /// Pairs of which one half got no answer.
    pub halves: u32,
    /// Pairs without any answer.
    pub both: u32,
}

/// Questions that say of themselves how large an answer may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Size {
    /// From where.
    pub vantage: String,
    /// Whom.
    pub server: String,
    /// What the server is.
    pub role: ServerRole,
    /// The name.
    pub name: String,
    /// Record type.
    pub record_type: String,
    /// Bytes that an answer may have; 0 where no EDNS was sent, which allows 512.
    pub payload: u16,
    /// Tries by outcome.
    pub outcomes: BTreeMap<Outcome, u32>,
    /// Answers that were cut and had to be fetched over TCP.
    pub truncated: u32,
    /// Each try failed here, where none did that allowed the usual size, and nothing else explains it.
    pub is_odd: bool,
    /// What else may explain that it failed here and not with the usual size.
    pub doubt: Option<Doubt>,
    /// Entry and JSON pointer of a record.
    pub record: (String, String),
}

/// Why a failure with one size of answer says nothing of that size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// It was asked once.
    OneTry,
    /// Not each try failed.
    Sometimes,
    /// Each try may have been answered by another upstream.
    SeveralUpstreams,
    /// An answer that no size brings about: the name does not exist, or the server will not answer.
    OtherAnswer,
}

pub(super) fn pairs(facts: &Facts<'_>) -> Vec<Pairs> {
    let count = |it: facts_pairs::Count| PairCount {
        pairs: it.pairs,
        halves: it.halves,
        both: it.both,
    };
    let lost = facts_pairs::lost(facts).into_iter();
    lost.map(|lost| Pairs {
        vantage: lost.vantage,
        one_socket: count(lost.one_socket),
        two_sockets: count(lost.two_sockets),
        record: super::link(&lost.example),
    })
    .collect()
}

pub(super) fn sizes(facts: &Facts<'_>) -> Vec<Size> {
    let outputs = facts.probes.outputs.iter();
    outputs
        .flat_map(|(vantage, output)| of_output(facts, vantage, &output.records))
        .collect()
}

/// Server, name, type and size.
type Key<'a> = (&'a str, &'a str, &'a str, u16);

fn of_output(facts: &Facts<'_>, vantage: &str, records: &[Record]) -> Vec<Size> {
    let mut groups: BTreeMap<Key<'_>, Vec<(usize, &Record)>> = BTreeMap::new();
    for (at, record) in records.iter().enumerate() {
        if let Some(payload) = record.payload {
            let key = (
                record.server.as_str(),
                record.name.as_str(),
                record.record_type.as_str(),
                payload,
            );
            groups.entry(key).or_default().push((at, record));
        }
    }
    let size = |(key, group): (Key<'_>, Vec<(usize, &Record)>)| {
        let bad = |record: &Record| {
            let class = NameClass::Custom;
            !tone::is_good(record.outcome, class, &record.record_type)
        };
        let usual = |it: &&Record| {
            let same = (
                it.server.as_str(),
                it.name.as_str(),
                it.record_type.as_str(),
            );
            same == (key.0, key.1, key.2) && it.transport == Transport::Udp && !is_experiment(it)
        };
        let mut usual = records.iter().filter(usual).peekable();
        let works = usual.peek().is_some() && usual.all(|record| !bad(record));
        let failed = group.iter().find(|(_, record)| bad(record));
        let &(at, first) = failed.or(group.first())?;
        let mut outcomes = BTreeMap::new();
        for (_, record) in &group {
            *outcomes.entry(record.outcome).or_insert(0) += 1;
        }
        let role = match &first.target {
            Target::Server { role, .. } => *role,
            Target::OwnEach | Target::OwnWalk => ServerRole::Own,
        };
        let doubt = doubt(facts, role, &outcomes, (key.1, key.2));
        let differs = works && failed.is_some();
        let cut = group.iter().filter(|(_, record)| was_truncated(record));
        Some(Size {
            vantage: vantage.to_owned(),
            server: key.0.to_owned(),
            role,
            name: key.1.to_owned(),
            record_type: key.2.to_owned(),
            payload: key.3,
            truncated: u32::try_from(cut.count()).unwrap_or(u32::MAX),
            is_odd: differs && doubt.is_none(),
            doubt: doubt.filter(|_| differs),
            outcomes,
            record: (layout::probe_records(vantage), format!("/records/{at}")),
        })
    };
    groups.into_iter().filter_map(size).collect()
}

/// What else may explain outcomes of which some are bad.
fn doubt(
    facts: &Facts<'_>,
    role: ServerRole,
    outcomes: &BTreeMap<Outcome, u32>,
    (name, record_type): (&str, &str),
) -> Option<Doubt> {
    let bad = |it: &Outcome| !tone::is_good(*it, NameClass::Custom, record_type);
    let other = |it: &Outcome| matches!(it, Outcome::Nxdomain | Outcome::Nodata | Outcome::Refused);
    let asked_itself = matches!(role, ServerRole::Upstream | ServerRole::Platform);
    // Of a Corefile that could not be read nobody knows.
    let several = match facts.upstream_lists() {
        Ok(_) => facts
            .serving(name)
            .is_some_and(|it| it.servers.len() > 1 || it.unknown.is_some()),
        Err(_) => true,
    };
    if outcomes.keys().filter(|it| bad(it)).all(other) {
        Some(Doubt::OtherAnswer)
    } else if !asked_itself && several {
        Some(Doubt::SeveralUpstreams)
    } else if outcomes.values().sum::<u32>() < 2 {
        Some(Doubt::OneTry)
    } else if !outcomes.keys().all(bad) {
        Some(Doubt::Sometimes)
    } else {
        None
    }
}
