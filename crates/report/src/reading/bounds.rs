//! What tries without a failure leave possible, and which cells that is about.

use std::collections::BTreeMap;

use digpod_analysis::summary::Share;

use super::{place, server, told};
use crate::v1::{Contrast, ContrastCell, ContrastNames};
use crate::words;

/// Numbers of tries that are told one by one; of more, the ends.
const TOLD: usize = 4;

/// For the cells of the tables that show no failure, in one sentence; `ok` is what such a cell
/// says. Nothing where there is no such cell. What a cache repeats tells nothing new.
pub fn bounds(contrast: &Contrast, ok: &str) -> Option<String> {
    let drawn = contrast.names.iter().filter(|it| it.fails);
    let cells = drawn.flat_map(|it| &it.from).flat_map(|it| &it.cells);
    let good = cells.flatten().filter(|it| it.tone == "good");
    // Cells that say the same may have got more and less that was new.
    let mut least: BTreeMap<u32, u32> = BTreeMap::new();
    for cell in good {
        let news = least.entry(cell.tries).or_insert(cell.tries);
        *news = (*news).min(cell.news);
    }
    let mut told: Vec<(u32, u32)> = least.into_iter().collect();
    if told.len() > TOLD {
        let ends = [told.first(), told.last()];
        told = ends.into_iter().flatten().copied().collect();
    }
    let says = |(at, (tries, news)): (usize, &(u32, u32))| {
        let high = Share::of(0, *news).high;
        let one = if at == 0 { "a cell that says " } else { "" };
        format!("{high} % in {one}{ok} {tries}/{tries}")
    };
    let says: Vec<String> = told.iter().enumerate().map(says).collect();
    let repeated = if told.iter().any(|(tries, news)| news < tries) {
        "; answers that a cache may have repeated do not count"
    } else {
        ""
    };
    (!says.is_empty()).then(|| {
        format!(
            "Not excluded (95 % sure{repeated}): a failure rate of up to {}.",
            says.join(", ")
        )
    })
}

/// Of a part in which nothing fails: how many tries that are, and where the fewest were made.
pub fn all_well(contrast: &Contrast, names: &ContrastNames) -> String {
    let mut cells: Vec<(String, &ContrastCell)> = Vec::new();
    for row in &names.from {
        for (column, cell) in contrast.servers.iter().zip(&row.cells) {
            if let Some(cell) = cell.as_ref().filter(|it| it.tone == "good") {
                let from = told(place(row));
                cells.push((format!("{from} at {}", told(server(column))), cell));
            }
        }
    }
    let tries = cells.iter().map(|(_, it)| it.tries);
    let sum = tries.fold(0, u32::saturating_add);
    let said = format!(
        "ok, {} from {}",
        words::count(sum as usize, "try"),
        words::count(names.from.len(), "place"),
    );
    let Some(least) = cells.iter().map(|(_, it)| it.news.min(it.tries)).min() else {
        return said;
    };
    let mut few = cells
        .iter()
        .filter(|(_, it)| it.news.min(it.tries) == least);
    let (first, new) = few.next().map_or(("", ""), |(cell, it)| {
        let repeated = it.news < it.tries;
        let new = if repeated {
            " that no cache repeated"
        } else {
            ""
        };
        (cell, new)
    });
    let more = match few.count() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let high = Share::of(0, least).high;
    if let ([_], "") = (cells.as_slice(), new) {
        return format!("{said} ({first}); that leaves a failure rate of up to {high} % possible");
    }
    format!(
        "{said}; the fewest{new}, {least} from {first}{more}, leave a failure rate of up to {high} % \
         possible"
    )
}
