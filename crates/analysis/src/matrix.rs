//! The probe matrix: vantage × server × question.

use std::collections::{BTreeMap, BTreeSet};

use digpod_bundle::{FailingName, layout};
use digpod_probe::{
    Draws, NameClass, Outcome, Record, ServerRole, Target, Transport, is_unexpected,
};

use crate::facts::addresses::bare;
use crate::facts::dns_objects::node_local;
use crate::facts::names;

/// Name of the server in rows of the stub resolver's walk over its own resolv.conf.
pub const WALK: &str = "resolv.conf";

/// One row: what one server said to one vantage about one question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// From where.
    pub vantage: String,
    /// Whom: `address:port`, or `resolv.conf` for the walk of a stub resolver.
    pub server: String,
    /// What the server is.
    pub role: ServerRole,
    /// The name asked for.
    pub name: String,
    /// What the name stands for.
    pub class: NameClass,
    /// Record type.
    pub record_type: String,
    /// How.
    pub transport: Transport,
    /// Number of tries by outcome.
    pub outcomes: BTreeMap<Outcome, u32>,
    /// Different answer data seen, sorted.
    pub answers: Vec<String>,
    /// Median latency of the tries that were answered, in microseconds; 0 if none.
    pub median_us: u64,
    /// The latency that 95 of 100 answered tries did not exceed, in microseconds; 0 if none.
    pub p95_us: u64,
    /// The same of 99 of 100.
    pub p99_us: u64,
    /// Tries whose answer did not fit into UDP, whether it came over TCP or not.
    pub truncated: u32,
    /// Tries whose answer no cache repeated, as far as TTLs tell; never more than all tries.
    pub news: u32,
    /// Entry and JSON pointer of a record for evidence: the first that is not OK, or the first.
    pub first_record: (String, String),
}

impl Row {
    /// All tries.
    pub fn tries(&self) -> u32 {
        self.outcomes.values().sum()
    }

    /// Tries with this outcome.
    pub fn count(&self, outcome: Outcome) -> u32 {
        self.outcomes.get(&outcome).copied().unwrap_or(0)
    }

    /// Tries that were answered, whatever the answer.
    pub fn answered(&self) -> u32 {
        let answered = self
            .outcomes
            .iter()
            .filter(|(outcome, _)| outcome.is_answer());
        answered.map(|(_, count)| count).sum()
    }

    /// Whether it is the walk of a stub resolver over its own resolv.conf.
    pub fn is_walk(&self) -> bool {
        self.server == WALK
    }
}

/// Groups the records of all vantages, sorted by class, name, type, transport, vantage, role, server.
/// Records of pairs, of sizes of EDNS, of search lists and without validation are experiments of their own and left out.
///
/// Each pair is a vantage and its records in the order of its `records.json`. Answers without any of
/// the addresses that a failing name should have are told apart.
pub(crate) fn rows(records: &[(String, Vec<Record>)], failing: &[FailingName]) -> Vec<Row> {
    let mut groups: BTreeMap<Key, Group<'_>> = BTreeMap::new();
    for (vantage, records) in records {
        for (at, record) in records.iter().enumerate() {
            if is_experiment(record) {
                continue;
            }
            // Of a walk over a resolv.conf the last step is what a program gets.
            if records
                .get(at + 1)
                .is_some_and(|next| goes_on(record, next))
            {
                continue;
            }
            let group = groups.entry(Key::of(vantage, record)).or_default();
            group.records.push((at, record));
        }
    }
    groups
        .into_iter()
        .map(|(key, group)| group.row(key, failing))
        .collect()
}

/// What makes a row; the order of the fields is the order of rows.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    class: NameClass,
    name: String,
    record_type: String,
    transport: Transport,
    vantage: String,
    role: ServerRole,
    server: String,
}

impl Key {
    fn of(vantage: &str, record: &Record) -> Self {
        let (role, server) = match &record.target {
            Target::Server { role, .. } => (*role, record.server.clone()),
            Target::OwnEach => (own(vantage, &record.server), record.server.clone()),
            Target::OwnWalk => (ServerRole::Own, WALK.to_owned()),
        };
        Self {
            class: record.class,
            name: record.name.clone(),
            record_type: record.record_type.clone(),
            transport: record.transport,
            vantage: vantage.to_owned(),
            role,
            server,
        }
    }
}

