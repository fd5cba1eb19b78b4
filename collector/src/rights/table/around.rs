//! What stands around DNS: the network and the nodes.

use super::{APPS, GET, LIST, Place, Row, row};

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
];
