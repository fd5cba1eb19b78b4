//! Node pools, as the platforms label them.

use digpod_bundle::k8s::NodeList;
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
    let nodes: NodeList = missing::read_list(facts.bundle(), layout::NODES).ok()?;
    let node = nodes.items.iter().find(|it| it.metadata.name == node)?;
    let labels = &node.metadata.labels;
    LABELS.iter().find_map(|label| labels.get(*label).cloned())
}
