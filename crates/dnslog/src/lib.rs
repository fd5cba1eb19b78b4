//! CoreDNS log lines: one streaming pass, signatures counted.
//!
//! [`scan`] reads a whole log, [`Scanner`] one that comes in pieces. Lines may carry the stamps of
//! container runtimes and of kubectl (`--timestamps`, `--prefix`); text that is not UTF-8 and lines
//! without end survive. Memory does not grow with the log: hits are bounded, counts are by
//! signature and server.
//!
//! ```
//! let log = b"[ERROR] plugin/errors: 2 app.corp.internal. A: read udp 10.244.0.5:53210->10.1.0.4:53: i/o timeout\n";
//! let summary = digpod_dnslog::scan(log);
//! assert_eq!(summary.counts[0].server.as_deref(), Some("10.1.0.4:53"));
//! ```
//!
//! **Invariant:** pure; spans are byte ranges of the text that was fed, in order.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

mod errors;
mod layers;
mod lines;
mod scanner;
mod signature;

pub use scanner::{Scanner, scan};
pub use signature::{Count, Hit, LogSummary, Signature};
