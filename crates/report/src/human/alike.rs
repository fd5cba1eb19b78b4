//! Names that nobody has to look at: everybody said of them what they should.

use std::collections::{BTreeMap, BTreeSet};

use crate::table::{Block, CUSTOM, NONEXISTENT, answered};
use crate::v1::{MatrixRow, Report};
use crate::words;

/// In one clause what everybody said of a name that is not in question, if all say what
/// they should.
pub(super) fn all_alike(report: &Report, block: &Block<'_>) -> Option<String> {
    if block.class == CUSTOM {
        return None;
    }
    let of_name = |row: &&MatrixRow| row.name == block.name;
    let rows: Vec<&MatrixRow> = report.matrix.iter().filter(of_name).collect();
    let mut types: BTreeMap<&str, Vec<&MatrixRow>> = BTreeMap::new();
    for row in &rows {
        types.entry(&row.record_type).or_default().push(row);
    }
    let mut clauses = Vec::new();
    for (record_type, rows) in types {
        let outcomes: BTreeSet<&str> = rows
            .iter()
            .flat_map(|row| &row.outcomes)
            .map(|it| it.outcome.as_str())
            .collect();
        let [outcome] = outcomes.into_iter().collect::<Vec<_>>()[..] else {
            return None;
        };
        let expected = match block.class {
            NONEXISTENT => outcome == "NXDOMAIN",
            _ => outcome == "OK" || outcome == "NODATA",
        };
        if !expected {
            return None;
        }
        let answers: BTreeSet<&str> = rows
            .iter()
            .flat_map(|row| &row.answers)
            .map(String::as_str)
            .collect();
        let tries: u32 = rows
            .iter()
            .map(|row| row.tries)
            .fold(0, u32::saturating_add);
        let shown = answered(&answers.into_iter().collect::<Vec<_>>());
        clauses.push(format!("{record_type}: {outcome} {tries}/{tries}{shown}"));
    }
    let servers: BTreeSet<&str> = rows.iter().map(|row| row.server.as_str()).collect();
    let vantages: BTreeSet<&str> = rows.iter().map(|row| row.vantage.as_str()).collect();
    Some(format!(
        "{}, asked of {} from {}",
        clauses.join("; "),
        words::count(servers.len(), "server"),
        words::count(vantages.len(), "vantage"),
    ))
}
