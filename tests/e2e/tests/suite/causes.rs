//! What `collect` says about a cluster whose upstreams disagree, and about one whose upstreams agree.

use digpod_e2e::{Cluster, faults, on_both};

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
    let _repaired = faults::repaired(&cluster);
    nothing_is_blamed(&cluster);
}

fn nothing_is_blamed(cluster: &Cluster) {
    let ended = cluster.collect(&[]);
    let report = ended.report();
    assert_ne!(report["verdict"], "cause", "{report:#}");
    assert_eq!(report["causes"], serde_json::json!([]), "{}", ended.out);
}
