//! What every run says something of. Whatever a run that was cut short had not begun has no item
//! in the manifest, and would read as if nobody wanted it.

use digpod_bundle::k8s::PodList;
use digpod_bundle::{Bundle, Item, LogStream, Status, layout};

use super::config;
use crate::meant;
use crate::sink::{PENDING, Sink};

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
pub(crate) fn cut_short(sink: &Sink, why: &str, with_probes: bool) {
    let mut entries: Vec<String> = ENTRIES.iter().map(|it| (*it).to_owned()).collect();
    entries.extend(config::names().map(layout::config_map));
    if with_probes {
        entries.extend(["workload", "control"].map(layout::probe_records));
    }
    sink.with(|bundle| {
        entries.extend(of_names(bundle));
        entries.extend(of_pods(bundle));
        // A name that stands for those of many pods, where none of them is known.
        if !has_network_logs(bundle) {
            entries.push(layout::NETWORK_LOGS.to_owned());
        }
        entries.retain(|entry| bundle.item(entry).is_none());
        let items = bundle.manifest().items.iter();
        let pending = items.filter(|it| is_pending(it));
        entries.extend(pending.map(|it| it.entry.clone()));
    });
    for entry in &entries {
        sink.missing_because(entry, Status::TimedOut, why);
    }
}

fn is_pending(item: &Item) -> bool {
    item.status == Status::TimedOut && item.reason.as_deref() == Some(PENDING)
}

/// What there is of each Service that a name in question may mean.
fn of_names(bundle: &Bundle) -> Vec<String> {
    let symptom = &bundle.manifest().symptom;
    let namespace = symptom.namespace.as_deref().unwrap_or_default();
    let names = symptom.names.iter().map(|it| it.name.as_str());
    let meant = meant::services(names, namespace, None).into_iter();
    let entries = meant.flat_map(|(namespace, name)| {
        let slices = layout::named_endpoint_slices(&namespace, &name);
        [layout::named_service(&namespace, &name), slices]
    });
    entries.collect()
}

/// What there is of each DNS pod that was found.
fn of_pods(bundle: &Bundle) -> Vec<String> {
    let pods = bundle.get(layout::DNS_PODS);
    let pods = pods.and_then(|bytes| serde_json::from_slice::<PodList>(bytes).ok());
    let mut entries = Vec::new();
    for pod in pods.unwrap_or_default().items {
        let name = &pod.metadata.name;
        entries.push(layout::metrics(name));
        let containers = pod.spec.containers.iter();
        entries.extend(containers.map(|it| layout::log(name, &it.name, LogStream::Current, 0)));
    }
    entries
}

fn has_network_logs(bundle: &Bundle) -> bool {
    let mut items = bundle.manifest().items.iter();
    items.any(|item| item.entry.starts_with(layout::NETWORK_LOGS))
}
