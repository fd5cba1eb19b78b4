//! CoreDNS's metrics: from its own address by a probe, else through the API's pod proxy, else said
//! to be missing.

use digpod_bundle::{Item, Status};

use crate::played::Cluster;
use crate::running::{Ended, collect};

const PODS: [&str; 2] = ["coredns-6865d647c6-4kxq7", "coredns-6865d647c6-h9zvt"];

/// What the manifest says of the metrics of a pod, and what is there of them.
#[track_caller]
fn of(ended: &Ended, pod: &str) -> (Item, String) {
    let bundle = ended.whole_bundle();
    let entry = format!("dns/metrics/{pod}.prom");
    let item = bundle.item(&entry).unwrap().clone();
    let text = bundle.text(&entry).unwrap_or_default().into_owned();
    (item, text)
}

/// Metrics came of each pod, from this source.
#[track_caller]
fn came_from(scenario: &str, source: impl Fn(&str) -> String) {
    let Some(cluster) = Cluster::start(scenario, &[]) else {
        return;
    };
    let ended = collect(&cluster, &["--quick"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    for pod in PODS {
        let (item, text) = of(&ended, pod);
        assert_eq!(item.status, Status::Ok);
        assert_eq!(item.source, Some(source(pod)));
        assert!(text.contains("coredns_build_info{"), "{text}");
    }
}

#[test]
fn a_probe_reads_them_at_the_pods_own_address() {
    came_from("healthy", |pod| {
        format!("GET http://{pod}/metrics by the probe control")
    });
}

#[test]
fn where_the_port_is_closed_to_pods_the_api_servers_proxy_reads_them() {
    came_from("metrics-closed", |pod| {
        format!("GET /api/v1/namespaces/kube-system/pods/{pod}:9153/proxy/metrics")
    });
}

#[test]
fn where_both_ways_fail_that_is_said() {
    let fault = "forbid:get:pods/proxy";
    let Some(cluster) = Cluster::start("metrics-closed", &[fault]) else {
        return;
    };
    let ended = collect(&cluster, &["--quick"]);
    assert_eq!(ended.code, Some(4), "{ended:?}");
    let permission = "get pods/proxy in namespace kube-system";
    for pod in PODS {
        let (item, text) = of(&ended, pod);
        assert_eq!(item.status, Status::Forbidden);
        assert_eq!(item.missing_permission.as_deref(), Some(permission));
        assert_eq!(text, "");
    }
    let words = ended.words();
    assert!(words.contains(&format!("missing permission: {permission}")));
    let lost = "which servers CoreDNS really asks, and how they answer, is not known";
    assert!(ended.report().to_string().contains(lost), "{words}");
}

#[test]
fn where_only_the_proxy_is_refused_the_probe_brings_them() {
    let Some(cluster) = Cluster::start("healthy", &["forbid:get:pods/proxy"]) else {
        return;
    };
    let ended = collect(&cluster, &["--quick"]);
    for pod in PODS {
        let (item, text) = of(&ended, pod);
        assert_eq!(item.status, Status::Ok, "{item:?}");
        assert!(text.contains("coredns_build_info{"), "{text}");
    }
}
