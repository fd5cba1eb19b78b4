//! Logs of what carries queries: kube-proxy and konnectivity's agents on the nodes concerned.

use digpod_bundle::{Bundle, Status};

use crate::played::Cluster;
use crate::running::{Run, collect, with_status};

const AGENT: &str = "network/logs/konnectivity-agent-6c9b7d5f8-p4zkh/konnectivity-agent";

/// Entries of the network's logs with their statuses.
fn items(bundle: &Bundle) -> Vec<(&str, Status)> {
    let items = bundle.manifest().items.iter();
    items
        .filter(|item| item.entry.starts_with("network/"))
        .map(|item| (item.entry.as_str(), item.status))
        .collect()
}

fn proxy(pod: &str) -> String {
    format!("network/logs/kube-proxy-{pod}/kube-proxy/current-000.log")
}

#[test]
fn they_are_read_with_what_was_before_a_restart_and_without_secrets() {
    let Some(cluster) = Cluster::start("network-pods", &[]) else {
        return;
    };
    let ended = collect(&cluster, &["--no-probe"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let bundle = ended.whole_bundle();
    let (current, previous) = (
        format!("{AGENT}/current-000.log"),
        format!("{AGENT}/previous-000.log"),
    );
    let [first, second, third] = ["7lqsz", "b2nrd", "w8t4c"].map(proxy);
    let wanted = [&current, &previous, &first, &second, &third].map(|it| (it.as_str(), Status::Ok));
    assert_eq!(items(&bundle), wanted);
    let text = |entry: &str| bundle.text(entry).unwrap().into_owned();
    assert!(text(&third).contains("holding the xtables lock"));
    let before = text(&previous);
    assert!(before.contains("could not read stream"), "{before}");
    assert!(before.contains("Failed to connect to proxy server"));
    assert!(!before.contains("not-to-leave"), "{before}");
    let redactions = &bundle.manifest().redactions;
    assert!(redactions.iter().any(|it| it.entry == previous));
    let source = bundle.item(&third).unwrap().source.clone().unwrap();
    assert!(source.contains("tailLines=2000"), "{source}");
}

#[test]
fn only_nodes_that_are_concerned_are_looked_at() {
    let Some(cluster) = Cluster::start("network-pods", &[]) else {
        return;
    };
    // No failing pod: its node is not known.
    let ended = Run::bare(&cluster, &["app.corp.internal", "--no-probe"]).end();
    let bundle = ended.whole_bundle();
    assert!(bundle.get(&proxy("b2nrd")).is_some());
    assert_eq!(bundle.item(&proxy("w8t4c")), None);
}

#[test]
fn where_they_may_not_be_read_each_is_missing_with_the_permission() {
    let fault = "forbid:get:pods/log:kube-system";
    let Some(cluster) = Cluster::start("network-pods", &[fault]) else {
        return;
    };
    let ended = collect(&cluster, &["--no-probe"]);
    assert_eq!(ended.code, Some(4), "{ended:?}");
    let bundle = ended.whole_bundle();
    for entry in [proxy("w8t4c"), format!("{AGENT}/previous-000.log")] {
        let item = bundle.item(&entry).unwrap();
        assert_eq!(item.status, Status::Forbidden, "{item:?}");
        let missing = item.missing_permission.as_deref();
        assert_eq!(missing, Some("get pods/log in namespace kube-system"));
    }
    let missing = "missing permission: get pods/log in namespace kube-system";
    assert!(ended.words().contains(missing), "{}", ended.out);
}

#[test]
fn where_their_pods_may_not_be_listed_that_is_said() {
    let Some(cluster) = Cluster::start("network-pods", &["forbid:list:pods:kube-system"]) else {
        return;
    };
    let bundle = collect(&cluster, &["--no-probe"]).whole_bundle();
    assert_eq!(items(&bundle), [("network/logs", Status::Forbidden)]);
    let item = bundle.item("network/logs").unwrap();
    let missing = item.missing_permission.as_deref();
    assert_eq!(missing, Some("list pods in namespace kube-system"));
}

#[test]
fn a_cluster_without_them_has_nothing_missing() {
    let Some(cluster) = Cluster::start("healthy", &[]) else {
        return;
    };
    let ended = collect(&cluster, &["--no-probe"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let bundle = ended.whole_bundle();
    assert_eq!(items(&bundle), [("network/logs", Status::NotApplicable)]);
    let reason = bundle.item("network/logs").unwrap().reason.clone();
    let words = "no pod of kube-proxy or konnectivity-agent in kube-system on the nodes concerned";
    assert_eq!(reason.as_deref(), Some(words));
}

#[test]
fn logs_that_never_come_are_each_said_to_be_missing() {
    let Some(cluster) = Cluster::start("network-pods", &["hang:/log"]) else {
        return;
    };
    let ended = collect(&cluster, &["--no-probe", "--timeout", "3s"]);
    assert_eq!(ended.code, Some(4), "{ended:?}");
    let bundle = ended.bundle().unwrap();
    let timed_out = with_status(&bundle, Status::TimedOut);
    for entry in [
        "dns/logs/coredns-6865d647c6-4kxq7/coredns/current-000.log",
        "dns/logs/coredns-6865d647c6-h9zvt/coredns/previous-000.log",
        "network/logs",
    ] {
        let found = timed_out.iter().any(|it| it.starts_with(entry));
        assert!(found, "{entry}: {timed_out:?}");
    }
}
