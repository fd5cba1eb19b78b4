//! Where the probe's image cannot be pulled, the probe is sent into an image that a node has.

use digpod_e2e::Cluster;

#[test]
fn a_probe_that_is_sent_by_exec_finds_the_same_cause() {
    let Some(cluster) = Cluster::real() else {
        return;
    };
    let Some(binary) = std::env::var_os("DIGPOD_E2E_PROBE_BINARY") else {
        return;
    };
    if !cluster.has_the_fault() {
        return;
    }
    let binary = binary.into_string().unwrap();
    // Nobody has this image, and there is no registry.
    let image = ["--probe-image", "localhost/none:1"];
    let ended = cluster.collect(&[&image[..], &["--probe-binary", &binary]].concat());
    let bundle = ended.whole_bundle();
    let item = bundle.item("probes/workload/records.json").unwrap();
    let way = format!("{:?} {:?}", item.source, item.reason);
    assert!(
        way.contains("sent into image localhost/busybox:1 by exec"),
        "{way}"
    );
    let report = ended.report();
    assert_eq!(
        report["causes"][0]["id"], "upstreams/upstreams-disagree",
        "{}",
        ended.out
    );
}
