//! Corefiles as CoreDNS reads them: syntax with spans, what is wrong and what to do, formatting,
//! and what answers a query.
//!
//! [`parse`] reads a Corefile and the files it may import, as CoreDNS (Caddyfile version 1) does,
//! and never fails: what CoreDNS would refuse becomes a [`Problem`], and the rest is still read.
//! Every word remembers the file and the bytes it came from, also across imports.
//!
//! ```
//! use digpod_corefile::{Policy, Source, parse};
//!
//! let main = Source::new("Corefile", ".:53 {\n    forward . 10.1.0.4 10.1.0.5\n}\nimport custom/*.server\n");
//! let custom = Source::new("custom/corp.server", "corp.internal:53 {\n    forward . 10.1.0.4\n}\n");
//! let corefile = parse(main, vec![custom]);
//! let (_, forward) = corefile.forward_for("app.corp.internal.").expect("a forward");
//! assert_eq!(forward.to.len(), 1);
//! assert_eq!(forward.policy, Policy::Random);
//! ```
//!
//! [`lint`] also runs the setups of the plugins that a version of CoreDNS has ([`plugin`]);
//! [`Document`] has a text in pieces that lose nothing, and [`format()`] lays one out.
//!
//! **Invariant:** pure text in, values out; spans lie inside their source, at character boundaries.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

mod balance;
mod document;
mod effective;
mod expand;
mod feed;
mod format;
mod help;
mod key;
mod lexer;
mod lint;
mod options;
mod parser;
pub mod plugin;
mod problem;
mod reverse;
mod scanner;
mod tree;
mod variable;

pub use balance::Unbalanced;
pub use document::{Document, EditError, Piece};
pub use effective::{
    Choice, Delivery, Effect, End, Explanation, Forward, Hop, Listener, Odds, Policy, Query,
    QueryError, Server, Step, Transport, explain,
};
pub use format::{Formatted, format};
pub use key::Key;
pub use lexer::PieceKind;
pub use lint::lint;
pub use options::Options;
pub use parser::{parse, parse_with};
pub use problem::{Problem, Said, Stage};
pub use tree::{Corefile, Directive, Import, Property, ServerBlock, Source, Span, Word};
pub use variable::Variable;

/// The examples in the README, as tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeExamples;
