//! Clusters of any size: what is asked does not grow with the pods and Services.

use std::collections::BTreeMap;

use digpod_bundle::{Status, layout};

use crate::played::Cluster;
use crate::running::collect;

/// Requests of a run by what they are for: method and path without the names that differ.
fn asked(scale: &str) -> Option<BTreeMap<String, usize>> {
    let cluster = Cluster::start_scaled("healthy", scale, &[])?;
    let ended = collect(&cluster, &["--quick", "--no-probe"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let mut asked = BTreeMap::new();
    for (method, path) in cluster.requests() {
        let (collection, query) = path.split_once('?').unwrap_or((&path, ""));
        if ["/api/v1/pods", "/api/v1/services"].contains(&collection) {
            assert_eq!(query, "limit=1", "a list of the whole cluster: {path}");
        }
        *asked.entry(format!("{method} {path}")).or_insert(0) += 1;
    }
    Some(asked)
}

#[test]
fn no_call_is_added_by_more_pods_and_services() {
    let Some(few) = asked("nodes=20,pods=100,services=10") else {
        return;
    };
    let many = asked("nodes=20,pods=20000,services=2000").unwrap();
    assert_eq!(few, many);
}

#[test]
fn a_sample_of_the_nodes_says_how_many_there_are_and_is_no_failure() {
    let scale = "nodes=1200,pods=2000,services=100";
    let Some(cluster) = Cluster::start_scaled("healthy", scale, &[]) else {
        return;
    };
    let ended = collect(&cluster, &["--quick", "--no-probe"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let bundle = ended.whole_bundle();
    let nodes = bundle.item(layout::NODES).unwrap();
    assert_eq!(nodes.status, Status::Ok);
    let coverage = nodes.reason.as_deref().unwrap();
    assert!(coverage.contains("nodes are in the bundle"), "{coverage}");
    assert!(ended.out.contains(coverage), "{}", ended.out);
    let counts: serde_json::Value =
        serde_json::from_slice(bundle.get(layout::COUNTS).unwrap()).unwrap();
    let [total, kept] = ["total", "inBundle"].map(|it| counts["nodes"][it].as_u64().unwrap());
    assert!(total >= 1200 && kept <= 510, "{counts}");
}
