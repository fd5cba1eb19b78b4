//! What stands around DNS: the network, the nodes, policies of other kinds.

use super::{APPS, GET, LIST, Place, Row, row};

/// Policies of another kind, of the whole cluster; `gather/foreign/kinds.rs` has the same.
const fn wide(resource: &'static str, group: &'static str) -> Row {
    narrow(resource, group, Place::Cluster)
}

/// Policies of another kind in a namespace.
const fn narrow(resource: &'static str, group: &'static str, place: Place) -> Row {
    row(
        LIST,
        group,
        resource,
        place,
        "policies of other kinds than NetworkPolicy, where the cluster has such",
        "a policy of another kind than NetworkPolicy that blocks DNS is not seen",
    )
    .sometimes()
}

pub(super) const ROWS: &[Row] = &[
    row(
        LIST,
        APPS,
        "daemonsets",
        Place::KubeSystem,
        "NodeLocal DNSCache and the network plugin",
        "a DNS cache on the nodes, and which network plugin there is, is not seen",
    ),
    row(
        LIST,
        "",
        "pods",
        Place::KubeSystem,
        "pods of kube-proxy, the network plugin and DNS caches on the nodes concerned",
        "what carries queries on the nodes concerned is not seen",
    ),
    row(
        GET,
        "",
        "pods/log",
        Place::KubeSystem,
        "logs of DNS caches, kube-proxy and konnectivity agents on the nodes concerned",
        "errors of what carries queries on the nodes are not seen",
    )
    .sometimes(),
    row(
        GET,
        "",
        "configmaps",
        Place::KubeSystem,
        "settings of kubelets, of kube-proxy, and of DNS caches on the nodes",
        "which DNS the kubelets hand out, and how Services are carried, is not known",
    )
    .named(&["kubelet-config", "kube-proxy", "node-local-dns"]),
    row(
        GET,
        "operator.openshift.io",
        "dnses",
        Place::Cluster,
        "what OpenShift's operator makes of CoreDNS",
        "upstreams and placement that OpenShift's operator sets are not known",
    )
    .named(&["default"])
    .sometimes(),
    row(
        GET,
        "",
        "nodes/proxy",
        Place::Cluster,
        "the kubelets' own settings (--kubelet-config)",
        "settings of a kubelet that differ from the cluster's are not seen",
    )
    .when(|scope| scope.kubelet_config),
    wide("adminnetworkpolicies", "policy.networking.k8s.io"),
    wide("baselineadminnetworkpolicies", "policy.networking.k8s.io"),
    wide("clusternetworkpolicies", "policy.networking.k8s.io"),
    wide("ciliumclusterwidenetworkpolicies", "cilium.io"),
    wide("globalnetworkpolicies", "crd.projectcalico.org"),
    wide("stagedglobalnetworkpolicies", "crd.projectcalico.org"),
    wide("globalnetworkpolicies", "projectcalico.org"),
    wide("clusternetworkpolicies", "crd.antrea.io"),
    wide("clusternetworkpolicies", "networking.k8s.aws"),
    narrow("ciliumnetworkpolicies", "cilium.io", Place::Dns),
    narrow("ciliumnetworkpolicies", "cilium.io", Place::Client),
    narrow("networkpolicies", "crd.projectcalico.org", Place::Dns),
    narrow("networkpolicies", "crd.projectcalico.org", Place::Client),
    narrow("networkpolicies", "projectcalico.org", Place::Dns),
    narrow("networkpolicies", "projectcalico.org", Place::Client),
    narrow("networkpolicies", "crd.antrea.io", Place::Dns),
    narrow("networkpolicies", "crd.antrea.io", Place::Client),
    narrow(
        "applicationnetworkpolicies",
        "networking.k8s.aws",
        Place::Dns,
    ),
    narrow(
        "applicationnetworkpolicies",
        "networking.k8s.aws",
        Place::Client,
    ),
    narrow("fqdnnetworkpolicies", "networking.gke.io", Place::Dns),
    narrow("fqdnnetworkpolicies", "networking.gke.io", Place::Client),
    narrow("egressfirewalls", "k8s.ovn.org", Place::Dns),
    narrow("egressfirewalls", "k8s.ovn.org", Place::Client),
    narrow("authorizationpolicies", "security.istio.io", Place::Dns),
    narrow("authorizationpolicies", "security.istio.io", Place::Client),
];
