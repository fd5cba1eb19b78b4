#![doc = include_str!("../README.md")]
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

mod address;
mod conf;
mod explain;
mod found;
mod implementation;
pub mod kubelet;
mod plan;
mod pod;
mod question;
mod read;
mod settings;
mod simulate;
mod small;
mod wait;

pub use conf::{Field, MAX_NAMESERVERS, ResolvConf, ResolvOption, parse};
pub use explain::explain;
pub use found::{FoundResolver, OsRelease, is_c_library, resolver_of};
pub use implementation::{Implementation, UnknownImplementation, Version};
pub use plan::{Broken, Candidate, NameFault, Origin, Plan, Unasked, plan};
pub use pod::{cluster_domain, cluster_search, looks_like_pod};
pub use question::{Family, Message, Question, Rcode, RecordType, Reply, Transport};
pub use read::read_as;
pub use settings::{Environment, Observation, Seen, Server, Settings, Value};
pub use simulate::{
    Asked, Chance, GoError, LookupError, Outcome, Simulation, Stop, StopRule, Then, Verdict,
    simulate, simulate_with,
};
pub use wait::{Wait, worst_case_wait};
