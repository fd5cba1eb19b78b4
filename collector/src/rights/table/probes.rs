//! Probes: where they stand, and what must not take them for its own.

use super::{
    APPS, BATCH, GET, LIFE, LIST, NETWORKING, POLICY, Place, Row, WATCH, row, with_probes,
};
use crate::rights::need::Scope;

const OWNERS: &str = "whatever selects pods there must not take the probe for its own";
const OWNERS_LOST: &str =
    "the probe goes without the failing pod's labels, so policies may treat it otherwise";
const SIZE: &str = "requests and limits of the probes that fit there";
const SIZE_LOST: &str = "a probe may be refused for its size";

fn named_namespace(scope: &Scope) -> bool {
    scope.probes && scope.probe_namespace.is_some()
}

fn own_namespace(scope: &Scope) -> bool {
    scope.probes && scope.probe_namespace.is_none()
}

pub(super) const ROWS: &[Row] = &[
    row(
        GET,
        "",
        "namespaces",
        Place::Probes,
        "whether the namespace of --probe-namespace is there",
        "a namespace that does not exist is noticed only when the probes are created",
    )
    .named_by(|scope| scope.probe_namespace.clone())
    .when(named_namespace)
    .sometimes(),
    row(
        LIST,
        NETWORKING,
        "networkpolicies",
        Place::Probes,
        "whether policies hold for the probes in the namespace of --probe-namespace",
        "a policy that holds for the control probe is taken for a fault of the whole cluster",
    )
    .when(named_namespace),
    row(
        LIFE,
        "",
        "pods",
        Place::Client,
        "the probe beside the failing pod; removed at the end",
        "nobody asks DNS from the failing pod's place",
    )
    .when(with_probes),
    row(
        GET,
        "",
        "pods/log",
        Place::Client,
        "what the probe beside the failing pod brought back",
        "nobody asks DNS from the failing pod's place",
    )
    .when(with_probes),
    row(LIST, "", "services", Place::Client, OWNERS, OWNERS_LOST).when(with_probes),
    row(
        LIST,
        "",
        "replicationcontrollers",
        Place::Client,
        OWNERS,
        OWNERS_LOST,
    )
    .when(with_probes),
    row(LIST, APPS, "replicasets", Place::Client, OWNERS, OWNERS_LOST).when(with_probes),
    row(LIST, APPS, "daemonsets", Place::Client, OWNERS, OWNERS_LOST).when(with_probes),
    row(LIST, APPS, "statefulsets", Place::Client, OWNERS, OWNERS_LOST).when(with_probes),
    row(LIST, BATCH, "jobs", Place::Client, OWNERS, OWNERS_LOST).when(with_probes),
    row(
        LIST,
        POLICY,
        "poddisruptionbudgets",
        Place::Client,
        OWNERS,
        OWNERS_LOST,
    )
    .when(with_probes),
    row(
        LIFE,
        "",
        "namespaces",
        Place::Cluster,
        "a namespace of the run's own, without policies; removed at the end (--probe-namespace names one instead)",
        "nobody asks DNS from a place without policies, so a policy cannot be told from another fault",
    )
    .when(own_namespace),
    row(
        LIFE,
        "",
        "pods",
        Place::Probes,
        "the probes in the namespace without policies and on nodes; removed at the end",
        "nobody asks DNS from a place without policies, nor from beside CoreDNS, nor from a node",
    )
    .when(with_probes),
    row(
        GET,
        "",
        "pods/log",
        Place::Probes,
        "what those probes brought back",
        "nobody asks DNS from a place without policies, nor from beside CoreDNS, nor from a node",
    )
    .when(with_probes),
    row(
        LIST,
        "",
        "pods",
        Place::Client,
        "pods that an interrupted run left there (by digpod's label)",
        "what an interrupted run left is not found",
    )
    .when(with_probes),
    row(
        WATCH,
        "",
        "pods",
        Place::Client,
        "to be told when the probe has begun, ended and gone",
        "the API server is asked more often",
    )
    .when(with_probes)
    .sometimes(),
    row(
        WATCH,
        "",
        "pods",
        Place::Probes,
        "to be told when the probes have begun, ended and gone",
        "the API server is asked more often",
    )
    .when(with_probes)
    .sometimes(),
    row(
        WATCH,
        "",
        "namespaces",
        Place::Cluster,
        "to be told when the run's own namespace is gone",
        "the API server is asked more often",
    )
    .when(own_namespace)
    .sometimes(),
    row(LIST, "", "limitranges", Place::Client, SIZE, SIZE_LOST).when(with_probes),
    row(LIST, "", "resourcequotas", Place::Client, SIZE, SIZE_LOST).when(with_probes),
    row(LIST, "", "limitranges", Place::Probes, SIZE, SIZE_LOST)
        .when(named_namespace)
        .sometimes(),
    row(LIST, "", "resourcequotas", Place::Probes, SIZE, SIZE_LOST)
        .when(named_namespace)
        .sometimes(),
    row(
        LIST,
        "",
        "events",
        Place::Probes,
        "which files a node lacks (--node-access files)",
        "a probe that mounts a file which a node lacks does not start",
    )
    .when(|scope| scope.probes && scope.files)
    .sometimes(),
    row(
        &["get", "create"],
        "",
        "pods/exec",
        Place::Probes,
        "the probes, sent into their pods where their image cannot be pulled (--exec)",
        "where the probe's image cannot be pulled nobody asks DNS",
    )
    .when(|scope| scope.exec && named_namespace(scope))
    .sometimes(),
];
