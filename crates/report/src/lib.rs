//! A diagnosis as terminal text, Markdown or JSON.
//!
//! **Invariant:** every renderer is a pure function of a [`v1::Report`]; the JSON of the same
//! bundle is the same bytes natively and in the browser.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

mod beside;
mod clean;
mod compare;
mod from;
mod gaps;
#[cfg(feature = "terminal")]
mod human;
mod markdown;
mod place;
pub mod reading;
mod table;
pub mod v1;
mod words;

use std::fmt::Write as _;

pub use beside::{Note, notes};
pub use clean::line as visible_line;
pub use compare::{ChangedAnswer, Comparison, Outcome, compare};
pub use from::report;
pub use gaps::{Group as GapGroup, groups as gap_groups, means as gap_means};
#[cfg(feature = "terminal")]
pub use human::{HumanOptions, human, wrap};
pub use markdown::markdown;

/// The report as JSON: two-space indentation, a final line feed.
pub fn json(report: &v1::Report) -> String {
    let mut text = serde_json::to_string_pretty(report).unwrap_or_default();
    text.push('\n');
    text
}

/// The findings alone, one after another, as plain text.
pub fn findings_text(report: &v1::Report) -> String {
    let mut out = String::new();
    for finding in &report.findings {
        let _ = writeln!(
            out,
            "{} [{}, {}] {}: {}",
            finding.rule, finding.severity, finding.confidence, finding.scope, finding.message
        );
        for piece in &finding.evidence {
            let _ = writeln!(out, "    {}: {}", place::of(piece), piece.note);
        }
    }
    out
}

/// The JSON Schema (draft 2020-12) of version 1.
#[cfg(feature = "schema")]
pub fn schema() -> String {
    let mut schema = schemars::schema_for!(v1::Report);
    schema.insert("$id".to_owned(), "urn:digpod:report:v1".into());
    schema.insert("title".to_owned(), "digpod report, version 1".into());
    let mut text = serde_json::to_string_pretty(&schema).unwrap_or_default();
    text.push('\n');
    text
}

/// The example of the README, run as a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
pub struct ReadmeExample;
