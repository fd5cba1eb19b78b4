//! What the failing pod's namespace admits: probes fit into it, or say what leaves no room.

use digpod_bundle::Status;
use serde_json::{Value, json};

use crate::played::Cluster;
use crate::running::collect;

#[test]
fn a_probe_takes_no_more_than_a_limit_range_admits() {
    let Some(cluster) = Cluster::start("healthy", &[]) else {
        return;
    };
    let range = json!({
        "apiVersion": "v1", "kind": "LimitRange",
        "metadata": {"name": "small", "namespace": "shop"},
        "spec": {"limits": [{
            "type": "Container", "min": {"cpu": "50m"}, "max": {"memory": "32Mi"},
        }]},
    });
    cluster.create("/api/v1/namespaces/shop/limitranges", &range);
    let made = |vantage: &str, bundle: &digpod_bundle::Bundle| -> Value {
        let entry = format!("probes/{vantage}/plan.json");
        assert!(bundle.get(&entry).is_some(), "{entry}");
        let entry = format!("probes/{vantage}/pod.json");
        serde_json::from_slice(bundle.get(&entry).unwrap()).unwrap()
    };
    let ended = collect(&cluster, &["--quick"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let bundle = ended.whole_bundle();
    let fitted = &made("workload", &bundle)["spec"]["containers"][0]["resources"];
    assert_eq!(fitted["requests"]["cpu"], "50m", "{fitted}");
    assert_eq!(fitted["limits"]["memory"], "32Mi", "{fitted}");
    let free = &made("control", &bundle)["spec"]["containers"][0]["resources"];
    assert_eq!(free["limits"]["memory"], "64Mi", "{free}");
    cluster.nothing_is_left();
}

#[test]
fn a_quota_that_is_used_up_is_named_and_the_other_probes_ask() {
    let Some(cluster) = Cluster::start("healthy", &[]) else {
        return;
    };
    let quota = json!({
        "apiVersion": "v1", "kind": "ResourceQuota",
        "metadata": {"name": "team", "namespace": "shop"},
        "spec": {"hard": {"pods": "3"}},
        "status": {"hard": {"pods": "3"}, "used": {"pods": "3"}},
    });
    cluster.create("/api/v1/namespaces/shop/resourcequotas", &quota);
    let ended = collect(&cluster, &["--quick"]);
    assert_eq!(ended.code, Some(4), "{ended:?}");
    let bundle = ended.whole_bundle();
    let item = bundle.item("probes/workload/records.json").unwrap();
    assert_eq!(item.status, Status::RefusedByAdmission, "{item:?}");
    let why = "ResourceQuota team leaves no room for it: 3 of 3 pods are used";
    assert_eq!(item.reason.as_deref(), Some(why));
    assert!(ended.words().contains(why), "{}", ended.out);
    assert!(bundle.get("probes/control/records.json").is_some());
    let tried = cluster
        .requests()
        .iter()
        .any(|(method, path)| method == "POST" && path.starts_with("/api/v1/namespaces/shop/pods"));
    assert!(!tried, "no pod was sent that the quota would refuse");
    cluster.nothing_is_left();
}
