//! Kubernetes objects as a bundle keeps them: the API's own JSON, these fields and no others.
//!
//! Names are the API's. Every field is optional or has a default, unknown ones are ignored: an
//! object of a newer API server still reads. What is not named here never leaves the cluster:
//! the collector writes objects through these shapes.

mod apps;
mod core;
mod discovery;
mod meta;
mod metrics;
mod networking;
mod node;
mod openshift;
mod pod;
mod pod_status;
mod rbac;
mod scaling;

pub use apps::*;
pub use core::*;
pub use discovery::*;
pub use meta::*;
pub use metrics::*;
pub use networking::*;
pub use node::*;
pub use openshift::*;
pub use pod::*;
pub use pod_status::*;
pub use rbac::*;
pub use scaling::*;

/// Reads `null` as the empty list or map, as Go's encoder writes it.
fn null_is_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Default + serde::Deserialize<'de>,
{
    Ok(<Option<T> as serde::Deserialize>::deserialize(deserializer)?.unwrap_or_default())
}
