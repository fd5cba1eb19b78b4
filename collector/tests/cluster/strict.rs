//! Clusters with strict rules: the best possible answer, and what could not be done is said.

use digpod_bundle::{Bundle, Status};
use serde_json::{Value, json};

use crate::played::Cluster;
use crate::running::{Ended, Run, collect, with_status};

fn read(bundle: &Bundle, entry: &str) -> Value {
    let bytes = bundle
        .get(entry)
        .unwrap_or_else(|| panic!("{entry} is there"));
    serde_json::from_slice(bytes).unwrap()
}

/// What each try of a vantage at a server came to.
fn outcomes(bundle: &Bundle, vantage: &str, server: &str) -> Vec<String> {
    let records = read(bundle, &format!("probes/{vantage}/records.json"));
    let records = records["records"].as_array().unwrap().clone();
    let of = records.iter().filter(|it| it["server"] == server);
    of.map(|it| it["outcome"].as_str().unwrap().to_owned())
        .collect()
}

#[track_caller]
fn does_not_read_as_healthy(ended: &Ended) {
    let report = ended.report();
    assert_ne!(report["verdict"], "healthy", "{}", ended.out);
    assert_ne!(report["verdict"], "no-fault-seen", "{}", ended.out);
}

/// All egress denied, Pod Security "restricted", a quota, a size range, a node that repels others.
#[test]
fn a_strict_namespace_is_probed_as_its_own_pods_are_treated() {
    let Some(cluster) = Cluster::start("strict", &[]) else {
        return;
    };
    let ended = collect(&cluster, &["--quick"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let bundle = ended.whole_bundle();
    // The sibling is let in, fits, stays on the node that only its team may use, and is kept from DNS.
    let pod = read(&bundle, "probes/workload/pod.json");
    assert_eq!(pod["spec"]["nodeName"], "aks-user-17722-vmss000000");
    let resources = &pod["spec"]["containers"][0]["resources"];
    assert_eq!(resources["limits"]["memory"], "48Mi", "{resources}");
    let kept = outcomes(&bundle, "workload", "10.0.0.10:53");
    assert!(
        !kept.is_empty() && kept.iter().all(|it| it == "timeout"),
        "{kept:?}"
    );
    // The others show that it is this namespace.
    for vantage in ["control", "node-aks-user-17722-vmss000000"] {
        let told = read(&bundle, &format!("probes/{vantage}/records.json"));
        let told = told["records"].as_array().unwrap();
        assert!(told.iter().any(|it| it["outcome"] == "ok"), "{vantage}");
    }
    let policies = bundle.text("workload/networkpolicies.json").unwrap();
    assert!(policies.contains("default-deny"), "{policies}");
    does_not_read_as_healthy(&ended);
    cluster.nothing_is_left();
}

/// `nodeName` leads past the scheduler, not past a taint that evicts.
#[test]
fn probes_stay_on_a_node_that_drives_other_pods_away() {
    let Some(cluster) = Cluster::start("strict", &[]) else {
        return;
    };
    let api = json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": "api-0", "namespace": "default"},
        "spec": {
            "nodeName": "aks-user-17722-vmss000000",
            "tolerations": [{"key": "team", "operator": "Exists"}],
            "containers": [{"name": "api", "image": "registry.example.com/api:1"}],
        },
    });
    cluster.create("/api/v1/namespaces/default/pods", &api);
    cluster.until_running("default", "api-0");
    let options = [
        "app.corp.internal",
        "-n",
        "default",
        "--pod",
        "api-0",
        "--quick",
    ];
    let ended = Run::bare(&cluster, &options).end();
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let bundle = ended.whole_bundle();
    for vantage in ["workload", "control", "node-aks-user-17722-vmss000000"] {
        let entry = format!("probes/{vantage}/records.json");
        assert!(bundle.get(&entry).is_some(), "{vantage} tolerates the node");
    }
    cluster.nothing_is_left();
}

