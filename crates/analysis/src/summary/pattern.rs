//! What the cells that fail have in common: rows, columns, or both.

use std::collections::BTreeSet;

use super::table::From;
use super::tone::Tone;

/// Rows and columns that fail, as indices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    /// Rows with a cell that fails.
    pub rows: Vec<usize>,
    /// Columns with such a cell.
    pub columns: Vec<usize>,
    /// Whether each cell of these rows fails.
    pub whole_rows: bool,
    /// Whether each cell of these columns fails.
    pub whole_columns: bool,
    /// Whether each cell of both a row and a column fails.
    pub crossing: bool,
}

/// Nothing where no cell fails.
pub(super) fn pattern(from: &[From]) -> Option<Pattern> {
    let mut cells: Vec<(usize, usize, bool)> = Vec::new();
    for (row, from) in from.iter().enumerate() {
        for (column, cell) in from.cells.iter().enumerate() {
            if let Some(cell) = cell
                && cell.tone != Tone::Apart
            {
                cells.push((row, column, cell.tone.is_bad()));
            }
        }
    }
    let bad = cells.iter().filter(|(_, _, bad)| *bad);
    let (rows, columns): (BTreeSet<usize>, BTreeSet<usize>) =
        bad.map(|(row, column, _)| (*row, *column)).unzip();
    if rows.is_empty() {
        return None;
    }
    let all = |within: &dyn Fn(&usize, &usize) -> bool| {
        cells
            .iter()
            .all(|(row, column, bad)| *bad || !within(row, column))
    };
    Some(Pattern {
        whole_rows: all(&|row, _| rows.contains(row)),
        whole_columns: all(&|_, column| columns.contains(column)),
        crossing: all(&|row, column| rows.contains(row) && columns.contains(column)),
        rows: rows.into_iter().collect(),
        columns: columns.into_iter().collect(),
    })
}
