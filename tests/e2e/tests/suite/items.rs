//! Each thing that a bundle is to hold is in the manifest: there, or with the reason why not.

use std::collections::BTreeSet;

use digpod_bundle::Status;
use digpod_e2e::{Cluster, on_both};

on_both!(
    every_item_of_the_list_is_there_or_the_reason_why_not,
    nothing_secret_is_in_the_bundle,
);

/// The list of what goes into a bundle, by the start of its entries' names: each must have a status
/// whatever the cluster is.
const ITEMS: &[&str] = &[
    "cluster/version.json",
    "cluster/access.json",
    "cluster/api-groups.json",
    "cluster/clock.json",
    "cluster/counts.json",
    "cluster/daemonsets.json",
    "cluster/foreign-policies.json",
    "cluster/kube-proxy.json",
    "cluster/kubelet-config.json",
    "cluster/node-metrics.json",
    "cluster/nodes.json",
    "cluster/servicecidrs.json",
    "dns/autoscaler.json",
    "dns/configmaps/coredns-custom.json",
    "dns/configmaps/coredns.json",
    "dns/discovery.json",
    "dns/endpointslices.json",
    "dns/events.json",
    "dns/foreign-policies.json",
    "dns/horizontalpodautoscalers.json",
    "dns/logs/",
    "dns/metrics/",
    "dns/namespace.json",
    "dns/networkpolicies.json",
    "dns/node-local.json",
    "dns/node-pods.json",
    "dns/operator.json",
    "dns/pod-metrics.json",
    "dns/poddisruptionbudgets.json",
    "dns/pods.json",
    "dns/replicasets.json",
    "dns/service.json",
    "dns/serviceaccount-rules.json",
    "dns/services.json",
    "dns/workload.json",
    "network/logs",
    "nodes/",
    "probes/control/records.json",
    "probes/default-",
    "probes/node-",
    "probes/workload/records.json",
    "workload/events.json",
    "workload/foreign-policies.json",
    "workload/namespace.json",
    "workload/networkpolicies.json",
    "workload/owner.json",
    "workload/pod.json",
    "workload/process.json",
    "workload/resolv.conf",
];

fn every_item_of_the_list_is_there_or_the_reason_why_not(cluster: &Cluster) {
    let everything = [
        "--quick",
        "--exec",
        "--kubelet-config",
        "--node-access",
        "files",
    ];
    let ended = cluster.collect(&everything);
    let bundle = ended.whole_bundle();
    let items = &bundle.manifest().items;
    let names: BTreeSet<&str> = items.iter().map(|item| item.entry.as_str()).collect();
    for wanted in ITEMS {
        assert!(
            names.iter().any(|name| name.starts_with(wanted)),
            "{wanted} is not in the manifest: {names:#?}"
        );
    }
    for item in items {
        if !item.status.has_content() && item.status != Status::Empty {
            assert!(
                item.reason
                    .as_deref()
                    .is_some_and(|reason| !reason.is_empty()),
                "no reason: {item:?}"
            );
        }
    }
    // An administrator may read everything: what is missing, this cluster does not have.
    let gaps = ended.gaps();
    let excused = |gap: &&String| {
        ["not-found ", "not-applicable "]
            .iter()
            .any(|status| gap.starts_with(status))
    };
    let unexcused: Vec<_> = gaps.iter().filter(|gap| !excused(gap)).collect();
    assert!(unexcused.is_empty(), "{unexcused:#?}");
}

fn nothing_secret_is_in_the_bundle(cluster: &Cluster) {
    let bundle = cluster.collect(&["--quick"]).whole_bundle();
    let manifest = serde_json::to_vec(bundle.manifest()).unwrap();
    let entries = bundle.entries().map(|(_, bytes)| bytes);
    for bytes in entries.chain([manifest.as_slice()]) {
        let text = String::from_utf8_lossy(bytes);
        assert!(!text.contains("not-to-leave-with-a-bundle"), "{text}");
    }
}
