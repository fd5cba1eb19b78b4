//! What the cells that fail have in common: rows, columns, or both.

use std::collections::BTreeSet;

use super::cell::Question;
use super::table::From;
use super::tone::Tone;

/// Rows and columns that fail for one question, as indices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    /// Rows from which it was asked of somebody who should answer.
    pub asked_rows: Vec<usize>,
    /// Columns of which it was asked.
    pub asked_columns: Vec<usize>,
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
pub(super) fn pattern(from: &[From], question: &Question) -> Option<Pattern> {
    let mut cells: Vec<(usize, usize, bool)> = Vec::new();
    for (row, from) in from.iter().enumerate() {
        for (column, cell) in from.cells.iter().enumerate() {
            let said = cell.as_ref().and_then(|cell| cell.to(question));
            if let Some(said) = said.filter(|said| said.tone != Tone::Apart) {
                cells.push((row, column, said.tone.is_bad()));
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
    let (asked_rows, asked_columns): (BTreeSet<usize>, BTreeSet<usize>) =
        cells.iter().map(|(row, column, _)| (*row, *column)).unzip();
    Some(Pattern {
        asked_rows: asked_rows.into_iter().collect(),
        asked_columns: asked_columns.into_iter().collect(),
        whole_rows: all(&|row, _| rows.contains(row)),
        whole_columns: all(&|_, column| columns.contains(column)),
        crossing: all(&|row, column| rows.contains(row) && columns.contains(column)),
        rows: rows.into_iter().collect(),
        columns: columns.into_iter().collect(),
    })
}
