//! What digpod asks of a cluster, in one table. The role that `digpod rbac` prints and the access
//! reviews before a run are both derived from it.

mod calls;
mod command;
mod need;
mod review;
mod role;
mod say;
mod table;

use command::hint;

pub(crate) use calls::{ApiCall, calls};
pub(crate) use need::{Need, Scope};
pub(crate) use review::Access;
pub(crate) use role::{Subject, manifests};

/// Everything that a run with these flags may do.
pub(crate) fn needs(scope: &Scope) -> Vec<Need> {
    need::from_rows(table::rows(), scope)
}
