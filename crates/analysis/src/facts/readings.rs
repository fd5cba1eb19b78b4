//! Several rows of the matrix read as one: does this work from there, does it not, or can that not be
//! said.

use digpod_probe::{NameClass, Outcome, ServerRole, Transport};

use super::probes::{Probes, cite_row};
use super::{Facts, measured};
use crate::finding::Evidence;
use crate::matrix::Row;

/// Tries below which nothing is said (rule-catalogue 2, PROB).
pub(crate) const ENOUGH: u32 = 3;

/// Rows taken together.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reading<'a> {
    /// The rows, in the order of the matrix.
    pub(crate) rows: Vec<&'a Row>,
    /// All tries.
    pub(crate) tries: u32,
    /// Tries with the answer that a client needs.
    pub(crate) good: u32,
    /// Tries that were answered, whatever the answer.
    pub(crate) answered: u32,
}

impl<'a> Reading<'a> {
    pub(crate) fn of(rows: impl IntoIterator<Item = &'a Row>) -> Self {
        let mut reading = Self::default();
        for row in rows {
            reading.tries += row.tries();
            reading.good += good(row);
            reading.answered += row.answered();
            reading.rows.push(row);
        }
        reading
    }

    /// Nine of ten tries or more gave what a client needs.
    pub(crate) fn works(&self) -> bool {
        self.tries >= ENOUGH && self.good * 10 >= self.tries * 9
    }

    /// Half of the tries or more did not.
    pub(crate) fn fails(&self) -> bool {
        self.tries >= ENOUGH && self.good * 2 <= self.tries
    }

    /// Nine of ten tries or more got no answer at all.
    pub(crate) fn is_silent(&self) -> bool {
        self.tries >= ENOUGH && self.answered * 10 <= self.tries
    }

    /// Tries with this outcome.
    pub(crate) fn count(&self, outcome: Outcome) -> u32 {
        self.rows.iter().map(|row| row.count(outcome)).sum()
    }

    /// Evidence: the first row.
    pub(crate) fn cite(&self) -> Option<Evidence> {
        self.rows.first().map(|row| cite_row(row))
    }
}

/// Tries of a row with the answer that a client needs; of a name that must not exist, NXDOMAIN.
pub(crate) fn good(row: &Row) -> u32 {
    match row.class {
        NameClass::Nonexistent => row.count(Outcome::Nxdomain),
        NameClass::Cluster | NameClass::Public | NameClass::Custom => {
            row.tries() - measured::of_row(row).failed
        }
    }
}

/// Whether a vantage is a pod that asks as applications do.
pub(crate) fn is_pod(vantage: &str) -> bool {
    matches!(vantage, "workload" | "control" | "working")
}

/// Whether a vantage is a node's own network.
pub(crate) fn is_node(vantage: &str) -> bool {
    vantage.starts_with("node-")
}

/// Whether a vantage stands near CoreDNS: a node's network, or a pod with CoreDNS's list.
pub(crate) fn is_near_coredns(vantage: &str) -> bool {
    vantage.starts_with("default-") || is_node(vantage)
}

impl Probes {
    /// The rows that fit, read as one.
    pub(crate) fn reading(&self, fits: impl Fn(&Row) -> bool) -> Reading<'_> {
        Reading::of(self.rows.iter().filter(|row| fits(row)))
    }

    /// Vantages that asked at all, in order.
    pub(crate) fn vantages(&self) -> Vec<&str> {
        self.outputs.keys().map(String::as_str).collect()
    }

    /// What one vantage got for names that need no upstream, over UDP, from servers of this role: it
    /// shows the way to CoreDNS and CoreDNS itself, nothing else.
    pub(crate) fn path(&self, vantage: &str, role: ServerRole) -> Reading<'_> {
        self.reading(|row| {
            row.vantage == vantage
                && row.role == role
                && row.class == NameClass::Cluster
                && row.transport == Transport::Udp
        })
    }

    /// Node on which a vantage stands, where it was told.
    pub(crate) fn node_of<'a>(&'a self, vantage: &'a str) -> Option<&'a str> {
        let told = self.outputs.get(vantage).and_then(|it| it.node.as_deref());
        told.or_else(|| {
            let named = ["node-", "default-"];
            named.iter().find_map(|kind| vantage.strip_prefix(kind))
        })
    }
}

impl Facts<'_> {
    /// A place to ask from in a sentence.
    pub(crate) fn place(&self, vantage: &str) -> String {
        let symptom = &self.bundle().manifest().symptom;
        match (vantage.split_once('-'), &symptom.namespace) {
            // Policies may treat the failing pod otherwise than one without its labels.
            (_, Some(namespace)) if vantage == "workload" && symptom.pod.is_none() => {
                format!("a pod in namespace {namespace}")
            }
            _ if vantage == "workload" => "the failing pod's place".to_owned(),
            _ if vantage == "control" => "a pod where no policy applies".to_owned(),
            _ if vantage == "working" => "the working pod's place".to_owned(),
            (Some(("node", node)), _) => format!("node {node}"),
            (Some(("default", node)), _) => format!("a pod with node {node}'s resolv.conf"),
            _ => vantage.to_owned(),
        }
    }
}
