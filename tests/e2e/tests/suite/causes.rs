//! What `collect` says about a cluster whose upstreams disagree, and about one whose upstreams agree.

use std::time::Duration;

use digpod_e2e::{Cluster, Guard, on_both};

on_both!(the_disagreement_of_the_upstreams_is_named_first_and_proven);

fn the_disagreement_of_the_upstreams_is_named_first_and_proven(cluster: &Cluster) {
    if !cluster.has_the_fault() {
        return;
    }
    let ended = cluster.collect(&[]);
    assert!(matches!(ended.code, Some(0 | 4)), "{ended:#?}");
    assert!(ended.out.starts_with("Cause (proven): "), "{}", ended.out);
    let report = ended.report();
    assert_eq!(report["verdict"], "cause", "{report:#}");
    assert_eq!(report["causes"][0]["id"], "upstreams/upstreams-disagree");
    assert_eq!(report["causes"][0]["confidence"], "proven");
}

/// What the quick run says must be the same cause, if less sure.
#[test]
fn one_try_a_question_finds_the_same_cause() {
    let Some(cluster) = Cluster::real() else {
        return;
    };
    if !cluster.has_the_fault() {
        return;
    }
    let ended = cluster.collect(&["--quick"]);
    let report = ended.report();
    assert_eq!(report["causes"][0]["id"], "upstreams/upstreams-disagree");
}

#[test]
fn where_the_upstreams_agree_nothing_is_blamed_on_simcluster() {
    if let Some(cluster) = Cluster::simulated(&["healthy"]) {
        nothing_is_blamed(&cluster);
    }
}

#[test]
fn where_the_upstreams_agree_nothing_is_blamed() {
    let Some(cluster) = Cluster::real() else {
        return;
    };
    if !cluster.has_the_fault() || cluster.on("node1", "true").is_none() {
        return;
    }
    let _repaired = both_nodes_ask_the_custom_server_alone(&cluster);
    nothing_is_blamed(&cluster);
}

fn nothing_is_blamed(cluster: &Cluster) {
    let ended = cluster.collect(&[]);
    let report = ended.report();
    assert_ne!(report["verdict"], "cause", "{report:#}");
    assert_eq!(report["causes"], serde_json::json!([]), "{}", ended.out);
}

/// Takes the public server from the nodes' lists; CoreDNS's pods are made anew, for the kubelet
/// writes their resolv.conf when it makes them.
fn both_nodes_ask_the_custom_server_alone(cluster: &Cluster) -> Guard<'_> {
    let files = "/etc/resolv.conf /run/systemd/resolve/resolv.conf";
    for node in ["node1", "node2"] {
        let script = format!("for file in {files}; do cp $file $file.was && sed -i 2d $file; done");
        cluster.on(node, &script);
    }
    anew(cluster);
    Guard::new(move || {
        for node in ["node1", "node2"] {
            let script = format!("for file in {files}; do mv $file.was $file; done");
            cluster.on(node, &script);
        }
        anew(cluster);
    })
}

fn anew(cluster: &Cluster) {
    let names = [
        "-n",
        "kube-system",
        "delete",
        "pod",
        "-l",
        "k8s-app=kube-dns",
    ];
    cluster.ask(&[&names[..], &["--grace-period", "1"]].concat());
    let ready = ["-n", "kube-system", "rollout", "status", "deploy/coredns"];
    cluster.ask(&ready);
    // The Service's addresses reach the nodes a moment later.
    std::thread::sleep(Duration::from_secs(2));
}
