//! The failing pod.

use super::{APPS, BATCH, GET, LIST, NETWORKING, Place, Row, row};
use crate::rights::need::Scope;

const OWNER: &str = "what the failing pod belongs to";
const OWNER_LOST: &str = "how many such pods there should be is not known";

fn names_a_pod(scope: &Scope) -> bool {
    scope.pod.is_some() || scope.selector.is_some()
}

pub(super) const ROWS: &[Row] = &[
    row(
        GET,
        "",
        "namespaces",
        Place::Client,
        "labels of the failing pod's namespace, which policies select on",
        "policies that select on the namespace's labels cannot be judged",
    )
    .named_by(|scope| Some(scope.namespace.clone())),
    row(
        GET,
        "",
        "pods",
        Place::Client,
        "the failing pod: dnsPolicy, dnsConfig, node, labels",
        "the probe does not stand where the failing pod stands, and its DNS settings are not judged",
    )
    .named_by(|scope| scope.pod.clone())
    .when(|scope| scope.pod.is_some()),
    row(
        LIST,
        "",
        "pods",
        Place::Client,
        "the failing pod, found by its labels (-l)",
        "the probe does not stand where the failing pod stands, and its DNS settings are not judged",
    )
    .when(|scope| scope.pod.is_none() && scope.selector.is_some()),
    row(
        LIST,
        "",
        "events",
        Place::Client,
        "events of the failing pod",
        "why the failing pod restarts or cannot start is not seen",
    ),
    row(GET, APPS, "deployments", Place::Client, OWNER, OWNER_LOST).when(names_a_pod),
    row(GET, APPS, "replicasets", Place::Client, OWNER, OWNER_LOST)
        .when(names_a_pod)
        .sometimes(),
    row(GET, APPS, "statefulsets", Place::Client, OWNER, OWNER_LOST)
        .when(names_a_pod)
        .sometimes(),
    row(GET, APPS, "daemonsets", Place::Client, OWNER, OWNER_LOST)
        .when(names_a_pod)
        .sometimes(),
    row(GET, BATCH, "jobs", Place::Client, OWNER, OWNER_LOST)
        .when(names_a_pod)
        .sometimes(),
    row(
        &["get", "create"],
        "",
        "pods/exec",
        Place::Client,
        "`cat` in the failing pod: its own resolv.conf and its resolver (--exec); the probe, sent into its pod where its image cannot be pulled",
        "what the failing pod's own resolv.conf says is not known",
    )
    .when(|scope| scope.exec),
    row(
        LIST,
        NETWORKING,
        "networkpolicies",
        Place::Client,
        "policies that may keep the failing pod from DNS",
        "a policy that keeps the failing pod from DNS is not seen",
    ),
];
