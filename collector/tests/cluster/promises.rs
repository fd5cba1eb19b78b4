//! What a run must keep to whatever happens: nothing secret leaves, one lost probe costs no other.

use digpod_bundle::Status;

use crate::played::Cluster;
use crate::running::{Run, cleanup_with, collect};

const WORKLOAD: &str = "probes/workload/records.json";
const CONTROL: &str = "probes/control/records.json";

#[test]
fn what_the_scenario_hides_is_not_in_the_bundle() {
    let Some(cluster) = Cluster::start("mixed-upstreams", &[]) else {
        return;
    };
    let ended = collect(&cluster, &["--quick"]);
    let bundle = ended.whole_bundle();
    let manifest = serde_json::to_vec(bundle.manifest()).unwrap();
    let entries = bundle.entries().map(|(name, bytes)| (name.as_str(), bytes));
    for (name, bytes) in entries.chain([("manifest", manifest.as_slice())]) {
        let text = String::from_utf8_lossy(bytes);
        // Environment, command line, annotation; and the Secret, in base64.
        for hidden in ["not-to-leave", "bm90LXRvLWxlYXZl"] {
            assert!(!text.contains(hidden), "{hidden} is in {name}");
        }
    }
}

#[test]
fn without_a_namespace_of_its_own_the_other_probes_still_run() {
    let Some(cluster) = Cluster::start("mixed-upstreams", &["forbid:create:namespaces"]) else {
        return;
    };
    let ended = collect(&cluster, &["--quick"]);
    assert_eq!(ended.code, Some(4), "{ended:?}");
    let bundle = ended.whole_bundle();
    let control = bundle.item(CONTROL).unwrap();
    assert_eq!(control.status, Status::Forbidden);
    assert_eq!(
        control.missing_permission.as_deref(),
        Some("create namespaces in the cluster")
    );
    assert_eq!(bundle.item(WORKLOAD).unwrap().status, Status::Ok);
    cluster.nothing_is_left();
}

#[test]
fn a_probe_whose_log_is_lost_is_a_gap_and_is_removed() {
    // CoreDNS's logs are asked for with another container's name.
    let Some(cluster) = Cluster::start("mixed-upstreams", &["cut:/log?container=probe"]) else {
        return;
    };
    let ended = collect(&cluster, &["--quick"]);
    assert_eq!(ended.code, Some(4), "{ended:?}");
    assert_eq!(
        ended.whole_bundle().item(WORKLOAD).unwrap().status,
        Status::Failed
    );
    // All probes' logs are lost for one reason, which is said once.
    let words = ended.words();
    assert!(words.contains("answers to probe workload"), "{words}");
    cluster.nothing_is_left();
}

#[test]
fn a_run_whose_probes_somebody_removes_still_writes_its_bundle() {
    let Some(cluster) = Cluster::start("mixed-upstreams", &[]) else {
        return;
    };
    let mut run = Run::start(&cluster, &[]);
    // It looks after its probe, whose questions take seconds.
    run.until(&cluster, |method, path| {
        method == "GET" && path.contains("-workload")
    });
    assert!(cleanup_with(&cluster, &["--force"]).status.success());
    let ended = run.end();
    assert_eq!(ended.code, Some(4), "{ended:?}");
    let bundle = ended.whole_bundle();
    assert!(bundle.item(WORKLOAD).unwrap().reason.is_some());
    assert!(bundle.get("dns/service.json").is_some());
}

#[test]
fn a_probe_carries_the_labels_that_policies_select_on_and_no_other() {
    let Some(cluster) = Cluster::start("mixed-upstreams", &[]) else {
        return;
    };
    let ended = collect(&cluster, &["--quick"]);
    let bundle = ended.whole_bundle();
    let pod: serde_json::Value =
        serde_json::from_slice(bundle.get("probes/workload/pod.json").unwrap()).unwrap();
    let labels = pod["metadata"]["labels"].as_object().unwrap();
    let keys: Vec<&str> = labels.keys().map(String::as_str).collect();
    // A policy of the namespace selects on `app`; on `tier` and the template's hash none does.
    assert_eq!(
        keys,
        ["app", "app.kubernetes.io/managed-by", "digpod.io/run"]
    );
    assert_eq!(pod["spec"]["nodeName"], "aks-user-17722-vmss000000");
    assert_eq!(
        bundle.item(WORKLOAD).unwrap().reason,
        None,
        "no label had to be dropped"
    );
}
