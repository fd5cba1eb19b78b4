//! The table that shows the row or the column that fails.

use std::collections::BTreeMap;

use digpod_probe::{NameClass, ServerRole};

use super::cell::{Cell, Question, cell};
use super::pattern::{Pattern, pattern};
use crate::facts::addresses::canonical_socket;
use crate::facts::{Facts, pools, replicas};
use crate::matrix::Row;
use crate::small;

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
    /// What the cells have in common that fail for A over UDP; nothing where none fails.
    pub pattern: Option<Pattern>,
    /// The same for each other question that fails where A over UDP does not.
    pub beside: Vec<(Question, Pattern)>,
}

impl Names {
    /// Whether anything fails.
    pub fn fails(&self) -> bool {
        self.pattern.is_some() || !self.beside.is_empty()
    }
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
    /// Of the workload's probe where no pod was named: it stands for any pod of this namespace.
    pub namespace: Option<String>,
    /// One for each column; nothing where it was not asked.
    pub cells: Vec<Option<Cell>>,
}

pub(super) fn table(facts: &Facts<'_>) -> Table {
    let pools = pools::by_node(facts);
    let shown = |row: &&Row| row.class != NameClass::Nonexistent;
    let rows: Vec<&Row> = facts.probes.rows.iter().filter(shown).collect();
    let servers = servers(facts, &rows, &pools);
    let symptom = &facts.bundle().manifest().symptom;
    let unnamed = symptom.namespace.as_ref().filter(|_| symptom.pod.is_none());
    let kinds = each(rows.iter().map(|row| kind(row)));
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
                namespace: unnamed.filter(|_| vantage == "workload").cloned(),
                cells: addresses.iter().map(of_server).collect(),
                vantage: vantage.to_owned(),
            }
        });
        let mut from: Vec<From> = from.collect();
        small::sort_by(&mut from, |a, b| {
            let key = |it: &From| vantage_rank(&it.vantage);
            (key(a), &a.pool, &a.node).cmp(&(key(b), &b.pool, &b.node))
        });
        Names {
            class,
            name: name.map(str::to_owned),
            pattern: pattern(&from, &Question::plain()),
            beside: beside(&from),
            from,
        }
    };
    let names = kinds.into_iter().map(of).collect();
    Table { servers, names }
}

/// Questions that fail in a cell where A over UDP does not.
fn beside(from: &[From]) -> Vec<(Question, Pattern)> {
    let cells = || from.iter().flat_map(|it| it.cells.iter().flatten());
    let others = cells().filter(|cell| !cell.said.tone.is_bad() || !cell.said.question.is_plain());
    let others = others.flat_map(|cell| std::iter::once(&cell.said).chain(&cell.others));
    let bad = others.filter(|said| said.tone.is_bad() && !said.question.is_plain());
    let questions = each(bad.map(|said| said.question.clone()));
    let of = |question: Question| Some((question.clone(), pattern(from, &question)?));
    questions.into_iter().filter_map(of).collect()
}

/// Each once, in order.
fn each<T: Ord>(items: impl Iterator<Item = T>) -> Vec<T> {
    let mut each: Vec<T> = items.collect();
    small::sort_by(&mut each, T::cmp);
    each.dedup();
    each
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
    small::sort_by(&mut servers, |a, b| {
        let key = |it: &Server| (it.address == crate::matrix::WALK, role_rank(it.role));
        (key(a), &a.pool, &a.node, &a.pod).cmp(&(key(b), &b.pool, &b.node, &b.pod))
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

pub(super) fn role_rank(role: ServerRole) -> u8 {
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
