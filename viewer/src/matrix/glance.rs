//! Cells of the table at a glance.

use digpod_report::reading::{self, Mark};
use digpod_report::v1::ContrastCell;

use super::{Cell, Tone};

/// A cell of the table at a glance.
pub fn glance(cell: &ContrastCell) -> Cell {
    let times = [reading::share(cell), reading::question(cell)];
    let mut outcomes = vec![(tone(cell), reading::outcome(cell), times.join(" "))];
    for beside in &cell.beside {
        let word = format!(
            "+ {} {}",
            reading::question(beside),
            reading::outcome(beside)
        );
        outcomes.push((tone(beside), word, reading::share(beside)));
    }
    Cell {
        tone: match cell.tone.as_str() {
            "sometimes" => Tone::Mixed,
            _ => tone(cell),
        },
        outcomes,
        answers: String::new(),
        latency: match cell.p95_us {
            0..50_000 => String::new(),
            us => format!("p50 {} ms, p95 {} ms", cell.median_us / 1_000, us / 1_000),
        },
        record: (cell.entry.clone(), cell.pointer.clone()),
    }
}

fn tone(cell: &ContrastCell) -> Tone {
    match reading::mark(cell) {
        Mark::Good => Tone::Good,
        Mark::Apart => Tone::Plain,
        Mark::Wrong => Tone::Bad,
        Mark::Silent => Tone::Silent,
    }
}
