//! The table that shows the row or the column that fails.

use std::collections::{BTreeMap, BTreeSet};

use digpod_probe::{NameClass, Outcome, ServerRole, Transport};

use super::pattern::{Pattern, pattern};
use super::tone::{self, Tone};
use crate::facts::addresses::canonical_socket;
use crate::facts::{Facts, names, pools, replicas};
use crate::matrix::Row;

/// Where asked from × what was asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// The columns, in the order of a query's way.
    pub servers: Vec<Server>,
    /// Each name in question, names of the cluster, public names.
    pub names: Vec<Names>,
}

/// A column: what was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// What it is.
    pub role: ServerRole,
    /// `address:port`, or `resolv.conf` for a list asked in order.
    pub address: String,
    /// The CoreDNS pod, where it is known.
    pub pod: Option<String>,
    /// Its node.
    pub node: Option<String>,
    /// The node's pool.
    pub pool: Option<String>,
}

/// A part of the rows: what was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names {
    /// What the names stand for.
    pub class: NameClass,
    /// The one name, where it is one in question.
    pub name: Option<String>,
    /// The rows.
    pub from: Vec<From>,
    /// What the cells that fail have in common; nothing where none fails.
    pub pattern: Option<Pattern>,
}

/// A row: where asked from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct From {
    /// The vantage.
    pub vantage: String,
    /// Its node, where it is known.
    pub node: Option<String>,
    /// The node's pool.
    pub pool: Option<String>,
    /// One for each column; nothing where it was not asked.
    pub cells: Vec<Option<Cell>>,
}

/// The worst that one server said to one vantage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// What it means.
    pub tone: Tone,
    /// The outcome that is told: the most frequent one that a client does not need, or OK.
    pub outcome: Outcome,
    /// Tries with that outcome; where all is well, of all questions together.
    pub count: u32,
    /// All tries of the question, or of all of them.
    pub tries: u32,
    /// Type of the question that is told.
    pub record_type: String,
    /// How it was asked.
    pub transport: Transport,
    /// Median latency of its answered tries, in microseconds.
    pub median_us: u64,
    /// The latency that 95 of 100 did not exceed.
    pub p95_us: u64,
    /// Entry and JSON pointer of a record.
    pub record: (String, String),
}

pub(super) fn table(facts: &Facts<'_>) -> Table {
    let pools = pools::by_node(facts);
    let shown = |row: &&Row| row.class != NameClass::Nonexistent;
    let rows: Vec<&Row> = facts.probes.rows.iter().filter(shown).collect();
    let servers = servers(facts, &rows, &pools);
    let kinds: BTreeSet<Kind<'_>> = rows.iter().map(|row| kind(row)).collect();
    let addresses: Vec<&str> = servers.iter().map(|it| it.address.as_str()).collect();
    let of = |(rank, name): Kind<'_>| {
        let mut class = NameClass::Public;
        let mut places: BTreeMap<&str, Vec<&Row>> = BTreeMap::new();
        for row in rows.iter().filter(|row| kind(row) == (rank, name)) {
            class = row.class;
            places.entry(&row.vantage).or_default().push(row);
        }
        let from = places.into_iter().map(|(vantage, rows)| {
            let node = facts.probes.node_of(vantage).map(str::to_owned);
            let of_server = |address: &&str| {
                let asked = rows.iter().filter(|row| address_of(row) == **address);
                cell(facts, &asked.copied().collect::<Vec<_>>())
            };
            From {
                pool: node.as_ref().and_then(|node| pools.get(node).cloned()),
                node,
                cells: addresses.iter().map(of_server).collect(),
                vantage: vantage.to_owned(),
            }
        });
        let mut from: Vec<From> = from.collect();
        from.sort_by_cached_key(|it| (vantage_rank(&it.vantage), it.pool.clone(), it.node.clone()));
        Names {
            class,
            name: name.map(str::to_owned),
            pattern: pattern(&from),
            from,
        }
    };
    let names = kinds.into_iter().map(of).collect();
    Table { servers, names }
}

/// Names in question stand alone, the others with their like.
type Kind<'a> = (u8, Option<&'a str>);

fn kind(row: &Row) -> Kind<'_> {
    match row.class {
        NameClass::Custom => (0, Some(&row.name)),
        NameClass::Cluster => (1, None),
        NameClass::Public | NameClass::Nonexistent => (2, None),
    }
}

