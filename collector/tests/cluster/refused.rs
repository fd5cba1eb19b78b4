//! Clusters that refuse something: the run goes on, and what is missing is said.

use digpod_bundle::Status;

use crate::played::Cluster;
use crate::running::{collect, with_status};

/// Each call that is denied, and a permission that the user must be told is missing.
const DENIED: &[(&str, &str)] = &[
    ("list:services", "list services in namespace kube-system"),
    ("list:pods", "list pods in namespace kube-system"),
    ("get:pods", "get pods in namespace shop"),
    ("get:pods/log", "get pods/log in namespace kube-system"),
    ("get:configmaps", "get configmaps in namespace kube-system"),
    ("list:nodes", "list nodes in the cluster"),
    (
        "list:networkpolicies",
        "list networkpolicies.networking.k8s.io in namespace kube-system",
    ),
    (
        "list:endpointslices",
        "list endpointslices.discovery.k8s.io in namespace kube-system",
    ),
    ("list:events", "list events in namespace kube-system"),
    ("create:pods", "create pods in namespace shop"),
    ("create:namespaces", "create namespaces in the cluster"),
];

fn denied(part: usize) {
    for (call, permission) in DENIED.iter().skip(part).step_by(2) {
        let fault = format!("forbid:{call}");
        let Some(cluster) = Cluster::start("healthy", &[&fault]) else {
            return;
        };
        let ended = collect(&cluster, &["--quick"]);
        assert_eq!(ended.code, Some(4), "{call}: {ended:?}");
        let bundle = ended.whole_bundle();
        let items = &bundle.manifest().items;
        let item = items
            .iter()
            .find(|item| item.missing_permission.as_deref() == Some(permission))
            .unwrap_or_else(|| panic!("{call}: {permission:?} is not in {items:#?}"));
        assert_eq!(item.status, Status::Forbidden, "{call}: {item:?}");
        let reason = item.reason.as_deref().unwrap_or_default();
        assert!(reason.contains("forbidden"), "{call}: {item:?}");

        let words = ended.words();
        let missing = format!("missing permission: {permission}");
        assert!(words.contains(&missing), "{call}: {}", ended.out);
        assert!(ended.out.contains("missing in it"), "{call}: {}", ended.out);
        let report = ended.report();
        let headline = report["headline"].as_str().unwrap();
        let plain = report["verdict"] == "healthy" && !headline.contains("could not be looked at");
        assert!(!plain, "{call} reads as healthy: {headline}");

        if *call != "create:namespaces" && *call != "get:pods" {
            ended.is_gone_from(&cluster);
        }
        if *call != "list:pods" {
            cluster.nothing_is_left();
        }
    }
}

// Two halves, so that they run side by side.
#[test]
fn each_denied_call_is_named_with_its_permission() {
    denied(0);
}

#[test]
fn each_other_denied_call_is_named_with_its_permission() {
    denied(1);
}

#[test]
fn who_may_nothing_is_told_so() {
    let Some(cluster) = Cluster::start("mixed-upstreams", &["forbid:*:*"]) else {
        return;
    };
    let ended = collect(&cluster, &["--quick"]);
    assert_eq!(ended.code, Some(4), "{ended:?}");
    let bundle = ended.whole_bundle();
    assert!(with_status(&bundle, Status::Forbidden).len() > 5);
    let report = ended.report();
    assert_eq!(report["verdict"], "undetermined", "{}", report["headline"]);
    assert_eq!(report["causes"], serde_json::json!([]));
}

#[test]
fn what_admission_refuses_is_missing_and_the_rest_is_there() {
    let Some(cluster) = Cluster::start("healthy", &["refuse-create:pods"]) else {
        return;
    };
    let ended = collect(&cluster, &["--quick"]);
    assert_eq!(ended.code, Some(4), "{ended:?}");
    let bundle = ended.whole_bundle();
    let refused = with_status(&bundle, Status::RefusedByAdmission);
    assert!(
        refused.contains(&"probes/workload/records.json".to_owned()),
        "{refused:?}"
    );
    assert!(bundle.get("dns/configmaps/coredns.json").is_some());
    assert!(
        ended.words().contains("violates PodSecurity"),
        "{}",
        ended.out
    );
    cluster.nothing_is_left();
}

#[test]
fn one_refused_probe_leaves_the_others_alone() {
    let Some(cluster) = Cluster::start("healthy", &["forbid:create:pods:shop"]) else {
        return;
    };
    let ended = collect(&cluster, &["--quick"]);
    assert_eq!(ended.code, Some(4), "{ended:?}");
    let bundle = ended.whole_bundle();
    assert_eq!(
        with_status(&bundle, Status::Forbidden),
        ["probes/workload/records.json"]
    );
    let answers = bundle.entries().filter(|(name, _)| {
        let name = name.as_str();
        name.starts_with("probes/") && name.ends_with("/records.json")
    });
    assert_eq!(
        answers.count(),
        6,
        "control, the pod's node and two of CoreDNS, two beside CoreDNS"
    );
    cluster.nothing_is_left();
}

#[test]
fn an_image_that_cannot_be_pulled_is_said_with_the_way_out() {
    let Some(cluster) = Cluster::start("mixed-upstreams", &["image-pull"]) else {
        return;
    };
    let ended = collect(&cluster, &["--quick"]);
    assert_eq!(ended.code, Some(4), "{ended:?}");
    let bundle = ended.whole_bundle();
    let item = bundle.item("probes/workload/records.json").unwrap();
    assert_eq!(item.status, Status::Failed);
    let words = ended.words();
    assert!(words.contains("ErrImagePull"), "{}", ended.out);
    assert!(words.contains("--probe-image"), "{}", ended.out);
    cluster.nothing_is_left();
}
