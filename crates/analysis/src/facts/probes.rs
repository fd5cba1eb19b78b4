//! What the probes saw: one output a vantage, and the matrix over all of them.

use std::collections::BTreeMap;

use digpod_bundle::{Bundle, Kind, Place, layout};
use digpod_probe::{Outcome, ProbeOutput, ServerRole, Transport};

use super::{Gap, Seen, cite, measured, missing, unfound};
use crate::finding::Evidence;
use crate::matrix::{self, Row};
use crate::small;

/// Everything the probes brought back.
#[derive(Debug)]
pub(crate) struct Probes {
    /// By vantage.
    pub(crate) outputs: BTreeMap<String, ProbeOutput>,
    /// All records, grouped.
    pub(crate) rows: Vec<Row>,
    /// Vantages whose records are there and cannot be read, or are missing by the manifest.
    pub(crate) gaps: Vec<Gap>,
}

impl Probes {
    pub(crate) fn read(bundle: &Bundle) -> Self {
        let mut outputs = BTreeMap::new();
        let mut gaps = Vec::new();
        for item in &bundle.manifest().items {
            let Ok(name) = digpod_bundle::EntryName::new(item.entry.as_str()) else {
                continue;
            };
            let Kind::ProbeRecords { vantage } = Kind::of(&name) else {
                continue;
            };
            match missing::read::<ProbeOutput>(bundle, &item.entry) {
                Ok(output) => drop(outputs.insert(vantage, output)),
                Err(gap) => gaps.push(gap),
            }
        }
        let records: Vec<_> = outputs
            .iter()
            .map(|(vantage, output)| (vantage.clone(), output.records.clone()))
            .collect();
        let names = &bundle.manifest().symptom.names;
        let mut rows = matrix::rows(&records, names);
        if let Some(output) = outputs.get("workload") {
            unfound::set_aside(output, names, &mut rows);
        }
        Self {
            outputs,
            rows,
            gaps,
        }
    }

    /// The rows, or why there are none at all.
    pub(crate) fn seen(&self, bundle: &Bundle) -> Seen<&[Row]> {
        if self.rows.is_empty() {
            return Err(self.first_gap(bundle, &layout::probe_records("workload")));
        }
        Ok(&self.rows)
    }

    /// What is known of why the records of a vantage are missing.
    pub(crate) fn first_gap(&self, bundle: &Bundle, entry: &str) -> Gap {
        let known = self.gaps.iter().find(|gap| gap.entry == entry);
        known
            .cloned()
            .unwrap_or_else(|| missing::gap(bundle, entry))
    }

    /// What clients got through the DNS Service over UDP, as applications ask: for each name and
    /// type the worst row of the workload and the control vantage. Each CoreDNS pod has a cache of
    /// its own, so that one vantage may see what the other does not.
    pub(crate) fn through_service(&self) -> impl Iterator<Item = &Row> {
        let client = |row: &&Row| {
            matches!(row.vantage.as_str(), "workload" | "control")
                && row.transport == Transport::Udp
                && matches!(row.role, ServerRole::Service | ServerRole::NodeLocal)
        };
        let rank = |row: &Row| (measured::of_row(row).percent(), row.vantage == "workload");
        let mut worst: Vec<&Row> = Vec::new();
        for row in self.rows.iter().filter(client) {
            match worst.last_mut() {
                Some(known) if known.name == row.name && known.record_type == row.record_type => {
                    if rank(row) > rank(known) {
                        *known = row;
                    }
                }
                _ => worst.push(row),
            }
        }
        worst.into_iter()
    }
}

/// Evidence that points at the first record of a row; says what all its tries were.
pub(crate) fn cite_row(row: &Row) -> Evidence {
    cite_field(row, "outcome")
}

/// The same, and points at what that record was answered.
pub(crate) fn cite_answers(row: &Row) -> Evidence {
    if row.answers.is_empty() {
        return cite_row(row);
    }
    cite_field(row, "answers/0/data")
}

fn cite_field(row: &Row, field: &str) -> Evidence {
    let (entry, pointer) = &row.first_record;
    let note = format!(
        "{} asks {} for {} {}: {}",
        row.vantage,
        server_words(row),
        row.name.trim_end_matches('.'),
        row.record_type,
        outcome_words(row),
    );
    cite(&Place::json(entry, format!("{pointer}/{field}")), note)
}

/// The server of a row for a person.
pub(crate) fn server_words(row: &Row) -> String {
    let bare = super::addresses::bare(&row.server);
    match row.role {
        _ if row.is_walk() => "the servers of its resolv.conf in order".to_owned(),
        ServerRole::Service => format!("the DNS Service {bare}"),
        ServerRole::CorednsPod => format!("the CoreDNS pod {bare}"),
        ServerRole::NodeLocal => format!("the node-local DNS {bare}"),
        ServerRole::Upstream | ServerRole::Platform | ServerRole::Own => {
            super::addresses::describe(bare)
        }
    }
}

/// `10 of 10 OK (10.50.0.10)`, `6 of 10 NXDOMAIN, 4 OK`.
pub(crate) fn outcome_words(row: &Row) -> String {
    let mut counts: Vec<(u32, Outcome)> = row
        .outcomes
        .iter()
        .map(|(outcome, count)| (*count, *outcome))
        .collect();
    small::sort_by(&mut counts, |a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    let words: Vec<String> = counts
        .iter()
        .enumerate()
        .map(|(at, (count, outcome))| match at {
            0 => format!("{count} of {} {}", row.tries(), outcome.as_str()),
            _ => format!("{count} {}", outcome.as_str()),
        })
        .collect();
    let answers: Vec<String> = row.answers.iter().take(3).cloned().collect();
    if answers.is_empty() {
        words.join(", ")
    } else {
        format!("{} ({})", words.join(", "), answers.join(", "))
    }
}
