//! Corefile syntax with spans, import expansion and which server block answers a name.
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
//! **Invariant:** pure text in, values out; spans lie inside their source, at character boundaries.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

mod effective;
mod expand;
mod key;
mod lexer;
mod parser;
mod reverse;
mod tree;

pub use effective::{Forward, Policy};
pub use key::Key;
pub use parser::parse;
pub use tree::{Corefile, Directive, Import, Problem, Property, ServerBlock, Source, Span, Word};
