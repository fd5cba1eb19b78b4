//! A namespace full of things that take a pod for their own: none of them notices the probe.

use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use digpod_bundle::Status;
use digpod_e2e::{Cluster, on_both};
use serde_json::{Value, json};

on_both!(nothing_in_the_namespace_of_the_failing_pod_is_disturbed);

/// Controller, budget, headless Service, quota, limits, Pod Security and policy, all around one pod.
const CROWDED: &str = include_str!("../objects/crowded.yaml");

fn nothing_in_the_namespace_of_the_failing_pod_is_disturbed(cluster: &Cluster) {
    let _crowded = cluster.apply(CROWDED);
    // simcluster has no controllers: somebody must make the ReplicaSet's pods.
    let _pods = cluster
        .is_simulated()
        .then(|| cluster.apply(&pods_of_the_set(cluster)));
    if !cluster.is_simulated() {
        cluster.until("the ReplicaSet's pods are ready", |cluster| {
            let set = cluster.get(&["-n", "crowded", "replicaset", "web"]);
            set["status"]["readyReplicas"] == 2
        });
        cluster.until("the budget has counted them", |cluster| {
            let budget = cluster.get(&["-n", "crowded", "poddisruptionbudget", "web"]);
            budget["status"]["currentHealthy"] == 2
        });
        cluster.until("the headless Service has their addresses", |cluster| {
            addresses(&cluster.get(&["-n", "crowded", "endpoints", "web"])).len() == 2
        });
    }
    let before = (!cluster.is_simulated()).then(|| state(cluster));
    let complaints_before = complaints(cluster);
    let pods = cluster.get(&["-n", "crowded", "pods"]);
    let pod = pods["items"][0]["metadata"]["name"]
        .as_str()
        .unwrap()
        .to_owned();

    let over = AtomicBool::new(false);
    let ended = std::thread::scope(|scope| {
        let watching = scope.spawn(|| watched(cluster, &over));
        let ended = cluster.collect(&["--quick", "-n", "crowded", "--pod", &pod]);
        over.store(true, Ordering::Relaxed);
        let seen = watching.join().unwrap();
        for (what, states) in seen {
            assert_eq!(
                states.len(),
                1 - usize::from(cluster.is_simulated() && states.is_empty()),
                "{what} changed during the run: {states:#?}"
            );
        }
        ended
    });

    let bundle = ended.whole_bundle();
    let item = bundle
        .item("probes/workload/records.json")
        .expect("an item");
    match item.status {
        Status::Ok => {}
        // It did not run: then the manifest says why.
        _ => assert!(item.reason.is_some(), "{item:?}"),
    }
    if let Some(before) = before {
        assert_eq!(before, state(cluster));
        let new: Vec<String> = complaints(cluster)
            .into_iter()
            .filter(|it| !complaints_before.contains(it))
            .collect();
        assert_eq!(new, [""; 0], "nobody has a reason to complain");
    }
}

/// Warnings about anything but the probe. A busy kubelet may complain of the namespace's own pods
/// while it starts them, which is before the run.
fn complaints(cluster: &Cluster) -> Vec<String> {
    let events = cluster.get(&["-n", "crowded", "events"]);
    let events = events["items"].as_array().unwrap().iter();
    events
        .filter(|event| event["type"] != "Normal")
        .map(|event| format!("{}: {}", event["reason"], event["message"]))
        .filter(|event| !event.contains("digpod-"))
        .collect()
}

/// The pods that a controller would make of crowded.yaml's ReplicaSet.
fn pods_of_the_set(cluster: &Cluster) -> String {
    let set = cluster.get(&["-n", "crowded", "replicaset", "web"]);
    let pods = ["web-a", "web-b"].map(|name| {
        let mut pod = set["spec"]["template"].clone();
        pod["apiVersion"] = "v1".into();
        pod["kind"] = "Pod".into();
        pod["metadata"]["name"] = name.into();
        pod["metadata"]["namespace"] = "crowded".into();
        pod["metadata"]["ownerReferences"] = json!([{
            "apiVersion": "apps/v1",
            "kind": "ReplicaSet",
            "name": "web",
            "uid": set["metadata"]["uid"],
            "controller": true,
        }]);
        pod.to_string()
    });
    pods.join("\n")
}

/// What must be the same before, during and after.
fn state(cluster: &Cluster) -> Vec<String> {
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let pods = cluster.get(&["-n", "crowded", "pods"]);
    let mut state: Vec<String> = pods["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|pod| word(&pod["metadata"]["uid"]))
        .collect();
    state.sort();
    for object in [
        ["replicaset", "web"],
        ["poddisruptionbudget", "web"],
        ["endpoints", "web"],
        ["resourcequota", "all"],
    ] {
        let object = cluster.get(&["-n", "crowded", object[0], object[1]]);
        state.push(format!("{:#}{:#}", object["status"], object["subsets"]));
    }
    state
}

fn addresses(endpoints: &Value) -> Vec<String> {
    let subsets = endpoints["subsets"].as_array().into_iter().flatten();
    subsets
        .flat_map(|subset| ["addresses", "notReadyAddresses"].map(|key| &subset[key]))
        .flat_map(|addresses| addresses.as_array().into_iter().flatten())
        .map(|address| address["ip"].as_str().unwrap_or_default().to_owned())
        .collect()
}

/// Every state that these objects had while a run went on, as the API server's watch tells it.
fn watched(cluster: &Cluster, over: &AtomicBool) -> Vec<(&'static str, Vec<String>)> {
    // Names what must not change: who belongs to it, and what it counts.
    const WATCHED: [(&str, &str); 3] = [
        ("endpoints", "{.subsets}{\"\\n\"}"),
        (
            "poddisruptionbudgets",
            "{.status.expectedPods} {.status.currentHealthy} {.status.conditions[*].reason}{\"\\n\"}",
        ),
        (
            "replicasets",
            "{.status.replicas} {.status.readyReplicas}{\"\\n\"}",
        ),
    ];
    let watches = WATCHED.map(|(kind, path)| {
        let path = format!("jsonpath={path}");
        let child = cluster
            .kubectl_command(&["-n", "crowded", "get", kind, "web", "--watch", "-o", &path])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        (kind, child)
    });
    while !over.load(Ordering::Relaxed) {
        std::thread::sleep(Duration::from_millis(50));
    }
    // The controllers get a moment to notice.
    std::thread::sleep(Duration::from_secs(1));
    watches
        .into_iter()
        .map(|(kind, mut child)| {
            let _ = child.kill();
            let output = child.wait_with_output().unwrap();
            let text = String::from_utf8_lossy(&output.stdout).into_owned();
            let mut states: Vec<String> = text.lines().map(str::to_owned).collect();
            states.dedup();
            (kind, states)
        })
        .collect()
}
