//! NetworkPolicy evaluator: may A reach B on this port, and which policy says so.
//!
//! 1. [`PolicySet::compile`] takes the policies and namespaces of a cluster, and never fails.
//! 2. [`PolicySet::verdict`] answers for one [`Flow`]; [`PolicySet::explain`] adds who isolates the
//!    pods, which rules almost match, and what would mend it. [`PolicySet::service`] asks for the
//!    pods behind a Service.
//! 3. [`PolicySet::reach`] answers for all pods of a cluster at once.
//! 4. [`PolicySet::problems`] lists what the API server would refuse, [`PolicySet::traps`] what is
//!    valid and seldom meant.
//!
//! The specification is the API (networking.k8s.io/v1) and its documentation. Where they leave
//! something open, the verdict is [`Verdict::Undetermined`] with both readings.
//!
//! **Invariant:** pure values in, values out; the same input gives the same output on any machine.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

mod cidr;
mod decide;
mod endpoint;
mod explain;
mod fix;
mod foreign;
mod miss;
mod plugin;
mod pod_shape;
mod policy;
mod reach;
mod rules;
mod selector;
mod service;
mod set;
mod table;
mod traps;
mod validate;
mod validate_names;
mod verdict;
mod words;
mod yaml;

pub use decide::Prepared;
pub use endpoint::{
    ContainerPort, Direction, Endpoint, Flow, Labels, NAMESPACE_NAME_LABEL, Namespace, Pod,
    Protocol,
};
pub use explain::{Explanation, Isolating, Side};
pub use fix::{Change, Fix};
pub use foreign::{Effect, ForeignPolicy};
pub use miss::{FailedTest, Miss};
pub use plugin::{Enforcement, Plugin};
pub use policy::{
    EgressRule, IngressRule, IpBlock, LabelSelector, Metadata, NetworkPolicy, Peer, PolicyPort,
    PolicySpec, PortValue, Requirement,
};
pub use reach::{Group, Reach, Target};
pub use service::ServicePort;
pub use set::PolicySet;
pub use traps::{Trap, TrapKind};
pub use validate::{Problem, validate};
pub use verdict::{Assumption, Assumptions, NotEvaluated, Pass, Reading, RuleId, Verdict};

/// The example of the README is run as a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeExample;
