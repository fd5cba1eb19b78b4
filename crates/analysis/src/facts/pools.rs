//! Node pools, as the platforms label them.

use std::collections::BTreeMap;

use digpod_bundle::k8s::{Node, NodeList};
use digpod_bundle::layout;

use super::{Facts, missing};

/// Labels that name a node's pool (AKS, EKS, GKE, Karpenter, Cluster API, OpenShift).
const LABELS: [&str; 7] = [
    "kubernetes.azure.com/agentpool",
    "eks.amazonaws.com/nodegroup",
    "cloud.google.com/gke-nodepool",
    "karpenter.sh/nodepool",
    "cluster.x-k8s.io/pool-name",
    "machine.openshift.io/machine-set",
    "agentpool",
];

/// The pool of a node, by its labels.
pub(crate) fn of_node(facts: &Facts<'_>, node: &str) -> Option<String> {
    by_node(facts).remove(node)
}

/// The pool of each node that has one.
pub(crate) fn by_node(facts: &Facts<'_>) -> BTreeMap<String, String> {
    let nodes = missing::read_list::<NodeList>(facts.bundle(), layout::NODES);
    let nodes = nodes.map(|list| list.items).unwrap_or_default();
    let pool = |node: Node| {
        let labels = &node.metadata.labels;
        let pool = LABELS.iter().find_map(|label| labels.get(*label).cloned());
        pool.map(|pool| (node.metadata.name, pool))
    };
    nodes.into_iter().filter_map(pool).collect()
}
