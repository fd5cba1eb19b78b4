//! `CoreDNS` log lines: one streaming pass, signatures and queries counted.
//!
//! [`scan`] reads a whole log, [`Scanner`] one that comes in pieces; the result is a [`LogSummary`].
//! Lines may carry the layers of container runtimes, kubectl and journald; text that is not UTF-8
//! and lines without end survive. Memory does not grow with the log. The grammar of the lines, by
//! release, is that of the programs themselves; the README says how it was compared.
//!
//! **Invariant:** pure; spans are byte ranges of the text that was fed, in order; the same bytes give
//! the same summary however they are cut, natively and in WebAssembly.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

mod api;
mod banner;
mod errors;
mod event;
mod heavy;
mod histogram;
mod json;
mod judge;
mod keys;
mod layers;
mod lines;
mod minutes;
mod query;
mod quick;
mod scanner;
mod signature;
mod small;
mod stamp;
mod stats;
mod summary;
mod swar;
mod tally;

pub use event::{ApiFailure, ApiReason, Event, EventCount, EventKind, Start, StartupError};
pub use heavy::{Top, TopEntry};
pub use histogram::Histogram;
pub use minutes::{Minutes, Step};
pub use query::{Flags, QueryLine};
pub use scanner::{Detail, Scanner, scan};
pub use signature::{Count, Hit, Signature};
pub use small::Share;
pub use stats::{ErrorStats, QueryStats};
pub use summary::LogSummary;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
