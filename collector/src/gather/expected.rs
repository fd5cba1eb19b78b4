//! What every run says something of. Whatever a run that was cut short had not begun has no item
//! in the manifest, and would read as if nobody wanted it.

use digpod_bundle::{Bundle, Status, layout};

use crate::sink::Sink;

/// Entries whose names are known before anything is read.
const ENTRIES: &[&str] = &[
    layout::VERSION,
    layout::NODES,
    layout::NODE_METRICS,
    layout::COUNTS,
    layout::API_GROUPS,
    layout::DAEMON_SETS,
    layout::KUBE_PROXY,
    layout::KUBELET_CONFIG,
    layout::SERVICE_CIDRS,
    layout::FOREIGN_POLICIES,
    layout::DNS_DISCOVERY,
    layout::DNS_SERVICE,
    layout::DNS_SERVICES,
    layout::DNS_NAMESPACE,
    layout::DNS_PODS,
    layout::DNS_POD_METRICS,
    layout::DNS_ENDPOINT_SLICES,
    layout::DNS_EVENTS,
    layout::DNS_WORKLOAD,
    layout::DNS_REPLICA_SETS,
    layout::DNS_AUTOSCALER,
    layout::DNS_HORIZONTAL_POD_AUTOSCALERS,
    layout::DNS_POD_DISRUPTION_BUDGETS,
    layout::DNS_SERVICE_ACCOUNT_RULES,
    layout::DNS_OPERATOR,
    layout::DNS_NODE_LOCAL,
    layout::DNS_NODE_PODS,
    layout::DNS_NETWORK_POLICIES,
    layout::DNS_FOREIGN_POLICIES,
    layout::WORKLOAD_POD,
    layout::WORKLOAD_OWNER,
    layout::WORKLOAD_EVENTS,
    layout::WORKLOAD_NAMESPACE,
    layout::WORKLOAD_NETWORK_POLICIES,
    layout::WORKLOAD_FOREIGN_POLICIES,
];

/// Says of each of them why the run ended before it was read, unless something is said already.
pub(crate) fn cut_short(sink: &Sink, why: &str) {
    let corefile = layout::config_map("coredns");
    let mut entries: Vec<&str> = ENTRIES.to_vec();
    entries.push(corefile.as_str());
    // A name that stands for those of many pods, where none of them is known.
    if !sink.with(|bundle| has_network_logs(bundle)) {
        entries.push(layout::NETWORK_LOGS);
    }
    for entry in entries {
        if sink.with(|bundle| bundle.item(entry).is_none()) {
            sink.missing_because(entry, Status::TimedOut, why);
        }
    }
}

fn has_network_logs(bundle: &Bundle) -> bool {
    let mut items = bundle.manifest().items.iter();
    items.any(|item| item.entry.starts_with(layout::NETWORK_LOGS))
}
