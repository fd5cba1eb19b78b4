//! The probe matrix, arranged for a reader: by name, by vantage, a line for each server.

use std::collections::BTreeMap;

use crate::beside::duration;
use crate::v1::{MatrixRow, Report, Subject};
use crate::words;

/// The questions about one name.
pub(crate) struct Block<'a> {
    pub(crate) name: &'a str,
    pub(crate) class: &'a str,
    pub(crate) views: Vec<View>,
}

/// What one vantage saw of a name.
pub(crate) struct View {
    /// `workload (a pod like the failing one)`.
    pub(crate) from: String,
    pub(crate) servers: Vec<Server>,
}

/// What one server said to it.
#[derive(PartialEq, Eq)]
pub(crate) struct Server {
    /// `Service 10.0.0.10`.
    pub(crate) server: String,
    /// Questions with the same answer, and that answer.
    pub(crate) answers: Vec<(Vec<String>, String)>,
}

/// Groups the matrix: the names in question first, then the report's order.
pub(crate) fn blocks(report: &Report) -> Vec<Block<'_>> {
    let mut names: Vec<(&str, Vec<&MatrixRow>)> = Vec::new();
    for row in &report.matrix {
        match names.iter_mut().find(|(name, _)| *name == row.name) {
            Some((_, rows)) => rows.push(row),
            None => names.push((&row.name, vec![row])),
        }
    }
    let mut blocks: Vec<Block<'_>> = names
        .into_iter()
        .map(|(name, rows)| Block {
            name,
            class: rows.first().map_or("", |row| class(&row.class)),
            views: views(&rows, &report.subject),
        })
        .collect();
    blocks.sort_by_key(|block| block.class != CUSTOM);
    blocks
}

/// `A`, `AAAA tcp`.
fn question(row: &MatrixRow) -> String {
    match row.transport.as_str() {
        "udp" => row.record_type.clone(),
        transport => format!("{} {transport}", row.record_type),
    }
}

/// `Service 10.0.0.10`; port 53 goes without saying.
fn server(row: &MatrixRow) -> String {
    if row.server == "resolv.conf" {
        return "its resolv.conf, in order".to_owned();
    }
    let address = row.server.strip_suffix(":53").unwrap_or(&row.server);
    let role = match row.role.as_str() {
        "service" => "Service",
        "coredns-pod" => "CoreDNS pod",
        "node-local" => "node-local",
        "own" => "its resolv.conf's",
        other => other,
    };
    format!("{role} {address}")
}

/// `OK 6/10, NXDOMAIN 4/10 (10.50.0.10)`.
fn said(row: &MatrixRow, least_us: u64) -> String {
    let parts: Vec<String> = row
        .outcomes
        .iter()
        .map(|it| format!("{} {}/{}", it.outcome, it.count, row.tries))
        .collect();
    let answers: Vec<&str> = row.answers.iter().map(String::as_str).collect();
    format!(
        "{}{}{}",
        parts.join(", "),
        answered(&answers),
        latency(row, least_us)
    )
}

/// Slower than this is worth a word.
const SLOW_US: u64 = 50_000;
/// So is this, where the fastest server is four times as fast.
const NOTED_US: u64 = 5_000;

/// `, p50 120 ms, p95 300 ms`, where it is slow.
fn latency(row: &MatrixRow, least_us: u64) -> String {
    let differs = row.median_us >= NOTED_US && row.median_us >= 4 * least_us;
    if row.p95_us.max(row.median_us) < SLOW_US && !differs {
        return String::new();
    }
    let (median, p95) = (row.median_us / 1_000, row.p95_us / 1_000);
    format!(", p50 {}, p95 {}", duration(median), duration(p95))
}

/// Class of the names in question.
pub(crate) const CUSTOM: &str = "in question";
/// Class of the names that must not exist.
pub(crate) const NONEXISTENT: &str = "must not exist";

fn class(class: &str) -> &str {
    match class {
        "custom" => CUSTOM,
        "cluster" => "a cluster name",
        "public" => "a public name",
        "nonexistent" => NONEXISTENT,
        other => other,
    }
}

/// ` (10.50.0.10, 10.50.0.11)`.
pub(crate) fn answered(answers: &[&str]) -> String {
    match answers {
        [] => String::new(),
        [only] => format!(" ({only})"),
        [first, second] => format!(" ({first}, {second})"),
        [first, rest @ ..] => format!(" ({first} and {} more)", rest.len()),
    }
}

fn views(rows: &[&MatrixRow], subject: &Subject) -> Vec<View> {
    let answered = rows.iter().map(|row| row.median_us).filter(|it| *it > 0);
    let least_us = answered.min().unwrap_or(0);
    let mut vantages: BTreeMap<(u8, &str), Vec<&MatrixRow>> = BTreeMap::new();
    for row in rows {
        vantages
            .entry((vantage_rank(&row.vantage), &row.vantage))
            .or_default()
            .push(row);
    }
    let mut views: Vec<(Vec<&str>, Vec<Server>)> = Vec::new();
    for ((_, vantage), rows) in vantages {
        let servers = servers(&rows, least_us);
        let like = |(of, said): &&mut (Vec<&str>, Vec<Server>)| {
            *said == servers && of.iter().all(|it| are_nodes(it, vantage))
        };
        match views.iter_mut().find(like) {
            Some((of, _)) => of.push(vantage),
            None => views.push((vec![vantage], servers)),
        }
    }
    let view = |(vantages, servers): (Vec<&str>, Vec<Server>)| View {
        from: from(&vantages, subject),
        servers,
    };
    views.into_iter().map(view).collect()
}

/// Whether both are nodes, so that what is equal can be told once.
fn are_nodes(one: &str, other: &str) -> bool {
    one.starts_with("node-") && other.starts_with("node-")
}

/// One vantage, or nodes that all got the same.
fn from(vantages: &[&str], subject: &Subject) -> String {
    match vantages {
        [only] => words::vantage(only, subject),
        all => {
            let nodes = all.iter().filter_map(|it| it.strip_prefix("node-"));
            let nodes: Vec<&str> = nodes.collect();
            format!("{} nodes, the same: {}", nodes.len(), nodes.join(", "))
        }
    }
}

fn servers(rows: &[&MatrixRow], least_us: u64) -> Vec<Server> {
    let mut servers: BTreeMap<(u8, &str), Vec<&MatrixRow>> = BTreeMap::new();
    for row in rows {
        servers
            .entry((role_rank(&row.role), &row.server))
            .or_default()
            .push(row);
    }
    let answers = |rows: Vec<&MatrixRow>| Server {
        server: rows.first().map(|row| server(row)).unwrap_or_default(),
        answers: alike(&rows, least_us),
    };
    servers.into_values().map(answers).collect()
}

fn alike(rows: &[&MatrixRow], least_us: u64) -> Vec<(Vec<String>, String)> {
    let mut answers: Vec<(Vec<String>, String)> = Vec::new();
    for row in rows {
        let (asked, answer) = (question(row), said(row, least_us));
        match answers.iter_mut().find(|(_, other)| *other == answer) {
            Some((questions, _)) => questions.push(asked),
            None => answers.push((vec![asked], answer)),
        }
    }
    answers
}

fn vantage_rank(vantage: &str) -> u8 {
    match vantage {
        "workload" => 0,
        "working" => 1,
        "control" => 2,
        other if other.starts_with("node-") => 3,
        _ => 4,
    }
}

fn role_rank(role: &str) -> u8 {
    match role {
        "service" => 0,
        "coredns-pod" => 1,
        "node-local" => 2,
        "upstream" => 3,
        _ => 4,
    }
}
