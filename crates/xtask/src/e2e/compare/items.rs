//! What a bundle is to hold, and how each way of collecting shows that it has it.

/// One item of the list.
pub(super) struct Item {
    pub(super) what: &'static str,
    /// Parts of names of bundle entries; all are wanted, each with content.
    pub(super) digpod: &'static [&'static str],
    /// Parts of names of files, and a text in them; all are wanted.
    pub(super) dump: &'static [(&'static str, &'static str)],
    pub(super) article: &'static [(&'static str, &'static str)],
}

pub(super) const ITEMS: &[Item] = &[
    Item {
        what: "DNS Service",
        digpod: &["dns/service.json"],
        dump: &[("kube-system/services.json", "kube-dns")],
        article: &[("06-service", "kube-dns")],
    },
    Item {
        what: "its EndpointSlices",
        digpod: &["dns/endpointslices.json"],
        dump: &[("endpointslices", "kube-dns")],
        article: &[("06-service", "endpointslice")],
    },
    Item {
        what: "CoreDNS pods and their placement",
        digpod: &["dns/pods.json"],
        dump: &[("kube-system/pods.json", "coredns")],
        article: &[("01-pods", "coredns")],
    },
    Item {
        what: "their owner",
        digpod: &["dns/workload.json"],
        dump: &[("kube-system/deployments.json", "coredns")],
        article: &[],
    },
    Item {
        what: "their ServiceAccount's rules",
        digpod: &["dns/serviceaccount-rules.json"],
        dump: &[],
        article: &[],
    },
    Item {
        what: "ConfigMap `coredns`",
        digpod: &["dns/configmaps/coredns.json"],
        dump: &[("configmaps", "Corefile")],
        article: &[("16-coredns", "Corefile")],
    },
    Item {
        what: "ConfigMap `coredns-custom`",
        digpod: &["dns/configmaps/coredns-custom.json"],
        dump: &[("configmaps", "coredns-custom")],
        article: &[("17-coredns-custom", "name: coredns-custom")],
    },
    Item {
        what: "CoreDNS logs of every replica",
        digpod: &["dns/logs/"],
        dump: &[("kube-system/coredns", "CoreDNS-")],
        article: &[("05-logs", "CoreDNS-")],
    },
    Item {
        what: "events of the DNS objects",
        digpod: &["dns/events.json"],
        dump: &[("kube-system/events.json", "coredns")],
        article: &[],
    },
    Item {
        what: "usage of pods",
        digpod: &["dns/pod-metrics.json"],
        dump: &[],
        article: &[("02-top-pods", "coredns")],
    },
    Item {
        what: "usage of nodes",
        digpod: &["cluster/node-metrics.json"],
        dump: &[],
        article: &[("04-top-nodes", "node1")],
    },
    Item {
        what: "CoreDNS's own metrics: which upstreams it asks, what they answer",
        digpod: &["dns/metrics/"],
        dump: &[],
        article: &[],
    },
    Item {
        what: "nodes: conditions, taints, allocatable",
        digpod: &["cluster/nodes.json"],
        dump: &[("nodes.json", "allocatable")],
        article: &[],
    },
    Item {
        what: "kubelet's configuration (`/configz`)",
        digpod: &["nodes/node1/configz.json"],
        dump: &[],
        article: &[],
    },
    Item {
        what: "NetworkPolicies of both namespaces",
        digpod: &["dns/networkpolicies.json", "workload/networkpolicies.json"],
        dump: &[("networkpolicies", "items")],
        article: &[("18-policies", "items")],
    },
    Item {
        what: "the failing pod",
        digpod: &["workload/pod.json"],
        dump: &[("shop/pods.json", "web")],
        article: &[],
    },
    Item {
        what: "resolv.conf as in the failing pod",
        digpod: &["probes/workload/resolv.conf"],
        dump: &[],
        article: &[("09-resolv-conf", "nameserver")],
    },
    Item {
        what: "resolv.conf that CoreDNS would get today, on each of its nodes",
        digpod: &[
            "probes/default-node1/resolv.conf",
            "probes/default-node2/resolv.conf",
        ],
        dump: &[],
        article: &[],
    },
    Item {
        what: "the node's list",
        digpod: &["probes/node-node1/resolv.conf"],
        dump: &[],
        article: &[("14-node", "nameserver")],
    },
    Item {
        what: "the name asked from the pod",
        digpod: &["probes/workload/records.json"],
        dump: &[],
        article: &[("10-name", "app.corp.internal")],
    },
    Item {
        what: "the name asked from the node",
        digpod: &["probes/node-node1/records.json"],
        dump: &[],
        article: &[("14-node", "app.corp.internal")],
    },
    Item {
        what: "every upstream asked for it",
        digpod: &["probes/node-node1/records.json"],
        dump: &[],
        article: &[("15-upstream", "app.corp.internal")],
    },
    Item {
        what: "a control pod where no policy holds",
        digpod: &["probes/control/records.json"],
        dump: &[],
        article: &[],
    },
    Item {
        what: "wire bytes of query and answer",
        digpod: &["probes/workload/records.json"],
        dump: &[],
        article: &[],
    },
    Item {
        what: "policies of other kinds: which there are",
        digpod: &["cluster/foreign-policies.json"],
        dump: &[],
        article: &[],
    },
    Item {
        what: "settings and logs of kube-proxy",
        digpod: &["cluster/kube-proxy.json", "network/logs"],
        dump: &[],
        article: &[],
    },
    Item {
        what: "node-local DNS caches",
        digpod: &["dns/node-local.json"],
        dump: &[],
        article: &[],
    },
    Item {
        what: "what scales CoreDNS, and what may be drained",
        digpod: &[
            "dns/horizontalpodautoscalers.json",
            "dns/poddisruptionbudgets.json",
        ],
        dump: &[],
        article: &[],
    },
    Item {
        what: "the failing pod's events",
        digpod: &["workload/events.json"],
        dump: &[("shop/events.json", "web")],
        article: &[],
    },
    Item {
        what: "connection tracking of the nodes",
        digpod: &["nodes/node1/conntrack.txt"],
        dump: &[],
        article: &[],
    },
    Item {
        what: "difference of the clocks",
        digpod: &["cluster/clock.json"],
        dump: &[],
        article: &[],
    },
    Item {
        what: "what the user may do",
        digpod: &["cluster/access.json"],
        dump: &[],
        article: &[],
    },
];
