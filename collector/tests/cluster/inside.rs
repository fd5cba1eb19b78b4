//! `--exec`: what only the failing pod itself can tell.

use digpod_bundle::{Bundle, Status};
use serde_json::{Value, json};

use crate::played::Cluster;
use crate::running::{Run, collect};

const RESOLV_CONF: &str = "workload/resolv.conf";
const PROCESS: &str = "workload/process.json";

/// Status and reason of both items.
fn said(bundle: &Bundle) -> [(Status, String); 2] {
    [RESOLV_CONF, PROCESS].map(|entry| {
        let items = &bundle.manifest().items;
        let item = items.iter().find(|it| it.entry == entry).unwrap();
        (item.status, item.reason.clone().unwrap_or_default())
    })
}

fn execs(cluster: &Cluster) -> usize {
    let requests = cluster.requests();
    requests
        .iter()
        .filter(|(_, path)| path.contains("/exec?"))
        .count()
}

#[test]
fn the_failing_pods_own_file_and_resolver_are_read() {
    let Some(cluster) = Cluster::start("mixed-upstreams", &[]) else {
        return;
    };
    let ended = collect(&cluster, &["--exec", "--no-probe"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let bundle = ended.whole_bundle();
    let file = bundle.get(RESOLV_CONF).unwrap();
    assert!(String::from_utf8_lossy(file).contains("options ndots:5"));
    let process: Value = serde_json::from_slice(bundle.get(PROCESS).unwrap()).unwrap();
    assert_eq!(
        process,
        json!({
            "container": "web",
            "libraries": ["/usr/lib/x86_64-linux-gnu/libc.so.6"],
            "os": {"id": "debian", "version": "12"},
            "resolver": "glibc",
            "version": "2.36",
        })
    );
}

#[test]
fn nothing_is_run_in_a_pod_unless_it_is_wanted() {
    let Some(cluster) = Cluster::start("mixed-upstreams", &[]) else {
        return;
    };
    let ended = collect(&cluster, &["--no-probe"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!(execs(&cluster), 0);
    let bundle = ended.whole_bundle();
    assert!(
        [RESOLV_CONF, PROCESS]
            .iter()
            .all(|it| bundle.item(it).is_none())
    );
}

#[test]
fn an_image_without_cat_is_said() {
    let Some(cluster) = Cluster::start("mixed-upstreams", &[]) else {
        return;
    };
    let pod = "coredns-6865d647c6-4kxq7";
    let options = ["--exec", "--no-probe", "-n", "kube-system", "--pod", pod];
    let ended = Run::bare(&cluster, &options).end();
    assert_eq!(ended.code, Some(4), "{ended:?}");
    for (status, reason) in said(&ended.whole_bundle()) {
        assert_eq!(status, Status::NotFound);
        assert_eq!(reason, "the container's image has no cat");
    }
}

#[test]
fn a_refusal_names_the_permission() {
    let Some(cluster) = Cluster::start("mixed-upstreams", &["forbid:get:pods/exec"]) else {
        return;
    };
    let ended = collect(&cluster, &["--exec", "--no-probe"]);
    assert_eq!(ended.code, Some(4), "{ended:?}");
    let bundle = ended.whole_bundle();
    for (status, _) in said(&bundle) {
        assert_eq!(status, Status::Forbidden);
    }
    let items = &bundle.manifest().items;
    let item = items.iter().find(|it| it.entry == RESOLV_CONF).unwrap();
    let permission = item.missing_permission.as_deref().unwrap();
    assert!(permission.contains("create pods/exec"), "{permission}");
    assert!(ended.out.contains("pods/exec"), "{}", ended.out);
}
