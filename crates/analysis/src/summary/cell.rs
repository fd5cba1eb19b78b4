//! What one server said to one vantage: A over UDP first, other questions beside it.

use std::collections::BTreeMap;

use digpod_probe::{Outcome, ServerRole, Transport};

use super::table::role_rank;
use super::tone::{self, Tone};
use crate::facts::{Facts, names};
use crate::matrix::Row;
use crate::small;

/// What one server said to one vantage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// To A over UDP, which every program asks; where nobody asked that, to the plainest question.
    pub said: Said,
    /// To each other question.
    pub others: Vec<Said>,
}

/// What it said to one question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// The question.
    pub question: Question,
    /// What it means.
    pub tone: Tone,
    /// The most frequent outcome that a client does not need; where there is none, OK, or what was
    /// said most.
    pub outcome: Outcome,
    /// Other outcomes that a client does not need, most first.
    pub more: Vec<Outcome>,
    /// Tries that did not give what a client needs; where there is none, all tries.
    pub count: u32,
    /// All tries of this question.
    pub tries: u32,
    /// Tries whose answer no cache repeated.
    pub news: u32,
    /// Median latency of its answered tries, in microseconds.
    pub median_us: u64,
    /// The latency that 95 of 100 did not exceed.
    pub p95_us: u64,
    /// Entry and JSON pointer of a record.
    pub record: (String, String),
}

/// Record type, and how it was asked.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Question {
    /// How.
    pub transport: Transport,
    /// The type.
    pub record_type: String,
}

impl Question {
    /// A over UDP.
    pub fn plain() -> Self {
        Self {
            transport: Transport::Udp,
            record_type: "A".to_owned(),
        }
    }

    /// Whether it is A over UDP.
    pub fn is_plain(&self) -> bool {
        self.transport == Transport::Udp && self.record_type == "A"
    }
}

impl Cell {
    /// What came out otherwise than the cell says: another failure, or one question that fails
    /// each time where the other never does.
    pub fn beside(&self) -> impl Iterator<Item = &Said> {
        self.others.iter().filter(|it| self.said.differs(it))
    }

    /// What was said to a question.
    pub(super) fn to(&self, question: &Question) -> Option<&Said> {
        let mut all = std::iter::once(&self.said).chain(&self.others);
        all.find(|it| it.question == *question)
    }
}

impl Said {
    fn differs(&self, other: &Self) -> bool {
        match (self.tone, other.tone) {
            (Tone::Wrong | Tone::Silent, Tone::Good) => true,
            (Tone::Apart, _) | (_, Tone::Apart | Tone::Good) => false,
            (Tone::Good, _) => true,
            _ => other.outcome != self.outcome && !self.more.contains(&other.outcome),
        }
    }
}

/// Nothing where nobody asked.
pub(super) fn cell(facts: &Facts<'_>, rows: &[&Row]) -> Option<Cell> {
    // A server may be asked by its address and once more because a resolv.conf names it: the
    // first is what is counted elsewhere.
    let mut rows = rows.to_vec();
    small::sort_by(&mut rows, |a, b| role_rank(a.role).cmp(&role_rank(b.role)));
    let mut questions: BTreeMap<Question, Vec<&Row>> = BTreeMap::new();
    for row in rows {
        let question = Question {
            transport: row.transport,
            record_type: row.record_type.clone(),
        };
        let asked = questions.entry(question).or_default();
        if !asked.iter().any(|it| it.name == row.name) {
            asked.push(row);
        }
    }
    let said = questions.into_iter();
    let mut said: Vec<Said> = said
        .filter_map(|(question, rows)| said_to(facts, question, &rows))
        .collect();
    // UDP comes before TCP, A before others.
    if said.is_empty() {
        return None;
    }
    let mut first = said.remove(0);
    if first.tone == Tone::Good {
        first.outcome = Outcome::Ok;
    }
    Some(Cell {
        said: first,
        others: said,
    })
}

fn said_to(facts: &Facts<'_>, question: Question, rows: &[&Row]) -> Option<Said> {
    let class = rows.first()?.class;
    let mut outcomes: BTreeMap<Outcome, u32> = BTreeMap::new();
    for (outcome, count) in rows.iter().flat_map(|row| &row.outcomes) {
        let sum = outcomes.entry(*outcome).or_default();
        *sum = sum.saturating_add(*count);
    }
    let failed = |row: &Row| tone::failed(&row.outcomes, row.class, &row.record_type);
    // Of several names the one that fails most speaks.
    let share = |row: &Row| u64::from(failed(row)) * 1_000 / u64::from(row.tries().max(1));
    let worst = rows.iter().rev().max_by_key(|row| share(row))?;
    let tone = match tone::tone(&outcomes, class, &question.record_type) {
        bad if bad.is_bad() && !rows.iter().any(|row| is_asked_there(facts, row)) => Tone::Apart,
        tone => tone,
    };
    let mut told: Vec<(u32, Outcome)> = outcomes
        .iter()
        .filter(|(it, _)| tone == Tone::Good || !tone::is_good(**it, class, &question.record_type))
        .map(|(outcome, count)| (*count, *outcome))
        .collect();
    small::sort_by(&mut told, |a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    let mut told = told.into_iter().map(|(_, outcome)| outcome);
    let tries = outcomes.values().fold(0, |a: u32, b| a.saturating_add(*b));
    Some(Said {
        tone,
        outcome: told.next()?,
        more: match tone {
            Tone::Good => Vec::new(),
            _ => told.collect(),
        },
        count: match tone::failed(&outcomes, class, &question.record_type) {
            0 => tries,
            failed => failed,
        },
        news: rows.iter().map(|row| row.news).fold(0, u32::saturating_add),
        tries,
        median_us: worst.median_us,
        p95_us: worst.p95_us,
        record: worst.first_record.clone(),
        question,
    })
}

/// Whether anybody's query for this name goes there: the platform's resolver stands beside to
/// compare, and names of the cluster are CoreDNS's own.
fn is_asked_there(facts: &Facts<'_>, row: &Row) -> bool {
    let domain = facts.cluster_domain();
    let domain = domain.unwrap_or_else(|| "cluster.local".to_owned());
    let within = names::qualify(&row.name).ends_with(&format!(".{}", names::qualify(&domain)));
    match row.role {
        ServerRole::Service | ServerRole::CorednsPod | ServerRole::NodeLocal => true,
        ServerRole::Upstream => !within,
        ServerRole::Platform => false,
        ServerRole::Own => {
            let bare = row.server.rsplit_once(':').map_or("", |(it, _)| it);
            let bare = bare.trim_matches(['[', ']']);
            !within || facts.is_cluster_dns(bare).unwrap_or(false)
        }
    }
}
