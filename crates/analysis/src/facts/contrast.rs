//! The same questions from two places: what differs between a place that works and one that does not.

use digpod_probe::{ServerRole, Transport};

use super::Facts;
use super::readings::{Reading, is_node};
use crate::matrix::Row;

/// Through the DNS Service: the sibling of the failing pod, which fails, and the pod without policies,
/// which works.
pub(crate) fn namespaces<'a>(facts: &'a Facts<'_>) -> Option<(Reading<'a>, Reading<'a>)> {
    let asked = |vantage: &'static str| {
        move |row: &Row| {
            row.vantage == vantage
                && row.transport == Transport::Udp
                && row.record_type == "A"
                && matches!(row.role, ServerRole::Service | ServerRole::NodeLocal)
        }
    };
    let of = |vantage| facts.probes.reading(asked(vantage));
    let (workload, control) = (of("workload"), of("control"));
    // Policies are about pods: where those of CoreDNS answer, it is the Service that does not.
    let past_service = facts.probes.path("workload", ServerRole::CorednsPod);
    (!past_service.works() && workload.fails() && control.works()).then_some((workload, control))
}

/// What the clients of a node got from all CoreDNS pods.
pub(crate) type OfNode<'a> = (&'a str, Reading<'a>);

/// Nodes whose clients get no answer from any CoreDNS pod, and nodes whose clients do.
pub(crate) fn nodes<'a>(facts: &'a Facts<'_>) -> (Vec<OfNode<'a>>, Vec<OfNode<'a>>) {
    let probes = &facts.probes;
    let (mut bad, mut good): (Vec<OfNode<'a>>, Vec<OfNode<'a>>) = (Vec::new(), Vec::new());
    for vantage in probes.vantages() {
        let Some(node) = probes.node_of(vantage) else {
            continue;
        };
        // A namespace's policies are no matter of the node.
        if !is_node(vantage) && vantage != "control" {
            continue;
        }
        let reading = probes.path(vantage, ServerRole::CorednsPod);
        if reading.is_silent() {
            bad.push((node, reading));
        } else if reading.works() {
            good.push((node, reading));
        }
    }
    // Where a pod fails and its node works, it is not the node.
    bad.retain(|(node, _)| !good.iter().any(|(other, _)| other == node));
    (bad, good)
}
