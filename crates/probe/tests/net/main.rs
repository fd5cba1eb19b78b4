//! The engine and the binary, on loopback only.
#![cfg(feature = "net")]
#![expect(clippy::unwrap_used, reason = "a helper that fails fails the test")]

mod answers;
mod ask;
mod binary;
mod dns_server;
mod edns;
mod forgery;
mod hostile;
mod memory;
mod pairs;
#[path = "../shared/random.rs"]
mod random;
mod schedule;
mod search;
mod watch;
