//! `--working-pod`: one that resolves, looked at and asked from like the failing one.

use digpod_bundle::{Bundle, Status};
use serde_json::{Value, json};

use crate::played::{Cluster, POD};
use crate::running::{Run, collect};

const NODE: &str = "aks-system-30418-vmss000001";

/// A pod of another team that runs elsewhere and has settings of its own.
fn create(cluster: &Cluster, namespace: &str) {
    let pod = json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": "api-0", "namespace": namespace, "labels": {"app": "api", "tier": "frontend"}},
        "spec": {
            "nodeName": NODE,
            "dnsPolicy": "ClusterFirst",
            "dnsConfig": {"options": [{"name": "ndots", "value": "2"}]},
            "containers": [{
                "name": "api", "image": "registry.example.com/api:1",
                "env": [{"name": "PASSWORD", "value": "not-to-leave-env"}],
            }],
        },
    });
    cluster.create(&format!("/api/v1/namespaces/{namespace}/pods"), &pod);
    cluster.until_running(namespace, "api-0");
}

fn read(bundle: &Bundle, entry: &str) -> Value {
    let bytes = bundle
        .get(entry)
        .unwrap_or_else(|| panic!("{entry} is there"));
    serde_json::from_slice(bytes).unwrap()
}

#[test]
fn a_pod_that_resolves_is_read_and_asked_from() {
    let Some(cluster) = Cluster::start("healthy", &[]) else {
        return;
    };
    create(&cluster, "shop");
    let ended = collect(&cluster, &["--quick", "--exec", "--working-pod", "api-0"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let bundle = ended.whole_bundle();
    let symptom = &bundle.manifest().symptom;
    assert_eq!(symptom.working_pod.as_deref(), Some("shop/api-0"));

    let pod = bundle.text("working/pod.json").unwrap();
    assert!(!pod.contains("not-to-leave"), "{pod}");
    assert_eq!(read(&bundle, "working/pod.json")["spec"]["nodeName"], NODE);
    let own = bundle.text("working/resolv.conf").unwrap();
    assert!(own.contains("ndots:2"), "{own}");
    assert!(bundle.get("working/process.json").is_some());

    let probe = read(&bundle, "probes/working/pod.json");
    assert_eq!(probe["spec"]["nodeName"], NODE);
    assert_eq!(probe["spec"]["dnsConfig"]["options"][0]["value"], "2");
    let asked = |vantage: &str| {
        let plan = read(&bundle, &format!("probes/{vantage}/plan.json"));
        let questions = plan["questions"].as_array().unwrap().clone();
        // The name that nobody has is another each time.
        questions
            .into_iter()
            .filter(|it| it["class"] != "nonexistent")
            .collect::<Vec<_>>()
    };
    assert_eq!(asked("working"), asked("workload"));
    let records = read(&bundle, "probes/working/records.json");
    assert_eq!(records["complete"], true);
    assert!(
        bundle
            .get(&format!("probes/node-{NODE}/records.json"))
            .is_some()
    );

    assert!(
        ended
            .words()
            .contains("working (a pod like the one that resolves)"),
        "{}",
        ended.out
    );
    let differ = "The failing pod and shop/api-0, which resolves, differ in node, dnsConfig";
    assert!(ended.words().contains(differ), "{}", ended.out);
    cluster.nothing_is_left();
}

#[test]
fn a_pod_of_another_namespace_has_its_policies_and_labels_with_it() {
    let Some(cluster) = Cluster::start("healthy", &[]) else {
        return;
    };
    let namespace = json!({
        "apiVersion": "v1", "kind": "Namespace",
        "metadata": {"name": "blog", "labels": {"team": "blog"}},
    });
    cluster.create("/api/v1/namespaces", &namespace);
    create(&cluster, "blog");
    let ended = collect(&cluster, &["--quick", "--working-pod", "blog/api-0"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let bundle = ended.whole_bundle();
    let namespace = read(&bundle, "working/namespace.json");
    assert_eq!(namespace["metadata"]["labels"]["team"], "blog");
    assert!(bundle.item("working/networkpolicies.json").is_some());
    let probe = read(&bundle, "probes/working/pod.json");
    assert_eq!(probe["metadata"]["namespace"], "blog");
    assert_eq!(
        bundle.item("working/resolv.conf"),
        None,
        "nobody wanted --exec"
    );
    cluster.nothing_is_left();
}

#[test]
fn a_pod_that_may_not_be_read_is_a_gap_with_its_permission() {
    let faults = ["forbid:get:pods:kube-system"];
    let Some(cluster) = Cluster::start("healthy", &faults) else {
        return;
    };
    let named = "kube-system/coredns-6865d647c6-4kxq7";
    let ended = collect(&cluster, &["--quick", "--working-pod", named]);
    assert_eq!(ended.code, Some(4), "{ended:?}");
    let bundle = ended.whole_bundle();
    let item = bundle.item("working/pod.json").unwrap();
    assert_eq!(item.status, Status::Forbidden);
    let permission = item.missing_permission.as_deref();
    assert_eq!(permission, Some("get pods in namespace kube-system"));
    assert!(bundle.get("probes/workload/records.json").is_some());
    cluster.nothing_is_left();
}

#[test]
fn a_pod_that_is_not_there_ends_the_run_before_it_begins() {
    let Some(cluster) = Cluster::start("healthy", &[]) else {
        return;
    };
    let options = ["a.b", "-n", "shop", "--pod", POD, "--working-pod"];
    let run = |typed: &str| Run::bare(&cluster, &[&options[..], &[typed]].concat()).end();
    run("nix").no_bundle_but("there is no pod nix in namespace shop");
    for (typed, error) in [
        (POD, "--pod and --working-pod are both web-7d9c5bb6c4-x2m8k"),
        ("shop/", "--working-pod shop/ names no pod"),
        ("a/b/c", "--working-pod a/b/c names no pod"),
        ("Shop/web", "\"Shop\" is no name of a namespace"),
    ] {
        let ended = run(typed);
        assert_eq!(ended.code, Some(2), "{ended:?}");
        assert!(ended.err.contains(error), "{}", ended.err);
    }
}
