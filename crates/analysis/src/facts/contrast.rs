//! The same questions from two places: what differs between a place that works and one that does not.

use digpod_probe::{NameClass, ServerRole, Transport};

use super::Facts;
use super::readings::{Reading, is_node};
use crate::matrix::Row;

/// The sibling of the failing pod, which fails, and the pod without policies, which works: at the same
/// servers, for the same names.
pub(crate) fn namespaces<'a>(facts: &'a Facts<'_>) -> Option<(Reading<'a>, Reading<'a>)> {
    let probes = &facts.probes;
    // Policies are about pods: where those of CoreDNS answer, it is the Service that does not.
    if probes.path("workload", ServerRole::CorednsPod).works() {
        return None;
    }
    let both = |fits: &dyn Fn(&Row) -> bool| {
        let of =
            |vantage| probes.reading(|row| row.vantage == vantage && is_asked(row) && fits(row));
        (of("workload"), of("control"))
    };
    let differ =
        |(workload, control): &(Reading<'_>, Reading<'_>)| workload.fails() && control.works();
    let through = |row: &Row| row.role != ServerRole::CorednsPod;
    let all = both(&through);
    if differ(&all) {
        return Some(all);
    }
    // What else is wrong may fail both: then names that no upstream serves, at servers that answer the other.
    let cluster = |row: &Row| row.class == NameClass::Cluster;
    if !both(&|row| cluster(row) && through(row)).0.fails() {
        return None;
    }
    let well = |row: &Row| {
        let mut known = probes.rows.iter().filter(|it| {
            it.vantage == "control"
                && is_asked(it)
                && it.server == row.server
                && it.name == row.name
        });
        known.any(|it| Reading::of([it]).works())
    };
    let well = both(&|row| cluster(row) && well(row));
    let none = well.0.rows.iter().all(|row| Reading::of([*row]).fails());
    Some(well).filter(|both| none && differ(both))
}

/// As programs ask, and past the Service.
fn is_asked(row: &Row) -> bool {
    let roles = [
        ServerRole::Service,
        ServerRole::NodeLocal,
        ServerRole::CorednsPod,
    ];
    row.transport == Transport::Udp && row.record_type == "A" && roles.contains(&row.role)
}

/// Whether the pod without policies gets what it asks for: else a failure is not of one namespace.
pub(crate) fn control_works(facts: &Facts<'_>) -> bool {
    let through =
        |row: &Row| row.vantage == "control" && is_asked(row) && row.role != ServerRole::CorednsPod;
    facts.probes.reading(through).works()
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
