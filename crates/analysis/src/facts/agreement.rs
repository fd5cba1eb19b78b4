//! Whether the upstreams of one `forward` say the same of the same name.

use std::collections::BTreeSet;

use digpod_probe::{NameClass, Outcome, Transport};

use super::addresses::{self, canonical_socket};
use super::corefile::CorefileFact;
use super::names::{self, Failing};
use super::upstreams::{self, UpstreamList};
use crate::matrix::Row;

/// What the upstreams of one list said of one name and type, from one vantage.
#[derive(Clone, Debug)]
pub(crate) struct Comparison {
    /// The list: the one that really serves the name.
    pub(crate) list: UpstreamList,
    /// The name, with its final dot.
    pub(crate) name: String,
    /// What it stands for.
    pub(crate) class: NameClass,
    /// Record type.
    pub(crate) record_type: String,
    /// Servers with the answer a client needs, in the order of the list.
    pub(crate) good: Vec<Said>,
    /// Servers with another one.
    pub(crate) bad: Vec<Said>,
    /// Addresses of servers that were asked and did not answer.
    pub(crate) silent: Vec<String>,
    /// Whether every server that answered was asked twice at least and kept to its answer.
    pub(crate) repeated: bool,
}

/// What one server said.
#[derive(Clone, Debug)]
pub(crate) struct Said {
    /// Its address.
    pub(crate) address: String,
    /// What it said most of the time.
    pub(crate) outcome: Outcome,
    /// The row.
    pub(crate) row: Row,
}

impl Comparison {
    /// Whether the servers do not all say the same.
    pub(crate) fn disagrees(&self) -> bool {
        !self.bad.is_empty()
    }

    /// Share of uncached queries whose first answer is a bad one, in percent, if servers are drawn.
    /// Only servers that answer count: a silent one is passed over.
    pub(crate) fn odds_percent(&self) -> u32 {
        percent(self.bad.len(), self.bad.len() + self.good.len())
    }

    /// The bad servers' answer in a word, for a sentence.
    pub(crate) fn bad_word(&self) -> &'static str {
        self.bad.first().map_or("", |said| match said.outcome {
            Outcome::Ok => "another address",
            outcome => outcome.as_str(),
        })
    }
}

/// A share in percent, rounded to the nearest.
pub(crate) fn percent(part: usize, whole: usize) -> u32 {
    let rounded = (part * 100 + whole / 2).checked_div(whole).unwrap_or(0);
    u32::try_from(rounded).unwrap_or(u32::MAX)
}

/// Compares the upstreams over every name and type that was asked of two of them at least.
pub(crate) fn compare(
    corefile: &CorefileFact,
    lists: &[UpstreamList],
    rows: &[Row],
    failing: &[Failing],
) -> Vec<Comparison> {
    asked(rows)
        .into_iter()
        .filter_map(|row| {
            let list = upstreams::serving(corefile, lists, &row.name)?;
            question(list, rows, row, failing)
        })
        .collect()
}

/// Compares the servers of one list over every name, whoever serves it.
pub(crate) fn compare_all(
    list: &UpstreamList,
    rows: &[Row],
    failing: &[Failing],
) -> Vec<Comparison> {
    asked(rows)
        .into_iter()
        .filter_map(|row| question(list, rows, row, failing))
        .collect()
}

/// One row for each name and type that upstreams should know.
fn asked(rows: &[Row]) -> Vec<&Row> {
    let outside = |row: &&Row| matches!(row.class, NameClass::Public | NameClass::Custom);
    let mut asked: Vec<&Row> = rows.iter().filter(outside).collect();
    asked.dedup_by(|a, b| a.name == b.name && a.class == b.class && a.record_type == b.record_type);
    asked
}

fn question(
    list: &UpstreamList,
    rows: &[Row],
    row: &Row,
    failing: &[Failing],
) -> Option<Comparison> {
    let said = best_vantage(list, rows, &row.name, &row.record_type)?;
    let name = names::qualify(&row.name);
    let expected = failing.iter().find(|failing| failing.name == name);
    let expected = expected.and_then(|failing| failing.expected.as_deref());
    Some(judge(
        list,
        (&row.name, row.class, &row.record_type),
        said,
        expected,
    ))
}

/// What the servers of a list said to one vantage, and who kept silent.
type Voices = (Vec<Said>, Vec<String>);

