//! The Services that names in question mean are read, and no others.

use digpod_bundle::{Bundle, Status};
use serde_json::{Value, json};

use crate::played::{Cluster, POD};
use crate::running::{Ended, Run, collect};

const RULE: &str = "probes/service-record-content-unexpected";

fn of_names(cluster: &Cluster, names: &[&str]) -> Ended {
    let options = ["-n", "shop", "--pod", POD, "--quick"];
    Run::bare(cluster, &[names, &options].concat()).end()
}

fn read(bundle: &Bundle, entry: &str) -> Value {
    let bytes = bundle
        .get(entry)
        .unwrap_or_else(|| panic!("{entry} is there"));
    serde_json::from_slice(bytes).unwrap()
}

fn said(ended: &Ended) -> Vec<String> {
    let report = ended.report();
    let findings = report["findings"].as_array().unwrap().iter();
    findings
        .filter(|it| it["rule"] == RULE)
        .map(|it| it["message"].as_str().unwrap().to_owned())
        .collect()
}

/// A headless Service of two endpoints, of which one is ready.
fn headless(cluster: &Cluster, ready: bool) {
    let service = json!({
        "apiVersion": "v1", "kind": "Service",
        "metadata": {"name": "db", "annotations": {"note": "not-to-leave"}},
        "spec": {"clusterIP": "None", "clusterIPs": ["None"], "selector": {"app": "db"},
            "ports": [{"name": "sql", "port": 5432}]},
    });
    cluster.create("/api/v1/namespaces/shop/services", &service);
    let slice = json!({
        "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice",
        "metadata": {"name": "db-x", "labels": {"kubernetes.io/service-name": "db"}},
        "addressType": "IPv4",
        "endpoints": [
            {"addresses": ["10.244.9.1"], "hostname": "db-0", "conditions": {"ready": ready}},
            {"addresses": ["10.244.9.2"], "hostname": "db-1", "conditions": {"ready": false}},
        ],
        "ports": [{"name": "sql", "port": 5432, "protocol": "TCP"}],
    });
    let path = "/apis/discovery.k8s.io/v1/namespaces/shop/endpointslices";
    cluster.create(path, &slice);
}

#[test]
fn the_services_that_names_mean_are_in_the_bundle() {
    let Some(cluster) = Cluster::start("healthy", &[]) else {
        return;
    };
    headless(&cluster, true);
    let names = ["web.Shop", "DB.shop.svc", "gone.default.svc.cluster.local"];
    let ended = of_names(&cluster, &[&names[..], &["app.corp.internal"]].concat());
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let bundle = ended.whole_bundle();
    let web = read(&bundle, "workload/services/shop/web/service.json");
    assert_eq!(web["metadata"]["name"], "web");
    assert!(
        bundle
            .get("workload/services/shop/web/endpointslices.json")
            .is_some()
    );
    let text = bundle
        .text("workload/services/shop/db/service.json")
        .unwrap();
    assert!(!text.contains("not-to-leave"), "{text}");
    let slices = read(&bundle, "workload/services/shop/db/endpointslices.json");
    assert_eq!(slices["items"][0]["endpoints"][0]["hostname"], "db-0");
    // That there is none is an answer and no gap.
    let status = |entry: &str| bundle.item(entry).unwrap().status;
    let gone = "workload/services/default/gone";
    assert_eq!(status(&format!("{gone}/service.json")), Status::NotFound);
    let slices = format!("{gone}/endpointslices.json");
    assert_eq!(status(&slices), Status::NotApplicable);
    let gaps = ended.report()["gaps"].to_string();
    assert!(!gaps.contains("workload/services"), "{gaps}");
    let said = said(&ended);
    let [absent] = said.as_slice() else {
        panic!("{said:?}");
    };
    assert!(
        absent.contains("no Service gone in namespace default"),
        "{absent}"
    );
    cluster.nothing_is_left();
}

#[test]
fn a_headless_service_without_a_ready_endpoint_is_named_as_the_reason() {
    let Some(cluster) = Cluster::start("healthy", &[]) else {
        return;
    };
    headless(&cluster, false);
    let said = said(&of_names(&cluster, &["db"]));
    let [headless] = said.as_slice() else {
        panic!("{said:?}");
    };
    assert!(
        headless.contains("none of its 2 endpoints is ready"),
        "{headless}"
    );
}

#[test]
fn nothing_is_read_for_names_outside_the_cluster() {
    let Some(cluster) = Cluster::start("healthy", &[]) else {
        return;
    };
    let names = [
        "app.corp.internal",
        "web.blog",
        "web.shop.svc.",
        "web.shop.svc.other.local",
    ];
    let bundle = of_names(&cluster, &names).whole_bundle();
    let items = bundle.manifest().items.iter();
    let read: Vec<&str> = items.map(|it| it.entry.as_str()).collect();
    assert!(
        !read.iter().any(|it| it.starts_with("workload/services")),
        "{read:?}"
    );
    let asked = cluster.requests().into_iter();
    let asked: Vec<String> = asked.map(|(_, path)| path).collect();
    assert!(
        !asked.iter().any(|it| it.contains("/services/web")),
        "{asked:?}"
    );
}

#[test]
fn what_is_denied_is_a_gap_with_its_permission_and_the_role_that_grants_it() {
    let faults = [
        "forbid:get:services:shop",
        "forbid:list:endpointslices:shop",
    ];
    let Some(cluster) = Cluster::start("healthy", &faults) else {
        return;
    };
    let ended = of_names(&cluster, &["web"]);
    assert_eq!(ended.code, Some(4), "{ended:?}");
    let bundle = ended.whole_bundle();
    for (file, permission) in [
        ("service", "get services in namespace shop"),
        (
            "endpointslices",
            "list endpointslices.discovery.k8s.io in namespace shop",
        ),
    ] {
        let entry = format!("workload/services/shop/web/{file}.json");
        let item = bundle.item(&entry).unwrap();
        assert_eq!(item.status, Status::Forbidden, "{entry}");
        assert_eq!(item.missing_permission.as_deref(), Some(permission));
    }
    let hint = format!("digpod rbac web -n shop --pod {POD}");
    assert!(ended.err.contains(&hint), "{}", ended.err);
    let gaps = ended.report()["gaps"].as_array().unwrap().clone();
    let entry = "workload/services/shop/web/service.json";
    let gap = gaps.iter().find(|it| it["entry"] == entry).unwrap();
    assert_eq!(gap["rules"], json!([RULE]));
    // A name outside needs none of it.
    let ended = collect(&cluster, &["--quick"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
}
