//! Cells of the table at a glance.

use digpod_report::reading::{self, Mark};
use digpod_report::v1::ContrastCell;

use super::{Cell, Tone};

/// A cell of the table at a glance.
pub fn glance(cell: &ContrastCell) -> Cell {
    let outcome = match reading::mark(cell) {
        Mark::Good => Tone::Good,
        Mark::Apart => Tone::Plain,
        Mark::Wrong => Tone::Bad,
        Mark::Silent => Tone::Silent,
    };
    let times = format!("{}/{}{}", cell.count, cell.tries, reading::question(cell));
    Cell {
        tone: match cell.tone.as_str() {
            "sometimes" => Tone::Mixed,
            _ => outcome,
        },
        outcomes: vec![(outcome, cell.outcome.clone(), times)],
        answers: String::new(),
        latency: match cell.p95_us {
            0..50_000 => String::new(),
            us => format!("p50 {} ms, p95 {} ms", cell.median_us / 1_000, us / 1_000),
        },
        record: (cell.entry.clone(), cell.pointer.clone()),
    }
}
