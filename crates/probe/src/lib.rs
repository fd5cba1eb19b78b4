//! What to ask which DNS server ([`Plan`]), what came back ([`Record`]), and, behind the feature
//! `net`, the engine that asks ([`run`]).
//!
//! **Invariant:** plan, records and the output's text form are plain data without I/O; sockets
//! exist only behind `net`.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

mod coredns_metrics;
mod draws;
mod extras;
mod hex;
mod output;
mod plan;
mod record;
mod resolv;
mod time;
mod watch;

#[cfg(feature = "net")]
mod net;

pub use coredns_metrics::{refused_by_max_concurrent, upstreams_from_metrics};
pub use draws::Draws;
pub use extras::{FetchedPage, File, FileKind, Keep, Page, ReadFile, ReadStatus};
pub use output::{
    MAX_OUTPUT, parse_output, parse_watching, write_closing, write_opening, write_output,
    write_watching,
};
pub use plan::{
    BadPlan, MAX_CANDIDATES, MAX_OWN_SERVERS, MAX_TRIES, NameClass, Pair, Plan, Question, Target,
    Transport,
};
pub use record::{Answer, NotAsked, Outcome, ProbeOutput, Record, ServerRole};
pub use resolv::{candidates, nameservers};
pub use time::{for_people, rfc3339, unix_seconds};
pub use watch::{Expected, Watch, WatchEnd, Watched, is_unexpected};

#[cfg(feature = "net")]
pub use net::{Disk, FileContent, NoDisk, Route, Setup, opening, run, watch};

#[cfg(feature = "net")]
#[doc(hidden)]
pub use net::read_reply;

#[cfg(all(doctest, feature = "net"))]
#[doc = include_str!("../README.md")]
struct ReadmeExample;
