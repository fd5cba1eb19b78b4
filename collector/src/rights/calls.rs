//! The calls to the API server that a run may make, as they go over the wire: from the same table
//! as the role and the reviews, and those that need no permission of their own.

use serde::Serialize;

use super::need::{Need, Scope};
use super::table::{Place, Weight, rows};

/// A call, or several that differ in a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct ApiCall {
    /// `GET`, `POST`, `DELETE`.
    pub(crate) method: &'static str,
    /// Path and query; words in capitals stand for names that are found on the way.
    pub(crate) path: String,
    /// What it is for.
    pub(crate) purpose: &'static str,
    /// Whether it is made in some clusters only.
    pub(crate) sometimes: bool,
}

/// Calls of every run that everybody may make who is known to the API server, or whose refusal is no
/// loss: method, path, what for.
const BESIDE: &[(&str, &str, &str)] = &[
    ("GET", "/version", "the version of the API server"),
    (
        "GET",
        "/apis",
        "which kinds there are: policies of other kinds, the distribution",
    ),
    (
        "POST",
        "/apis/authentication.k8s.io/v1/selfsubjectreviews",
        "who you are to the API server; nothing is stored",
    ),
    (
        "POST",
        "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews",
        "what you may do in a namespace; nothing is stored",
    ),
    (
        "POST",
        "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
        "whether you may do one thing; nothing is stored",
    ),
    ("GET", "/api/v1/pods?limit=1", COUNTED),
    ("GET", "/api/v1/services?limit=1", COUNTED),
    ("GET", "/api/v1/namespaces?limit=1", COUNTED),
    ("GET", "/api/v1/nodes?limit=1", COUNTED),
];
/// Calls of some runs, likewise.
const SOMETIMES: &[(&str, &str, &str)] = &[
    (
        "GET",
        "/api/v1/namespaces/openshift-dns/services/dns-default",
        "the DNS Service of OpenShift",
    ),
    ("GET", "/api/v1/services?fieldSelector=…", ELSEWHERE),
    ("GET", "/api/v1/services?labelSelector=…", ELSEWHERE),
];
const ELSEWHERE: &str =
    "the DNS Service by its address, name or labels, where the usual places lack it";
/// Of runs with probes.
const OF_PROBES: &[(&str, &str, &str)] = &[(
    "GET",
    "/api/v1/pods?labelSelector=app.kubernetes.io%2Fmanaged-by%3Ddigpod",
    "pods that an interrupted run left, by digpod's label; where that is refused, only in the failing pod's namespace",
)];
/// Of runs with probes whose image cannot be pulled.
const OF_SENT: &[(&str, &str, &str)] = &[
    (
        "GET",
        "/api/v1/namespaces/NAMESPACE/pods/NAME/exec?stdin=true&command=sh",
        SENT,
    ),
    (
        "GET",
        "/api/v1/namespaces/NAMESPACE/pods/NAME/exec?command=/digpod/probe",
        SENT,
    ),
];
const SENT: &str = "the probe, sent into a pod of its own with an image of the node, where the probe's image cannot be pulled";
const COUNTED: &str = "how many there are; only one is read";

/// All of them, for these flags; `own` is the namespace that the run would make.
pub(crate) fn calls(scope: &Scope, own: Option<&str>) -> Vec<ApiCall> {
    let (of_probes, of_sent) = if scope.probes {
        (OF_PROBES, OF_SENT)
    } else {
        (&[][..], &[][..])
    };
    let always = BESIDE.iter().chain(of_probes).map(|it| (it, false));
    let sometimes = SOMETIMES.iter().chain(of_sent);
    let beside = always.chain(sometimes.map(|it| (it, true)));
    let mut calls: Vec<ApiCall> = beside
        .map(|((method, path, purpose), sometimes)| ApiCall {
            method,
            path: (*path).to_owned(),
            purpose,
            sometimes,
        })
        .collect();
    for need in super::needs(scope) {
        for call in of_need(&need, own) {
            // Some things are needed for more than one reason.
            let same = |it: &ApiCall| it.method == call.method && it.path == call.path;
            if !calls.iter().any(same) {
                calls.push(call);
            }
        }
    }
    calls
}

fn of_need(need: &Need, own: Option<&str>) -> Vec<ApiCall> {
    let in_own = rows()
        .nth(need.row)
        .is_some_and(|row| row.place == Place::Probes);
    let namespace = match &need.namespace {
        Some(namespace) => Some(namespace.as_str()),
        // What a role has to grant everywhere happens in one namespace.
        None if in_own => Some(own.unwrap_or("NAMESPACE")),
        None => None,
    };
    let (plural, sub) = need.resource.split_once('/').unwrap_or((need.resource, ""));
    let mut collection = base(need.group);
    // What is named in its namespace, though the role is for the whole cluster.
    if let Some(namespace) = namespace.filter(|_| !is_cluster_wide(plural)) {
        collection = format!("{collection}/namespaces/{namespace}");
    }
    collection = format!("{collection}/{plural}");
    let one_of = |tail: &str| -> Vec<String> {
        let one = |name: &str| format!("{collection}/{name}{tail}");
        if need.names.is_empty() {
            return vec![one("NAME")];
        }
        need.names.iter().map(|name| one(name)).collect()
    };
    let (method, paths) = match (need.verb, sub) {
        ("get", "") => ("GET", one_of("")),
        ("get", "log") => ("GET", one_of("/log")),
        ("get", "proxy") if plural == "nodes" => ("GET", one_of("/proxy/configz")),
        ("get", "proxy") => ("GET", one_of(":PORT/proxy/metrics")),
        (_, "exec") => ("GET", one_of("/exec?command=cat")),
        ("list", _) => ("GET", vec![collection.clone()]),
        ("watch", _) => ("GET", vec![format!("{collection}?watch=true")]),
        ("create", _) => (
            "POST",
            vec![format!("{collection}?dryRun=All"), collection.clone()],
        ),
        ("delete", _) => ("DELETE", one_of("")),
        (verb, sub) => ("GET", vec![format!("{collection}: {verb} {sub}")]),
    };
    paths
        .into_iter()
        .map(|path| ApiCall {
            method,
            path,
            purpose: need.purpose,
            sometimes: need.weight == Weight::Sometimes,
        })
        .collect()
}

fn is_cluster_wide(plural: &str) -> bool {
    matches!(plural, "namespaces" | "nodes")
}

/// Where a group is served. Versions are those that digpod asks for; of kinds that only some
/// clusters have, the version that the cluster prefers is taken.
fn base(group: &str) -> String {
    let version = match group {
        "" => return "/api/v1".to_owned(),
        "apps"
        | "batch"
        | "discovery.k8s.io"
        | "networking.k8s.io"
        | "policy"
        | "rbac.authorization.k8s.io"
        | "operator.openshift.io" => "v1",
        "autoscaling" => "v2",
        "metrics.k8s.io" => "v1beta1",
        _ => "VERSION",
    };
    format!("/apis/{group}/{version}")
}
