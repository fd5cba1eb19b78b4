//! The DNS Service and its pods.

use super::{
    APPS, AUTOSCALING, DISCOVERY, GET, LIST, NETWORKING, POLICY, Place, RBAC, Row, SEARCH_LOST, row,
};

const ACCOUNT_LOST: &str =
    "that CoreDNS may not read Services and EndpointSlices, so knows none, is not seen";

pub(super) const ROWS: &[Row] = &[
    row(
        LIST,
        "",
        "services",
        Place::Dns,
        "the DNS Service: the address that pods ask",
        "the address that pods should ask is not known, so the Service is not probed",
    ),
    row(
        GET,
        "",
        "services",
        Place::Dns,
        "the DNS Service where it lacks the usual label",
        "the address that pods should ask is not known, so the Service is not probed",
    )
    .named(&["coredns", "dns-default", "rke2-coredns-rke2-coredns"])
    .sometimes(),
    row(
        GET,
        "",
        "services",
        Place::In("default"),
        "the API's own Service, whose address tells the range of all Services' addresses",
        SEARCH_LOST,
    )
    .named(&["kubernetes"])
    .sometimes(),
    row(
        LIST,
        NETWORKING,
        "servicecidrs",
        Place::Cluster,
        "the range of all Services' addresses, to find DNS in it",
        SEARCH_LOST,
    ),
    row(
        LIST,
        DISCOVERY,
        "endpointslices",
        Place::Dns,
        "the endpoints behind the DNS Service",
        "a DNS Service without ready endpoints is not seen",
    ),
    row(
        LIST,
        "",
        "pods",
        Place::Dns,
        "the CoreDNS pods: ready, restarted, on which nodes",
        "CoreDNS that is down or crashing is not seen; its pods, logs and upstream lists are not looked at",
    ),
    row(
        GET,
        "",
        "pods/log",
        Place::Dns,
        "CoreDNS's logs, of the container that runs and the one before",
        "time-outs, loops and refused configuration in CoreDNS's logs are not seen",
    ),
    row(
        GET,
        APPS,
        "deployments",
        Place::Dns,
        "the Deployment of CoreDNS: replicas wanted, strategy",
        "how many replicas there should be is not known",
    ),
    row(
        GET,
        APPS,
        "daemonsets",
        Place::Dns,
        "the DaemonSet of CoreDNS, where it is one",
        "how many replicas there should be is not known where CoreDNS is a DaemonSet",
    )
    .sometimes(),
    row(
        LIST,
        APPS,
        "deployments",
        Place::Dns,
        "the autoscaler of CoreDNS",
        "what changes the number of CoreDNS's replicas is not known",
    ),
    row(
        LIST,
        APPS,
        "replicasets",
        Place::Dns,
        "rollouts of CoreDNS: which template is new, which old",
        "a rollout that is stuck half way is not seen",
    ),
    row(
        LIST,
        AUTOSCALING,
        "horizontalpodautoscalers",
        Place::Dns,
        "what scales CoreDNS",
        "what changes the number of CoreDNS's replicas is not known",
    ),
    row(
        LIST,
        POLICY,
        "poddisruptionbudgets",
        Place::Dns,
        "how many CoreDNS pods may be away at once",
        "that all replicas may be drained at once is not seen",
    ),
    row(
        GET,
        "",
        "namespaces",
        Place::Dns,
        "labels of the namespace of DNS, which policies select on",
        "policies that select on that namespace's labels cannot be judged",
    )
    .named_by(|scope| Some(scope.dns_namespace.clone())),
    row(
        LIST,
        RBAC,
        "clusterrolebindings",
        Place::Cluster,
        "what CoreDNS's ServiceAccount may do",
        ACCOUNT_LOST,
    ),
    row(
        LIST,
        RBAC,
        "rolebindings",
        Place::Dns,
        "what CoreDNS's ServiceAccount may do",
        ACCOUNT_LOST,
    ),
    row(
        GET,
        RBAC,
        "clusterroles",
        Place::Cluster,
        "what CoreDNS's ServiceAccount may do",
        ACCOUNT_LOST,
    ),
    row(
        GET,
        RBAC,
        "roles",
        Place::Dns,
        "what CoreDNS's ServiceAccount may do",
        ACCOUNT_LOST,
    )
    .sometimes(),
    row(
        GET,
        "",
        "pods/proxy",
        Place::Dns,
        "CoreDNS's metrics: which servers it really asks, and how they answer",
        "which servers CoreDNS really asks is not known from its metrics",
    ),
];
