//! Columns, and what of them fits side by side.

use std::fmt::Write as _;

use super::words;
use crate::human::text::Text;
use crate::reading;
use crate::v1::{ContrastCell, ContrastFrom, ContrastNames, ContrastServer};

/// Blanks between columns.
const GAP: usize = 2;
/// Blanks before the rows.
const INDENT: usize = 4;
/// A column is no wider, whatever is cut.
const WIDEST: usize = 20;

/// The columns that are drawn.
pub(super) struct Grid<'a> {
    columns: Vec<Column<'a>>,
    label: usize,
}

#[derive(Clone, Copy)]
struct Column<'a> {
    /// Its place in a row.
    at: usize,
    server: &'a ContrastServer,
    width: usize,
}

impl Column<'_> {
    fn cell<'r>(&self, row: &'r ContrastFrom) -> Option<&'r ContrastCell> {
        row.cells.get(self.at)?.as_ref()
    }
}

impl<'a> Grid<'a> {
    /// The columns in which somebody was asked.
    pub(super) fn new(
        servers: &'a [ContrastServer],
        parts: &[&ContrastNames],
        width: usize,
    ) -> Self {
        let rows = || parts.iter().flat_map(|part| &part.from);
        let column = |(at, server): (usize, &'a ContrastServer)| {
            let mut column = Column {
                at,
                server,
                width: 0,
            };
            let cells = rows().filter_map(|row| column.cell(row));
            let cells = cells.flat_map(words);
            let cells = cells.map(|(line, _)| line.chars().count()).max()?;
            let head = head(server);
            let pieces = head.iter().flat_map(|it| it.split_inclusive([' ', '-']));
            let head = pieces.map(|it| it.trim_end().chars().count()).max();
            column.width = cells.max(head.unwrap_or(0)).min(WIDEST);
            Some(column)
        };
        let labels = parts.iter().flat_map(|part| reading::groups(part));
        let labels = labels.flat_map(|group| group.label());
        let labels = labels.map(|line| line.chars().count());
        Self {
            columns: servers.iter().enumerate().filter_map(column).collect(),
            label: labels.max().unwrap_or(0).min(width / 4),
        }
    }

    pub(super) fn needed(&self) -> usize {
        let columns = self.columns.iter().map(|column| GAP + column.width);
        INDENT + self.label + columns.sum::<usize>()
    }

    /// What does not fit side by side, one below the other.
    pub(super) fn panels(self, width: usize) -> Vec<Self> {
        let mut panels: Vec<Self> = Vec::new();
        for column in self.columns {
            match panels.last_mut() {
                Some(panel) if panel.needed() + GAP + column.width <= width => {
                    panel.columns.push(column);
                }
                _ => panels.push(Self {
                    columns: vec![column],
                    label: self.label,
                }),
            }
        }
        panels
    }

    /// The names of the servers.
    pub(super) fn head(&self, text: &mut Text) {
        let heads = self.columns.iter().map(|column| {
            let lines = head(column.server);
            let lines = lines.iter().flat_map(|line| cut(line, column.width));
            lines.map(|line| (line, false)).collect()
        });
        self.line(text, &[], &heads.collect::<Vec<_>>());
    }

    /// The rows of a part in which somebody was asked.
    pub(super) fn rows(&self, text: &mut Text, part: &ContrastNames) {
        for group in reading::groups(part) {
            let Some(row) = group.rows.first() else {
                continue;
            };
            if self.columns.iter().all(|column| column.cell(row).is_none()) {
                continue;
            }
            let cells = self.columns.iter().map(|column| {
                let cell = column.cell(row);
                let said = cell.map_or_else(|| vec![("-".to_owned(), false)], words);
                let lines = said.into_iter().flat_map(|(line, bad)| {
                    let lines = cut(&line, column.width).into_iter();
                    lines.map(move |line| (line, bad))
                });
                lines.collect()
            });
            let label = group.label().into_iter();
            let label: Vec<String> = label.flat_map(|it| cut(&it, self.label)).collect();
            self.line(text, &label, &cells.collect::<Vec<_>>());
        }
    }

    /// A row of the table, which may need several lines; pieces of cells with whether they are bad.
    fn line(&self, text: &mut Text, label: &[String], cells: &[Vec<(String, bool)>]) {
        let lines = cells.iter().map(Vec::len);
        let lines = lines.chain([label.len()]).max().unwrap_or(0);
        for at in 0..lines {
            let label = label.get(at).map_or("", String::as_str);
            let mut line = format!("{:INDENT$}{label:width$}", "", width = self.label);
            for (cell, column) in cells.iter().zip(&self.columns) {
                let (piece, bad) = cell.get(at).cloned().unwrap_or_default();
                let pad = column.width.saturating_sub(piece.chars().count());
                let piece = if bad { text.paint.bad(&piece) } else { piece };
                let _ = write!(line, "{:GAP$}{piece}{:pad$}", "", "");
            }
            text.line(&line);
        }
    }
}

fn head(server: &ContrastServer) -> Vec<String> {
    let mut head = vec![reading::server(server)];
    head.extend(reading::detail(server));
    head
}

/// Lines of at most `width` characters, cut at blanks, after hyphens and dots, or anywhere.
fn cut(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut rest: Vec<char> = text.chars().collect();
    while rest.len() > width.max(1) {
        let blank = (width / 2..=width)
            .rev()
            .find(|at| rest.get(*at) == Some(&' '));
        let after = |at: &usize| matches!(rest.get(at - 1), Some('-' | '.' | ':'));
        let any = (1..=width / 2).rev().find(|at| rest.get(*at) == Some(&' '));
        let end = blank
            .or_else(|| (2..=width).rev().find(after))
            .or(any)
            .unwrap_or(width.max(1));
        let tail = rest.split_off(end);
        lines.push(rest.iter().collect::<String>().trim_end().to_owned());
        rest = tail.into_iter().skip_while(|it| *it == ' ').collect();
    }
    lines.push(rest.into_iter().collect());
    lines
}
