//! A user who lacks one permission: the gap is said, and nothing that depended on it reads as healthy.

use digpod_bundle::{Bundle, Status};
use digpod_e2e::Cluster;
use serde_json::{Value, json};

/// The user whose rights a test gives.
const USER: &str = "digpod-e2e-somebody";

/// API group, resource, verbs: everything that a run asks for on this cluster.
const ALL: &[(&str, &str, &[&str])] = &[
    ("", "namespaces", &["get", "list", "create", "delete"]),
    ("", "nodes", &["get", "list"]),
    ("", "nodes/proxy", &["get"]),
    ("", "pods", &["get", "list", "watch", "create", "delete"]),
    ("", "pods/log", &["get"]),
    ("", "pods/proxy", &["get"]),
    ("", "services", &["get", "list"]),
    ("", "endpoints", &["get", "list"]),
    ("", "configmaps", &["get", "list"]),
    ("", "events", &["get", "list"]),
    ("", "serviceaccounts", &["get", "list"]),
    ("", "resourcequotas", &["get", "list"]),
    ("", "limitranges", &["get", "list"]),
    ("", "replicationcontrollers", &["get", "list"]),
    ("apps", "deployments", &["get", "list"]),
    ("apps", "replicasets", &["get", "list"]),
    ("apps", "daemonsets", &["get", "list"]),
    ("apps", "statefulsets", &["get", "list"]),
    ("discovery.k8s.io", "endpointslices", &["get", "list"]),
    ("networking.k8s.io", "networkpolicies", &["get", "list"]),
    ("networking.k8s.io", "servicecidrs", &["get", "list"]),
    ("batch", "jobs", &["get", "list"]),
    ("policy", "poddisruptionbudgets", &["get", "list"]),
    ("metrics.k8s.io", "pods", &["get", "list"]),
    ("metrics.k8s.io", "nodes", &["get", "list"]),
    ("rbac.authorization.k8s.io", "roles", &["get", "list"]),
    (
        "rbac.authorization.k8s.io",
        "rolebindings",
        &["get", "list"],
    ),
    (
        "rbac.authorization.k8s.io",
        "clusterroles",
        &["get", "list"],
    ),
    (
        "rbac.authorization.k8s.io",
        "clusterrolebindings",
        &["get", "list"],
    ),
    ("autoscaling", "horizontalpodautoscalers", &["get", "list"]),
    (
        "apiextensions.k8s.io",
        "customresourcedefinitions",
        &["get", "list"],
    ),
    ("coordination.k8s.io", "leases", &["get", "list"]),
];

/// A permission to take away, and the start of an entry that cannot be had without it.
struct Lacking {
    group: &'static str,
    resource: &'static str,
    verbs: &'static [&'static str],
    entry: &'static str,
}

const fn lacking(
    group: &'static str,
    resource: &'static str,
    verbs: &'static [&'static str],
    entry: &'static str,
) -> Lacking {
    Lacking {
        group,
        resource,
        verbs,
        entry,
    }
}

const READ: &[&str] = &["get", "list"];

const TEN: [Lacking; 10] = [
    lacking("", "configmaps", READ, "dns/configmaps/coredns.json"),
    lacking("", "pods/log", &["get"], "dns/logs/"),
    lacking("", "nodes", READ, "cluster/nodes.json"),
    lacking("", "services", READ, "dns/service.json"),
    lacking("", "events", READ, "dns/events.json"),
    lacking("", "pods", &["create"], "probes/workload/records.json"),
    lacking("", "namespaces", &["create"], "probes/control/records.json"),
    lacking(
        "discovery.k8s.io",
        "endpointslices",
        READ,
        "dns/endpointslices.json",
    ),
    lacking(
        "networking.k8s.io",
        "networkpolicies",
        READ,
        "workload/networkpolicies.json",
    ),
    lacking("metrics.k8s.io", "pods", READ, "dns/pod-metrics.json"),
];

#[test]
fn each_of_ten_missing_permissions_is_said() {
    let Some(cluster) = Cluster::real() else {
        return;
    };
    for lacking in &TEN {
        let _role = cluster.apply(&role(Some(lacking)).to_string());
        check(&cluster, lacking, &["--as", USER]);
    }
}

