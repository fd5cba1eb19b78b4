//! How a place is written: `entry:line:column`.

use crate::v1::Evidence;

/// The text in which lines count: an entry, or `entry#/pointer` for a text inside a JSON value.
pub(crate) fn text(evidence: &Evidence) -> String {
    match &evidence.pointer {
        Some(pointer) if evidence.in_value => format!("{}#{pointer}", evidence.entry),
        _ => evidence.entry.clone(),
    }
}

/// The text with line and column.
pub(crate) fn of(evidence: &Evidence) -> String {
    format!("{}:{}:{}", text(evidence), evidence.line, evidence.column)
}
