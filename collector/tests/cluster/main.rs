//! `digpod collect` and `cleanup` against a played cluster.
//!
//! They need the binary of crates/simcluster: `DIGPOD_SIMCLUSTER` names it; without it each test
//! says that it was skipped.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod played;
mod running;

mod credentials;
mod cut_short;
mod distributions;
mod dry_run;
mod faults;
mod files;
mod fitting;
mod hanging;
mod inside;
mod killed;
mod large;
mod leftovers;
mod metrics;
mod named_services;
mod network_logs;
mod other_image;
mod permissions;
mod polite;
mod promises;
mod refused;
mod repeated;
mod rights;
mod scripted;
mod secrets;
mod stopped;
mod strict;
mod until_failure;
mod validation;
mod whole;
mod working_pod;
