//! A run leaves the cluster and its nodes as they were.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use digpod_e2e::{Cluster, nodes_files, objects, on_both};

on_both!(neither_the_cluster_nor_a_node_shows_that_a_run_was_there);

fn neither_the_cluster_nor_a_node_shows_that_a_run_was_there(cluster: &Cluster) {
    // What pods of earlier tests left goes with the kubelet's next round, which is not our doing.
    cluster.until("the nodes hold no log of a pod that is gone", |cluster| {
        pods_with_logs(cluster).is_subset(&pods(cluster))
    });
    let objects_before = objects(cluster);
    let files_before = nodes_files(cluster);
    assert!(objects_before.len() > 10, "{objects_before:#?}");
    let digests = files_before.values().filter(|file| file.trim().len() == 64);
    assert!(
        files_before.is_empty() || digests.count() > 10,
        "{files_before:#?}"
    );
    let ended = cluster.collect(&[]);
    ended.whole_bundle();
    // Objects are gone when the run has ended; the kubelet removes sandboxes of pods that are gone once a minute.
    let objects_after = objects(cluster);
    assert_eq!(differences(&objects_before, &objects_after), [""; 0]);
    let begin = Instant::now();
    loop {
        let left = differences(&files_before, &nodes_files(cluster));
        if left.is_empty() {
            return;
        }
        assert!(begin.elapsed() < Duration::from_mins(3), "{left:#?}");
        std::thread::sleep(Duration::from_secs(2));
    }
}

/// Ids of the pods that the cluster has.
fn pods(cluster: &Cluster) -> BTreeSet<String> {
    let pods = cluster.get(&["-A", "pods"]);
    let pods = pods["items"].as_array().unwrap().iter();
    pods.filter_map(|it| it["metadata"]["uid"].as_str().map(str::to_owned))
        .collect()
}

/// Ids of the pods of which nodes still hold logs.
fn pods_with_logs(cluster: &Cluster) -> BTreeSet<String> {
    let mut ids = BTreeSet::new();
    for node in ["node1", "node2"] {
        let listed = cluster.on(node, "ls /var/log/pods").unwrap_or_default();
        let names = listed.lines().filter_map(|it| it.rsplit_once('_'));
        ids.extend(names.map(|(_, id)| id.to_owned()));
    }
    ids
}

fn differences(before: &BTreeMap<String, String>, after: &BTreeMap<String, String>) -> Vec<String> {
    let mut found = Vec::new();
    for (name, was) in before {
        match after.get(name) {
            None => found.push(format!("gone: {name}")),
            Some(is) if is != was => found.push(format!("changed: {name}\n{was}\n{is}")),
            Some(_) => {}
        }
    }
    let new = after.keys().filter(|name| !before.contains_key(*name));
    found.extend(new.map(|name| format!("new: {name}")));
    found
}
