//! `collect --like`: the same questions again, to confirm a fix.

use serde_json::json;

use crate::played::{Cluster, POD};
use crate::running::{Ended, Run, collect, with_status};
use digpod_bundle::Status;

fn again(cluster: &Cluster, before: &Ended) -> Ended {
    let before = before.path();
    Run::bare(cluster, &["--like", before.to_str().unwrap()]).end()
}

#[test]
fn a_fix_is_confirmed_and_so_is_none() {
    let Some(faulty) = Cluster::start("mixed-upstreams", &[]) else {
        return;
    };
    let before = collect(&faulty, &[]);
    let same = again(&faulty, &before);
    let words = same.words();
    assert!(
        words.contains(": not fixed: the cause is the same as before"),
        "{words}"
    );
    let manifest = same.whole_bundle().manifest().clone();
    let like = manifest.like.unwrap();
    assert_eq!(like.id, before.whole_bundle().manifest().id());
    assert_eq!(manifest.symptom.names[0].name, "app.corp.internal");
    assert_eq!(manifest.symptom.pod.as_deref(), Some(POD));

    let fixed = Cluster::start("healthy", &[]).unwrap();
    let after = again(&fixed, &before);
    let words = after.words();
    assert!(
        words.contains(": fixed: the cause found before is gone"),
        "{words}"
    );
    assert!(
        words.contains("not repeated: upstream 168.63.129.16:53 is not asked any more"),
        "{words}"
    );
    fixed.nothing_is_left();
}

#[test]
fn of_two_faults_one_may_be_mended() {
    let both = ["silent:10.244.0.11", "silent:10.1.0.4"];
    let Some(faulty) = Cluster::start("healthy", &both) else {
        return;
    };
    let before = collect(&faulty, &[]);
    let half = Cluster::start("healthy", &both[1..]).unwrap();
    let words = again(&half, &before).words();
    assert!(
        words.contains(": the cause found before is gone; what is found now was there before"),
        "{words}"
    );
}

#[test]
fn what_another_cluster_says_confirms_nothing() {
    let Some(faulty) = Cluster::start("mixed-upstreams", &[]) else {
        return;
    };
    let before = collect(&faulty, &["--quick"]);
    let other = Cluster::start("distributions/kubeadm", &[]).unwrap();
    let words = again(&other, &before).words();
    assert!(
        words.contains(": not comparable: the earlier bundle is from another cluster"),
        "{words}"
    );
    assert!(!words.contains(": fixed"), "{words}");
}

#[test]
fn a_pod_that_is_gone_has_a_stand_in() {
    let Some(cluster) = Cluster::start("healthy", &[]) else {
        return;
    };
    let before = collect(&cluster, &["--quick"]);
    let path = format!("/api/v1/namespaces/shop/pods/{POD}");
    let mut pod = cluster.get(&path).unwrap();
    cluster.delete(&format!("{path}?gracePeriodSeconds=0"));
    let labels = pod["metadata"]["labels"].clone();
    pod["metadata"] = json!({"name": "web-new", "labels": labels});
    pod["metadata"]["labels"]["pod-template-hash"] = json!("another");
    cluster.create("/api/v1/namespaces/shop/pods", &pod);
    let after = again(&cluster, &before);
    assert!(
        after.err.contains(&format!("pod shop/{POD} is gone")),
        "{}",
        after.err
    );
    assert!(
        after.words().contains(&format!(
            "not repeated: pod {POD} is gone; web-new was asked from instead"
        )),
        "{}",
        after.out
    );
    assert_eq!(
        with_status(&after.whole_bundle(), Status::NotFound),
        [""; 0]
    );
}