/// The first vantage, UDP before TCP, to which two servers at least gave an answer.
fn best_vantage(
    list: &UpstreamList,
    rows: &[Row],
    name: &str,
    record_type: &str,
) -> Option<Voices> {
    let of_question = |row: &&Row| row.name == name && row.record_type == record_type;
    let rows: Vec<&Row> = rows
        .iter()
        .filter(of_question)
        .filter(|row| !row.is_walk())
        .collect();
    let vantages: BTreeSet<(Transport, u8, &str)> = rows
        .iter()
        .map(|row| (row.transport, rank(&row.vantage), row.vantage.as_str()))
        .collect();
    vantages
        .into_iter()
        .map(|(transport, _, vantage)| {
            let here = |row: &&&Row| row.transport == transport && row.vantage == vantage;
            voices(list, &rows.iter().filter(here).copied().collect::<Vec<_>>())
        })
        .find(|(said, _)| said.len() >= 2)
}

/// Nearest to the failing pod first.
fn rank(vantage: &str) -> u8 {
    match vantage {
        "workload" => 0,
        "working" => 1,
        "control" => 2,
        _ if vantage.starts_with("default-") => 3,
        _ => 4,
    }
}

fn voices(list: &UpstreamList, rows: &[&Row]) -> Voices {
    let mut said = Vec::new();
    let mut silent = Vec::new();
    for server in &list.servers {
        let of_server = |row: &&&Row| canonical_socket(&row.server) == server.socket;
        let asked: Vec<&Row> = rows.iter().filter(of_server).copied().collect();
        match asked.iter().find(|row| row.answered() > 0) {
            Some(row) => said.push(Said {
                address: server.address.clone(),
                outcome: dominant(row),
                row: (*row).clone(),
            }),
            None if !asked.is_empty() => silent.push(server.address.clone()),
            None => {}
        }
    }
    (said, silent)
}

/// The answer a server gave most often; of equals the better one.
fn dominant(row: &Row) -> Outcome {
    row.outcomes
        .iter()
        .filter(|(outcome, _)| outcome.is_answer())
        .max_by(|a, b| a.1.cmp(b.1).then(b.0.cmp(a.0)))
        .map_or(Outcome::Error, |(outcome, _)| *outcome)
}

fn judge(
    list: &UpstreamList,
    (name, class, record_type): (&str, NameClass, &str),
    (said, silent): Voices,
    expected: Option<&str>,
) -> Comparison {
    let repeated = said.iter().all(|said| {
        said.row.answered() >= 2 && said.row.count(said.outcome) * 5 >= said.row.answered() * 4
    });
    // The order of outcomes is from the best answer to the worst.
    let best = said.iter().map(|said| said.outcome).min();
    let equal = |outcome: Outcome| {
        // A server that knows the name only as A may say NODATA or NXDOMAIN for AAAA.
        let harmless = record_type == "AAAA"
            && matches!(outcome, Outcome::Nxdomain)
            && best == Some(Outcome::Nodata);
        Some(outcome) == best || harmless
    };
    let (mut good, mut bad): (Vec<Said>, Vec<Said>) =
        said.into_iter().partition(|said| equal(said.outcome));
    let found = matches!(best, Some(Outcome::Ok | Outcome::Unexpected));
    if bad.is_empty() && found && class == NameClass::Custom {
        (good, bad) = by_addresses(good, expected);
    }
    Comparison {
        list: list.clone(),
        name: name.to_owned(),
        class,
        record_type: record_type.to_owned(),
        good,
        bad,
        silent,
        repeated,
    }
}

/// Parts servers that all found a private name by what they found: those that share an address
/// with the reference are good. The reference has the expected address, or a private one, or is
/// the first of the list.
fn by_addresses(said: Vec<Said>, expected: Option<&str>) -> (Vec<Said>, Vec<Said>) {
    let right = |said: &&Said| expected.is_some_and(|ip| said.row.answers.iter().any(|a| a == ip));
    let private = |said: &&Said| {
        let owner = |data: &String| addresses::owner(data) == addresses::Owner::Custom;
        said.row.answers.iter().any(owner)
    };
    let reference = said
        .iter()
        .find(right)
        .or_else(|| said.iter().find(private))
        .or_else(|| said.first())
        .map(|said| said.row.answers.clone())
        .unwrap_or_default();
    let shares = |said: &Said| said.row.answers.iter().any(|data| reference.contains(data));
    said.into_iter()
        .partition(|said| shares(said) || said.row.answers.is_empty())
}