#[test]
fn each_of_ten_missing_permissions_is_said_on_simcluster() {
    for lacking in &TEN {
        let dot = if lacking.group.is_empty() { "" } else { "." };
        let (resource, subresource) = match lacking.resource.split_once('/') {
            Some((resource, subresource)) => (resource, format!("/{subresource}")),
            None => (lacking.resource, String::new()),
        };
        let resource = match subresource.as_str() {
            "" => format!(
                "{resource}{}{}",
                if dot.is_empty() { "." } else { dot },
                lacking.group
            ),
            subresource => format!("{resource}{subresource}"),
        };
        let faults: Vec<String> = lacking
            .verbs
            .iter()
            .map(|verb| format!("forbid:{verb}:{resource}"))
            .collect();
        let faults: Vec<&str> = faults.iter().map(String::as_str).collect();
        let Some(cluster) = Cluster::simulated(&faults) else {
            return;
        };
        check(&cluster, lacking, &[]);
    }
}

/// With every permission there is no gap that a permission would have closed.
#[test]
fn with_all_permissions_none_is_missed() {
    let Some(cluster) = Cluster::real() else {
        return;
    };
    let _role = cluster.apply(&role(None).to_string());
    let ended = cluster.collect(&["--quick", "--as", USER]);
    let forbidden: Vec<String> = ended
        .gaps()
        .into_iter()
        .filter(|gap| gap.starts_with("forbidden "))
        .collect();
    assert_eq!(forbidden, [""; 0]);
}

fn check(cluster: &Cluster, lacking: &Lacking, who: &[&str]) {
    let Lacking {
        resource, entry, ..
    } = lacking;
    let ended = cluster.collect(&[&["--quick"], who].concat());
    assert_eq!(ended.code, Some(4), "without {resource}: {ended:#?}");
    let bundle = ended.whole_bundle();
    let gap = gap(&bundle, entry);
    let said = gap.missing_permission.as_deref();
    assert!(
        said.is_some_and(|said| said.contains(resource)),
        "without {resource}: {gap:?}"
    );
    assert!(
        ended.words().contains(resource) || ended.err.contains(resource),
        "the terminal says nothing of {resource}: {}{}",
        ended.out,
        ended.err
    );
}

/// What CoreDNS is configured to do cannot be known without its Corefile, whatever else was answered.
#[test]
fn without_the_corefile_nothing_reads_as_healthy() {
    let Some(cluster) = Cluster::simulated(&["forbid:get:configmaps"]) else {
        return;
    };
    let report = cluster.collect(&["--quick"]).report();
    assert_ne!(report["verdict"], "healthy", "{report:#}");
}

/// The item that says what is missing.
#[track_caller]
fn gap<'a>(bundle: &'a Bundle, entry: &str) -> &'a digpod_bundle::Item {
    let items = &bundle.manifest().items;
    let gap = items
        .iter()
        .find(|item| item.entry.starts_with(entry) && item.status == Status::Forbidden);
    gap.unwrap_or_else(|| panic!("no forbidden {entry}: {items:#?}"))
}

/// All permissions but one, for the user.
fn role(lacking: Option<&Lacking>) -> Value {
    let rules: Vec<Value> = ALL
        .iter()
        .filter_map(|(group, resource, verbs)| {
            let taken = lacking.filter(|it| it.group == *group && it.resource == *resource);
            let verbs: Vec<&str> = verbs
                .iter()
                .filter(|verb| taken.is_none_or(|it| !it.verbs.contains(verb)))
                .copied()
                .collect();
            (!verbs.is_empty())
                .then(|| json!({"apiGroups": [group], "resources": [resource], "verbs": verbs}))
        })
        .collect();
    let api = "rbac.authorization.k8s.io";
    json!({"apiVersion": "v1", "kind": "List", "items": [
        {
            "apiVersion": format!("{api}/v1"),
            "kind": "ClusterRole",
            "metadata": {"name": USER},
            "rules": rules,
        },
        {
            "apiVersion": format!("{api}/v1"),
            "kind": "ClusterRoleBinding",
            "metadata": {"name": USER},
            "roleRef": {"apiGroup": api, "kind": "ClusterRole", "name": USER},
            "subjects": [{"apiGroup": api, "kind": "User", "name": USER}],
        },
    ]})
}
