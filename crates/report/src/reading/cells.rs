//! What one cell says.

use crate::v1::ContrastCell;

/// What a cell says at a glance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// What a client needs.
    Good,
    /// No client asks this there.
    Apart,
    /// An answer that does not help.
    Wrong,
    /// No answer.
    Silent,
}

/// The mark of a cell, or of a question beside it.
pub fn mark(cell: &ContrastCell) -> Mark {
    match (cell.tone.as_str(), cell.outcome.as_str()) {
        ("good", _) => Mark::Good,
        ("apart", _) => Mark::Apart,
        (
            _,
            "timeout" | "unreachable" | "connection refused" | "not permitted" | "malformed"
            | "error",
        ) => Mark::Silent,
        _ => Mark::Wrong,
    }
}

/// `timeout`, or all outcomes that a client does not need: `NXDOMAIN, SERVFAIL`.
pub fn outcome(cell: &ContrastCell) -> String {
    let all = std::iter::once(&cell.outcome).chain(&cell.more);
    all.map(String::as_str).collect::<Vec<_>>().join(", ")
}

/// `4/10`: so many of so many tries.
pub fn share(cell: &ContrastCell) -> String {
    format!("{}/{}", cell.count, cell.tries)
}

/// What was asked, where it is not A over UDP: `TCP`, `AAAA`, `AAAA TCP`.
pub fn question(cell: &ContrastCell) -> String {
    let transport = (cell.transport == "tcp").then_some("TCP");
    let record_type = Some(cell.record_type.as_str()).filter(|it| *it != "A");
    let words: Vec<&str> = record_type.into_iter().chain(transport).collect();
    words.join(" ")
}
