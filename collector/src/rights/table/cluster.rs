//! The cluster as a whole.

use super::{GET, LIST, METRICS, Place, Row, row, with_probes};

pub(super) const ROWS: &[Row] = &[
    row(
        &["get", "list"],
        "",
        "nodes",
        Place::Cluster,
        "conditions, versions and pools of the nodes; the distribution",
        "a node that is not ready or overloaded is not seen, nor where CoreDNS runs",
    ),
    row(
        LIST,
        METRICS,
        "nodes",
        Place::Cluster,
        "usage of the nodes, as kubectl top shows it",
        "an overloaded node is not seen",
    ),
    row(
        GET,
        "",
        "namespaces",
        Place::KubeSystem,
        "its uid tells this cluster from others (a digest of it is kept)",
        "bundles of the same cluster cannot be told to be of the same",
    )
    .named(&["kube-system"]),
    row(
        LIST,
        "",
        "namespaces",
        Place::Cluster,
        "those that an interrupted run left (by digpod's label)",
        "what an interrupted run left is not found",
    )
    .when(with_probes),
];
