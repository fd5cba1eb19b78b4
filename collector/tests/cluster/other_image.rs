//! Where the probe's image cannot be pulled, the probe is sent by exec into an image on the node.

use std::path::PathBuf;

use digpod_bundle::{Bundle, Status};
use digpod_probe::{WatchEnd, Watched};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::played::{Cluster, POD};
use crate::running::{Ended, Run};

const RECORDS: &str = "probes/workload/records.json";
const BUSYBOX: &str = "registry.example.com/tools/busybox:1.37";
const REFUSED: &str = "localhost/digpod-probe:0.1.0: not found";

/// A program for nodes of this machine (`e_machine` of ELF). Simcluster takes what is like one for
/// the probe; the real one is sent in `cargo xtask e2e`.
fn program(folder: &TempDir, machine: u8) -> PathBuf {
    let mut bytes = b"\x7fELF\x02\x01\x01".to_vec();
    bytes.resize(2 << 20, 0);
    bytes[18] = machine;
    let path = folder.path().join("probe");
    std::fs::write(&path, bytes).unwrap();
    path
}

fn collect(cluster: &Cluster, machine: u8, options: &[&str]) -> Ended {
    let folder = TempDir::new().unwrap();
    let program = program(&folder, machine);
    let program = ["--quick", "--probe-binary", program.to_str().unwrap()];
    Run::bare(cluster, &[options, &program].concat()).end()
}

const AMD64: u8 = 62;
const ARM64: u8 = 183;
const ASKED: [&str; 5] = ["app.corp.internal", "-n", "shop", "--pod", POD];

fn read(bundle: &Bundle, entry: &str) -> Value {
    serde_json::from_slice(bundle.get(entry).unwrap()).unwrap()
}

/// Status, reason, source and missing permission of the answers from the pod's place.
fn said(bundle: &Bundle) -> (Status, String, String, Option<String>) {
    let item = bundle.item(RECORDS).unwrap();
    (
        item.status,
        item.reason.clone().unwrap_or_default(),
        item.source.clone().unwrap_or_default(),
        item.missing_permission.clone(),
    )
}

/// How often a program was sent.
fn sent(cluster: &Cluster) -> usize {
    let requests = cluster.requests().into_iter();
    let execs = requests.filter(|(_, path)| path.contains("/exec?"));
    execs
        .filter(|(_, path)| path.contains("stdin=true"))
        .count()
}

#[test]
fn an_image_on_the_node_does_for_one_that_cannot_be_pulled() {
    let Some(cluster) = Cluster::start("shells", &["image-pull"]) else {
        return;
    };
    let ended = collect(&cluster, AMD64, &ASKED);
    // Nothing is missing.
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let bundle = ended.whole_bundle();
    let answers = bundle.entries().filter(|(name, _)| {
        let name = name.as_str();
        name.starts_with("probes/") && name.ends_with("/records.json")
    });
    assert_eq!(answers.count(), 7, "as with the probe's own image");
    // The failing pod's image was tried first and has no shell.
    let pod = read(&bundle, "probes/workload/pod.json");
    assert_eq!(pod["spec"]["containers"][0]["image"], BUSYBOX);
    assert_eq!(pod["spec"]["nodeName"], "aks-user-17722-vmss000000");
    let records = read(&bundle, RECORDS);
    assert_eq!(records["complete"], true);
    assert_eq!(records["node"], "aks-user-17722-vmss000000");
    let announced = Run::bare(&cluster, &[&ASKED[..], &["--dry-run"]].concat()).end();
    assert!(
        announced
            .out
            .contains("pods/NAME/exec?stdin=true&command=sh")
    );
    let (status, reason, source, _) = said(&bundle);
    assert_eq!(status, Status::Ok);
    for text in [&reason, &source] {
        assert!(
            text.contains(&format!("sent into image {BUSYBOX} by exec")),
            "{text}"
        );
        assert!(text.contains(REFUSED), "{text}");
    }
    for once in [REFUSED, "sent by exec into image"] {
        let lines = ended.err.lines().filter(|line| line.contains(once));
        assert_eq!(lines.count(), 1, "{once}: {}", ended.err);
    }
    // The same diagnosis as with the image.
    let Some(other) = Cluster::start("mixed-upstreams", &[]) else {
        return;
    };
    let pulled = Run::bare(&other, &[&ASKED[..], &["--quick"]].concat()).end();
    let rules = |ended: &Ended| {
        let causes = ended.report()["causes"].clone();
        let causes = causes.as_array().unwrap().iter();
        let rules: Vec<Value> = causes.map(|it| it["rule"].clone()).collect();
        rules
    };
    assert!(!rules(&pulled).is_empty(), "{}", pulled.out);
    assert_eq!(rules(&ended), rules(&pulled));
    assert_eq!(sent(&cluster), 7, "once for each probe");
    cluster.nothing_is_left();
}

