//! What CoreDNS's plugins are, by version: the table, and what their setups refuse.
//!
//! The facts were read from plugin.cfg and the setups of CoreDNS 1.1.1 to 1.15.0. They were compared
//! with the programs themselves:
//!
//! - `tests/reference.rs`: what the setups of CoreDNS 1.15.0 and 1.12.1 refuse, where, and in which
//!   words (1.14.7 and 1.11.3 were tried once with the same cases);
//! - `tests/migration.rs`: which plugins and properties every version has, with
//!   github.com/coredns/corefile-migration for every version it knows, 1.1.4 to 1.15.0; the few
//!   places where that module and CoreDNS's own source differ are listed there with the reason;
//! - `tests/way.rs`: what the servers of CoreDNS make of queries, for [`explain`](crate::explain).
//!
//! Where corefile-migration says otherwise, and CoreDNS's own source decides:
//!
//! | plugin, option | versions | why |
//! |---|---|---|
//! | `cache` `serve_stale` | 1.7.0 to 1.9.3 | there from 1.6.6 on |
//! | `forward` `fail_fast` | 1.11.4 | never in a release |
//! | `forward` `failfast_all_unhealthy_upstreams` | 1.12.0 | there from 1.12.1 on |
//! | `hosts` `ttl`, `no_reverse`, `reload` | 1.1.4 to 1.3.1 | there from 1.4.0 on; before, lines of hosts |
//! | `kubernetes` `endpoint` | from 1.3.1 on | only its further arguments are ignored, not the option |
//! | `proxy` `protocol` | 1.1.4 to 1.3.1 | only its argument `https_google` was removed |
//! | `rewrite` `cname_target` | from 1.11.0 on | the field is named `cname` |
//!
//! What that module does not support it says nothing about; and no step leads to 1.1.3, the oldest
//! version it knows, so that one cannot be asked for.
//!
//! Not known here, and taken to be fine: which files and interfaces CoreDNS's container has,
//! whether names resolve and clouds answer, what certificates and keys hold. A name of a host or an
//! interface is mentioned as something that CoreDNS may refuse.
//!
//! Read only in part:
//!
//! - expressions of `view` and `template`: any text is taken;
//! - texts of Go's text/template: actions that do not end or are empty, functions that do not exist
//!   and characters that stand for nothing are refused; types and fields are not checked;
//! - label selectors: the verdict is Kubernetes's, the words about bad syntax are not;
//! - regular expressions: classes of Unicode (`\pL`) are accepted and not decided.

mod advice;
mod check;
mod data;
mod labels;
pub(crate) mod regex;
mod serve;
mod setup;
mod suggest;
mod table;
mod tokens;
pub(crate) mod upstream;
pub(crate) mod values;
mod version;

pub use check::{check, unknown_to_node_cache};
pub(crate) use serve::never_answers;
pub use suggest::suggest;
pub use table::{Plugin, Property, Role, Status, find, lookup, order, rank, table};
pub use version::{NotAVersion, Version};
