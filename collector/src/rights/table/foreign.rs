//! Policies of other kinds than NetworkPolicy, from the list of those that are known.

use super::{LIST, Place, Row, row};
use crate::gather::FOREIGN_KINDS;

/// Of the whole cluster, then of the two namespaces that matter.
pub(super) fn rows() -> Vec<Row> {
    let of = |namespaced: bool, places: &'static [Place]| {
        let kinds = FOREIGN_KINDS.iter().filter(move |it| it.1 == namespaced);
        kinds.flat_map(move |(kind, _)| {
            let (resource, group) = kind.split_once('.').unwrap_or((kind, ""));
            places.iter().map(move |place| one(resource, group, *place))
        })
    };
    let wide = of(false, &[Place::Cluster]);
    wide.chain(of(true, &[Place::Dns, Place::Client])).collect()
}

fn one(resource: &'static str, group: &'static str, place: Place) -> Row {
    row(
        LIST,
        group,
        resource,
        place,
        "policies of other kinds than NetworkPolicy, where the cluster has such",
        "a policy of another kind than NetworkPolicy that blocks DNS is not seen",
    )
    .sometimes()
}
