//! The configuration of DNS, and what tells how it fares.

use super::{GET, LIST, METRICS, NETWORKING, Place, Row, row};

pub(super) const ROWS: &[Row] = &[
    row(
        GET,
        "",
        "configmaps",
        Place::Dns,
        "the Corefile and what is imported into it",
        "no upstream, zone or plugin of the configuration is known, so none of them is judged",
    )
    .named(&[
        "coredns",
        "coredns-custom",
        "dns-default",
        "rke2-coredns-rke2-coredns",
        "kube-dns",
        "node-local-dns",
        "coredns-autoscaler",
        "kube-dns-autoscaler",
        "dns-autoscaler",
    ]),
    row(
        LIST,
        "",
        "events",
        Place::Dns,
        "events of CoreDNS: failed mounts, probes, scheduling",
        "why CoreDNS's pods fail or restart is not seen",
    ),
    row(
        LIST,
        METRICS,
        "pods",
        Place::Dns,
        "usage of the CoreDNS pods, as kubectl top shows it",
        "an overloaded CoreDNS is not seen",
    ),
    row(
        LIST,
        NETWORKING,
        "networkpolicies",
        Place::Dns,
        "policies that may keep queries from CoreDNS",
        "a policy that keeps queries from CoreDNS is not seen",
    ),
];