/// What a pod that asks as applications do has in its resolv.conf: a node-local DNS in front of
/// the Service, or somebody else's server.
fn own(vantage: &str, server: &str) -> ServerRole {
    let bare = bare(server);
    match vantage {
        "workload" | "working" | "control" if node_local(bare).is_some() => ServerRole::NodeLocal,
        _ => ServerRole::Own,
    }
}

#[derive(Default)]
struct Group<'a> {
    records: Vec<(usize, &'a Record)>,
}

impl Group<'_> {
    fn row(self, key: Key, failing: &[FailingName]) -> Row {
        let mut outcomes = BTreeMap::new();
        let mut answers = BTreeSet::new();
        let mut latencies = Vec::new();
        let mut draws = Draws::default();
        let expected = names::expected(failing, key.class, &key.name);
        for (_, record) in &self.records {
            draws.note(record);
            let outcome = if is_unexpected(expected.iter().copied(), record) {
                Outcome::Unexpected
            } else {
                record.outcome
            };
            *outcomes.entry(outcome).or_insert(0) += 1;
            answers.extend(record.answers.iter().map(|answer| answer.data.clone()));
            if record.outcome.is_answer() {
                latencies.push(record.latency_us);
            }
        }
        latencies.sort_unstable();
        let truncated = self.records.iter().filter(|(_, it)| was_truncated(it));
        let truncated = u32::try_from(truncated.count()).unwrap_or(u32::MAX);
        let failed = self
            .records
            .iter()
            .find(|(_, record)| record.outcome != Outcome::Ok);
        let first = failed.or(self.records.first()).map_or(0, |(at, _)| *at);
        Row {
            first_record: (
                layout::probe_records(&key.vantage),
                format!("/records/{first}"),
            ),
            vantage: key.vantage,
            server: key.server,
            role: key.role,
            name: key.name,
            class: key.class,
            record_type: key.record_type,
            transport: key.transport,
            outcomes,
            answers: answers.into_iter().collect(),
            median_us: percentile(&latencies, 50),
            p95_us: percentile(&latencies, 95),
            p99_us: percentile(&latencies, 99),
            truncated,
            news: u32::try_from(draws.news()).unwrap_or(u32::MAX),
        }
    }
}

/// Whether a record is beside what programs ask.
pub(crate) fn is_experiment(record: &Record) -> bool {
    record.pair.is_some()
        || record.payload.is_some()
        || record.typed.is_some()
        || record.checking_disabled
}

/// Whether the second record is the next step of the same walk.
fn goes_on(step: &Record, next: &Record) -> bool {
    step.target == Target::OwnWalk
        && next.target == Target::OwnWalk
        && next.try_ == step.try_
        && next.server != step.server
        && next.name == step.name
        && next.record_type == step.record_type
        && next.transport == step.transport
}

/// The smallest of sorted latencies that so many in a hundred do not exceed; 0 of none.
fn percentile(sorted: &[u64], percent: usize) -> u64 {
    let rank = (sorted.len() * percent).div_ceil(100);
    let at = rank.saturating_sub(1);
    sorted.get(at).copied().unwrap_or(0)
}

/// Whether the server's answer over UDP was cut, so that it had to be asked again over TCP.
pub(crate) fn was_truncated(record: &Record) -> bool {
    record.retried_over_tcp
        || (record.transport == Transport::Udp && record.flags.iter().any(|flag| flag == "tc"))
}

#[cfg(test)]
mod tests {
    use digpod_probe::ServerRole;

    use super::own;

    #[test]
    fn a_cache_of_the_node_is_told_from_other_servers_of_a_pod() {
        for (vantage, server, role) in [
            ("workload", "169.254.20.10:53", ServerRole::NodeLocal),
            ("control", "169.254.10.11:53", ServerRole::NodeLocal),
            ("workload", "192.0.2.53:53", ServerRole::Own),
            // There it is the resolver of the platform, which CoreDNS asks.
            ("default-node-1", "169.254.169.254:53", ServerRole::Own),
        ] {
            assert_eq!(own(vantage, server), role, "{vantage} {server}");
        }
    }
}
