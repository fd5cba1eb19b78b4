//! One table of who fails where: the eye finds the row or the column.

use std::fmt::Write as _;

use super::text::Text;
use crate::reading::{self, Mark};
use crate::v1::{ContrastCell, ContrastFrom, ContrastNames, ContrastServer, Report};

/// Blanks between columns.
const GAP: usize = 2;
/// Blanks before the rows.
const INDENT: usize = 4;
/// A column is no wider, whatever is cut.
const WIDEST: usize = 16;

/// The table, what it says, and what it cannot exclude.
pub(super) fn glance(text: &mut Text, report: &Report) {
    let contrast = &report.contrast;
    if contrast.names.is_empty() {
        return;
    }
    text.title("At a glance: who fails, asked from where");
    let failing: Vec<&ContrastNames> = contrast.names.iter().filter(|it| it.fails).collect();
    let whole = Grid::new(&contrast.servers, &failing, text.width);
    if whole.needed() <= text.width {
        whole.draw(text, &failing);
    } else {
        for part in failing {
            let grid = Grid::new(&contrast.servers, &[part], text.width);
            for (at, panel) in grid.panels(text.width).into_iter().enumerate() {
                if at > 0 {
                    text.gap();
                }
                panel.draw(text, &[part]);
            }
        }
    }
    for part in contrast.names.iter().filter(|it| !it.fails) {
        let said = format!("{}: {}", reading::about(part), reading::all_well(part));
        text.paragraph(2, &said);
    }
    if let Some(bounds) = reading::bounds(contrast) {
        text.paragraph(2, &bounds);
    }
}

/// The columns that are drawn.
struct Grid<'a> {
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
    fn new(servers: &'a [ContrastServer], parts: &[&ContrastNames], width: usize) -> Self {
        let rows = || parts.iter().flat_map(|part| &part.from);
        let column = |(at, server): (usize, &'a ContrastServer)| {
            let mut column = Column {
                at,
                server,
                width: 0,
            };
            let cells = rows().filter_map(|row| column.cell(row));
            let cells = cells.map(|cell| words(cell).chars().count()).max()?;
            let head = head(server);
            let pieces = head.iter().flat_map(|it| it.split_inclusive([' ', '-']));
            let head = pieces.map(|it| it.trim_end().chars().count()).max();
            column.width = cells.max(head.unwrap_or(0)).min(WIDEST);
            Some(column)
        };
        let labels = rows().flat_map(label).map(|line| line.chars().count());
        Self {
            columns: servers.iter().enumerate().filter_map(column).collect(),
            label: labels.max().unwrap_or(0).min(width / 4),
        }
    }

    fn needed(&self) -> usize {
        let columns = self.columns.iter().map(|column| GAP + column.width);
        INDENT + self.label + columns.sum::<usize>()
    }

    /// What does not fit side by side, one below the other.
    fn panels(self, width: usize) -> Vec<Self> {
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

    fn draw(&self, text: &mut Text, parts: &[&ContrastNames]) {
        if parts.is_empty() {
            return;
        }
        let heads = self.columns.iter().map(|column| {
            let lines = head(column.server);
            let lines = lines.iter().flat_map(|line| cut(line, column.width));
            (lines.collect(), false)
        });
        self.line(text, &[], &heads.collect::<Vec<_>>());
        for part in parts {
            let about = reading::about(part);
            match part.reading.as_str() {
                "" => text.paragraph(2, &about),
                said => text.paragraph(2, &format!("{about}: {said}")),
            }
            for row in &part.from {
                let cells = self.columns.iter().map(|column| {
                    let cell = column.cell(row);
                    let bad = cell.is_some_and(is_bad);
                    (cut(&cell.map_or("-".to_owned(), words), column.width), bad)
                });
                if self.columns.iter().any(|column| column.cell(row).is_some()) {
                    let label = label(row).into_iter();
                    let label: Vec<String> = label.flat_map(|it| cut(&it, self.label)).collect();
                    self.line(text, &label, &cells.collect::<Vec<_>>());
                }
            }
        }
    }

    /// A row of the table, which may need several lines; cells with whether they are bad.
    fn line(&self, text: &mut Text, label: &[String], cells: &[(Vec<String>, bool)]) {
        let lines = cells.iter().map(|(cell, _)| cell.len());
        let lines = lines.chain([label.len()]).max().unwrap_or(0);
        let piece = |from: &[String], at: usize| from.get(at).cloned().unwrap_or_default();
        for at in 0..lines {
            let mut line = format!(
                "{:INDENT$}{:label$}",
                "",
                piece(label, at),
                label = self.label
            );
            for ((cell, bad), column) in cells.iter().zip(&self.columns) {
                let piece = piece(cell, at);
                let pad = column.width.saturating_sub(piece.chars().count());
                let piece = if *bad { text.paint.bad(&piece) } else { piece };
                let _ = write!(line, "{:GAP$}{piece}{:pad$}", "", "");
            }
            text.line(&line);
        }
    }
}

fn is_bad(cell: &ContrastCell) -> bool {
    matches!(reading::mark(cell), Mark::Wrong | Mark::Silent)
}

fn head(server: &ContrastServer) -> Vec<String> {
    let mut head = vec![reading::server(server)];
    head.extend(reading::detail(server));
    head
}

fn label(row: &ContrastFrom) -> Vec<String> {
    let label = [reading::place(row), reading::stands(row)];
    label.into_iter().filter(|it| !it.is_empty()).collect()
}

/// `ok 10/10`, `X timeout 10/10`, `! NXDOMAIN 4/10`.
fn words(cell: &ContrastCell) -> String {
    let share = format!("{}/{}", cell.count, cell.tries);
    let outcome = &cell.outcome;
    let question = reading::question(cell);
    match reading::mark(cell) {
        Mark::Good => format!("ok {share}"),
        Mark::Apart => format!("({outcome})"),
        Mark::Wrong => format!("! {outcome} {share}{question}"),
        Mark::Silent => format!("X {outcome} {share}{question}"),
    }
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
