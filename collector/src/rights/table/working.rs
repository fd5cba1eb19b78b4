//! The pod of `--working-pod`, in the failing pod's namespace or in another.

use super::{APPS, BATCH, GET, LIFE, LIST, NETWORKING, POLICY, Place, Row, WATCH, row};
use crate::rights::need::Scope;

const BESIDE: &str = "the probe beside the pod that resolves; removed at the end (--working-pod)";
const BESIDE_LOST: &str = "nobody asks DNS from the place of the pod that resolves";
const OWNERS: &str =
    "whatever selects pods around the one that resolves must not take the probe for its own";
const OWNERS_LOST: &str = "that probe goes without the labels of the pod that resolves, so policies may treat it otherwise";
const SIZE: &str = "requests and limits of the probe beside the pod that resolves";
const SIZE_LOST: &str = "that probe may be refused for its size";

fn named(scope: &Scope) -> bool {
    scope.working_pod.is_some()
}

/// Whether what is allowed around the failing pod does not hold there.
fn elsewhere(scope: &Scope) -> bool {
    let namespace = scope.working_pod.as_ref().map(|it| &it.namespace);
    namespace.is_some_and(|it| *it != scope.namespace)
}

fn probed_elsewhere(scope: &Scope) -> bool {
    scope.probes && elsewhere(scope)
}

const fn owners(group: &'static str, resource: &'static str) -> Row {
    row(LIST, group, resource, Place::Working, OWNERS, OWNERS_LOST).when(probed_elsewhere)
}

pub(super) const ROWS: &[Row] = &[
    row(
        GET,
        "",
        "pods",
        Place::Working,
        "the pod that resolves: dnsPolicy, dnsConfig, node, labels (--working-pod)",
        "what tells the failing pod from one that resolves is not seen",
    )
    .named_by(|scope| scope.working_pod.as_ref().map(|it| it.name.clone()))
    .when(named),
    row(
        GET,
        "",
        "namespaces",
        Place::Working,
        "labels of the namespace of the pod that resolves, which policies select on",
        "policies that select on the namespace's labels cannot be compared",
    )
    .named_by(|scope| scope.working_pod.as_ref().map(|it| it.namespace.clone()))
    .when(elsewhere),
    row(
        LIST,
        NETWORKING,
        "networkpolicies",
        Place::Working,
        "policies around the pod that resolves",
        "policies that let one pod ask and keep the other from it cannot be compared",
    )
    .when(elsewhere),
    row(
        &["get", "create"],
        "",
        "pods/exec",
        Place::Working,
        "`cat` in the pod that resolves: its own resolv.conf and its resolver (--exec)",
        "what the resolv.conf of the pod that resolves says is not known",
    )
    .when(|scope| scope.exec && elsewhere(scope)),
    row(LIFE, "", "pods", Place::Working, BESIDE, BESIDE_LOST).when(probed_elsewhere),
    row(GET, "", "pods/log", Place::Working, BESIDE, BESIDE_LOST).when(probed_elsewhere),
    row(
        WATCH,
        "",
        "pods",
        Place::Working,
        BESIDE,
        "the API server is asked more often",
    )
    .when(probed_elsewhere)
    .sometimes(),
    owners("", "services"),
    owners("", "replicationcontrollers"),
    owners(APPS, "replicasets"),
    owners(APPS, "daemonsets"),
    owners(APPS, "statefulsets"),
    owners(BATCH, "jobs"),
    owners(POLICY, "poddisruptionbudgets"),
    row(LIST, "", "limitranges", Place::Working, SIZE, SIZE_LOST).when(probed_elsewhere),
    row(LIST, "", "resourcequotas", Place::Working, SIZE, SIZE_LOST).when(probed_elsewhere),
];