fn servers(facts: &Facts<'_>, rows: &[&Row], pools: &BTreeMap<String, String>) -> Vec<Server> {
    let mut roles: BTreeMap<String, ServerRole> = BTreeMap::new();
    for row in rows {
        let role = roles.entry(address_of(row)).or_insert(row.role);
        // A pod's own server may be one that the plan knows better.
        if role_rank(row.role) < role_rank(*role) {
            *role = row.role;
        }
    }
    let server = |(address, role): (String, ServerRole)| {
        let pod = (role == ServerRole::CorednsPod).then(|| replicas::pod_of(facts, &address));
        let pod = pod.flatten();
        let node = pod.and_then(|pod| pod.spec.node_name.clone());
        Server {
            pool: node.as_ref().and_then(|node| pools.get(node).cloned()),
            pod: pod.map(|pod| pod.metadata.name.clone()),
            node,
            address,
            role,
        }
    };
    let mut servers: Vec<Server> = roles.into_iter().map(server).collect();
    servers.sort_by_cached_key(|it| {
        let walk = it.address == crate::matrix::WALK;
        (
            walk,
            role_rank(it.role),
            it.pool.clone(),
            it.node.clone(),
            it.pod.clone(),
        )
    });
    servers
}

fn address_of(row: &Row) -> String {
    if row.is_walk() {
        row.server.clone()
    } else {
        canonical_socket(&row.server)
    }
}

fn role_rank(role: ServerRole) -> u8 {
    match role {
        ServerRole::NodeLocal => 0,
        ServerRole::Service => 1,
        ServerRole::CorednsPod => 2,
        ServerRole::Upstream => 3,
        ServerRole::Own => 4,
        ServerRole::Platform => 5,
    }
}

/// The failing pod's place first, then what it is compared with.
fn vantage_rank(vantage: &str) -> u8 {
    match vantage {
        "workload" => 0,
        "working" => 1,
        "control" => 2,
        node if node.starts_with("node-") => 3,
        _ => 4,
    }
}

fn cell(facts: &Facts<'_>, rows: &[&Row]) -> Option<Cell> {
    let read = rows.iter().map(|row| {
        let outcomes = &row.outcomes;
        let tone = match tone::tone(outcomes, row.class, &row.record_type) {
            bad if bad.is_bad() && !is_asked_there(facts, row) => Tone::Apart,
            tone => tone,
        };
        (*row, outcomes, tone)
    });
    let read: Vec<(&Row, &BTreeMap<Outcome, u32>, Tone)> = read.collect();
    let sum = |outcomes: &BTreeMap<Outcome, u32>| outcomes.values().sum::<u32>();
    // By the share that fails; of equals the plainest question.
    let rank = |(row, outcomes, tone): &(&Row, &BTreeMap<Outcome, u32>, Tone)| {
        let failed = tone::failed(outcomes, row.class, &row.record_type);
        let share = u64::from(failed) * 1_000 / u64::from(sum(outcomes).max(1));
        let plain = (row.transport == Transport::Udp, row.record_type == "A");
        (*tone == Tone::Apart, share, plain, row.tries())
    };
    let bad = |it: &&(&Row, &BTreeMap<Outcome, u32>, Tone)| it.2 != Tone::Good;
    let worst = read
        .iter()
        .filter(bad)
        .max_by_key(|it| (it.2.is_bad(), rank(it)));
    if let Some((row, outcomes, tone)) = worst {
        let wrong = outcomes
            .iter()
            .filter(|(outcome, _)| !tone::is_good(**outcome, row.class, &row.record_type));
        let (outcome, count) = wrong.max_by_key(|(outcome, count)| (**count, **outcome))?;
        return Some(Cell {
            tone: *tone,
            outcome: *outcome,
            count: *count,
            tries: sum(outcomes),
            ..plain_cell(row)
        });
    }
    let (row, ..) = read.iter().max_by_key(|it| rank(it))?;
    let tries = read.iter().map(|(_, outcomes, _)| sum(outcomes)).sum();
    Some(Cell {
        tone: Tone::Good,
        outcome: Outcome::Ok,
        count: tries,
        tries,
        ..plain_cell(row)
    })
}

fn plain_cell(row: &Row) -> Cell {
    Cell {
        tone: Tone::Good,
        outcome: Outcome::Ok,
        count: 0,
        tries: 0,
        record_type: row.record_type.clone(),
        transport: row.transport,
        median_us: row.median_us,
        p95_us: row.p95_us,
        record: row.first_record.clone(),
    }
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