/// Where even the probes' own namespace is "restricted", nodes are not asked from, and that is said.
#[test]
fn a_restricted_namespace_for_probes_takes_all_but_those_on_nodes() {
    let Some(cluster) = Cluster::start("healthy", &[]) else {
        return;
    };
    let namespace = json!({
        "apiVersion": "v1", "kind": "Namespace",
        "metadata": {
            "name": "probes",
            "labels": {"pod-security.kubernetes.io/enforce": "restricted"},
        },
    });
    cluster.create("/api/v1/namespaces", &namespace);
    let options = [
        "--quick",
        "--probe-namespace",
        "probes",
        "--node-access",
        "files",
    ];
    let ended = collect(&cluster, &options);
    assert_eq!(ended.code, Some(4), "{ended:?}");
    let bundle = ended.whole_bundle();
    for entry in with_status(&bundle, Status::RefusedByAdmission) {
        assert!(
            entry.contains("/node-") || entry.starts_with("nodes/"),
            "{entry}"
        );
        let reason = bundle.item(&entry).unwrap().reason.clone().unwrap();
        let words = ["host namespaces (hostNetwork=true)", "hostPath volumes"];
        assert!(words.iter().any(|it| reason.contains(it)), "{reason}");
    }
    assert!(
        bundle
            .item("probes/node-aks-user-17722-vmss000000/records.json")
            .unwrap()
            .status
            == Status::RefusedByAdmission
    );
    for vantage in ["workload", "control", "default-aks-system-30418-vmss000000"] {
        let entry = format!("probes/{vantage}/records.json");
        assert!(bundle.get(&entry).is_some(), "{vantage}");
    }
    cluster.nothing_is_left();
}

/// A sidecar runs on when the probe has ended: judged by its container, and told as a change.
#[test]
fn an_injected_sidecar_keeps_no_probe_waiting_and_is_put_down() {
    let Some(cluster) = Cluster::start("healthy", &["inject-sidecar:shop"]) else {
        return;
    };
    let ended = collect(&cluster, &["--quick"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let bundle = ended.whole_bundle();
    let records = read(&bundle, "probes/workload/records.json");
    assert_eq!(records["complete"], true);
    let admission = bundle.text("probes/workload/admission.json").unwrap();
    assert!(admission.contains("istio-proxy"), "{admission}");
    assert!(ended.err.contains("istio-proxy"), "{}", ended.err);
    assert_eq!(
        bundle
            .get("probes/control/admission.json")
            .map(|it| { String::from_utf8_lossy(it).contains("istio-proxy") }),
        Some(false)
    );
    cluster.nothing_is_left();
}

/// Seen early, said once in the registry's words with the way out; everything else is gathered.
#[test]
fn an_image_that_cannot_be_pulled_costs_the_probes_only() {
    let Some(cluster) = Cluster::start("mixed-upstreams", &["image-pull"]) else {
        return;
    };
    let ended = collect(&cluster, &["--quick"]);
    assert_eq!(ended.code, Some(4), "{ended:?}");
    let told = "localhost/digpod-probe:0.1.0: not found";
    let lines = ended.err.lines().filter(|line| line.contains(told));
    assert_eq!(lines.count(), 1, "{}", ended.err);
    assert!(ended.err.contains("--probe-image"), "{}", ended.err);
    let bundle = ended.whole_bundle();
    for entry in [
        "dns/service.json",
        "dns/pods.json",
        "dns/configmaps/coredns.json",
        "dns/events.json",
        "workload/pod.json",
        "cluster/nodes.json",
    ] {
        assert!(bundle.get(entry).is_some(), "{entry}");
    }
    let logs = bundle
        .entries()
        .filter(|(name, _)| name.as_str().starts_with("dns/logs/"));
    assert!(logs.count() >= 2);
    does_not_read_as_healthy(&ended);
    cluster.nothing_is_left();
}

/// Rights to read and to create nothing: all is read, and what probes would have told is a gap.
#[test]
fn who_may_only_read_gets_everything_but_answers() {
    let faults = ["forbid:create:pods", "forbid:create:namespaces"];
    let Some(cluster) = Cluster::start("mixed-upstreams", &faults) else {
        return;
    };
    let ended = collect(&cluster, &["--quick"]);
    assert_eq!(ended.code, Some(4), "{ended:?}");
    let bundle = ended.whole_bundle();
    let forbidden = with_status(&bundle, Status::Forbidden);
    for vantage in ["workload", "control", "default-aks-system-30418-vmss000000"] {
        let entry = format!("probes/{vantage}/records.json");
        assert!(forbidden.contains(&entry), "{vantage}: {forbidden:?}");
        let item = bundle.item(&entry).unwrap();
        let permission = item.missing_permission.as_deref().unwrap();
        assert!(permission.starts_with("create "), "{permission}");
    }
    assert!(
        forbidden.iter().all(|it| it.starts_with("probes/")),
        "{forbidden:?}"
    );
    assert!(
        ended
            .words()
            .contains("missing permission: create pods in namespace shop"),
        "{}",
        ended.out
    );
    let created = cluster.requests().into_iter().filter(|(method, path)| {
        method == "POST" && path.starts_with("/api/v1/") && !path.contains("dryRun")
    });
    assert_eq!(created.count(), 0);
    does_not_read_as_healthy(&ended);
}
