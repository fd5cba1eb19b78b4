//! One table of who fails where: the eye finds the row or the column.

mod grid;

use super::text::Text;
use crate::reading::{self, Mark};
use crate::v1::{ContrastCell, ContrastNames, Report};
use grid::Grid;

/// The table, what it says, and what it cannot exclude.
pub(super) fn glance(text: &mut Text, report: &Report) {
    let contrast = &report.contrast;
    if contrast.names.is_empty() {
        return;
    }
    text.title("At a glance: who fails, asked from where");
    let failing: Vec<&ContrastNames> = contrast.names.iter().filter(|it| it.fails).collect();
    legend(text, &failing);
    let whole = Grid::new(&contrast.servers, &failing, text.width);
    if !failing.is_empty() && whole.needed() <= text.width {
        text.gap();
        // Several parts share their columns.
        if failing.len() > 1 {
            whole.head(text);
        }
        for part in &failing {
            if failing.len() > 1 {
                text.gap();
            }
            title(text, part);
            if failing.len() == 1 {
                whole.head(text);
            }
            whole.rows(text, part);
        }
    } else {
        for part in &failing {
            text.gap();
            title(text, part);
            let grid = Grid::new(&contrast.servers, &[part], text.width);
            for (at, panel) in grid.panels(text.width).into_iter().enumerate() {
                if at > 0 {
                    text.gap();
                    let about = reading::about(part);
                    text.paragraph(2, &format!("{about}, further servers"));
                }
                panel.head(text);
                panel.rows(text, part);
            }
        }
    }
    if let Some(bounds) = reading::bounds(contrast, "ok") {
        text.paragraph(2, &bounds);
    }
    let mut well = contrast.names.iter().filter(|it| !it.fails).peekable();
    if !failing.is_empty() && well.peek().is_some() {
        text.gap();
    }
    for part in well {
        let said = reading::all_well(contrast, part);
        text.paragraph(2, &format!("{}: {said}", reading::about(part)));
    }
}

/// What the cells mean; only marks that are there.
fn legend(text: &mut Text, failing: &[&ContrastNames]) {
    let rows = || failing.iter().flat_map(|it| &it.from);
    let cells = || rows().flat_map(|it| it.cells.iter().flatten());
    let all = || cells().flat_map(|it| std::iter::once(it).chain(&it.beside));
    if cells().next().is_none() {
        return;
    }
    let has = |mark| all().any(|it| reading::mark(it) == mark);
    let mut words = vec!["A over UDP, n of m tries"];
    let marks = [
        (has(Mark::Good), "ok right"),
        (has(Mark::Wrong), "! wrong"),
        (has(Mark::Silent), "X no answer"),
        (
            has(Mark::Apart),
            "() does not count, only digpod asks that there",
        ),
        (
            cells().any(|it| !it.beside.is_empty()),
            "+ AAAA or TCP, where it differs",
        ),
        (
            rows().any(|it| it.cells.iter().any(Option::is_none)),
            "- not asked",
        ),
    ];
    words.extend(marks.into_iter().filter(|it| it.0).map(|it| it.1));
    text.paragraph(2, &format!("Each cell: {}", words.join("; ")));
}

fn title(text: &mut Text, part: &ContrastNames) {
    let about = reading::about(part);
    match part.reading.as_str() {
        "" => text.paragraph(2, &about),
        said => text.paragraph(2, &format!("{about}: {said}")),
    }
}

/// `ok 10/10`, `X timeout 10/10`, `! NXDOMAIN 4/10`, and a line for each question that came out
/// otherwise: `+TCP X timeout 2/2`. Each with whether it is bad.
fn words(cell: &ContrastCell) -> Vec<(String, bool)> {
    let mut lines = vec![(said(cell, "", &reading::question(cell)), is_bad(cell))];
    for beside in &cell.beside {
        let question = format!("+{} ", reading::question(beside));
        lines.push((said(beside, &question, ""), is_bad(beside)));
    }
    lines
}

fn said(cell: &ContrastCell, before: &str, after: &str) -> String {
    let (share, outcome) = (reading::share(cell), reading::outcome(cell));
    let after = match after {
        "" => String::new(),
        after => format!(" {after}"),
    };
    match reading::mark(cell) {
        // What has no address of the other family is not wrong.
        Mark::Good if cell.outcome != "OK" => format!("{before}{outcome} {share}{after}"),
        Mark::Good => format!("{before}ok {share}{after}"),
        Mark::Apart => format!("({outcome})"),
        Mark::Wrong => format!("{before}! {outcome} {share}{after}"),
        Mark::Silent => format!("{before}X {outcome} {share}{after}"),
    }
}

fn is_bad(cell: &ContrastCell) -> bool {
    matches!(reading::mark(cell), Mark::Wrong | Mark::Silent)
}
