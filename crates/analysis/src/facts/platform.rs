//! Names that the platform's resolver knows, and lists that leave it out.

use digpod_probe::NameClass;

use super::addresses::{Owner, owner};
use super::upstreams::UpstreamList;
use crate::matrix::Row;

/// Names that the platform's resolver would know: public ones, and those of its private zones.
pub(crate) fn is_of_platform(row: &Row) -> bool {
    let private = ["privatelink", "azmk8s"];
    let name = row.name.to_ascii_lowercase();
    let named = name.split('.').any(|label| private.contains(&label));
    row.record_type == "A"
        && match row.class {
            NameClass::Public => true,
            NameClass::Custom => named,
            NameClass::Cluster | NameClass::Nonexistent => false,
        }
}

/// Whether all servers of a list are the user's own.
pub(crate) fn is_custom(list: &UpstreamList) -> bool {
    let mut servers = list.servers.iter().map(|it| owner(&it.address));
    !list.servers.is_empty() && servers.all(|it| matches!(it, Owner::Custom | Owner::Unknown))
}
