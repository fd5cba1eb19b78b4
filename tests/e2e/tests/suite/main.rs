//! `digpod` on a real cluster, and the same on simcluster: a difference is a bug in simcluster.
//!
//! `cargo xtask e2e` runs them; on their own they say that they were skipped. One at a time: the
//! real cluster is one.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod causes;
mod disturbance;
mod items;
mod other_image;
mod permissions;
mod plugin;
mod stopping;
mod traces;
mod verdicts;