/// With everything else that the probe's own pod has.
#[test]
fn the_failing_pods_own_image_comes_first() {
    let Some(cluster) = Cluster::start("shells", &["image-pull"]) else {
        return;
    };
    let image = "registry.example.com/shop/api:1.0.0";
    let api = json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": "slow-0", "namespace": "shop", "labels": {"app": "slow"}},
        "spec": {
            "nodeName": "aks-user-17722-vmss000000",
            "containers": [{"name": "api", "image": image}],
        },
    });
    cluster.create("/api/v1/namespaces/shop/pods", &api);
    cluster.until_running("shop", "slow-0");
    let ended = collect(
        &cluster,
        AMD64,
        &[
            "app.corp.internal",
            "-n",
            "shop",
            "--pod",
            "slow-0",
            "--node-access",
            "files",
        ],
    );
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let bundle = ended.whole_bundle();
    let pod = read(&bundle, "probes/workload/pod.json");
    let spec = &pod["spec"];
    assert_eq!(spec["containers"][0]["image"], image);
    assert_eq!(pod["metadata"]["labels"]["app"], "slow");
    // Nodes without that pod have other images.
    let beside = read(
        &bundle,
        "probes/default-aks-system-30418-vmss000000/pod.json",
    );
    assert_eq!(beside["spec"]["containers"][0]["image"], BUSYBOX);
    // Files of nodes come the same way.
    let entry = "nodes/aks-user-17722-vmss000000/resolv.conf";
    let file = bundle.get(entry).map(String::from_utf8_lossy);
    assert!(
        file.is_some_and(|it| it.contains("10.1.0.4")),
        "{:?}",
        bundle.item(entry)
    );
    cluster.nothing_is_left();
}

#[test]
fn without_the_right_to_exec_the_gap_names_it() {
    let faults = ["image-pull", "forbid:create:pods/exec"];
    let Some(cluster) = Cluster::start("shells", &faults) else {
        return;
    };
    let ended = collect(&cluster, AMD64, &ASKED);
    assert_eq!(ended.code, Some(4), "{ended:?}");
    let (status, reason, _, permission) = said(&ended.whole_bundle());
    assert_eq!(status, Status::Failed);
    assert_eq!(
        permission.as_deref(),
        Some("create pods/exec in namespace shop")
    );
    for words in [
        REFUSED,
        "forbidden to create pods/exec",
        "--probe-image",
        "--pull-secret",
    ] {
        assert_eq!(reason.matches(words).count(), 1, "{words}: {reason}");
    }
    assert_eq!(sent(&cluster), 0);
    cluster.nothing_is_left();
}

#[test]
fn what_every_image_said_is_in_the_gap() {
    let Some(cluster) = Cluster::start("mixed-upstreams", &["image-pull"]) else {
        return;
    };
    let ended = collect(&cluster, AMD64, &ASKED);
    assert_eq!(ended.code, Some(4), "{ended:?}");
    let (_, reason, _, permission) = said(&ended.whole_bundle());
    for words in [
        "registry.example.com/shop/web:2.14.0: it runs no shell",
        BUSYBOX,
        REFUSED,
    ] {
        assert!(reason.contains(words), "{words}: {reason}");
    }
    assert_eq!(permission, None);
    cluster.nothing_is_left();
}

#[test]
fn a_binary_for_other_machines_is_not_sent() {
    let Some(cluster) = Cluster::start("shells", &["image-pull"]) else {
        return;
    };
    let ended = collect(&cluster, ARM64, &ASKED);
    assert_eq!(ended.code, Some(4), "{ended:?}");
    let (_, reason, ..) = said(&ended.whole_bundle());
    let words = "the probe's binary at hand is for arm64, and the node is amd64";
    assert!(reason.contains(words), "{reason}");
    assert_eq!(sent(&cluster), 0);
}

/// Who may not read nodes still has the failing pod's own image.
#[test]
fn nodes_that_may_not_be_read_leave_the_failing_pods_image() {
    let faults = ["image-pull", "forbid:get:nodes"];
    let Some(cluster) = Cluster::start("shells", &faults) else {
        return;
    };
    let ended = collect(&cluster, AMD64, &ASKED);
    assert_eq!(ended.code, Some(4), "{ended:?}");
    let (_, reason, ..) = said(&ended.whole_bundle());
    let words = "registry.example.com/shop/web:2.14.0: it runs no shell";
    assert!(reason.contains(words), "{reason}");
    cluster.nothing_is_left();
}

/// What is told while it goes on is told through exec, too.
#[test]
fn a_watch_comes_through_as_well() {
    let faults = [
        "image-pull",
        "fails-after:2:10.244.0.11",
        "fails-after:2:10.244.1.8",
    ];
    let Some(cluster) = Cluster::start("shells", &faults) else {
        return;
    };
    let options = [&ASKED[..], &["--until-failure", "10m"]].concat();
    let ended = collect(&cluster, AMD64, &options);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let entry = read(&ended.whole_bundle(), "probes/workload/watch.json");
    let watched: Watched = serde_json::from_value(entry).unwrap();
    assert_eq!(watched.end, WatchEnd::Failed);
    assert!(ended.err.contains(&watched.words()), "{}", ended.err);
    cluster.nothing_is_left();
}
