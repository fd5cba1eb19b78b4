//! A cluster in a box: a Kubernetes API and DNS servers on loopback, played from a scenario folder.
//!
//! The API is faithful enough for `kubectl`; a pod whose image is the probe's really asks the DNS
//! servers, through the scenario's routing table. See this crate's README for the folder's format.
//!
//! **Invariant:** every socket is bound to and connects to loopback.

mod api;
mod cluster;
mod dns;
mod fault;
mod fleet;
mod journal;
mod json;
mod kubeconfig;
mod kubelet;
mod logs;
mod queries;
mod random;
mod requests;
mod resources;
mod route;
mod running;
mod scenario;
mod selector;
mod store;
mod time;
mod tls;
mod written;

pub use fault::{Fault, Harm, ServerHarm};
pub use fleet::Scale;
pub use queries::ReceivedQuery;
pub use requests::Request;
pub use running::{Options, Running, start};
