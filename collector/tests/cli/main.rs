//! `digpod` without a cluster, as a user types it: bundles good and bad, loose files, exit codes.

#![expect(
    clippy::unwrap_used,
    clippy::assigning_clones,
    reason = "a test that cannot go on has failed, and need not be fast"
)]

mod analysing;
mod bundles;
mod common;
mod connecting;
mod corefile;
mod looking_up;
mod manners;
mod plugin;
mod refusing;
mod resolve;
mod tools;
