//! Each thing that a bundle is to hold is in the manifest: there, or with the reason why not.

use std::collections::BTreeSet;

use digpod_bundle::Status;
use digpod_e2e::{Cluster, on_both};

on_both!(
    every_item_of_the_list_is_there_or_the_reason_why_not,
    nothing_secret_is_in_the_bundle,
);

/// What must have a status whatever the cluster is, by the start of its entry's name.
const ITEMS: &[&str] = &[
    "cluster/version.json",
    "cluster/nodes.json",
    "cluster/node-metrics.json",
    "dns/service.json",
    "dns/endpointslices.json",
    "dns/pods.json",
    "dns/workload.json",
    "dns/configmaps/coredns.json",
    "dns/configmaps/coredns-custom.json",
    "dns/events.json",
    "dns/pod-metrics.json",
    "dns/networkpolicies.json",
    "dns/logs/",
    "workload/pod.json",
    "workload/namespace.json",
    "workload/networkpolicies.json",
    "probes/workload/records.json",
    "probes/control/records.json",
    "probes/node-",
    "probes/default-",
];

fn every_item_of_the_list_is_there_or_the_reason_why_not(cluster: &Cluster) {
    let ended = cluster.collect(&["--quick"]);
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
