//! Runs that nothing disturbs.

use crate::played::Cluster;
use crate::running::collect;

#[test]
fn the_mix_of_upstreams_is_proven_to_be_the_cause() {
    let Some(cluster) = Cluster::start("mixed-upstreams", &[]) else {
        return;
    };
    let ended = collect(&cluster, &[]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.out.starts_with("Cause (proven): "), "{}", ended.out);
    assert!(ended.words().contains("about 33 %"), "{}", ended.out);
    ended.whole_bundle();
    let report = ended.report();
    assert_eq!(report["verdict"], "cause");
    assert_eq!(
        report["causes"][0]["id"],
        "upstreams/cloud-dns-mixed-with-custom-dns"
    );
    assert_eq!(report["causes"][0]["confidence"], "proven");
    ended.is_gone_from(&cluster);
    cluster.nothing_is_left();
}

#[test]
fn a_healthy_cluster_has_no_finding_above_info() {
    let Some(cluster) = Cluster::start("healthy", &[]) else {
        return;
    };
    let ended = collect(&cluster, &["--fail-on", "low"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    ended.whole_bundle();
    let report = ended.report();
    assert_eq!(report["verdict"], "healthy");
    for finding in report["findings"].as_array().unwrap() {
        assert_eq!(finding["severity"], "info", "{finding}");
    }
    cluster.nothing_is_left();
}

#[test]
fn fail_on_and_the_formats_work_as_in_analyze() {
    let Some(cluster) = Cluster::start("mixed-upstreams", &[]) else {
        return;
    };
    let ended = collect(
        &cluster,
        &[
            "--quick",
            "--quiet",
            "--fail-on",
            "high",
            "--format",
            "json",
        ],
    );
    assert_eq!(ended.code, Some(1), "{ended:?}");
    let printed: serde_json::Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!(printed, ended.report());
}

#[test]
fn without_probes_nothing_is_created() {
    let Some(cluster) = Cluster::start("mixed-upstreams", &[]) else {
        return;
    };
    let ended = collect(&cluster, &["--no-probe"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.whole_bundle().get("dns/service.json").is_some());
    let requests = cluster.requests();
    assert!(!requests.is_empty());
    for (method, path) in requests {
        // A review is posted, answered, and kept nowhere.
        let review = path.starts_with("/apis/authorization.k8s.io/v1/selfsubject")
            || path == "/apis/authentication.k8s.io/v1/selfsubjectreviews";
        assert!(
            method == "GET" || (method == "POST" && review),
            "{method} {path}"
        );
    }
}

#[test]
fn neither_credentials_nor_paths_of_the_machine_get_into_the_bundle() {
    let Some(cluster) = Cluster::start("mixed-upstreams", &[]) else {
        return;
    };
    let token = cluster.token();
    let ended = collect(&cluster, &["--quick", "--token", &token]);
    let bundle = ended.whole_bundle();
    let path = cluster.kubeconfig();
    let manifest = serde_json::to_vec(bundle.manifest()).unwrap();
    let entries = bundle.entries().map(|(_, bytes)| bytes);
    for bytes in entries.chain([manifest.as_slice()]) {
        let text = String::from_utf8_lossy(bytes);
        assert!(!text.contains(&token), "{text}");
        assert!(!text.contains(path.to_str().unwrap()), "{text}");
    }
}
